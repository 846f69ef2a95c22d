/*
 * page - a page of the journal, and what Redis is told of it; for that only
 */
#ifndef RATE_PAGE_H
#define RATE_PAGE_H

#include "rate/book.h"

/* Anew, as it is now. */
void page_write(struct journal *j, struct page *p);

/* The page of that number is struck out, with others and soon. It can be said
 * again, and is until Redis has heard it. */
void page_strike(struct journal *j, uint64_t number);
void page_send_strikes(struct journal *j);
void page_strike_again(struct journal *j); /* what it has not heard */
void page_clear_strikes(struct journal *j);

#endif
