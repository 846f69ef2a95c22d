/*
 * copy - what stands on a page of the journal, until Redis has struck that out
 *
 *     "END CHARGED KEY SECONDS AMOUNT KEY SECONDS AMOUNT ..."
 *
 * Should others have taken the page before (reap.h), they have given back what
 * it said, whatever became of that: then it counts again. For lib/rate/page.c
 * and reap.c only.
 */
#ifndef RATE_COPY_H
#define RATE_COPY_H

#include "rate/journal.h"

struct copy {
	struct copy *next; /* that Redis has not heard the end of */
	unsigned holders;
	uint64_t number; /* the page's */
	int64_t end; /* Unix seconds */
	struct arena *arena; /* that holds the text; NULL: there is none */
	struct word text; /* with a NUL behind it */
};

/* For the one who asks; each more adds himself to the holders. */
struct copy *copy_new(struct journal *j, uint64_t number, int64_t end);
void copy_release(struct journal *j, struct copy *c); /* NULL is fine */

/* Its page is being written, and Redis has not answered yet. */
bool copy_is_written(const struct copy *c);

/* It says this from now on; `a`, which holds it, is the copy's. */
void copy_says(struct copy *c, struct arena *a, struct word text);

/* What is charged and open of one meter. */
struct copied {
	struct word key; /* in the text */
	int64_t seconds, n;
};

/* Behind END, and then again and again: reads on from `at`, and tells where
 * that ends. NULL: there is none any more, or it cannot be read. Keys must be
 * of meters, and have the prefix of that journal's: who garbles a page shall
 * not have us change anything else. */
const char *copy_read_charged(const char *at, int64_t *charged);
const char *copy_read(struct word journal, const char *at, struct copied *out);

#endif
