/*
 * Values that are right, each for itself, and make no sense together.
 */
#include "conf/sense.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "conf/layers.h"
#include "conf/options.h"
#include "kit/suite.h"

struct row {
	const char *name;
	const char *text;
	const char *said; /* "LINE: what" */
};

// clang-format off
static const struct row rows[] = {
	{ "a delay longer than the time to retry lets nobody pass",
	    "greylist {\n\tdelay = 2h\n\tretry_window = 1h\n}",
	    "3: greylist.delay (2h) must be less than greylist.retry_window (1h), "
	    "else nobody ever passes" },
	{ "nor does an equal one",
	    "greylist { delay = 1d }",
	    "1: greylist.delay (1d) must be less than greylist.retry_window (1d), "
	    "else nobody ever passes" },
	{ "also when a domain sets only one of them",
	    "greylist { retry_window = 1h }\n"
	    "domain \"example.com\" {\n\tgreylist { delay = 1h }\n}",
	    "3: greylist.delay (1h) must be less than greylist.retry_window (1h), "
	    "else nobody ever passes" },
	{ "and its mailbox the other",
	    "domain \"example.com\" { greylist { delay = 1h } }\n"
	    "mailbox \"a@example.com\" { greylist { retry_window = 30m } }",
	    "2: greylist.delay (1h) must be less than greylist.retry_window "
	    "(30m), else nobody ever passes" },
	{ "Redis has less time than the request",
	    "deadline = 500ms",
	    "1: redis.deadline (500ms) must be less than deadline (500ms), else "
	    "a request ends before its answer is given up" },
	{ "so has the DNS",
	    "deadline = 3s\ndns { deadline = 3s }",
	    "2: dns.deadline (3s) must be less than deadline (3s), else a "
	    "request ends before its answer is given up" },
	{ "told at the later of the two",
	    "dns { deadline = 10s }\ndeadline = 9s",
	    "2: dns.deadline (10s) must be less than deadline (9s), else a "
	    "request ends before its answer is given up" },
	{ "and a DNS list",
	    "dnsbl { deadline = 5s }",
	    "1: dnsbl.deadline (5s) must be less than deadline (5s), else a "
	    "request ends before a list is given up" },
	{ "what a domain only takes over is told once",
	    "greylist {\n\tdelay = 2h\n\tretry_window = 1h\n}\n"
	    "domain \"example.com\" { greylist { mode = off } }",
	    "3: greylist.delay (2h) must be less than greylist.retry_window (1h), "
	    "else nobody ever passes" },
	{ "who refuses to relay must know what is ours",
	    "relay { mode = enforce }", "1: relay.mode (enforce) needs "
	    "local_domains" },
	{ "so must who only looks at it",
	    "mailboxes = { \"a@example.com\" }\nmailbox { mode = observe }",
	    "2: mailbox.mode (observe) needs local_domains" },
	{ "who refuses mail for nobody must know who there is",
	    "local_domains = { \"example.com\" }\nmailbox { mode = enforce }",
	    "2: mailbox.mode (enforce) needs mailboxes" },
	{ "who keeps logins from writing to others, who the others are",
	    "remote { mode = enforce }",
	    "1: remote.mode (enforce) needs local_domains" },
	{ "also those of a domain",
	    "domain \"example.com\" {\n\tremote { mode = enforce }\n}",
	    "2: remote.mode (enforce) needs local_domains" },
	{ "who asks DNS lists, which",
	    "dnsbl { mode = enforce }",
	    "1: dnsbl.mode (enforce) needs dnsbl.clients, helos or senders" },
	{ "a threshold is within reach",
	    "dnsbl {\n\tclients = { 'a.example*2', 'b.example', "
	    "'wl.example*-9' }\n\tmode = enforce\n\tthreshold = 4\n}",
	    "4: dnsbl.threshold (4) must be at most 3, the sum of weights "
	    "above 0, else nobody is ever listed" },
	{ "also the one that nobody has set, when all lists are of good clients",
	    "dnsbl { mode = observe\n\tclients = { 'wl.example*-2' }\n}",
	    "2: dnsbl.threshold (1) must be at most 0, the sum of weights "
	    "above 0, else nobody is ever listed" },
	{ "and that of a mailbox",
	    "dnsbl { mode = enforce clients = { 'a.example' } }\n"
	    "mailbox 'a@example.com' {\n\tdnsbl { threshold = 2 }\n}",
	    "3: dnsbl.threshold (2) must be at most 1, the sum of weights "
	    "above 0, else nobody is ever listed" },
	{ "or of a domain that turns it on",
	    "dnsbl { threshold = 2 clients = { 'a.example' } }\n"
	    "domain 'example.com' { dnsbl { mode = enforce } }",
	    "2: dnsbl.threshold (2) must be at most 1, the sum of weights "
	    "above 0, else nobody is ever listed" },
	{ "who spares a list a probe, which",
	    "dnsbl {\n\tclients = { 'a.example=127.0.0.2' }\n\tunprobed = { "
	    "'A.example', 'b.example' }\n}",
	    "3: dnsbl.unprobed: 'b.example' is not in dnsbl.clients, helos or "
	    "senders" },
	{ "who keeps our domains for our users, which they are",
	    "spoof {\n\twho = authenticated\n}",
	    "2: spoof.who (authenticated) needs local_domains" },
};

struct quiet_row {
	const char *name;
	const char *text;
};

static const struct quiet_row quiet_rows[] = {
	{ "Redis may be who knows what is ours",
	    "local_domains = { \"redis:\" }\nrelay { mode = enforce }\n"
	    "spoof { who = privileged }" },
	{ "who may write to their own domain needs no table of others",
	    "remote { mode = enforce to = domain }" },
	{ "a list of any kind is one", "dnsbl { mode = enforce\n"
	    "helos = { \"dbl.example\" } }" },
	{ "a request in a hurry need not wait for the DNS, which nobody asked to "
	    "have so long", "deadline = 1s" },
	{ "lists of clients, greetings and senders count together, and each "
	    "answer of one", "dnsbl { mode = enforce threshold = 6\n"
	    "clients = { 'a.example=127.0.0.2*2', 'a.example=127.0.0.3' }\n"
	    "helos = { 'd.example' } senders = { 'd.example*2' } }" },
	{ "a threshold out of reach hurts nobody while it is off",
	    "dnsbl { threshold = 2 clients = { 'a.example' } }" },
	{ "what is off needs none", "relay { mode = off unknown = yes }" },
	{ "nor who lets anyone spoof", "spoof { who = anyone }" },
};

/* What Redis says of a domain: one of its options. */
struct idle_row {
	const char *name;
	const char *text; /* of the file */
	const char *option, *value; /* of Redis */
	const char *said; /* NULL: nothing is wrong with it */
};

static const struct idle_row idle_rows[] = {
	{ "of what Redis has nobody is listed by a threshold out of reach",
	    "dnsbl { mode = enforce clients = { 'a.example*2' } }",
	    "dnsbl.threshold", "3", "dnsbl.threshold (3) must be at most 2, the "
	    "sum of weights above 0, else nobody is ever listed" },
	{ "nor by a mode without lists", "", "dnsbl.mode", "enforce",
	    "dnsbl.mode (enforce) needs dnsbl.clients, helos or senders" },
	{ "nor does any other do what it needs a table for", "",
	    "remote.mode", "enforce", "remote.mode (enforce) needs "
	    "local_domains" },
	{ "a threshold within reach is well",
	    "dnsbl { mode = enforce clients = { 'a.example*2' } }",
	    "dnsbl.threshold", "2", NULL },
	{ "so is one that waits for a mode",
	    "dnsbl { clients = { 'a.example*2' } }",
	    "dnsbl.threshold", "3", NULL },
	{ "and what another option has wrong is its own business",
	    "dnsbl { threshold = 3 clients = { 'a.example*2' } }",
	    "greylist.mode", "off", NULL },
};
// clang-format on

static void
hear(void *data, const char *file, int line, const char *text)
{
	char *heard = data;

	assert_string_equal(file, "c");
	assert_string_equal(heard, ""); /* one complaint is enough */
	snprintf(heard, 512, "%d: %s", line, text);
}

static void
says(void **state)
{
	const struct row *row = *state;
	char heard[512] = "";

	assert_null(conf_parse(row->text, "c", hear, heard));
	assert_string_equal(heard, row->said);
}

static void
says_nothing(void **state)
{
	const struct quiet_row *row = *state;
	char heard[512] = "";
	struct conf *c = conf_parse(row->text, "c", hear, heard);

	assert_string_equal(heard, "");
	conf_unref(c);
}

static void
fail_with(void *data, const char *text)
{
	(void)data;
	fail_msg("%s", text);
}

static void
says_of_redis(void **state)
{
	const struct idle_row *row = *state;
	struct arena *a = arena_new();
	char heard[512] = "";
	struct conf *c = conf_parse(row->text, "c", hear, heard);
	struct settings set = c->settings;
	const char *said;

	layer_apply(layer_read(a, LEVEL_DOMAIN, &row->option, &row->value, 1,
			fail_with, NULL),
	    &set);
	said = sense_idle(a, c, &set, option_of_scope(row->option));
	if (row->said)
		assert_string_equal(said, row->said);
	else
		assert_null(said);
	conf_unref(c);
	arena_release(a);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, says);
	SUITE_ROWS(&s, quiet_rows, says_nothing);
	SUITE_ROWS(&s, idle_rows, says_of_redis);
	return suite_run(&s, "conf/sense");
}
