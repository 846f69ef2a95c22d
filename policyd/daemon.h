/*
 * daemon - what policyd consists of, from start to stop
 *
 * All state that changes hangs on this one struct and is handed down.
 */
#ifndef POLICYD_DAEMON_H
#define POLICYD_DAEMON_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "ask/fork.h"
#include "base/clock.h"
#include "checks/unsettled.h"
#include "http/site.h"

struct arena;

struct options {
	const char *conf; /* NULL: the usual place, if it is there */
	bool test, foreground, verbose;
};

enum { DAEMON_SCRIPTS = 64, DAEMON_SIGNALS = 4 };

struct daemon {
	struct options options;
	uv_loop_t loop;
	struct clock *clock;
	struct ticker *ticker;
	struct conf *conf;
	const struct script *scripts[DAEMON_SCRIPTS];
	struct redis *redis;
	struct closed *closed; /* stands in for it at the end */
	struct local *local; /* in front of redis, */
	struct quick *quick; /* of that, */
	struct remember *remember; /* of that, */
	struct recent *recent; /* and of that */
	struct dns *dns;
	struct zones *zones; /* in front of it, for DNS lists */
	struct fork fork; /* all of them, for the engine */
	struct mirror *mirror;
	struct engine *engine;
	struct events *events; /* NULL: told nobody yet, or being closed */
	struct wire *wire;
	struct http *http; /* NULL: none, or closed */
	struct site site;
	struct sizes *sizes;
	uv_signal_t signals[DAEMON_SIGNALS];

	struct timer record; /* writes our record in Redis */
	struct unsettled unsettled;
	struct timer watchdog; /* systemd's */
	struct timer look; /* at the files of tables */
	struct watch *watch;
	int64_t started;

	struct timer stopping;
	uint64_t stop_until; /* on clock_ms()' scale */
	bool stop_begun, wire_closed;
	struct retired *retired; /* stores that a reload has replaced */
	unsigned closing; /* stores, and events, that are being closed */
};

/* The configuration the options name; NULL when it is wrong, and logged. */
struct conf *daemon_read_conf(const struct options *o);

/* A conf_complain that logs. */
void daemon_complain(void *data, const char *file, int line, const char *text);

/* Everything is open and served when it returns 0; else an exit code of
 * sysexits(3), logged, and daemon_run() only cleans up. */
int daemon_open(struct daemon *d, const struct options *o, struct conf *conf);

/* Runs until SIGTERM or SIGINT and all is answered and closed. */
void daemon_run(struct daemon *d);

/* To where the configuration says; until then errors go to the terminal of
 * whoever started us. */
void daemon_open_log(const struct daemon *d);

void daemon_reload(struct daemon *d);
void daemon_stop(struct daemon *d);

/* pages.c: metrics, health and what else is asked over HTTP. To configure them
 * is a negative UV_E..., logged, when http.listen cannot be had: they stay
 * where they were. */
void pages_open(struct daemon *d);
int pages_configure(struct daemon *d);
void pages_close(struct daemon *d);

/* tables.c: watches the files of the configuration's tables, from now on. */
void tables_watch(struct daemon *d);
void tables_close(struct daemon *d);

/* settling.c: from now on; and a look, every few seconds. */
void settling_begin(struct daemon *d);
void settling_look(struct daemon *d);

/* counts.c: what we count, to the log (SIGUSR1). */
void counts_log(const struct daemon *d);

/* record.c: the same to our record in Redis; that we are alive, and that we are
 * not any more. */
void record_publish(const struct daemon *d);
void record_leave(const struct daemon *d);

/* dnsbl.c: how DNS lists fare, to the log; and as JSON for our record, in `a`.
 */
void dnsbl_log(const struct daemon *d);
const char *dnsbl_record(const struct daemon *d, struct arena *a);

#endif
