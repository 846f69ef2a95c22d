/*
 * Limits count exactly: how much may pass, and when it may again.
 */
#include <string.h>

#include "base/arena.h"
#include "kit/suite.h"
#include "kit/tally.h"

static const char messages[] = "policyd:rate:{example.com}:alice:messages/1h";

/* A mailbox may send so many an hour, and a hundred times that a day. */
static struct tally *
mailbox(int64_t limit)
{
	struct tally *t = tally_begin();

	tally_meter(t, OWNER_MAILBOX, RATE_MESSAGES, limit, HOUR);
	tally_meter(t, OWNER_MAILBOX, RATE_RECIPIENTS, 100 * limit, DAY);
	return t;
}

static void
the_next_one_is_refused(void **state)
{
	struct tally *t = mailbox(20);

	(void)state;
	for (int i = 0; i < 20; i++)
		assert_true(tally_send(t));
	assert_false(tally_send(t));
	assert_true(t->answered);
	assert_ptr_equal(t->did.meter, &t->items[0]);
	assert_int_equal(t->did.used, 20);
	assert_int_equal(t->did.limit, 20);
	assert_int_equal(t->did.next, HOUR + 180);
	tally_end(t);
}

static void
what_is_open_counts_too(void **state)
{
	struct tally *t = mailbox(20);

	(void)state;
	for (int i = 0; i < 20; i++)
		assert_true(tally_open(t));
	assert_false(tally_open(t));
	assert_int_equal(tally_look(t)->used, 20);
	assert_int_equal(t->is->open, 20);
	assert_int_equal(t->is->current, 0);
	tally_end(t);
}

static void
what_is_released_is_free_again(void **state)
{
	struct tally *t = mailbox(1);
	int64_t lease;

	(void)state;
	assert_true(tally_open(t));
	lease = t->did.lease;
	assert_false(tally_open(t));
	tally_release(t, lease);
	assert_int_equal(tally_look(t)->used, 0);
	assert_true(tally_open(t));
	tally_end(t);
}

static void
a_lease_ends_by_itself(void **state)
{
	struct tally *t = mailbox(1);

	(void)state;
	assert_true(tally_open(t));
	assert_true(t->did.lease >= NOON + 15 * MINUTE);
	assert_true(t->did.lease <= NOON + 16 * MINUTE);
	tally_wait(t, t->did.lease - NOON - 1);
	assert_false(tally_open(t));
	assert_int_equal(t->did.next, 1);
	tally_wait(t, 1);
	assert_true(tally_open(t));
	tally_end(t);
}

static void
one_refuses_and_none_is_charged(void **state)
{
	struct tally *t = mailbox(10);
	const char *domain = tally_meter(
	    t, OWNER_DOMAIN, RATE_MESSAGES, 5, HOUR);

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_true(tally_send(t));
	assert_false(tally_send(t));
	assert_string_equal(t->did.meter->key.text, domain);
	tally_look(t);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(t->is[i].used, 5);
		assert_int_equal(t->is[i].current, 5);
	}
	tally_end(t);
}

static void
everything_is_free_a_step_after_its_window(void **state)
{
	struct tally *t = mailbox(3);

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(tally_send(t));
	tally_wait(t, HOUR);
	assert_false(tally_send(t));
	assert_int_equal(t->did.next, 180);
	tally_wait(t, 179);
	assert_false(tally_send(t));
	tally_wait(t, 1);
	assert_true(tally_send(t));
	tally_end(t);
}

static void
a_person_can_read_a_meter(void **state)
{
	struct tally *t = mailbox(10);

	(void)state;
	tally_send(t);
	tally_send(t);
	tally_wait(t, 200);
	tally_open(t);
	assert_string_equal(TALLY_DO(t, "HGETALL", messages),
	    "current 3 window 1732190400 previous 0 earlier 0 "
	    "steps 1732190400 open:1732191540 1");
	tally_wait(t, HOUR);
	tally_send(t);
	assert_string_equal(tally_field(t, messages, "window"), "1732194000");
	assert_string_equal(tally_field(t, messages, "current"), "1");
	assert_string_equal(tally_field(t, messages, "previous"), "2");
	tally_end(t);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, the_next_one_is_refused);
	SUITE_TEST(&s, what_is_open_counts_too);
	SUITE_TEST(&s, what_is_released_is_free_again);
	SUITE_TEST(&s, a_lease_ends_by_itself);
	SUITE_TEST(&s, one_refuses_and_none_is_charged);
	SUITE_TEST(&s, everything_is_free_a_step_after_its_window);
	SUITE_TEST(&s, a_person_can_read_a_meter);
	return suite_run(&s, "rate/rate");
}
