/*
 * policyctl_tail - reading, cutting into lines, seeing what became of a file
 */
#include "policyctl_tail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"

struct tail {
	char *path;
	int fd; /* -1: there is none yet */
	bool follow;
	bool skip; /* until the next newline: the line was too long */
	off_t offset; /* of what was read, in a file */
	size_t used;
	char buffer[TAIL_LINE];
};

static void
begin(struct tail *t, int fd)
{
	if (t->fd > STDIN_FILENO)
		close(t->fd);
	t->fd = fd;
	t->offset = 0;
	t->used = 0;
	t->skip = false;
}

struct tail *
tail_open(const char *path, bool follow)
{
	struct tail *t = xcalloc(1, sizeof(*t));
	const bool input = strcmp(path, "-") == 0;

	t->path = xstrdup(path);
	t->follow = follow && !input;
	t->fd = input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (t->fd >= 0 || (t->follow && errno == ENOENT))
		return t;
	tail_close(t);
	return NULL;
}

void
tail_close(struct tail *t)
{
	const int error = errno;

	if (!t)
		return;
	begin(t, -1);
	free(t->path);
	free(t);
	errno = error;
}

const char *
tail_path(const struct tail *t)
{
	return t->path;
}

/* -- places -- */

static bool
is_at(const struct stat *st, const struct tail_place *place)
{
	return st->st_dev == place->device && st->st_ino == place->inode &&
	    st->st_size >= place->offset;
}

static void
seek(struct tail *t, off_t offset)
{
	t->offset = lseek(t->fd, offset, SEEK_SET) < 0 ? 0 : offset;
}

void
tail_seek_end(struct tail *t)
{
	struct stat st;

	if (t->fd >= 0 && fstat(t->fd, &st) == 0 && S_ISREG(st.st_mode))
		seek(t, st.st_size);
}

/* What `path` has become, when it was rotated while nobody looked. */
static bool
seek_renamed(struct tail *t, const struct tail_place *place)
{
	struct arena *a = arena_new();
	const int fd = open(
	    arena_printf(a, "%s.1", t->path), O_RDONLY | O_CLOEXEC);
	struct stat st;

	arena_release(a);
	if (fd < 0)
		return false;
	if (fstat(fd, &st) < 0 || !is_at(&st, place)) {
		close(fd);
		return false;
	}
	begin(t, fd);
	seek(t, place->offset);
	return true;
}

void
tail_seek(struct tail *t, const struct tail_place *place)
{
	struct stat st;

	if (t->fd >= 0 && fstat(t->fd, &st) == 0 && is_at(&st, place))
		seek(t, place->offset);
	else if (!seek_renamed(t, place))
		tail_seek_end(t);
}

bool
tail_place(const struct tail *t, struct tail_place *place)
{
	struct stat st;

	if (t->fd < 0 || !t->follow || fstat(t->fd, &st) < 0)
		return false;
	place->device = st.st_dev;
	place->inode = st.st_ino;
	place->offset = t->offset - (off_t)t->used;
	return true;
}

int
tail_waits(const struct tail *t)
{
	struct stat st;

	if (t->fd < 0 || (fstat(t->fd, &st) == 0 && S_ISREG(st.st_mode)))
		return -1;
	return t->fd;
}

/* -- lines -- */

/* Tells all whole lines of the buffer; keeps what is left. */
static void
tell_lines(struct tail *t, tail_line *told, void *data)
{
	char *at = t->buffer, *end = t->buffer + t->used, *newline;

	while ((newline = memchr(at, '\n', (size_t)(end - at)))) {
		if (!t->skip)
			told(data, at, (size_t)(newline - at));
		t->skip = false;
		at = newline + 1;
	}
	t->used = (size_t)(end - at);
	if (t->used == sizeof(t->buffer)) {
		if (!t->skip)
			told(data, at, t->used);
		t->skip = true;
		t->used = 0;
	}
	memmove(t->buffer, at, t->used);
}

/* A last line without its end. */
static void
tell_rest(struct tail *t, tail_line *told, void *data)
{
	if (t->used > 0 && !t->skip)
		told(data, t->buffer, t->used);
	t->used = 0;
}

/* -- what became of the file -- */

/* Begins the file that is called `path` now, if it is another one than ours
 * and somebody writes to it. Until then ours may still grow. */
static bool
begin_next(struct tail *t)
{
	struct stat ours, next;
	const int fd = open(t->path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (fstat(fd, &next) < 0 ||
	    (t->fd >= 0 && fstat(t->fd, &ours) == 0 &&
		ours.st_dev == next.st_dev && ours.st_ino == next.st_ino) ||
	    (t->fd >= 0 && next.st_size == 0)) {
		close(fd);
		return false;
	}
	begin(t, fd);
	return true;
}

/* Shorter than what was read: it was cut, and begins anew. */
static bool
was_cut(struct tail *t)
{
	struct stat st;

	if (fstat(t->fd, &st) < 0 || st.st_size >= t->offset)
		return false;
	seek(t, 0);
	t->used = 0;
	t->skip = false;
	return true;
}

static enum tail_state
at_end(struct tail *t, tail_line *told, void *data)
{
	if (!t->follow) {
		tell_rest(t, told, data);
		return TAIL_END;
	}
	if (was_cut(t) || begin_next(t))
		return TAIL_MORE;
	return TAIL_LATER;
}

enum tail_state
tail_read(struct tail *t, tail_line *told, void *data)
{
	ssize_t n;

	if (t->fd < 0)
		return begin_next(t) ? TAIL_MORE : TAIL_LATER;
	n = read(t->fd, t->buffer + t->used, sizeof(t->buffer) - t->used);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return TAIL_LATER;
	if (n < 0)
		return TAIL_ERROR;
	if (n == 0)
		return at_end(t, told, data);
	t->offset += n;
	t->used += (size_t)n;
	tell_lines(t, told, data);
	return TAIL_MORE;
}
