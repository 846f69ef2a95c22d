/*
 * policyctl_lists - the cluster's lists, as policyd reads them
 */
#ifndef POLICYD_POLICYCTL_LISTS_H
#define POLICYD_POLICYCTL_LISTS_H

struct ctl;
struct door;
struct lists;

/* To be given back with lists_unref(). Nothing is written. NULL when they
 * cannot be had, and then the door has a trouble. */
struct lists *lists_fetch(struct ctl *ctl, struct door *d);

#endif
