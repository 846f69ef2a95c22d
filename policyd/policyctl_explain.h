/*
 * policyctl_explain - whose settings a check went by, told
 */
#ifndef POLICYD_POLICYCTL_EXPLAIN_H
#define POLICYD_POLICYCTL_EXPLAIN_H

#include <jansson.h>
#include <stdbool.h>

struct arena;
struct check;
struct ctl;
struct request;

/* A line for each address of the request: is it ours, does it exist, where
 * does it lead. */
void explain_scopes(const struct request *r);
json_t *explain_scopes_json(const struct request *r);

/* The settings of a check that are not the server's, and by whom; `all`: the
 * server's, too. */
void explain_settings(const struct request *r, const struct check *c, bool all);
json_t *explain_settings_json(
    const struct request *r, const struct check *c, bool all);

#endif
