/*
 * All listeners and clients together: limits, reload, the end.
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/post.h"
#include "kit/suite.h"

static void
one_too_many_is_closed_at_once(void **state)
{
	struct post *p = *state;
	int fds[4];

	p->conf.max_clients = 2;
	assert_int_equal(post_listen(p, p->socket, NULL), 0);
	for (int i = 0; i < 4; i++)
		fds[i] = post_connect(p, p->socket);
	post_hears_end(p, fds[2]);
	post_hears_end(p, fds[3]);
	post_hears_nothing(p, fds[0]);
	post_ask(fds[1], "carol");
	post_hears(p, fds[1], "carol");
	assert_int_equal(wire_counts(p->wire)->clients, 2);
	assert_int_equal(wire_counts(p->wire)->accepted, 2);
	assert_int_equal(wire_counts(p->wire)->refused, 2);
	assert_int_equal(post_said(p, "others are refused"), 1);
	for (int i = 0; i < 4; i++)
		close(fds[i]);
}

static void
when_one_has_left_the_next_may_come(void **state)
{
	struct post *p = *state;
	int fd;

	p->conf.max_clients = 1;
	assert_int_equal(post_listen(p, p->socket, NULL), 0);
	for (int i = 0; i < 3; i++) {
		fd = post_connect(p, p->socket);
		post_ask(fd, "carol");
		post_hears(p, fd, "carol");
		post_hears_end(p, post_connect(p, p->socket));
		close(fd);
		post_turn(p);
	}
	assert_int_equal(post_said(p, "others are refused"), 3);
	assert_int_equal(post_said(p, "there is room"), 3);
}

static void
coming_and_going_at_the_limit_is_told_once(void **state)
{
	struct post *p = *state;
	int fds[16];

	p->conf.max_clients = 16;
	assert_int_equal(post_listen(p, p->socket, NULL), 0);
	for (int i = 0; i < 16; i++)
		fds[i] = post_connect(p, p->socket);
	for (int i = 0; i < 8; i++) {
		int over = post_connect(p, p->socket);

		post_hears_end(p, over);
		close(over);
		close(fds[i]);
		post_turn(p);
		fds[i] = post_connect(p, p->socket);
		post_turn(p);
	}
	assert_int_equal(post_said(p, "others are refused"), 1);
	assert_int_equal(post_said(p, "there is room"), 0);
	for (int i = 0; i < 16; i++)
		close(fds[i]);
}

static void
more_clients_than_descriptors_are_not_promised(void **state)
{
	struct post *p = *state;
	struct rlimit before, few;
	int fds[40];

	getrlimit(RLIMIT_NOFILE, &before);
	few = before;
	few.rlim_cur = 64;
	setrlimit(RLIMIT_NOFILE, &few);
	p->conf.max_clients = 80;
	assert_int_equal(post_listen(p, p->socket, NULL), 0);
	getrlimit(RLIMIT_NOFILE, &few);
	assert_true(few.rlim_cur >= 80); /* raised, as the hard limit allows */
	assert_int_equal(post_said(p, "allows only"), 0);

	p->conf.max_clients = (int64_t)before.rlim_max;
	assert_int_equal(post_listen(p, p->socket, NULL), 0);
	assert_int_equal(post_said(p, "allows only"), 1);
	fds[0] = post_connect(p, p->socket);
	post_ask(fds[0], "carol");
	post_hears(p, fds[0], "carol");
	close(fds[0]);
	setrlimit(RLIMIT_NOFILE, &before);
}

/* In place of libc's: a limit that cannot be raised; 0 is the true one. */
static rlim_t hard_limit;

int
getrlimit(__rlimit_resource_t what, struct rlimit *l)
{
	const int rc = prlimit(0, what, NULL, l);

	if (hard_limit)
		l->rlim_cur = l->rlim_max = hard_limit;
	return rc;
}

int
setrlimit(__rlimit_resource_t what, const struct rlimit *l)
{
	return hard_limit ? 0 : prlimit(0, what, l, NULL);
}

static void
some_descriptors_are_not_for_clients(void **state)
{
	struct post *p = *state;

	p->conf.max_clients = 10000;
	hard_limit = 1024;
	assert_int_equal(post_listen(p, p->socket, NULL), 0);
	hard_limit = 20;
	assert_int_equal(post_listen(p, p->socket, NULL), 0);
	hard_limit = 0;
	assert_int_equal(post_said(p, "(1024) allows only 992"), 1);
	assert_int_equal(post_said(p, "(20) allows only 10"), 1);
}

static void
a_reload_keeps_opens_and_closes(void **state)
{
	struct post *p = *state;
	char other[80];
	int kept, left, fd;

	snprintf(other, sizeof(other), "%s2", p->socket);
	assert_int_equal(
	    post_listen(p, p->socket, "inet:127.0.0.1:0", NULL), 0);
	kept = post_connect(p, p->socket);
	left = post_connect(p, "inet:127.0.0.1:0");
	post_turn(p);
	assert_int_equal(post_listen(p, other, p->socket, NULL), 0);
	assert_int_equal(post_said(p, "listening on unix:"), 2);
	assert_true(post_connect(p, "inet:127.0.0.1:0") < 0);
	fd = post_connect(p, other);
	post_ask(fd, "new");
	post_hears(p, fd, "new");
	post_ask(kept, "kept");
	post_hears(p, kept, "kept");
	post_ask(left, "left"); /* who was there before stays */
	post_hears(p, left, "left");
	close(fd);
	close(kept);
	close(left);
}

static void
a_request_in_work_does_not_notice_a_reload(void **state)
{
	struct post *p = *state;
	int fd;

	assert_int_equal(post_listen(p, "inet:127.0.0.1:0", NULL), 0);
	fd = post_connect(p, "inet:127.0.0.1:0");
	post_ask(fd, "wait");
	post_turn(p);
	assert_int_equal(post_listen(p, p->socket, NULL), 0);
	post_turn(p);
	post_answer(p);
	post_hears(p, fd, "wait");
	close(fd);
}

static void
a_reload_gives_a_kept_socket_its_new_mode(void **state)
{
	struct post *p = *state;
	struct stat st;

	assert_int_equal(post_listen(p, p->socket, NULL), 0);
	p->conf.socket_mode = 0600;
	assert_int_equal(post_listen(p, p->socket, NULL), 0);
	assert_int_equal(stat(p->socket + strlen("unix:"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	p->conf.socket_group = "no-such-group";
	assert_true(post_listen(p, p->socket, NULL) < 0);
	assert_true(post_connect(p, p->socket) >= 0);
}

static void
what_is_listed_twice_is_opened_once(void **state)
{
	struct post *p = *state;

	assert_int_equal(post_listen(p, p->socket, p->socket, NULL), 0);
	assert_int_equal(post_said(p, "listening on"), 1);
}

static void
count(void *data)
{
	struct post *p = data;

	p->closed++;
	p->wire = NULL;
}

static void
at_the_end_who_is_in_work_is_answered(void **state)
{
	struct post *p = *state;
	int idle, busy, half;

	assert_int_equal(post_listen(p, p->socket, NULL), 0);
	idle = post_connect(p, p->socket);
	busy = post_connect(p, p->socket);
	half = post_connect(p, p->socket);
	post_ask(busy, "wait");
	post_send(half, "request=", 8);
	post_turn(p);
	wire_close(p->wire, count, p);
	assert_true(post_connect(p, p->socket) < 0);
	post_hears_end(p, idle);
	post_hears_end(p, half);
	post_hears_nothing(p, busy);
	assert_int_equal(p->closed, 0);
	post_answer(p);
	post_hears(p, busy, "wait");
	post_hears_end(p, busy);
	post_turn(p);
	assert_int_equal(p->closed, 1);
	close(idle);
	close(busy);
	close(half);
}

static void
of_many_requests_only_the_one_in_work(void **state)
{
	struct post *p = *state;
	int fd;

	assert_int_equal(post_listen(p, p->socket, NULL), 0);
	fd = post_connect(p, p->socket);
	for (int i = 0; i < 3; i++)
		post_ask(fd, "wait");
	post_turn(p);
	wire_close(p->wire, count, p);
	post_answer(p);
	post_hears(p, fd, "wait");
	post_hears_end(p, fd);
	post_turn(p);
	assert_int_equal(p->closed, 1);
	close(fd);
}

/* A full socket, and a client that will never read. */
static void
the_end_does_not_wait_for_one_who_does_not_read(void **state)
{
	struct post *p = *state;
	int fd;

	assert_int_equal(post_listen(p, p->socket, NULL), 0);
	fd = post_connect(p, p->socket);
	for (int i = 0; i < 1000; i++) {
		static const char text[] = "request=smtpd_access_policy\n"
					   "protocol_state=RCPT\nsender=c\n\n";

		if (write(fd, text, sizeof(text) - 1) < 0)
			break;
		if (i % 100 == 0)
			post_turn(p);
	}
	post_turn(p);
	wire_close(p->wire, count, p);
	post_turn(p);
	assert_int_equal(p->closed, 1);
	close(fd);
}

static void
a_wire_without_anything_is_closed_at_once(void **state)
{
	struct post *p = *state;

	wire_close(p->wire, count, p);
	assert_int_equal(p->closed, 1);
}

static void
three_hundred_clients_come_and_go(void **state)
{
	enum { MANY = 300 };
	struct post *p = *state;
	int fds[MANY];

	p->conf.max_clients = MANY;
	assert_int_equal(post_listen(p, p->socket, NULL), 0);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < MANY; i++) {
			fds[i] = post_connect(p, p->socket);
			post_ask(fds[i], "carol");
		}
		for (int i = 0; i < MANY; i++)
			post_hears(p, fds[i], "carol");
		assert_int_equal(wire_counts(p->wire)->clients, MANY);
		for (int i = 0; i < MANY; i++)
			close(fds[i * 7 % MANY]);
		post_turn(p);
		assert_int_equal(wire_counts(p->wire)->clients, 0);
	}
	assert_int_equal(wire_counts(p->wire)->accepted, 3 * MANY);
}

int
main(void)
{
	struct suite s = { 0 };

#define TEST(f) suite_add_scene(&s, #f, f, post_open, post_close)
	TEST(one_too_many_is_closed_at_once);
	TEST(when_one_has_left_the_next_may_come);
	TEST(coming_and_going_at_the_limit_is_told_once);
	TEST(more_clients_than_descriptors_are_not_promised);
	TEST(some_descriptors_are_not_for_clients);
	TEST(a_reload_keeps_opens_and_closes);
	TEST(a_request_in_work_does_not_notice_a_reload);
	TEST(a_reload_gives_a_kept_socket_its_new_mode);
	TEST(what_is_listed_twice_is_opened_once);
	TEST(at_the_end_who_is_in_work_is_answered);
	TEST(of_many_requests_only_the_one_in_work);
	TEST(the_end_does_not_wait_for_one_who_does_not_read);
	TEST(a_wire_without_anything_is_closed_at_once);
	TEST(three_hundred_clients_come_and_go);
	return suite_run(&s, "wire/wire");
}
