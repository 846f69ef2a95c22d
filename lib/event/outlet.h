/*
 * outlet - events wait here for what takes its time, and not for long
 *
 * A program or a server that is told of events may be slow, or hang. So there
 * are at most OUTLET_AT_ONCE under way and OUTLET_WAITING behind them; further
 * ones are dropped, counted, and said in the log once a minute.
 */
#ifndef EVENT_OUTLET_H
#define EVENT_OUTLET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

enum { OUTLET_AT_ONCE = 4, OUTLET_WAITING = 100 };

enum told { TOLD, TOLD_FAILED, TOLD_DROPPED };
enum { TOLD_RESULTS = 3 };

/* One event on its way. */
struct notice {
	struct notice *next;
	const char *event; /* its name */
	size_t size;
	char text[]; /* JSON, a newline; and a NUL */
};

struct outlet {
	const char *name; /* in log and metrics */
	struct clock *clock;
	bool on; /* somebody is to be told */

	/* Tells of one; leads to one outlet_done(), at once or later. */
	void (*start)(struct outlet *, const struct notice *);
	/* Ends all that is under way, as failed. */
	void (*stop)(struct outlet *);
	/* Nothing is under way: frees it, and calls `closed` when all is gone.
	 */
	void (*free)(struct outlet *);

	void (*count)(
	    void *data, const struct outlet *, const char *event, enum told);
	void *count_data;

	/* Its own. */
	struct notice *first, **last;
	unsigned waiting, under_way;
	bool starting, closing, ended;
	struct timer quiet; /* until drops may be said again */
	unsigned unsaid; /* drops */
	struct timer end;
	void (*closed)(void *data);
	void *closed_data;
};

/* The rest is zero, name, clock and functions are set. */
void outlet_init(struct outlet *o);

/* Nothing when it is not on, or being closed. `event` lives for ever, `text` is
 * copied. */
void outlet_tell(struct outlet *o, const char *event, const char *text);

/* A notice that was started is gone. */
void outlet_done(struct outlet *o, const struct notice *n, bool told);

/* Those that wait are dropped when nobody is to be told any more. */
void outlet_switch(struct outlet *o, bool on);

/* Whatever waits or is under way gets `ms`. Then `closed`, which may be told
 * before this returns. */
void outlet_close(
    struct outlet *o, uint64_t ms, void (*closed)(void *data), void *data);

#endif
