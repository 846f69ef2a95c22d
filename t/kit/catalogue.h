/*
 * catalogue - every decision a mail client may be told, and who makes it
 *
 * What policyd has been asked to say, apart from what it says: tests compare
 * the two. A number is that of the decision; some have several replies.
 */
#ifndef KIT_CATALOGUE_H
#define KIT_CATALOGUE_H

#include <stddef.h>

#include "conf/conf.h"

enum decider {
	BY_POLICYD,
	BY_POSTFIX, /* policyd is not asked, or cannot answer that */
	BY_MILTER /* it takes the message itself */
};

/* Values stand in braces: {ip}. */
struct decision_entry {
	const char *name; /* the number, and a word where it has several */
	enum decider by;
	int code;
	const char *enhanced;
	const char *text;
	enum reply_name reply; /* REPLY_COUNT: one that is configured */
	const char *check; /* "": the engine's */
};

/* Levels are 1 << LEVEL_...; classes are those that can be refused. */
struct decision_check {
	const char *name;
	unsigned levels, classes;
	enum mode mode; /* unless somebody sets it */
	const char *past[8]; /* whom it lets pass besides; NULL behind them */
};

enum { DECISIONS = 40 };

extern const struct decision_entry catalogue[];
extern const size_t catalogue_count;

/* In the order in which they count; a name that is NULL ends. */
extern const struct decision_check catalogue_checks[];

/* NULL when there is none. */
const struct decision_entry *catalogue_find(const char *name);
const struct decision_check *catalogue_check(const char *name);

#endif
