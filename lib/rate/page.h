/*
 * page - a page of the journal, and what Redis is told of it; for that only
 */
#ifndef RATE_PAGE_H
#define RATE_PAGE_H

#include "rate/book.h"

/* Anew, as it is now. */
void page_write(struct journal *j, struct page *p);

/* It is struck out, with others and soon, if it is written. It can be said
 * again, and is until Redis has heard it. Or it is left there. */
void page_strike(struct journal *j, struct page *p);
void page_leave(struct journal *j, struct page *p);
void page_try_out(struct journal *j); /* with one that there never was */
void page_send_strikes(struct journal *j);
void page_strike_again(struct journal *j); /* what it has not heard */
void page_forget_strikes(struct journal *j);

#endif
