/*
 * policyctl_verified - the name of a client, as Postfix would verify it
 *
 * A name that its address leads to and that leads back to it, by the name
 * servers of the configuration; and the organisation that the greylist makes of
 * such a name.
 */
#ifndef POLICYD_POLICYCTL_VERIFIED_H
#define POLICYD_POLICYCTL_VERIFIED_H

struct address;
struct ctl;
struct door;

/* NULL: it has none, or nobody tells. */
const char *verified_name(
    struct ctl *ctl, struct door *d, const struct address *client);

/* NULL where the server's greylist.identity is the network, or the name is
 * generic, or none. */
const char *verified_organisation(
    struct ctl *ctl, const struct address *client, const char *name);

#endif
