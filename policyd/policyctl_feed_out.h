/*
 * policyctl_feed_out - what the feed did, or would do, for people and programs
 */
#ifndef POLICYD_POLICYCTL_FEED_OUT_H
#define POLICYD_POLICYCTL_FEED_OUT_H

#include "feed/feed.h"

struct ctl;

/* One act, on a line; `r` is NULL in a dry run. */
void feed_out_act(struct ctl *ctl, const struct feed_act *act,
    const struct register_result *r);

/* The last line: as JSON on standard output, else in the log. */
void feed_out_counts(struct ctl *ctl, const struct feed_counts *c);

#endif
