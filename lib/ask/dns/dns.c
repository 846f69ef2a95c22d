/*
 * dns - what is known, what is under way, and what can be asked at all
 *
 * c-ares calls back when it likes, from inside its own calls, too. So nothing
 * is told from there, and no channel is closed: see flight.h.
 */
#include "ask/dns/dns.h"

#define CARES_NO_DEPRECATED /* 1.34 would rather have ares_query_dnsrec() */
#include <ares.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask/dns/cache.h"
#include "ask/dns/channel.h"
#include "ask/dns/flight.h"
#include "ask/dns/silence.h"
#include "ask/dns/words.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/histogram.h"
#include "conf/stamp.h"

/* All servers know who serves the root, or at once that they will not say. */
#define PROBE "."
enum { CLASS_IN = 1, PROBE_TYPE = 2 /* NS */ };

static const char resolv_conf[] = "/etc/resolv.conf"; /* as c-ares reads it */

struct dns {
	struct store store;
	uv_loop_t *loop;
	struct clock *clock;
	struct channel *channel; /* NULL until it is needed */
	unsigned channels; /* it, those being closed, and one for us */
	char *servers; /* NULL: those of the system */
	struct stamp system; /* resolv.conf, when it was read */
	unsigned most; /* in flight */
	struct cache *cache;
	size_t cache_most;
	struct flights flights;
	struct dns_counts counts;
	struct silence silence;
	struct histogram times;
	char error[128];
	struct timer ending;
	void (*closed)(void *data);
	void *data;
};

static const char *
where(const struct dns *d)
{
	return d->servers ? d->servers : "resolv.conf";
}

static struct dns *
dns_of(const struct flight *f)
{
	return f->flights->data;
}

/* -- answers -- */

/* However many wait for it, and whatever comes of it later. */
static void
unheard(struct flight *f, const char *why)
{
	if (!f->unheard)
		silence_lost(&dns_of(f)->silence, why);
	f->unheard = true;
}

static void
late(struct flight *f)
{
	dns_of(f)->counts.late++;
	unheard(f, "no answer in time");
}

static void
take(struct flight *f, const struct dns_message *m)
{
	const bool lost = m->outcome == DNS_FAILED ||
	    m->outcome == DNS_NONSENSE;
	struct cached c = { .outcome = lost ? DNS_FAILED : m->outcome,
		.loss = lost ? LOSS_DNS : LOSS_NONE,
		.records = dns_pack(f->arena, m) };

	dns_of(f)->counts.failed += lost;
	cache_put(dns_of(f)->cache, f->type, f->name, &c,
	    lost ? CACHE_LOST_MS : cache_holds_ms(m->ttl));
	flight_land(f, &c);
}

/* What c-ares has no packet for: it refuses the name, or heard nothing. Since
 * 1.22 it refuses what no host has ("a+b"), escaped, and in a packet of ours
 * (ares_send() writes it anew), too: whether there is such a name is not known
 * then, and of the servers that says nothing. */
static void
take_status(struct flight *f, int status)
{
	struct dns *d = dns_of(f);
	struct dns_message none = { .outcome = DNS_NO_NAME };
	struct dns_message unasked = { .outcome = DNS_FAILED };
	struct cached lost = { .outcome = DNS_FAILED };

	if (status == ARES_EBADNAME || status == ARES_ENOTFOUND) {
		take(f, status == ARES_EBADNAME ? &unasked : &none);
		return;
	}
	if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED) {
		flight_lost(f, LOSS_DOWN);
		return;
	}
	strncpy(d->error, ares_strerror(status), sizeof(d->error) - 1);
	d->counts.failed += status != ARES_ETIMEOUT || !f->unheard;
	unheard(f, d->error);
	lost.loss = status == ARES_ETIMEOUT ? LOSS_TIMEOUT : LOSS_DNS;
	cache_put(d->cache, f->type, f->name, &lost, CACHE_LOST_MS);
	flight_land(f, &lost);
}

static void
on_answer(void *data, int status, int timeouts, unsigned char *bytes, int size)
{
	struct flight *f = data;
	struct dns *d = dns_of(f);
	struct dns_message m;

	(void)timeouts;
	f->away = false;
	d->counts.in_flight--;
	if (bytes && size > 0) {
		d->counts.answered++;
		histogram_add(&d->times, clock_us(d->clock) - f->asked_us);
	}
	if (bytes && size > 0 &&
	    (status == ARES_SUCCESS || status == ARES_ENODATA ||
		status == ARES_ENOTFOUND)) {
		dns_message(
		    f->arena, bytes, (size_t)size, f->type, f->name, &m);
		take(f, &m);
	} else
		take_status(f, status);
	flight_let_go(f);
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

static void
heard(void *dns)
{
	silence_heard(&((struct dns *)dns)->silence);
}

/* Never from inside a callback of c-ares. False, and it is told why. */
static bool
open_channel(struct dns *d)
{
	const char *error = "";

	if (d->channel)
		return true;
	d->system = stamp_of(resolv_conf);
	d->channel = channel_new(d->loop, d->clock, d->servers, &error);
	if (!d->channel) {
		strncpy(d->error, error, sizeof(d->error) - 1);
		return false;
	}
	d->channels++;
	channel_listen(d->channel, heard, d);
	return true;
}

static void
take_off(struct flight *f)
{
	struct dns *d = dns_of(f);

	if (!open_channel(d)) {
		flight_lost(f, LOSS_DOWN);
		return;
	}
	flight_list(f, cache_number(d->cache, f->type, f->name));
	f->away = true;
	f->asked_us = clock_us(d->clock);
	d->counts.in_flight++;
	d->counts.asked++;
	ares_query(channel_ares(d->channel), dns_escaped(f->arena, f->name),
	    CLASS_IN, (int)f->type, on_answer, f);
	channel_asked(d->channel);
}

/* -- other servers, and whether there are any -- */

static bool
system_changed(const struct dns *d)
{
	const struct stamp now = stamp_of(resolv_conf);

	return !d->servers && d->channel && !stamp_same(&now, &d->system);
}

static void
forget_servers(struct dns *d)
{
	close_channel(d);
	cache_clear(d->cache);
}

/* What it says does not matter: that it is heard does. */
static void
on_probe(void *data, int status, int timeouts, unsigned char *bytes, int size)
{
	(void)data, (void)status, (void)timeouts, (void)bytes, (void)size;
}

/* A mail server may be started before its network. */
static void
probe(struct silence *s)
{
	struct dns *d = (void *)((char *)s - offsetof(struct dns, silence));

	if (system_changed(d))
		forget_servers(d);
	if (!open_channel(d))
		return;
	ares_query(channel_ares(d->channel), PROBE, CLASS_IN, PROBE_TYPE,
	    on_probe, NULL);
	channel_asked(d->channel);
}

/* -- the store -- */

/* What is known without asking, or that nobody can be asked. */
static void
answer_now(struct dns *d, struct flight *f, uint64_t number, bool fresh)
{
	struct cached known;

	if (!dns_is_name(f->name)) {
		flight_land(f, &(struct cached){ .outcome = DNS_NO_NAME });
	} else if (!fresh && cache_find(d->cache, f->type, f->name, &known)) {
		d->counts.hits++;
		f->remembered = true;
		flight_land(f, &known);
	} else if (d->silence.silent) {
		d->counts.down++;
		flight_lost(f, LOSS_DOWN);
	} else if (d->counts.in_flight >= d->most ||
	    flight_taken(&d->flights, number)) {
		d->counts.busy++;
		flight_lost(f, LOSS_BUSY);
	}
}

static bool
known(struct store *s, const struct question *q, struct answer *out)
{
	struct dns *d = (struct dns *)s;
	struct cached c;

	if (q->fresh || !cache_find(d->cache, q->dns, q->words[0].text, &c))
		return false;
	d->counts.hits++;
	flight_answer(&c, true, out);
	return true;
}

static void
ask(struct store *s, const struct question *q, struct ticket *t)
{
	struct dns *d = (struct dns *)s;
	const enum dns_type type = q->dns;
	const char *name = q->words[0].text;
	const uint64_t number = cache_number(d->cache, type, name);
	struct flight *f = flight_find(&d->flights, number, type, name);

	if (f) {
		d->counts.shared++;
		flight_wait(f, t);
		return;
	}
	f = flight_new(&d->flights, type, name);
	answer_now(d, f, number, q->fresh);
	flight_wait(f, t); /* before c-ares may call back */
	if (!f->known)
		take_off(f);
}

static void
health(const struct store *s, struct store_health *h)
{
	const struct dns *d = (const struct dns *)s;

	*h = (struct store_health){ .state = d->silence.silent ? "silent"
							       : "ready",
		.where = where(d),
		.error = d->error,
		.asked = d->counts.asked,
		.answered = d->counts.answered,
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
	c.most_in_flight = d->most;
	c.most_bytes = d->cache_most;
	return c;
}

void
dns_servers(const struct dns *d, char *out, size_t size)
{
	if (d->servers || !d->channel)
		snprintf(out, size, "%s", where(d));
	else
		channel_servers(d->channel, out, size);
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

	d->flights.deadline_ms = (uint64_t)conf->deadline_ms;
	d->most = (unsigned)conf->max_in_flight;
	d->cache_most = (size_t)conf->cache;
	cache_limit(d->cache, d->cache_most);
	free(d->servers);
	d->servers = servers;
	d->silence.servers = where(d);
	d->silence.probe_ms = d->flights.deadline_ms;
	if (same && !system_changed(d))
		return;
	forget_servers(d);
	silence_end(&d->silence);
}

struct dns *
dns_new(uv_loop_t *loop, struct clock *clock, const struct conf_dns *conf)
{
	struct dns *d = xcalloc(1, sizeof(*d));

	d->store = (struct store){ ask, health, .known = known };
	d->loop = loop;
	d->clock = clock;
	d->channels = 1;
	d->cache = cache_new(clock, hash_seed(), 0);
	d->flights = (struct flights){ clock, .late = late, .data = d };
	d->silence = (struct silence){ clock, .probe = probe };
	dns_configure(d, conf);
	return d;
}

static void
end(struct timer *t)
{
	struct dns *d = (struct dns *)((char *)t -
	    offsetof(struct dns, ending));

	silence_end(&d->silence);
	close_channel(d);
	flights_end(&d->flights);
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
