/*
 * journal - what is charged and open, in Redis should this policyd die
 *
 * Most messages are over some moments after they were charged. A lease in each
 * of their meters would be written and taken off again for nothing; so what is
 * charged plainly (plain.h) counts in its meters as sent, and who has charged
 * it writes down that it is open, all that he charged in one turn of the loop
 * on a page. When all of a page was sent, nothing is to be done but to strike
 * it out. What is still open after JOURNAL_MS, or near the end of the step in
 * which it counts, is struck out and opens a lease as others do; where Redis is
 * full, as soon as it has room. What is over meanwhile waits for what becomes
 * of that: a lease that is not there yet cannot be settled.
 *
 * All pages of all policyd are the fields of one hash, `policyd:open`:
 *
 *     RUN.N   "END CHARGED KEY SECONDS AMOUNT KEY SECONDS AMOUNT ..."
 *
 * END (Unix seconds) is that of the lease, CHARGED is in the steps in which all
 * of it counts. What stands there seconds after that was left behind: whoever
 * comes by takes the page and gives back what it says (reap.h). Where some of
 * it was sent, and Redis could not be told, who has written it strikes it out
 * and gives back the rest. A page is written behind its charges and changed
 * before anything of it is given back: should the connection break in between,
 * it counts too much for its window, and not too little.
 *
 * While Redis is away pages stay as they are, and it hears of the last of them
 * when it is back. What others have taken by then (reap.h) counts again, as a
 * whole, whatever became of it. Should it have begun anew by then, it does not
 * know what was charged shortly before, as it does not know what was sent
 * before that.
 */
#ifndef RATE_JOURNAL_H
#define RATE_JOURNAL_H

#include "ask/ask.h"
#include "base/clock.h"
#include "base/pool.h"
#include "rate/batch.h"
#include "rate/rate.h"

enum {
	JOURNAL_MOST = 1024, /* entries, of 208 bytes */
	JOURNAL_KEY = 128, /* bytes of one; longer ones open a lease */
	JOURNAL_PAGE = 32, /* entries of one */
	JOURNAL_MS = 5000,
	JOURNAL_PAGES = 1024 /* written, and not known to be struck out */
};

struct entry;
struct page;
struct strike;

/* Embed it, zeroed; the first block is the owner's to fill in. */
struct journal {
	struct clock *clock;
	struct store *store;
	/* Redis is to be told this, with others; what opens a lease, that is,
	 * moves so much, which is below 0, from what was sent to what is open,
	 * at once: journal_moved() is told what becomes of it. */
	void (*tell)(struct journal *, const struct settlement *);

	struct arena *arena; /* of the keys there were */
	struct word key, taken; /* and of pages that others took */
	char run[9]; /* this process, and a dot */
	uint64_t seed, count; /* of pages there ever were */
	struct page *first, *last; /* the oldest first */
	struct page *open; /* is written when this turn is over */
	struct timer turn;
	struct entry *chains[JOURNAL_MOST];
	unsigned entries, in_flight;
	unsigned striking; /* of these */
	struct pool pages, pool;
	struct strike *strike; /* pages that are to be struck out */
	bool away; /* Redis was, and has not heard of a page since */
	uint64_t tried; /* ms: when it was tried out */
	unsigned there; /* pages in Redis, as far as we know */
	unsigned lost;
	struct {
		uint64_t number;
		int64_t end;
	} unheard[JOURNAL_PAGES]; /* to be struck out again */
};

void journal_init(struct journal *j);
void journal_clear(struct journal *j); /* nothing may be in flight */

/* Other keys, from now on. */
void journal_prefix(struct journal *j, const char *prefix);

/* `open` of it was just asked to be charged under the lease that ends then, and
 * counts in a step that is not over before `until` (Unix seconds). There must
 * be room. */
bool journal_has_room(const struct journal *j, struct word key);
void journal_add(struct journal *j, const struct settlement *s, int64_t until);

/* What was added is charged; or perhaps, which nobody will know: should all
 * that is left of a page be so, that is left behind, or else it counts, if it
 * was, for its window; or it was not, or is too much: false when it is not
 * there any more. */
void journal_charged(struct journal *j, const struct settlement *s);
void journal_doubt(struct journal *j, const struct settlement *s);
bool journal_take_back(struct journal *j, const struct settlement *s);

/* How much of it stands there under that lease, `most` at most; `now` and `end`
 * are Unix seconds. */
int64_t journal_find(const struct journal *j, struct word key, int64_t now,
    int64_t end, int64_t most);

/* So much of what was found was sent, or is not open there any more. Of that so
 * much is told by who settles; the rest waits there for its lease. */
int64_t journal_settle(
    struct journal *j, struct word key, int64_t end, int64_t n, bool sent);

/* Redis is told of what was not: it can be given back now. */
void journal_tell(struct journal *j);

/* All there is opens leases, now; where Redis is away, or has no room for them,
 * it is left behind. */
void journal_hold_all(struct journal *j);

/* It is a lease now, or can be taken for one; or else stays here. */
void journal_moved(struct journal *j, const struct settlement *s, bool is_open);

/* Often: sees to what is open too long, and tells Redis what is struck out.
 * True: it has to be called again. */
bool journal_walk(struct journal *j, int64_t now);

/* Another Redis is asked from now on: all pages are left behind. */
void journal_use(struct journal *j, struct store *store);

#endif
