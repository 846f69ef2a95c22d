/*
 * spell - what Redis is told: rate.lua in a line, and plain commands; within
 * lib/rate only
 */
#ifndef RATE_SPELL_H
#define RATE_SPELL_H

#include "rate/meter.h"

/* A line under construction: what is asked for, and numbers. */
struct spell {
	char *from, *at;
};

/* In `a`, with room for so many numbers. */
struct spell spell_begin(struct arena *a, const char *what, unsigned numbers);
void spell_number(struct spell *w, int64_t n, char behind);
void spell_none(struct spell *w); /* "- " in place of a list */

/* Without what is behind the last number. */
struct word spell_end(struct spell *w);

/* What the limit of a meter comes to for rate.lua, and what somebody is told
 * at: "80 percent of 3" is 3, and more than the limit when never. */
int64_t spell_limit(const struct meter *m);
int64_t spell_warning(const struct meter *m);

/* "open:END", without a NUL; returns where it ends. */
char *spell_lease(char *to, int64_t end);

/* One plain command more, HINCRBY, of so many words or one less. */
enum { SPELL_ADD_WORDS = 5 };
void spell_add(
    struct question *q, struct word key, struct word field, struct word n);

void spell_word(struct question *q, struct word w);
void spell_key(struct question *q, struct word key);

/* The keys of networks stand behind the others, what is asked of them has words
 * of its own behind the line; only if there are any. */
void spell_network_keys(struct question *q, const struct meters *m);
void spell_networks(struct question *q, struct arena *a, const struct meters *m,
    const char *network);

#endif
