/*
 * rate - charges and settlements, and what an answer says
 *
 * What they do is told in rate.lua, which Redis runs.
 */
#include "rate/rate.h"

#include <string.h>

#include "ask/key.h"
#include "base/arena.h"
#include "rate/asked.h"
#include "rate/spell.h"

extern const struct script script_rate, script_charge, script_reap;

const struct script *const rate_scripts[] = { &script_rate, &script_charge,
	&script_reap, NULL };

struct word
rate_journal(struct arena *a, const char *prefix)
{
	return key_make(a, prefix, RATE_JOURNAL, NULL, NULL, 0);
}

struct word
rate_taken(struct arena *a, const char *prefix)
{
	return key_make(a, prefix, "taken", NULL, NULL, 0);
}

/* -- charging -- */

/* Others with nothing to charge have no say. */
static bool
is_counted(const struct meter *m, const struct amounts *n)
{
	return m->kind != RATE_NETWORKS &&
	    (n->of[m->kind] > 0 || m->kind == RATE_REFUSED);
}

/* Where all that is asked of a meter is to open a lease whose end can be told,
 * it is mostly done at once; 0: rate.lua has to look closer. */
static int64_t
end_of(int64_t lease, const char *network, int64_t now, bool dry)
{
	if (now == 0 || lease == 0 || network || dry)
		return 0;
	return asked_end(now, lease);
}

/* With room for so many meters, and none yet. */
static struct asked *
begin(struct arena *a, enum asked_what what, int64_t now, unsigned meters)
{
	struct asked *w = arena_take(
	    a, sizeof(*w) + meters * sizeof(w->meters[0]));

	*w = (struct asked){ .what = what, .now = now };
	return w;
}

struct question *
rate_charge(struct arena *a, const struct meters *m, const struct amounts *n,
    int64_t lease, const char *network, int64_t now, bool dry, bool alone)
{
	struct asked *w = begin(a,
	    dry         ? ASKED_DRY
		: alone ? ASKED_ALONE
			: ASKED_CHARGE,
	    now, m->count);
	struct question *q;

	w->end = end_of(lease, network, now, dry);
	w->lease = lease;
	for (unsigned i = 0; i < m->count; i++) {
		const struct meter *one = &m->items[i];

		if (is_counted(one, n))
			w->meters[w->count++] = (struct asked_meter){ one->key,
				n->of[one->kind], one->limit.seconds,
				spell_warning(one), spell_limit(one) };
	}
	q = asked_question(a, w, m->count - w->count + 3);
	q->read_only = dry && !network; /* PFCOUNT may write */
	if (network)
		spell_network_keys(q, m);
	if (network || dry)
		spell_word(q, asked_line(a, w));
	if (network)
		spell_networks(q, a, m, network);
	return q;
}

/* What stands in the answer when a meter refuses or warns. */
enum { KEY, CHARGED, LEASE, USED, LIMIT, NEXT, FIRST, VALUES, LOSS = VALUES };

static const struct meter *
find_meter(const struct meters *m, struct word key)
{
	for (unsigned i = 0; i < m->count; i++)
		if (m->items[i].key.size == key.size &&
		    memcmp(m->items[i].key.text, key.text, key.size) == 0)
			return &m->items[i];
	return NULL;
}

static bool
is_result(const struct answer *a)
{
	if (a->state != KNOWN || (a->count != VALUES && a->count != VALUES + 1))
		return false;
	for (unsigned i = CHARGED; i < a->count; i++)
		if (!a->values[i].is_number)
			return false;
	return a->values[KEY].text != NULL;
}

bool
rate_result(
    const struct answer *a, const struct meters *m, struct rate_result *out)
{
	const struct value *v = a->values;

	*out = (struct rate_result){ 0 };
	if (a->state == KNOWN && a->count == 1 && v->is_number) {
		out->charged = true;
		out->lease = v->number;
		return true;
	}
	if (!is_result(a))
		return false;
	*out = (struct rate_result){
		.charged = v[CHARGED].number != 0,
		.lease = v[LEASE].number,
		.meter = find_meter(
		    m, (struct word){ v[KEY].text, v[KEY].size }),
		.used = v[USED].number,
		.limit = v[LIMIT].number,
		.next = v[NEXT].number,
		.first = v[FIRST].number != 0,
		.alone = a->count > LOSS ? (enum loss)v[LOSS].number
					 : LOSS_NONE,
	};
	return out->meter != NULL || v[KEY].size == 0;
}

struct answer
asked_answer(const struct asked_said *said)
{
	struct answer a = { .state = KNOWN, .count = VALUES + 1 };
	const int64_t numbers[] = {
		[CHARGED] = said->charged,
		[USED] = said->used,
		[LIMIT] = said->limit,
		[NEXT] = said->next,
		[FIRST] = said->first,
		[LOSS] = said->alone,
	};

	for (unsigned i = CHARGED; i < a.count; i++)
		a.values[i] = (struct value){ .number = numbers[i],
			.is_number = true };
	a.values[KEY].text = said->key.size ? said->key.text : "";
	a.values[KEY].size = said->key.size;
	return a;
}

/* -- settling -- */

/* Adds to the lease with that end; those that do not fit are left alone. */
static void
add_lease(struct asked_meter *m, int64_t end, int64_t n)
{
	size_t i = 0;

	while (i < m->count && m->leases[i].end != end)
		i++;
	if (n == 0 || i == ASKED_LEASES)
		return;
	if (i == m->count)
		m->leases[m->count++] = (struct asked_lease){ end, 0 };
	m->leases[i].n += n;
}

struct question *
rate_settle(struct arena *a, const struct meters *m, const struct amounts *sent,
    const struct rate_open *open, size_t count, int64_t now)
{
	struct asked *w = begin(a, ASKED_SETTLE, now, m->count);
	const size_t most = count < ASKED_LEASES ? count : ASKED_LEASES;
	struct asked_lease *leases = arena_take(
	    a, m->count * most * sizeof(*leases));

	for (unsigned i = 0; i < m->count; i++) {
		const struct meter *one = &m->items[i];
		struct asked_meter *to = &w->meters[w->count];

		if (one->kind == RATE_NETWORKS)
			continue;
		*to = (struct asked_meter){ .key = one->key,
			.amount = sent->of[one->kind],
			.seconds = one->limit.seconds,
			.leases = leases + i * most };
		for (size_t o = 0; o < count; o++)
			add_lease(to, open[o].lease, open[o].n.of[one->kind]);
		w->count += to->amount != 0 || to->count > 0;
	}
	return asked_question(a, w, 1);
}
