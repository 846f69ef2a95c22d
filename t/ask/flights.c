/*
 * Deadlines and limits of questions, on a clock turned by hand: nothing is
 * connected, so all of them wait.
 */
#include "ask/redis/flights.h"

#include <stdbool.h>
#include <string.h>

#include "kit/suite.h"

enum { ASKED = 64, DEADLINE = 200 };

struct scene;

struct asked {
	struct ticket ticket;
	struct scene *scene;
	unsigned told;
	uint64_t at_ms;
	enum loss loss;
	unsigned more; /* to ask when told */
};

struct scene {
	struct clock *clock;
	struct flights flights;
	struct scripts scripts;
	struct asked asked[ASKED];
	unsigned count;
};

static const struct script *const scripts[] = { NULL };
static const struct question question = { .count = 0 };

static void
timed_out(struct flights *fs)
{
	(void)fs;
}

static void ask(struct scene *s, unsigned more);

static void
answered(struct ticket *ticket, const struct answer *answer)
{
	struct asked *a = (struct asked *)ticket;

	a->told++;
	a->at_ms = clock_ms(a->scene->clock);
	a->loss = answer->loss;
	assert_int_equal(answer->state, LOST);
	assert_int_equal(answer->count, 0);
	if (a->more)
		ask(a->scene, a->more - 1);
}

static void
ask(struct scene *s, unsigned more)
{
	struct asked *a = &s->asked[s->count++];

	assert_in_range(s->count, 1, ASKED);
	*a = (struct asked){ { answered }, s, .more = more };
	flights_ask(&s->flights, &question, &a->ticket);
	assert_int_equal(a->told, 0); /* never from inside */
}

static void
begin(struct scene *s)
{
	*s = (struct scene){ .clock = clock_new_virtual(0) };
	scripts_init(&s->scripts, scripts);
	s->flights = (struct flights){ .clock = s->clock,
		.scripts = &s->scripts,
		.deadline_ms = DEADLINE,
		.max_in_flight = 10,
		.max_bytes = 1000,
		.timed_out = timed_out };
	flights_init(&s->flights);
}

/* Each was told once, and the books agree. */
static void
end(struct scene *s)
{
	uint64_t lost = 0;

	clock_turn(s->clock, 60 * 1000);
	assert_true(flights_idle(&s->flights));
	for (unsigned i = 0; i < s->count; i++)
		assert_int_equal(s->asked[i].told, 1);
	for (unsigned i = 0; i < LOSS_COUNT; i++)
		lost += s->flights.lost[i];
	assert_int_equal(s->flights.asked, s->count);
	assert_int_equal(lost, s->count);
	flights_clear(&s->flights);
	scripts_clear(&s->scripts);
	clock_free(s->clock);
}

static void
each_has_its_own_deadline(void **state)
{
	struct scene s;
	(void)state;

	begin(&s);
	for (int i = 0; i < 5; i++) {
		ask(&s, 0);
		clock_turn(s.clock, 30);
	}
	clock_turn(s.clock, 1000);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(s.asked[i].loss, LOSS_TIMEOUT);
		assert_int_equal(s.asked[i].at_ms, 30 * i + DEADLINE);
	}
	end(&s);
}

static void
who_asks_anew_when_told_does_not_make_the_others_late(void **state)
{
	struct scene s;
	(void)state;

	begin(&s);
	ask(&s, 1);
	clock_turn(s.clock, 100);
	ask(&s, 0);
	clock_turn(s.clock, 1000);
	assert_int_equal(s.asked[1].at_ms, 100 + DEADLINE);
	assert_int_equal(s.asked[2].at_ms, 2 * DEADLINE);
	end(&s);
}

static void
a_shorter_deadline_holds_from_then_on(void **state)
{
	struct scene s;
	(void)state;

	begin(&s);
	clock_turn(s.clock, 1);
	s.flights.deadline_ms = 5000;
	ask(&s, 0);
	clock_turn(s.clock, 5001);
	s.flights.deadline_ms = 30;
	ask(&s, 0);
	clock_turn(s.clock, 29);
	assert_int_equal(s.asked[1].told, 0);
	clock_turn(s.clock, 1);
	assert_int_equal(s.asked[1].told, 1);
	end(&s);
}

static void
over_the_limit_they_are_refused_in_the_next_step(void **state)
{
	struct scene s;
	(void)state;

	begin(&s);
	for (int i = 0; i < 15; i++)
		ask(&s, 0);
	clock_turn(s.clock, 0);
	for (unsigned i = 0; i < 15; i++) {
		assert_int_equal(s.asked[i].told, i >= 10);
		if (i >= 10)
			assert_int_equal(s.asked[i].loss, LOSS_BUSY);
	}
	end(&s);
}

static void
when_it_is_down_who_waits_is_told_in_the_next_step(void **state)
{
	struct scene s;
	(void)state;

	begin(&s);
	for (int i = 0; i < 5; i++)
		ask(&s, 0);
	flights_down(&s.flights);
	assert_int_equal(s.asked[0].told, 0);
	ask(&s, 3); /* and asks anew, three times */
	clock_turn(s.clock, 0);
	assert_int_equal(s.count, 9);
	for (unsigned i = 0; i < s.count; i++) {
		assert_int_equal(s.asked[i].told, 1);
		assert_int_equal(s.asked[i].loss, LOSS_DOWN);
		assert_int_equal(s.asked[i].at_ms, 0);
	}
	end(&s);
}

static void
replied(void *data, const struct redisReply *reply, enum loss loss)
{
	assert_null(reply);
	*(enum loss *)data = loss;
}

static void
a_command_is_told_as_a_question_is(void **state)
{
	char text[] = "PING";
	const struct word word = { text, 4 };
	enum loss late = LOSS_NONE, down = LOSS_NONE;
	struct scene s;
	(void)state;

	begin(&s);
	flights_command(&s.flights, &word, 1, replied, &late);
	memset(text, 'x', 4); /* it has its own copy */
	clock_turn(s.clock, DEADLINE);
	assert_int_equal(late, LOSS_TIMEOUT);
	flights_command(&s.flights, &word, 1, replied, &down);
	flights_down(&s.flights);
	clock_turn(s.clock, 0);
	assert_int_equal(down, LOSS_DOWN);
	assert_int_equal(s.flights.lost[LOSS_TIMEOUT], 1);
	assert_int_equal(s.flights.lost[LOSS_DOWN], 1);
	s.flights.asked = s.flights.lost[LOSS_TIMEOUT] =
	    s.flights.lost[LOSS_DOWN] = 0;
	end(&s);
}

int
main(void)
{
	struct suite s = { .count = 0 };

	SUITE_TEST(&s, each_has_its_own_deadline);
	SUITE_TEST(&s, who_asks_anew_when_told_does_not_make_the_others_late);
	SUITE_TEST(&s, a_shorter_deadline_holds_from_then_on);
	SUITE_TEST(&s, over_the_limit_they_are_refused_in_the_next_step);
	SUITE_TEST(&s, when_it_is_down_who_waits_is_told_in_the_next_step);
	SUITE_TEST(&s, a_command_is_told_as_a_question_is);
	return suite_run(&s, "flights");
}
