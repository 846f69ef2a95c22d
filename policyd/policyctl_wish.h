/*
 * policyctl_wish - what the options of a greylist command ask for
 */
#ifndef POLICYD_POLICYCTL_WISH_H
#define POLICYD_POLICYCTL_WISH_H

#include "policyctl_grey.h"

struct wish {
	struct selection wanted;
	bool selects; /* by identity, network, sender or recipient */
	int64_t limit; /* of records; -1: none */
	bool dry_run;
};

/* Options a command knows, or-ed. */
enum {
	WISH_SELECTION = 1 << 0, /* --identity, --network, --sender,
				    --recipient, --state */
	WISH_LIMIT = 1 << 1,
	WISH_DRY_RUN = 1 << 2
};

/* `*argc` and `*argv` are moved on to what follows the options. EX_OK, or the
 * status when something was wrong, and said. */
int wish_read(
    struct ctl *ctl, struct wish *w, unsigned known, int *argc, char ***argv);

#endif
