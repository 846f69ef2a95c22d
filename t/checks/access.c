/*
 * Who may connect, by the list in memory.
 */
#include "checks/checks.h"

#include "kit/judged.h"
#include "kit/suite.h"

struct row {
	const char *name;
	enum access_default preset;
	const char *pattern, *record; /* NULL: the list is empty */
	const char *client, *client_name; /* NULL: the usual */
	const char *says;
};

#define BY_HAND "since=1732190000 until=0 by=root reason=too much noise"

static const struct row rows[] = {
	{ "with an empty list everybody may", ACCESS_GRANT, NULL, NULL, NULL,
	    NULL, "pass" },
	{ "one on the list may not", ACCESS_GRANT, "192.0.2.7", BY_HAND, NULL,
	    NULL,
	    "refuse access state=denied entry=192.0.2.7 since=1732190000 "
	    "until=permanent by=root reason=too much noise" },
	{ "its neighbour may", ACCESS_GRANT, "192.0.2.7", BY_HAND, "192.0.2.8",
	    NULL, "pass" },
	{ "a network on the list may not", ACCESS_GRANT, "192.0.2.0/24", "",
	    NULL, NULL,
	    "refuse access state=denied entry=192.0.2.0/24 until=permanent" },
	{ "a wildcard is a network", ACCESS_GRANT, "192.0.2.*", "", NULL, NULL,
	    "refuse access state=denied entry=192.0.2.* until=permanent" },
	{ "an IPv6 network too", ACCESS_GRANT, "2001:db8::/32", "",
	    "2001:db8:1::7", NULL,
	    "refuse access state=denied entry=2001:db8::/32 until=permanent" },
	{ "one by its name may not", ACCESS_GRANT, "*.example.org", "", NULL,
	    NULL,
	    "refuse access state=denied entry=*.example.org until=permanent" },
	{ "an entry that ends says when", ACCESS_GRANT, "192.0.2.7",
	    "since=1732190000 until=1732190460 by=root", NULL, NULL,
	    "refuse access state=denied entry=192.0.2.7 since=1732190000 "
	    "until=1732190460 wait=60 by=root" },
	{ "an entry that has ended denies nobody", ACCESS_GRANT, "192.0.2.7",
	    "since=1732190000 until=1732190400 by=root", NULL, NULL, "pass" },

	{ "by default = deny an empty list lets nobody in", ACCESS_DENY, NULL,
	    NULL, NULL, NULL, "refuse access state=not granted" },
	{ "one on the list may, then", ACCESS_DENY, "192.0.2.7", "", NULL, NULL,
	    "pass state=granted entry=192.0.2.7 until=permanent" },
	{ "and its neighbour may not", ACCESS_DENY, "192.0.2.7", "",
	    "192.0.2.8", NULL, "refuse access state=not granted" },
	{ "everybody is a pattern", ACCESS_DENY, "*", "", "2001:db8::1", NULL,
	    "pass state=granted entry=* until=permanent" },
	{ "a grant that has ended lets nobody in", ACCESS_DENY, "192.0.2.7",
	    "until=1732190400", NULL, NULL, "refuse access state=not granted" },
	{ "who has no address is on no list of addresses", ACCESS_DENY,
	    "192.0.2.7", "", "unknown", NULL,
	    "refuse access state=not granted" },
	{ "but may be there by name", ACCESS_DENY, "mx.example.org", "",
	    "unknown", NULL,
	    "pass state=granted entry=mx.example.org until=permanent" },
	{ "a name that was not verified is none", ACCESS_DENY, "mx.example.org",
	    "", NULL, "unknown", "refuse access state=not granted" },
};

static void
list_says(void **state)
{
	const struct row *row = *state;
	struct judged *s = judged_begin();

	s->set.access.preset = row->preset;
	if (row->pattern)
		judged_list(s, LIST_ACCESS, row->pattern, row->record);
	if (row->client)
		address_parse(&s->req.client, row->client);
	if (row->client_name)
		s->req.client_name = row->client_name;
	assert_string_equal(judged_says(s, &check_access), row->says);
	judged_end(s);
}

static void
a_list_that_was_never_read_is_not_an_empty_one(void **state)
{
	struct judged *s = judged_begin();

	(void)state;
	s->req.lists = NULL;
	assert_string_equal(judged_says(s, &check_access), "unknown down");
	s->set.access.preset = ACCESS_DENY;
	assert_string_equal(judged_says(s, &check_access), "unknown down");
	judged_end(s);
}

static void
the_other_lists_have_no_say(void **state)
{
	struct judged *s = judged_begin();

	(void)state;
	judged_list(s, LIST_BANS, "192.0.2.7", "");
	judged_list(s, LIST_ALLOW, "192.0.2.7", "");
	assert_string_equal(judged_says(s, &check_access), "pass");
	judged_end(s);
}

static void
it_asks_nothing_and_the_allow_list_does_not_skip_it(void **state)
{
	(void)state;
	assert_null(check_access.ask);
	assert_int_equal(check_access.tier, TIER_LOCAL);
	assert_int_equal(check_access.flags, 0);
	assert_int_equal(check_access.classes, INBOUND);
	assert_int_equal(check_access.stages, AT_ANY);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, list_says);
	SUITE_TEST(&s, a_list_that_was_never_read_is_not_an_empty_one);
	SUITE_TEST(&s, the_other_lists_have_no_say);
	SUITE_TEST(&s, it_asks_nothing_and_the_allow_list_does_not_skip_it);
	return suite_run(&s, "access");
}
