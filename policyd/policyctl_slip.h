/*
 * policyctl_slip - one line of an export, read back
 *
 * What it says becomes fields as they stand in Redis.
 */
#ifndef POLICYD_POLICYCTL_SLIP_H
#define POLICYD_POLICYCTL_SLIP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

struct arena;
struct conf;
struct put_field;
struct shelf;

struct slip {
	bool pattern; /* of a list; else of a register: */
	const char *client;
	struct address address;
	const char *service; /* NULL: none */
	int64_t until; /* listed until; FOREVER; 0: not listed */
	int64_t ends; /* when it is over, or forgotten; FOREVER */
	size_t count;
	struct put_field *fields;
};

/* NULL, or what is wrong. All of the slip lives in `a`. */
const char *slip_read(struct slip *out, struct arena *a,
    const struct conf *conf, const struct shelf *s, const json_t *line);

#endif
