/*
 * silence - do the name servers answer?
 *
 * A name may be slow or broken. When nothing at all is heard of the servers
 * while SILENCE_AFTER questions in a row are lost, they are asked a probe, for
 * what each of them knows. When nothing is heard of that either they are
 * silent: then there is no use in asking, and probes go on until they answer.
 * The log is told of silence, at most once a minute, and of its end.
 */
#ifndef ASK_DNS_SILENCE_H
#define ASK_DNS_SILENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

enum {
	SILENCE_AFTER = 10, /* questions */
	SILENCE_EVERY_MS = 60 * 1000
};

/* Embed it, zeroed but for the first four. */
struct silence {
	struct clock *clock;
	const char *servers; /* as the log names them */
	uint64_t probe_ms; /* how long a probe may take */
	void (*probe)(struct silence *); /* asks them; called by a timer */

	struct timer timer; /* from suspicion to the next word of them */
	unsigned row; /* of questions nobody answered */
	const char *why; /* of the last one */
	bool probed; /* a probe has had its time, or has it now */
	bool silent;
	bool told; /* they do not answer, as the log says */
	uint64_t next_ms; /* when it may be told again */
};

/* One of the servers said something. */
void silence_heard(struct silence *s);

/* None did, of a question. `why` must live as long. */
void silence_lost(struct silence *s, const char *why);

/* Nobody is asked any more, or others. */
void silence_end(struct silence *s);

#endif
