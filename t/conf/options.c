/*
 * The table of options, and that the shipped configuration and the manual say
 * what it says.
 */
#include "conf/options.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "conf/file.h"
#include "kit/suite.h"

static void
fail_with(void *data, const char *file, int line, const char *text)
{
	(void)data;
	fail_msg("%s:%d: %s", file, line, text);
}

static const char *
content(struct arena *a, const char *path)
{
	size_t size;
	char *text;

	if (file_read(a, path, 1 << 20, &text, &size) < 0)
		fail_msg("cannot read %s", path);
	return text;
}

static struct conf *
defaults(void)
{
	struct conf *c = conf_read(NULL, fail_with, NULL);

	assert_non_null(c);
	return c;
}

/* The value of `o` in `c`, as text. */
static const char *
shown(struct arena *a, const struct option *o, const struct conf *c)
{
	return option_value(o, option_base(o, c), a);
}

/* Not of a reply, which has its defaults elsewhere. */
static bool
has_preset(const struct option *o)
{
	return o->of != OF_REPLY;
}

/*
 * The table itself
 */

static void
every_option_has_a_sentence(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_count; i++) {
		const char *text = options[i].text;

		assert_true(text[0] >= 'A' && text[0] <= 'Z');
		assert_int_equal(text[strlen(text) - 1], '.');
		assert_null(strstr(text, "  "));
	}
}

static void
every_option_has_a_preset_or_is_of_a_reply(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_count; i++)
		assert_true(
		    has_preset(&options[i]) == (options[i].preset != NULL));
}

static void
no_two_options_have_the_same_name_and_section(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_count; i++)
		assert_ptr_equal(
		    option_find(options[i].section, options[i].name),
		    &options[i]);
}

static void
the_options_of_a_section_stand_together(void **state)
{
	(void)state;
	for (size_t i = 1; i < option_count; i++)
		for (size_t j = 0; j + 1 < i; j++)
			if (!strcmp(options[i].section, options[j].section))
				assert_string_equal(
				    options[i].section, options[i - 1].section);
}

static void
no_option_has_the_field_of_another(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_count; i++)
		for (size_t j = 0; j < i; j++)
			assert_false(options[i].of == options[j].of &&
			    options[i].at == options[j].at);
}

static void
every_check_section_has_mode_and_on_failure(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_count; i++)
		if (options[i].of == OF_SETTINGS) {
			const char *section = options[i].section;

			assert_non_null(option_find(section, "mode"));
			assert_non_null(option_find(section, "on_failure"));
		}
}

static void
all_presets_together_are_a_configuration(void **state)
{
	struct arena *a = arena_new();
	struct conf *c;
	(void)state;

	c = conf_parse(option_presets(a), "presets", fail_with, NULL);
	assert_non_null(c);
	conf_unref(c);
	arena_release(a);
}

/* What policyctl prints can be put into a file. */
static void
a_value_is_shown_as_it_would_be_written(void **state)
{
	struct arena *a = arena_new();
	struct conf *c = defaults(), *again;
	(void)state;

	for (size_t i = 0; i < option_count; i++) {
		const struct option *o = &options[i];

		if (!has_preset(o))
			continue;
		again = conf_parse(arena_printf(a, "%s%s%s = %s %s", o->section,
				       *o->section ? " { " : "", o->name,
				       shown(a, o, c), *o->section ? "}" : ""),
		    "shown", fail_with, NULL);
		assert_non_null(again);
		assert_string_equal(shown(a, o, again), shown(a, o, c));
		conf_unref(again);
	}
	conf_unref(c);
	arena_release(a);
}

struct shown_row {
	const char *name;
	const char *section, *option;
	const char *written, *shown;
};

static const struct shown_row shown_rows[] = {
	{ "a time is shown in its largest unit", "greylist", "delay",
	    "greylist { delay = 7200 }", "2h" },
	{ "and in a smaller one when it must be", "greylist", "delay",
	    "greylist { delay = 90 }", "90s" },
	{ "a deadline too", "", "deadline", "deadline = 1500ms", "1500ms" },
	{ "a size is shown in its largest unit", "redis", "max_bytes",
	    "redis { max_bytes = 1048576 }", "1M" },
	{ "and in bytes when it must be", "redis", "max_bytes",
	    "redis { max_bytes = 1048577 }", "1048577" },
	{ "a mode is octal", "", "socket_mode", "socket_mode = 600", "0600" },
	{ "a choice is its word", "greylist", "key", "greylist { key = pair }",
	    "pair" },
	{ "quotes are quoted", "redis", "user", "redis { user = 'a\"b\\\\c' }",
	    "\"a\\\"b\\\\c\"" },
	{ "what looks like a variable too", "redis", "user",
	    "redis { user = '${HOME}' }", "\"\\${HOME}\"" },
	{ "a password is not shown", "redis", "password",
	    "redis { password = secret }", "(set)" },
	{ "a table is shown as it was written", "allow", "clients",
	    "allow { clients = { 192.0.2.1, 'inline:{a=b}' } }",
	    "{ \"192.0.2.1\", \"inline:{a=b}\" }" },
	{ "a rate is so many in a time", "connections", "rate",
	    "connections { rate = 200/60 }", "\"200/1m\"" },
	{ "none is 0", "connections", "rate", "connections { rate = 0/1h }",
	    "0" },
	{ "a ladder has its steps", "strikes", "ladder",
	    "strikes { ladder = { 90, 7200, permanent } }",
	    "{ \"90s\", \"2h\", \"permanent\" }" },
	{ "so has one that ends", "strikes", "ladder",
	    "strikes { ladder = 1h }", "{ \"1h\" }" },
	{ "DNS lists are shown as they were written", "dnsbl", "clients",
	    "dnsbl { clients = { 'zen.example=127.0.0.[2..11;14]*3', "
	    "BL.example } }",
	    "{ \"zen.example=127.0.0.[2..11;14]*3\", \"BL.example\" }" },
	{ "this host is called what one says", "", "host", "host = mx.example",
	    "\"mx.example\"" },
	{ "a token is not shown", "http", "token", "http { token = secret }",
	    "(set)" },
	{ "an empty list is one", "", "trusted", "trusted = {}", "{}" },
};

static void
shows(void **state)
{
	const struct shown_row *row = *state;
	struct arena *a = arena_new();
	struct conf *c = conf_parse(row->written, "c", fail_with, NULL);

	assert_non_null(c);
	assert_string_equal(
	    shown(a, option_find(row->section, row->option), c), row->shown);
	conf_unref(c);
	arena_release(a);
}

/*
 * conf/policyd.conf
 */

/* The option that a line sets, commented out; *value is cut off. */
static const struct option *
commented_option(const char *section, char *line, char **value)
{
	char *equals = strstr(line, " = ");

	line += strspn(line, "\t");
	if (line[0] != '#' || line[1] < 'a' || line[1] > 'z' || !equals)
		return NULL;
	*equals = '\0';
	*value = equals + 3;
	if (!option_find(section, line + 1))
		fail_msg("policyd.conf has '%s' in '%s', which is no option",
		    line + 1, section);
	return option_find(section, line + 1);
}

static void
policyd_conf_has_every_option_with_sentence_and_default(void **state)
{
	struct arena *a = arena_new();
	char *text = arena_strdup(a, content(a, "conf/policyd.conf"));
	const char *section = "", *said = "";
	size_t found = 0, expected = 0;
	(void)state;

	for (char *line, *value; (line = strsep(&text, "\n")) != NULL;) {
		const struct option *o = commented_option(
		    section, line, &value);

		if (o) {
			assert_string_equal(value, o->preset);
			if (!strstr(said, o->text))
				fail_msg("'%s' says '%s'", o->name, said);
			found++;
		}
		line += strspn(line, "\t");
		if (strncmp(line, "# ", 2) == 0)
			said = arena_printf(a, "%s %s", said, line + 2);
		else
			said = "";
		if (line[0] >= 'a' && line[0] <= 'z')
			section = arena_memdup(a, line, strcspn(line, " "));
	}
	for (size_t i = 0; i < option_count; i++)
		expected += has_preset(&options[i]);
	assert_int_equal(found, expected);
	arena_release(a);
}

/* "#name = value" without its '#'. */
static char *
uncommented(struct arena *a, const char *text)
{
	char *copy = arena_strdup(a, text), *p = copy;

	for (; *p; p++)
		if (p[0] == '#' && p[1] != ' ' && p[1] != '\n')
			*p = ' ';
	return copy;
}

static void
policyd_conf_changes_nothing(void **state)
{
	struct arena *a = arena_new();
	struct conf *c, *same = defaults();
	(void)state;

	c = conf_read("conf/policyd.conf", fail_with, NULL);
	assert_non_null(c);
	for (size_t i = 0; i < option_count; i++)
		if (has_preset(&options[i]))
			assert_string_equal(shown(a, &options[i], c),
			    shown(a, &options[i], same));
	conf_unref(c);
	conf_unref(same);
	arena_release(a);
}

static void
policyd_conf_is_right_with_everything_uncommented(void **state)
{
	struct arena *a = arena_new();
	struct conf *c;
	(void)state;

	c = conf_parse(uncommented(a, content(a, "conf/policyd.conf")),
	    "conf/policyd.conf", fail_with, NULL);
	assert_non_null(c);
	assert_int_equal(
	    conf_settings(c, "a@example.com")->greylist.policy.mode, MODE_OFF);
	conf_unref(c);
	arena_release(a);
}

/*
 * conf/policyd.conf.5
 */

/* Characters that mdoc writes in another way. */
static char *
plain(struct arena *a, const char *text)
{
	char *out = arena_strdup(a, text), *to = out;

	for (; *text; text++) {
		if (strncmp(text, "\\(dq", 4) == 0) {
			*to++ = '"';
			text += 3;
		} else if (strncmp(text, "\\&", 2) == 0) {
			text++;
		} else {
			*to++ = *text == '\n' ? ' ' : *text;
		}
	}
	*to = '\0';
	return out;
}

/* The part of the manual between two lines; NULL without it. */
static const char *
part(struct arena *a, const char *text, const char *from, const char *to)
{
	const char *start = strstr(text, from), *end;

	if (!start)
		return NULL;
	start += strlen(from);
	end = strstr(start, to);
	return arena_memdup(
	    a, start, end ? (size_t)(end - start) : strlen(start));
}

static const char *
manual_section(struct arena *a, const char *manual, const char *section)
{
	const char *all = part(a, manual, "\n.Sh OPTIONS\n", "\n.Sh ");
	const char *title = *section ? section : "Outside of sections";

	assert_non_null(all);
	if (strcmp(section, "reply") == 0)
		title = "reply \\(dqNAME\\(dq";
	return part(a, all, arena_printf(a, "\n.Ss %s\n", title), "\n.Ss ");
}

/* "no (yes | no)", as the tag of its entry. */
static const char *
tag(struct arena *a, const struct option *o)
{
	const bool words = o->type == OPTION_CHOICE || o->type == OPTION_YESNO;
	const char *range = option_range(o, a);
	const char *preset = o->preset ? arena_printf(a, "Cm %s", o->preset)
	    : o->type == OPTION_CODE   ? "Ar number"
				       : "Ar string";
	char *bars = arena_strdup(a, "");

	if (!words)
		return arena_printf(a, "%s Pq %s", preset, range);
	for (; *range; range++)
		bars = arena_printf(a, "%s%s%c", bars,
		    *range == ',' ? " |" : "", *range == ',' ? ' ' : *range);
	for (char *p; (p = strstr(bars, "  ")) != NULL;)
		memmove(p, p + 1, strlen(p));
	return arena_printf(a, "%s Pq %s", preset, bars);
}

static void
the_manual_has_every_option_with_default_range_and_sentence(void **state)
{
	struct arena *a = arena_new();
	const char *manual = content(a, "conf/policyd.conf.5");
	(void)state;

	for (size_t i = 0; i < option_count; i++) {
		const struct option *o = &options[i];
		const char *section = manual_section(a, manual, o->section);
		const char *entry;

		assert_non_null(section);
		entry = part(a, section,
		    arena_printf(a, "\n.It Ic %s No = ", o->name), "\n.It ");
		if (!entry)
			fail_msg("no manual of %s.%s", o->section, o->name);
		entry = plain(a, entry);
		if (strncmp(entry, tag(a, o), strlen(tag(a, o))) != 0)
			fail_msg("not '%s': %s", tag(a, o), entry);
		if (!strstr(entry, o->text))
			fail_msg("not '%s': %s", o->text, entry);
	}
	arena_release(a);
}

static void
the_manual_has_no_other_options(void **state)
{
	struct arena *a = arena_new();
	const char *all = part(
	    a, content(a, "conf/policyd.conf.5"), "\n.Sh OPTIONS\n", "\n.Sh ");
	size_t entries = 0;
	(void)state;

	for (; (all = strstr(all, "\n.It Ic ")) != NULL; all++)
		entries++;
	assert_int_equal(entries, option_count);
	arena_release(a);
}

static void
the_manual_has_every_reply_as_it_is_sent(void **state)
{
	struct arena *a = arena_new();
	const char *manual = content(a, "conf/policyd.conf.5");
	(void)state;

	for (size_t i = 0; i < REPLY_COUNT; i++) {
		const struct reply_row *r = &reply_rows[i];
		const char *entry = arena_printf(a,
		    "\n.It Cm %s No = %d %s\n.Dq %s\n.Pp\n%s\n", r->name,
		    r->preset.code, r->preset.enhanced, r->preset.text,
		    r->about);

		if (!strstr(manual, entry))
			fail_msg("not in the manual: %s", entry);
	}
	arena_release(a);
}

/* Each "-literal" block of EXAMPLES that is no main.cf. */
static void
the_examples_of_the_manual_are_right(void **state)
{
	struct arena *a = arena_new();
	const char *all = part(
	    a, content(a, "conf/policyd.conf.5"), "\n.Sh EXAMPLES\n", "\n.Sh ");
	const char *example;
	size_t read = 0;
	(void)state;

	assert_non_null(all);
	while ((example = part(a, all, ".Bd -literal -offset indent\n",
		    "\n.Ed")) != NULL) {
		all = strstr(all, "\n.Ed") + 1;
		if (strncmp(example, "smtpd_", 6) == 0 ||
		    strstr(example, "/etc/policyd/"))
			continue; /* main.cf; files that are not here */
		conf_unref(conf_parse(example, "example", fail_with, NULL));
		read++;
	}
	assert_true(read >= 4);
	arena_release(a);
}

int
main(void)
{
	struct suite s = { 0 };

	unsetenv("STATE_DIRECTORY");
	SUITE_TEST(&s, every_option_has_a_sentence);
	SUITE_TEST(&s, every_option_has_a_preset_or_is_of_a_reply);
	SUITE_TEST(&s, no_two_options_have_the_same_name_and_section);
	SUITE_TEST(&s, the_options_of_a_section_stand_together);
	SUITE_TEST(&s, no_option_has_the_field_of_another);
	SUITE_TEST(&s, every_check_section_has_mode_and_on_failure);
	SUITE_TEST(&s, all_presets_together_are_a_configuration);
	SUITE_TEST(&s, a_value_is_shown_as_it_would_be_written);
	SUITE_ROWS(&s, shown_rows, shows);
	SUITE_TEST(&s, policyd_conf_has_every_option_with_sentence_and_default);
	SUITE_TEST(&s, policyd_conf_changes_nothing);
	SUITE_TEST(&s, policyd_conf_is_right_with_everything_uncommented);
	SUITE_TEST(
	    &s, the_manual_has_every_option_with_default_range_and_sentence);
	SUITE_TEST(&s, the_manual_has_no_other_options);
	SUITE_TEST(&s, the_manual_has_every_reply_as_it_is_sent);
	SUITE_TEST(&s, the_examples_of_the_manual_are_right);
	return suite_run(&s, "conf/options");
}
