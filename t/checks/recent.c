/*
 * Who has passed the greylist lately is answered without Redis, and nobody
 * else.
 */
#include "checks/recent.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/clock.h"
#include "checks/grey.h"
#include "conf/terms.h"
#include "kit/suite.h"

enum { MEMORY = 10, HOURS = 3600 };

/* -- a Redis that says what it is told to -- */

struct scene {
	struct store redis; /* first */
	struct ticket ticket; /* of who asks */
	struct clock *clock;
	struct recent *recent;
	struct arena *arena;
	struct conf conf;
	struct settings set;
	struct request req;
	struct ticket *waiting; /* in Redis */
	const struct question *asked; /* the last one, there */
	char heard[32]; /* the answer; "" when it was lost */
	bool remembered;
};

#define OF(member, at)                                                         \
	((struct scene *)((char *)(at)-offsetof(struct scene, member)))

static void
redis_ask(struct store *s, const struct question *q, struct ticket *t)
{
	struct scene *scene = OF(redis, s);

	assert_null(scene->waiting);
	scene->asked = q;
	scene->waiting = t;
}

static int64_t
redis_time(const struct store *s)
{
	return clock_unix(((const struct scene *)s)->clock);
}

static void
answered(struct ticket *t, const struct answer *a)
{
	struct scene *s = OF(ticket, t);

	strcpy(s->heard, a->state == KNOWN ? a->values[0].text : "");
}

static void
redis_says(struct scene *s, const char *text)
{
	const struct answer lost = { .state = LOST, .loss = LOSS_DOWN };
	const struct answer said = { .state = KNOWN,
		.count = 1,
		.values = { { text, text ? strlen(text) : 0 } } };
	struct ticket *t = s->waiting;

	s->waiting = NULL;
	t->answered(t, text ? &said : &lost);
}

static struct scene *
begin(void)
{
	struct scene *s = xcalloc(1, sizeof(*s));

	s->redis = (struct store){ redis_ask, .time = redis_time };
	s->ticket.answered = answered;
	s->clock = clock_new_virtual(1732190400);
	clock_turn(s->clock, 1); /* the beginning is long ago */
	s->recent = recent_new(s->clock, &s->redis);
	recent_configure(s->recent, MEMORY);
	s->arena = arena_new();
	s->conf.prefix = "policyd:";
	s->set.greylist.delay = 300;
	s->set.greylist.retry_window = 86400;
	s->set.greylist.memory = s->set.greylist.known_memory = 3110400;
	s->set.greylist.known_after = 5;
	s->set.greylist.fresh_limit = 1000;
	s->req = (struct request){ .arena = s->arena,
		.conf = &s->conf,
		.set = &s->set,
		.sender = "anna@example.org",
		.recipient = "jo@example.net" };
	return s;
}

static void
end(struct scene *s)
{
	recent_free(s->recent);
	clock_free(s->clock);
	arena_release(s->arena);
	free(s);
}

/* -- who asks -- */

static const char network[] = "192.0.2.0/24", other[] = "198.51.100.0/24";

static const struct question *
question(struct scene *s, const char *identity, bool look)
{
	s->req.server_time = clock_unix(s->clock);
	s->req.number++; /* some new records are counted, others not */
	terms_write(&s->set);
	return grey_question(&s->req, identity, look);
}

/* As the engine asks. What Redis says if it is asked, NULL: it is lost. */
static const char *
put(struct scene *s, const struct question *q, const char *redis)
{
	struct store *store = recent_store(s->recent);
	struct answer known;

	memset(&known, 0xff, sizeof(known));
	s->remembered = store_known(store, q, &known);
	if (s->remembered) {
		assert_int_equal(known.state, KNOWN);
		assert_int_equal(known.loss, LOSS_NONE);
		assert_true(known.remembered);
		assert_int_equal(known.count, 1);
		assert_int_equal(
		    known.values[0].size, strlen(known.values[0].text));
		return known.values[0].text;
	}
	store_ask(store, q, &s->ticket);
	redis_says(s, redis);
	return s->heard;
}

static const char *
ask(struct scene *s, const char *identity, const char *redis)
{
	return put(s, question(s, identity, false), redis);
}

/* What is said without Redis; NULL: it is asked, and says something that is not
 * to be remembered. */
static const char *
recall(struct scene *s, const char *identity)
{
	const char *said = ask(s, identity, "early 0 0 7 2");

	return s->remembered ? said : NULL;
}

/* -- what is remembered, and for whom -- */

static void
who_has_passed_passes_without_redis(void **state)
{
	struct scene *s = begin();

	(void)state;
	assert_string_equal(ask(s, network, "passed"), "passed");
	assert_false(s->remembered);
	assert_string_equal(recall(s, network), "passed");
	end(s);
}

static void
another_sender_recipient_or_network_has_not_passed(void **state)
{
	struct scene *s = begin();

	(void)state;
	ask(s, network, "passed");
	assert_null(recall(s, other));
	s->req.sender = "bert@example.org";
	assert_null(recall(s, network));
	s->req.sender = "anna@example.org";
	s->req.recipient = "kim@example.net";
	assert_null(recall(s, network));
	s->req.recipient = "jo@example.net";
	assert_string_equal(recall(s, network), "passed");
	end(s);
}

static void
a_known_identity_is_known_with_any_sender_and_recipient(void **state)
{
	struct scene *s = begin();

	(void)state;
	ask(s, network, "known");
	s->req.sender = "bert@example.org";
	assert_string_equal(recall(s, network), "known");
	s->req.sender = "";
	s->req.recipient = "kim@example.net";
	assert_string_equal(recall(s, network), "known");
	assert_null(recall(s, other));
	end(s);
}

static void
a_client_that_is_a_record_of_its_own_is_not_its_identity(void **state)
{
	struct scene *s = begin();

	(void)state;
	s->set.greylist.key = GREYLIST_CLIENT;
	ask(s, network, "passed");
	s->req.sender = "bert@example.org";
	assert_string_equal(recall(s, network), "passed");
	s->req.sender = ""; /* has a record of its recipient's */
	assert_null(recall(s, network));
	end(s);
}

struct said_row {
	const char *name;
	const char *said; /* NULL: the answer is lost */
};

static const struct said_row said_rows[] = {
	{ "a stranger is not remembered", "new" },
	{ "nor one who is too early", "early 0 0 120 2" },
	{ "nor one of too many", "capped" },
	{ "nor one whose record was just written, which has more to say",
	    "passed 1 0 0 2" },
	{ "nor one of whom nothing is known", NULL },
};

static void
is_not_remembered(void **state)
{
	const struct said_row *row = *state;
	struct scene *s = begin();

	ask(s, network, row->said);
	assert_null(recall(s, network));
	end(s);
}

static void
the_answer_is_handed_on_as_it_is(void **state)
{
	struct scene *s = begin();

	(void)state;
	assert_string_equal(ask(s, network, "early 0 0 7 2"), "early 0 0 7 2");
	assert_string_equal(ask(s, network, NULL), "");
	end(s);
}

/* -- how long -- */

static void
it_is_remembered_for_its_time_and_then_asked_again(void **state)
{
	struct scene *s = begin();

	(void)state;
	ask(s, network, "passed");
	clock_turn(s->clock, MEMORY * 1000 - 1);
	assert_string_equal(recall(s, network), "passed");
	clock_turn(s->clock, 1);
	assert_null(recall(s, network));
	end(s);
}

static void
that_it_was_recalled_makes_it_last_no_longer(void **state)
{
	struct scene *s = begin();

	(void)state;
	ask(s, network, "known");
	for (int i = 0; i < MEMORY; i++) {
		assert_string_equal(recall(s, network), "known");
		clock_turn(s->clock, 1000);
	}
	assert_null(recall(s, network));
	end(s);
}

static void
a_slow_answer_is_as_old_as_its_question(void **state)
{
	struct scene *s = begin();
	const struct question *q = question(s, network, false);

	(void)state;
	store_ask(recent_store(s->recent), q, &s->ticket);
	clock_turn(s->clock, 4000);
	redis_says(s, "passed");
	clock_turn(s->clock, MEMORY * 1000 - 4001);
	assert_string_equal(recall(s, network), "passed");
	clock_turn(s->clock, 1);
	assert_null(recall(s, network));
	end(s);
}

static void
another_time_holds_for_what_is_remembered_too(void **state)
{
	struct scene *s = begin();

	(void)state;
	ask(s, network, "passed");
	clock_turn(s->clock, 2000);
	recent_configure(s->recent, 3);
	assert_string_equal(recall(s, network), "passed");
	recent_configure(s->recent, 2);
	assert_null(recall(s, network));
	end(s);
}

static void
without_a_time_nothing_is_remembered(void **state)
{
	struct scene *s = begin();

	(void)state;
	ask(s, network, "passed");
	recent_configure(s->recent, 0);
	assert_null(recall(s, network));
	ask(s, other, "passed");
	recent_configure(s->recent, MEMORY);
	assert_null(recall(s, other));
	end(s);
}

/* -- under which settings -- */

static void
the_time_of_day_makes_no_difference(void **state)
{
	struct scene *s = begin();
	const struct question *before = question(s, network, false), *after;

	(void)state;
	put(s, before, "passed");
	clock_turn(s->clock, 2000);
	after = question(s, network, false);
	assert_string_not_equal(before->words[1].text, after->words[1].text);
	put(s, after, "new");
	assert_true(s->remembered);
	end(s);
}

static void
whether_a_stranger_would_be_counted_makes_none(void **state)
{
	struct scene *s = begin();

	(void)state;
	ask(s, network, "passed");
	for (int i = 0; i < 100; i++)
		assert_string_equal(recall(s, network), "passed");
	end(s);
}

struct setting_row {
	const char *name;
	size_t at; /* an int64_t of struct settings */
};

#define SETTING(option) offsetof(struct settings, greylist.option)

static const struct setting_row setting_rows[] = {
	{ "with another delay it is asked", SETTING(delay) },
	{ "with another window it is asked", SETTING(retry_window) },
	{ "with another memory it is asked", SETTING(memory) },
	{ "with another memory of the known it is asked",
	    SETTING(known_memory) },
	{ "with other passes to be known it is asked", SETTING(known_after) },
	{ "with another limit of strangers it is asked", SETTING(fresh_limit) },
};

static void
other_settings_ask(void **state)
{
	const struct setting_row *row = *state;
	struct scene *s = begin();

	for (int i = 0; i < 2; i++) {
		int64_t *setting = (int64_t *)((char *)&s->set + row->at);

		ask(s, network, i == 0 ? "passed" : "known");
		++*setting;
		assert_null(recall(s, network));
		--*setting;
		assert_non_null(recall(s, network));
	}
	end(s);
}

static void
with_another_prefix_it_is_asked(void **state)
{
	struct scene *s = begin();

	(void)state;
	ask(s, network, "known");
	s->conf.prefix = "mx1:";
	assert_null(recall(s, network));
	end(s);
}

/* -- what really asks -- */

static void
who_only_looks_really_asks(void **state)
{
	struct scene *s = begin();

	(void)state;
	ask(s, network, "passed");
	put(s, question(s, network, true), "new");
	assert_false(s->remembered);
	assert_string_equal(s->heard, "new");
	end(s);
}

static void
and_nothing_is_remembered_of_what_he_hears(void **state)
{
	struct scene *s = begin();

	(void)state;
	put(s, question(s, network, true), "passed");
	put(s, question(s, other, true), "known");
	assert_null(recall(s, network));
	assert_null(recall(s, other));
	end(s);
}

static void
so_does_who_is_refreshed_with_each_mail(void **state)
{
	struct scene *s = begin();

	(void)state;
	s->set.greylist.memory = 2 * HOURS - 1;
	ask(s, network, "passed");
	assert_null(recall(s, network));
	s->set.greylist.memory = 2 * HOURS;
	s->set.greylist.known_memory = 2 * HOURS - 1;
	ask(s, network, "known");
	assert_null(recall(s, network));
	s->set.greylist.known_memory = 2 * HOURS;
	ask(s, network, "known");
	assert_string_equal(recall(s, network), "known");
	end(s);
}

static void
also_while_redis_is_lost_who_has_passed_passes(void **state)
{
	struct scene *s = begin();

	(void)state;
	ask(s, network, "passed");
	assert_string_equal(ask(s, other, NULL), "");
	assert_string_equal(ask(s, network, NULL), "passed");
	end(s);
}

static void
other_scripts_pass_through(void **state)
{
	static const struct script script = { "other", "return 'passed'" };
	struct scene *s = begin();
	struct question q = { .script = &script,
		.keys = 1,
		.count = 1,
		.words = { { "policyd:grey:{x}", 16 } } };

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_string_equal(put(s, &q, "passed"), "passed");
		assert_false(s->remembered);
		assert_ptr_equal(s->asked, &q);
	}
	assert_int_equal(recent_counts(s->recent).asked, 0);
	end(s);
}

static bool
knows_all(struct store *s, const struct question *q, struct answer *out)
{
	(void)s;
	(void)q;
	*out = (struct answer){ .state = KNOWN };
	return true;
}

static void
what_is_behind_may_know_something_too(void **state)
{
	struct scene *s = begin();
	const struct question other_script = { 0 };
	struct answer a;

	(void)state;
	assert_false(store_known(recent_store(s->recent), &other_script, &a));
	s->redis.known = knows_all;
	assert_true(store_known(recent_store(s->recent), &other_script, &a));
	end(s);
}

static void
its_time_is_that_of_redis(void **state)
{
	struct scene *s = begin();

	(void)state;
	assert_int_equal(
	    store_time(recent_store(s->recent)), clock_unix(s->clock));
	end(s);
}

/* -- how many -- */

static const char *
stranger(struct scene *s, unsigned n)
{
	return arena_printf(
	    s->arena, "%u.%u.%u.0/24", 1 + (n >> 16), n >> 8 & 255, n & 255);
}

static void
they_are_counted(void **state)
{
	struct scene *s = begin();

	(void)state;
	ask(s, network, "passed");
	ask(s, other, "new");
	recall(s, network);
	recall(s, network);
	assert_int_equal(recent_counts(s->recent).asked, 2);
	assert_int_equal(recent_counts(s->recent).remembered, 2);
	end(s);
}

/* In place of the C library's: the table's seed, so that who finds no room
 * beside others is the same each time. */
ssize_t
getrandom(void *out, size_t size, unsigned flags)
{
	(void)flags;
	memset(out, 42, size);
	return (ssize_t)size;
}

/* Of as many as there is room for some find none beside others. */
static void
thousands_are_remembered_nearly_all(void **state)
{
	enum { MANY = 4000, MOST = MANY * 95 / 100 };
	struct scene *s = begin();
	unsigned found = 0;

	(void)state;
	for (unsigned i = 0; i < MANY; i++)
		ask(s, stranger(s, i), "known");
	for (unsigned i = 0; i < MANY; i++)
		found += recall(s, stranger(s, i)) != NULL;
	assert_in_range(found, MOST, MANY);
	end(s);
}

static void
too_many_leave_the_newest(void **state)
{
	enum { MANY = 50000, ROOM = 2048 * 4, NEWEST = 1000 };
	struct scene *s = begin();
	unsigned found = 0, newest = 0;

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		clock_turn(s->clock, i % 100 == 0);
		ask(s, stranger(s, i), "known");
	}
	for (unsigned i = MANY; i-- > 0;) {
		const bool is = recall(s, stranger(s, i)) != NULL;

		found += is;
		newest += is && i >= MANY - NEWEST;
	}
	assert_in_range(found, NEWEST, ROOM);
	assert_in_range(newest, NEWEST * 99 / 100, NEWEST);
	end(s);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, who_has_passed_passes_without_redis);
	SUITE_TEST(&s, another_sender_recipient_or_network_has_not_passed);
	SUITE_TEST(&s, a_known_identity_is_known_with_any_sender_and_recipient);
	SUITE_TEST(
	    &s, a_client_that_is_a_record_of_its_own_is_not_its_identity);
	SUITE_ROWS(&s, said_rows, is_not_remembered);
	SUITE_TEST(&s, the_answer_is_handed_on_as_it_is);
	SUITE_TEST(&s, it_is_remembered_for_its_time_and_then_asked_again);
	SUITE_TEST(&s, that_it_was_recalled_makes_it_last_no_longer);
	SUITE_TEST(&s, a_slow_answer_is_as_old_as_its_question);
	SUITE_TEST(&s, another_time_holds_for_what_is_remembered_too);
	SUITE_TEST(&s, without_a_time_nothing_is_remembered);
	SUITE_TEST(&s, the_time_of_day_makes_no_difference);
	SUITE_TEST(&s, whether_a_stranger_would_be_counted_makes_none);
	SUITE_ROWS(&s, setting_rows, other_settings_ask);
	SUITE_TEST(&s, with_another_prefix_it_is_asked);
	SUITE_TEST(&s, who_only_looks_really_asks);
	SUITE_TEST(&s, and_nothing_is_remembered_of_what_he_hears);
	SUITE_TEST(&s, so_does_who_is_refreshed_with_each_mail);
	SUITE_TEST(&s, also_while_redis_is_lost_who_has_passed_passes);
	SUITE_TEST(&s, other_scripts_pass_through);
	SUITE_TEST(&s, what_is_behind_may_know_something_too);
	SUITE_TEST(&s, its_time_is_that_of_redis);
	SUITE_TEST(&s, they_are_counted);
	SUITE_TEST(&s, thousands_are_remembered_nearly_all);
	SUITE_TEST(&s, too_many_leave_the_newest);
	return suite_run(&s, "checks/recent");
}
