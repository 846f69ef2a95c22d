/*
 * Questions to DNS lists: their deadline, counts, a reload and the end.
 */
#include "dnsbl/zones.h"

#include "kit/lists.h"
#include "kit/suite.h"

enum { MINUTE = 60 * 1000 };

static void
a_question_is_lost_at_the_deadline_and_a_later_answer_is_nobodys(void **state)
{
	struct lists_scene *s = *state;
	const struct list_asker *a;

	lists_one(s, "bl.example");
	false_dns_delay(s->dns, LISTS_DEADLINE + 500);
	a = lists_ask(s, DNS_A, "bl.example", "7.2.0.192");
	lists_turn(s, LISTS_DEADLINE - 1);
	assert_int_equal(a->told, 0);
	lists_turn(s, 1);
	assert_int_equal(a->loss, LOSS_TIMEOUT);
	lists_turn(s, 1000);
	assert_int_equal(a->told, 1);
}

static void
what_comes_too_late_tells_of_the_list_all_the_same(void **state)
{
	struct lists_scene *s = *state;

	lists_names(s, "9.2.0.192.bl.example A 192.0.2.1");
	lists_one(s, "bl.example");
	false_dns_delay(s->dns, LISTS_DEADLINE + 500);
	lists_ask(s, DNS_A, "bl.example", "9.2.0.192");
	lists_turn(s, LISTS_DEADLINE);
	lists_is(s, ZONE_ON);
	lists_turn(s, 500);
	lists_is(s, ZONE_OFF);
}

static void
questions_are_counted_by_what_became_of_them(void **state)
{
	struct lists_scene *s = *state;
	struct zone_view v;

	lists_names(s, "9.2.0.192.bl.example A 127.0.0.1");
	lists_names(s, "3.2.0.192.bl.example !servfail");
	lists_one(s, "bl.example");
	lists_loss(s, "7.2.0.192");
	lists_loss(s, "8.2.0.192");
	lists_loss(s, "3.2.0.192");
	lists_loss(s, "9.2.0.192");
	lists_loss(s, "7.2.0.192");
	v = lists_view(s, "bl.example");
	assert_int_equal(v.asked, 5);
	assert_int_equal(v.listed, 1);
	assert_int_equal(v.lost[LOSS_DNS], 1);
	assert_int_equal(v.lost[LOSS_LIST], 2);
	assert_int_equal(v.lost[LOSS_TIMEOUT], 0);
}

static void
texts_of_a_list_pass_and_are_not_counted(void **state)
{
	struct lists_scene *s = *state;
	const struct list_asker *a;

	lists_one(s, "bl.example");
	a = lists_ask(s, DNS_TXT, "bl.example", "7.2.0.192");
	lists_turn(s, 0);
	assert_string_equal(a->m.records[0].data, "spam came from here");
	assert_int_equal(lists_view(s, "bl.example").asked, 0);
	lists_names(s, "9.2.0.192.bl.example A 127.0.0.1");
	lists_loss(s, "9.2.0.192");
	a = lists_ask(s, DNS_TXT, "bl.example", "7.2.0.192");
	lists_turn(s, 0);
	assert_int_equal(a->loss, LOSS_LIST);
	assert_int_equal(lists_view(s, "bl.example").lost[LOSS_LIST], 1);
}

static void
a_reload_keeps_what_is_known(void **state)
{
	struct lists_scene *s = *state;
	struct zone_view v;

	lists_names(s, "1.0.0.127.bl.example A 127.0.0.1");
	lists_one(s, "bl.example");
	lists_turn(s, MINUTE);
	lists_none(s);
	lists_client(s, "other.example");
	lists_client(s, "bl.example=127.0.0.2*3");
	lists_configure(s);
	v = lists_view(s, "bl.example");
	assert_int_equal(v.state, ZONE_OFF);
	assert_int_equal(v.since, LISTS_START);
	assert_true(zones_view(s->zones, 0, &v));
	assert_string_equal(v.name, "other.example");
	assert_int_equal(v.state, ZONE_PROBING);
	assert_true(zones_view(s->zones, 1, &v));
	assert_string_equal(v.name, "bl.example");
	assert_false(zones_view(s->zones, 2, &v));
}

static void
a_reload_probes_at_once(void **state)
{
	struct lists_scene *s = *state;

	lists_names(s, "9.2.0.192.bl.example A 127.0.0.1");
	lists_one(s, "bl.example");
	lists_loss(s, "9.2.0.192");
	lists_is(s, ZONE_OFF);
	lists_configure(s);
	lists_turn(s, 0);
	lists_is(s, ZONE_ON);
}

static void
entries_of_one_zone_are_one_list(void **state)
{
	struct lists_scene *s = *state;
	struct zone_view v;

	lists_client(s, "bl.example=127.0.0.2*2");
	lists_client(s, "bl.example=127.0.0.4*5");
	lists_sender(s, "bl.example");
	lists_configure(s);
	lists_turn(s, 0);
	assert_true(zones_view(s->zones, 0, &v));
	assert_false(zones_view(s->zones, 1, &v));
	assert_int_equal(lists_loss(s, "7.2.0.192"), LOSS_NONE);
	assert_int_equal(lists_view(s, "bl.example").listed, 1);
}

static void
a_list_that_is_gone_answers_nobody(void **state)
{
	struct lists_scene *s = *state;
	const struct list_asker *waiting, *away, *after;
	struct zone_view v;

	false_dns_delay(s->dns, 100);
	lists_client(s, "other.example");
	lists_configure(s);
	lists_turn(s, 100);
	away = lists_ask(s, DNS_A, "other.example", "7.2.0.192");
	lists_client(s, "bl.example");
	lists_configure(s);
	waiting = lists_ask(s, DNS_A, "bl.example", "7.2.0.192");
	lists_none(s);
	lists_configure(s);
	assert_false(zones_view(s->zones, 0, &v));
	after = lists_ask(s, DNS_A, "bl.example", "7.2.0.192");
	lists_turn(s, 0);
	assert_int_equal(waiting->loss, LOSS_DOWN);
	assert_int_equal(after->loss, LOSS_DOWN);
	lists_turn(s, 100);
	assert_int_equal(away->state, KNOWN);
	lists_client(s, "bl.example"); /* and is back */
	lists_configure(s);
	lists_turn(s, 100);
	lists_is(s, ZONE_ON);
}

static void
one_that_is_back_before_its_probe_ended_is_probed_as_ever(void **state)
{
	struct lists_scene *s = *state;
	const struct list_asker *a;

	false_dns_delay(s->dns, 100);
	lists_client(s, "bl.example");
	lists_configure(s);
	lists_none(s);
	lists_configure(s);
	lists_client(s, "bl.example");
	lists_configure(s);
	a = lists_ask(s, DNS_A, "bl.example", "7.2.0.192");
	lists_turn(s, 200);
	lists_is(s, ZONE_ON);
	assert_int_equal(a->state, KNOWN);
}

static void
who_waits_for_a_probe_is_told_when_all_ends(void **state)
{
	struct lists_scene *s = *state;
	const struct list_asker *waiting, *away;

	false_dns_delay(s->dns, 100);
	lists_client(s, "other.example");
	lists_configure(s);
	lists_turn(s, 100);
	lists_client(s, "bl.example");
	lists_configure(s);
	away = lists_ask(s, DNS_A, "other.example", "7.2.0.192");
	waiting = lists_ask(s, DNS_A, "bl.example", "7.2.0.192");
	zones_stop(s->zones);
	assert_int_equal(waiting->told, 0);
	lists_turn(s, 0);
	assert_int_equal(waiting->loss, LOSS_DOWN);
	lists_turn(s, 100);
	assert_int_equal(away->told, 1);
	lists_turn(s, 60 * MINUTE);
	assert_string_equal(s->log, "");
}

int
main(void)
{
	static struct suite s;

#define SCENE(test) suite_add_scene(&s, #test, test, lists_begin, lists_end)
	SCENE(a_question_is_lost_at_the_deadline_and_a_later_answer_is_nobodys);
	SCENE(what_comes_too_late_tells_of_the_list_all_the_same);
	SCENE(questions_are_counted_by_what_became_of_them);
	SCENE(texts_of_a_list_pass_and_are_not_counted);
	SCENE(a_reload_keeps_what_is_known);
	SCENE(a_reload_probes_at_once);
	SCENE(entries_of_one_zone_are_one_list);
	SCENE(a_list_that_is_gone_answers_nobody);
	SCENE(one_that_is_back_before_its_probe_ended_is_probed_as_ever);
	SCENE(who_waits_for_a_probe_is_told_when_all_ends);
	return suite_run(&s, "dnsbl/zones");
}
