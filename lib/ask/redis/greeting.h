/*
 * greeting - what is said on a new connection until the server is known
 *
 * AUTH, SELECT, CLIENT SETNAME, ROLE and a SCRIPT LOAD for each script leave
 * in one write. The first answer that is no good ends it.
 */
#ifndef ASK_REDIS_GREETING_H
#define ASK_REDIS_GREETING_H

#include <stdbool.h>
#include <stddef.h>

struct connection;
struct greeting;

/* Embed it, zeroed. */
struct greeter {
	/* Told once: all was well (NULL), or what was not. Not told when the
	 * connection is lost. */
	void (*done)(struct greeter *, const char *error);
	const struct greeting *greeting;
	bool failed;
	size_t loaded; /* scripts */
};

void greeter_start(struct greeter *g, const struct greeting *greeting,
    struct connection *c, void (*done)(struct greeter *, const char *error));

#endif
