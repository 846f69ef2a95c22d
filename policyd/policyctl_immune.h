/*
 * policyctl_immune - whom no register may hold anything against, and why
 */
#ifndef POLICYD_POLICYCTL_IMMUNE_H
#define POLICYD_POLICYCTL_IMMUNE_H

#include <stdint.h>

struct address;
struct arena;
struct conf;
struct lists;
struct network;
struct subject;

/* "it is on the allow list (192.0.2.*)": why no check for bad clients meets
 * it. NULL when they do. */
const char *exempt_client(struct arena *a, const struct lists *l,
    const struct conf *conf, const struct address *client, const char *name,
    int64_t now);

/* The same, or that it is one of ours: it must not be put into a register. */
const char *immune_client(struct arena *a, const struct lists *l,
    const struct conf *conf, const struct address *client, const char *name,
    int64_t now);

/* The same for all that lies in a network: whom of ours it would meet. */
const char *immune_network(struct arena *a, const struct lists *l,
    const struct conf *conf, const struct network *n, int64_t now);

/* The same for a client or pattern of a register; names are not immune. */
const char *immune_subject(struct arena *a, const struct lists *l,
    const struct conf *conf, const struct subject *who, int64_t now);

#endif
