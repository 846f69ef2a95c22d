/*
 * Clients that leave: behind a request, within one, while one is in work.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "kit/post.h"
#include "kit/suite.h"

static void
one_who_ends_behind_his_request_is_answered(void **state)
{
	struct post *p = *state;
	int fd = post_client(p);

	post_ask(fd, "carol");
	shutdown(fd, SHUT_WR);
	post_hears(p, fd, "carol");
	post_hears_end(p, fd);
	assert_int_equal(wire_counts(p->wire)->clients, 0);
	close(fd);
}

static void
one_who_ends_while_he_waits_is_answered(void **state)
{
	struct post *p = *state;
	int fd = post_client(p);

	post_ask(fd, "wait");
	post_hears_nothing(p, fd);
	shutdown(fd, SHUT_WR);
	post_hears_nothing(p, fd);
	post_answer(p);
	post_hears(p, fd, "wait");
	post_hears_end(p, fd);
	close(fd);
}

static void
also_when_he_has_asked_twice(void **state)
{
	struct post *p = *state;
	int fd = post_client(p);

	post_ask(fd, "wait");
	post_ask(fd, "carol");
	shutdown(fd, SHUT_WR);
	post_hears_nothing(p, fd);
	post_answer(p);
	post_hears(p, fd, "wait");
	post_hears(p, fd, "carol");
	post_hears_end(p, fd);
	close(fd);
}

static void
one_who_does_not_wait_for_his_answer_harms_nobody(void **state)
{
	struct post *p = *state;
	int gone = post_client(p), other = post_connect(p, p->socket);

	post_ask(gone, "wait1");
	post_ask(other, "wait2");
	post_turn(p);
	close(gone);
	post_turn(p);
	post_answer(p);
	post_answer(p);
	post_hears(p, other, "wait2");
	post_turn(p);
	assert_int_equal(wire_counts(p->wire)->clients, 1);
	assert_int_equal(post_said(p, "closed:"), 0);
	close(other);
}

static void
also_when_he_left_bytes_behind(void **state)
{
	struct post *p = *state;
	int gone = post_client(p);

	post_ask(gone, "wait1");
	post_ask(gone, "wait2");
	post_turn(p);
	close(gone);
	post_turn(p);
	post_answer(p);
	post_turn(p);
	assert_int_equal(wire_counts(p->wire)->clients, 0);
}

static void
who_leaves_within_a_request_is_no_news(void **state)
{
	struct post *p = *state;
	int fd = post_client(p);

	post_send(fd, "request=smtpd", 13);
	post_turn(p);
	close(fd);
	post_turn(p);
	assert_int_equal(wire_counts(p->wire)->clients, 0);
	assert_int_equal(post_said(p, "closed:"), 0);
}

static void
a_connection_that_ends_ends_its_transaction(void **state)
{
	static const char text[] = "request=smtpd_access_policy\n"
				   "protocol_state=RCPT\nsender=a\n"
				   "instance=1.2.3.4\n\n";
	struct post *p = *state;
	int fd = post_client(p);

	post_send(fd, text, sizeof(text) - 1);
	post_hears(p, fd, "a");
	assert_int_equal(engine_counts(p->engine)->released, 0);
	close(fd);
	post_turn(p);
	assert_int_equal(engine_counts(p->engine)->released, 1);
}

int
main(void)
{
	struct suite s = { 0 };

#define TEST(f) suite_add_scene(&s, #f, f, post_open, post_close)
	TEST(one_who_ends_behind_his_request_is_answered);
	TEST(one_who_ends_while_he_waits_is_answered);
	TEST(also_when_he_has_asked_twice);
	TEST(one_who_does_not_wait_for_his_answer_harms_nobody);
	TEST(also_when_he_left_bytes_behind);
	TEST(who_leaves_within_a_request_is_no_news);
	TEST(a_connection_that_ends_ends_its_transaction);
	return suite_run(&s, "wire/leaving");
}
