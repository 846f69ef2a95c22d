/*
 * counts - what policyd counts, for those who look
 */
#include <string.h>

#include "ask/dns/dns.h"
#include "ask/redis/redis.h"
#include "base/log.h"
#include "base/text.h"
#include "checks/checks.h"
#include "checks/recent.h"
#include "conf/conf.h"
#include "engine/engine.h"
#include "event/events.h"
#include "rate/local.h"
#include "wire/wire.h"

#include "daemon.h"

struct count {
	const char *name;
	uint64_t value;
};

static void
log_line_of(
    const char *what, const char *name, const struct count *counts, size_t n)
{
	struct line l;

	line_clear(&l);
	line_add(&l, "counts");
	line_field(&l, what, name);
	for (size_t i = 0; i < n; i++)
		line_number(&l, counts[i].name, (long long)counts[i].value);
	log_line(LEVEL_INFO, &l);
}

static void
log_engine(const struct daemon *d)
{
	const struct engine_counts *e = engine_counts(d->engine);
	const struct count list[] = {
		{ "requests", e->requests },
		{ "inbound", e->by_class[0] },
		{ "authenticated", e->by_class[1] },
		{ "trusted", e->by_class[2] },
		{ "repeated", e->repeated },
		{ "late", e->late },
		{ "transactions", e->transactions },
		{ "committed", e->committed },
		{ "released", e->released },
	};

	log_line_of("of", "engine", list, sizeof(list) / sizeof(list[0]));
}

static void
log_wire(const struct daemon *d)
{
	const struct wire_counts *w = wire_counts(d->wire);
	const struct count list[] = {
		{ "clients", w->clients },
		{ "accepted", w->accepted },
		{ "over_limit", w->refused },
		{ "protocol_errors", w->protocol_errors },
		{ "slow", w->slow },
		{ "log_dropped", log_dropped() },
	};

	log_line_of("of", "wire", list, sizeof(list) / sizeof(list[0]));
}

static void
log_http(const struct daemon *d)
{
	const struct http_counts *h = d->http ? http_counts(d->http) : NULL;

	if (!h)
		return;
	log_line_of("of", "http",
	    (const struct count[]){
		{ "connections", h->connections },
		{ "accepted", h->accepted },
		{ "requests", h->requests },
		{ "refused", h->refused },
		{ "slow", h->slow },
	    },
	    5);
}

static void
log_event(const struct event_counts *c)
{
	const struct count list[] = {
		{ "told", c->told[BY_LOG][TOLD] },
		{ "command", c->told[BY_COMMAND][TOLD] },
		{ "command_failed", c->told[BY_COMMAND][TOLD_FAILED] },
		{ "command_dropped", c->told[BY_COMMAND][TOLD_DROPPED] },
		{ "url", c->told[BY_URL][TOLD] },
		{ "url_failed", c->told[BY_URL][TOLD_FAILED] },
		{ "url_dropped", c->told[BY_URL][TOLD_DROPPED] },
	};

	log_line_of("event", c->event, list, sizeof(list) / sizeof(list[0]));
}

static void
log_events(const struct daemon *d)
{
	const struct event_counts *rows;
	size_t count = 0;

	rows = events_counts(d->events, &count);
	for (size_t i = 0; i < count; i++)
		log_event(&rows[i]);
}

static void
log_rate(const struct daemon *d)
{
	const struct local_counts c = local_counts(d->local);
	const struct count list[] = {
		{ "nodes", c.nodes },
		{ "meters", c.meters },
		{ "charged", c.charged },
		{ "refused", c.refused },
		{ "handed_over", c.handed_over },
		{ "full", c.full },
	};

	log_line_of("of", "rate_alone", list, sizeof(list) / sizeof(list[0]));
}

static void
log_greylist(const struct daemon *d)
{
	const struct recent_counts c = recent_counts(d->recent);
	const struct count list[] = {
		{ "asked", c.asked },
		{ "remembered", c.remembered },
	};

	log_line_of(
	    "of", "greylist_memory", list, sizeof(list) / sizeof(list[0]));
}

static void
log_check(const struct daemon *d, size_t i)
{
	const struct check_counts *c = engine_check_counts(d->engine, i);
	const struct count list[] = {
		{ "pass", c->verdicts[VERDICT_PASS] },
		{ "exempt", c->verdicts[VERDICT_EXEMPT] },
		{ "refuse", c->verdicts[VERDICT_REFUSE] },
		{ "unknown", c->verdicts[VERDICT_UNKNOWN] },
		{ "refused", c->refused },
		{ "marked", c->marked },
		{ "observed_pass", c->observed[VERDICT_PASS] },
		{ "observed_refuse", c->observed[VERDICT_REFUSE] },
		{ "observed_unknown", c->observed[VERDICT_UNKNOWN] },
		{ "committed", c->committed },
		{ "released", c->released },
	};

	log_line_of(
	    "check", checks[i]->name, list, sizeof(list) / sizeof(list[0]));
}

static void
log_store(const struct daemon *d)
{
	struct store_health h;
	struct store *s = redis_store(d->redis);
	struct line l;

	s->health(s, &h);
	line_clear(&l);
	line_add(&l, "counts of=redis");
	line_field(&l, "state", h.state);
	line_field(&l, "where", h.where);
	line_field(&l, "error", h.error);
	line_number(&l, "asked", (long long)h.asked);
	line_number(&l, "answered", (long long)h.answered);
	line_number(&l, "in_flight", h.in_flight);
	line_number(&l, "latency_us", (long long)h.latency_us);
	line_number(&l, "told_of_changes", h.watching);
	for (int i = LOSS_NONE + 1; i < LOSS_COUNT; i++)
		if (h.lost[i] > 0)
			line_number(
			    &l, loss_name((enum loss)i), (long long)h.lost[i]);
	log_line(LEVEL_INFO, &l);
}

static void
log_dns(const struct daemon *d)
{
	const struct dns_counts c = dns_counts(d->dns);
	struct store *s = dns_store(d->dns);
	struct store_health h;
	struct line l;

	s->health(s, &h);
	line_clear(&l);
	line_add(&l, "counts of=dns");
	line_field(&l, "state", h.state);
	line_field(&l, "where", h.where);
	line_field(&l, "error", h.error);
	line_number(&l, "asked", (long long)c.asked);
	line_number(&l, "answered", (long long)c.answered);
	line_number(&l, "remembered", (long long)c.hits);
	line_number(&l, "shared", (long long)c.shared);
	line_number(&l, "late", (long long)c.late);
	line_number(&l, "busy", (long long)c.busy);
	line_number(&l, "down", (long long)c.down);
	line_number(&l, "failed", (long long)c.failed);
	line_number(&l, "in_flight", c.in_flight);
	line_number(&l, "bytes", (long long)c.bytes);
	log_line(LEVEL_INFO, &l);
}

void
counts_log(const struct daemon *d)
{
	log_engine(d);
	log_wire(d);
	log_http(d);
	for (size_t i = 0; checks[i]; i++)
		log_check(d, i);
	log_events(d);
	log_rate(d);
	log_greylist(d);
	log_store(d);
	log_dns(d);
	dnsbl_log(d);
}
