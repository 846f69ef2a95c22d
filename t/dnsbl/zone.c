/*
 * Lists that are dead cost no time, and those that list everybody no mail.
 */
#include "dnsbl/zone.h"

#include "base/arena.h"
#include "kit/lists.h"
#include "kit/suite.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND };

/* One after the other; how many were lost so. */
static unsigned
ask_many(struct lists_scene *s, unsigned count, enum loss wanted)
{
	unsigned fit = 0;

	for (unsigned i = 0; i < count; i++) {
		const struct list_asker *a = lists_ask(s, DNS_A, "bl.example",
		    arena_printf(s->arena, "%u.100.51.198", i));

		lists_turn(s, LISTS_DEADLINE);
		fit += a->told == 1 && a->loss == wanted;
	}
	return fit;
}

/* A list that answered its first probe, and then nothing more. */
static void
dead_list(struct lists_scene *s)
{
	lists_one(s, "bl.example");
	lists_names(s, "* !silence");
}

static void
ten_questions_in_a_row_without_an_answer_make_a_silent_list(void **state)
{
	struct lists_scene *s = *state;

	dead_list(s);
	assert_int_equal(ask_many(s, 9, LOSS_TIMEOUT), 9);
	lists_is(s, ZONE_ON);
	assert_int_equal(ask_many(s, 1, LOSS_TIMEOUT), 1);
	lists_is(s, ZONE_SILENT);
	assert_string_equal(s->log,
	    "warning: dnsbl: bl.example is not asked until it answers: "
	    "10 questions in a row had no answer\n");
}

static void
which_costs_no_time(void **state)
{
	struct lists_scene *s = *state;

	dead_list(s);
	ask_many(s, 10, LOSS_TIMEOUT);
	assert_int_equal(lists_loss(s, "7.2.0.192"), LOSS_DOWN);
}

static void
that_is_so_too_when_the_dns_gives_up_first(void **state)
{
	struct lists_scene *s = *state;

	dead_list(s);
	false_dns_deadline(s->dns, LISTS_DEADLINE / 2);
	assert_int_equal(ask_many(s, 10, LOSS_TIMEOUT), 10);
	lists_is(s, ZONE_SILENT);
}

static void
an_answer_between_them_begins_the_row_anew(void **state)
{
	struct lists_scene *s = *state;

	dead_list(s);
	ask_many(s, 9, LOSS_TIMEOUT);
	lists_names(s, "7.2.0.192.bl.example !well");
	assert_int_equal(lists_loss(s, "7.2.0.192"), LOSS_NONE);
	ask_many(s, 9, LOSS_TIMEOUT);
	lists_is(s, ZONE_ON);
}

static void
servers_that_fail_are_not_silent(void **state)
{
	struct lists_scene *s = *state;

	lists_one(s, "bl.example");
	lists_names(s, "* !servfail");
	assert_int_equal(ask_many(s, 20, LOSS_DNS), 20);
	lists_is(s, ZONE_ON);
}

static void
a_silent_list_is_probed_every_few_seconds(void **state)
{
	struct lists_scene *s = *state;
	unsigned asked;

	dead_list(s);
	ask_many(s, 10, LOSS_TIMEOUT);
	asked = false_dns_asked(s->dns);
	lists_turn(s, 70 * SECOND); /* ten times five, and two to give up */
	lists_is(s, ZONE_SILENT);
	assert_int_equal(false_dns_asked(s->dns) - asked, 10 * 3);
	assert_int_equal(lists_logged(s, "\n"), 1);
}

static void
and_on_again_when_it_answers(void **state)
{
	struct lists_scene *s = *state;

	dead_list(s);
	ask_many(s, 10, LOSS_TIMEOUT);
	lists_names(s, "* !well");
	lists_turn(s, 7 * SECOND);
	lists_is(s, ZONE_ON);
	assert_int_equal(
	    lists_logged(s, "dnsbl: bl.example is used again\n"), 1);
	assert_int_equal(lists_loss(s, "7.2.0.192"), LOSS_NONE);
}

static void
but_not_when_it_answers_too_late(void **state)
{
	struct lists_scene *s = *state;

	dead_list(s);
	ask_many(s, 10, LOSS_TIMEOUT);
	lists_names(s, "* !well");
	false_dns_delay(s->dns, LISTS_DEADLINE + 100);
	lists_turn(s, MINUTE);
	lists_is(s, ZONE_SILENT);
	false_dns_delay(s->dns, LISTS_DEADLINE - 100);
	lists_turn(s, 10 * SECOND);
	lists_is(s, ZONE_ON);
}

static void
nor_when_what_it_answers_makes_no_sense(void **state)
{
	struct lists_scene *s = *state;

	dead_list(s);
	ask_many(s, 10, LOSS_TIMEOUT);
	lists_names(s, "1.0.0.127.bl.example A 203.0.113.80");
	lists_names(s, "* !well");
	lists_turn(s, 10 * SECOND);
	lists_is(s, ZONE_OFF);
}

/* So many different clients; all but the first `clean` are listed. */
static void
meet(struct lists_scene *s, unsigned count, unsigned clean)
{
	for (unsigned i = 0; i < count; i++) {
		const char *name = arena_printf(
		    s->arena, "%u.%u.18.198", i % 250, i / 250);

		if (i >= clean)
			lists_names(s, "%s.bl.example A 127.0.0.3", name);
		lists_ask(s, DNS_A, "bl.example", name);
		lists_turn(s, 0);
	}
}

static void
a_list_with_more_of_the_clients_than_it_may_is_suspended(void **state)
{
	struct lists_scene *s = *state;

	lists_one(s, "bl.example");
	meet(s, 199, 0);
	lists_is(s, ZONE_ON);
	meet(s, 200, 0);
	lists_is(s, ZONE_SUSPENDED);
	assert_string_equal(s->log,
	    "warning: dnsbl: bl.example is not used for 3600 seconds: it "
	    "lists 200 of 200 clients\n");
	assert_int_equal(lists_loss(s, "7.2.0.192"), LOSS_LIST);
}

static void
one_with_as_many_as_it_may_have_is_not(void **state)
{
	struct lists_scene *s = *state;

	lists_one(s, "bl.example");
	meet(s, 200, 4); /* 98 percent */
	lists_is(s, ZONE_ON);
	meet(s, 201, 4);
	lists_is(s, ZONE_SUSPENDED);
}

static void
each_client_counts_once(void **state)
{
	struct lists_scene *s = *state;

	lists_one(s, "bl.example");
	for (int i = 0; i < 5; i++)
		meet(s, 150, 0);
	lists_is(s, ZONE_ON);
}

static void
a_client_with_many_addresses_is_one(void **state)
{
	struct lists_scene *s = *state;

	lists_one(s, "bl.example");
	for (unsigned i = 0; i < 250; i++) {
		const char *name = arena_printf(s->arena,
		    "%x.%x.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
		    "0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2",
		    i % 16, i / 16);

		lists_names(s, "%s.bl.example A 127.0.0.3", name);
		lists_ask(s, DNS_A, "bl.example", name);
		lists_turn(s, 0);
	}
	lists_is(s, ZONE_ON);
	assert_int_equal(lists_view(s, "bl.example").listed, 250);
}

static void
of_many_networks_he_is_many(void **state)
{
	struct lists_scene *s = *state;

	lists_one(s, "bl.example");
	for (unsigned i = 0; i < 250; i++) {
		const char *name = arena_printf(s->arena,
		    "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
		    "%x.%x.0.0.0.0.0.0.8.b.d.0.1.0.0.2",
		    i % 16, i / 16);

		lists_names(s, "%s.bl.example A 127.0.0.3", name);
		lists_ask(s, DNS_A, "bl.example", name);
		lists_turn(s, 0);
	}
	lists_is(s, ZONE_SUSPENDED);
}

static void
answers_that_no_entry_asks_for_list_nobody(void **state)
{
	struct lists_scene *s = *state;

	lists_one(s, "bl.example=127.0.0.[4..5]"); /* 127.0.0.3 it is */
	meet(s, 300, 0);
	lists_is(s, ZONE_ON);
	assert_int_equal(lists_view(s, "bl.example").listed, 0);
	assert_int_equal(lists_loss(s, "7.2.0.192"), LOSS_NONE);
	assert_int_equal(lists_view(s, "bl.example").listed, 1);
}

static void
after_its_time_a_list_is_probed_and_counted_anew(void **state)
{
	struct lists_scene *s = *state;

	lists_one(s, "bl.example");
	meet(s, 200, 0);
	lists_turn(s, LISTS_SUSPEND * SECOND - 1);
	lists_is(s, ZONE_SUSPENDED);
	lists_turn(s, 1);
	lists_is(s, ZONE_ON);
	assert_int_equal(
	    lists_logged(s, "dnsbl: bl.example is used again\n"), 1);
	meet(s, 199, 0);
	lists_is(s, ZONE_ON);
	meet(s, 200, 0);
	lists_is(s, ZONE_SUSPENDED);
}

static void
and_after_an_hour(void **state)
{
	struct lists_scene *s = *state;

	lists_one(s, "bl.example");
	meet(s, 199, 0);
	lists_turn(s, 61 * MINUTE);
	meet(s, 200, 0);
	lists_is(s, ZONE_SUSPENDED);
	assert_int_equal(lists_logged(s, "200 of 200"), 1);
}

static void
with_suspend_above_of_0_a_list_may_list_everybody(void **state)
{
	struct lists_scene *s = *state;

	s->conf.settings.dnsbl.suspend_above = 0;
	lists_one(s, "bl.example");
	meet(s, 2500, 0);
	lists_is(s, ZONE_ON);
}

static void
a_reload_with_it_ends_a_suspension(void **state)
{
	struct lists_scene *s = *state;

	lists_one(s, "bl.example");
	meet(s, 200, 0);
	lists_configure(s);
	lists_turn(s, 0);
	lists_is(s, ZONE_SUSPENDED);
	s->conf.settings.dnsbl.suspend_above = 0;
	lists_configure(s);
	lists_turn(s, 0);
	lists_is(s, ZONE_ON);
}

static void
one_that_was_taken_out_and_put_back_ends_too(void **state)
{
	struct lists_scene *s = *state;

	lists_one(s, "bl.example");
	meet(s, 199, 0);
	false_dns_delay(s->dns, LISTS_DEADLINE / 2);
	lists_ask(s, DNS_A, "bl.example", "1.100.51.198");
	false_dns_delay(s->dns, 0);
	meet(s, 200, 0);
	lists_is(s, ZONE_SUSPENDED);
	lists_none(s);
	lists_configure(s);
	lists_client(s, "bl.example");
	lists_configure(s);
	lists_is(s, ZONE_SUSPENDED);
	lists_turn(s, LISTS_SUSPEND * 1000);
	lists_is(s, ZONE_ON);
}

int
main(void)
{
	static struct suite s;

#define SCENE(test) suite_add_scene(&s, #test, test, lists_begin, lists_end)
	SCENE(ten_questions_in_a_row_without_an_answer_make_a_silent_list);
	SCENE(which_costs_no_time);
	SCENE(that_is_so_too_when_the_dns_gives_up_first);
	SCENE(an_answer_between_them_begins_the_row_anew);
	SCENE(servers_that_fail_are_not_silent);
	SCENE(a_silent_list_is_probed_every_few_seconds);
	SCENE(and_on_again_when_it_answers);
	SCENE(but_not_when_it_answers_too_late);
	SCENE(nor_when_what_it_answers_makes_no_sense);
	SCENE(a_list_with_more_of_the_clients_than_it_may_is_suspended);
	SCENE(one_with_as_many_as_it_may_have_is_not);
	SCENE(each_client_counts_once);
	SCENE(a_client_with_many_addresses_is_one);
	SCENE(of_many_networks_he_is_many);
	SCENE(answers_that_no_entry_asks_for_list_nobody);
	SCENE(after_its_time_a_list_is_probed_and_counted_anew);
	SCENE(and_after_an_hour);
	SCENE(with_suspend_above_of_0_a_list_may_list_everybody);
	SCENE(a_reload_with_it_ends_a_suspension);
	SCENE(one_that_was_taken_out_and_put_back_ends_too);
	return suite_run(&s, "dnsbl/zone");
}
