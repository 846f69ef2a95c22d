/*
 * attribute - the lines of a request, and the places of their values
 */
#ifndef ENGINE_ATTRIBUTE_H
#define ENGINE_ATTRIBUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct request;

struct attribute {
	char begin[28]; /* of its line: "name=", zeros behind */
	uint16_t size; /* of that, at least 4 */
	uint16_t at; /* offsetof(struct request, NAME) */
};

/* In the order in which Postfix sends them, so that whoever reads a request
 * may try the next one first. Behind the last comes a row that no line begins
 * with: it has no name, but a LF. */
extern const struct attribute attributes[];

static inline bool
attribute_is_last(const struct attribute *a)
{
	return a->begin[0] == '\n';
}

/* What may be read of a line, whatever its length. */
enum { ATTRIBUTE_LINE = sizeof(attributes->begin) };

/* Eight bytes at a time, some of them maybe seen twice: a call of memcmp()
 * costs more than nearly every name, and a request has thirty. */
static inline bool
attribute_begins(const struct attribute *a, const char *line)
{
	const char *begin = a->begin;
	const size_t size = a->size;

	if (size < 8)
		return memcmp(line, begin, 4) == 0 &&
		    memcmp(line + size - 4, begin + size - 4, 4) == 0;
	if (memcmp(line, begin, 8) != 0 ||
	    memcmp(line + size - 8, begin + size - 8, 8) != 0)
		return false;
	for (size_t end = 16; end < size; end += 8)
		if (memcmp(line + end - 8, begin + end - 8, 8) != 0)
			return false;
	return true;
}

/* The one that a line of `size` bytes begins with, NULL when we know none. */
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
