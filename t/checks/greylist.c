/*
 * Whom greylisting asks about, and in which words.
 */
#include <inttypes.h>
#include <stdio.h>

#include "checks/greylisted.h"

extern const struct script script_greylist;

/* -- keys -- */

struct key_row {
	const char *name;
	enum greylist_key key;
	const char *client, *sender, *recipient;
	const char *record;
};

static const struct key_row key_rows[] = {
	{ "a triplet is network, sender and recipient", GREYLIST_TRIPLET,
	    "192.0.2.7", "anna@example.org", "jo@example.net",
	    "policyd:grey:{192.0.2.0/24}:anna@example.org:jo@example.net" },
	{ "a pair goes without the recipient", GREYLIST_PAIR, "192.0.2.7",
	    "anna@example.org", "jo@example.net",
	    "policyd:grey:{192.0.2.0/24}:anna@example.org" },
	{ "a client goes without both", GREYLIST_CLIENT, "192.0.2.7",
	    "anna@example.org", "jo@example.net",
	    "policyd:grey:{192.0.2.0/24}" },
	{ "a bounce is kept by its recipient", GREYLIST_TRIPLET, "192.0.2.7",
	    "", "jo@example.net",
	    "policyd:grey:{192.0.2.0/24}:<>:jo@example.net" },
	{ "also among pairs", GREYLIST_PAIR, "192.0.2.7", "", "jo@example.net",
	    "policyd:grey:{192.0.2.0/24}:<>:jo@example.net" },
	{ "also among clients", GREYLIST_CLIENT, "192.0.2.7", "",
	    "jo@example.net", "policyd:grey:{192.0.2.0/24}:<>:jo@example.net" },
	{ "an IPv6 client counts as its /64", GREYLIST_CLIENT,
	    "2001:db8:1:2:3::4", "a@example.org", "jo@example.net",
	    "policyd:grey:{2001%3adb8%3a1%3a2%3a%3a/64}" },
	{ "a client without an address is one of a kind", GREYLIST_CLIENT,
	    "unknown", "a@example.org", "jo@example.net",
	    "policyd:grey:{unknown}" },
	{ "letter case does not matter", GREYLIST_TRIPLET, "192.0.2.7",
	    "Anna@Example.ORG", "Jo@Example.NET",
	    "policyd:grey:{192.0.2.0/24}:anna@example.org:jo@example.net" },
	{ "the sender is unwrapped and folded", GREYLIST_PAIR, "192.0.2.7",
	    "prvs=1234abcdef=anna+7@example.org", "jo@example.net",
	    "policyd:grey:{192.0.2.0/24}:anna@example.org" },
	{ "no sender can write a separator", GREYLIST_TRIPLET, "192.0.2.7",
	    "a:{b}@example.org", "jo@example.net",
	    "policyd:grey:{192.0.2.0/24}:a%3a%7bb%7d@example.org:"
	    "jo@example.net" },
	{ "no recipient can write a control byte", GREYLIST_TRIPLET,
	    "192.0.2.7", "a@example.org", "j\x1b[2Jo@example.net",
	    "policyd:grey:{192.0.2.0/24}:a@example.org:j%1b[2jo@example.net" },
};

static void
key_is(void **state)
{
	const struct key_row *row = *state;
	struct stage_set *s = begin();

	s->set.greylist.key = row->key;
	address_parse(&s->req.client, row->client);
	s->req.sender = row->sender;
	s->req.recipient = row->recipient;
	ask(s);
	assert_int_equal(s->questions.count, 1);
	assert_string_equal(word(s, 0), row->record);
	end(s);
}

static void
networks_are_as_wide_as_configured(void **state)
{
	struct stage_set *s = begin();

	(void)state;
	s->set.greylist.key = GREYLIST_CLIENT;
	s->set.greylist.ipv4_bits = 32;
	ask(s);
	assert_string_equal(word(s, 0), "policyd:grey:{192.0.2.7/32}");
	s->set.greylist.ipv6_bits = 48;
	address_parse(&s->req.client, "2001:db8:1:2::3");
	ask(s);
	assert_string_equal(
	    word(s, 0), "policyd:grey:{2001%3adb8%3a1%3a%3a/48}");
	end(s);
}

static void
one_question_has_all_that_is_to_be_known(void **state)
{
	static const char *const words[] = {
		"policyd:grey:{192.0.2.0/24}:anna@example.org:jo@example.net",
		("last=1732201201 1732204800 1 0005 00300 0000100 02 03110400 "
		 "03110401 86400"),
	};
	struct stage_set *s = begin();

	(void)state;
	ask(s);
	assert_ptr_equal(s->questions.question->script, &script_greylist);
	assert_false(s->questions.question->read_only);
	assert_int_equal(s->questions.question->keys, 1);
	assert_int_equal(
	    s->questions.question->count, sizeof(words) / sizeof(words[0]));
	for (unsigned i = 0; i < s->questions.question->count; i++)
		assert_string_equal(word(s, i), words[i]);
	end(s);
}

static void
the_prefix_of_keys_is_an_option(void **state)
{
	struct stage_set *s = begin();

	(void)state;
	s->conf.prefix = "mx:";
	ask(s);
	assert_string_equal(word(s, 0),
	    "mx:grey:{192.0.2.0/24}:anna@example.org:jo@example.net");
	end(s);
}

static void
a_dry_run_asks_for_no_write(void **state)
{
	struct stage_set *s = begin();

	(void)state;
	s->req.dry = true;
	ask(s);
	assert_true(s->questions.question->read_only);
	assert_string_equal(word(s, 1),
	    "last=1732201201 1732204800 2 0005 00300 0000100 02 03110400 "
	    "03110401 86400");
	end(s);
}

/* -- settings nobody means -- */

struct odd_row {
	const char *name;
	int64_t delay, window, memory;
	const char *settings;
};

static const struct odd_row odd_rows[] = {
	{ "without a delay nobody waits", 0, 86400, 100000,
	    "last=1732201201 1732204800 3 0005 00000 0000100 02 00100000 "
	    "03110401 86400" },
	{ "a window shorter than the delay is made longer", 600, 300, 100000,
	    "last=1732201201 1732204800 1 0005 00600 0000100 02 00100000 "
	    "03110401 1201" },
	{ "a window as long as the delay too", 600, 600, 100000,
	    "last=1732201201 1732204800 1 0005 00600 0000100 02 00100000 "
	    "03110401 1201" },
	{ "with a short memory all are looked at", 0, 60, 7199,
	    "last=9999999999 1732204800 3 0005 00000 0000100 02 00007199 "
	    "03110401 60" },
	{ "no times at all are no error", 0, 0, 0,
	    "last=9999999999 1732204800 3 0005 00000 0000100 02 00000001 "
	    "03110401 1" },
	{ "negative times count as none", -1, -1, -1,
	    "last=9999999999 1732204800 3 0005 00000 0000100 02 00000001 "
	    "03110401 1" },
	{ "a number too long for its place is the highest there", 1000000, 0,
	    10000000000,
	    "last=1732201201 1732204800 1 0005 99999 0000100 02 99999999 "
	    "03110401 2000001" },
};

static void
odd_settings_are_made_sane(void **state)
{
	const struct odd_row *row = *state;
	struct stage_set *s = begin();

	s->set.greylist.delay = row->delay;
	s->set.greylist.retry_window = row->window;
	s->set.greylist.memory = row->memory;
	ask(s);
	assert_string_equal(word(s, 1), row->settings);
	end(s);
}

static void
without_the_servers_time_all_are_looked_at(void **state)
{
	struct stage_set *s = begin();

	(void)state;
	s->req.server_time = 0;
	ask(s);
	assert_string_equal(word(s, 1),
	    "last=9999999999 0000000000 1 0005 00300 0000100 02 03110400 "
	    "03110401 86400");
	end(s);
}

static void
zero_passes_to_be_known_are_never(void **state)
{
	struct stage_set *s = begin();

	(void)state;
	s->set.greylist.known_after = 0;
	ask(s);
	assert_string_equal(word(s, 1),
	    "last=1732201201 1732204800 1 9999 00300 0000100 02 03110400 "
	    "03110401 86400");
	end(s);
}

/* -- how strangers are counted -- */

struct step_row {
	const char *name;
	int64_t limit, step;
};

static const struct step_row step_rows[] = {
	{ "without a limit none is counted", 0, 0 },
	{ "a limit of one counts each", 1, 1 },
	{ "a limit of 99 counts each", 99, 1 },
	{ "a limit of 100 counts every second", 100, 2 },
	{ "a limit of 799 counts one of 15", 799, 15 },
	{ "a limit of 800 counts one of 16", 800, 16 },
	{ "a limit of a million too", 1000000, 16 },
};

static void
counts_one_of(void **state)
{
	const struct step_row *row = *state;
	int64_t counted = 0, step = 0;

	for (int i = 0; i < 480; i++) {
		struct stage_set *s = begin();

		s->set.greylist.fresh_limit = row->limit;
		s->req.number = 1000 + (uint64_t)i;
		ask(s);
		sscanf(word(s, 1), "%*s %*s %*s %*s %*s %*s %" SCNd64, &step);
		assert_int_equal(step, row->step);
		counted += word(s, 1)[27] == '1';
		end(s);
	}
	if (step == 0)
		assert_int_equal(counted, 0);
	else
		assert_in_range(counted, 480 / step - 1, 480 / step + 1);
}

/* -- options that let pass -- */

struct option_row {
	const char *name;
	bool bypass_spf, only_suspicious;
	const char *domain; /* that vouches, or NULL */
	const char *client_name;
	int64_t score;
	const char *details; /* NULL: it is asked */
};

static const struct option_row option_rows[] = {
	{ "who passes SPF passes where that is enough", true, false,
	    "example.org", "unknown", 0, "state=allowed by=bypass_spf" },
	{ "and nobody else", true, false, NULL, "mx.example.org", 0, NULL },
	{ "nowhere else", false, false, "example.org", "unknown", 0, NULL },
	{ "who is not suspicious passes where that is enough", false, true,
	    NULL, "mx.example.org", 0, "state=allowed by=only_suspicious" },
	{ "also with a score that speaks for it", false, true, NULL,
	    "mx.example.org", -2, "state=allowed by=only_suspicious" },
	{ "but not with one against it", false, true, NULL, "mx.example.org", 1,
	    NULL },
	{ "nor without a name", false, true, NULL, "unknown", 0, NULL },
	{ "nor with that of a line", false, true, NULL, "dsl-7.example.org", 0,
	    NULL },
	{ "SPF is no word for it", false, true, "example.org", "unknown", 0,
	    NULL },
};

static void
option_allows(void **state)
{
	const struct option_row *row = *state;
	struct stage_set *s = begin();
	struct verdict v;

	s->set.greylist.bypass_spf = row->bypass_spf;
	s->set.greylist.only_suspicious = row->only_suspicious;
	s->req.client_name = row->client_name;
	found.score = row->score;
	if (row->domain)
		vouch(row->domain);
	ask(s);
	assert_int_equal(s->questions.count, row->details == NULL);
	if (row->details) {
		v = check_greylist.judge(&s->req, &s->facts);
		assert_int_equal(v.kind, VERDICT_PASS);
		assert_string_equal(details(s->arena, &v), row->details);
	}
	end(s);
}

/* -- allow lists -- */

struct allow_row {
	const char *name;
	const char *clients, *senders, *recipients; /* one entry, or NULL */
	const char *details; /* NULL: it is asked */
};

static const struct allow_row allow_rows[] = {
	{ "an address of allow_clients is not asked", "192.0.2.7", NULL, NULL,
	    "state=allowed by=allow_clients" },
	{ "a verified name of allow_clients is not asked", "mx.example.org",
	    NULL, NULL, "state=allowed by=allow_clients" },
	{ "a sender of allow_senders is not asked", NULL, "anna@example.org",
	    NULL, "state=allowed by=allow_senders" },
	{ "a recipient of allow_recipients is not asked", NULL, NULL,
	    "jo@example.net", "state=allowed by=allow_recipients" },
	{ "the first list is named", "192.0.2.7", "anna@example.org",
	    "jo@example.net", "state=allowed by=allow_clients" },
	{ "whom the lists do not name is asked", "192.0.2.8", "jo@example.net",
	    "anna@example.org", NULL },
};

static void
list_allows(void **state)
{
	const struct allow_row *row = *state;
	const struct lookups clients = { row->clients },
			     senders = { row->senders },
			     recipients = { row->recipients };
	struct stage_set *s = begin();
	struct verdict v;

	s->set.greylist.allow_clients = row->clients ? &clients : NULL;
	s->set.greylist.allow_senders = row->senders ? &senders : NULL;
	s->set.greylist.allow_recipients = row->recipients ? &recipients : NULL;
	ask(s);
	assert_int_equal(s->questions.count, row->details == NULL);
	if (row->details) {
		v = check_greylist.judge(&s->req, &s->facts);
		assert_int_equal(v.kind, VERDICT_PASS);
		assert_string_equal(details(s->arena, &v), row->details);
	}
	end(s);
}

/* -- its row in the table -- */

static void
only_strangers_recipients_are_its_business(void **state)
{
	(void)state;
	assert_int_equal(check_greylist.stages, AT_RCPT);
	assert_int_equal(check_greylist.classes, INBOUND);
	assert_int_equal(check_greylist.tier, TIER_COUNTERS);
	assert_true(check_greylist.flags & SKIPS_ALLOWED);
	assert_null(check_greylist.settle);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, key_rows, key_is);
	SUITE_TEST(&s, networks_are_as_wide_as_configured);
	SUITE_TEST(&s, one_question_has_all_that_is_to_be_known);
	SUITE_TEST(&s, the_prefix_of_keys_is_an_option);
	SUITE_TEST(&s, a_dry_run_asks_for_no_write);
	SUITE_ROWS(&s, odd_rows, odd_settings_are_made_sane);
	SUITE_TEST(&s, without_the_servers_time_all_are_looked_at);
	SUITE_TEST(&s, zero_passes_to_be_known_are_never);
	SUITE_ROWS(&s, step_rows, counts_one_of);
	SUITE_ROWS(&s, option_rows, option_allows);
	SUITE_ROWS(&s, allow_rows, list_allows);
	SUITE_TEST(&s, only_strangers_recipients_are_its_business);
	return suite_run(&s, "greylist");
}
