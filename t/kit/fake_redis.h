/*
 * fake_redis - a Redis that says what the test wants
 *
 * A thread with a socket. A command is looked up in the rules, the first match
 * answers; what no rule knows is answered as a healthy master would. EVALSHA
 * gives {1, last word}, as asker_script does, and whoever has subscribed is
 * told that its first key has changed.
 */
#ifndef KIT_FAKE_REDIS_H
#define KIT_FAKE_REDIS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct fake_rule {
	const char *command; /* first word, or two of CLIENT; "connect": a new
				connection */
	const char *reply; /* RESP, or FAKE_SILENT, FAKE_CLOSE */
	unsigned times; /* it applies so often, 0: always */
};

#define FAKE_SILENT ""
#define FAKE_CLOSE "close"

enum { FAKE_RULES = 8, FAKE_CLIENTS = 32, FAKE_BYTES = 1 << 20 };

struct fake_client {
	int fd; /* -1: none */
	bool subscribed;
	char *bytes; /* a command that is not whole yet */
	size_t size;
};

struct fake_redis {
	char directory[64]; /* "" for TCP */
	char server[120]; /* "unix:SOCKET" or "127.0.0.1:PORT" */
	unsigned port;
	int listener, wake[2];
	pthread_t thread;
	pthread_mutex_t mutex; /* of what follows */
	struct fake_rule rules[FAKE_RULES];
	unsigned applied[FAKE_RULES];
	struct {
		char command[32];
		unsigned count;
	} seen[16];
	char log[4096]; /* all commands but EVALSHA and SCRIPT, with words */
	struct fake_client clients[FAKE_CLIENTS];
};

/* On a unix socket, or on a free port of 127.0.0.1. Rules end with a NULL
 * command; NULL: none. */
void fake_redis_start(
    struct fake_redis *f, bool tcp, const struct fake_rule *rules);
void fake_redis_stop(struct fake_redis *f);

void fake_redis_rules(struct fake_redis *f, const struct fake_rule *rules);

/* Says it to all that have subscribed: RESP, or FAKE_CLOSE. */
void fake_redis_say(struct fake_redis *f, const char *text);

/* How many such commands (or "connect") came. */
unsigned fake_redis_seen(struct fake_redis *f, const char *command);

/* "AUTH user password\nSELECT 3\n..." */
const char *fake_redis_log(struct fake_redis *f);

#endif
