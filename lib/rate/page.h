/*
 * page - a page of the journal, and what Redis is told of it; for that only
 */
#ifndef RATE_PAGE_H
#define RATE_PAGE_H

#include "base/text.h"
#include "rate/journal.h"

enum { PAGE_NUMBERS = 3 + 2 * TEXT_DIGITS }; /* "  SECONDS AMOUNT" */

enum entry_state {
	ENTRY_ASKED, /* it is not known yet whether it is charged */
	ENTRY_OPEN,
	ENTRY_DOUBT /* nor will it be */
};

/* What is open of one charge in one meter. */
struct entry {
	struct entry *next; /* of those whose keys look alike */
	struct page *page;
	struct entry *newer, *older; /* on that page */
	uint64_t number; /* its key's */
	int64_t seconds, n;
	enum entry_state state;
	size_t size;
	char key[JOURNAL_KEY];
};

struct page {
	struct page *next, *prev;
	struct entry *newest;
	unsigned count, bytes; /* of entries, and what they take in Redis */
	unsigned asked, doubts; /* of these */
	uint64_t number;
	int64_t charged, end, until;
	uint64_t since, seen; /* ms: when it was begun, and written last */
	bool written;
	bool again; /* that was lost */
	bool less; /* than is written there */
	bool back; /* and some of that is to be given back */
};

/* Anew, as it is now. */
void page_write(struct journal *j, struct page *p);

/* The page of that number is struck out, with others and soon. It can be said
 * again, and is until Redis has heard it. */
void page_strike(struct journal *j, uint64_t number);
void page_send_strikes(struct journal *j);
void page_strike_again(struct journal *j); /* what it has not heard */
void page_clear_strikes(struct journal *j);

#endif
