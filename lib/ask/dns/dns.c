/*
 * dns - flights to the name servers, and who waits for them
 *
 * c-ares calls back when it likes, from inside its own calls, too. So all that
 * is told is told by timers: the deadline of whoever waits, which is set to now
 * when the answer is here.
 */
#include "ask/dns/dns.h"

#define CARES_NO_DEPRECATED /* 1.34 would rather have ares_query_dnsrec() */
#include <ares.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "ask/dns/cache.h"
#include "ask/dns/channel.h"
#include "ask/dns/silence.h"
#include "ask/dns/words.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "base/table.h"

enum { CLASS_IN = 1 };

struct dns {
	struct store store;
	uv_loop_t *loop;
	struct clock *clock;
	struct channel *channel; /* NULL until it is needed */
	unsigned channels; /* it, those being closed, and one for us */
	char *servers; /* NULL: those of the system */
	uint64_t deadline_ms;
	unsigned most; /* in flight */
	struct cache *cache;
	struct table flights; /* by cache_number() */
	struct flight *all; /* with somebody who waits, or away */
	struct dns_counts counts;
	struct silence silence;
	bool stale; /* the servers of the system are to be read again */
	struct histogram times;
	char error[128];
	struct timer ending;
	void (*closed)(void *data);
	void *data;
};

/* A question on its way; freed when it is answered and nobody waits. */
struct flight {
	struct link link;
	struct dns *dns;
	struct arena *arena;
	struct flight *next, **at; /* of all */
	enum dns_type type;
	const char *name;
	struct waiter *waiters;
	bool listed; /* in the table: others may join */
	bool away; /* c-ares has not called back yet */
	bool known; /* `answer` is */
	uint64_t asked_us;
	struct cached answer;
};

struct waiter {
	struct timer timer; /* its deadline, or now */
	struct waiter *next, **at;
	struct flight *flight;
	struct ticket *ticket;
};

static const char *
where(const struct dns *d)
{
	return d->servers ? d->servers : "resolv.conf";
}

/* c-ares reads resolv.conf once, and a mail server may be started before its
 * network: each time that is told, it is read again. */
static void
unheard(struct dns *d, const char *why)
{
	if (silence_lost(&d->silence, d->clock, where(d), why))
		d->stale = d->servers == NULL;
}

/* -- who waits -- */

static void
let_go(struct flight *f)
{
	if (f->waiters || f->away)
		return;
	*f->at = f->next;
	if (f->next)
		f->next->at = f->at;
	arena_release(f->arena);
}

static void
unlist(struct flight *f)
{
	if (f->listed)
		table_remove(&f->dns->flights, &f->link);
	f->listed = false;
}

static void
tell(struct waiter *w, enum loss otherwise)
{
	struct flight *f = w->flight;
	struct ticket *t = w->ticket;
	struct answer a = { .state = LOST, .loss = otherwise };

	if (f->known && f->answer.outcome == DNS_FAILED) {
		a.loss = f->answer.loss;
	} else if (f->known) {
		a.state = KNOWN;
		a.loss = LOSS_NONE;
		a.count = 2;
		a.values[0].is_number = true;
		a.values[0].number = f->answer.outcome;
		a.values[1].text = f->answer.records.text;
		a.values[1].size = f->answer.records.size;
	}
	timer_stop(&w->timer);
	*w->at = w->next;
	if (w->next)
		w->next->at = w->at;
	free(w);
	t->answered(t, &a); /* whose texts are the flight's */
	let_go(f);
}

static void
on_time(struct timer *t)
{
	struct waiter *w = (struct waiter *)t;
	struct dns *d = w->flight->dns;

	if (!w->flight->known) {
		d->counts.late++;
		unheard(d, "no answer in time");
	}
	tell(w, LOSS_TIMEOUT);
}

static void
wait_for(struct flight *f, struct ticket *t)
{
	struct dns *d = f->dns;
	struct waiter *w = xcalloc(1, sizeof(*w));

	w->timer.fire = on_time;
	w->flight = f;
	w->ticket = t;
	w->next = f->waiters;
	w->at = &f->waiters;
	if (w->next)
		w->next->at = &w->next;
	f->waiters = w;
	timer_start(&w->timer, d->clock, f->known ? 0 : d->deadline_ms);
}

/* All who wait for it are told, in a moment. */
static void
tell_soon(struct flight *f)
{
	for (struct waiter *w = f->waiters; w; w = w->next)
		timer_start(&w->timer, f->dns->clock, 0);
}

/* -- flights -- */

static struct flight *
flight_new(struct dns *d, enum dns_type type, const char *name)
{
	struct arena *a = arena_new_small();
	struct flight *f = arena_alloc(a, sizeof(*f));

	f->dns = d;
	f->arena = a;
	f->type = type;
	f->name = arena_strdup(a, name);
	f->next = d->all;
	f->at = &d->all;
	if (f->next)
		f->next->at = &f->next;
	d->all = f;
	return f;
}

static void
land(struct flight *f, const struct cached *answer)
{
	f->answer = *answer;
	f->answer.records.text = arena_memdup(f->arena,
	    answer->records.size ? answer->records.text : "",
	    answer->records.size);
	f->known = true;
	unlist(f);
	tell_soon(f);
}

static void
land_lost(struct flight *f, enum loss loss)
{
	land(f, &(struct cached){ .outcome = DNS_FAILED, .loss = loss });
}

static void
take(struct flight *f, const struct dns_message *m)
{
	const bool lost = m->outcome == DNS_FAILED ||
	    m->outcome == DNS_NONSENSE;
	struct cached c = { .outcome = lost ? DNS_FAILED : m->outcome,
		.loss = lost ? LOSS_DNS : LOSS_NONE,
		.records = dns_pack(f->arena, m) };

	f->dns->counts.failed += lost;
	cache_put(f->dns->cache, f->type, f->name, &c,
	    lost ? CACHE_LOST_MS : cache_holds_ms(m->ttl));
	land(f, &c);
}

/* What c-ares has no packet for: it refuses the name, or heard nothing. */
static void
take_status(struct flight *f, int status)
{
	struct dns *d = f->dns;
	struct dns_message none = { .outcome = DNS_NO_NAME };
	struct cached lost = { .outcome = DNS_FAILED };

	if (status == ARES_EBADNAME || status == ARES_ENOTFOUND) {
		take(f, &none);
		return;
	}
	if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED) {
		land_lost(f, LOSS_DOWN);
		return;
	}
	strncpy(d->error, ares_strerror(status), sizeof(d->error) - 1);
	unheard(d, d->error);
	lost.loss = status == ARES_ETIMEOUT ? LOSS_TIMEOUT : LOSS_DNS;
	cache_put(d->cache, f->type, f->name, &lost, CACHE_LOST_MS);
	d->counts.failed++;
	land(f, &lost);
}

static void
on_answer(void *data, int status, int timeouts, unsigned char *bytes, int size)
{
	struct flight *f = data;
	struct dns *d = f->dns;
	struct dns_message m;

	(void)timeouts;
	f->away = false;
	d->counts.in_flight--;
	if (bytes && size > 0) {
		histogram_add(&d->times, clock_us(d->clock) - f->asked_us);
		silence_heard(&d->silence, where(d));
	}
	if (bytes && size > 0 &&
	    (status == ARES_SUCCESS || status == ARES_ENODATA ||
		status == ARES_ENOTFOUND)) {
		dns_message(
		    f->arena, bytes, (size_t)size, f->type, f->name, &m);
		take(f, &m);
	} else
		take_status(f, status);
	let_go(f);
}

/* -- the channel -- */

static void
channel_closed(void *data)
{
	struct dns *d = data;
	void (*closed)(void *) = d->closed;
	void *closed_data = d->data;

	if (--d->channels > 0)
		return;
	free(d->servers);
	cache_free(d->cache);
	table_clear(&d->flights);
	free(d);
	if (closed)
		closed(closed_data);
}

static void
close_channel(struct dns *d)
{
	struct channel *c = d->channel;

	d->channel = NULL;
	if (c)
		channel_free(c, channel_closed, d);
}

/* Never from inside a callback of c-ares. False, and it is told why. */
static bool
open_channel(struct dns *d)
{
	const char *error = "";

	if (d->stale)
		close_channel(d);
	d->stale = false;
	if (!d->channel) {
		d->channel = channel_new(d->loop, d->clock, d->servers, &error);
		d->channels += d->channel != NULL;
	}
	if (!d->channel)
		strncpy(d->error, error, sizeof(d->error) - 1);
	return d->channel;
}

static void
take_off(struct flight *f)
{
	struct dns *d = f->dns;

	if (!open_channel(d)) {
		land_lost(f, LOSS_DOWN);
		return;
	}
	f->link.number = cache_number(d->cache, f->type, f->name);
	table_add(&d->flights, &f->link);
	f->listed = true;
	f->away = true;
	f->asked_us = clock_us(d->clock);
	d->counts.in_flight++;
	d->counts.asked++;
	ares_query(channel_ares(d->channel), dns_escaped(f->arena, f->name),
	    CLASS_IN, (int)f->type, on_answer, f);
	channel_asked(d->channel);
}

/* -- the store -- */

static struct flight *
under_way(struct dns *d, enum dns_type type, const char *name)
{
	struct link *l = table_find(
	    &d->flights, cache_number(d->cache, type, name));
	struct flight *f = (struct flight *)l;

	return f && f->type == type && strcmp(f->name, name) == 0 ? f : NULL;
}

static bool
taken(const struct dns *d, enum dns_type type, const char *name)
{
	return table_find(&d->flights, cache_number(d->cache, type, name));
}

static void
ask(struct store *s, const struct question *q, struct ticket *t)
{
	struct dns *d = (struct dns *)s;
	const enum dns_type type = q->dns;
	const char *name = q->words[0].text;
	struct flight *f = under_way(d, type, name);
	struct cached known;

	if (f) {
		d->counts.shared++;
		wait_for(f, t);
		return;
	}
	f = flight_new(d, type, name);
	if (!dns_is_name(name))
		land(f, &(struct cached){ .outcome = DNS_NO_NAME });
	else if (cache_find(d->cache, type, name, &known)) {
		d->counts.hits++;
		land(f, &known);
	} else if (d->counts.in_flight >= d->most || taken(d, type, name)) {
		d->counts.busy++;
		land_lost(f, LOSS_BUSY);
	}
	wait_for(f, t);
	if (!f->known)
		take_off(f);
}

static void
health(const struct store *s, struct store_health *h)
{
	const struct dns *d = (const struct dns *)s;

	*h = (struct store_health){ .state = d->silence.told ? "silent"
							     : "ready",
		.where = where(d),
		.error = d->error,
		.asked = d->counts.asked,
		.in_flight = d->counts.in_flight,
		.times = &d->times };
}

struct store *
dns_store(struct dns *d)
{
	return &d->store;
}

struct dns_counts
dns_counts(const struct dns *d)
{
	struct dns_counts c = d->counts;

	c.cached = cache_count(d->cache);
	c.bytes = cache_bytes(d->cache);
	return c;
}

/* -- beginning and end -- */

/* "a,b": NULL without any. */
static char *
join(const struct list *servers)
{
	size_t size = 1;
	char *text;

	if (servers->count == 0)
		return NULL;
	for (size_t i = 0; i < servers->count; i++)
		size += strlen(servers->items[i]) + 1;
	text = xcalloc(1, size);
	for (size_t i = 0; i < servers->count; i++) {
		strcat(text, i ? "," : "");
		strcat(text, servers->items[i]);
	}
	return text;
}

void
dns_configure(struct dns *d, const struct conf_dns *conf)
{
	char *servers = join(&conf->servers);
	const bool same = servers && d->servers
	    ? strcmp(servers, d->servers) == 0
	    : servers == d->servers;

	d->deadline_ms = (uint64_t)conf->deadline_ms;
	d->most = (unsigned)conf->max_in_flight;
	cache_limit(d->cache, (size_t)conf->cache);
	free(d->servers);
	d->servers = servers;
	if (same && servers)
		return;
	close_channel(d); /* resolv.conf may have changed, too */
	cache_clear(d->cache);
}

struct dns *
dns_new(uv_loop_t *loop, struct clock *clock, const struct conf_dns *conf)
{
	struct dns *d = xcalloc(1, sizeof(*d));
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) < 0)
		seed = clock_us(clock);
	d->store = (struct store){ ask, health };
	d->loop = loop;
	d->clock = clock;
	d->channels = 1;
	d->cache = cache_new(clock, seed, 0);
	dns_configure(d, conf);
	return d;
}

static void
end(struct timer *t)
{
	struct dns *d = (struct dns *)((char *)t -
	    offsetof(struct dns, ending));

	close_channel(d);
	while (d->all)
		tell(d->all->waiters, LOSS_DOWN);
	channel_closed(d); /* ours */
}

void
dns_free(struct dns *d, void (*closed)(void *data), void *data)
{
	d->closed = closed;
	d->data = data;
	d->ending.fire = end;
	timer_start(&d->ending, d->clock, 0);
}
