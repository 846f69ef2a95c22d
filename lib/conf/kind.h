/*
 * kind - what is known of a type of options; within value*.c only
 */
#ifndef CONF_KIND_H
#define CONF_KIND_H

#include <stdint.h>

#include "conf/options.h"
#include "conf/value.h"

/* What may follow a number, the smallest first. */
struct unit {
	const char *name;
	int64_t size;
};

struct kind {
	void (*set)(const struct setting *s, void *at);
	const char *(*show)(
	    const struct option *o, const void *at, struct arena *a);
	const char *(*range)(const struct option *o, struct arena *a);

	/* Of numbers. */
	const char *is; /* what a right word is */
	const struct unit *units;
};

extern const struct kind kind_choice, kind_seconds, kind_milliseconds,
    kind_size, kind_number, kind_mode, kind_yesno, kind_string, kind_secret,
    kind_list, kind_lookups, kind_code;

const struct kind *kind_of(const struct option *o);

/* Complains: "greylist.delay: WHAT". */
void kind_wrong(const struct setting *s, const char *what);

/* `text` and one item more, quoted, of what will be a list. */
const char *kind_show_item(struct arena *a, const char *text, const char *item);

/* Of lists: their range, and whether this one keeps to it. */
const char *kind_range_list(const struct option *o, struct arena *a);
bool kind_not_too_many(const struct setting *s);

#endif
