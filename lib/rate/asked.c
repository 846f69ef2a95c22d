/*
 * asked - written
 */
#include "rate/asked.h"

#include <string.h>

#include "base/arena.h"
#include "rate/spell.h"

enum { STEPS_OF_A_LEASE = 15 };

extern const struct script script_rate;

int64_t
asked_end(int64_t now, int64_t lease)
{
	const int64_t step = lease < 2 * STEPS_OF_A_LEASE
	    ? 1
	    : lease / STEPS_OF_A_LEASE;

	return (now + lease + step - 1) / step * step;
}

const struct asked *
asked_of(const struct question *q)
{
	return q->script == &script_rate ? q->about : NULL;
}

struct asked *
asked_copy(struct arena *a, const struct asked *w)
{
	const size_t size = sizeof(*w) + w->count * sizeof(w->meters[0]);
	struct asked *copy = memcpy(arena_take(a, size), w, size);

	for (unsigned i = 0; i < w->count; i++) {
		struct asked_meter *m = &copy->meters[i];
		const size_t leases = m->count * sizeof(m->leases[0]);

		m->key.text = arena_memdup(a, m->key.text, m->key.size);
		m->leases = memcpy(arena_take(a, leases), m->leases, leases);
	}
	return copy;
}

struct question *
asked_question(struct arena *a, const struct asked *w, unsigned more_words)
{
	struct question *q = question_new(
	    a, &script_rate, w->count + more_words);

	q->about = w;
	for (unsigned i = 0; i < w->count; i++)
		spell_key(q, w->meters[i].key);
	return q;
}

static void
add_charge(struct spell *t, const struct asked_meter *m)
{
	spell_number(t, m->amount, ' ');
	spell_number(t, m->warn, ' ');
	spell_number(t, m->limit, ' ');
	spell_number(t, m->seconds, ' ');
}

/* "SENT SECONDS END=N,END=N" or "SENT SECONDS -". */
static void
add_settlement(struct spell *t, const struct asked_meter *m)
{
	spell_number(t, m->amount, ' ');
	spell_number(t, m->seconds, ' ');
	for (size_t i = 0; i < m->count; i++) {
		spell_number(t, m->leases[i].end, '=');
		spell_number(t, m->leases[i].n, i + 1 < m->count ? ',' : ' ');
	}
	if (m->count == 0)
		spell_none(t);
}

static unsigned
count_numbers(const struct asked *w)
{
	unsigned n = 3 + 4 * w->count;

	for (unsigned i = 0; i < w->count; i++)
		n += 2 * (unsigned)w->meters[i].count;
	return n;
}

struct word
asked_line(struct arena *a, const struct asked *w)
{
	static const char *const whats[] = {
		[ASKED_DRY] = "charge-dry ",
		[ASKED_CHARGE] = "charge ",
		[ASKED_ALONE] = "charge-alone ",
		[ASKED_SETTLE] = "settle ",
	};
	const bool settles = w->what == ASKED_SETTLE;
	struct spell t = spell_begin(a, whats[w->what], count_numbers(w));

	if (!settles)
		spell_number(&t, w->end, ' ');
	spell_number(&t, w->now, ' ');
	if (!settles)
		spell_number(&t, w->lease, ' ');
	for (unsigned i = 0; i < w->count; i++)
		(settles ? add_settlement : add_charge)(&t, &w->meters[i]);
	return spell_end(&t);
}

const struct question *
asked_written(struct arena *a, const struct question *q)
{
	struct question *full;

	if (!asked_of(q) || q->count > q->keys)
		return q;
	full = question_new(a, q->script, q->keys + 1);
	full->read_only = q->read_only;
	full->about = q->about;
	memcpy(full->words, q->words, q->keys * sizeof(q->words[0]));
	full->keys = full->count = q->keys;
	spell_word(full, asked_line(a, full->about));
	return full;
}
