/*
 * A URL that each event is posted to: what comes there, and what may go wrong.
 */
#include "event/hook.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "kit/herald.h"
#include "kit/suite.h"

enum { MOST = 16 };

/* The server is one more thing on the loop. */
struct office {
	struct herald *herald;
	int fd; /* where it listens */
	unsigned port;
	int clients[MOST];
	unsigned connected;
	char heard[16 * 1024]; /* of all, in the order in which it came */
	size_t size;
};

static int
setup(void **state)
{
	struct office *o = xcalloc(1, sizeof(*o));
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(in);

	o->herald = herald_open();
	o->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(o->fd, (struct sockaddr *)&in, size), 0);
	assert_int_equal(listen(o->fd, MOST), 0);
	getsockname(o->fd, (struct sockaddr *)&in, &size);
	o->port = ntohs(in.sin_port);
	*state = o;
	return 0;
}

static void
hang_up(struct office *o)
{
	while (o->connected > 0)
		close(o->clients[--o->connected]);
}

static int
teardown(void **state)
{
	struct office *o = *state;

	hang_up(o);
	herald_close(o->herald);
	close(o->fd);
	free(o);
	return 0;
}

/* Turns the loop once; what came is heard. */
static void
listen_to_all(struct office *o)
{
	const int fd = accept4(o->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	ssize_t n;

	web_turn(o->herald->web);
	if (fd >= 0)
		o->clients[o->connected++] = fd;
	for (unsigned i = 0; i < o->connected; i++) {
		n = recv(o->clients[i], o->heard + o->size,
		    sizeof(o->heard) - 1 - o->size, MSG_DONTWAIT);
		o->size += n > 0 ? (size_t)n : 0;
	}
}

#define UNTIL(o, true_one)                                                     \
	HERALD_UNTIL((o)->herald, (listen_to_all(o), true_one))

static unsigned
heard(struct office *o, const char *text)
{
	unsigned n = 0;

	for (const char *at = o->heard; (at = strstr(at, text)) != NULL; at++)
		n++;
	return n;
}

static void
answer(struct office *o, unsigned client, const char *reply)
{
	assert_true(client < o->connected);
	send(o->clients[client], reply, strlen(reply), MSG_NOSIGNAL);
}

#define GOOD "HTTP/1.1 204 No Content\r\n\r\n"

static void
use(struct office *o, const char *host, const char *more)
{
	char section[200];

	snprintf(section, sizeof(section), "url = \"http://%s:%u/in?a=b\" %s",
	    host, o->port, more);
	herald_configure(o->herald, section);
}

static bool
did(struct office *o, enum told how, unsigned often)
{
	return herald_told(o->herald, "rate_near", BY_URL, how) == often;
}

/* One is raised and has come whole. */
static void
raise_one(struct office *o)
{
	const unsigned before = heard(o, "}\n");

	herald_raise(o->herald, "rate_near");
	UNTIL(o, heard(o, "}\n") == before + 1);
}

static void
it_gets_the_event_as_json(void **state)
{
	struct office *o = *state;

	use(o, "127.0.0.1", "");
	raise_one(o);
	assert_int_equal(heard(o, "POST /in?a=b HTTP/1.1\r\n"), 1);
	assert_int_equal(heard(o, "\r\nContent-Type: application/json\r\n"), 1);
	assert_int_equal(
	    heard(o, "\r\nUser-Agent: policyd/" VERSION "\r\n"), 1);
	assert_int_equal(heard(o, "Expect:"), 0);
	assert_int_equal(heard(o, "\r\n\r\n{\"event\":\"rate_near\","), 1);
	answer(o, 0, GOOD);
	UNTIL(o, did(o, TOLD, 1));
}

static void
a_connection_is_used_again(void **state)
{
	struct office *o = *state;

	use(o, "127.0.0.1", "");
	for (unsigned i = 1; i <= 3; i++) {
		raise_one(o);
		answer(o, 0, GOOD);
		UNTIL(o, did(o, TOLD, i));
	}
	assert_int_equal(o->connected, 1);
}

static void
one_that_the_server_has_closed_is_not(void **state)
{
	struct office *o = *state;

	use(o, "127.0.0.1", "");
	raise_one(o);
	answer(o, 0, GOOD);
	UNTIL(o, did(o, TOLD, 1));
	hang_up(o);
	raise_one(o);
	answer(o, 0, GOOD);
	UNTIL(o, did(o, TOLD, 2));
}

static void
a_name_is_looked_up(void **state)
{
	struct office *o = *state;

	use(o, "localhost", "");
	raise_one(o);
	assert_int_equal(heard(o, "\r\nHost: localhost:"), 1);
	answer(o, 0, GOOD);
	UNTIL(o, did(o, TOLD, 1));
}

static void
an_environment_names_no_proxy(void **state)
{
	struct office *o = *state;

	setenv("http_proxy", "http://127.0.0.1:1/", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1/", 1);
	use(o, "127.0.0.1", "");
	raise_one(o);
	answer(o, 0, GOOD);
	UNTIL(o, did(o, TOLD, 1));
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
}

static const struct answer_row {
	const char *name, *reply, *log; /* NULL: it was told */
} answers[] = {
	{ "200 is good", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
	    NULL },
	{ "500 is not", "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
	    "events: cannot post rate_near: the answer was 500\n" },
	{ "a redirection is not followed",
	    "HTTP/1.1 302 Go\r\nLocation: http://127.0.0.1:1/\r\n"
	    "Content-Length: 0\r\n\r\n",
	    "cannot post rate_near: the answer was 302\n" },
	{ "what is no HTTP is an error", "220 mx ESMTP\r\n",
	    "events: cannot post rate_near: " },
};

static void
a_reply(void **state)
{
	const struct answer_row *row = *state;
	struct office *o;
	void *made;

	setup(&made);
	o = made;
	use(o, "127.0.0.1", "");
	raise_one(o);
	answer(o, 0, row->reply);
	UNTIL(o, did(o, row->log ? TOLD_FAILED : TOLD, 1));
	assert_int_equal(o->connected, 1);
	assert_int_equal(
	    web_logged(o->herald->web, row->log ? row->log : "post"),
	    row->log != NULL);
	teardown(&made);
}

static void
an_answer_without_end_is_not_read_on(void **state)
{
	static char bytes[8192];
	struct office *o = *state;

	memset(bytes, 'x', sizeof(bytes) - 1);
	use(o, "127.0.0.1", "");
	raise_one(o);
	answer(o, 0, "HTTP/1.1 200 OK\r\n\r\n");
	for (int i = 0; i < 1000 && did(o, TOLD_FAILED, 0); i++) {
		send(o->clients[0], bytes, sizeof(bytes), MSG_NOSIGNAL);
		listen_to_all(o);
	}
	UNTIL(o, did(o, TOLD_FAILED, 1));
	assert_int_equal(
	    web_logged(o->herald->web, "the answer does not end"), 1);
}

static void
a_server_that_is_silent_is_given_up(void **state)
{
	struct office *o = *state;

	use(o, "127.0.0.1", "timeout = 3s");
	raise_one(o);
	web_later(o->herald->web, 2999);
	assert_true(did(o, TOLD_FAILED, 0));
	web_later(o->herald->web, 1);
	UNTIL(o, did(o, TOLD_FAILED, 1));
	assert_int_equal(web_logged(o->herald->web,
			     "cannot post rate_near: no answer in "
			     "time\n"),
	    1);
}

static void
one_that_is_not_there_is_told(void **state)
{
	struct office *o = *state;

	close(o->fd);
	o->fd = -1;
	use(o, "127.0.0.1", "");
	herald_raise(o->herald, "rate_near");
	UNTIL(o, did(o, TOLD_FAILED, 1));
	assert_int_equal(web_logged(o->herald->web, "events: cannot post"), 1);
}

static void
a_name_that_nobody_knows_is_told(void **state)
{
	struct office *o = *state;

	use(o, "nowhere.invalid", "timeout = 1s");
	herald_raise(o->herald, "rate_near");
	web_turn(o->herald->web);
	web_later(o->herald->web, 1000);
	UNTIL(o, did(o, TOLD_FAILED, 1));
	assert_int_equal(web_logged(o->herald->web, "events: cannot post"), 1);
}

static void
four_are_under_way_at_a_time(void **state)
{
	struct office *o = *state;

	use(o, "127.0.0.1", "");
	for (int i = 0; i < 6; i++)
		herald_raise(o->herald, "rate_near");
	UNTIL(o, heard(o, "}\n") == 4);
	for (int i = 0; i < 20; i++)
		listen_to_all(o);
	assert_int_equal(heard(o, "}\n"), 4);
	answer(o, 0, GOOD);
	answer(o, 1, GOOD);
	UNTIL(o, heard(o, "}\n") == 6);
	assert_int_equal(o->connected, 4);
	for (unsigned i = 0; i < 4; i++)
		answer(o, i, GOOD);
	UNTIL(o, did(o, TOLD, 6));
}

static void
after_a_reload_another_url_holds_and_the_old_one_ends_well(void **state)
{
	struct office *o = *state;

	use(o, "127.0.0.1", "");
	raise_one(o);
	use(o, "localhost", "");
	raise_one(o);
	assert_int_equal(heard(o, "\r\nHost: 127.0.0.1:"), 1);
	assert_int_equal(heard(o, "\r\nHost: localhost:"), 1);
	answer(o, 1, GOOD);
	UNTIL(o, did(o, TOLD, 1));
	answer(o, 0, GOOD);
	UNTIL(o, did(o, TOLD, 2));
}

static void
at_the_end_it_may_finish(void **state)
{
	struct office *o = *state;

	use(o, "127.0.0.1", "");
	raise_one(o);
	herald_stop(o->herald, 4000);
	web_later(o->herald->web, 3999);
	assert_false(o->herald->closed);
	answer(o, 0, GOOD);
	UNTIL(o, o->herald->closed);
	assert_int_equal(web_logged(o->herald->web, "cannot post"), 0);
}

static void
at_the_end_it_is_given_up(void **state)
{
	struct office *o = *state;

	use(o, "127.0.0.1", "timeout = 1m");
	for (int i = 0; i < 4; i++)
		raise_one(o);
	herald_stop(o->herald, 4000);
	web_later(o->herald->web, 4000);
	UNTIL(o, o->herald->closed);
	assert_int_equal(
	    web_logged(o->herald->web, "rate_near: policyd stops\n"), 4);
}

static void
at_the_end_a_name_is_not_waited_for(void **state)
{
	struct office *o = *state;

	use(o, "nowhere.invalid", "timeout = 1m");
	herald_raise(o->herald, "rate_near");
	herald_stop(o->herald, 0);
	web_later(o->herald->web, 0);
	UNTIL(o, o->herald->closed);
}

static void
a_url_is_checked_before_it_is_needed(void **state)
{
	(void)state;
	assert_null(hook_check("https://hooks.example.com/a?b"));
	assert_null(hook_check("http://[2001:db8::1]:8080/"));
	assert_non_null(hook_check("http://a b/"));
	assert_non_null(hook_check("http://example.com:99999/"));
	assert_non_null(hook_check("http://[2001:db8::1/"));
}

int
main(void)
{
	struct suite s = { 0 };

	SUITE_ROWS(&s, answers, a_reply);
#define SCENE(test) suite_add_scene(&s, #test, test, setup, teardown)
	SCENE(it_gets_the_event_as_json);
	SCENE(a_connection_is_used_again);
	SCENE(one_that_the_server_has_closed_is_not);
	SCENE(a_name_is_looked_up);
	SCENE(an_environment_names_no_proxy);
	SCENE(an_answer_without_end_is_not_read_on);
	SCENE(a_server_that_is_silent_is_given_up);
	SCENE(one_that_is_not_there_is_told);
	SCENE(a_name_that_nobody_knows_is_told);
	SCENE(four_are_under_way_at_a_time);
	SCENE(after_a_reload_another_url_holds_and_the_old_one_ends_well);
	SCENE(at_the_end_it_may_finish);
	SCENE(at_the_end_it_is_given_up);
	SCENE(at_the_end_a_name_is_not_waited_for);
	SCENE(a_url_is_checked_before_it_is_needed);
	return suite_run(&s, "event/hook");
}
