/*
 * policyctl_waiting - mails that were put off: would they be, if they came
 * back?
 *
 * What they would meet is what policyd's own checks say to them now: an option,
 * the DNS, or what was learnt since may let them in at once.
 */
#ifndef POLICYD_POLICYCTL_WAITING_H
#define POLICYD_POLICYCTL_WAITING_H

#include <stdbool.h>
#include <stddef.h>

#include "policyctl_grey.h"

struct address;
struct arena;
struct ctl;
struct door;
struct lists;

/* The latest ones are asked about. Older ones are let in when all of these are,
 * else what stands in Redis tells. */
enum { WAITING_ASKED = 500 };

struct mail {
	struct grey_record record; /* `set` is not kept */
	bool let_in;
};

struct waiting {
	size_t count;
	struct mail *mails;
};

/* A copy, in `a`. */
void waiting_add(
    struct waiting *w, struct arena *a, const struct grey_record *r);

/* Puts them in order, the latest first, and asks. The door was opened with
 * rehearsal_scripts(); takes the reference to `lists` over. */
void waiting_ask(struct waiting *w, struct ctl *ctl, struct door *d,
    struct lists *lists, const struct address *client, const char *host);

#endif
