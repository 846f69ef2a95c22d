/*
 * policyctl_strikes - what a client did before, and what it leads to next
 */
#ifndef POLICYD_POLICYCTL_STRIKES_H
#define POLICYD_POLICYCTL_STRIKES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct conf;
struct ctl;
struct door;

/* "at=T what=WORD level=N until=T by=WHO reason=TEXT" */
struct event {
	int64_t at, level;
	int64_t until; /* FOREVER */
	const char *what, *by, *reason;
};

struct strikes {
	const char *client;
	const char *key;
	int64_t count; /* 0: none, or forgotten */
	int64_t last, ends; /* when it is forgotten */
	int64_t next_level, next_seconds; /* FOREVER: permanent */
	size_t event_count;
	struct event *events; /* the oldest first */
};

/* False without Redis. */
bool strikes_fetch(
    struct strikes *s, struct ctl *ctl, struct door *d, const char *client);

/* A history as it stands in Redis; what is no event is left out. */
size_t strikes_read(
    struct arena *a, const char *history, struct event **events);

void strikes_print(const struct strikes *s, int64_t now);
json_t *strikes_json(const struct strikes *s);

#endif
