/*
 * scores - a table, and a list in the order of use
 */
#include "rate/scores.h"

#include <string.h>
#include <utlist.h>

#include "base/hash.h"

/* To find one that may go we look at no more than so many: they may all have
 * to stay. */
enum { LOOKED_AT = 16 };

void
scores_init(struct scores *all, unsigned most)
{
	*all = (struct scores){ .most = most, .seed = hash_seed() };
}

static void
drop(struct scores *all, struct score *s)
{
	if (all->cursor == s)
		all->cursor = s->next;
	table_remove(&all->table, &s->link);
	DL_DELETE(all->list, s);
	score_free(s);
}

void
scores_clear(struct scores *all)
{
	while (all->list)
		drop(all, all->list);
	table_clear(&all->table);
}

unsigned
scores_count(const struct scores *all)
{
	return (unsigned)all->table.count;
}

static uint64_t
number_of(const struct scores *all, struct word key)
{
	return hash_bytes(all->seed, key.text, key.size);
}

struct score *
scores_find(const struct scores *all, struct word key)
{
	/* The link is its first member. */
	return (struct score *)table_find(&all->table, number_of(all, key));
}

static void
to_end(struct scores *all, struct score *s)
{
	if (all->cursor == s)
		all->cursor = s->next;
	DL_DELETE(all->list, s);
	DL_APPEND(all->list, s);
}

/* Those that must stay go to the end, or each that comes would look at them
 * anew. */
static bool
make_room(struct scores *all, uint64_t now)
{
	for (int i = 0; i < LOOKED_AT && scores_count(all) >= all->most; i++)
		if (score_busy(all->list, now))
			to_end(all, all->list);
		else
			drop(all, all->list);
	return scores_count(all) < all->most;
}

struct score *
scores_use(struct scores *all, struct word key, int64_t seconds, uint64_t now)
{
	struct score *s = scores_find(all, key);

	if (s) {
		to_end(all, s);
		return s;
	}
	if (!make_room(all, now))
		return NULL;
	s = score_new(key, seconds, now);
	s->link.number = number_of(all, key);
	table_add(&all->table, &s->link);
	DL_APPEND(all->list, s);
	return s;
}

struct score *
scores_walk(struct scores *all, uint64_t now)
{
	struct score *s = all->cursor ? all->cursor : all->list;

	if (!s)
		return NULL;
	all->cursor = s->next;
	if (!score_over(s, now))
		return s;
	drop(all, s);
	return NULL;
}
