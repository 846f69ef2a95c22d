/*
 * policyctl_origin - which value holds for an address, and who set it
 */
#ifndef POLICYD_POLICYCTL_ORIGIN_H
#define POLICYD_POLICYCTL_ORIGIN_H

#include <jansson.h>
#include <stdbool.h>

struct arena;
struct conf;
struct scope;

struct origin {
	const char *name; /* "greylist.mode" */
	const char *value; /* as in policyd.conf */
	const char *from; /* "server", "policyd.conf", "redis" */
	const char *level; /* "server", "domain", "mailbox" */
};

/* What a scope can set, and of a section (NULL: of any) all the rest, too.
 * Without `all`, only what is not the server's value. */
typedef void origin_told(void *data, const struct origin *o);
void origins_tell(struct arena *a, const struct conf *conf,
    const struct scope *scope, const char *section, bool all, origin_told *told,
    void *data);

/* Of one option that a scope can set; false when there is none of that name. */
bool origin_find(struct arena *a, const struct conf *conf,
    const struct scope *scope, const char *name, struct origin *out);

/* A mailbox, or else a domain, may have it; `alias`, too. */
bool origin_is_option(const char *name, bool mailbox);

/* What is wrong with a name that is none, and the nearest right one. `mailbox`:
 * of such, not of a domain. */
const char *origin_no_such(struct arena *a, const char *name, bool mailbox);

/* An array of objects with these names. */
json_t *origins_json(struct arena *a, const struct conf *conf,
    const struct scope *scope, const char *section, bool all);

#endif
