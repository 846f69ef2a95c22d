/*
 * choose - which checks a request meets
 *
 * Most are off, or have nothing to say at this stage. What the server's
 * settings leave is found out once, when they come: nearly all addresses have
 * no others. For a request whose addresses do, each check is looked at.
 */
#include "engine/work.h"

#include <stdlib.h>

#include "base/arena.h"

/* engine_counts have as many. */
enum { CLASS_COUNT = 3, ROWS = CLASS_COUNT * STAGE_COUNT };

/* A row for each class and stage, and behind them one with all checks: how many
 * there are, and their numbers. */
static unsigned *
row_at(const struct engine *e, size_t i)
{
	return e->choices + i * (1 + e->check_count);
}

static size_t
row_of(const struct request *r)
{
	return (size_t)__builtin_ctz(r->class) * STAGE_COUNT +
	    (size_t)__builtin_ctz(r->stage);
}

static bool
has_settings_of_its_own(const struct request *r)
{
	for (int i = 0; i < WHOSE_COUNT; i++)
		if (r->sets[i] != &r->conf->settings)
			return true;
	return false;
}

struct candidates
candidates_of(const struct engine *e, const struct request *r)
{
	const bool by_server = r->conf == e->conf &&
	    !has_settings_of_its_own(r);
	const unsigned *row = row_at(e, by_server ? row_of(r) : ROWS);

	return (struct candidates){ row + 1, row[0] };
}

bool
check_applies(const struct check *c, const struct request *r)
{
	return (c->stages & r->stage) && (c->classes & r->class) &&
	    ((c->flags & OWN_POLICY) || check_policy(c, r)->mode != MODE_OFF) &&
	    !(r->allowed && (c->flags & SKIPS_ALLOWED));
}

/* To some request of the row that goes by the server's settings. */
static bool
may_apply(const struct engine *e, const struct check *c, size_t row)
{
	return row == ROWS ||
	    ((c->classes & 1u << row / STAGE_COUNT) &&
		(c->stages & 1u << row % STAGE_COUNT) &&
		((c->flags & OWN_POLICY) ||
		    check_policy_in(c, &e->conf->settings)->mode != MODE_OFF));
}

void
choose_for(struct engine *e)
{
	free(e->choices);
	e->choices = xcalloc(
	    (ROWS + 1) * (1 + e->check_count), sizeof(*e->choices));
	for (size_t i = 0; i <= ROWS; i++) {
		unsigned *row = row_at(e, i);

		for (unsigned n = 0; n < e->check_count; n++)
			if (may_apply(e, e->checks[n], i))
				row[++row[0]] = n;
	}
}

/* The last of the table is the first to be added: all lists are in its order.
 */
static void
add_part(struct work *w, struct facts *f, unsigned number)
{
	const struct check *c = w->engine->checks[number];
	struct facts **first = &w->tiers[c->tier];

	*f = (struct facts){ .next = *first,
		.work = w,
		.check = c,
		.number = number,
		.told = !c->ask,
		.scouted = !c->scout };
	*first = f;
	if (c->scout) {
		f->next_scout = w->scouts;
		w->scouts = f;
	}
	w->may_charge |= c->settle != NULL;
	w->may_charge_visit |= (c->flags & CHARGES_VISITS) != 0;
}

void
choose_parts(struct work *w)
{
	const struct candidates all = candidates_of(w->engine, w->req);
	struct facts *end = (struct facts *)arena_take(
				w->req->arena, all.count * sizeof(*w->parts)) +
	    all.count;

	w->parts = end;
	for (unsigned i = all.count; i-- > 0;)
		if (check_applies(w->engine->checks[all.numbers[i]], w->req))
			add_part(w, --w->parts, all.numbers[i]);
	w->part_count = (size_t)(end - w->parts);
}
