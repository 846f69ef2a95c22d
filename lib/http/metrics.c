/*
 * metrics - all that is counted, for Prometheus
 *
 * Reads what others count anyway; nothing is asked and nothing waits.
 */
#include "http/site.h"

#include <inttypes.h>
#include <string.h>

#include "ask/ask.h"
#include "ask/dns/dns.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "checks/recent.h"
#include "conf/options.h"
#include "engine/engine.h"
#include "event/events.h"
#include "http/metrics_dnsbl.h"
#include "http/page.h"
#include "http/sizes.h"
#include "rate/local.h"
#include "register/lists.h"
#include "scope/scope.h"
#include "wire/wire.h"

enum { CLASSES = 3, VERDICTS = 4 };

/* A number that differs when a value of the server's options does (FNV-1a, so
 * that it is the same on all machines). Secrets do not take part. */
static uint64_t
configuration_hash(const struct conf *conf, struct arena *a)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < option_count; i++) {
		const struct option *o = &options[i];
		const char *p;

		if (o->of == OF_REPLY)
			continue;
		p = option_value(o, option_base(o, conf), a);
		do
			hash = (hash ^ (unsigned char)*p) * 0x100000001b3u;
		while (*p++);
	}
	return hash;
}

static void
add_build(struct page *p, const struct site *s, struct arena *a)
{
	page_family(p, "policyd_build_info", "gauge", "The version; always 1.");
	page_sample(p, 1, "version", VERSION, NULL);
	page_family(p, "policyd_config_info", "gauge",
	    "A hash of the server's options; always 1.");
	page_sample(p, 1, "hash",
	    arena_printf(a, "%016" PRIx64,
		configuration_hash(engine_conf(s->engine), a)),
	    NULL);
	page_family(p, "policyd_start_time_seconds", "gauge",
	    "When it started, Unix time.");
	page_sample(p, s->started, NULL);
}

static void
add_files(struct page *p, const struct site *s)
{
	const struct {
		const char *name, *help;
		int64_t value;
	} rows[] = {
		{ "policyd_config_read_time_seconds",
		    "When the configuration was read, Unix time.",
		    s->conf.read },
		{ "policyd_reload_failed",
		    "Whether the last reload left the old configuration in "
		    "force, or a listener closed.",
		    s->conf.broken },
		{ "policyd_tables_read_time_seconds",
		    "When the lookup tables were read, Unix time.",
		    s->tables.read },
		{ "policyd_tables_broken",
		    "Whether their files have changed and cannot be used.",
		    s->tables.broken },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		page_family(p, rows[i].name, "gauge", rows[i].help);
		page_sample(p, rows[i].value, NULL);
	}
}

static void
add_requests(struct page *p, const struct site *s)
{
	const struct engine_counts *e = engine_counts(s->engine);

	page_family(
	    p, "policyd_requests_total", "counter", "Requests of Postfix.");
	for (unsigned c = 0; c < CLASSES; c++)
		for (unsigned i = 0; i < STAGE_COUNT; i++)
			if (e->by_stage[c][i] > 0)
				page_sample(p, (int64_t)e->by_stage[c][i],
				    "class",
				    class_name((enum request_class)(1 << c)),
				    "stage", stage_name(i), NULL);
	page_histogram(p, "policyd_request_duration_seconds",
	    "From a request to its reply.", &e->times);
	page_family(p, "policyd_requests_late_total", "counter",
	    "Requests whose deadline passed.");
	page_sample(p, (int64_t)e->late, NULL);
	page_family(p, "policyd_requests_repeated_total", "counter",
	    "Requests answered as the same one just before.");
	page_sample(p, (int64_t)e->repeated, NULL);
	page_family(p, "policyd_requests_in_work", "gauge",
	    "Requests not answered yet.");
	page_sample(p, engine_in_work(s->engine), NULL);
	page_family(p, "policyd_transactions_total", "counter",
	    "Transactions by their end.");
	page_sample(p, (int64_t)e->committed, "end", "committed", NULL);
	page_sample(p, (int64_t)e->released, "end", "released", NULL);
}

static void
add_verdicts(struct page *p, const struct site *s)
{
	page_family(p, "policyd_verdicts_total", "counter",
	    "What each check thought, by its mode.");
	for (size_t i = 0; s->checks[i]; i++) {
		const struct check_counts *c = engine_check_counts(
		    s->engine, i);

		for (int v = 0; v < VERDICTS; v++) {
			const char *name = verdict_name((enum verdict_kind)v);

			page_sample(p, (int64_t)c->verdicts[v], "check",
			    s->checks[i]->name, "mode", "enforce", "verdict",
			    name, NULL);
			page_sample(p, (int64_t)c->observed[v], "check",
			    s->checks[i]->name, "mode", "observe", "verdict",
			    name, NULL);
		}
	}
}

static void
add_marked(struct page *p, const struct site *s)
{
	page_family(p, "policyd_marked_messages_total", "counter",
	    "Messages that a check had given a header.");
	for (size_t i = 0; s->checks[i]; i++)
		page_sample(p,
		    (int64_t)engine_check_counts(s->engine, i)->marked, "check",
		    s->checks[i]->name, NULL);
}

/* A session's charges never commit. */
static void
add_charged(struct page *p, const struct site *s)
{
	page_family(p, "policyd_charged_transactions_total", "counter",
	    "Transactions that a check charged, by their end.");
	for (size_t i = 0; s->checks[i]; i++) {
		const struct check *c = s->checks[i];
		const struct check_counts *n = engine_check_counts(
		    s->engine, i);

		if (!c->settle || (c->flags & CHARGES_VISITS))
			continue;
		page_sample(p, (int64_t)n->committed, "check", c->name, "end",
		    "committed", NULL);
		page_sample(p, (int64_t)n->released, "check", c->name, "end",
		    "released", NULL);
	}
}

static void
add_refusals(struct page *p, const struct site *s, struct arena *a)
{
	const struct conf *conf = engine_conf(s->engine);

	page_family(p, "policyd_refusals_total", "counter",
	    "Replies other than DUNNO.");
	for (size_t i = 0; s->checks[i]; i++) {
		const struct check_counts *c = engine_check_counts(
		    s->engine, i);

		for (int r = 0; r < REPLY_COUNT; r++)
			if (c->replies[r] > 0)
				page_sample(p, (int64_t)c->replies[r], "check",
				    s->checks[i]->name, "reply",
				    reply_rows[r].name, "code",
				    arena_printf(
					a, "%d", conf->replies[r].code),
				    NULL);
	}
}

static void
add_store(struct page *p, const struct site *s)
{
	const struct store *store = engine_store(s->engine);
	struct store_health h = { .state = "", .where = "" };

	store->health(store, &h);
	page_family(p, "policyd_store_ready", "gauge",
	    "Whether Redis can be asked; /readyz tells why not.");
	page_sample(p, strcmp(h.state, "ready") == 0, "server", h.where, NULL);
	page_family(p, "policyd_store_tells_changes", "gauge",
	    "Whether Redis tells of changes in settings; otherwise it is asked "
	    "for them each half second.");
	page_sample(p, h.watching, NULL);
	page_family(p, "policyd_store_questions_total", "counter",
	    "Questions to Redis.");
	page_sample(p, (int64_t)h.asked, NULL);
	page_family(p, "policyd_store_answers_total", "counter",
	    "Answers of Redis that came in time.");
	page_sample(p, (int64_t)h.answered, NULL);
	page_family(p, "policyd_store_lost_total", "counter",
	    "Answers that did not, by reason.");
	for (int i = LOSS_NONE + 1; i < LOSS_COUNT; i++)
		page_sample(p, (int64_t)h.lost[i], "reason",
		    loss_name((enum loss)i), NULL);
	page_family(p, "policyd_store_in_flight", "gauge",
	    "Questions not answered yet.");
	page_sample(p, h.in_flight, NULL);
	if (h.times)
		page_histogram(p, "policyd_store_duration_seconds",
		    "Time to an answer of Redis, one question at a time.",
		    h.times);
	if (!h.lookup_times)
		return;
	page_histogram(p, "policyd_store_lookup_duration_seconds",
	    "Time to an answer about the name of Redis' server.",
	    h.lookup_times);
	page_family(p, "policyd_store_lookups_lost_total", "counter",
	    "Answers about that name that did not come in time.");
	page_sample(p, (int64_t)h.lookups_lost, NULL);
}

/* How checks fare with it; the name of Redis' server is another matter. */
static void
add_dns(struct page *p, const struct site *s)
{
	struct store_health h;
	struct dns_counts c;

	if (!s->dns)
		return;
	c = dns_counts(s->dns);
	dns_store(s->dns)->health(dns_store(s->dns), &h);
	page_family(p, "policyd_dns_ready", "gauge",
	    "Whether the name servers answer.");
	page_sample(p, strcmp(h.state, "ready") == 0, "server", h.where, NULL);
	page_family(p, "policyd_dns_questions_total", "counter",
	    "Questions of checks to the DNS, by who answers.");
	page_sample(p, (int64_t)c.asked, "from", "server", NULL);
	page_sample(p, (int64_t)c.hits, "from", "memory", NULL);
	page_sample(p, (int64_t)c.shared, "from", "shared", NULL);
	page_family(p, "policyd_dns_questions_lost_total", "counter",
	    "Such without an answer, by reason.");
	page_sample(p, (int64_t)c.late, "reason", "late", NULL);
	page_sample(p, (int64_t)c.busy, "reason", "busy", NULL);
	page_sample(p, (int64_t)c.down, "reason", "down", NULL);
	page_sample(p, (int64_t)c.failed, "reason", "failed", NULL);
	page_family(p, "policyd_dns_in_flight", "gauge",
	    "Questions that name servers have not answered yet.");
	page_sample(p, c.in_flight, NULL);
	page_family(
	    p, "policyd_dns_max_in_flight", "gauge", "How many that may be.");
	page_sample(p, c.most_in_flight, NULL);
	page_family(
	    p, "policyd_dns_memory_bytes", "gauge", "What answers take.");
	page_sample(p, (int64_t)c.bytes, NULL);
	page_family(
	    p, "policyd_dns_max_memory_bytes", "gauge", "What they may take.");
	page_sample(p, (int64_t)c.most_bytes, NULL);
	page_histogram(p, "policyd_dns_answer_seconds",
	    "Time to an answer of the name servers.", h.times);
}

static void
add_wire(struct page *p, const struct site *s)
{
	const struct wire_counts *w = wire_counts(s->wire);
	const struct http_counts *h = http_counts(s->http);
	const struct {
		const char *name, *type, *help;
		int64_t value;
	} rows[] = {
		{ "policyd_clients", "gauge", "Policy connections.",
		    w->clients },
		{ "policyd_clients_total", "counter",
		    "Policy connections so far.", (int64_t)w->accepted },
		{ "policyd_clients_refused_total", "counter",
		    "Policy connections over max_clients.",
		    (int64_t)w->refused },
		{ "policyd_protocol_errors_total", "counter",
		    "Clients closed for breaking the protocol.",
		    (int64_t)w->protocol_errors },
		{ "policyd_clients_slow_total", "counter",
		    "Clients closed with half a request.", (int64_t)w->slow },
		{ "policyd_log_dropped_total", "counter",
		    "Lines of the log that nobody took in time.",
		    (int64_t)log_dropped() },
		{ "policyd_http_connections", "gauge", "HTTP connections.",
		    h->connections },
		{ "policyd_http_requests_total", "counter", "HTTP requests.",
		    (int64_t)h->requests },
		{ "policyd_http_refused_total", "counter",
		    "HTTP requests answered with a 4xx.", (int64_t)h->refused },
		{ "policyd_http_slow_total", "counter",
		    "HTTP connections closed as slow or idle.",
		    (int64_t)h->slow },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		page_family(p, rows[i].name, rows[i].type, rows[i].help);
		page_sample(p, rows[i].value, NULL);
	}
}

/* What is not known is left out, not 0. */
static void
add_registers(struct page *p, const struct site *s)
{
	page_family(p, "policyd_register_entries", "gauge",
	    "Clients that stand in a register of the cluster.");
	for (int i = 0; i < SIZES; i++)
		if (sizes_of(s->sizes, (enum register_name)i) >= 0)
			page_sample(p,
			    sizes_of(s->sizes, (enum register_name)i),
			    "register", register_name((enum register_name)i),
			    NULL);
}

static void
add_lists(struct page *p, const struct site *s)
{
	const struct lists *lists = engine_known_lists(s->engine);

	page_family(p, "policyd_list_entries", "gauge",
	    "Entries of a list of the cluster, as mirrored here.");
	for (int i = 0; i < LIST_COUNT; i++)
		page_sample(p, lists_size(lists, (enum list_name)i), "list",
		    list_name((enum list_name)i), NULL);
	if (lists_read_at(lists) == 0)
		return;
	page_family(
	    p, "policyd_lists_age_seconds", "gauge", "How old that copy is.");
	page_sample(p, clock_unix(s->clock) - lists_read_at(lists), NULL);
}

static void
add_scopes(struct page *p, const struct site *s)
{
	const struct scopes_counts c = engine_scopes_counts(s->engine);

	page_family(p, "policyd_scopes_total", "counter",
	    "Addresses whose settings were looked up, by where they were.");
	page_sample(p, (int64_t)(c.hits - c.stale), "from", "memory", NULL);
	page_sample(p, (int64_t)c.misses, "from", "redis", NULL);
	page_sample(p, (int64_t)c.stale, "from", "stale", NULL);
	page_family(p, "policyd_scopes_entries", "gauge",
	    "Domains and mailboxes in memory.");
	page_sample(p, c.size, NULL);
}

static void
add_greylist(struct page *p, const struct site *s)
{
	const struct recent_counts c = recent_counts(s->recent);

	page_family(p, "policyd_greylist_records_total", "counter",
	    "Records of the greylist that were looked up, by where they were.");
	page_sample(p, (int64_t)c.remembered, "from", "memory", NULL);
	page_sample(p, (int64_t)c.asked, "from", "redis", NULL);
}

static void
add_event(struct page *p, const struct event_counts *c)
{
	for (int by = 0; by < TELLERS; by++)
		for (int how = 0; how < TOLD_RESULTS; how++)
			page_sample(p, (int64_t)c->told[by][how], "event",
			    c->event, "by", teller_name((enum teller)by),
			    "result", told_name((enum told)how), NULL);
}

static void
add_events(struct page *p, const struct site *s)
{
	const struct event_counts *rows;
	size_t count;

	if (!s->events)
		return;
	page_family(p, "policyd_events_total", "counter",
	    "Events, by who was to be told and what became of it.");
	rows = events_counts(s->events, &count);
	for (size_t i = 0; i < count; i++)
		add_event(p, &rows[i]);
}

static void
add_rate(struct page *p, const struct site *s)
{
	const struct local_counts c = local_counts(s->local);
	const struct {
		const char *name, *type, *help;
		uint64_t value;
	} rows[] = {
		{ "policyd_nodes", "gauge",
		    "Daemons of the cluster that are alive, as last known.",
		    c.nodes },
		{ "policyd_rate_advances", "gauge",
		    "Meters of rate of which Redis has agreed to more.",
		    c.ahead.advances },
		{ "policyd_rate_advance_charged_total", "counter",
		    "Charges that were covered by that, without asking.",
		    c.ahead.charged },
		{ "policyd_rate_noted", "gauge",
		    "Open charges in this daemon's pages of the journal.",
		    c.ahead.noted },
		{ "policyd_rate_given_back_total", "counter",
		    "Open charges that were found in pages of dead ones.",
		    c.ahead.given_back },
		{ "policyd_rate_alone_meters", "gauge",
		    "Meters of rate counted here, while Redis is lost.",
		    c.meters },
		{ "policyd_rate_alone_charged_total", "counter",
		    "Charges that were within our share of their limits.",
		    c.charged },
		{ "policyd_rate_alone_refused_total", "counter",
		    "Charges that were not.", c.refused },
		{ "policyd_rate_alone_handed_over_total", "counter",
		    "Sums of such meters that Redis was told later.",
		    c.handed_over },
		{ "policyd_rate_alone_full_total", "counter",
		    "Charges that found no room, and were lost.", c.full },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		page_family(p, rows[i].name, rows[i].type, rows[i].help);
		page_sample(p, (int64_t)rows[i].value, NULL);
	}
}

void
serve_metrics(struct http_request *req, void *data)
{
	const struct site *s = data;
	struct page *p = page_new(req->arena);

	add_build(p, s, req->arena);
	add_files(p, s);
	add_requests(p, s);
	add_verdicts(p, s);
	add_marked(p, s);
	add_charged(p, s);
	add_refusals(p, s, req->arena);
	add_store(p, s);
	add_dns(p, s);
	metrics_dnsbl(p, s->zones);
	add_wire(p, s);
	add_registers(p, s);
	add_lists(p, s);
	add_scopes(p, s);
	add_greylist(p, s);
	add_events(p, s);
	add_rate(p, s);
	http_reply(req, 200, PAGE_TYPE, page_text(p));
}
