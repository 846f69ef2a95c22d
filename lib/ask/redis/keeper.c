/*
 * keeper - try, probe, use, lose, try again
 */
#include "ask/redis/keeper.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask/redis/flights.h"
#include "base/log.h"

enum { LOOK_MS = 30 * 1000 };

#define OF(member, p)                                                          \
	((struct keeper *)((char *)(p)-offsetof(struct keeper, member)))

static void
try_again(struct breaker *breaker)
{
	struct keeper *k = OF(breaker, breaker);

	k->open++;
	k->connection = connection_open(&k->greeting, &k->owner);
}

static void
on_ready(struct connection_owner *owner)
{
	struct keeper *k = OF(owner, owner);

	flights_probe(k->flights, k->connection, &k->probe, &k->probe_ticket);
}

/* A server that is full, or has a stranger's value under the key, is there all
 * the same: it can be read. */
static bool
good(enum loss loss)
{
	return loss == LOSS_NONE || loss == LOSS_FULL ||
	    loss == LOSS_WRONG_TYPE;
}

static const char *
what_is_wrong(const struct keeper *k, enum loss loss)
{
	switch (loss) {
	case LOSS_TIMEOUT:
		return "connected, but does not answer";
	case LOSS_SHAPE:
		return "gave a strange answer";
	default:
		return k->error; /* its own words */
	}
}

/* TIME's seconds and microseconds. They are as old as their way to us was
 * long, so that we are never ahead. */
static void
learn_time(struct keeper *k, const struct answer *a)
{
	const struct value *v = a->values;

	if (a->state != KNOWN || a->count != 2 || !v[0].text || !v[1].text)
		return;
	k->ahead_ms = 1000 * strtoll(v[0].text, NULL, 10) +
	    strtoll(v[1].text, NULL, 10) / 1000 -
	    (int64_t)clock_ms(k->greeting.clock);
	k->knows_time = true;
}

int64_t
keeper_time(const struct keeper *k)
{
	if (!k->knows_time)
		return 0;
	return ((int64_t)clock_ms(k->greeting.clock) + k->ahead_ms) / 1000;
}

static void
look_again(struct keeper *k)
{
	if (k->in_use)
		timer_start(&k->look_again, k->greeting.clock, LOOK_MS);
}

static void
look(struct timer *timer)
{
	struct keeper *k = OF(look_again, timer);

	flights_ask(k->flights, &k->look, &k->look_ticket);
}

/* A loss is dealt with as that of any question. */
static void
on_looked(struct ticket *ticket, const struct answer *answer)
{
	struct keeper *k = OF(look_ticket, ticket);

	if (k->in_use)
		learn_time(k, answer);
	look_again(k);
}

static void
on_probed(struct ticket *ticket, const struct answer *answer)
{
	struct keeper *k = OF(probe_ticket, ticket);
	const enum loss loss = answer->loss;

	if (k->stopping || loss == LOSS_BROKEN || loss == LOSS_DOWN)
		return; /* on_gone() is told, too */
	if (!good(loss)) {
		connection_drop(k->connection, what_is_wrong(k, loss));
		return;
	}
	breaker_good(&k->breaker);
	k->in_use = true;
	learn_time(k, answer);
	look_again(k);
	k->reported[0] = k->error[0] = '\0';
	snprintf(
	    k->where, sizeof(k->where), "%s", connection_name(k->connection));
	log_info("redis: ready at %s", k->where);
	flights_open(k->flights, k->connection);
	k->used(k);
}

static void
on_proven(struct ticket *ticket, const struct answer *answer)
{
	(void)ticket; /* who wanted it hears of it elsewhere */
	(void)answer;
}

void
keeper_prove(struct keeper *k)
{
	flights_ask(k->flights, &k->probe, &k->prove_ticket);
}

/* Each change, not each try. */
static void
report(struct keeper *k, bool lost, const char *why)
{
	if (*connection_name(k->connection))
		snprintf(k->where, sizeof(k->where), "%s",
		    connection_name(k->connection));
	snprintf(k->error, sizeof(k->error), "%s", why);
	if (strcmp(k->reported, k->error) == 0)
		return;
	memcpy(k->reported, k->error, sizeof(k->reported));
	log_warning(
	    "redis: %s %s: %s", lost ? "lost" : "cannot use", k->where, why);
}

/* Who asks while our own server starts can wait for it. */
static bool
still_starting(const struct keeper *k)
{
	const uint64_t age = clock_ms(k->greeting.clock) - k->started_ms;

	return k->patient && !k->stopping && k->flights->mode == FLIGHTS_WAIT &&
	    age < k->greeting.connect_ms;
}

static void
on_gone(struct connection_owner *owner, const char *why)
{
	struct keeper *k = OF(owner, owner);
	const bool lost = k->in_use;

	k->in_use = k->knows_time = false;
	timer_stop(&k->look_again);
	if (!k->stopping && !breaker_trip(&k->breaker))
		breaker_failed(&k->breaker);
	if (!k->stopping && !still_starting(k))
		report(k, lost, why);
	k->connection = NULL;
	if (!still_starting(k))
		flights_down(k->flights);
	if (lost)
		k->lost(k);
}

static void
closed(struct keeper *k)
{
	if (--k->open == 0)
		k->stopped(k);
}

static void
on_closed(struct connection_owner *owner)
{
	closed(OF(owner, owner));
}

static void
drop(struct keeper *k, const char *why)
{
	flights_down(k->flights);
	if (k->connection)
		connection_drop(k->connection, why);
}

void
keeper_answered(struct keeper *k)
{
	breaker_answered(&k->breaker);
}

void
keeper_timed_out(struct keeper *k)
{
	if (k->in_use && breaker_lost(&k->breaker))
		drop(k, "no answers");
}

void
keeper_leave(struct keeper *k, const char *error)
{
	drop(k, error);
}

const char *
keeper_state(const struct keeper *k)
{
	if (!k->breaker.open)
		return "ready";
	return k->connection ? "connecting" : "open";
}

void
keeper_start(struct keeper *k)
{
	struct clock *clock = k->greeting.clock;

	k->owner = (struct connection_owner){ on_ready, on_gone, on_closed };
	/* Many policyd write it; what counts is that it can be done. */
	k->probe = (struct question){ .script = &script_probe,
		.keys = 1,
		.count = 2,
		.words = { k->probe_key, { "60", 2 } } };
	k->probe_ticket.answered = on_probed;
	k->look = k->probe;
	k->look.count = k->look.keys;
	k->look_ticket.answered = on_looked;
	k->prove_ticket.answered = on_proven;
	k->look_again.fire = look;
	k->started_ms = clock_ms(clock);
	k->open = 1;
	breaker_init(&k->breaker, clock,
	    clock_us(clock) ^ (uint64_t)getpid() << 32, try_again);
}

void
keeper_only_look(struct keeper *k)
{
	k->probe.read_only = k->look.read_only = true;
	k->probe.count = k->probe.keys;
}

static void
stop(struct timer *timer)
{
	closed(OF(breaker.timer, timer));
}

void
keeper_stop(struct keeper *k)
{
	k->stopping = true;
	timer_stop(&k->look_again);
	breaker_stop(&k->breaker);
	drop(k, "closing");
	k->breaker.timer.fire = stop;
	timer_start(&k->breaker.timer, k->greeting.clock, 0);
}
