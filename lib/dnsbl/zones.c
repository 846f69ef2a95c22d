/*
 * zones - questions on their way to a list, and the lists
 */
#include "dnsbl/zones.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ask/dns/words.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "conf/conf.h"
#include "dnsbl/zone.h"

struct zones {
	struct store store;
	struct zone_rules rules;
	struct zone *all; /* as configured; behind them those that were */
};

/* A question that somebody waits for, or the DNS has, or both. */
struct passing {
	struct ticket ticket; /* what the DNS is given */
	struct timer timer; /* the deadline, or now */
	struct passing *next, **at; /* of those that wait for a probe */
	struct zones *zones;
	struct zone *zone; /* NULL: no such list any more */
	struct ticket *asker; /* NULL: was told */
	enum loss loss; /* when the time is over */
	bool away; /* the DNS has it */
	struct question question; /* who was told may forget his */
	char name[];
};

static struct zones *
zones_of(struct zone *z)
{
	return (
	    struct zones *)((char *)z->rules - offsetof(struct zones, rules));
}

/* -- the lists -- */

static struct zone **
place(struct zones *zs, const char *name)
{
	struct zone **at = &zs->all;

	while (*at && strcmp((*at)->name, name) != 0)
		at = &(*at)->next;
	return at;
}

/* Those that stand in the configuration no more, when nothing needs them. */
static void
sweep(struct zones *zs)
{
	struct zone **at = &zs->all, *z;

	while ((z = *at)) {
		if (z->kept || z->holds > 0 || probe_open(&z->probe)) {
			at = &z->next;
			continue;
		}
		*at = z->next;
		zone_free(z);
	}
}

/* -- questions -- */

static void
wait_for_probe(struct passing *p)
{
	struct zone *z = p->zone;

	p->next = z->waiting;
	p->at = &z->waiting;
	if (p->next)
		p->next->at = &p->next;
	z->waiting = p;
}

static void
wait_no_more(struct passing *p)
{
	if (!p->at)
		return;
	*p->at = p->next;
	if (p->next)
		p->next->at = p->at;
	p->at = NULL;
}

static void
let_go(struct passing *p)
{
	struct zone *z = p->zone;

	if (p->asker || p->away)
		return;
	if (z && --z->holds == 0 && !z->kept)
		sweep(p->zones);
	free(p);
}

static void
tell(struct passing *p, const struct answer *answer)
{
	struct ticket *t = p->asker;

	timer_stop(&p->timer);
	wait_no_more(p);
	p->asker = NULL;
	if (answer->state == LOST && p->zone && p->question.dns == DNS_A)
		p->zone->lost[answer->loss]++;
	t->answered(t, answer);
}

static void
on_time(struct timer *timer)
{
	struct passing *p = (struct passing *)((char *)timer -
	    offsetof(struct passing, timer));

	if (p->away)
		zone_unheard(p->zone);
	tell(p, &(struct answer){ .state = LOST, .loss = p->loss });
	let_go(p);
}

/* Told in a moment. */
static void
lose(struct passing *p, enum loss loss)
{
	wait_no_more(p);
	p->loss = loss;
	timer_start(&p->timer, p->zones->rules.clock, 0);
}

static void
answered(struct ticket *ticket, const struct answer *answer)
{
	struct passing *p = (struct passing *)ticket;
	const struct ruling r = zone_judge(p->zone, &p->question, answer);
	const struct answer lost = { .state = LOST, .loss = r.loss };

	p->away = false;
	if (p->asker && answer->loss == LOSS_TIMEOUT && !answer->remembered)
		zone_unheard(p->zone);
	if (p->asker) {
		p->zone->listed += r.listed;
		tell(p, r.loss == LOSS_NONE ? answer : &lost);
	}
	let_go(p);
}

static void
send(struct passing *p)
{
	wait_no_more(p);
	p->away = true;
	store_ask(p->zones->rules.dns, &p->question, &p->ticket);
}

/* To the DNS, or not, as the list is now. */
static void
pass(struct passing *p)
{
	if (p->zone->state == ZONE_ON)
		send(p);
	else if (p->zone->state == ZONE_SILENT)
		lose(p, LOSS_DOWN);
	else
		lose(p, LOSS_LIST);
}

static void
settled(struct zone *z)
{
	while (z->waiting)
		pass(z->waiting);
	if (!z->kept)
		sweep(zones_of(z));
}

/* -- the store -- */

static struct passing *
passing_new(struct zones *zs, const struct question *q, struct ticket *t)
{
	const char *name = q->words[0].text;
	const size_t size = strlen(name);
	struct passing *p = xcalloc(1, sizeof(*p) + size + 1);
	struct zone *z = *place(zs, q->zone);

	memcpy(p->name, name, size);
	p->ticket.answered = answered;
	p->timer.fire = on_time;
	p->zones = zs;
	p->asker = t;
	p->loss = LOSS_TIMEOUT;
	p->question = (struct question){ .dns = q->dns, .count = 1 };
	p->question.words[0] = (struct word){ p->name, size };
	if (z && z->kept) {
		p->zone = z;
		z->holds++;
		z->asked += q->dns == DNS_A;
	}
	return p;
}

static void
ask(struct store *s, const struct question *q, struct ticket *t)
{
	struct zones *zs = (struct zones *)s;
	struct passing *p = passing_new(zs, q, t);

	if (!p->zone) { /* one of a configuration that is gone */
		lose(p, LOSS_DOWN);
		return;
	}
	timer_start(&p->timer, zs->rules.clock, zs->rules.deadline_ms);
	if (p->zone->state == ZONE_PROBING)
		wait_for_probe(p);
	else
		pass(p);
}

static bool
known(struct store *s, const struct question *q, struct answer *out)
{
	struct zones *zs = (struct zones *)s;
	struct zone *z = *place(zs, q->zone);
	struct ruling r;

	if (!z || !z->kept || z->state != ZONE_ON ||
	    !store_known(zs->rules.dns, q, out))
		return false;
	r = zone_judge(z, q, out);
	z->asked += q->dns == DNS_A;
	z->listed += r.listed;
	if (r.loss != LOSS_NONE) {
		*out = (struct answer){ .state = LOST, .loss = r.loss };
		z->lost[r.loss] += q->dns == DNS_A;
	}
	return true;
}

static void
health(const struct store *s, struct store_health *h)
{
	const struct zones *zs = (const struct zones *)s;

	zs->rules.dns->health(zs->rules.dns, h);
}

struct store *
zones_store(struct zones *z)
{
	return &z->store;
}

bool
zones_view(const struct zones *zs, size_t i, struct zone_view *out)
{
	const struct zone *z = zs->all;

	while (z && i > 0) {
		z = z->next;
		i--;
	}
	if (!z || !z->kept)
		return false;
	*out = (struct zone_view){ z->name, z->state, z->since, z->why,
		z->asked, z->listed, z->lost };
	return true;
}

/* -- configuration -- */

/* Brings it to the place in the order that it has in the configuration. */
static struct zone *
keep(struct zones *zs, const char *name, struct zone ***end)
{
	struct zone **at = place(zs, name);
	struct zone *z = *at;

	if (z && z->kept)
		return z;
	if (z)
		*at = z->next;
	else
		z = zone_new(name, &zs->rules, settled);
	z->kept = true;
	z->next = **end;
	**end = z;
	*end = &z->next;
	return z;
}

static void
add_entry(struct zone *z, const struct dnsbl *entry)
{
	z->entries = xrealloc(
	    z->entries, (z->entry_count + 1) * sizeof(*z->entries));
	z->entries[z->entry_count] = *entry;
	z->entries[z->entry_count].text = NULL; /* the configuration's */
	z->entries[z->entry_count].zone = NULL;
	z->entry_count++;
	z->one |= entry->one;
}

static void
keep_all(struct zones *zs, const struct dnsbls *lists, bool addresses,
    struct zone ***end)
{
	for (size_t i = 0; i < lists->count; i++) {
		struct zone *z = keep(zs, lists->items[i].zone, end);

		z->addresses |= addresses;
		z->names |= !addresses;
		add_entry(z, &lists->items[i]);
	}
}

static void
drop(struct zone *z)
{
	zone_stop(z);
	while (z->waiting)
		lose(z->waiting, LOSS_DOWN);
}

static uint64_t
probe_ms(const struct settings *s, const char *zone)
{
	const struct list *never = &s->dnsbl.unprobed;

	for (size_t i = 0; i < never->count; i++)
		if (strcasecmp(never->items[i], zone) == 0)
			return 0;
	return (uint64_t)s->dnsbl.probe * 1000;
}

void
zones_configure(struct zones *zs, const struct conf *conf)
{
	const struct settings *s = &conf->settings;
	struct zone **end = &zs->all;

	zs->rules.deadline_ms = (uint64_t)s->dnsbl.deadline_ms;
	zs->rules.suspend_ms = (uint64_t)s->dnsbl.suspend_time * 1000;
	zs->rules.suspend_above = (unsigned)s->dnsbl.suspend_above;
	for (struct zone *z = zs->all; z; z = z->next) {
		z->kept = z->addresses = z->names = z->one = false;
		z->entry_count = 0;
	}
	keep_all(zs, &s->dnsbl.clients, true, &end);
	keep_all(zs, &s->dnsbl.helos, false, &end);
	keep_all(zs, &s->dnsbl.senders, false, &end);
	for (struct zone *z = zs->all; z; z = z->next)
		if (z->kept) {
			z->probe_ms = probe_ms(s, z->name);
			zone_configure(z);
		} else {
			drop(z);
		}
	sweep(zs);
}

/* -- beginning and end -- */

struct zones *
zones_new(struct clock *clock, struct store *dns)
{
	struct zones *zs = xcalloc(1, sizeof(*zs));

	zs->rules.seed = hash_seed();
	zs->store = (struct store){ ask, health, .known = known };
	zs->rules.clock = clock;
	zs->rules.dns = dns;
	return zs;
}

void
zones_stop(struct zones *zs)
{
	for (struct zone *z = zs->all; z; z = z->next)
		drop(z);
}

void
zones_free(struct zones *zs)
{
	if (!zs)
		return;
	sweep(zs);
	free(zs);
}
