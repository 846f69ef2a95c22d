/*
 * attribute - the lines of a request, and the places of their values
 */
#ifndef ENGINE_ATTRIBUTE_H
#define ENGINE_ATTRIBUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct request;

struct attribute {
	const char *name;
	const char *begin; /* of its line: "name=" */
	size_t size; /* of that */
	size_t at; /* offsetof(struct request, NAME) */
};

/* In the order in which Postfix sends them, so that whoever reads a request
 * may try the next one first. Behind the last comes a row that no line begins
 * with, whose name is NULL. */
extern const struct attribute attributes[];

/* Eight bytes at a time, the last of them maybe seen twice: a call of memcmp()
 * costs more than nearly every name, and a request has thirty. */
static inline bool
attribute_begins(const struct attribute *a, const char *line, size_t size)
{
	const char *begin = a->begin;
	size_t left = a->size;

	if (size < left)
		return false;
	if (left < 8)
		return memcmp(line, begin, left) == 0;
	for (; left > 8; left -= 8, line += 8, begin += 8)
		if (memcmp(line, begin, 8) != 0)
			return false;
	return memcmp(line + left - 8, begin + left - 8, 8) == 0;
}

/* The one that a line begins with, NULL when we know none. */
const struct attribute *attribute_find(const char *line, size_t size);

/* The first value of an attribute counts. What was sent lives in an arena, so
 * the place itself tells an empty value from a missing one. */
extern const char attribute_missing[];

/* A request without any. */
extern const struct request attributes_missing;

static inline void
attribute_set(const struct attribute *a, struct request *r, const char *value)
{
	const char **place = (const char **)((char *)r + a->at);

	if (*place == attribute_missing)
		*place = value;
}

#endif
