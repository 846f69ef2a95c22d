/*
 * policyctl_walk - the entries of a register or list, one after the other
 *
 * A page of them is in memory at a time. One that comes or goes meanwhile may
 * be missed or seen.
 */
#ifndef POLICYD_POLICYCTL_WALK_H
#define POLICYD_POLICYCTL_WALK_H

#include <stdbool.h>
#include <stdint.h>

struct ctl;
struct door;
struct entry;
struct shelf;
struct subject;
struct terms;

/* Told of each; false ends the walk. The entry is gone afterwards. */
typedef bool entry_told(void *data, const struct entry *e);

/* All entries that `t` selects. False without Redis. */
bool entries_walk(struct ctl *ctl, struct door *d, const struct shelf *s,
    const struct terms *t, entry_told *told, void *data);

/* Those of one subject: at most one, or one for each service. */
bool entries_of(struct ctl *ctl, struct door *d, const struct shelf *s,
    const struct subject *who, entry_told *told, void *data);

/* Does `t` select it? Times are as of `now`. */
bool terms_fit(const struct terms *t, const struct entry *e, int64_t now);

#endif
