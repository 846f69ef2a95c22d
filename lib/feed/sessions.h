/*
 * sessions - what is remembered from one line to a later one; lib/feed only
 *
 * An smtpd process has one session at a time, so host and process name it.
 * Of clients is kept how often they came without speaking SMTP. Both are
 * bounded: what was not touched for longest goes first.
 */
#ifndef FEED_SESSIONS_H
#define FEED_SESSIONS_H

#include "feed/maillog.h"

enum { SESSIONS_MOST = 16384 };

struct session {
	bool whole; /* its first line was seen */
	bool logged_in;
	bool odd; /* spoke something else, or out of turn */
	bool gave_up; /* Postfix did, at `stage` */
	enum event_stage stage;
	unsigned logins; /* lines about failed or untested ones */
	unsigned unfinished; /* logins that the connection was lost in */
	unsigned guesses; /* recipients that there are not */
};

struct sessions;

struct sessions *sessions_new(void);
void sessions_free(struct sessions *s);

/* That of an event: a new one when the line begins one. A log that names no
 * process has one session a client. It stays until the next call. */
struct session *sessions_of(struct sessions *s, const struct event *e);
void sessions_end(struct sessions *s, const struct event *e);

/* One visit more without SMTP; how many there were of this client within the
 * last hour before `now`, which is in seconds. */
unsigned sessions_scan(
    struct sessions *s, const struct address *client, int64_t now);

/* False when it was true less than `seconds` ago; its scans are forgotten. */
bool sessions_may_strike(struct sessions *s, const struct address *client,
    int64_t now, int64_t seconds);

#endif
