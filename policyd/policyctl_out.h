/*
 * policyctl_out - what people and programs read
 *
 * Texts from Redis or from a request are strangers' bytes: on a terminal they
 * could move the cursor. Control bytes and bytes that are no UTF-8 are shown
 * as \xNN, in JSON as well (there control bytes as JSON escapes them).
 */
#ifndef POLICYD_POLICYCTL_OUT_H
#define POLICYD_POLICYCTL_OUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct arena;

void out_text(FILE *to, const char *text);

/* One row of columns, each at least as wide as `columns` asks; a column of
 * width 0 ends the list. `cells` has one text for each. */
struct column {
	const char *head;
	int width;
};
void out_head(const struct column *columns);
void out_row(const struct column *columns, const char *const *cells);

/* "2026-11-21 17:45:25" in local time; "-" for 0. */
const char *out_time(struct arena *a, int64_t unix_time);

/* "45s", "4m 12s", "35d 2h": the two largest units. */
const char *out_span(struct arena *a, int64_t seconds);

/* For people and their scripts: "2026-11-21 17:45:25 (1795283125, 4m ago)". */
const char *out_moment(struct arena *a, int64_t unix_time, int64_t now);

/* "1.0M" and the like. */
const char *out_size(struct arena *a, int64_t bytes);

/* A JSON string of any bytes; null for NULL. */
json_t *out_json_text(const char *text);

/* A number, or null when it is not known. */
json_t *out_json_number(bool known, int64_t number);

/* A whole document and a newline; gives `value` back. */
void out_json(json_t *value);

/* An array that never is in memory as a whole. Begin with {0}. */
struct out_array {
	size_t count;
};
void out_array_add(struct out_array *array, json_t *value);
void out_array_end(struct out_array *array);

#endif
