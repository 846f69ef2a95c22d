/*
 * scopes - the settings of domains and mailboxes
 *
 * Whole copies, merged when the configuration is read, so that a request only
 * looks one up. Letter case does not matter.
 */
#ifndef CONF_SCOPES_H
#define CONF_SCOPES_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct scopes;
struct settings;

struct scopes *scopes_new(struct arena *a);

/* The settings of a domain ("example.com") or mailbox ("user@example.com"),
 * new and a copy of what holds without them; NULL when there are some. */
struct settings *scopes_add(
    struct scopes *s, const char *name, const struct settings *server);

/* Of a mailbox; its domain's, or `server`, when it has none of its own. */
const struct settings *scopes_find(
    const struct scopes *s, const char *address, const struct settings *server);

#endif
