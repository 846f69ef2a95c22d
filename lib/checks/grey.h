/*
 * grey - what is asked of greylist.lua, and what it says
 */
#ifndef CHECKS_GREY_H
#define CHECKS_GREY_H

#include "engine/check.h"

/* About the record of an identity for the request; `look`: nothing is written,
 * as in a dry run. */
struct question *grey_question(
    const struct request *req, const char *identity, bool look);

struct grey {
	const char *state; /* "passed", "known", "new", "early", "capped" */
	bool refuses;
	bool replaced; /* something strange stood under its key */
	int64_t passes; /* of the identity; 0: not known */
	int64_t wait; /* seconds, of one that refuses */
	int64_t tries; /* of the record; 0: not known */
};

/* False when the answer is lost, or makes no sense. */
bool grey_read(
    const struct request *req, const struct answer *a, struct grey *out);

/* The words of a question: its key and its settings, and where in these stands
 * what has a fixed width, see greylist.lua. */
enum { GREY_KEY, GREY_SETTINGS };
enum {
	GREY_FROM = 5,
	GREY_NOW = 16,
	GREY_HOW = 27,
	GREY_AFTER = 29,
	GREY_LIMIT = 40,
	GREY_WINDOW = 69
};

/* Of a question: its settings without the times and how to write, and what the
 * keys of all records of its identity begin with. */
struct word grey_terms_of(const struct question *q);
struct word grey_identity_of(const struct question *q);

/* The word that an answer begins with; all of it that most mail has, and most
 * strangers. */
enum grey_state {
	GREY_PASSED,
	GREY_KNOWN, /* its identity is */
	GREY_NEW,
	GREY_EARLY,
	GREY_CAPPED, /* too many strangers of one identity */
	GREY_STATES
};
struct value grey_value(enum grey_state s);

/* That it is no more than this word. */
bool grey_is(const struct answer *a, enum grey_state s);

extern const struct script script_greylist;

#endif
