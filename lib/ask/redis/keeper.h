/*
 * keeper - one good connection, as long as there can be one
 *
 * The breaker is open until a connection is ready and a probe, a script that
 * writes, was answered on it; it opens with the connection's end. So there is
 * one place that decides when to try again, whatever went wrong, and a line in
 * the log for each change. Each probe tells the server's time, and one that
 * only reads goes out twice a minute, so that who needs the time has it.
 */
#ifndef ASK_REDIS_KEEPER_H
#define ASK_REDIS_KEEPER_H

#include <stdbool.h>
#include <stdint.h>

#include "ask/ask.h"
#include "ask/redis/breaker.h"
#include "ask/redis/connection.h"

struct flights;

extern const struct script script_probe;

enum { REASON = 160 };

/* Embed it; the first block is the owner's to fill in. */
struct keeper {
	struct greeting greeting;
	struct flights *flights; /* opened and shut by us */
	struct word probe_key;
	bool patient; /* a server is being started: no complaints at first */
	void (*used)(struct keeper *); /* `connection` is in use from now on */
	void (*lost)(struct keeper *); /* and is not any more */
	void (*stopped)(struct keeper *);

	struct breaker breaker;
	struct connection_owner owner;
	struct connection *connection; /* in use, or getting ready */
	struct question probe, look;
	struct ticket probe_ticket, look_ticket, prove_ticket;
	struct timer look_again;
	int64_t ahead_ms; /* the server's clock, of ours */
	uint64_t started_ms;
	unsigned open; /* connections not closed yet, and one for us */
	bool in_use; /* it is good */
	bool knows_time; /* `ahead_ms` is this server's */
	bool stopping;
	char where[REASON], error[REASON];
	char reported[REASON]; /* why it cannot be used, as logged; or "" */
};

void keeper_start(struct keeper *k);

/* Right after it: the probe reads and writes nothing. */
void keeper_only_look(struct keeper *k);

/* `stopped` is told when everything is closed; never from inside this. What
 * was under way is told at once. */
void keeper_stop(struct keeper *k);

/* A question was answered, or was not. */
void keeper_answered(struct keeper *k);
void keeper_timed_out(struct keeper *k);

/* The server said that it is none to talk to any more. */
void keeper_leave(struct keeper *k, const char *error);

/* Writes once more what the probe writes; a loss is dealt with as any. */
void keeper_prove(struct keeper *k);

/* "ready", "connecting", "open". */
const char *keeper_state(const struct keeper *k);

/* Unix seconds by the server's clock, never ahead of it; 0: not known. */
int64_t keeper_time(const struct keeper *k);

#endif
