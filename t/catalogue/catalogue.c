/*
 * Every decision of the catalogue, told by the whole daemon: the scenes of
 * this directory are rows of a table. The name of each says of which
 * decision it is, at which levels that was set, or whom it lets past:
 *
 *     scene 33 domain: no stranger sends from a domain that says so
 *     scene 33 past privileged: ...
 *
 * One that lets somebody past shows both, who is told and who is not. What has
 * no row fails. The rest is the scenes' own language, t/scenes/README.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "checks/checks.h"
#include "conf/options.h"
#include "kit/catalogue.h"
#include "kit/scene.h"
#include "kit/suite.h"

enum { ROWS = 500, REQUESTS = 150, PAST = 16 };

/* What the rows have shown of a check. */
struct shown {
	const struct decision_check *check;
	unsigned levels, classes, past_classes;
	const char *past[PAST];
};

struct book {
	struct arena *arena;
	struct scene scenes[ROWS];
	size_t count;
	struct shown shown[32]; /* as in catalogue_checks[] */
	bool told[64]; /* as in catalogue[] */
	unsigned requests;
};

static struct book book;

/* -- the catalogue and the program -- */

static const char *
join(const char *a, const char *b)
{
	return arena_printf(book.arena, "%s%s", a, b);
}

/* With "%{" for each brace. */
static const char *
as_template(const char *text)
{
	const char *out = "";

	for (const char *p = text; *p; p++)
		out = arena_printf(
		    book.arena, *p == '{' ? "%s%%%c" : "%s%c", out, *p);
	return out;
}

static void
the_numbers_are_all_there(void **state)
{
	size_t at = 0;

	(void)state;
	for (int n = 1; n <= DECISIONS; n++) {
		assert_true(at < catalogue_count);
		assert_int_equal(atoi(catalogue[at].name), n);
		while (at < catalogue_count && atoi(catalogue[at].name) == n)
			at++;
	}
	assert_int_equal(at, catalogue_count);
}

static void
each_reply_is_that_of_the_catalogue(void **state)
{
	(void)state;
	for (size_t i = 0; i < catalogue_count; i++) {
		const struct decision_entry *e = &catalogue[i];
		const struct reply *r;

		if (e->by != BY_POLICYD || e->reply == REPLY_COUNT)
			continue;
		r = &reply_rows[e->reply].preset;
		assert_int_equal(r->code, e->code);
		assert_string_equal(r->enhanced, e->enhanced);
		assert_string_equal(r->text, as_template(e->text));
	}
}

static void
policyd_says_nothing_else(void **state)
{
	bool known[REPLY_COUNT + 1] = { false };

	(void)state;
	for (size_t i = 0; i < catalogue_count; i++)
		if (catalogue[i].by == BY_POLICYD)
			known[catalogue[i].reply] = true;
	for (int i = 0; i < REPLY_COUNT; i++)
		if (!known[i])
			fail_msg("'%s' is of no decision", reply_rows[i].name);
}

static void
the_checks_stand_in_the_order_of_the_catalogue(void **state)
{
	const struct decision_check *c = catalogue_checks;

	(void)state;
	for (size_t i = 0; checks[i]; i++, c++) {
		assert_non_null(c->name);
		assert_string_equal(checks[i]->name, c->name);
	}
	assert_null(c->name);
}

static void
each_check_is_asked_about_the_classes_of_the_catalogue(void **state)
{
	(void)state;
	for (size_t i = 0; checks[i]; i++)
		if (checks[i]->classes != catalogue_checks[i].classes)
			fail_msg("%s", checks[i]->name);
}

static bool
lets_past(const struct decision_check *c, const char *whom)
{
	for (const char *const *p = c->past; *p; p++)
		if (strcmp(*p, whom) == 0)
			return true;
	return false;
}

static void
the_allow_list_helps_where_the_catalogue_says_so(void **state)
{
	(void)state;
	for (size_t i = 0; checks[i]; i++)
		if (!(checks[i]->flags & SKIPS_ALLOWED) ==
		    lets_past(&catalogue_checks[i], "allowed"))
			fail_msg("%s", checks[i]->name);
}

static void
each_check_can_be_set_at_the_levels_of_the_catalogue(void **state)
{
	(void)state;
	for (const struct decision_check *c = catalogue_checks; c->name; c++) {
		const struct option *o = option_find(c->name, "mode");

		assert_non_null(o);
		if ((o->of == OF_SETTINGS) != (c->levels > 1))
			fail_msg("%s", c->name);
	}
}

static void
each_check_does_by_itself_what_the_catalogue_says(void **state)
{
	static const char *const names[] = { "off", "observe", "enforce" };

	(void)state;
	for (const struct decision_check *c = catalogue_checks; c->name; c++)
		assert_string_equal(
		    option_find(c->name, "mode")->preset, names[c->mode]);
}

/* -- a row -- */

static const char *const levels[] = { "server", "domain", "mailbox" };

static int
level_of(const char *word)
{
	for (int i = 0; i < 3; i++)
		if (strcmp(word, levels[i]) == 0)
			return i;
	return -1;
}

static unsigned
class_of(const char *word)
{
	for (unsigned class = INBOUND; class <= TRUSTED; class <<= 1)
		if (strcmp(word, class_name((enum request_class) class)) == 0)
			return class;
	return 0;
}

/* Of the first entry with this number, NULL when it is the engine's. */
static struct shown *
shown_of(const struct scene *s, int number)
{
	for (size_t i = 0; i < catalogue_count; i++)
		if (atoi(catalogue[i].name) == number &&
		    catalogue[i].by == BY_POLICYD) {
			const struct decision_check *c = catalogue_check(
			    catalogue[i].check);

			return c ? &book.shown[c - catalogue_checks] : NULL;
		}
	scene_wrong(s, "policyd has no decision %d", number);
}

static void
note_past(const struct scene *s, struct shown *shown, const char *whom)
{
	size_t n = 0;

	if (s->told_count == 0 || s->let_pass == 0)
		scene_wrong(s, "it does not show who is told and who is not");
	if (class_of(whom)) {
		shown->past_classes |= class_of(whom);
		return;
	}
	if (!lets_past(shown->check, whom))
		scene_wrong(s, "nobody knows of '%s'", whom);
	while (shown->past[n])
		n++;
	assert_true(n < PAST - 1);
	shown->past[n] = whom;
}

/* At a level above the server's it must say so somewhere. */
static void
note_level(const struct scene *s, struct shown *shown, int level)
{
	const char *name = levels[level];

	if (level > 0 && !strstr(s->text, join(name, " \"")) &&
	    !strstr(s->text, join(name, ":{")) &&
	    !strstr(s->text, "policyd:deny:{"))
		scene_wrong(s, "nothing is set for a %s", name);
	shown->levels |= 1u << level;
}

/* "33 domain mailbox past privileged: ..." */
static void
note_name(const struct scene *s)
{
	const char *colon = strchr(s->name, ':');
	char *words, *word;
	struct shown *shown = shown_of(s, atoi(s->name));
	bool past = false;

	if (!colon)
		scene_wrong(s, "its name does not say of what it is");
	words = arena_memdup(book.arena, s->name, (size_t)(colon - s->name));
	strsep(&words, " ");
	while ((word = strsep(&words, " "))) {
		if (strcmp(word, "past") == 0)
			past = true;
		else if (!shown)
			scene_wrong(s, "the engine has no '%s'", word);
		else if (past)
			note_past(s, shown, word);
		else if (level_of(word) >= 0)
			note_level(s, shown, level_of(word));
		else
			scene_wrong(s, "'%s' is no level", word);
	}
}

static void
a_row(void **state)
{
	const struct scene *s = *state;
	bool its_own = false;

	scene_play(state);
	note_name(s);
	for (size_t i = 0; i < s->told_count; i++) {
		const struct decision_entry *e = s->told[i].entry;
		const struct decision_check *c = catalogue_check(e->check);

		book.told[e - catalogue] = true;
		its_own = its_own || atoi(e->name) == atoi(s->name);
		if (c)
			book.shown[c - catalogue_checks].classes |=
			    s->told[i].class;
	}
	if (!its_own)
		scene_wrong(s, "its decision is told to nobody");
	book.requests += (unsigned)s->told_count + s->let_pass;
}

/* -- what the rows have shown -- */

static void
each_decision_of_policyd_has_a_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < catalogue_count; i++)
		if (catalogue[i].by == BY_POLICYD && !book.told[i])
			fail_msg("decision %s has none", catalogue[i].name);
}

static void
there_are_at_least_150_requests(void **state)
{
	(void)state;
	print_message("# %u requests\n", book.requests);
	assert_true(book.requests >= REQUESTS);
}

static void
must_have(const struct decision_check *c, bool has, const char *what)
{
	if (!has)
		fail_msg("%s: no row shows '%s'", c->name, what);
}

static void
all_of_a_check(const struct shown *shown)
{
	const struct decision_check *c = shown->check;

	for (int i = 0; i < 3; i++)
		must_have(
		    c, !(c->levels & ~shown->levels & 1u << i), levels[i]);
	for (unsigned class = INBOUND; class <= TRUSTED; class <<= 1)
		must_have(c,
		    (c->classes & class ? shown->classes
					: shown->past_classes) &
			class,
		    class_name((enum request_class) class));
	for (const char *const *p = c->past; *p; p++) {
		const char *const *q = shown->past;

		while (*q && strcmp(*q, *p) != 0)
			q++;
		must_have(c, *q, *p);
	}
}

static void
each_check_has_rows_for_its_levels_classes_and_bypasses(void **state)
{
	(void)state;
	for (const struct shown *s = book.shown; s->check; s++)
		all_of_a_check(s);
}

/* -- */

static void
read_rows(void)
{
	glob_t files;

	if (glob("t/catalogue/*.scene", 0, NULL, &files) != 0)
		return;
	for (size_t i = 0; i < files.gl_pathc; i++)
		book.count = scene_read(book.arena, files.gl_pathv[i],
		    book.scenes, book.count, ROWS);
	globfree(&files);
}

int
main(void)
{
	static struct suite suite;
	int failed;

	book.arena = arena_new();
	for (size_t i = 0; catalogue_checks[i].name; i++)
		book.shown[i].check = &catalogue_checks[i];
	read_rows();
	SUITE_TEST(&suite, the_numbers_are_all_there);
	SUITE_TEST(&suite, each_reply_is_that_of_the_catalogue);
	SUITE_TEST(&suite, policyd_says_nothing_else);
	SUITE_TEST(&suite, the_checks_stand_in_the_order_of_the_catalogue);
	SUITE_TEST(
	    &suite, each_check_is_asked_about_the_classes_of_the_catalogue);
	SUITE_TEST(&suite, the_allow_list_helps_where_the_catalogue_says_so);
	SUITE_TEST(
	    &suite, each_check_can_be_set_at_the_levels_of_the_catalogue);
	SUITE_TEST(&suite, each_check_does_by_itself_what_the_catalogue_says);
	suite_add_rows(&suite, book.scenes, book.count, sizeof(book.scenes[0]),
	    a_row, NULL, NULL);
	SUITE_TEST(&suite, each_decision_of_policyd_has_a_row);
	SUITE_TEST(&suite, there_are_at_least_150_requests);
	SUITE_TEST(
	    &suite, each_check_has_rows_for_its_levels_classes_and_bypasses);
	failed = suite_run(&suite, "catalogue");
	arena_release(book.arena);
	arena_pool_clear();
	return failed;
}
