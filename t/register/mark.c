/*
 * The mark of a client: who has none is in no register.
 */
#include "kit/book.h"
#include "kit/suite.h"

static const char client[] = "192.0.2.7";
static const char mark[] = "policyd:client:{192.0.2.7}";

enum { NONE = -2, ENDLESS = -1 }; /* as TTL says */

/* -- what leaves one -- */

static void
failure(struct book *b)
{
	book_fail(b, client);
}

static void
report(struct book *b)
{
	book_report(b, client, "a@example.com");
}

static void
strike(struct book *b)
{
	book_strike(b, client, "harvest");
}

static void
hour(struct book *b)
{
	book_ban(b, client, HOUR);
}

static void
permanent(struct book *b)
{
	book_ban(b, client, FOREVER);
}

static void
lift_ban(struct book *b)
{
	book_lift(b, client, REGISTER_BAN);
}

static void
lift_abuse(struct book *b)
{
	book_lift(b, client, REGISTER_ABUSE);
}

static void
imap_failure(struct book *b)
{
	const struct failure f = { "anna", "", SERVICE_IMAP, 1 };

	book_failure(b, client, &f);
}

static void
connects(struct book *b)
{
	book_connect(b, client, "1@mx1");
}

static void
garbage(struct book *b)
{
	BOOK_DO(b, "HSET", mark, "a", "b");
}

/* A second more than the last entry: none is ever without it. */
static const struct row {
	const char *name;
	void (*happen[4])(struct book *b);
	int64_t ttl; /* of the mark afterwards */
} rows[] = {
	{ "a stranger has none", { NULL }, NONE },
	{ "a failed login leaves one, until it is forgotten", { failure },
	    HOUR + 1 },
	{ "so does a report", { report }, DAY + 1 },
	{ "so does a ban, until its end", { strike }, 15 * MINUTE + 1 },
	{ "with one that is permanent it has no end", { permanent }, ENDLESS },
	{ "a session leaves none", { connects }, NONE },
	{ "it lasts as long as the last entry", { failure, report }, DAY + 1 },
	{ "a shorter one does not end it earlier", { report, failure, strike },
	    DAY + 1 },
	{ "nor does it end one without end", { permanent, failure }, ENDLESS },
	{ "what is lifted leaves none", { strike, lift_ban }, NONE },
	{ "unless something is left", { failure, permanent, lift_ban },
	    HOUR + 1 },
	{ "and permanent is the last that goes",
	    { failure, permanent, lift_abuse }, ENDLESS },
	{ "a ban that is permanent no longer ends with it", { permanent, hour },
	    HOUR + 1 },
	{ "a register of one service counts, too",
	    { imap_failure, permanent, lift_ban }, HOUR + 1 },
	{ "what somebody put in its place is a mark", { garbage, hour },
	    HOUR + 1 },
};

static void
is_there(void **state)
{
	const struct row *row = *state;
	struct book *b = book_begin("abuse { services = apart }\n"
				    "connections { mode = enforce }");

	for (int i = 0; i < 4 && row->happen[i]; i++)
		row->happen[i](b);
	assert_int_equal(book_ttl(b, mark), row->ttl);
	book_end(b);
}

/* -- what it is for -- */

static void
who_has_none_is_not_looked_for_further(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	BOOK_DO(b, "HSET", "policyd:ban:{192.0.2.7}", "until", "permanent");
	assert_false(book_read(b, client, "")->banned);
	BOOK_DO(b, "SET", mark, "1");
	assert_true(book_read(b, client, "")->banned);
	book_end(b);
}

static void
one_that_is_left_over_does_no_harm(void **state)
{
	struct book *b = book_begin("");

	(void)state;
	strike(b);
	assert_true(book_read(b, client, "")->banned);
	BOOK_DO(b, "DEL", "policyd:ban:{192.0.2.7}");
	assert_false(book_read(b, client, "")->banned);
	book_end(b);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, is_there);
	SUITE_TEST(&s, who_has_none_is_not_looked_for_further);
	SUITE_TEST(&s, one_that_is_left_over_does_no_harm);
	return suite_run(&s, "register/mark");
}
