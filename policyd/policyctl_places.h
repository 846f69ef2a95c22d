/*
 * policyctl_places - where reading of followed files goes on after a restart
 *
 * "DEVICE INODE OFFSET PATH" lines in state_directory/feed.places.
 */
#ifndef POLICYD_POLICYCTL_PLACES_H
#define POLICYD_POLICYCTL_PLACES_H

#include <stddef.h>

struct conf;
struct tail;

/* Each tail goes where it was; one that is not known to its end. */
void places_restore(
    const struct conf *conf, struct tail *const *tails, size_t count);

/* All at once or not at all. 0, or a negative errno. */
int places_save(
    const struct conf *conf, struct tail *const *tails, size_t count);

#endif
