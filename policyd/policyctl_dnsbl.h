/*
 * policyctl_dnsbl - how the DNS lists of a node fare, as it published that
 */
#ifndef POLICYD_POLICYCTL_DNSBL_H
#define POLICYD_POLICYCTL_DNSBL_H

#include <jansson.h>
#include <stdbool.h>

struct line;
struct node;
struct zones;

/* The field of its record that they stand in. */
extern const char dnsbl_field[];

/* An array of objects, one a list; an empty one when it published none. */
json_t *dnsbl_of(const struct node *fields);

/* "zone=bl.example state=on ...", of one of them. */
void dnsbl_line(struct line *l, json_t *list);

/* The same of our own, as much as one who has just asked can know. */
json_t *dnsbl_own(const struct zones *zones);

#endif
