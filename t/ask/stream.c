/*
 * Commands and replies on a socket whose other end we hold.
 */
#include "ask/redis/stream.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "kit/suite.h"

struct rig {
	struct stream stream;
	uv_loop_t loop;
	char directory[32], path[48];
	int listener, peer;
	unsigned replied, lost;
	bool gone, closed, drop; /* drop: at the first reply */
	char error[160];
};

static void
gone(struct stream *s, const char *error)
{
	struct rig *r = (struct rig *)s; /* its first member */

	assert_false(r->gone);
	r->gone = true;
	snprintf(r->error, sizeof(r->error), "%s", error);
}

static void
closed(struct stream *s)
{
	((struct rig *)s)->closed = true;
}

static void
replied(void *data, const redisReply *reply)
{
	struct rig *r = data;

	assert_false(r->gone);
	*(reply ? &r->replied : &r->lost) += 1;
	if (r->drop)
		stream_drop(&r->stream);
}

static void
turn(struct rig *r)
{
	uv_run(&r->loop, UV_RUN_NOWAIT);
}

static void
begin(struct rig *r, bool listening)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };

	memset(r, 0, sizeof(*r));
	strcpy(r->directory, "/tmp/stream.XXXXXX");
	assert_non_null(mkdtemp(r->directory));
	snprintf(r->path, sizeof(r->path), "%s/socket", r->directory);
	strcpy(name.sun_path, r->path);
	r->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(
	    bind(r->listener, (struct sockaddr *)&name, sizeof(name)), 0);
	if (listening)
		assert_int_equal(listen(r->listener, 1), 0);
	uv_loop_init(&r->loop);
	r->stream.gone = gone;
	r->stream.closed = closed;
	stream_open(&r->stream, &r->loop, NULL, 0, r->path);
	r->peer = listening ? accept(r->listener, NULL, NULL) : -1;
}

static void
finish(struct rig *r)
{
	stream_drop(&r->stream);
	assert_true(r->gone);
	uv_run(&r->loop, UV_RUN_DEFAULT);
	assert_true(r->closed);
	assert_int_equal(uv_loop_close(&r->loop), 0);
	close(r->listener);
	if (r->peer >= 0)
		close(r->peer);
	unlink(r->path);
	rmdir(r->directory);
	arena_pool_clear();
}

static void
send_bytes(struct rig *r, char *bytes, size_t size)
{
	const struct buffer b = { bytes, size, size };

	assert_true(stream_send(&r->stream, &b, 1, replied, r));
}

static void
say(struct rig *r, const char *text)
{
	assert_int_equal(
	    write(r->peer, text, strlen(text)), (ssize_t)strlen(text));
}

static void
replies_go_to_those_who_asked_in_their_order(void **state)
{
	struct rig r;
	char bytes[8];
	(void)state;

	begin(&r, true);
	for (int i = 0; i < 200; i++)
		send_bytes(&r, "x", 1);
	assert_int_equal(stream_unsent(&r.stream), 200);
	for (int i = 0; stream_unsent(&r.stream) > 0; i++) {
		assert_true(i < 100);
		turn(&r);
	}
	assert_int_equal(read(r.peer, bytes, 1), 1);
	say(&r, "+OK\r\n:1\r\n$3\r\na");
	while (r.replied < 2)
		turn(&r);
	say(&r, "bc\r\n");
	while (r.replied < 3)
		turn(&r);
	assert_int_equal(r.lost, 0);
	finish(&r);
	assert_int_equal(r.replied, 3);
	assert_int_equal(r.lost, 197);
	assert_string_equal(r.error, "");
}

/* Far more than a socket takes; byte n is n % 251. */
static void
what_a_full_socket_does_not_take_leaves_later(void **state)
{
	enum { EACH = 100000, TIMES = 100 };
	static char bytes[EACH], got[65536];
	struct rig r;
	size_t sent = 0, come = 0;
	(void)state;

	begin(&r, true);
	while (come < (size_t)EACH * TIMES) {
		ssize_t n;

		for (size_t i = 0; i < EACH; i++)
			bytes[i] = (char)((sent + i) % 251);
		if (sent < (size_t)EACH * TIMES) {
			send_bytes(&r, bytes, EACH);
			sent += EACH;
		}
		turn(&r);
		n = recv(r.peer, got, sizeof(got), MSG_DONTWAIT);
		assert_true(n > 0 || errno == EAGAIN);
		for (ssize_t i = 0; i < n; i++)
			assert_int_equal(
			    got[i], (char)((come + (size_t)i) % 251));
		come += n > 0 ? (size_t)n : 0;
	}
	turn(&r);
	assert_int_equal(stream_unsent(&r.stream), 0);
	finish(&r);
}

static void
it_may_be_dropped_while_it_is_full(void **state)
{
	static char bytes[4000000];
	struct rig r;
	(void)state;

	begin(&r, true);
	send_bytes(&r, bytes, sizeof(bytes));
	for (int i = 0; i < 5; i++)
		turn(&r);
	send_bytes(&r, bytes, sizeof(bytes));
	assert_true(stream_unsent(&r.stream) > sizeof(bytes));
	finish(&r);
	assert_int_equal(r.lost, 2);
}

static void
it_may_be_dropped_by_who_is_told_a_reply(void **state)
{
	struct rig r;
	(void)state;

	begin(&r, true);
	r.drop = true;
	for (int i = 0; i < 3; i++)
		send_bytes(&r, "x", 1);
	say(&r, "+OK\r\n+OK\r\n+OK\r\n");
	while (!r.gone)
		turn(&r);
	assert_int_equal(r.replied, 1);
	assert_int_equal(r.lost, 2);
	assert_false(stream_send(
	    &r.stream, &(struct buffer){ "x", 1, 1 }, 1, replied, &r));
	finish(&r);
}

static void
the_end_of_the_other_side_is_ours(void **state)
{
	struct rig r;
	(void)state;

	begin(&r, true);
	send_bytes(&r, "x", 1);
	say(&r, "+OK");
	shutdown(r.peer, SHUT_WR);
	while (!r.gone)
		turn(&r);
	assert_int_equal(r.lost, 1);
	assert_string_equal(r.error, "Server closed the connection");
	finish(&r);
}

static void
nobody_listening_is_told_with_the_system_s_words(void **state)
{
	struct rig r;
	(void)state;

	begin(&r, false);
	send_bytes(&r, "x", 1);
	while (!r.gone)
		turn(&r);
	assert_int_equal(r.lost, 1);
	assert_string_equal(r.error, "Connection refused");
	finish(&r);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, replies_go_to_those_who_asked_in_their_order);
	SUITE_TEST(&s, what_a_full_socket_does_not_take_leaves_later);
	SUITE_TEST(&s, it_may_be_dropped_while_it_is_full);
	SUITE_TEST(&s, it_may_be_dropped_by_who_is_told_a_reply);
	SUITE_TEST(&s, the_end_of_the_other_side_is_ours);
	SUITE_TEST(&s, nobody_listening_is_told_with_the_system_s_words);
	return suite_run(&s, "ask/stream");
}
