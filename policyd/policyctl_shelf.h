/*
 * policyctl_shelf - the registers and lists, as commands call them
 *
 * A register keeps single clients, a list keeps patterns. Bans are both:
 * single clients stand in the register, networks in the list.
 */
#ifndef POLICYD_POLICYCTL_SHELF_H
#define POLICYD_POLICYCTL_SHELF_H

#include <stdbool.h>

#include "base/address.h"
#include "register/lists.h"
#include "register/register.h"

struct arena;
struct conf;

struct shelf {
	const char *name;
	bool has_register, has_list;
	enum register_name kept;
	enum list_name list;
};

extern const struct shelf shelves[]; /* ends with one without a name */
const struct shelf *shelf_named(const char *name); /* must be one */

/* The key of its list. */
const char *shelf_list_key(
    const struct shelf *s, struct arena *a, const struct conf *conf);

/* The key of a client in its register; `service` NULL: of all services. */
const char *shelf_key(const struct shelf *s, struct arena *a,
    const struct conf *conf, const char *client, const char *service);

/* The key of what says that a client is in some register. */
const char *shelf_mark_key(
    struct arena *a, const struct conf *conf, const char *client);

/* What an administrator wrote, and where it belongs. */
struct subject {
	const char *name; /* CLIENT of a register, or PATTERN of a list */
	const char *written; /* as the administrator did */
	bool client; /* the former, and then this is its address: */
	struct address address;
};

/* NULL, or what is wrong with `text`. */
const char *subject_wrong(struct subject *out, const struct shelf *s,
    struct arena *a, const char *text);

/* EX_OK; or it was said what is wrong. */
int subject_read(struct subject *out, const struct shelf *s, struct arena *a,
    const char *text);

#endif
