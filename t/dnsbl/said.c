/*
 * Answers that no sane list gives list nobody.
 */
#include "dnsbl/said.h"

#include "kit/lists.h"
#include "kit/suite.h"

static const struct odd {
	const char *name;
	const char *entry;
	const char *address;
	bool odd;
} odds[] = {
	{ "an address of 127.0.0.0/8 is an answer", "bl.example", "127.0.0.2",
	    false },
	{ "and so is a far one", "bl.example", "127.9.255.255", false },
	{ "127.0.0.1 is none", "bl.example", "127.0.0.1", true },
	{ "even where an entry has it among others",
	    "bl.example=127.0.0.[1..2]", "127.0.0.1", true },
	{ "where one asks for that alone it is", "bl.example=127.0.0.1",
	    "127.0.0.1", false },
	{ "but nothing else that no list gives", "bl.example=127.0.0.1",
	    "127.255.255.254", true },
	{ "127.255.255.252 is none", "bl.example", "127.255.255.252", true },
	{ "127.255.255.254 is none", "bl.example", "127.255.255.254", true },
	{ "127.255.255.255 is none", "bl.example", "127.255.255.255", true },
	{ "127.255.255.1 is none", "bl.example", "127.255.255.1", true },
	{ "an address of another network is none", "bl.example", "203.0.113.80",
	    true },
};

static void
is_odd_or_not(void **state)
{
	const struct odd *row = *state;
	struct lists_scene *s;

	lists_begin(state);
	s = *state;
	lists_names(s, "9.2.0.192.bl.example A %s", row->address);
	lists_one(s, row->entry);
	lists_is(s, ZONE_ON);
	assert_int_equal(
	    lists_loss(s, "9.2.0.192"), row->odd ? LOSS_LIST : LOSS_NONE);
	lists_is(s, row->odd ? ZONE_OFF : ZONE_ON);
	assert_int_equal(lists_logged(s, "9.2.0.192.bl.example is "), row->odd);
	assert_int_equal(lists_view(s, "bl.example").listed, !row->odd);
	lists_end(state);
}

static void
one_odd_record_among_sound_ones_is_enough(void **state)
{
	struct lists_scene *s = *state;

	lists_names(s, "7.2.0.192.bl.example A 127.255.255.255");
	lists_one(s, "bl.example");
	assert_int_equal(lists_loss(s, "7.2.0.192"), LOSS_LIST);
	lists_is(s, ZONE_OFF);
}

static void
what_is_on_its_way_from_a_list_that_lied_is_lost(void **state)
{
	struct lists_scene *s = *state;
	const struct list_asker *liar, *honest;

	lists_names(s, "9.2.0.192.bl.example A 192.0.2.1");
	lists_one(s, "bl.example");
	liar = lists_ask(s, DNS_A, "bl.example", "9.2.0.192");
	honest = lists_ask(s, DNS_A, "bl.example", "7.2.0.192");
	lists_turn(s, 0);
	assert_int_equal(liar->loss, LOSS_LIST);
	assert_int_equal(honest->loss, LOSS_LIST);
	assert_int_equal(lists_logged(s, "warning: "), 1);
}

static void
other_lists_go_on(void **state)
{
	struct lists_scene *s = *state;
	const struct list_asker *a;

	lists_names(s, "9.2.0.192.bl.example A 192.0.2.1");
	lists_names(s, "9.2.0.192.other.example A 127.0.0.2");
	lists_client(s, "bl.example");
	lists_client(s, "other.example");
	lists_configure(s);
	lists_turn(s, 0);
	assert_int_equal(lists_loss(s, "9.2.0.192"), LOSS_LIST);
	a = lists_ask(s, DNS_A, "other.example", "9.2.0.192");
	lists_turn(s, 0);
	assert_int_equal(a->m.outcome, DNS_FOUND);
}

int
main(void)
{
	static struct suite s;

#define SCENE(test) suite_add_scene(&s, #test, test, lists_begin, lists_end)
	SUITE_ROWS(&s, odds, is_odd_or_not);
	SCENE(one_odd_record_among_sound_ones_is_enough);
	SCENE(what_is_on_its_way_from_a_list_that_lied_is_lost);
	SCENE(other_lists_go_on);
	return suite_run(&s, "dnsbl/said");
}
