/*
 * flight - a question on its way to the name servers, and who waits for it
 *
 * Who asks the same meanwhile waits with the first. All are told by timers,
 * their deadlines or, when the answer is here, a moment: c-ares calls back when
 * it likes, from inside its own calls, too. A flight is over when its answer is
 * here and nobody waits.
 */
#ifndef ASK_DNS_FLIGHT_H
#define ASK_DNS_FLIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "ask/ask.h"
#include "ask/dns/cache.h"
#include "ask/dns/message.h"
#include "base/table.h"

struct arena;
struct clock;
struct flight;
struct waiter;

/* Embed it, with the first four. */
struct flights {
	struct clock *clock;
	uint64_t deadline_ms; /* of whoever waits */
	/* Somebody is told that there was no answer in time. */
	void (*late)(struct flight *);
	void *data; /* whose they are */

	struct table table; /* those that others may join, by number */
	struct flight *all;
};

struct flight {
	struct link link; /* its number: cache_number() */
	struct flights *flights;
	struct arena *arena; /* for what it needs; goes with it */
	struct flight *next, **at; /* of all */
	enum dns_type type;
	const char *name;
	struct waiter *waiters;
	bool listed; /* in the table */
	bool away; /* c-ares has not called back yet: keep it */
	bool unheard; /* as such it was counted */
	bool known; /* `answer` is */
	bool remembered; /* and was before anybody asked */
	uint64_t asked_us;
	struct cached answer;
};

struct flight *flight_new(
    struct flights *fs, enum dns_type type, const char *name);

/* Others may join it from now on. One of its number may not be there. */
void flight_list(struct flight *f, uint64_t number);
bool flight_taken(const struct flights *fs, uint64_t number);

/* The one to join; NULL when there is none. */
struct flight *flight_find(const struct flights *fs, uint64_t number,
    enum dns_type type, const char *name);

void flight_wait(struct flight *f, struct ticket *t);

/* What who asked is told; its texts are those of `c`. */
void flight_answer(const struct cached *c, bool remembered, struct answer *out);

/* This is the answer, a copy; all are told in a moment. */
void flight_land(struct flight *f, const struct cached *answer);
void flight_lost(struct flight *f, enum loss loss);

/* When nobody needs it any more: it is not away, and nobody waits. */
void flight_let_go(struct flight *f);

/* All who wait are told LOSS_DOWN, now. None is away. */
void flights_end(struct flights *fs);

#endif
