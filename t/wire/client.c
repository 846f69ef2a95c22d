/*
 * One policy connection: what it sends, in whatever way, and what it hears.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "kit/post.h"
#include "kit/suite.h"

enum { SECOND = 1000, DAY = 24 * 3600 * SECOND };

static void
a_request_is_answered(void **state)
{
	struct post *p = *state;
	int fd = post_client(p);

	post_ask(fd, "carol");
	post_hears(p, fd, "carol");
	post_ask(fd, "pass");
	post_hears(p, fd, "pass");
	assert_int_equal(wire_counts(p->wire)->requests, 2);
	assert_int_equal(wire_counts(p->wire)->clients, 1);
	close(fd);
}

static void
the_answer_may_take_its_time(void **state)
{
	struct post *p = *state;
	int fd = post_client(p);

	post_ask(fd, "wait");
	post_hears_nothing(p, fd);
	post_answer(p);
	post_hears(p, fd, "wait");
	close(fd);
}

static void
a_byte_at_a_time_is_one_request(void **state)
{
	static const char text[] = "request=smtpd_access_policy\n"
				   "protocol_state=RCPT\nsender=carol\n\n";
	struct post *p = *state;
	int fd = post_client(p);

	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		post_hears_nothing(p, fd);
		post_send(fd, text + i, 1);
	}
	post_hears(p, fd, "carol");
	close(fd);
}

static void
many_requests_in_one_packet_are_answered_in_turn(void **state)
{
	static const char text[] =
	    "request=smtpd_access_policy\nprotocol_state=RCPT\nsender=a\n\n"
	    "request=smtpd_access_policy\nprotocol_state=RCPT\nsender=b\n\n"
	    "request=smtpd_access_policy\nprotocol_state=RCPT\nsender=c\n\n";
	struct post *p = *state;
	int fd = post_client(p);

	post_send(fd, text, sizeof(text) - 1);
	post_hears(p, fd, "a");
	post_hears(p, fd, "b");
	post_hears(p, fd, "c");
	close(fd);
}

static void
one_request_of_a_client_is_in_work_at_a_time(void **state)
{
	struct post *p = *state;
	int fd = post_client(p);

	for (int i = 0; i < 3; i++)
		post_ask(fd, i == 0 ? "wait0" : i == 1 ? "wait1" : "quick");
	post_hears_nothing(p, fd);
	assert_int_equal(p->waits, 1);
	post_ask(fd, "wait3");
	post_answer(p);
	post_hears(p, fd, "wait0");
	post_hears_nothing(p, fd);
	assert_int_equal(p->waits, 1);
	post_answer(p);
	post_hears(p, fd, "wait1");
	post_hears(p, fd, "quick");
	post_hears_nothing(p, fd);
	post_answer(p);
	post_hears(p, fd, "wait3");
	post_ask(fd, "last");
	post_hears(p, fd, "last");
	close(fd);
}

static void
what_comes_while_one_is_in_work_may_come_in_pieces(void **state)
{
	struct post *p = *state;
	int fd = post_client(p);

	post_ask(fd, "wait");
	post_hears_nothing(p, fd);
	post_send(fd, "request=smtpd_acc", 17);
	post_hears_nothing(p, fd);
	post_send(fd, "ess_policy\nprotocol_state=RCPT\n", 31);
	post_later(p, 3 * SECOND);
	post_answer(p);
	post_hears(p, fd, "wait");
	post_hears_nothing(p, fd);
	post_send(fd, "sender=b\n\n", 10);
	post_hears(p, fd, "b");
	close(fd);
}

static void
clients_do_not_wait_for_each_other(void **state)
{
	struct post *p = *state;
	int slow = post_client(p), quick = post_connect(p, p->socket);

	post_ask(slow, "wait");
	post_hears_nothing(p, slow);
	post_ask(quick, "carol");
	post_hears(p, quick, "carol");
	post_answer(p);
	post_hears(p, slow, "wait");
	close(slow);
	close(quick);
}

static void
an_idle_client_is_never_closed(void **state)
{
	struct post *p = *state;
	int fd = post_client(p);

	post_later(p, DAY);
	post_ask(fd, "carol");
	post_hears(p, fd, "carol");
	post_later(p, DAY);
	post_hears_nothing(p, fd);
	post_ask(fd, "carol");
	post_hears(p, fd, "carol");
	close(fd);
}

static void
half_a_request_has_ten_seconds(void **state)
{
	struct post *p = *state;
	int fd = post_client(p);

	post_send(fd, "request=smtpd_access_policy\n", 28);
	post_later(p, WIRE_PARTIAL_MS - 1);
	post_hears_nothing(p, fd);
	post_later(p, 1);
	post_hears_end(p, fd);
	assert_int_equal(post_said(p, "no end of its request in 10 s"), 1);
	assert_int_equal(wire_counts(p->wire)->slow, 1);
	assert_int_equal(wire_counts(p->wire)->protocol_errors, 0);
	close(fd);
}

static void
a_byte_a_second_does_not_prolong_them(void **state)
{
	struct post *p = *state;
	int fd = post_client(p);

	for (int i = 0; i < 10; i++) {
		post_hears_nothing(p, fd);
		post_send(fd, &"request=sm"[i], 1);
		post_later(p, SECOND);
	}
	post_hears_end(p, fd);
	close(fd);
}

static void
each_request_has_its_own_ten_seconds(void **state)
{
	struct post *p = *state;
	int fd = post_client(p);

	for (int i = 0; i < 3; i++) {
		post_send(fd, "protocol_state=RCPT\nsender=a\n", 29);
		post_later(p, WIRE_PARTIAL_MS - 1);
		post_send(fd, "request=smtpd_access_policy\n\n", 29);
		post_hears(p, fd, "a");
	}
	close(fd);
}

struct row {
	const char *name, *bytes;
	size_t size;
	const char *why;
};

#define BYTES(text) text, sizeof(text) - 1

static const struct row rows[] = {
	{ "who speaks HTTP is closed", BYTES("GET / HTTP/1.1\r\n"), "CR LF" },
	{ "who speaks SMTP is closed", BYTES("EHLO client.example.net\n"),
	    "without '='" },
	{ "who sends a NUL is closed", BYTES("request=\0\n"), "NUL" },
	{ "who asks for something else is closed",
	    BYTES("request=junk_policy\n\n"),
	    "no request=smtpd_access_policy" },
	{ "who sends an empty line is closed", BYTES("\n"),
	    "no request=smtpd_access_policy" },
	{ "who says things for a terminal is closed",
	    BYTES("\x1b[2J\xff\xfe\n"), "without '='" },
};

/* One warning that says who, where and why, and nobody else is touched. */
static void
is_closed(void **state)
{
	const struct row *row = *state;
	struct post *p;
	char line[160];
	int fd, other;

	assert_int_equal(post_open((void **)&p), 0);
	fd = post_client(p);
	other = post_connect(p, p->socket);
	post_ask(other, "wait");
	post_turn(p);
	post_send(fd, row->bytes, row->size);
	post_hears_end(p, fd);
	snprintf(line, sizeof(line), "%s: client pid %d closed: ", p->socket,
	    (int)getpid());
	assert_int_equal(post_said(p, line), 1);
	assert_int_equal(post_said(p, row->why), 1);
	assert_int_equal(wire_counts(p->wire)->protocol_errors, 1);
	post_answer(p);
	post_hears(p, other, "wait");
	close(fd);
	close(other);
	assert_int_equal(post_close((void **)&p), 0);
}

static void
a_line_of_a_megabyte_costs_64_KB(void **state)
{
	struct post *p = *state;
	int fd = post_client(p), other = post_connect(p, p->socket);
	const size_t size = 1 << 20;
	char *line = xmalloc(size);
	size_t sent = 0;

	memset(line, 'a', size);
	for (int i = 0; i < 100; i++) {
		ssize_t n = write(fd, line, size - sent);

		sent += n > 0 ? (size_t)n : 0;
		post_turn(p);
	}
	free(line);
	assert_true(sent < size);
	post_hears_end(p, fd);
	assert_int_equal(post_said(p, "a request over 64 KB"), 1);
	post_ask(other, "carol");
	post_hears(p, other, "carol");
	close(fd);
	close(other);
}

static void
a_flood_of_errors_is_ten_lines_a_minute(void **state)
{
	struct post *p = *state;
	int fd = post_client(p);

	for (int i = 0; i < 50; i++) {
		close(fd);
		fd = post_connect(p, p->socket);
		post_send(fd, "\n", 1);
		post_hears_end(p, fd);
	}
	assert_int_equal(post_said(p, " closed: "), 10);
	assert_int_equal(wire_counts(p->wire)->protocol_errors, 50);
	post_later(p, 60 * SECOND);
	close(fd);
	fd = post_connect(p, p->socket);
	post_send(fd, "\n", 1);
	post_hears_end(p, fd);
	assert_int_equal(post_said(p, " closed: "), 11);
	assert_int_equal(post_said(p, ": 40 more clients broke"), 1);
	close(fd);
}

/* Answers fill the socket, then the wire neither reads nor asks on. */
static void
one_who_does_not_read_is_not_answered_on(void **state)
{
	enum { REQUESTS = 3000 };
	struct post *p = *state;
	int fd = post_client(p);
	uint64_t stalled;
	int sent;

	for (sent = 0; sent < REQUESTS; sent++) {
		static const char text[] = "request=smtpd_access_policy\n"
					   "protocol_state=RCPT\nsender=c\n\n";
		ssize_t n = write(fd, text, sizeof(text) - 1);

		if (n < 0 && sent % 64 == 0)
			break;
		assert_true(n < 0 || n == sizeof(text) - 1);
		if (sent % 64 == 0)
			post_turn(p);
	}
	post_turn(p);
	stalled = wire_counts(p->wire)->requests;
	post_turn(p);
	assert_int_equal(wire_counts(p->wire)->requests, stalled);
	assert_true(stalled < (uint64_t)sent);
	for (uint64_t i = 0; i <= stalled; i++)
		post_hears(p, fd, "c");
	close(fd);
}

static void
bytes_of_two_requests_over_TCP_are_answered_too(void **state)
{
	struct post *p = *state;
	int fd;

	assert_int_equal(post_listen(p, "inet:127.0.0.1:0", NULL), 0);
	fd = post_connect(p, "inet:127.0.0.1:0");
	post_ask(fd, "wait");
	post_ask(fd, "carol");
	post_turn(p);
	post_answer(p);
	post_hears(p, fd, "wait");
	post_hears(p, fd, "carol");
	post_send(fd, "\n", 1);
	post_hears_end(p, fd);
	assert_int_equal(post_said(p, "client 127.0.0.1:"), 1);
	close(fd);
}

int
main(void)
{
	struct suite s = { 0 };

#define TEST(f) suite_add_scene(&s, #f, f, post_open, post_close)
	TEST(a_request_is_answered);
	TEST(the_answer_may_take_its_time);
	TEST(a_byte_at_a_time_is_one_request);
	TEST(many_requests_in_one_packet_are_answered_in_turn);
	TEST(one_request_of_a_client_is_in_work_at_a_time);
	TEST(what_comes_while_one_is_in_work_may_come_in_pieces);
	TEST(clients_do_not_wait_for_each_other);
	TEST(an_idle_client_is_never_closed);
	TEST(half_a_request_has_ten_seconds);
	TEST(a_byte_a_second_does_not_prolong_them);
	TEST(each_request_has_its_own_ten_seconds);
	SUITE_ROWS(&s, rows, is_closed);
	TEST(a_line_of_a_megabyte_costs_64_KB);
	TEST(a_flood_of_errors_is_ten_lines_a_minute);
	TEST(one_who_does_not_read_is_not_answered_on);
	TEST(bytes_of_two_requests_over_TCP_are_answered_too);
	return suite_run(&s, "wire/client");
}
