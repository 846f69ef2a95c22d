/*
 * file - read with a limit
 */
#include "conf/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"

enum { STEP = 64 * 1024 };

/* Not by its size: that of a pipe or of a file in /proc is 0. */
static int
read_all(int fd, size_t limit, char **buffer, size_t *size)
{
	size_t room = 0;
	ssize_t n;

	*size = 0;
	do {
		if (room - *size < STEP)
			*buffer = xrealloc(*buffer, room += STEP + room);
		n = read(fd, *buffer + *size, room - *size);
		if (n < 0 && errno != EINTR)
			return -errno;
		*size += n > 0 ? (size_t)n : 0;
		if (*size > limit)
			return -EFBIG;
	} while (n != 0);
	return 0;
}

int
file_read(
    struct arena *a, const char *path, size_t limit, char **text, size_t *size)
{
	char *buffer = NULL;
	int fd, rc;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	rc = read_all(fd, limit, &buffer, size);
	if (rc == 0)
		*text = arena_memdup(a, buffer, *size);
	free(buffer);
	close(fd);
	return rc;
}
