/*
 * tracker - connect, subscribe, prove, listen, try again
 */
#include "ask/redis/tracker.h"

#include <hiredis/hiredis.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask/redis/reply.h"
#include "base/log.h"

enum {
	BEAT_MS = 500, /* so long a change may be missed without a sign */
	SILENT_MS = 5 * 1000, /* without an answer: it is lost, not late */
	FIRST_MS = 100,
	LONGEST_MS = 60 * 1000, /* each is a new connection */
	STEADY_MS = 60 * 1000, /* after so long it was no bad one */
	WORDS = 32
};

static const char channel[] = "__redis__:invalidate";
static const char ours[] = ""; /* reason to drop it, none to complain */

#define OF(member, p)                                                          \
	((struct tracker *)((char *)(p)-offsetof(struct tracker, member)))

static void
wait_for(struct tracker *t, void (*fire)(struct timer *), uint64_t ms)
{
	t->next.fire = fire;
	timer_start(&t->next, t->greeting->clock, ms);
}

static void
drop(struct tracker *t, const char *why)
{
	if (t->connection)
		connection_drop(t->connection, why);
}

/* -- what is said to it -- */

static void
say(struct tracker *t, connection_replied *replied, const char *const *texts)
{
	struct word words[WORDS];
	struct buffer b = { 0 };
	size_t n = 0;

	for (; n < WORDS && texts[n]; n++)
		words[n] = (struct word){ texts[n], strlen(texts[n]) };
	format_words(&b, words, n);
	connection_send(t->connection, &b, 1, replied, t);
	free(b.bytes);
}

/* False: it ends here. */
static bool
good(struct tracker *t, const redisReply *reply, int type)
{
	if (!reply || !t->connection)
		return false;
	if (reply->type == type)
		return true;
	drop(t,
	    reply->type == REDIS_REPLY_ERROR ? reply->str
					     : "gave a strange answer");
	return false;
}

static void
on_tracking(void *tracker, const redisReply *reply)
{
	good(tracker, reply, REDIS_REPLY_STATUS);
}

static void
on_left(void *tracker, const redisReply *reply)
{
	good(tracker, reply, REDIS_REPLY_ARRAY);
}

static void
track(struct tracker *t, const char *const *prefixes,
    connection_replied *subscribed)
{
	const char *words[WORDS] = { "CLIENT", "TRACKING", "ON", "REDIRECT",
		t->id, "BCAST" };
	size_t n = 6;

	for (size_t i = 0; prefixes[i] && n + 2 < WORDS; i++) {
		words[n++] = "PREFIX";
		words[n++] = prefixes[i];
	}
	say(t, on_tracking, words);
	say(t, subscribed, (const char *const[]){ "SUBSCRIBE", channel, NULL });
}

/* It can tell of one key: see whether it does. */
static void
on_probing(void *data, const redisReply *reply)
{
	struct tracker *t = data;

	if (!good(t, reply, REDIS_REPLY_ARRAY))
		return;
	t->proving = true;
	t->prove(t);
}

static void
set_live(struct tracker *t, bool live)
{
	if (t->live == live)
		return;
	t->live = live;
	t->late = false;
	if (t->watch)
		t->watch->live(t->watch, live);
}

/* A server that was busy for a moment has told of everything before it answers:
 * what was right is right still. */
static void
set_late(struct tracker *t, bool late)
{
	if (!t->live || t->late == late)
		return;
	t->late = late;
	if (t->watch)
		t->watch->late(t->watch, late);
}

static void beat(struct timer *timer);

static void
on_listening(void *data, const redisReply *reply)
{
	struct tracker *t = data;

	if (!good(t, reply, REDIS_REPLY_ARRAY))
		return;
	t->telling = true;
	t->began_ms = clock_ms(t->greeting->clock);
	t->reported[0] = '\0';
	log_info("redis: %s tells of changes", t->place.name);
	wait_for(t, beat, BEAT_MS);
	set_live(t, true);
}

/* Of others then, and of that one no more: the server looks at each prefix for
 * each key that anybody writes. */
static void
on_proven(struct tracker *t)
{
	t->proving = false;
	say(t, on_left, (const char *const[]){ "UNSUBSCRIBE", channel, NULL });
	say(t, on_tracking,
	    (const char *const[]){ "CLIENT", "TRACKING", "OFF", NULL });
	track(t, t->watch->prefixes, on_listening);
}

static void
on_id(void *data, const redisReply *reply)
{
	struct tracker *t = data;

	if (!good(t, reply, REDIS_REPLY_INTEGER))
		return;
	snprintf(t->id, sizeof(t->id), "%lld", reply->integer);
	track(t, (const char *const[]){ t->probe, NULL }, on_probing);
}

static void
on_ready(struct connection_owner *owner)
{
	say(OF(owner, owner), on_id,
	    (const char *const[]){ "CLIENT", "ID", NULL });
}

/* -- whether it is there -- */

/* Hiredis 0.14 and 1.x agree on what a subscriber hears: {"pong", ""}. */
static void
on_beat(void *data, const redisReply *reply)
{
	struct tracker *t = data;

	if (!good(t, reply, REDIS_REPLY_ARRAY))
		return;
	t->silent = false;
	set_late(t, false);
}

static void
beat(struct timer *timer)
{
	struct tracker *t = OF(next, timer);

	if (!t->silent) {
		t->silent = true;
		t->beat_ms = clock_ms(t->greeting->clock);
		say(t, on_beat, (const char *const[]){ "PING", NULL });
	} else if (clock_ms(t->greeting->clock) - t->beat_ms < SILENT_MS) {
		set_late(t, true);
	} else {
		drop(t, "does not answer");
		return;
	}
	wait_for(t, beat, BEAT_MS);
}

/* Each change, not each try. */
static void
report(struct tracker *t, const char *why)
{
	if (!*why || strncmp(t->reported, why, sizeof(t->reported) - 1) == 0)
		return;
	snprintf(t->reported, sizeof(t->reported), "%s", why);
	log_warning("redis: %s does not tell of changes%s: %s", t->place.name,
	    t->telling ? " any more" : "", why);
}

static void try_again(struct timer *timer);

/* The next wait is twice as long, unless this one was good for long. */
static void
back_off(struct tracker *t)
{
	const uint64_t now = clock_ms(t->greeting->clock);

	if (t->telling && now - t->began_ms >= STEADY_MS)
		t->wait_ms = FIRST_MS;
	wait_for(t, try_again, t->wait_ms);
	t->wait_ms *= 2;
	if (t->wait_ms > LONGEST_MS)
		t->wait_ms = LONGEST_MS;
}

static bool
wanted(const struct tracker *t)
{
	return t->watch && t->in_use && !t->stopping;
}

static void
on_gone(struct connection_owner *owner, const char *why)
{
	struct tracker *t = OF(owner, owner);

	t->connection = NULL;
	if (wanted(t)) {
		report(t, why);
		back_off(t);
	}
	t->telling = false;
	set_live(t, false);
}

/* -- what it says -- */

static bool
is_text(const redisReply *r, const char *text)
{
	return r->type == REDIS_REPLY_STRING && strcmp(r->str, text) == 0;
}

static void
tell(struct tracker *t, const redisReply *key)
{
	if (key->type != REDIS_REPLY_STRING)
		return;
	if (t->live)
		t->watch->changed(
		    t->watch, (struct word){ key->str, key->len });
	else if (t->proving && strcmp(key->str, t->probe) == 0)
		on_proven(t);
}

/* An array of names, or nil: the server was emptied. Others may publish what
 * they like. */
static void
tell_all(struct tracker *t, const redisReply *keys)
{
	if (keys->type == REDIS_REPLY_NIL && t->live)
		t->watch->changed(t->watch, (struct word){ NULL, 0 });
	if (keys->type != REDIS_REPLY_ARRAY)
		return;
	for (size_t i = 0; i < keys->elements && t->watch; i++)
		tell(t, keys->element[i]);
}

static bool
on_message(struct connection_owner *owner, const redisReply *r)
{
	struct tracker *t = OF(owner, owner);

	if (r->type != REDIS_REPLY_ARRAY || r->elements != 3 ||
	    !is_text(r->element[0], "message"))
		return false;
	if (t->connection && is_text(r->element[1], channel))
		tell_all(t, r->element[2]);
	return true;
}

/* -- coming and going -- */

static void
find(struct topology *topology, topology_found *found, void *data)
{
	found(data, &OF(topology, topology)->place);
}

static void
cancel(struct topology *topology)
{
	(void)topology; /* find() is never under way */
}

static void
closed(struct tracker *t)
{
	if (--t->open == 0)
		t->stopped(t);
}

static void
on_closed(struct connection_owner *owner)
{
	closed(OF(owner, owner));
}

static void
too_late(struct timer *timer)
{
	drop(OF(next, timer), "not heard of a change in time");
}

static void
try_again(struct timer *timer)
{
	struct tracker *t = OF(next, timer);

	t->own = *t->greeting;
	t->own.topology = &t->topology;
	t->own.scripts = NULL;
	t->proving = t->silent = false;
	t->open++;
	t->connection = connection_open(&t->own, &t->owner);
	wait_for(t, too_late, 2 * t->own.connect_ms);
}

void
tracker_init(struct tracker *t)
{
	t->topology = (struct topology){ .find = find, .cancel = cancel };
	t->owner = (struct connection_owner){ on_ready, on_gone, on_closed,
		on_message };
	t->wait_ms = FIRST_MS;
	t->open = 1;
}

/* One that is still going is not forgotten: on_gone() tries again. */
static void
begin_anew(struct tracker *t)
{
	if (t->connection)
		drop(t, ours);
	else if (wanted(t))
		wait_for(t, try_again, 0);
}

void
tracker_watch(struct tracker *t, struct watch *watch, const char *probe)
{
	t->watch = watch;
	t->probe = probe;
	t->live = t->late = t->telling = false;
	timer_stop(&t->next);
	begin_anew(t);
}

void
tracker_start(struct tracker *t, const struct connection *in_use)
{
	connection_peer(in_use, &t->place);
	t->in_use = true;
	begin_anew(t);
}

void
tracker_pause(struct tracker *t)
{
	t->in_use = false;
	if (!t->stopping)
		timer_stop(&t->next);
	drop(t, ours);
}

static void
stop(struct timer *timer)
{
	closed(OF(next, timer));
}

void
tracker_stop(struct tracker *t)
{
	tracker_pause(t);
	t->stopping = true;
	wait_for(t, stop, 0);
}
