/*
 * The log: one event, one line, and never a wait.
 */
#include "base/log.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kit/suite.h"

/* Standard error leads to a pipe while a test runs. */
struct scene {
	int before, reader;
	char text[2 * 1024 * 1024];
	size_t size;
};

static int
begin(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));
	int ends[2];

	*state = s;
	if (pipe(ends) < 0)
		return -1;
	s->before = dup(STDERR_FILENO);
	s->reader = ends[0];
	fcntl(s->reader, F_SETFL, O_NONBLOCK);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	unsetenv("JOURNAL_STREAM");
	log_open("test", LOG_TO_STDERR, LEVEL_INFO);
	return 0;
}

static int
end(void **state)
{
	struct scene *s = *state;

	log_redirect(NULL, NULL);
	log_close();
	dup2(s->before, STDERR_FILENO); /* closes the pipe's end */
	close(s->before);
	close(s->reader);
	free(s);
	return 0;
}

static const char *
lines(struct scene *s)
{
	ssize_t n;

	s->size = 0;
	while ((n = read(s->reader, s->text + s->size,
		    sizeof(s->text) - 1 - s->size)) > 0)
		s->size += (size_t)n;
	s->text[s->size] = '\0';
	return s->text;
}

static void
a_line_carries_time_level_and_text(void **state)
{
	int year, n = 0;

	log_error("cannot open '%s'", "x");
	assert_int_equal(
	    sscanf(lines(*state), "%4d-%*2d-%*2d %*2d:%*2d:%*2d error: %n",
		&year, &n),
	    1);
	assert_true(year >= 2024);
	assert_string_equal(
	    ((struct scene *)*state)->text + n, "cannot open 'x'\n");
}

static void
information_waits_for_the_flush(void **state)
{
	log_info("one");
	log_info("two");
	assert_string_equal(lines(*state), "");
	log_flush();
	assert_non_null(strstr(lines(*state), "two\n"));
}

static void
a_warning_is_flushed_at_once_behind_what_waited(void **state)
{
	const char *text;

	log_info("one");
	log_warning("two");
	text = lines(*state);
	assert_true(strstr(text, "one\n") < strstr(text, "two\n"));
	assert_non_null(strstr(text, "info: one\n"));
	assert_non_null(strstr(text, "warning: two\n"));
}

static void
flushing_nothing_is_fine(void **state)
{
	log_flush();
	log_flush();
	assert_string_equal(lines(*state), "");
}

static void
what_is_below_the_level_is_not_written(void **state)
{
	log_debug("nobody wants to know");
	log_flush();
	assert_string_equal(lines(*state), "");
	log_open("test", LOG_TO_STDERR, LEVEL_DEBUG);
	log_debug("now somebody does");
	log_flush();
	assert_non_null(strstr(lines(*state), "debug: now somebody does\n"));
	assert_int_equal(log_level(), LEVEL_DEBUG);
}

static void
nothing_in_a_line_begins_another(void **state)
{
	log_warning("%s", "a\nb\rc\x1b[2Jd\x7f");
	assert_non_null(strstr(lines(*state), ": a?b?c?[2Jd?\n"));
}

static void
a_long_line_is_cut(void **state)
{
	char *text = malloc(100000);

	memset(text, 'a', 99999);
	text[99999] = '\0';
	log_warning("%s", text);
	free(text);
	lines(*state);
	assert_true(((struct scene *)*state)->size < 5000);
	assert_int_equal(
	    ((struct scene *)*state)->text[((struct scene *)*state)->size - 1],
	    '\n');
}

static void
the_journal_is_told_the_priority(void **state)
{
	setenv("JOURNAL_STREAM", "8:1", 1);
	log_open("test", LOG_TO_STDERR, LEVEL_DEBUG);
	log_error("e");
	log_warning("w");
	log_info("i");
	log_debug("d");
	log_flush();
	assert_string_equal(lines(*state), "<3>e\n<4>w\n<6>i\n<7>d\n");
}

static void
nowhere_is_silent(void **state)
{
	log_open("test", LOG_TO_NOWHERE, LEVEL_DEBUG);
	log_error("unheard");
	log_flush();
	assert_string_equal(lines(*state), "");
}

/* The pipe takes 64 KB, the buffer a megabyte: then lines are dropped, and
 * the first line after that tells how many. */
static void
a_reader_who_does_not_read_costs_lines_and_not_time(void **state)
{
	enum { LINES = 20000 };
	const uint64_t before = log_dropped();
	const char *text;
	uint64_t dropped;
	unsigned count = 0, reported = 0;

	for (int i = 0; i < LINES; i++) {
		log_info("%0100d", i);
		if (i % 100 == 0)
			log_flush();
	}
	dropped = log_dropped() - before;
	assert_true(dropped > 0);
	for (;;) {
		text = lines(*state);
		if (!*text)
			break;
		for (const char *p = text; (p = strchr(p, '\n')); p++)
			count++;
		if ((text = strstr(text, "warning: log: ")))
			sscanf(text, "warning: log: %u lines", &reported);
		log_flush();
	}
	assert_int_equal(reported, dropped);
	assert_int_equal(count, LINES - dropped + 1);
}

static void
a_reader_who_is_gone_does_no_harm(void **state)
{
	struct scene *s = *state;
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	sigaction(SIGPIPE, &ignore, NULL);
	close(s->reader);
	s->reader = open("/dev/null", O_RDONLY);
	log_error("anybody there?");
	log_flush();
}

static void
take(enum log_level level, const char *text, void *data)
{
	snprintf(data, 64, "%d %s", level, text);
}

static void
a_test_can_take_the_lines(void **state)
{
	char got[64] = "";

	log_redirect(take, got);
	log_warning("%s", "here\n");
	assert_string_equal(got, "1 here?");
	log_debug("not here");
	assert_string_equal(got, "1 here?");
	assert_string_equal(lines(*state), "");
	log_redirect(NULL, NULL);
	log_warning("there");
	assert_non_null(strstr(lines(*state), "there\n"));
}

/* Under systemd standard error is a socket. */
static void
a_socket_is_written_to_as_well(void **state)
{
	int ends[2];
	char text[128] = "";
	(void)state;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	log_open("test", LOG_TO_STDERR, LEVEL_INFO);
	log_warning("hello");
	assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
	assert_non_null(strstr(text, "warning: hello\n"));
	close(ends[0]);
}

int
main(void)
{
	static struct suite s;

#define TEST(f) suite_add_scene(&s, #f, f, begin, end)
	TEST(a_line_carries_time_level_and_text);
	TEST(information_waits_for_the_flush);
	TEST(a_warning_is_flushed_at_once_behind_what_waited);
	TEST(flushing_nothing_is_fine);
	TEST(what_is_below_the_level_is_not_written);
	TEST(nothing_in_a_line_begins_another);
	TEST(a_long_line_is_cut);
	TEST(the_journal_is_told_the_priority);
	TEST(nowhere_is_silent);
	TEST(a_reader_who_does_not_read_costs_lines_and_not_time);
	TEST(a_reader_who_is_gone_does_no_harm);
	TEST(a_test_can_take_the_lines);
	TEST(a_socket_is_written_to_as_well);
	return suite_run(&s, "base/log");
}
