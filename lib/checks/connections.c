/*
 * connections - not too many sessions at a time, nor too many a minute
 *
 * A session is counted once, at the first request that comes so far: that is
 * CONNECT when Postfix asks then. What it was told holds until it ends. Those
 * of one address are counted by leases in Redis, for the whole cluster; who
 * begins too many within a minute is struck by the script that counts them.
 *
 * Postfix tells nobody that a session is over: its smtpd process waits for the
 * next client, which may take long. As load of this host count the sessions
 * that were heard of a moment ago.
 */
#include "checks/checks.h"

#include <stdlib.h>

#include "base/arena.h"
#include "checks/evidence.h"

enum { LOAD, INDEX }; /* who is there; a ban, when it came to that */
enum { MOMENT_MS = 10000 };

enum limit { NONE, SERVER, ADDRESS, RATE };

/* What a session keeps: how it was judged, and what gives its lease back. */
struct counted {
	enum limit limit;
	int64_t count, most;
	const char *lease; /* NULL: it has none */
	struct address client;
	struct conf *conf; /* that the lease was taken under */
};

static bool
is_served(const void *data)
{
	return ((const struct counted *)data)->limit == NONE;
}

/* False for what is no session that could be told from others (Postfix before
 * 3.0 knows no port), and for those whom nobody holds anything against. */
static bool
counts(const struct request *req)
{
	return req->client.family != 0 &&
	    (req->dry || strtoul(req->client_port, NULL, 10) > 0) &&
	    !lists_immune(req->lists, req->conf, &req->client, req->client_name,
		req->unix_time);
}

/* A TCP connection has one name in the whole cluster. */
static const char *
lease_of(const struct request *req)
{
	return arena_printf(req->arena, "%s/%lu@%s/%lu", req->client_address,
	    strtoul(req->client_port, NULL, 10), req->server_address,
	    strtoul(req->server_port, NULL, 10));
}

/* How many sessions this policyd serves; 0 when there may be one more. */
static int64_t
full(const struct request *req, const struct facts *facts)
{
	const int64_t most = req->set->connections.server;
	int64_t n;

	if (most == 0 || req->dry)
		return 0;
	n = visits_charged(facts, MOMENT_MS, is_served);
	return n >= most ? n : 0;
}

/* The script has banned the client; the index of all bans is elsewhere. */
static void
ask_index(
    const struct request *req, const struct answer *a, struct questions *qs)
{
	struct register_load load;

	if (a->state == KNOWN && register_load(a, &load) && load.ban_until != 0)
		ask_script(qs, INDEX,
		    register_index(req->arena, req->conf, REGISTER_BAN,
			&req->client, load.ban_until));
}

static void
ask(const struct request *req, const struct facts *facts, struct questions *qs)
{
	const struct answer *a = facts_get(facts, LOAD);

	if (a->state != UNASKED)
		ask_index(req, a, qs);
	else if (counts(req) && !visit_charged(facts))
		ask_script(qs, LOAD,
		    register_connect(req->arena, req->conf, &req->client,
			full(req, facts) > 0 ? "" : lease_of(req), req->dry));
}

static struct counted
weigh(const struct request *req, const struct facts *facts,
    const struct register_load *load)
{
	const int64_t most = req->set->connections.address;
	const struct rate *rate = &req->set->connections.rate;
	const int64_t served = load->taken ? 0 : full(req, facts);

	if (rate->count > 0 && load->rate > rate->count)
		return (struct counted){ RATE, load->rate, rate->count };
	if (most > 0 && load->open >= most && !load->taken)
		return (struct counted){ ADDRESS, load->open, most };
	if (served > 0)
		return (struct counted){ SERVER, served,
			req->set->connections.server };
	return (struct counted){ .limit = NONE };
}

static struct verdict
verdict_of(const struct counted *c)
{
	static const char *const names[] = {
		[SERVER] = "server", [ADDRESS] = "address", [RATE] = "rate"
	};
	struct verdict v;

	if (c->limit == NONE)
		return verdict_pass();
	v = verdict_refuse(REPLY_BUSY);
	verdict_text(&v, "limit", names[c->limit]);
	verdict_number(&v, "count", c->count);
	verdict_number(&v, "most", c->most);
	return v;
}

static void
let_go_conf(void *conf)
{
	conf_unref(conf);
}

/* From now on the session is known. */
static void
keep(const struct request *req, const struct facts *facts,
    const struct counted *c, bool lease)
{
	struct arena *a = visit_arena(facts);
	struct counted *kept = arena_alloc(a, sizeof(*kept));

	*kept = *c;
	if (lease) {
		kept->lease = arena_strdup(a, lease_of(req));
		kept->client = req->client;
		kept->conf = conf_ref(req->conf);
		arena_defer(a, let_go_conf, kept->conf);
	}
	charge_visit(facts, kept);
}

static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	const struct answer *a = facts_get(facts, LOAD);
	const struct counted *known = visit_charged(facts);
	struct register_load load;
	struct counted c;
	struct verdict v;

	if (known)
		return verdict_of(known);
	if (!counts(req))
		return verdict_pass();
	if (a->state != KNOWN || !register_load(a, &load))
		return verdict_unknown(a);
	c = weigh(req, facts, &load);
	if (!req->dry)
		keep(req, facts, &c, load.taken);
	v = verdict_of(&c);
	if (load.ban_until != 0) {
		evidence_until(&v, req, load.ban_until);
		verdict_number(&v, "level", load.level);
	}
	return v;
}

/* There is but one of a session. */
static void
settle(void *const *data, size_t count, const struct ending *end,
    struct questions *qs)
{
	const struct counted *c = data[0];

	(void)count;
	(void)end;
	if (c->lease)
		ask_script(qs, LOAD,
		    register_disconnect(
			questions_arena(qs), c->conf, &c->client, c->lease));
}

const struct check check_connections = {
	.name = "connections",
	.stages = AT_ANY,
	.classes = INBOUND,
	.tier = TIER_COUNTERS,
	.flags = SKIPS_ALLOWED | CHARGES_VISITS,
	.whose = OF_SERVER,
	.policy = offsetof(struct settings, connections.policy),
	.ask = ask,
	.judge = judge,
	.settle = settle,
};
