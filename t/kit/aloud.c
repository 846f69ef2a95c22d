/*
 * aloud - stdout is a stream of ours that looks at each line of TAP
 */
#include "kit/aloud.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* The descriptor it gets, or a higher one: tests that are handed sockets have
 * them at 3 and above. */
enum { OUT_OF_THE_WAY = 100 };

struct mouth {
	int loud; /* stderr, wherever a test lets its own point to */
	bool within; /* a line whose beginning was seen */
	bool failed; /* it tells of a failure */
};

static void
say(int fd, const char *text, size_t size)
{
	while (size > 0) {
		const ssize_t n = write(fd, text, size);

		if (n < 0 && errno != EINTR)
			return;
		if (n > 0) {
			text += n;
			size -= (size_t)n;
		}
	}
}

/* What is said of a failed test are the comments behind it. */
static void
begin_line(struct mouth *m, const char *text, size_t size)
{
	static const char failure[] = "not ok";
	const size_t length = sizeof(failure) - 1;

	if (size >= length && memcmp(text, failure, length) == 0) {
		m->failed = true;
		dprintf(m->loud, "# %s:\n# ", program_invocation_name);
	} else if (*text != '#') {
		m->failed = false;
	}
}

/* cmocka writes whole lines; one that was said in pieces would do as well. */
static ssize_t
hear(void *data, const char *text, size_t size)
{
	struct mouth *m = data;

	say(STDOUT_FILENO, text, size);
	for (size_t left = size; left > 0;) {
		const char *end = memchr(text, '\n', left);
		const size_t n = end ? (size_t)(end - text) + 1 : left;

		if (!m->within)
			begin_line(m, text, n);
		if (m->failed)
			say(m->loud, text, n);
		m->within = !end;
		text += n;
		left -= n;
	}
	return (ssize_t)size;
}

void
aloud(void)
{
	static struct mouth mouth;
	const char *output = getenv("CMOCKA_MESSAGE_OUTPUT");
	const cookie_io_functions_t functions = { .write = hear };
	FILE *ours;

	if (!output || strcasecmp(output, "TAP") != 0)
		return; /* failures are on stderr already */
	ours = fopencookie(&mouth, "w", functions);
	if (!ours)
		return;
	mouth.loud = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
	setvbuf(ours, NULL, _IOLBF, 0);
	fflush(stdout);
	stdout = ours;
}
