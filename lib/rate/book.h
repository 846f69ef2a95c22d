/*
 * book - entries of the journal by their keys, its pages by their age; for
 * lib/rate/journal.c and what belongs to it only
 */
#ifndef RATE_BOOK_H
#define RATE_BOOK_H

#include "base/text.h"
#include "rate/journal.h"

enum { BOOK_NUMBERS = 3 + 2 * TEXT_DIGITS }; /* "  SECONDS AMOUNT" */

enum entry_state {
	ENTRY_ASKED, /* it is not known yet whether it is charged */
	ENTRY_OPEN,
	ENTRY_MOVING, /* Redis is asked to open a lease for it */
	ENTRY_DOUBT /* it is not known, nor will it be */
};

/* What is open of one charge in one meter. */
struct entry {
	struct entry *next; /* of those whose keys look alike */
	struct page *page;
	struct entry *newer, *older; /* on that page */
	uint64_t number; /* its key's */
	int64_t seconds, n;
	int64_t sent, back; /* of that; of one that is moving */
	enum entry_state state;
	size_t size;
	char key[JOURNAL_KEY];
};

struct page {
	struct page *next, *prev;
	struct entry *newest;
	unsigned count, bytes; /* of entries, and what they take in Redis */
	unsigned asked, moving, doubts; /* of these */
	uint64_t number;
	int64_t charged, end, until;
	uint64_t since, seen; /* ms: when it was begun, and told last */
	struct writing *writing; /* the last one, while it is on its way */
	bool written, struck;
	bool due; /* to become leases */
	bool again; /* that was lost */
	bool less; /* than is written there */
	bool back; /* and some of that is to be given back */
};

/* The newest one, with room for entries. */
struct page *book_add_page(struct journal *j, int64_t end);
void book_remove_page(struct journal *j, struct page *p); /* an empty one */

/* It is ENTRY_ASKED. */
struct entry *book_add(
    struct journal *j, struct page *p, const struct settlement *s);
void book_remove(struct journal *j, struct entry *e); /* the page stays */

/* The first one in that state behind `e`, or of all for NULL; of charges of one
 * meter with one lease each is as good as the other. NULL: there is none. */
struct entry *book_find(const struct journal *j, const struct entry *e,
    enum entry_state state, struct word key, int64_t end);

#endif
