/*
 * samples - real lines of Postfix 3.7 and Dovecot 2.3, in t/feed/maillog
 */
#ifndef T_FEED_SAMPLES_H
#define T_FEED_SAMPLES_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/suite.h"

enum { SAMPLES_NOW = 1795279300 }; /* soon after the last of them */

struct sample_lines {
	FILE *file;
	char *line;
	size_t room, size;
};

/* Tests run in the directory of the sources. */
static inline struct sample_lines
samples_open(const char *name)
{
	struct sample_lines s = { 0 };
	char path[256];

	snprintf(path, sizeof(path), "t/feed/maillog/%s.log", name);
	s.file = fopen(path, "r");
	assert_non_null(s.file);
	return s;
}

static inline bool
samples_next(struct sample_lines *s)
{
	const ssize_t size = getline(&s->line, &s->room, s->file);

	if (size < 0)
		return false;
	s->size = strcspn(s->line, "\n");
	s->line[s->size] = '\0';
	return true;
}

static inline void
samples_close(struct sample_lines *s)
{
	fclose(s->file);
	free(s->line);
}

#endif
