/*
 * post - a wire with an engine behind it, and smtpd processes before it
 *
 * Real sockets below a directory of its own, on a loop that runs only while a
 * test waits for something; time is virtual. The engine has one check, which
 * goes by the sender: "pass..." passes, "wait..." is put to a store that
 * answers when the test says so; all others are refused at once. A refusal
 * names the sender, so that nobody can be told another's answer unnoticed.
 */
#ifndef KIT_POST_H
#define KIT_POST_H

#include <stdbool.h>
#include <uv.h>

#include "ask/ask.h"
#include "base/clock.h"
#include "conf/conf.h"
#include "engine/engine.h"
#include "wire/wire.h"

enum { POST_ITEMS = 8, POST_WAITING = 64 };

struct post {
	uv_loop_t loop;
	struct clock *clock;
	struct store store;
	struct ticket *waiting[POST_WAITING];
	unsigned waits;
	struct conf *judging; /* the engine's configuration */
	struct engine *engine;
	struct wire *wire;
	struct conf conf; /* the wire's */
	const char *items[POST_ITEMS];
	unsigned closed; /* how often wire_close() said so */
	char directory[32];
	char socket[64]; /* "unix:" a path in it */
	char *log;
	size_t log_size;
};

/* cmocka's setup and teardown; *state is the post, without a listener. The
 * teardown closes the wire and checks that nothing is left. */
int post_open(void **state);
int post_close(void **state);

/* Listens on these and no others; the last one is NULL. */
int post_listen(struct post *p, const char *item, ...);

/* Connects to an item; where a port was 0, to the one the log names. */
int post_connect(struct post *p, const char *item);

/* Listens on the unix socket and connects to it. */
int post_client(struct post *p);

/* A RCPT request of that sender. */
void post_ask(int fd, const char *sender);
void post_send(int fd, const void *bytes, size_t size);

/* The next bytes are the answer to that sender. */
void post_hears(struct post *p, int fd, const char *sender);

/* Neither a byte nor the end; or the end and no byte before it. */
void post_hears_nothing(struct post *p, int fd);
void post_hears_end(struct post *p, int fd);

/* The loop turns until it is quiet. */
void post_turn(struct post *p);

/* The same, and `ms` pass. */
void post_later(struct post *p, uint64_t ms);

/* The store answers the request that has waited longest. */
void post_answer(struct post *p);

/* How many lines of the log have this in them. */
unsigned post_said(const struct post *p, const char *text);

#endif
