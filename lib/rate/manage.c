/*
 * manage - questions of administrators, written at once
 */
#include "rate/manage.h"

#include <stdlib.h>

#include "rate/spell.h"

extern const struct script script_rate;

/* All meters with their limits, and behind them the journal. */
static struct question
about_all(struct arena *a, const struct meters *m, const char *what,
    int64_t now, struct word journal)
{
	struct question q = { .script = &script_rate };
	struct spell t = spell_begin(a, what, 1 + 2 * m->count);

	spell_number(&t, now, ' ');
	for (unsigned i = 0; i < m->count; i++) {
		const struct meter *one = &m->items[i];

		if (one->kind == RATE_NETWORKS)
			continue;
		spell_key(&q, one->key);
		spell_number(&t, spell_limit(one), ' ');
		spell_number(&t, one->limit.seconds, ' ');
	}
	spell_network_keys(&q, m);
	if (journal.size > 0)
		spell_key(&q, journal);
	spell_word(&q, spell_end(&t));
	spell_networks(&q, a, m, "");
	return q;
}

struct question
rate_look(
    struct arena *a, const struct meters *m, int64_t now, struct word journal)
{
	return about_all(
	    a, m, journal.size > 0 ? "look " : "glance ", now, journal);
}

static bool
read_state(const char **at, struct rate_state *s)
{
	int64_t *const numbers[] = { &s->used, &s->open, &s->window,
		&s->current, &s->previous, &s->granted, &s->granted_until,
		&s->next };
	char *end;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		*numbers[i] = strtoll(*at, &end, 10);
		if (end == *at)
			return false;
		*at = end;
	}
	return *(*at)++ == ';';
}

/* In the order of the question: networks last. */
bool
rate_state(
    const struct answer *a, const struct meters *m, struct rate_state *out)
{
	const char *at = a->values[0].text;

	if (a->state != KNOWN || a->count != 1 || !at)
		return false;
	for (int networks = 0; networks < 2; networks++)
		for (unsigned i = 0; i < m->count; i++)
			if ((m->items[i].kind == RATE_NETWORKS) == networks &&
			    !read_state(&at, &out[i]))
				return false;
	return *at == '\0';
}

struct question
rate_grant(struct arena *a, const struct meter *m, int64_t n, int64_t until)
{
	struct question q = { .script = &script_rate };
	struct spell t = spell_begin(a, "grant ", 4);

	spell_key(&q, m->key);
	spell_number(&t, 0, ' ');
	spell_number(&t, n, ' ');
	spell_number(&t, until, ' ');
	spell_number(&t, m->limit.seconds, ' ');
	spell_word(&q, spell_end(&t));
	return q;
}

struct question
rate_reset(
    struct arena *a, const struct meters *m, bool all, struct word journal)
{
	return about_all(a, m, all ? "clear " : "reset ", 0, journal);
}
