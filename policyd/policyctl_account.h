/*
 * policyctl_account - mailboxes: who is locked out, and who may not log in
 *
 * The facts are those of register/account.h. A user is named as he logs in;
 * capital letters are small ones.
 */
#ifndef POLICYD_POLICYCTL_ACCOUNT_H
#define POLICYD_POLICYCTL_ACCOUNT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "register/account.h"

struct arena;
struct ctl;
struct door;
struct scope;

struct account {
	const char *user;
	const char *key;
	bool known; /* else there is nothing about it */
	bool unreadable; /* somebody else's value, which counts for nothing */
	struct account_state is; /* to a client from an unknown network */
	const char *reason, *by; /* of its being disabled, or "" */
	int64_t disabled_at; /* 0: nobody said */
	int64_t last; /* failure; 0: none */
	const char *tries, *networks; /* "NAME=TIME ...", or "" */
	const struct scope *scope; /* of the mailbox; NULL: nobody looked */
};

/* What is set for it lets nobody log in. */
bool account_is_shut(const struct account *);

/* What is known of `count` users, as one pass of questions. False without
 * Redis. */
bool accounts_fetch(struct ctl *ctl, struct door *d, struct arena *a,
    const char *const *users, struct account *out, size_t count);

/* One line of a table, under this head. */
void account_head(void);
void account_row(const struct account *);

/* A block of lines, with the commands that undo each fact. */
void account_print(const struct ctl *ctl, const struct account *, int64_t now);
json_t *account_json(const struct ctl *ctl, const struct account *);

/* Shows these users, for `account show`; for `why` also their full meters. */
int accounts_show(struct ctl *ctl, int count, char **users, bool why);

/* unlock, forget, disable, enable */
int run_account_change(struct ctl *ctl, int argc, char **argv);

#endif
