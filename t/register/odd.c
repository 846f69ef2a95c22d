/*
 * The registers when something is not as it should be: other people's values,
 * a clock set back, a Redis that is full, a replica, silent.
 */
#include <string.h>

#include "base/arena.h"
#include "kit/book.h"
#include "kit/suite.h"

static const char client[] = "192.0.2.7";
static const char *const names[] = { "abuse", "spam", "ban", "strikes", "conn",
	"pace" };

enum { NAMES = sizeof(names) / sizeof(names[0]) };

static const char *
key(struct book *b, int i)
{
	return arena_printf(b->arena, "policyd:%s:{%s}", names[i], client);
}

/* Everything that can be written, once. */
static void
write_all(struct book *b)
{
	book_fail(b, client);
	assert_true(b->answered);
	book_report(b, client, "a@example.com");
	assert_true(b->answered);
	book_strike(b, client, "harvest");
	assert_true(b->answered);
	assert_true(b->did.banned);
	book_connect(b, client, "1@mx1");
	assert_true(b->answered);
	assert_true(b->load.taken);
}

struct garbage {
	const char *name;
	const char *command[5]; /* behind it comes the key, then the rest */
};

static const struct garbage garbage[] = {
	{ "a string in a register's place is replaced", { "SET", "hello" } },
	{ "so is a number", { "SET", "1732190400" } },
	{ "so is a sorted set", { "ZADD", "1", "a" } },
	{ "fields of others do no harm", { "HSET", "x", "y" } },
	{ "nor do ends that are no times", { "HSET", "until", "soon" } },
	{ "nor ends beyond all time",
	    { "HSET", "until", "99999999999999999999" } },
	{ "nor a number in hexadecimal", { "HSET", "until", "0x7fffffff" } },
	{ "nor what is no number", { "HSET", "until", "nan" } },
	{ "nor counts that are none", { "HSET", "count", "-1" } },
	{ "nor counts that are words", { "HSET", "count", "many" } },
	{ "nor times that are none", { "HSET", "times", "a b ; 9e99 %" } },
	{ "nor a last time in a thousand years",
	    { "HSET", "last", "33290190400" } },
	{ "nor a level of letters", { "HSET", "level", "top" } },
	{ "nor a history of semicolons", { "HSET", "history", ";;; ;;" } },
	{ "nor a window that never was", { "HSET", "window", "" } },
	{ "nor a reporter who reported never",
	    { "HSET", "a@example.com", "never" } },
};

static void
is_replaced(void **state)
{
	const struct garbage *row = *state;
	struct book *b = book_begin("connections { mode = enforce }");

	for (int i = 0; i < NAMES; i++)
		BOOK_DO(b, row->command[0], key(b, i), row->command[1],
		    row->command[2], row->command[3]);
	book_read(b, client, "example.com");
	assert_true(b->answered);
	assert_false(b->is.banned);
	assert_int_equal(b->is.abuse_until, 0);
	assert_int_equal(b->is.spam_until, 0);
	write_all(b);
	assert_true(book_read(b, client, "")->banned);
	assert_int_equal(b->is.ban_until, NOON + 15 * MINUTE);
	for (int i = 0; i < NAMES; i++)
		assert_true(book_ttl(b, key(b, i)) > 0);
	book_lift(b, client, REGISTER_BAN);
	book_lift(b, client, REGISTER_ABUSE);
	book_lift(b, client, REGISTER_SPAM);
	book_disconnect(b, client, "1@mx1");
	assert_true(b->answered);
	book_end(b);
}

static void
what_stands_in_the_place_of_an_index_is_replaced(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	BOOK_DO(b, "SET", "policyd:index:ban", "hello");
	book_index(b, client, REGISTER_BAN, NOON + 60);
	assert_true(b->answered);
	assert_string_equal(
	    BOOK_DO(b, "ZRANGE", "policyd:index:ban", "0", "-1"), client);
	book_end(b);
}

static void
leases_may_be_written_over(void **state)
{
	struct book *b = book_begin("connections { mode = enforce }");

	(void)state;
	BOOK_DO(b, "SET", key(b, 4), "hello");
	book_disconnect(b, client, "1@mx1");
	assert_true(b->answered);
	assert_false(b->did.counted);
	book_connect_dry(b, client, "1@mx1");
	assert_int_equal(b->load.open, 0);
	book_connect(b, client, "1@mx1");
	assert_int_equal(b->load.open, 1);
	book_end(b);
}

/* -- clocks -- */

static void
a_clock_set_back_forgives_nothing(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	for (int i = 0; i < 10; i++)
		book_fail(b, client);
	false_redis_step(b->redis, -10 * MINUTE);
	book_fail(b, client);
	assert_true(b->did.listed);
	assert_int_equal(b->did.until, NOON + HOUR);
	assert_int_equal(b->did.ban_until, NOON + 15 * MINUTE);
	book_end(b);
}

static void
a_clock_that_was_an_hour_ahead_is_not_believed(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	false_redis_step(b->redis, 30 * DAY);
	book_fail(b, client);
	false_redis_step(b->redis, -30 * DAY);
	book_fail(b, client);
	assert_int_equal(b->did.failures, 1);
	assert_string_equal(book_field(b, key(b, 0), "last"), "1732190400");
	book_end(b);
}

/* -- an unwell Redis -- */

static void
try_all(struct book *b, enum loss loss)
{
	book_fail(b, client);
	assert_int_equal(b->loss, loss);
	book_report(b, client, "a@example.com");
	assert_int_equal(b->loss, loss);
	book_strike(b, client, "harvest");
	assert_int_equal(b->loss, loss);
	book_ban(b, client, 60);
	assert_int_equal(b->loss, loss);
	book_connect(b, client, "1@mx1");
	assert_int_equal(b->loss, loss);
}

static void
no_key(void *data, const char *name)
{
	(void)data;
	fail_msg("there is %s", name);
}

static void
a_full_redis_writes_nothing_rather_than_half(void **state)
{
	struct book *b = book_begin(
	    "abuse { failures = 1 } connections { mode = enforce }");
	const struct failure two = { "alice", "", SERVICE_SMTP, 2 };

	(void)state;
	false_redis_mood(b->redis, MOOD_FULL);
	try_all(b, LOSS_FULL);
	book_failure(b, client, &two);
	assert_int_equal(b->loss, LOSS_FULL);
	false_redis_keys(b->redis, no_key, NULL);
	assert_false(book_read(b, client, "")->banned); /* reads go on */
	assert_true(b->answered);
	book_end(b);
}

static void
a_replica_is_only_read(void **state)
{
	struct book *b = book_begin("connections { mode = enforce }");

	(void)state;
	book_strike(b, client, "harvest");
	false_redis_mood(b->redis, MOOD_REPLICA);
	try_all(b, LOSS_READ_ONLY);
	assert_true(book_read(b, client, "")->banned);
	book_end(b);
}

static void
an_answer_of_another_form_is_none(void **state)
{
	const struct value word = { .text = "x", .size = 1 };
	struct answer a = { .state = KNOWN, .count = 1, .values = { word } };
	struct register_entry e;
	struct register_result r;
	struct register_load l;

	(void)state;
	assert_false(register_entry(&a, &e));
	assert_false(register_result(&a, &r));
	assert_false(register_load(&a, &l));
	a.count = 10;
	assert_false(register_entry(&a, &e));
	a = (struct answer){ .state = LOST, .loss = LOSS_DOWN };
	assert_false(register_entry(&a, &e));
	assert_false(register_result(&a, &r));
	assert_string_equal(e.ban_reason, "");
}

/* -- clients -- */

struct client_row {
	const char *name;
	const char *client;
	bool right;
	const char *first; /* its first address */
};

static const struct client_row client_rows[] = {
	{ "an IPv4 address is a client", "192.0.2.7", true, "192.0.2.7" },
	{ "an IPv6 /64 is one", "2001:db8::/64", true, "2001:db8::" },
	{ "a single IPv6 address is none", "2001:db8::1", false, "" },
	{ "an IPv4 network is none", "192.0.2.0/24", false, "" },
	{ "a smaller IPv6 network is none", "2001:db8::/48", false, "" },
	{ "a name is none", "mail.example", false, "" },
	{ "nothing is none", "", false, "" },
};

static void
parses(void **state)
{
	const struct client_row *row = *state;
	struct address a;
	char text[ADDRESS_TEXT];

	assert_int_equal(register_client_parse(row->client, &a), row->right);
	if (row->right)
		assert_string_equal(address_text(&a, text), row->first);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, garbage, is_replaced);
	SUITE_TEST(&s, what_stands_in_the_place_of_an_index_is_replaced);
	SUITE_TEST(&s, leases_may_be_written_over);
	SUITE_TEST(&s, a_clock_set_back_forgives_nothing);
	SUITE_TEST(&s, a_clock_that_was_an_hour_ahead_is_not_believed);
	SUITE_TEST(&s, a_full_redis_writes_nothing_rather_than_half);
	SUITE_TEST(&s, a_replica_is_only_read);
	SUITE_TEST(&s, an_answer_of_another_form_is_none);
	SUITE_ROWS(&s, client_rows, parses);
	return suite_run(&s, "register/odd");
}
