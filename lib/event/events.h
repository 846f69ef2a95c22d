/*
 * events - who is told at once, and how often that was done
 *
 * The log is told of each event, and a program and a URL where the
 * configuration has them. None of it delays a request: what takes its time
 * waits in an outlet.
 */
#ifndef EVENT_EVENTS_H
#define EVENT_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "engine/engine.h"
#include "event/outlet.h"

struct events;

/* The log alone is told, until it is configured. */
struct events *events_new(uv_loop_t *loop, struct clock *clock);

/* What is under way goes on as it began. */
void events_configure(struct events *e, const struct conf *conf);

/* For engine_watch(); `events` is the struct. */
void events_tell(void *events, const struct request *r, const struct check *c,
    const struct verdict *v, enum mode mode);

/* What is on its way gets `ms`, then it is ended; events that come now are
 * told to the log only. `closed`, which may be told before this returns, ends
 * it all. */
void events_close(
    struct events *e, uint64_t ms, void (*closed)(void *data), void *data);

/* True when what `conf` names can be used; else it was logged. */
bool events_check(const struct conf *conf);

enum teller { BY_LOG, BY_COMMAND, BY_URL };
enum { TELLERS = 3, EVENT_KINDS_MOST = 16 };
const char *teller_name(enum teller t);
const char *told_name(enum told t);

struct event_counts {
	const char *event;
	uint64_t told[TELLERS][TOLD_RESULTS];
};

/* Of each event so far; `*count` rows. */
const struct event_counts *events_counts(const struct events *e, size_t *count);

#endif
