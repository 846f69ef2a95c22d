/*
 * feed - what each event means for the registers
 */
#include "feed/feed.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "conf/conf.h"
#include "feed/echo.h"
#include "feed/sessions.h"
#include "feed/span.h"
#include "feed/writes.h"
#include "register/lists.h"

enum { NAME_SIZE = 256 };

struct feed {
	struct clock *clock;
	const struct conf *conf;
	struct feed_rules rules;
	struct echo echo;
	struct lists *lists;
	struct sessions *sessions;
	struct writes *writes;
	struct feed_counts counts;
};

struct feed *
feed_new(struct clock *clock, struct store *store, const struct conf *conf,
    const struct feed_rules *rules, feed_told *told, void *data)
{
	struct feed *f = xcalloc(1, sizeof(*f));

	f->clock = clock;
	f->conf = conf;
	f->rules = *rules;
	echo_init(&f->echo, conf);
	f->sessions = sessions_new();
	f->writes = writes_new(clock, store, conf, told, data);
	return f;
}

void
feed_configure(struct feed *f, const struct conf *conf)
{
	f->conf = conf;
	echo_init(&f->echo, conf);
	writes_configure(f->writes, conf);
}

void
feed_free(struct feed *f)
{
	if (!f)
		return;
	writes_free(f->writes);
	sessions_free(f->sessions);
	lists_unref(f->lists);
	free(f);
}

void
feed_lists(struct feed *f, struct lists *l)
{
	lists_unref(f->lists);
	f->lists = l;
}

/* -- what is to be written -- */

static void
copy(char *out, size_t room, struct span s)
{
	size_t i;

	for (i = 0; i + 1 < room && s.at + i < s.end; i++)
		out[i] = (unsigned char)s.at[i] < ' ' || s.at[i] == 0x7f
		    ? '?'
		    : s.at[i];
	out[i] = '\0';
}

static bool
immune(struct feed *f, const struct event *e)
{
	char name[NAME_SIZE];

	copy(name, sizeof(name), e->name);
	return lists_immune(
	    f->lists, f->conf, &e->client, name, clock_unix(f->clock));
}

static struct feed_act
act_of(const struct event *e, enum feed_what what, const char *reason)
{
	return (struct feed_act){
		.what = what, .client = e->client, .reason = reason, .count = 1
	};
}

static void
add_failures(struct feed *f, const struct event *e, unsigned count)
{
	struct feed_act act = act_of(e, FEED_FAILURE, "");

	if (immune(f, e)) {
		f->counts.immune++;
		return;
	}
	act.service = e->service;
	act.count = count;
	copy(act.user, sizeof(act.user), e->user);
	writes_add(f->writes, &act);
	f->counts.failures += count;
}

/* Sessions that ran beside each other have earned one strike, not a ladder of
 * them: what a client does before its first ban could be over does not count
 * again. */
static void
add_strike(struct feed *f, const struct event *e, const char *reason)
{
	const struct times *ladder = &f->conf->strikes.ladder;
	const int64_t least = ladder->count > 0 ? ladder->items[0] : 0;
	const struct feed_act act = act_of(e, FEED_STRIKE, reason);

	if (immune(f, e)) {
		f->counts.immune++;
		return;
	}
	if (!sessions_may_strike(
		f->sessions, &e->client, clock_unix(f->clock), least))
		return;
	writes_add(f->writes, &act);
	f->counts.strikes++;
}

/* -- events -- */

static void
connected(struct feed *f, const struct event *e)
{
	sessions_of(f->sessions, e);
}

/* Whether this one's word about failed logins counts. */
static bool
believed(const struct feed *f, enum event_source source)
{
	switch (f->rules.logins) {
	case LOGINS_OWN:
		return source != BY_AUTH_PROCESS;
	case LOGINS_AUTH:
		return source == BY_AUTH_PROCESS;
	default:
		return false;
	}
}

static void
login_failed(struct feed *f, const struct event *e)
{
	if (e->source == BY_POSTFIX)
		sessions_of(f->sessions, e)->logins++;
	if (!believed(f, e->source))
		return;
	if (echo_heard(&f->echo, e->reply))
		f->counts.own++;
	else
		add_failures(f, e, e->attempts);
}

static void
login_untested(struct feed *f, const struct event *e)
{
	sessions_of(f->sessions, e)->logins++;
}

static void
login_succeeded(struct feed *f, const struct event *e)
{
	if (e->source == BY_POSTFIX)
		sessions_of(f->sessions, e)->logged_in = true;
}

static void
refused(struct feed *f, const struct event *e)
{
	if (echo_heard(&f->echo, e->reply))
		f->counts.own++;
	else
		sessions_of(f->sessions, e)->guesses++;
}

static void
gave_up(struct feed *f, const struct event *e)
{
	struct session *s = sessions_of(f->sessions, e);

	s->gave_up = true;
	s->stage = e->stage;
}

static void
odd(struct feed *f, const struct event *e)
{
	sessions_of(f->sessions, e)->odd = true;
}

static void
connection_lost(struct feed *f, const struct event *e)
{
	if (e->stage == STAGE_AUTH)
		sessions_of(f->sessions, e)->unfinished = 1;
}

/* -- the whole session -- */

/* Failed logins of which no warning was seen, though the log was read from the
 * session's beginning: somebody filters the log. */
static unsigned
silent_failures(
    const struct feed *f, const struct session *s, const struct event *e)
{
	const unsigned bad = e->auth.all > e->auth.good
	    ? e->auth.all - e->auth.good
	    : 0;

	if (!s->whole || s->logins > 0 || !believed(f, BY_POSTFIX) ||
	    bad <= s->unfinished)
		return 0;
	return bad - s->unfinished;
}

/* `count` is enough, or Postfix thought so. */
static bool
enough(const struct feed *f, const struct session *s, unsigned count,
    enum event_stage stage)
{
	if (f->rules.errors == 0 || count == 0)
		return false;
	return count >= f->rules.errors || (s->gave_up && s->stage == stage);
}

/* NULL: it was none. A list of subscribers with some that are gone is no
 * harvest: most recipients must be guesses. */
static const char *
offence(struct feed *f, const struct session *s, const struct event *e)
{
	if (enough(f, s, s->guesses, STAGE_RCPT) &&
	    s->guesses > e->rcpt.all / 2)
		return "harvest";
	if (enough(f, s, e->unknown.all - e->unknown.good, STAGE_UNKNOWN))
		return "commands";
	if (s->odd && f->rules.scans > 0 && e->rcpt.good == 0 &&
	    sessions_scan(f->sessions, &e->client, clock_unix(f->clock)) >=
		f->rules.scans)
		return "scan";
	return NULL;
}

static void
disconnected(struct feed *f, const struct event *e)
{
	const struct session s = *sessions_of(f->sessions, e);
	const unsigned failures = silent_failures(f, &s, e);
	const struct feed_act end = act_of(e, FEED_END, "");
	const char *what = NULL;

	sessions_end(f->sessions, e);
	if (failures > 0)
		add_failures(f, e, failures);
	if (!s.logged_in && e->auth.good == 0)
		what = offence(f, &s, e);
	if (what)
		add_strike(f, e, what);
	if (f->conf->settings.connections.policy.mode != MODE_OFF)
		writes_add(f->writes, &end);
}

static void (*const meanings[EVENT_KINDS])(
    struct feed *, const struct event *) = {
	[EVENT_CONNECT] = connected,
	[EVENT_LOGIN_FAILED] = login_failed,
	[EVENT_LOGIN_UNTESTED] = login_untested,
	[EVENT_LOGIN_SUCCEEDED] = login_succeeded,
	[EVENT_REFUSED] = refused,
	[EVENT_TOO_MANY_ERRORS] = gave_up,
	[EVENT_NON_SMTP_COMMAND] = odd,
	[EVENT_PIPELINING] = odd,
	[EVENT_LOST] = connection_lost,
	[EVENT_DISCONNECT] = disconnected,
};

static bool
is_old(const struct feed *f, const struct event *e)
{
	return e->time > 0 &&
	    clock_unix(f->clock) - e->time > f->conf->settings.abuse.window;
}

void
feed_line(struct feed *f, const char *line, size_t size)
{
	struct event e;

	f->counts.lines++;
	maillog_read(line, size, clock_unix(f->clock), &e);
	f->counts.events[e.kind]++;
	if (e.kind == EVENT_NONE)
		return;
	if (is_old(f, &e))
		f->counts.old++;
	else
		meanings[e.kind](f, &e);
}

void
feed_flush(struct feed *f)
{
	writes_flush(f->writes);
}

unsigned
feed_waiting(const struct feed *f)
{
	return writes_waiting(f->writes);
}

bool
feed_busy(const struct feed *f)
{
	return feed_waiting(f) > WRITES_PENDING / 2;
}

struct feed_counts
feed_counts(const struct feed *f)
{
	struct feed_counts counts = f->counts;

	writes_counts(f->writes, &counts);
	return counts;
}
