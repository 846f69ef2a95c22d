/*
 * scopes - what the file says of domains and mailboxes
 *
 * Each has a layer, and the settings that follow from it, merged when the
 * configuration is read, so that a request only looks them up. Letter case
 * does not matter.
 */
#ifndef CONF_SCOPES_H
#define CONF_SCOPES_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct layer;
struct scopes;
struct settings;

struct scopes *scopes_new(struct arena *a);

/* A domain ("example.com") or mailbox ("user@example.com") with a layer to be
 * filled, whose settings are for now those that hold without it. NULL when it
 * is there already. */
struct layer *scopes_add(
    struct scopes *s, const char *name, const struct settings *server);

/* After layer_finish(): what holds now. */
const struct settings *scopes_merge(const struct layer *l);

/* Of a name in lower case; NULL when there is none. */
const struct layer *scopes_layer(const struct scopes *s, const char *name);

/* Of a mailbox; its domain's, or `server`, when it has none of its own. */
const struct settings *scopes_find(
    const struct scopes *s, const char *address, const struct settings *server);

#endif
