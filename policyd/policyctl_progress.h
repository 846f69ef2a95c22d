/*
 * policyctl_progress - how far a long work is, on standard error
 *
 * A bar on a terminal; elsewhere a line now and then, none of a short work.
 */
#ifndef POLICYD_POLICYCTL_PROGRESS_H
#define POLICYD_POLICYCTL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct progress {
	const char *what; /* "import" */
	const char *unit; /* "lines" */
	int64_t size; /* bytes of the whole; 0: not known */
	bool terminal, shown;
	uint64_t began, next; /* ms */
	int64_t seen; /* lines, when the clock was read */
};

/* `file` is what is read; its size may be unknown, and NULL is no file. */
void progress_begin(struct progress *p, const char *what, FILE *file);
void progress_step(struct progress *p, int64_t bytes, int64_t lines);

/* Makes room for another line, or for what follows: the bar goes. */
void progress_hide(struct progress *p);

#endif
