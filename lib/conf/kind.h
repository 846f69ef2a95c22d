/*
 * kind - what is known of a type of options; within value*.c only
 */
#ifndef CONF_KIND_H
#define CONF_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/options.h"
#include "conf/value.h"

/* What may follow a number, the smallest first. */
struct unit {
	const char *name;
	int64_t size;
};

struct kind {
	size_t size; /* of the field */
	bool list; /* it takes any number of words */
	void (*set)(const struct setting *s, void *at);
	const char *(*show)(
	    const struct option *o, const void *at, struct arena *a);
	const char *(*range)(const struct option *o, struct arena *a);

	/* Of numbers. */
	const char *is; /* what a right word is */
	const struct unit *units;
};

extern const struct kind kind_choice, kind_seconds, kind_milliseconds,
    kind_size, kind_number, kind_rate, kind_rates, kind_volumes, kind_times,
    kind_mode, kind_yesno, kind_string, kind_secret, kind_list, kind_lookups,
    kind_code, kind_dnsbls;

const struct kind *kind_of(const struct option *o);

/* Complains: "greylist.delay: WHAT". */
void kind_wrong(const struct setting *s, const char *what);

/* The same of one word: "section.name: 'WORD' WHAT". */
void kind_wrong_word(
    const struct setting *s, const char *word, const char *what);

extern const struct unit kind_seconds_units[], kind_number_units[],
    kind_size_units[];

/* False when `word` is no number with one of the units. */
bool kind_read_number(const char *word, const struct unit *units, int64_t *out);

/* With the largest unit that divides it: 24h and 1440m are 1d. */
const char *kind_number_text(
    struct arena *a, const struct unit *units, int64_t n);

/* A time that can be waited for, from a second to KIND_LONGEST. */
enum { KIND_LONGEST = 1000 * 86400 };
bool kind_read_time(const char *word, int64_t *seconds);
const char *kind_time_text(
    struct arena *a, int64_t seconds); /* PERMANENT too */

/* `text` and one item more, quoted, of what will be a list. */
const char *kind_show_item(struct arena *a, const char *text, const char *item);

/* Of lists: their range, and whether this one keeps to it. */
const char *kind_range_list(const struct option *o, struct arena *a);
bool kind_not_too_many(const struct setting *s);

/* What the row checks of a word; false after a complaint. */
bool kind_sound(const struct setting *s, const char *word);

#endif
