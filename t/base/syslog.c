/*
 * A line to syslogd, whatever syslogd does.
 */
#include "base/syslog.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "kit/suite.h"

struct scene {
	char directory[32], path[48];
	int reader; /* a false syslogd */
	int fd;
	char line[64];
};

static void
open_reader(struct scene *s)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };

	strcpy(name.sun_path, s->path);
	unlink(s->path);
	s->reader = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(
	    bind(s->reader, (struct sockaddr *)&name, sizeof(name)), 0);
}

static void
begin(struct scene *s)
{
	strcpy(s->directory, "/tmp/policyd-test.XXXXXX");
	assert_non_null(mkdtemp(s->directory));
	snprintf(s->path, sizeof(s->path), "%s/log", s->directory);
	s->reader = s->fd = -1;
}

static void
end(struct scene *s)
{
	close(s->reader);
	close(s->fd);
	unlink(s->path);
	rmdir(s->directory);
}

static bool
say(struct scene *s, const char *line)
{
	return syslog_send(&s->fd, s->path, line, strlen(line));
}

/* "" when nothing came. */
static const char *
read_line(struct scene *s)
{
	const ssize_t n = read(s->reader, s->line, sizeof(s->line) - 1);

	s->line[n > 0 ? n : 0] = '\0';
	return s->line;
}

static void
each_line_is_a_datagram(void **state)
{
	struct scene s;
	(void)state;

	begin(&s);
	open_reader(&s);
	assert_true(say(&s, "one"));
	assert_true(say(&s, "two"));
	assert_string_equal(read_line(&s), "one");
	assert_string_equal(read_line(&s), "two");
	end(&s);
}

static void
a_reader_that_hangs_is_not_waited_for(void **state)
{
	unsigned sent = 0;
	struct scene s;
	(void)state;

	begin(&s);
	open_reader(&s);
	while (say(&s, "line"))
		assert_true(sent++ < 1000 * 1000);
	assert_false(say(&s, "again"));
	assert_string_equal(read_line(&s), "line");
	assert_true(say(&s, "and again"));
	end(&s);
}

static void
one_that_is_restarted_is_found_again(void **state)
{
	struct scene s;
	(void)state;

	begin(&s);
	assert_false(say(&s, "too early"));
	open_reader(&s);
	assert_true(say(&s, "one"));
	close(s.reader);
	assert_false(say(&s, "nobody reads"));
	open_reader(&s);
	assert_true(say(&s, "two"));
	assert_string_equal(read_line(&s), "two");
	end(&s);
}

static void
what_no_datagram_can_hold_is_given_up(void **state)
{
	static char line[1024 * 1024];
	struct scene s;
	(void)state;

	begin(&s);
	open_reader(&s);
	memset(line, 'x', sizeof(line) - 1);
	assert_true(say(&s, line));
	assert_string_equal(read_line(&s), "");
	end(&s);
}

int
main(void)
{
	struct suite s = { .count = 0 };

	SUITE_TEST(&s, each_line_is_a_datagram);
	SUITE_TEST(&s, a_reader_that_hangs_is_not_waited_for);
	SUITE_TEST(&s, one_that_is_restarted_is_found_again);
	SUITE_TEST(&s, what_no_datagram_can_hold_is_given_up);
	return suite_run(&s, "syslog");
}
