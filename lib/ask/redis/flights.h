/*
 * flights - questions on their way
 *
 * Each is told exactly once, from inside the loop and never from inside the
 * asking: by its answer, by its deadline, by the end of the connection, or in
 * the loop's next step when it could not leave at all. Redis takes none back:
 * a question whose deadline has passed stays behind as an empty place in the
 * queue of the connection, and still counts against the limit.
 */
#ifndef ASK_REDIS_FLIGHTS_H
#define ASK_REDIS_FLIGHTS_H

#include "ask/ask.h"
#include "ask/redis/gather.h"
#include "ask/redis/redis.h"
#include "ask/redis/scripts.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "base/pool.h"

struct connection;
struct flight;

enum flights_mode {
	FLIGHTS_WAIT, /* for the first connection, up to the deadline */
	FLIGHTS_DOWN, /* LOSS_DOWN */
	FLIGHTS_OPEN
};

/* Embed it; the first block is the owner's to fill in and change. */
struct flights {
	struct clock *clock;
	struct scripts *scripts;
	uint64_t deadline_ms;
	unsigned max_in_flight;
	size_t max_bytes;
	void (*in_time)(struct flights *); /* one was answered */
	void (*timed_out)(struct flights *); /* one was not */
	/* One was answered with an error; `leave`: as good as never again. */
	void (*failed)(
	    struct flights *, enum loss, const char *error, bool leave);

	enum flights_mode mode;
	struct connection *connection;
	struct flight *first, *last; /* not told yet; the earliest due first */
	struct timer deadline;
	struct flight *refused, **refused_end; /* to be told in a moment */
	struct timer moment;
	struct pool pool; /* of all these */
	struct buffer buffer;
	struct gathered gathered; /* of the plain commands being answered */
	struct flight *sample; /* the one whose time is taken */
	uint64_t sample_us;

	unsigned in_flight;
	uint64_t asked, answered, lost[LOSS_COUNT], latency_us;
	struct histogram times;
};

void flights_init(struct flights *fs);

/* Frees the memory. Everything must have been told: flights_idle(). */
void flights_clear(struct flights *fs);
bool flights_idle(const struct flights *fs);

void flights_ask(
    struct flights *fs, const struct question *q, struct ticket *t);
void flights_command(struct flights *fs, const struct word *words, size_t count,
    redis_replied *done, void *data);

/* Asks whatever the mode is: to find out whether the server is any good. */
void flights_probe(struct flights *fs, struct connection *c,
    const struct question *q, struct ticket *t);

/* The connection is good: what waited leaves. */
void flights_open(struct flights *fs, struct connection *c);

/* There is none; what waited is LOSS_DOWN. What had left is told by the end
 * of its connection. */
void flights_down(struct flights *fs);

#endif
