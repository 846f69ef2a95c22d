/*
 * taken - how a page of the journal is read, when somebody has taken it
 *
 *     "END CHARGED KEY SECONDS AMOUNT KEY SECONDS AMOUNT ..."
 */
#ifndef RATE_TAKEN_H
#define RATE_TAKEN_H

#include "ask/ask.h"

/* What is charged and open of one meter. */
struct taken {
	struct word key; /* in the text */
	int64_t seconds, n;
};

/* END, then CHARGED; behind these what is charged, again and again. It begins
 * at `at`, and goes on where the answer points: NULL when there is none any
 * more, or it cannot be read. Keys must be of meters, and have the prefix of
 * the journal's: who garbles a page shall not have us change anything else. */
const char *taken_read_end(const char *at, int64_t *end);
const char *taken_read_charged(const char *at, int64_t *charged);
const char *taken_read(struct word journal, const char *at, struct taken *out);

#endif
