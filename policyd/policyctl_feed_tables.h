/*
 * policyctl_feed_tables - a feed that runs for months hears of changed tables
 */
#ifndef POLICYD_POLICYCTL_FEED_TABLES_H
#define POLICYD_POLICYCTL_FEED_TABLES_H

#include "base/clock.h"

struct ctl;
struct feed;
struct watch;

struct feed_tables {
	struct timer look;
	struct clock *clock;
	struct ctl *ctl; /* whose configuration is replaced */
	struct feed *feed;
	struct watch *watch;
};

void feed_tables_watch(struct feed_tables *t, struct clock *clock,
    struct ctl *ctl, struct feed *feed);
void feed_tables_close(struct feed_tables *t);

#endif
