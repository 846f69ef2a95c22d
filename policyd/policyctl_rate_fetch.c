/*
 * policyctl_rate_fetch - what Redis says of meters, and what that comes to
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "policyctl.h"
#include "policyctl_rate.h"
#include "policyctl_redis.h"
#include "scope/scope.h"

/* Meters of one question: alone, each costs Redis half as much again. More of
 * them would make it no cheaper. */
enum { TOGETHER = 8 };

/* 0 for what is no time. */
static int64_t
time_of(const struct node *n)
{
	const size_t digits = strspn(n->text, "0123456789");

	return n->kind == NODE_TEXT && digits < 13 && !n->text[digits]
	    ? strtoll(n->text, NULL, 10)
	    : 0;
}

/* False when it is no count. */
static bool
add_count(const struct node *n, int64_t *sum)
{
	const size_t digits = strspn(n->text, "0123456789");

	if (n->kind != NODE_TEXT || digits > 15 || n->text[digits])
		return false;
	*sum += strtoll(n->text, NULL, 10);
	return true;
}

/* What a charge goes by; of networks there is no such sum. Without `earlier`
 * there was nothing before. */
static int64_t
most(const struct gauge *g, const struct node *current,
    const struct node *earlier)
{
	int64_t sum = 0;

	return g->meter.kind != RATE_NETWORKS && add_count(current, &sum) &&
		(earlier->kind != NODE_TEXT || add_count(earlier, &sum))
	    ? sum
	    : INT64_MAX;
}

static void
take(struct gauge *g, const struct node *fields)
{
	g->is = (struct rate_state){ 0 };
	g->there = g->unreadable = fields->kind != NODE_LIST;
	if (g->unreadable)
		return;
	for (size_t i = 0; i < fields->count; i++)
		g->there |= fields->items[i].kind == NODE_TEXT;
	g->warned = time_of(&fields->items[0]);
	g->refused = time_of(&fields->items[1]);
	g->at_most = most(g, &fields->items[3], &fields->items[4]);
}

bool
gauges_glance(struct door *d, struct arena *a, struct gauge *list, size_t count)
{
	struct order *orders = arena_alloc(a, count * sizeof(*orders));

	for (size_t i = 0; i < count; i++)
		order_words(&orders[i], "HMGET", list[i].meter.key.text,
		    "warned", "refused", "window", "current", "earlier",
		    "grant", NULL);
	if (!door_ask(d, a, orders, count))
		return false;
	for (size_t i = 0; i < count; i++)
		take(&list[i], &orders[i].reply);
	return true;
}

/* Some of them, as one question. */
struct sight {
	struct gauge *list;
	struct meters meters;
};

static struct sight
sight_of(struct arena *a, struct gauge *list, size_t count)
{
	struct meter *items = arena_alloc(a, count * sizeof(*items));

	for (size_t i = 0; i < count; i++)
		items[i] = list[i].meter;
	return (struct sight){ list, { (unsigned)count, items } };
}

static void
take_sight(const struct sight *s, const struct answer *answer)
{
	struct rate_state states[TOGETHER] = { 0 };
	const bool known = rate_state(answer, &s->meters, states);

	for (unsigned i = 0; i < s->meters.count; i++) {
		struct gauge *g = &s->list[i];

		g->is = known ? states[i] : (struct rate_state){ 0 };
		g->there |= g->is.used > 0 || g->is.previous > 0;
	}
}

bool
gauges_look(struct door *d, struct arena *a, struct gauge *list, size_t count,
    struct word journal)
{
	const size_t most = (count + TOGETHER - 1) / TOGETHER;
	struct sight *sights = arena_alloc(a, most * sizeof(*sights));
	struct question *qs = arena_alloc(a, most * sizeof(*qs));
	struct answer *answers = arena_alloc(a, most * sizeof(*answers));

	for (size_t i = 0, done = 0; i < most; i++, done += TOGETHER) {
		const size_t rest = count - done;

		sights[i] = sight_of(
		    a, list + done, rest < TOGETHER ? rest : TOGETHER);
		qs[i] = rate_look(a, &sights[i].meters, 0, journal);
	}
	if (!door_question(d, a, qs, answers, most))
		return false;
	for (size_t i = 0; i < most; i++)
		take_sight(&sights[i], &answers[i]);
	return true;
}

bool
gauges_fetch(const struct ctl *ctl, struct door *d, struct arena *a,
    struct gauge *list, size_t count)
{
	return gauges_glance(d, a, list, count) &&
	    gauges_look(d, a, list, count, rate_journal(a, ctl->conf->prefix));
}

/* Keeps those that are. */
static void
keep_full(struct gauges *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++)
		if (gauge_is_full(&list->items[i]))
			list->items[kept++] = list->items[i];
	list->count = kept;
}

bool
gauges_full(struct ctl *ctl, struct door *d, struct arena *a, const char *user,
    struct gauges *out)
{
	struct payer p;

	*out = (struct gauges){ 0 };
	payer_login(ctl, user, &p);
	payer_find(ctl, d, &p);
	if (p.scope->set->rate.policy.mode == MODE_OFF)
		return true;
	gauges_limited(ctl, a, &p, true, out);
	if (!gauges_fetch(ctl, d, a, out->items, out->count))
		return false;
	keep_full(out);
	return true;
}

int64_t
gauge_limit(const struct gauge *g)
{
	return g->idle || g->meter.limit.count == 0
	    ? 0
	    : g->meter.limit.count + g->is.granted;
}

static int64_t
percent(const struct gauge *g, int64_t used)
{
	const int64_t limit = gauge_limit(g);

	return limit > 0 ? (int64_t)(100.0 * (double)used / (double)limit) : -1;
}

int64_t
gauge_percent(const struct gauge *g)
{
	return percent(g, g->is.used);
}

/* What was granted is not known yet, and would only make it less. */
int64_t
gauge_most_percent(const struct gauge *g)
{
	return g->at_most == INT64_MAX ? INT64_MAX : percent(g, g->at_most);
}

bool
gauge_is_full(const struct gauge *g)
{
	return gauge_limit(g) > 0 && g->is.used >= gauge_limit(g);
}
