/*
 * Settings laid over settings: which of server, domain and mailbox, of file
 * and Redis, has the last word; and words of Redis as values.
 */
#include "conf/layers.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "conf/lookup.h"
#include "conf/options.h"
#include "kit/suite.h"

enum { PAIRS = 4 };

static void
fail_with(void *data, const char *file, int line, const char *text)
{
	(void)data;
	fail_msg("%s:%d: %s", file, line, text);
}

static struct conf *
parsed(const char *text)
{
	struct conf *c = conf_parse(text, "c", fail_with, NULL);

	assert_non_null(c);
	return c;
}

struct ear {
	char heard[2048];
	size_t used;
};

static void
hear(void *data, const char *text)
{
	struct ear *e = data;

	e->used += (size_t)snprintf(e->heard + e->used,
	    sizeof(e->heard) - e->used, "%s%s", e->used ? "\n" : "", text);
	assert_in_range(e->used, 1, sizeof(e->heard) - 1);
}

/* What Redis has: names and values by turns. */
static const struct layer *
redis_layer(
    struct arena *a, enum level level, const char *const *pairs, struct ear *e)
{
	const char *names[PAIRS], *values[PAIRS];
	size_t n = 0;

	while (n < PAIRS && pairs[2 * n]) {
		names[n] = pairs[2 * n];
		values[n] = pairs[2 * n + 1];
		n++;
	}
	return layer_read(a, level, names, values, n, hear, e);
}

static const struct option *
option(const char *name)
{
	char section[OPTION_NAME];
	const char *dot = strchr(name, '.');
	const struct option *o;

	snprintf(section, sizeof(section), "%.*s", (int)(dot - name), name);
	o = option_find(section, dot + 1);
	assert_non_null(o);
	return o;
}

/*
 * Who has the last word
 */

struct row {
	const char *name;
	const char *file;
	const char *domain[2 * PAIRS], *mailbox[2 * PAIRS]; /* in Redis */
	const char *option, *value;
	const char *from; /* "level from", "" for the server's */
};

#define DOMAIN(text) "domain \"example.com\" { greylist { " text " } }\n"
#define MAILBOX(text) "mailbox \"a@example.com\" { greylist { " text " } }\n"
#define IN_DOMAIN .domain =
#define IN_MAILBOX .mailbox =

// clang-format off
static const struct row rows[] = {
	{ "what nobody sets is the server's", "", .option = "greylist.delay",
	    .value = "5m", .from = "" },
	{ "a domain of the file wins over the server",
	    "greylist { delay = 1m }" DOMAIN("delay = 2m"),
	    .option = "greylist.delay", .value = "2m",
	    .from = "domain policyd.conf" },
	{ "Redis wins over the file at the domain", DOMAIN("delay = 2m"),
	    IN_DOMAIN { "greylist.delay", "3m" },
	    .option = "greylist.delay", .value = "3m", .from = "domain redis" },
	{ "a mailbox of the file wins over the domain in Redis",
	    DOMAIN("delay = 2m") MAILBOX("delay = 4m"),
	    IN_DOMAIN { "greylist.delay", "3m" },
	    .option = "greylist.delay", .value = "4m",
	    .from = "mailbox policyd.conf" },
	{ "and Redis over the file at the mailbox",
	    DOMAIN("delay = 2m") MAILBOX("delay = 4m"),
	    IN_DOMAIN { "greylist.delay", "3m" },
	    IN_MAILBOX { "greylist.delay", "6m" },
	    .option = "greylist.delay", .value = "6m", .from = "mailbox redis" },
	{ "each option is won by itself",
	    DOMAIN("delay = 2m key = pair") MAILBOX("delay = 4m"),
	    .option = "greylist.key", .value = "pair",
	    .from = "domain policyd.conf" },
	{ "what is set as it was is set all the same", DOMAIN("delay = 5m"),
	    .option = "greylist.delay", .value = "5m",
	    .from = "domain policyd.conf" },

	{ "decided by the server: a domain has no say",
	    "greylist { decided_by = server }" DOMAIN("delay = 2m"),
	    .option = "greylist.delay", .value = "5m", .from = "" },
	{ "nor in Redis", "greylist { decided_by = server }",
	    IN_DOMAIN { "greylist.delay", "3m" },
	    .option = "greylist.delay", .value = "5m", .from = "" },
	{ "nor about who decides",
	    "greylist { decided_by = server }"
	    DOMAIN("decided_by = mailbox delay = 2m"),
	    IN_MAILBOX { "greylist.delay", "3m" },
	    .option = "greylist.delay", .value = "5m", .from = "" },
	{ "decided by the domain: a mailbox has no say",
	    "greylist { decided_by = domain }"
	    DOMAIN("delay = 2m") MAILBOX("delay = 4m"),
	    IN_MAILBOX { "greylist.delay", "6m" },
	    .option = "greylist.delay", .value = "2m",
	    .from = "domain policyd.conf" },
	{ "a domain may say so for its mailboxes",
	    DOMAIN("delay = 2m decided_by = domain") MAILBOX("delay = 4m"),
	    .option = "greylist.delay", .value = "2m",
	    .from = "domain policyd.conf" },
	{ "and let them when the server does not ask",
	    DOMAIN("delay = 2m decided_by = domain") MAILBOX("delay = 4m"),
	    IN_DOMAIN { "greylist.decided_by", "mailbox" },
	    .option = "greylist.delay", .value = "4m",
	    .from = "mailbox policyd.conf" },
	{ "or has left it to the domain, which may pass it on",
	    "greylist { decided_by = domain }"
	    DOMAIN("decided_by = mailbox") MAILBOX("delay = 4m"),
	    .option = "greylist.delay", .value = "4m",
	    .from = "mailbox policyd.conf" },
	{ "who decides is decided for those below: not for oneself",
	    DOMAIN("delay = 2m decided_by = server"),
	    IN_DOMAIN { "greylist.delay", "3m" },
	    .option = "greylist.delay", .value = "3m", .from = "domain redis" },
	{ "a section is decided by itself",
	    "greylist { decided_by = server }\n"
	    "domain \"example.com\" { size { inbound = 1M } }",
	    .option = "size.inbound", .value = "1M",
	    .from = "domain policyd.conf" },
	{ "two options that are wrong together stay as they were",
	    DOMAIN("delay = 2m"), IN_MAILBOX { "greylist.retry_window", "1m" },
	    .option = "greylist.retry_window", .value = "1d", .from = "" },
	{ "and are right when both are set",
	    DOMAIN("delay = 2m"),
	    IN_MAILBOX { "greylist.retry_window", "1m",
		"greylist.delay", "30s" },
	    .option = "greylist.retry_window", .value = "1m",
	    .from = "mailbox redis" },
};
// clang-format on

static void
has_the_last_word(void **state)
{
	static const char *const levels[] = { "server", "domain", "mailbox" };
	const struct row *row = *state;
	struct conf *c = parsed(row->file);
	struct arena *a = arena_new();
	struct ear e = { 0 };
	const struct layer *const layers[LAYERS] = {
		layer_of_domain(c, "example.com"),
		redis_layer(a, LEVEL_DOMAIN, row->domain, &e),
		layer_of_mailbox(c, "a@example.com"),
		redis_layer(a, LEVEL_MAILBOX, row->mailbox, &e),
	};
	const struct option *o = option(row->option);
	struct settings set = c->settings;
	const struct layer *from;

	for (int i = 0; i < LAYERS; i++)
		if (layers[i])
			layer_apply(layers[i], &set);
	assert_string_equal(e.heard, "");
	assert_string_equal(option_value(o, &set, a), row->value);
	from = layers_origin(&c->settings, layers, o);
	assert_string_equal(from
		? arena_printf(a, "%s %s", levels[from->level], from->from)
		: "",
	    row->from);
	arena_release(a);
	conf_unref(c);
}

/*
 * Words of Redis
 */

struct word_row {
	const char *name;
	const char *pair[2 * PAIRS];
	const char *option; /* NULL: no layer */
	const char *value; /* as in a file */
	const char *said;
};

// clang-format off
static const struct word_row word_rows[] = {
	{ "a value is as in the file", { "greylist.mode", "off" },
	    "greylist.mode", "off", "" },
	{ "blanks around it do not count", { "greylist.delay", " 10m\t" },
	    "greylist.delay", "10m", "" },
	{ "nor do quotes", { "greylist.delay", "\"10m\"" }, "greylist.delay",
	    "10m", "" },
	{ "of either kind", { "greylist.delay", "'10m'" }, "greylist.delay",
	    "10m", "" },
	{ "a list needs no braces", { "deny_user.senders", "a@example.net" },
	    "deny_user.senders", "{ \"a@example.net\" }", "" },
	{ "its items are separated by commas",
	    { "deny_user.senders", "a@example.net,.example.org" },
	    "deny_user.senders", "{ \"a@example.net\", \".example.org\" }", "" },
	{ "or by blanks",
	    { "deny_user.senders", " a@example.net  .example.org " },
	    "deny_user.senders", "{ \"a@example.net\", \".example.org\" }", "" },
	{ "it may stand as in the file",
	    { "deny_user.senders", "{ \"a@example.net\", '.example.org' }" },
	    "deny_user.senders", "{ \"a@example.net\", \".example.org\" }", "" },
	{ "an item in quotes may have blanks and commas",
	    { "deny_user.senders", "\"a, \\\"b@example.net\", b@example.net" },
	    "deny_user.senders", "{ \"a, \\\"b@example.net\", "
	    "\"b@example.net\" }", "" },
	{ "a table within the value is one item",
	    { "login.addresses", "inline:{a@example.net=x, b@example.net}, c@" },
	    "login.addresses", "{ \"inline:{a@example.net=x, b@example.net}\", "
	    "\"c@\" }", "" },
	{ "an empty list is one that nobody is on", { "deny_user.senders", "" },
	    "deny_user.senders", "{}", "" },
	{ "with braces too", { "deny_user.senders", "{}" }, "deny_user.senders",
	    "{}", "" },
	{ "a wrong value is left out, and told", { "greylist.delay", "soon" },
	    NULL, NULL,
	    "greylist.delay: 'soon' is not a time such as 30s, 5m, 1h or 36d" },
	{ "an empty one is wrong too", { "greylist.delay", "" }, NULL, NULL,
	    "greylist.delay: '' is not a time such as 30s, 5m, 1h or 36d" },
	{ "the rest is taken",
	    { "greylist.delay", "soon", "greylist.mode", "off" },
	    "greylist.mode", "off",
	    "greylist.delay: 'soon' is not a time such as 30s, 5m, 1h or 36d" },
	{ "an option that there is not", { "greylist.colour", "red" }, NULL,
	    NULL, "'greylist.colour' is no option of domains and mailboxes" },
	{ "one of the server", { "submission.ports", "25" }, NULL, NULL,
	    "'submission.ports' is no option of domains and mailboxes" },
	{ "a section that is the server's", { "abuse.mode", "off" }, NULL, NULL,
	    "'abuse.mode' is no option of domains and mailboxes" },
	{ "an option outside of sections", { "deadline", "5s" }, NULL, NULL,
	    "'deadline' is no option of domains and mailboxes" },
	{ "one of domains, for a mailbox", { "mailbox.catch_all", "yes" }, NULL,
	    NULL, "'mailbox.catch_all' is not for a mailbox to set" },
	{ "a reply", { "reply.text", "go away" }, NULL, NULL,
	    "'reply.text' is no option of domains and mailboxes" },
	{ "a name that is none is not repeated", { "\033[2J\n", "off" }, NULL,
	    NULL, "'?' is no option of domains and mailboxes" },
	{ "nor is a value that is no text", { "greylist.mode", "off\n" }, NULL,
	    NULL, "greylist.mode: holds a control character or is not UTF-8" },
	{ "nor bytes that are no UTF-8", { "greylist.mode", "\xff" }, NULL,
	    NULL, "greylist.mode: holds a control character or is not UTF-8" },
	{ "quotes are closed", { "greylist.delay", "\"10m" }, NULL, NULL,
	    "greylist.delay: has quotes that are not closed" },
	{ "in a list too", { "deny_user.senders", "{ 'a@example.net }" }, NULL,
	    NULL, "deny_user.senders: has quotes that are not closed" },
	{ "and end the value", { "greylist.delay", "'10m' 'x'" }, NULL, NULL,
	    "greylist.delay: has more behind its quotes" },
	{ "a panel opens no files on this host",
	    { "deny_user.senders", "texthash:/etc/passwd" }, NULL, NULL,
	    "deny_user.senders: no file is read from here" },
	{ "nor behind something harmless",
	    { "deny_user.senders", "a@example.net cidr:/etc/passwd" }, NULL,
	    NULL, "deny_user.senders: no file is read from here" },
};
// clang-format on

static void
is_read(void **state)
{
	const struct word_row *row = *state;
	struct arena *a = arena_new();
	struct ear e = { 0 };
	const struct layer *l = redis_layer(a, LEVEL_MAILBOX, row->pair, &e);

	assert_string_equal(e.heard, row->said);
	if (!row->option) {
		assert_null(l);
	} else {
		const struct option *o = option(row->option);

		assert_non_null(l);
		assert_int_equal(l->count, 1);
		assert_ptr_equal(l->rows[0], o);
		assert_string_equal(option_value(o, &l->set, a), row->value);
	}
	arena_release(a);
}

/*
 * The file's own layers
 */

static void
a_scope_of_the_file_is_found_by_its_name_in_lower_case(void **state)
{
	struct conf *c = parsed("domain \"Example.COM\" { size { inbound = 1 } "
				"greylist { mode = off } }\n"
				"mailbox \"A@Example.com\" { }");
	const struct layer *d = layer_of_domain(c, "example.com");
	const struct layer *m = layer_of_mailbox(c, "a@example.com");
	(void)state;

	assert_int_equal(d->level, LEVEL_DOMAIN);
	assert_int_equal(d->count, 2);
	assert_int_equal(d->set.size.inbound, 1);
	assert_int_equal(m->level, LEVEL_MAILBOX);
	assert_int_equal(m->count, 0);
	assert_null(layer_of_domain(c, "example.org"));
	assert_null(layer_of_mailbox(c, "b@example.com"));
	conf_unref(c);
}

static void
without_scopes_there_are_no_layers(void **state)
{
	struct conf *c = parsed("");
	(void)state;

	assert_null(layer_of_domain(c, "example.com"));
	assert_null(layer_of_mailbox(c, "a@example.com"));
	conf_unref(c);
}

/* Whatever kind of value a row has, it is laid over whole and nothing else
 * is. */
static void
every_option_of_a_scope_can_be_laid_over(void **state)
{
	/* Nothing but what makes sense of any delay. */
	static const struct settings bare = {
		.greylist.retry_window = INT64_MAX
	};
	struct arena *a = arena_new();
	(void)state;

	for (size_t i = 0; i < option_count; i++) {
		const struct option *o = &options[i];
		const char *const name = arena_printf(
		    a, "%s.%s", o->section, o->name);
		struct settings set = bare;
		const struct layer *l;
		struct ear e = { 0 };

		if (o->of != OF_SETTINGS)
			continue;
		l = redis_layer(a, LEVEL_DOMAIN,
		    (const char * [2 * PAIRS]){ name, o->preset }, &e);
		assert_string_equal(e.heard, "");
		assert_int_equal(l->count, 1);
		*(enum level *)((char *)&set +
		    option_find(o->section, "decided_by")->at) = LEVEL_MAILBOX;
		layer_apply(l, &set);
		assert_string_equal(
		    option_value(o, &set, a), option_value(o, &l->set, a));
	}
	arena_release(a);
}

int
main(void)
{
	struct suite s = { 0 };

	SUITE_ROWS(&s, rows, has_the_last_word);
	SUITE_ROWS(&s, word_rows, is_read);
	SUITE_TEST(&s, a_scope_of_the_file_is_found_by_its_name_in_lower_case);
	SUITE_TEST(&s, without_scopes_there_are_no_layers);
	SUITE_TEST(&s, every_option_of_a_scope_can_be_laid_over);
	return suite_run(&s, "conf/layers");
}
