/*
 * herald - events are raised, and programs and servers told of them
 *
 * Real processes and sockets, on the loop, the virtual time and the log of
 * kit/web; scripts and what they leave live in a directory of its own.
 */
#ifndef KIT_HERALD_H
#define KIT_HERALD_H

#include <stdbool.h>

#include "engine/check.h"
#include "event/events.h"
#include "kit/web.h"

struct herald {
	struct web *web;
	struct arena *arena;
	struct conf *conf;
	struct request *request; /* of alice@example.com */
	struct verdict verdict; /* of an event in the making */
	struct events *events;
	bool closed;
	char directory[40];
};

struct herald *herald_open(void);

/* Gives events `ms` to end, if that was not done, checks that nothing is left
 * and removes the directory. */
void herald_close(struct herald *h);

/* The text of section events; "PLACE" in it is the directory. */
void herald_configure(struct herald *h, const char *section);

/* events_close(), not waiting for it. */
void herald_stop(struct herald *h, uint64_t ms);

void herald_raise(struct herald *h, const char *event);

/* An executable shell script of that name in the directory. */
void herald_script(struct herald *h, const char *name, const char *body);

/* What a file in the directory holds; NULL when it is not there. */
const char *herald_file(struct herald *h, const char *name);

/* How often that was done. */
uint64_t herald_told(
    struct herald *h, const char *event, enum teller by, enum told how);

/* Turns the loop until it is true, for a minute of real time at most. */
#define HERALD_UNTIL(h, true_one)                                              \
	do {                                                                   \
		const uint64_t herald_end = uv_hrtime() + 60000000000ull;      \
		while (!(true_one) && uv_hrtime() < herald_end)                \
			web_turn((h)->web);                                    \
		assert_true(true_one);                                         \
	} while (0)

#endif
