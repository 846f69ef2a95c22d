/*
 * feed - from the mail log into the registers
 *
 *     login_failed        a failure in the abuse register
 *     disconnect          the client's connection is over (connections); and
 *                         now it is known what the whole session was:
 *     a harvest           most recipients it asked for are guesses, and they
 *                         are `errors` or Postfix gave up: a strike
 *     unknown commands    `errors` of them, or Postfix gave up: a strike
 *     a scan              no SMTP, or out of turn, and nothing accepted:
 *                         `scans` of them within an hour are a strike
 *
 * A failed login is told by several: by Postfix' warning and, as a number, at
 * the end of its session; by Dovecot's auth process and by its login process.
 * Each failure counts once: `logins` says whose word it is. The number at the
 * end of a session counts only when no warning was seen since its beginning.
 *
 * Nothing counts that is older than the abuse register's window, that says our
 * own words (echo.h), or whose client no register may hold anything against. A
 * session that logged in is never a harvest or a scan.
 */
#ifndef FEED_FEED_H
#define FEED_FEED_H

#include "feed/maillog.h"

struct clock;
struct conf;
struct feed;
struct lists;
struct register_result;
struct store;

enum feed_logins {
	LOGINS_OWN, /* Postfix' for SMTP, the login processes' for the rest */
	LOGINS_AUTH, /* those of Dovecot's auth process, for all */
	LOGINS_NONE /* somebody else tells them: Dovecot's auth policy */
};

struct feed_rules {
	enum feed_logins logins;
	unsigned errors; /* 0: never */
	unsigned scans; /* 0: never */
};

enum { FEED_ERRORS = 10, FEED_SCANS = 3 };

enum feed_what { FEED_FAILURE, FEED_STRIKE, FEED_END };

enum { FEED_USER = 128 };

/* One write, done or to be done. */
struct feed_act {
	enum feed_what what;
	struct address client;
	enum register_service service; /* of a failure */
	const char *reason; /* of a strike: one word, for ever; else "" */
	unsigned count;
	char user[FEED_USER]; /* the first one; control bytes are '?' */
};

/* "failure", "strike", "end" */
const char *feed_what_name(enum feed_what what);

/* `result` is NULL when nothing was written: a dry run. */
typedef void feed_told(void *data, const struct feed_act *act,
    const struct register_result *result);

/* `store` NULL is a dry run. `conf` must live as long; `told` may be NULL. */
struct feed *feed_new(struct clock *clock, struct store *store,
    const struct conf *conf, const struct feed_rules *rules, feed_told *told,
    void *data);

/* Goes by another one from now on. Nothing may be in flight: feed_waiting() is
 * 0. */
void feed_configure(struct feed *f, const struct conf *conf);

/* Nothing may be in flight: feed_waiting() is 0, or the store is closed. NULL
 * is fine. */
void feed_free(struct feed *f);

/* Who is immune, from now on; owns the reference. */
void feed_lists(struct feed *f, struct lists *l);

/* One line without its newline; may hold any bytes. */
void feed_line(struct feed *f, const char *line, size_t size);

/* Writes what waits, as far as Redis lets it; and how much still waits. */
void feed_flush(struct feed *f);
unsigned feed_waiting(const struct feed *f);

/* So much waits that lines which can wait elsewhere better do. */
bool feed_busy(const struct feed *f);

struct feed_counts {
	uint64_t lines;
	uint64_t events[EVENT_KINDS]; /* NONE: lines without one */
	uint64_t old, own, immune; /* events that did not count, and why */
	uint64_t failures, strikes; /* that did */
	uint64_t written, lost, dropped; /* questions */
};
struct feed_counts feed_counts(const struct feed *f);

#endif
