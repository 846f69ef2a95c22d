/*
 * silence - do the name servers answer?
 *
 * A name may be slow or broken (and c-ares 1.18 tells SERVFAIL as if nobody had
 * answered); when nothing is heard of many in a row it is the servers. The log
 * is told, at most once a minute, and when they answer again.
 */
#ifndef ASK_DNS_SILENCE_H
#define ASK_DNS_SILENCE_H

#include <stdbool.h>
#include <stdint.h>

struct clock;

enum { SILENCE_AFTER = 10 /* questions */, SILENCE_EVERY_MS = 60 * 1000 };

/* Embed it, zeroed. */
struct silence {
	unsigned row; /* of questions nobody answered */
	bool told; /* they do not answer, as the log says */
	uint64_t next_ms; /* when it may be told again */
};

/* One of `servers` said something. */
void silence_heard(struct silence *s, const char *servers);

/* None did. True when the log was told. */
bool silence_lost(struct silence *s, const struct clock *clock,
    const char *servers, const char *why);

#endif
