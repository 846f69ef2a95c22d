/*
 * What waits to be told, and what is dropped.
 */
#include "event/outlet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "kit/suite.h"

/* One that takes what is started and lets the test end it. */
struct puppet {
	struct outlet outlet; /* first */
	struct clock *clock;
	const struct notice *taken[OUTLET_AT_ONCE];
	unsigned held, started;
	bool at_once; /* each fails as it is started */
	unsigned told[TOLD_RESULTS];
	unsigned freed, closed;
	char last[64]; /* the text of the last one that was started */
	char log[4096];
};

static void
take_line(enum log_level level, const char *text, void *data)
{
	struct puppet *p = data;
	const size_t used = strlen(p->log);

	(void)level;
	snprintf(p->log + used, sizeof(p->log) - used, "%s\n", text);
}

static void
start(struct outlet *o, const struct notice *n)
{
	struct puppet *p = (struct puppet *)o;

	p->started++;
	assert_int_equal(strlen(n->text), n->size);
	snprintf(p->last, sizeof(p->last), "%s", n->text);
	if (p->at_once)
		outlet_done(o, n, false);
	else
		p->taken[p->held++] = n;
}

static void
end_last(struct puppet *p)
{
	outlet_done(&p->outlet, p->taken[--p->held], true);
}

static void
stop(struct outlet *o)
{
	struct puppet *p = (struct puppet *)o;

	for (unsigned held = p->held; held > 0; held--)
		outlet_done(o, p->taken[--p->held], false);
}

static void
free_puppet(struct outlet *o)
{
	((struct puppet *)o)->freed++;
	o->closed(o->closed_data);
}

static void
note_closed(void *data)
{
	((struct puppet *)data)->closed++;
}

static void
count(void *data, const struct outlet *o, const char *event, enum told told)
{
	assert_ptr_equal(data, o);
	assert_string_equal(event, "near");
	((struct puppet *)data)->told[told]++;
}

static int
setup(void **state)
{
	struct puppet *p = xcalloc(1, sizeof(*p));

	log_redirect(take_line, p);
	p->clock = clock_new_virtual(0);
	p->outlet.name = "puppet";
	p->outlet.clock = p->clock;
	p->outlet.start = start;
	p->outlet.stop = stop;
	p->outlet.free = free_puppet;
	p->outlet.count = count;
	p->outlet.count_data = p;
	outlet_init(&p->outlet);
	outlet_switch(&p->outlet, true);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct puppet *p = *state;

	if (p->closed == 0)
		outlet_close(&p->outlet, 0, note_closed, p);
	clock_turn(p->clock, 0);
	assert_int_equal(p->closed, 1);
	assert_int_equal(p->freed, 1);
	assert_int_equal(clock_next(p->clock), -1);
	clock_free(p->clock);
	log_redirect(NULL, NULL);
	free(p);
	return 0;
}

static void
tell(struct puppet *p, unsigned times)
{
	char text[16];

	for (unsigned i = 0; i < times; i++) {
		snprintf(text, sizeof(text), "%u", i);
		outlet_tell(&p->outlet, "near", text);
	}
}

static void
tell_all_that_fit(struct puppet *p)
{
	tell(p, OUTLET_AT_ONCE + OUTLET_WAITING);
}

static unsigned
said(const struct puppet *p)
{
	unsigned n = 0;

	for (const char *at = p->log; (at = strchr(at, '\n')) != NULL; at++)
		n++;
	return n;
}

static void
four_are_under_way_and_the_others_wait_their_turn(void **state)
{
	struct puppet *p = *state;

	tell(p, 6);
	assert_int_equal(p->started, 4);
	assert_string_equal(p->last, "3");
	end_last(p);
	assert_string_equal(p->last, "4");
	end_last(p);
	assert_string_equal(p->last, "5");
	while (p->held > 0)
		end_last(p);
	assert_int_equal(p->started, 6);
	assert_int_equal(p->told[TOLD], 6);
}

static void
a_hundred_wait_and_one_more_is_dropped(void **state)
{
	struct puppet *p = *state;

	tell_all_that_fit(p);
	assert_int_equal(p->told[TOLD_DROPPED], 0);
	tell(p, 1);
	assert_int_equal(p->told[TOLD_DROPPED], 1);
	assert_string_equal(
	    p->log, "events: 1 not told by puppet, as too many wait already\n");
	while (p->held > 0)
		end_last(p);
	assert_int_equal(p->told[TOLD], OUTLET_AT_ONCE + OUTLET_WAITING);
}

static void
drops_are_said_once_a_minute(void **state)
{
	struct puppet *p = *state;

	tell_all_that_fit(p);
	tell(p, 500);
	assert_int_equal(said(p), 1);
	clock_turn(p->clock, 59999);
	assert_int_equal(said(p), 1);
	clock_turn(p->clock, 1);
	assert_int_equal(said(p), 2);
	assert_non_null(strstr(p->log, "events: 499 not told by puppet"));
	clock_turn(p->clock, 60000);
	assert_int_equal(said(p), 2);
	tell(p, 1);
	assert_int_equal(said(p), 3);
}

static void
those_that_end_as_they_begin_follow_each_other(void **state)
{
	struct puppet *p = *state;

	tell_all_that_fit(p);
	p->at_once = true;
	end_last(p);
	assert_int_equal(p->told[TOLD_FAILED], OUTLET_WAITING);
	while (p->held > 0)
		end_last(p);
}

static void
switched_off_it_tells_nobody(void **state)
{
	struct puppet *p = *state;

	outlet_switch(&p->outlet, false);
	tell(p, 5);
	assert_int_equal(p->started, 0);
	assert_int_equal(p->told[TOLD_DROPPED], 0);
	assert_int_equal(said(p), 0);
}

static void
those_that_wait_are_dropped_when_it_is_switched_off(void **state)
{
	struct puppet *p = *state;

	tell(p, 7);
	outlet_switch(&p->outlet, false);
	assert_int_equal(p->told[TOLD_DROPPED], 3);
	assert_int_equal(said(p), 1);
	while (p->held > 0)
		end_last(p);
	assert_int_equal(p->told[TOLD], 4);
}

static void
an_idle_one_is_closed_at_once(void **state)
{
	struct puppet *p = *state;

	outlet_close(&p->outlet, 4000, note_closed, p);
	assert_int_equal(p->closed, 1);
}

static void
one_that_is_closed_first_tells_all_that_wait(void **state)
{
	struct puppet *p = *state;

	tell(p, 10);
	outlet_close(&p->outlet, 4000, note_closed, p);
	tell(p, 1); /* too late */
	while (p->held > 0)
		end_last(p);
	assert_int_equal(p->told[TOLD], 10);
	assert_int_equal(p->closed, 1);
}

static void
but_no_longer_than_it_may(void **state)
{
	struct puppet *p = *state;

	tell(p, 10);
	outlet_close(&p->outlet, 4000, note_closed, p);
	clock_turn(p->clock, 3999);
	assert_int_equal(p->closed, 0);
	clock_turn(p->clock, 1);
	assert_int_equal(p->closed, 1);
	assert_int_equal(p->told[TOLD_FAILED], 4);
	assert_int_equal(p->told[TOLD_DROPPED], 6);
	assert_string_equal(
	    p->log, "events: 6 not told by puppet, as policyd stops\n");
}

int
main(void)
{
	static struct suite s;

#define SCENE(test) suite_add_scene(&s, #test, test, setup, teardown)
	SCENE(four_are_under_way_and_the_others_wait_their_turn);
	SCENE(a_hundred_wait_and_one_more_is_dropped);
	SCENE(drops_are_said_once_a_minute);
	SCENE(those_that_end_as_they_begin_follow_each_other);
	SCENE(switched_off_it_tells_nobody);
	SCENE(those_that_wait_are_dropped_when_it_is_switched_off);
	SCENE(an_idle_one_is_closed_at_once);
	SCENE(one_that_is_closed_first_tells_all_that_wait);
	SCENE(but_no_longer_than_it_may);
	return suite_run(&s, "event/outlet");
}
