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

/* There is a choice for each class and stage, and behind them one of all
 * checks. */
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

const struct choice *
choice_of(const struct engine *e, const struct request *r)
{
	const bool by_server = r->conf == e->conf &&
	    !has_settings_of_its_own(r);

	return &e->choices[by_server ? row_of(r) : ROWS];
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

static void
add(struct choice *choice, const struct check *c, unsigned number)
{
	choice->parts[choice->count++] = (struct facts){ .check = c,
		.number = (unsigned short)number,
		.tier = (unsigned char)c->tier,
		.told = !c->ask,
		.scouted = !c->scout };
	choice->may_charge |= c->settle != NULL;
	choice->may_charge_visits |= (c->flags & CHARGES_VISITS) != 0;
	choice->hears_of_refusals |= c->refused != NULL;
}

static void
choose(const struct engine *e, struct choice *choice, size_t row)
{
	choice->sure = row != ROWS;
	for (enum tier tier = 0; tier < TIER_COUNT; tier++)
		for (unsigned n = 0; n < e->check_count; n++)
			if (e->checks[n]->tier == tier &&
			    may_apply(e, e->checks[n], row))
				add(choice, e->checks[n], n);
}

void
choose_for(struct engine *e)
{
	const size_t most = e->check_count * sizeof(struct facts);
	char *parts;

	free(e->choices);
	e->choices = xcalloc(ROWS + 1, sizeof(*e->choices) + most);
	parts = (char *)(e->choices + ROWS + 1); /* behind them */
	for (size_t i = 0; i <= ROWS; i++) {
		e->choices[i].parts = (struct facts *)(parts + i * most);
		choose(e, &e->choices[i], i);
	}
}

static bool
charges_visits(const struct work *w)
{
	for (const struct facts *f = w->parts; f < w->end; f++)
		if (f->check->flags & CHARGES_VISITS)
			return true;
	return false;
}

bool
choose_parts(struct work *w)
{
	const struct choice *all = choice_of(w->engine, w->req);
	const bool sure = all->sure && !w->req->allowed;
	struct facts *end = arena_take(
	    w->req->arena, all->count * sizeof(*w->parts));

	w->parts = w->first = end;
	for (unsigned i = 0; i < all->count; i++)
		if (sure || check_applies(all->parts[i].check, w->req)) {
			*end = all->parts[i];
			end->work = w;
			end++;
		}
	w->end = end;
	w->may_charge = all->may_charge;
	return all->may_charge_visits && charges_visits(w);
}
