/*
 * reap - what policyd that died have left in the journal
 *
 * Now and then, before a question, whoever has one takes the pages that are
 * over (reap.lua, journal.h), and gives back what they say, each amount in the
 * step in which it was charged. What he has taken he writes down in its turn,
 * for a day, should their writer live: `policyd:taken`, a hash like that of the
 * journal. What Redis refuses meanwhile he gives back later.
 */
#ifndef RATE_REAP_H
#define RATE_REAP_H

#include "ask/ask.h"
#include "rate/batch.h"

/* Embed it, zeroed; the first block is the owner's to fill in. */
struct reap {
	struct store *store;
	const struct word *journal, *taken; /* keys: of pages, and of these */

	unsigned in_flight;
	int64_t last; /* Unix seconds */
	uint64_t count; /* entries that were given back */
	struct back *refused; /* to be given back again */
	unsigned refused_count;
	int64_t tried; /* when that was; Unix seconds */
};

void reap_clear(struct reap *r); /* forgets what was refused */

/* `now` is Unix seconds; 0: not known, and nothing is done. */
void reap(struct reap *r, int64_t now);

/* Redis was lost: all strike out what they can before. */
void reap_later(struct reap *r);

/* rate.lua puts one meter right that somebody has deleted meanwhile: what is
 * below 0 counts no more, and it ends. */
void reap_look(struct reap *r, const struct settlement *s);

#endif
