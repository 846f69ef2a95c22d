/*
 * A list is asked whether it is one.
 */
#include "dnsbl/probe.h"

#include <string.h>

#include "kit/lists.h"
#include "kit/suite.h"

enum { MINUTE = 60 * 1000 };

static void
a_question_waits_for_the_first_probe_and_is_then_asked(void **state)
{
	struct lists_scene *s = *state;
	const struct list_asker *a;

	false_dns_delay(s->dns, 100);
	lists_client(s, "bl.example");
	lists_configure(s);
	lists_is(s, ZONE_PROBING);
	a = lists_ask(s, DNS_A, "bl.example", "7.2.0.192");
	lists_turn(s, 100);
	lists_is(s, ZONE_ON);
	assert_int_equal(a->told, 0);
	lists_turn(s, 100);
	assert_int_equal(a->told, 1);
	assert_int_equal(a->state, KNOWN);
	assert_int_equal(a->m.outcome, DNS_FOUND);
	assert_string_equal(s->log, "");
}

static void
but_no_longer_than_its_deadline(void **state)
{
	struct lists_scene *s = *state;
	const struct list_asker *a;

	false_dns_delay(s->dns, LISTS_DEADLINE + 500);
	lists_client(s, "bl.example");
	lists_configure(s);
	a = lists_ask(s, DNS_A, "bl.example", "7.2.0.192");
	lists_turn(s, LISTS_DEADLINE - 1);
	assert_int_equal(a->told, 0);
	lists_turn(s, 1);
	assert_int_equal(a->loss, LOSS_TIMEOUT);
}

static void
which_begins_with_the_question_not_with_the_end_of_the_probe(void **state)
{
	struct lists_scene *s = *state;
	const struct list_asker *a;

	false_dns_delay(s->dns, LISTS_DEADLINE - 300);
	lists_client(s, "bl.example");
	lists_configure(s);
	a = lists_ask(s, DNS_A, "bl.example", "7.2.0.192");
	lists_turn(s, LISTS_DEADLINE);
	lists_is(s, ZONE_ON);
	assert_int_equal(a->loss, LOSS_TIMEOUT);
}

static const struct unfit {
	const char *name;
	const char *client, *sender; /* which entry there is */
	const char *lines[2];
	const char *why;
} unfit[] = {
	{ "a list that lists nothing is none", "none.example", NULL, { NULL },
	    "127.0.0.2 is not listed, as it is in each list of addresses: "
	    "there is no such list" },
	{ "one that lists 127.0.0.1 lists everybody", "wild.example", NULL,
	    { "2.0.0.127.wild.example A 127.0.0.2",
		"1.0.0.127.wild.example A 127.0.0.2" },
	    "127.0.0.1 is listed: so is everybody, it seems" },
	{ "one whose domain was sold has other addresses", "sold.example", NULL,
	    { "2.0.0.127.sold.example A 192.0.2.1" },
	    "2.0.0.127.sold.example is 192.0.2.1: the list is closed and its "
	    "domain is somebody else's, or a resolver invents answers" },
	{ "one may refuse to answer us", "shy.example", NULL,
	    { "2.0.0.127.shy.example A 127.255.255.254" },
	    "2.0.0.127.shy.example is 127.255.255.254: the list does not "
	    "answer name servers that are open to all: a resolver of your own "
	    "is needed" },
	{ "a list of names that lists 'invalid' lists every name", NULL,
	    "names.example", { "invalid.names.example A 127.0.0.2" },
	    "'invalid' is listed: so is everybody, it seems" },
};

static void
is_not_used(void **state)
{
	const struct unfit *row = *state;
	const char *zone = row->client ? row->client : row->sender;
	const struct list_asker *a;
	struct lists_scene *s;

	lists_begin(state);
	s = *state;
	for (size_t i = 0; i < 2 && row->lines[i]; i++)
		lists_names(s, "%s", row->lines[i]);
	if (row->client)
		lists_client(s, row->client);
	else
		lists_sender(s, row->sender);
	lists_configure(s);
	a = lists_ask(s, DNS_A, zone, "x");
	lists_turn(s, 0);
	assert_int_equal(a->loss, LOSS_LIST);
	assert_int_equal(lists_view(s, zone).state, ZONE_OFF);
	assert_string_equal(lists_view(s, zone).why, row->why);
	assert_int_equal(lists_logged(s, row->why), 1);
	assert_int_equal(lists_logged(s, "warning: dnsbl: "), 1);
	lists_end(state);
}

static void
nothing_must_be_in_a_list_of_names(void **state)
{
	struct lists_scene *s = *state;

	lists_sender(s, "names.example");
	lists_configure(s);
	lists_turn(s, 0);
	assert_int_equal(lists_view(s, "names.example").state, ZONE_ON);
	assert_int_equal(false_dns_asked(s->dns), 2);
}

static void
a_list_that_fails_a_later_probe_is_off(void **state)
{
	struct lists_scene *s = *state;

	lists_one(s, "bl.example");
	assert_int_equal(lists_loss(s, "7.2.0.192"), LOSS_NONE);
	lists_names(s, "1.0.0.127.bl.example A 127.0.0.2");
	lists_turn(s, LISTS_PROBE * 1000 - 1);
	lists_is(s, ZONE_ON);
	lists_turn(s, 1);
	lists_is(s, ZONE_OFF);
	assert_int_equal(lists_loss(s, "7.2.0.192"), LOSS_LIST);
}

static void
a_probe_that_nobody_answers_says_nothing_about_a_list_that_is_on(void **state)
{
	struct lists_scene *s = *state;

	lists_one(s, "bl.example");
	lists_names(s, "1.0.0.127.bl.example !servfail");
	lists_names(s, "2.0.0.127.bl.example !silence");
	lists_turn(s, LISTS_PROBE * 1000 + MINUTE);
	lists_is(s, ZONE_ON);
	assert_string_equal(s->log, "");
}

static void
a_first_one_leaves_the_list_silent_and_who_waits_is_told(void **state)
{
	struct lists_scene *s = *state;
	const struct list_asker *a;

	lists_names(s, "* !silence");
	false_dns_deadline(s->dns, 500);
	lists_client(s, "bl.example");
	lists_configure(s);
	a = lists_ask(s, DNS_A, "bl.example", "7.2.0.192");
	lists_turn(s, 500);
	lists_is(s, ZONE_SILENT);
	assert_int_equal(a->loss, LOSS_DOWN);
}

static void
a_probe_asks_also_for_what_is_in_no_cache(void **state)
{
	struct lists_scene *s = *state;

	lists_names(s, "* !silence");
	lists_names(s, "2.0.0.127.bl.example !well");
	lists_names(s, "1.0.0.127.bl.example !well");
	lists_one(s, "bl.example");
	lists_turn(s, 10 * 1000);
	lists_is(s, ZONE_SILENT);
}

static void
with_a_probe_of_0_a_list_is_believed_from_the_start(void **state)
{
	struct lists_scene *s = *state;

	s->conf.settings.dnsbl.probe = 0;
	lists_client(s, "own.example"); /* and it has not even 127.0.0.2 */
	lists_configure(s);
	assert_int_equal(lists_view(s, "own.example").state, ZONE_ON);
	lists_turn(s, 24 * 60 * MINUTE);
	assert_int_equal(false_dns_asked(s->dns), 0);
}

static void
so_is_one_that_is_named_though_others_are_probed(void **state)
{
	static const char *const names[] = { "OWN.example" };
	struct lists_scene *s = *state;

	s->conf.settings.dnsbl.unprobed = (struct list){ 1, names };
	lists_client(s, "own.example");
	lists_client(s, "none.example");
	lists_configure(s);
	lists_turn(s, 0);
	assert_int_equal(lists_view(s, "own.example").state, ZONE_ON);
	assert_int_equal(lists_view(s, "none.example").state, ZONE_OFF);
	assert_int_equal(lists_logged(s, "own.example"), 0);
}

static void
and_from_the_next_configuration_on_as_that_says(void **state)
{
	struct lists_scene *s = *state;

	so_is_one_that_is_named_though_others_are_probed(state);
	s->conf.settings.dnsbl.unprobed.count = 0;
	lists_configure(s);
	lists_turn(s, 0);
	assert_int_equal(lists_view(s, "own.example").state, ZONE_OFF);
}

static void
and_probed_when_it_is_off_only_for_what_it_may_not_say(void **state)
{
	struct lists_scene *s = *state;

	s->conf.settings.dnsbl.probe = 0;
	lists_names(s, "9.2.0.192.own.example A 127.255.255.255");
	lists_client(s, "own.example");
	lists_configure(s);
	lists_ask(s, DNS_A, "own.example", "9.2.0.192");
	lists_turn(s, 0);
	assert_int_equal(lists_view(s, "own.example").state, ZONE_OFF);
	lists_turn(s, 10 * 1000);
	assert_int_equal(lists_view(s, "own.example").state, ZONE_ON);
	assert_int_equal(false_dns_asked(s->dns), 1 + 2);
}

static void
one_may_answer_127_0_0_1_where_that_is_asked_for(void **state)
{
	struct lists_scene *s = *state;

	lists_names(s, "2.0.0.127.own.example A 127.0.0.1");
	lists_names(s, "9.2.0.192.own.example A 127.0.0.1");
	lists_client(s, "own.example=127.0.0.1");
	lists_configure(s);
	lists_turn(s, 0);
	assert_int_equal(lists_view(s, "own.example").state, ZONE_ON);
	lists_ask(s, DNS_A, "own.example", "9.2.0.192");
	lists_turn(s, 0);
	assert_int_equal(lists_view(s, "own.example").state, ZONE_ON);
	assert_int_equal(lists_view(s, "own.example").listed, 1);
}

static void
until_the_configuration_asks_for_it_no_more(void **state)
{
	struct lists_scene *s = *state;

	one_may_answer_127_0_0_1_where_that_is_asked_for(state);
	lists_none(s);
	lists_client(s, "own.example");
	lists_configure(s);
	lists_turn(s, 0);
	assert_int_equal(lists_view(s, "own.example").state, ZONE_OFF);
}

static void
a_list_that_is_off_is_probed_until_it_is_sane(void **state)
{
	struct lists_scene *s = *state;

	lists_names(s, "1.0.0.127.bl.example A 127.0.0.1");
	lists_one(s, "bl.example");
	lists_is(s, ZONE_OFF);
	lists_turn(s, 30 * MINUTE);
	lists_is(s, ZONE_OFF);
	assert_int_equal(lists_logged(s, "\n"), 1);
	lists_names(s, "1.0.0.127.bl.example !servfail");
	lists_turn(s, 30 * MINUTE);
	lists_is(s, ZONE_OFF); /* nobody said that it is sane */
}

static void
then_it_is_on_again_and_that_is_told(void **state)
{
	struct lists_scene *s = *state;

	lists_names(s, "9.2.0.192.bl.example A 127.0.0.1");
	lists_one(s, "bl.example");
	lists_loss(s, "9.2.0.192");
	lists_is(s, ZONE_OFF);
	assert_int_equal(lists_view(s, "bl.example").since, LISTS_START);
	lists_turn(s, 10 * 1000);
	lists_is(s, ZONE_ON);
	assert_int_equal(lists_view(s, "bl.example").since, LISTS_START + 10);
	assert_string_equal(lists_view(s, "bl.example").why, "");
	assert_int_equal(
	    lists_logged(s, "dnsbl: bl.example is used again\n"), 1);
	assert_int_equal(lists_loss(s, "7.2.0.192"), LOSS_NONE);
}

/* How long it was off, in seconds. */
static uint64_t
stays_off(struct lists_scene *s)
{
	const uint64_t start = clock_ms(s->clock);

	assert_int_equal(lists_loss(s, "9.2.0.192"), LOSS_LIST);
	lists_is(s, ZONE_OFF);
	while (lists_view(s, "bl.example").state == ZONE_OFF)
		lists_turn(s, 1000);
	return (clock_ms(s->clock) - start) / 1000;
}

static void
one_that_lies_again_at_once_is_left_alone_for_longer(void **state)
{
	struct lists_scene *s = *state;

	lists_names(s, "9.2.0.192.bl.example A 127.0.0.1");
	lists_one(s, "bl.example");
	assert_int_equal(stays_off(s), 10);
	assert_int_equal(stays_off(s), 20);
	assert_int_equal(stays_off(s), 40);
	for (int i = 0; i < 4; i++)
		stays_off(s);
	assert_int_equal(stays_off(s), 600);
	lists_turn(s, 20 * MINUTE); /* and well for some time */
	assert_int_equal(stays_off(s), 10);
}

int
main(void)
{
	static struct suite s;

#define SCENE(test) suite_add_scene(&s, #test, test, lists_begin, lists_end)
	SCENE(a_question_waits_for_the_first_probe_and_is_then_asked);
	SCENE(but_no_longer_than_its_deadline);
	SCENE(which_begins_with_the_question_not_with_the_end_of_the_probe);
	SUITE_ROWS(&s, unfit, is_not_used);
	SCENE(nothing_must_be_in_a_list_of_names);
	SCENE(a_list_that_fails_a_later_probe_is_off);
	SCENE(a_probe_that_nobody_answers_says_nothing_about_a_list_that_is_on);
	SCENE(a_first_one_leaves_the_list_silent_and_who_waits_is_told);
	SCENE(a_probe_asks_also_for_what_is_in_no_cache);
	SCENE(with_a_probe_of_0_a_list_is_believed_from_the_start);
	SCENE(so_is_one_that_is_named_though_others_are_probed);
	SCENE(and_from_the_next_configuration_on_as_that_says);
	SCENE(and_probed_when_it_is_off_only_for_what_it_may_not_say);
	SCENE(one_may_answer_127_0_0_1_where_that_is_asked_for);
	SCENE(until_the_configuration_asks_for_it_no_more);
	SCENE(a_list_that_is_off_is_probed_until_it_is_sane);
	SCENE(then_it_is_on_again_and_that_is_told);
	SCENE(one_that_lies_again_at_once_is_left_alone_for_longer);
	return suite_run(&s, "dnsbl/probe");
}
