/*
 * policyctl_tail - the lines of a file that grows, over its rotation
 *
 * The file may be renamed and made anew, or cut to nothing where it stands. A
 * renamed one is read to its end before the new one is begun. Only whole lines
 * are told; of a line that is longer than TAIL_LINE only the beginning is, and
 * the rest of it is never taken for a line.
 */
#ifndef POLICYD_POLICYCTL_TAIL_H
#define POLICYD_POLICYCTL_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { TAIL_LINE = 64 * 1024 };

typedef void tail_line(void *data, const char *line, size_t size);

/* Which byte of which file is next. */
struct tail_place {
	dev_t device;
	ino_t inode;
	off_t offset;
};

struct tail;

/* "-" is standard input, which is not followed: it ends. NULL, and errno, when
 * it cannot be opened; a file to be followed may come later. */
struct tail *tail_open(const char *path, bool follow);
void tail_close(struct tail *t); /* NULL is fine */

/* Where to begin: at this place, if that file is still here or has become
 * `path`.1; else, at the end. */
void tail_seek(struct tail *t, const struct tail_place *place);
void tail_seek_end(struct tail *t);

/* Behind the last line that was told. False: there is no file that is
 * followed. */
bool tail_place(const struct tail *t, struct tail_place *place);
const char *tail_path(const struct tail *t);

/* The descriptor to wait for, when reading it can block; else -1. */
int tail_waits(const struct tail *t);

enum tail_state {
	TAIL_MORE, /* there may be more at once */
	TAIL_LATER, /* not yet */
	TAIL_END, /* never */
	TAIL_ERROR /* errno says why */
};

/* Tells the next lines, some 64 KiB of them. */
enum tail_state tail_read(struct tail *t, tail_line *told, void *data);

#endif
