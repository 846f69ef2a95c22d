/*
 * policyctl_terms - what the options of a register's command ask for
 */
#ifndef POLICYD_POLICYCTL_TERMS_H
#define POLICYD_POLICYCTL_TERMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

struct terms {
	/* Which entries are meant. */
	bool by_network, by_level, listed, all;
	struct network network; /* clients and networks that lie in it */
	const char *reason; /* a part of it; of a new entry, all of it */
	const char *by; /* who made it; of a report, who reports */
	int64_t before; /* made, or last seen, earlier; 0: whenever */
	int64_t level;
	bool selects; /* any of these was given */

	int64_t limit; /* of entries; -1: none */
	bool dry_run;

	/* Of a new entry. */
	int64_t seconds; /* 0: not said */
	bool permanent, force;

	const char *name; /* the client's host name, "" when not said */
};

/* Options a command knows, or-ed. */
enum {
	TERMS_SELECTION = 1 << 0, /* --network --reason --by --before --level
				     --listed */
	TERMS_LIMIT = 1 << 1,
	TERMS_DRY_RUN = 1 << 2, /* and --all */
	TERMS_NEW = 1 << 3, /* --for --permanent --reason --force */
	TERMS_BY = 1 << 4,
	TERMS_FORCE = 1 << 5,
	TERMS_NAME = 1 << 6,
	TERMS_LISTED = 1 << 7,
	TERMS_REASON = 1 << 8
};

/* EX_OK, and what is left in argc and argv; or what is wrong was said. */
int terms_read(struct terms *t, unsigned known, int *argc, char ***argv);

#endif
