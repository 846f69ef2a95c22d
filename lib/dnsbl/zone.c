/*
 * zone - states, and what leads from one to another
 */
#include "dnsbl/zone.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask/dns/words.h"
#include "base/arena.h"
#include "base/hash.h"
#include "base/log.h"
#include "dnsbl/said.h"

static const char *const state_names[ZONE_STATES] = {
	[ZONE_PROBING] = "probing",
	[ZONE_ON] = "on",
	[ZONE_OFF] = "off",
	[ZONE_SILENT] = "silent",
	[ZONE_SUSPENDED] = "suspended",
};

const char *
zone_state_name(enum zone_state s)
{
	return state_names[s];
}

/* -- states -- */

static uint64_t
now(const struct zone *z)
{
	return clock_ms(z->rules->clock);
}

/* When the next probe is due; 0: never. */
static uint64_t
next_probe(const struct zone *z)
{
	switch (z->state) {
	case ZONE_ON:
		return z->probe_ms;
	case ZONE_OFF:
		return z->pause_ms;
	case ZONE_SILENT:
		return ZONE_SILENT_MS;
	case ZONE_SUSPENDED:
		return z->rules->suspend_ms;
	default:
		return 0;
	}
}

static void
plan(struct zone *z)
{
	const uint64_t ms = next_probe(z);

	if (ms > 0 && z->kept)
		timer_start(&z->timer, z->rules->clock, ms);
	else
		timer_stop(&z->timer);
}

static void
turn(struct zone *z, enum zone_state state, const char *why)
{
	const bool waited = z->state == ZONE_PROBING;

	snprintf(z->why, sizeof(z->why), "%s", why);
	z->state = state;
	z->since = clock_unix(z->rules->clock);
	z->since_ms = now(z);
	z->row = 0;
	if (state == ZONE_ON)
		share_clear(&z->share, now(z));
	plan(z);
	if (waited)
		z->settled(z);
}

static void
turn_on(struct zone *z)
{
	if (z->state == ZONE_ON)
		return;
	if (z->state != ZONE_PROBING)
		log_info("dnsbl: %s is used again", z->name);
	turn(z, ZONE_ON, "");
}

/* One that is off again as soon as it was on is left alone for longer. */
static void
turn_off(struct zone *z, const char *why)
{
	const bool steady = z->state == ZONE_ON &&
	    now(z) - z->since_ms > ZONE_OFF_MOST_MS;

	z->pause_ms = z->pause_ms == 0 || steady ? ZONE_OFF_MS
						 : 2 * z->pause_ms;
	if (z->pause_ms > ZONE_OFF_MOST_MS)
		z->pause_ms = ZONE_OFF_MOST_MS;
	if (z->state == ZONE_OFF) {
		snprintf(z->why, sizeof(z->why), "%s", why);
		return;
	}
	log_warning(
	    "dnsbl: %s is not used until it makes sense: %s", z->name, why);
	turn(z, ZONE_OFF, why);
}

static void
turn_silent(struct zone *z, const char *why)
{
	log_warning(
	    "dnsbl: %s is not asked until it answers: %s", z->name, why);
	turn(z, ZONE_SILENT, why);
}

static void
suspend(struct zone *z)
{
	char why[128];

	snprintf(why, sizeof(why), "it lists %u of %u clients", z->share.listed,
	    z->share.count);
	log_warning("dnsbl: %s is not used for %" PRIu64 " seconds: %s",
	    z->name, z->rules->suspend_ms / 1000, why);
	turn(z, ZONE_SUSPENDED, why);
}

/* -- probes -- */

static void
probe(struct zone *z)
{
	const uint64_t begun = clock_us(z->rules->clock);

	if (probe_open(&z->probe))
		return; /* its end plans the next one */
	z->probed_ms = now(z);
	probe_begin(&z->probe, z->rules->dns,
	    &(struct probe_of){ .zone = z->name,
		.addresses = z->addresses,
		.names = z->names,
		.entry = z->probe_ms > 0,
		.one = z->one },
	    hash_bytes(z->rules->seed, &begun, sizeof(begun)));
}

/* A list that answers too late would be silent again at once. */
static enum probe_result
result_of(const struct zone *z)
{
	const bool late = now(z) - z->probed_ms > z->rules->deadline_ms;

	if (z->probe.result == PROBE_SANE && z->state == ZONE_SILENT && late)
		return PROBE_LOST;
	return z->probe.result;
}

static void
probed(struct probe *p)
{
	struct zone *z = (struct zone *)((char *)p -
	    offsetof(struct zone, probe));

	if (!z->kept) {
		z->settled(z);
		return;
	}
	switch (result_of(z)) {
	case PROBE_SANE:
		turn_on(z);
		break;
	case PROBE_ODD:
		turn_off(z, p->why);
		break;
	case PROBE_LOST:
		if (z->state == ZONE_PROBING || z->state == ZONE_SUSPENDED)
			turn_silent(z, "a probe had no answer");
		break;
	}
	plan(z);
}

static void
on_time(struct timer *t)
{
	probe((struct zone *)((char *)t - offsetof(struct zone, timer)));
}

/* -- answers -- */

/* Of an IPv6 address, 32 nibbles, the network that one client has: whoever is
 * listed has more addresses than we count. */
static uint64_t
client_number(const struct zone *z, const char *name)
{
	enum { NIBBLES = 2 * 32, HOST = 2 * 16 };
	const size_t before = strlen(name) - strlen(z->name);
	const char *dots = name;
	size_t i = 1;

	while (before == NIBBLES && i < NIBBLES && dots[i] == '.')
		i += 2;
	return hash_text(z->rules->seed, i > NIBBLES ? name + HOST : name);
}

static bool
is_listed(const struct zone *z, const struct dns_message *m)
{
	for (size_t i = 0; i < m->count; i++)
		for (size_t k = 0; k < z->entry_count; k++)
			if (dnsbl_counts(&z->entries[k],
				(const unsigned char *)m->records[i].data))
				return true;
	return false;
}

static struct ruling
judge(struct zone *z, const char *name, const struct dns_message *m,
    bool remembered)
{
	const struct said said = said_of(m, z->one);
	const struct ruling odd = { LOSS_LIST, false };
	struct ruling r = { LOSS_NONE, is_listed(z, m) };
	char why[PROBE_WHY];

	if (said.kind == SAID_ODD) {
		probe_tell(why, name, &said);
		/* What was remembered says nothing about now. */
		if (z->kept && z->state != ZONE_OFF && !remembered)
			turn_off(z, why);
		return odd;
	}
	if (!z->kept || z->state != ZONE_ON)
		return r;
	share_note(&z->share, client_number(z, name), r.listed, now(z));
	if (z->rules->suspend_above == 0 ||
	    !share_above(&z->share, z->rules->suspend_above))
		return r;
	suspend(z);
	return odd;
}

struct ruling
zone_judge(
    struct zone *z, const struct question *q, const struct answer *answer)
{
	const struct ruling distrusted = { LOSS_LIST, false };
	struct ruling r = { answer->loss, false };
	struct dns_message m;
	struct arena *a;

	if (z->state == ZONE_OFF || z->state == ZONE_SUSPENDED)
		return distrusted;
	if (answer->state != KNOWN)
		return r;
	if (!answer->remembered)
		z->row = 0;
	if (q->dns != DNS_A)
		return r;
	a = arena_new();
	r.loss = LOSS_SHAPE;
	if (dns_answer(a, answer, &m))
		r = judge(z, q->words[0].text, &m, answer->remembered);
	arena_release(a);
	return r;
}

void
zone_unheard(struct zone *z)
{
	char why[64];

	if (!z->kept || z->state != ZONE_ON || ++z->row < ZONE_ROW)
		return;
	snprintf(
	    why, sizeof(why), "%d questions in a row had no answer", ZONE_ROW);
	turn_silent(z, why);
}

/* -- beginning and end -- */

struct zone *
zone_new(const char *name, const struct zone_rules *rules,
    void (*settled)(struct zone *))
{
	struct zone *z = xcalloc(1, sizeof(*z));

	z->name = xstrdup(name);
	z->rules = rules;
	z->settled = settled;
	z->timer.fire = on_time;
	z->probe.done = probed;
	z->state = ZONE_PROBING;
	z->since = clock_unix(rules->clock);
	z->since_ms = now(z);
	return z;
}

/* Also those that are on: a reload is a good moment to look. */
void
zone_configure(struct zone *z)
{
	const bool regularly = z->probe_ms > 0;

	if (z->state == ZONE_SUSPENDED && z->rules->suspend_above > 0) {
		if (!timer_running(&z->timer))
			plan(z); /* it did not stand there for a while */
		return;
	}
	if (z->state == ZONE_PROBING && !regularly)
		turn(z, ZONE_ON, "");
	if (z->state == ZONE_ON && !regularly)
		timer_stop(&z->timer);
	else
		probe(z);
}

void
zone_stop(struct zone *z)
{
	z->kept = false;
	timer_stop(&z->timer);
}

void
zone_free(struct zone *z)
{
	timer_stop(&z->timer);
	free(z->entries);
	free(z->name);
	free(z);
}
