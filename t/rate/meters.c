/*
 * What else there is to a meter: warnings, grants, networks, recipients that
 * were refused, counting at once, and what administrators see and do.
 */
#include <string.h>

#include "base/arena.h"
#include "kit/suite.h"
#include "kit/tally.h"

static const char messages[] = "policyd:rate:{example.com}:alice:messages/1h";

static struct tally *
mailbox(int64_t limit)
{
	struct tally *t = tally_begin();

	tally_meter(t, OWNER_MAILBOX, RATE_MESSAGES, limit, HOUR);
	return t;
}

static void
send_all(struct tally *t, int n)
{
	for (int i = 0; i < n; i++)
		assert_true(tally_send(t));
}

/* -- names -- */

struct name {
	const char *name;
	enum rate_owner owner;
	const char *domain, *user, *key;
};

static const struct name names[] = {
	{ "a mailbox has its domain's tag", OWNER_MAILBOX, "example.com",
	    "alice", "policyd:rate:{example.com}:alice:messages/1d" },
	{ "so has its domain", OWNER_DOMAIN, "example.com", NULL,
	    "policyd:rate:{example.com}:messages/1d" },
	{ "who has no domain is of none", OWNER_MAILBOX, NULL, "root",
	    "policyd:rate:{(none)}:root:messages/1d" },
	{ "nobody can be called as the server is", OWNER_MAILBOX, "(server)",
	    "alice", "policyd:rate:{(none)}:alice:messages/1d" },
	{ "nor can a domain", OWNER_DOMAIN, "(server)", NULL,
	    "policyd:rate:{(none)}:messages/1d" },
	{ "nor can anybody be called as a client is", OWNER_MAILBOX,
	    "192.0.2.7", "inbound",
	    "policyd:rate:{(none)}:inbound:messages/1d" },
	{ "all are the server's", OWNER_SERVER, "example.com", "alice",
	    "policyd:rate:{(server)}:messages/1d" },
	{ "a client is an address", OWNER_INBOUND, "192.0.2.7", NULL,
	    "policyd:rate:{192.0.2.7}:inbound:messages/1d" },
	{ "or a network", OWNER_TRUSTED, "2001:db8::/64", NULL,
	    "policyd:rate:{2001%3adb8%3a%3a/64}:trusted:messages/1d" },
	{ "nobody writes a separator", OWNER_MAILBOX, "example.com",
	    "a:b}{c\r\n",
	    "policyd:rate:{example.com}:a%3ab%7d%7bc%0d%0a:"
	    "messages/1d" },
};

static void
is_its_key(void **state)
{
	const struct name *row = *state;
	struct arena *a = arena_new();

	assert_string_equal(rate_key(a, "policyd:", row->owner, row->domain,
				row->user, RATE_MESSAGES, DAY)
				.text,
	    row->key);
	arena_release(a);
}

static void
a_meter_is_named_by_kind_and_window(void **state)
{
	static const struct {
		enum rate_kind kind;
		int64_t seconds;
		const char *name;
	} rows[] = {
		{ RATE_MESSAGES, 1, "messages/1s" },
		{ RATE_RECIPIENTS, 90, "recipients/90s" },
		{ RATE_BYTES, 5 * MINUTE, "bytes/5m" },
		{ RATE_NETWORKS, 36 * HOUR, "networks/36h" },
		{ RATE_REFUSED, 7 * DAY, "refused/7d" },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(
		    rate_meter_name(a, rows[i].kind, rows[i].seconds),
		    rows[i].name);
	arena_release(a);
}

/* -- warnings -- */

static void
somebody_is_told_once_a_window(void **state)
{
	struct tally *t = mailbox(10);

	(void)state;
	send_all(t, 7);
	assert_null(t->did.meter);
	send_all(t, 1); /* the eighth: 80 percent */
	assert_ptr_equal(t->did.meter, &t->items[0]);
	assert_true(t->did.charged);
	assert_true(t->did.first);
	assert_int_equal(t->did.used, 8);
	assert_int_equal(t->did.next, 0);
	send_all(t, 1);
	assert_non_null(t->did.meter);
	assert_false(t->did.first);
	tally_wait(t, HOUR + 180);
	send_all(t, 7);
	assert_null(t->did.meter);
	send_all(t, 1);
	assert_true(t->did.first);
	tally_end(t);
}

static void
and_once_that_it_is_too_much(void **state)
{
	struct tally *t = mailbox(2);

	(void)state;
	t->items[0].warn = 0;
	send_all(t, 2);
	assert_null(t->did.meter); /* never warns */
	for (int i = 0; i < 3; i++) {
		assert_false(tally_send(t));
		assert_int_equal(t->did.first, i == 0);
	}
	tally_wait(t, HOUR);
	assert_false(tally_send(t));
	assert_true(t->did.first);
	tally_end(t);
}

static void
a_meter_without_a_limit_only_counts(void **state)
{
	struct tally *t = mailbox(0);

	(void)state;
	send_all(t, 500);
	assert_null(t->did.meter);
	assert_int_equal(tally_look(t)->used, 500);
	assert_int_equal(t->is->next, 0);
	tally_end(t);
}

/* -- amounts -- */

static void
what_can_never_be_sent_waits_a_window(void **state)
{
	struct tally *t = tally_begin();

	(void)state;
	tally_meter(t, OWNER_MAILBOX, RATE_BYTES, 1000, HOUR);
	assert_false(tally_charge(t, 1, 1, 1001));
	assert_int_equal(t->did.next, HOUR);
	assert_int_equal(t->did.used, 0);
	assert_true(tally_charge(t, 1, 1, 1000));
	tally_end(t);
}

static void
one_waits_until_there_is_room_for_all_of_it(void **state)
{
	struct tally *t = tally_begin();

	(void)state;
	t->lease = 0;
	tally_meter(t, OWNER_MAILBOX, RATE_RECIPIENTS, 10, HOUR);
	for (int i = 0; i < 4; i++) {
		assert_true(tally_charge(t, 1, 2, 0));
		tally_wait(t, 10 * MINUTE);
	}
	assert_false(tally_charge(t, 1, 5, 0)); /* 8 are used, 2 go first */
	assert_int_equal(t->did.next, 32 * MINUTE); /* the step ends at :12 */
	tally_wait(t, t->did.next - 1);
	assert_false(tally_charge(t, 1, 5, 0));
	tally_wait(t, 1);
	assert_true(tally_charge(t, 1, 5, 0));
	tally_end(t);
}

static void
what_is_not_asked_for_holds_nobody_up(void **state)
{
	struct tally *t = mailbox(1);

	(void)state;
	tally_meter(t, OWNER_MAILBOX, RATE_RECIPIENTS, 10, HOUR);
	send_all(t, 1);
	assert_false(tally_charge(t, 1, 1, 0));
	assert_true(tally_charge(t, 0, 1, 0));
	tally_end(t);
}

static void
what_is_counted_at_once_can_be_taken_off(void **state)
{
	static const struct amounts off = { { -3, 0, 0, 0, 0 } };
	struct tally *t = mailbox(10);

	(void)state;
	t->lease = 0;
	send_all(t, 2);
	tally_wait(t, 10 * MINUTE);
	send_all(t, 2);
	assert_int_equal(t->did.lease, 0);
	assert_int_equal(tally_look(t)->open, 0);
	assert_int_equal(t->is->current, 4);
	tally_settle(t, &off, NULL, 0); /* the newest first */
	assert_int_equal(tally_look(t)->used, 1);
	assert_int_equal(t->is->current, 1);
	tally_settle(t, &off, NULL, 0);
	assert_int_equal(tally_look(t)->used, 0);
	assert_int_equal(t->is->current, 0);
	send_all(t, 10);
	assert_false(tally_send(t));
	tally_end(t);
}

static void
of_several_leases_each_is_settled(void **state)
{
	static const struct amounts sent = { { 1, 3, 0, 0, 0 } };
	struct rate_open open[2];
	struct tally *t = mailbox(10);

	(void)state;
	tally_meter(t, OWNER_MAILBOX, RATE_RECIPIENTS, 10, HOUR);
	assert_true(tally_charge(t, 1, 2, 0));
	open[0] = (struct rate_open){ t->did.lease, { { 1, 2 } } };
	tally_wait(t, 2 * MINUTE);
	assert_true(tally_charge(t, 0, 2, 0));
	open[1] = (struct rate_open){ t->did.lease, { { 0, 2 } } };
	assert_int_not_equal(open[0].lease, open[1].lease);
	tally_settle(t, &sent, open, 2);
	tally_look(t);
	assert_int_equal(t->is[0].used, 1);
	assert_int_equal(t->is[1].used, 3);
	assert_int_equal(t->is[1].open, 0);
	assert_int_equal(t->is[1].current, 3);
	tally_end(t);
}

static void
who_settles_too_late_has_sent_all_the_same(void **state)
{
	struct tally *t = mailbox(1);
	int64_t lease;

	(void)state;
	assert_true(tally_open(t));
	lease = t->did.lease;
	tally_wait(t, 20 * MINUTE);
	assert_true(tally_send(t)); /* what was open is not */
	tally_commit(t, lease);
	assert_int_equal(tally_look(t)->used, 2);
	assert_int_equal(t->is->open, 0);
	tally_end(t);
}

static void
nothing_comes_of_a_dry_one(void **state)
{
	static const struct amounts one = { { 1, 0, 0, 0, 0 } };
	struct tally *t = mailbox(1);

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(tally_dry(t, &one, NULL));
	assert_int_equal(tally_ttl(t, messages), -2);
	send_all(t, 1);
	assert_false(tally_dry(t, &one, NULL));
	assert_string_equal(tally_field(t, messages, "refused"), "");
	tally_end(t);
}

/* -- stolen passwords -- */

static void
who_was_never_refused_has_no_such_meter(void **state)
{
	struct tally *t = tally_begin();
	const char *key = tally_meter(t, OWNER_MAILBOX, RATE_REFUSED, 5, HOUR);

	(void)state;
	assert_true(tally_open(t));
	assert_int_equal(t->did.lease, 0);
	assert_int_equal(tally_ttl(t, key), -2);
	tally_meter(t, OWNER_MAILBOX, RATE_MESSAGES, 10, HOUR);
	assert_true(tally_open(t));
	assert_true(t->did.lease > 0);
	assert_int_equal(tally_ttl(t, key), -2);
	assert_int_equal(tally_look(t)[1].used, 1);
	tally_end(t);
}

static void
recipients_that_were_refused_are_too_many_some_day(void **state)
{
	static const struct amounts three = { { 0, 0, 0, 0, 3 } };
	struct tally *t = mailbox(10);

	(void)state;
	tally_meter(t, OWNER_MAILBOX, RATE_REFUSED, 5, HOUR);
	tally_settle(t, &three, NULL, 0);
	assert_true(tally_send(t));
	tally_settle(t, &three, NULL, 0);
	assert_false(tally_send(t));
	assert_ptr_equal(t->did.meter, &t->items[1]);
	assert_int_equal(t->did.used, 6);
	assert_true(t->did.first);
	assert_int_equal(tally_look(t)->used, 1);
	tally_wait(t, HOUR + 180);
	assert_true(tally_send(t));
	tally_end(t);
}

static void
a_login_comes_from_few_networks(void **state)
{
	static const struct amounts one = { { 1, 0, 0, 0, 0 } };
	struct tally *t = mailbox(100);

	(void)state;
	tally_meter(t, OWNER_MAILBOX, RATE_NETWORKS, 2, HOUR);
	for (int i = 0; i < 5; i++)
		assert_true(tally_try(t, &one, "192.0.2.0/24"));
	assert_true(tally_try(t, &one, "198.51.100.0/24"));
	assert_ptr_equal(t->did.meter, &t->items[1]); /* 2 are 80 percent */
	assert_true(t->did.first);
	assert_false(tally_try(t, &one, "203.0.113.0/24"));
	assert_ptr_equal(t->did.meter, &t->items[1]);
	assert_int_equal(t->did.used, 3);
	assert_int_equal(t->did.limit, 2);
	assert_int_equal(t->did.next, 30 * MINUTE);
	assert_false(tally_try(t, &one, "192.0.2.0/24"));
	tally_look(t);
	assert_int_equal(t->is[0].used, 6); /* the refused were not charged */
	assert_int_equal(t->is[1].used, 3);
	tally_wait(t, 30 * MINUTE);
	assert_false(tally_try(t, &one, "192.0.2.0/24"));
	tally_wait(t, 30 * MINUTE);
	assert_true(tally_try(t, &one, "192.0.2.0/24"));
	tally_end(t);
}

/* -- administrators -- */

static void
a_grant_is_so_much_more_until_then(void **state)
{
	struct tally *t = mailbox(2);

	(void)state;
	send_all(t, 2);
	assert_false(tally_send(t));
	tally_grant(t, 0, 3, NOON + 2 * HOUR);
	assert_true(t->answered);
	assert_int_equal(tally_look(t)->granted, 3);
	assert_int_equal(t->is->granted_until, NOON + 2 * HOUR);
	assert_int_equal(t->is->next, 0);
	send_all(t, 3);
	assert_int_equal(t->did.limit, 5);
	assert_false(tally_send(t));
	assert_int_equal(t->did.used, 5);
	tally_grant(t, 0, 4, NOON + 2 * HOUR); /* in place of the first */
	send_all(t, 1);
	assert_false(tally_send(t));
	tally_wait(t, 2 * HOUR);
	assert_int_equal(tally_look(t)->granted, 0);
	send_all(t, 2);
	assert_false(tally_send(t));
	tally_end(t);
}

static void
a_grant_outlasts_its_meter(void **state)
{
	struct tally *t = mailbox(1);

	(void)state;
	send_all(t, 1);
	tally_grant(t, 0, 1, NOON + 30 * DAY);
	tally_wait(t, 29 * DAY);
	send_all(t, 2);
	assert_false(tally_send(t));
	assert_int_equal(tally_ttl(t, messages), DAY);
	tally_end(t);
}

static void
a_reset_forgets_what_was_sent_and_not_what_is_open(void **state)
{
	struct tally *t = mailbox(5);

	(void)state;
	tally_meter(t, OWNER_DOMAIN, RATE_MESSAGES, 5, HOUR);
	send_all(t, 4);
	assert_true(tally_open(t));
	tally_grant(t, 0, 7, NOON + HOUR);
	assert_int_equal(tally_reset(t, false), 2);
	tally_look(t);
	assert_int_equal(t->is[0].used, 1);
	assert_int_equal(t->is[0].open, 1);
	assert_int_equal(t->is[0].current, 0);
	assert_int_equal(t->is[0].granted, 7);
	assert_int_equal(tally_reset(t, true), 2);
	assert_int_equal(tally_look(t)->granted, 0);
	tally_release(t, t->did.lease);
	tally_end(t);
}

static void
nothing_is_left_of_what_was_nothing(void **state)
{
	struct tally *t = mailbox(5);

	(void)state;
	tally_meter(t, OWNER_MAILBOX, RATE_NETWORKS, 5, HOUR);
	assert_int_equal(tally_reset(t, true), 0);
	send_all(t, 1);
	tally_try(t, &(const struct amounts){ { 1 } }, "192.0.2.0/24");
	tally_release(t, t->did.lease);
	assert_int_equal(tally_reset(t, false), 2);
	tally_look(t);
	assert_int_equal(t->is[0].used, 0);
	assert_int_equal(t->is[1].used, 0);
	assert_int_equal(tally_ttl(t, messages), -2);
	tally_end(t);
}

static void
one_sees_when_one_more_is_free(void **state)
{
	struct tally *t = mailbox(2);

	(void)state;
	send_all(t, 1);
	assert_int_equal(tally_look(t)->next, 0);
	tally_wait(t, 10 * MINUTE);
	send_all(t, 1);
	assert_int_equal(tally_look(t)->next, 53 * MINUTE);
	assert_int_equal(t->is->window, NOON);
	tally_end(t);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, names, is_its_key);
	SUITE_TEST(&s, a_meter_is_named_by_kind_and_window);
	SUITE_TEST(&s, somebody_is_told_once_a_window);
	SUITE_TEST(&s, and_once_that_it_is_too_much);
	SUITE_TEST(&s, a_meter_without_a_limit_only_counts);
	SUITE_TEST(&s, what_can_never_be_sent_waits_a_window);
	SUITE_TEST(&s, one_waits_until_there_is_room_for_all_of_it);
	SUITE_TEST(&s, what_is_not_asked_for_holds_nobody_up);
	SUITE_TEST(&s, what_is_counted_at_once_can_be_taken_off);
	SUITE_TEST(&s, of_several_leases_each_is_settled);
	SUITE_TEST(&s, who_settles_too_late_has_sent_all_the_same);
	SUITE_TEST(&s, nothing_comes_of_a_dry_one);
	SUITE_TEST(&s, who_was_never_refused_has_no_such_meter);
	SUITE_TEST(&s, recipients_that_were_refused_are_too_many_some_day);
	SUITE_TEST(&s, a_login_comes_from_few_networks);
	SUITE_TEST(&s, a_grant_is_so_much_more_until_then);
	SUITE_TEST(&s, a_grant_outlasts_its_meter);
	SUITE_TEST(&s, a_reset_forgets_what_was_sent_and_not_what_is_open);
	SUITE_TEST(&s, nothing_is_left_of_what_was_nothing);
	SUITE_TEST(&s, one_sees_when_one_more_is_free);
	return suite_run(&s, "rate/meters");
}
