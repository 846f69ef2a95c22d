/*
 * What becomes of what a transaction has charged.
 */
#include "checks/rated.h"

struct settle_row {
	const char *name;
	const char *recipients[4]; /* that were accepted */
	const char *count, *size; /* by Postfix, at the end */
	bool repeated;
	const char *sent[3]; /* recipients, bytes, refused; NULL: no word */
};

#define OPEN(n) " 1732191300=" n " "

// clang-format off
static const struct settle_row settle_rows[] = {
	{ "what was sent counts, and nothing is open any more",
	    { "a@example.net", "b@example.net" }, "2", "1000", false,
	    { "2" OPEN("2"), "1000" OPEN("1000") } },
	{ "whom Postfix refused after us was not sent, but refused",
	    { "a@example.net", "b@example.net", "c@example.net" }, "1", "1000",
	    false,
	    { "1" OPEN("3"), "1000" OPEN("1000"), "2 - " } },
	{ "a message that is smaller than declared counts what it has",
	    { "a@example.net" }, "1", "700", false,
	    { "1" OPEN("1"), "700" OPEN("1000") } },
	{ "one that is larger, too", { "a@example.net" }, "1", "1700", false,
	    { "1" OPEN("1"), "1700" OPEN("1700") } },
	{ "recipients nobody asked about are charged at the end, and count",
	    { "a@example.net" }, "3", "1000", false,
	    { "3" OPEN("3"), "1000" OPEN("1000") } },
	{ "but not when Postfix counts one twice that several lists ask about",
	    { "a@example.net" }, "3", "1000", true,
	    { "1" OPEN("1"), "1000" OPEN("1000") } },
	{ "nor one who was named twice",
	    { "a@example.net", "b@example.net", "A@example.net" }, "3", "1000",
	    false, { "2" OPEN("2"), "1000" OPEN("1000") } },
	{ "a count that is missing is ours",
	    { "a@example.net", "b@example.net" }, "", "1000", false,
	    { "2" OPEN("2"), "1000" OPEN("1000") } },
	{ "an absurd size fits a meter", { "a@example.net" }, "1",
	    "99999999999999999999", false,
	    { "1" OPEN("1"), "1125899906842624" OPEN("1125899906842624") } },
};
// clang-format on

static void
settles(void **state)
{
	const struct settle_row *row = *state;
	struct judged *s = begin(ALL_THREE " refused = \"9/1h\"");
	const char *keys = MAILBOX "messages/1h " MAILBOX
				   "recipients/1h " MAILBOX "bytes/1h";
	const char *words = "1 1732191300=1 ";

	s->repeated = row->repeated;
	for (size_t i = 0; i < 4 && row->recipients[i]; i++)
		accepts(s, row->recipients[i]);
	for (size_t i = 0; i < 3 && row->sent[i]; i++)
		words = arena_printf(s->arena, "%s%s", words, row->sent[i]);
	words = arena_memdup(s->arena, words, strlen(words) - 1);
	assert_string_equal(commits(s, row->count, row->size),
	    arena_printf(s->arena, "rate %s%s settle %s", keys,
		row->sent[2] ? " " MAILBOX "refused/1h" : "", words));
	end(s);
}

/* policy_context says which list asks. */
static void
who_is_asked_about_by_two_lists_was_named_once(void **state)
{
	struct judged *s = begin("recipients = \"1000/1h\"");

	(void)state;
	s->req.policy_context = "relay";
	accepts(s, "a@example.net");
	s->req.policy_context = "recipient";
	accepts(s, "a@example.net");
	assert_string_equal(commits(s, "2", "1000"),
	    "rate " MAILBOX "recipients/1h settle 2 1732191300=2");
	end(s);
}

static void
who_is_asked_about_by_one_of_them_again_was_named_twice(void **state)
{
	struct judged *s = begin("recipients = \"1000/1h\"");

	(void)state;
	s->req.policy_context = "relay";
	accepts(s, "a@example.net");
	s->req.policy_context = "recipient";
	accepts(s, "a@example.net");
	s->req.policy_context = "relay";
	accepts(s, "A@example.net");
	assert_string_equal(commits(s, "2", "1000"),
	    "rate " MAILBOX "recipients/1h settle 1 1732191300=1");
	end(s);
}

static void
what_is_released_is_taken_back(void **state)
{
	struct judged *s = begin(LIMITS);

	(void)state;
	accepts(s, "a@example.net");
	asks(s, "b@example.net");
	charged_until(s, LEASE_END + 60);
	says(s);
	judged_accepted(s);
	assert_string_equal(ends(s, RELEASED),
	    "rate " MAILBOX "messages/1h " MAILBOX
	    "recipients/1h settle 0 1732191300=1 "
	    "0 1732191360=1,1732191300=1");
	end(s);
}

static void
what_comes_late_is_taken_back_though_the_message_was_sent(void **state)
{
	struct judged *s = begin("messages = \"200/1h\"");

	(void)state;
	accepts(s, "a@example.net");
	assert_string_equal(
	    judged_ends(s, &check_rate, &(struct ending){ COMMITTED }),
	    "rate " MAILBOX "messages/1h settle 0 1732191300=1");
	end(s);
}

static void
where_only_the_end_is_asked_it_is_settled_all_the_same(void **state)
{
	struct judged *s = begin(ALL_THREE);

	(void)state;
	s->repeated = true; /* by two lists */
	assert_string_equal(commits(s, "7", "5000"),
	    "rate " MAILBOX "messages/1h " MAILBOX "recipients/1h " MAILBOX
	    "bytes/1h settle 1 1732191300=1 7 1732191300=7 "
	    "5000 1732191300=5000");
	end(s);
}

static void
what_need_not_wait_for_redis_is_asked_of_nobody(void **state)
{
	struct judged *s = begin(LIMITS);

	(void)state;
	accepts(s, "a@example.net");
	s->at_once = true;
	assert_null(commits(s, "1", "1000"));
	end(s);
}

static void
a_thousand_recipients_are_settled_at_once(void **state)
{
	struct judged *s = begin(LIMITS);

	(void)state;
	for (int i = 0; i < 1000; i++)
		accepts(s, arena_printf(s->arena, "u%d@example.net", i));
	assert_string_equal(commits(s, "1000", "1000"),
	    "rate " MAILBOX "messages/1h " MAILBOX
	    "recipients/1h settle 1 1732191300=1 "
	    "1000 1732191300=1000");
	end(s);
}

/* -- settle = rcpt -- */

static void
what_was_counted_at_once_stays(void **state)
{
	static const enum outcome outcomes[] = { COMMITTED, RELEASED };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct judged *s = begin(LIMITS " settle = rcpt");

		asks(s, "a@example.net");
		charged_until(s, 0);
		says(s);
		judged_accepted(s);
		assert_null(ends(s, outcomes[i]));
		end(s);
	}
}

static void
but_is_taken_off_again_when_another_check_refuses(void **state)
{
	struct judged *s = begin(LIMITS " settle = rcpt");

	(void)state;
	asks(s, "a@example.net");
	charged_until(s, 0);
	says(s);
	assert_string_equal(ends(s, REFUSED),
	    "rate " MAILBOX "messages/1h " MAILBOX
	    "recipients/1h settle -1 - -1 -");
	end(s);
}

static void
what_was_counted_alone_is_settled_alone(void **state)
{
	struct judged *s = begin("messages = \"200/1h\"");

	(void)state;
	asks(s, "a@example.net");
	told_of(s, &(struct told){ "", 1, 0, 0, 0, 0, 0, LOSS_DOWN });
	says(s);
	judged_accepted(s);
	assert_string_equal(
	    ends(s, RELEASED), "rate " MAILBOX "messages/1h settle 0 0=1");
	end(s);
}

/* -- from one request to the next -- */

static void
what_a_refused_request_charged_is_charged_by_the_next(void **state)
{
	struct judged *s = begin(LIMITS);

	(void)state;
	assert_string_equal(asks(s, "a@example.net"), BOTH);
	charged(s);
	assert_string_equal(says(s), "pass");
	assert_string_equal(ends(s, REFUSED),
	    "rate " MAILBOX "messages/1h " MAILBOX
	    "recipients/1h settle 0 1732191300=1 "
	    "0 1732191300=1");
	assert_string_equal(asks(s, "b@example.net"), BOTH);
	end(s);
}

static void
where_messages_are_limited_only_the_first_recipient_asks(void **state)
{
	struct judged *s = begin("messages = \"200/1h\"");

	(void)state;
	accepts(s, "a@example.net");
	assert_null(asks(s, "b@example.net"));
	assert_string_equal(says(s), "pass");
	judged_accepted(s);
	assert_string_equal(commits(s, "2", "5000"),
	    "rate " MAILBOX "messages/1h settle 1 1732191300=1");
	end(s);
}

/* -- lost answers -- */

static void
a_lost_answer_is_unknown_and_the_next_request_charges_the_message(void **state)
{
	struct judged *s = begin(LIMITS);

	(void)state;
	asks(s, "a@example.net");
	judged_lost(s, LOSS_TIMEOUT);
	assert_string_equal(says(s), "unknown timeout");
	judged_accepted(s);
	assert_string_equal(asks(s, "b@example.net"), BOTH);
	charged(s);
	says(s);
	judged_accepted(s);
	/* Postfix knows of both, and the end charges the other. */
	assert_string_equal(commits(s, "2", "1000"),
	    "rate " MAILBOX "messages/1h " MAILBOX
	    "recipients/1h settle 1 1732191300=1 "
	    "2 1732191300=2");
	end(s);
}

static void
of_a_lost_one_nothing_is_given_back(void **state)
{
	struct judged *s = begin(LIMITS);

	(void)state;
	asks(s, "a@example.net");
	judged_lost(s, LOSS_DOWN);
	says(s);
	judged_accepted(s);
	assert_null(ends(s, RELEASED));
	end(s);
}

/* -- observed -- */

static void
who_is_observed_over_a_limit_does_not_count(void **state)
{
	struct judged *s = begin(LIMITS);
	const struct told over = { MAILBOX "recipients/1h", 0, 0, 9, 9, 60 };

	(void)state;
	s->set.rate.policy.mode = MODE_OBSERVE;
	accepts(s, "a@example.net");
	asks(s, "b@example.net");
	told_of(s, &over);
	says(s);
	judged_accepted(s);
	assert_string_equal(commits(s, "2", "1000"),
	    "rate " MAILBOX "messages/1h " MAILBOX
	    "recipients/1h settle 1 1732191300=1 "
	    "1 1732191300=1");
	end(s);
}

static void
nor_does_a_message_of_his(void **state)
{
	struct judged *s = begin(LIMITS);
	const struct told over = { MAILBOX "messages/1h", 0, 0, 9, 9, 60 };

	(void)state;
	s->set.rate.policy.mode = MODE_OBSERVE;
	asks(s, "a@example.net");
	told_of(s, &over);
	says(s);
	judged_accepted(s);
	assert_null(asks_at_the_end(s, "1", "1000"));
	assert_string_equal(says(s), "pass");
	assert_null(ends(s, COMMITTED));
	end(s);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, settle_rows, settles);
	SUITE_TEST(&s, what_a_refused_request_charged_is_charged_by_the_next);
	SUITE_TEST(
	    &s, where_messages_are_limited_only_the_first_recipient_asks);
	SUITE_TEST(&s, who_is_asked_about_by_two_lists_was_named_once);
	SUITE_TEST(&s, who_is_asked_about_by_one_of_them_again_was_named_twice);
	SUITE_TEST(&s, what_is_released_is_taken_back);
	SUITE_TEST(
	    &s, what_comes_late_is_taken_back_though_the_message_was_sent);
	SUITE_TEST(&s, where_only_the_end_is_asked_it_is_settled_all_the_same);
	SUITE_TEST(&s, what_need_not_wait_for_redis_is_asked_of_nobody);
	SUITE_TEST(&s, a_thousand_recipients_are_settled_at_once);
	SUITE_TEST(&s, what_was_counted_at_once_stays);
	SUITE_TEST(&s, but_is_taken_off_again_when_another_check_refuses);
	SUITE_TEST(&s, what_was_counted_alone_is_settled_alone);
	SUITE_TEST(&s,
	    a_lost_answer_is_unknown_and_the_next_request_charges_the_message);
	SUITE_TEST(&s, of_a_lost_one_nothing_is_given_back);
	SUITE_TEST(&s, who_is_observed_over_a_limit_does_not_count);
	SUITE_TEST(&s, nor_does_a_message_of_his);
	return suite_run(&s, "bill");
}
