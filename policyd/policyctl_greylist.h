/*
 * policyctl_greylist - what the commands of the group share
 */
#ifndef POLICYD_POLICYCTL_GREYLIST_H
#define POLICYD_POLICYCTL_GREYLIST_H

#include <jansson.h>
#include <stdint.h>

struct ctl;
struct door;
struct grey_record;

int greylist_list(struct ctl *, int argc, char **argv);
int greylist_show(struct ctl *, int argc, char **argv);
int greylist_del(struct ctl *, int argc, char **argv);

/* EX_OK, or says why Redis cannot be had and returns EX_UNAVAILABLE. */
int greylist_status(const struct door *d);

/* "fresh", "passed" or "unreadable". */
const char *record_state(const struct grey_record *r);

/* A block of lines. */
void record_print(const struct grey_record *r, int64_t now);

json_t *record_json(const struct grey_record *r, int64_t now);

#endif
