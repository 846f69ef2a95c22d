/*
 * The HTTP server: who may ask what, and what it takes from strangers.
 */
#include "http/http.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "kit/poor.h"
#include "kit/suite.h"
#include "kit/web.h"

/* What the routes below keep. */
struct shelf {
	struct web *web;
	struct http_request *waiting[4];
	unsigned waits, asked;
	size_t size;
	char query[64];
};

static void
serve_plain(struct http_request *req, void *data)
{
	struct shelf *s = data;

	s->asked++;
	s->size = req->size;
	snprintf(s->query, sizeof(s->query), "%s", http_query(req, "q"));
	http_reply(req, 200, "text/plain",
	    arena_printf(req->arena, "%d:%s", req->method, req->body));
}

static void
serve_later(struct http_request *req, void *data)
{
	struct shelf *s = data;

	s->asked++;
	s->waiting[s->waits++] = req;
}

static void
serve_much(struct http_request *req, void *data)
{
	const size_t size = 200 * 1000;
	char *text = arena_alloc(req->arena, size + 1);
	(void)data;

	http_reply(req, 200, "text/plain", memset(text, 'x', size));
}

static void
serve_parts(struct http_request *req, void *data)
{
	struct shelf *s = data;

	s->asked++;
	http_reply(req, 200, "text/plain",
	    arena_printf(req->arena, "%s,%s", req->parts[0],
		req->parts[1] ? req->parts[1] : "none"));
}

static const struct http_route routes[] = {
	{ "/plain", HTTP_GET | HTTP_POST, false, serve_plain },
	{ "/secret", HTTP_POST | HTTP_DELETE, true, serve_plain },
	{ "/later", HTTP_GET, false, serve_later },
	{ "/box/*", HTTP_GET, false, serve_parts },
	{ "/box/*/of/*", HTTP_GET, true, serve_parts },
	{ "/much", HTTP_GET, false, serve_much },
	{ NULL },
};

static int
setup(void **state)
{
	struct shelf *s = xcalloc(1, sizeof(*s));

	s->web = web_open();
	web_serve(s->web, routes, s);
	*state = s;
	return 0;
}

static void
answer_all(struct shelf *s)
{
	while (s->waits > 0)
		http_reply(s->waiting[--s->waits], 200, "text/plain", "late");
}

static int
teardown(void **state)
{
	struct shelf *s = *state;

	answer_all(s);
	web_close(s->web);
	free(s);
	return 0;
}

/* -- who may ask what -- */

struct row {
	const char *name;
	const char *method, *path, *token, *body;
	int status;
	const char *says; /* somewhere in the reply */
};

static const struct row rows[] = {
	{ "GET is served", "GET", "/plain", NULL, "", 200, "1:" },
	{ "POST is served with its body", "POST", "/plain", NULL, "some", 200,
	    "2:some" },
	{ "a method that the route has not is told which it has", "PUT",
	    "/plain", NULL, "", 405, "Allow: GET, HEAD, POST" },
	{ "so is one that nobody knows", "BREW", "/plain", NULL, "", 405,
	    "another method" },
	{ "a star takes a part of the path", "GET", "/box/blue", NULL, "", 200,
	    "blue,none" },
	{ "and each its own", "GET", "/box/blue/of/paper", "sesame", "", 200,
	    "blue,paper" },
	{ "decoded", "GET", "/box/a%20%2f%C3%A4/of/%25", "sesame", "", 200,
	    "a /\xc3\xa4,%" },
	{ "a plus is a plus", "GET", "/box/a+b", NULL, "", 200, "a+b,none" },
	{ "a query is no part of it", "GET", "/box/blue?q=x/of/y", NULL, "",
	    200, "blue,none" },
	{ "even when it is empty", "GET", "/box/", NULL, "", 200, ",none" },
	{ "what is fixed may be encoded, too", "GET", "/%62ox/blue", NULL, "",
	    200, "blue,none" },
	{ "one slash more is another path", "GET", "/box/blue/", NULL, "", 404,
	    "" },
	{ "a wrong escape is told", "GET", "/box/%zz", NULL, "", 400,
	    "a wrong %NN" },
	{ "so is one that is cut", "GET", "/box/a%4", NULL, "", 400, "" },
	{ "so is a NUL", "GET", "/box/a%00b", NULL, "", 400, "" },
	{ "but only to who may ask", "GET", "/box/%zz/of/x", NULL, "", 401,
	    "" },
	{ "where nothing is, nothing is", "GET", "/", NULL, "", 404, "" },
	{ "a path is not cut", "GET", "/plainer", NULL, "", 404, "" },
	{ "nor led astray", "GET", "/plain/../plain", NULL, "", 404, "" },
	{ "the token opens", "POST", "/secret", "sesame", "x", 200, "2:x" },
	{ "for each method of the route", "DELETE", "/secret", "sesame", "",
	    200, "8:" },
	{ "no token does not", "POST", "/secret", NULL, "x", 401,
	    "WWW-Authenticate: Bearer" },
	{ "a wrong one does not", "POST", "/secret", "simsim", "x", 401, "" },
	{ "a shorter one does not", "POST", "/secret", "sesam", "x", 401, "" },
	{ "a longer one does not", "POST", "/secret", "sesamesesame", "x", 401,
	    "" },
	{ "an empty one does not", "POST", "/secret", "", "x", 401, "" },
	{ "a wrong method is told before the token is asked for", "GET",
	    "/secret", NULL, "", 405, "Allow: POST, DELETE" },
	{ "nothing is to be kept or guessed at", "GET", "/plain", NULL, "", 200,
	    "Cache-Control: no-store" },
};

static void
a_row(void **state)
{
	const struct row *r = *state;
	struct shelf *s;
	void *made;

	setup(&made);
	s = made;
	assert_int_equal(
	    web_once(s->web, r->method, r->path, r->token, r->body), r->status);
	assert_non_null(strstr(s->web->heard, r->says));
	assert_int_equal(s->asked, r->status == 200);
	teardown(&made);
}

static void
without_a_token_in_the_configuration_nobody_has_it(void **state)
{
	struct shelf *s = *state;

	s->web->conf.http.token = "";
	assert_int_equal(http_listen(s->web->http, &s->web->conf), 0);
	assert_int_equal(web_once(s->web, "POST", "/secret", "", "x"), 403);
	assert_int_equal(web_once(s->web, "POST", "/secret", NULL, "x"), 403);
	assert_int_equal(s->asked, 0);
}

static void
a_new_token_is_taken_with_a_reload(void **state)
{
	struct shelf *s = *state;

	s->web->conf.http.token = "other";
	assert_int_equal(http_listen(s->web->http, &s->web->conf), 0);
	assert_int_equal(
	    web_once(s->web, "POST", "/secret", "sesame", ""), 401);
	assert_int_equal(web_once(s->web, "POST", "/secret", "other", ""), 200);
}

static void
who_guesses_tokens_is_logged_once_a_minute(void **state)
{
	struct shelf *s = *state;

	for (int i = 0; i < 5; i++)
		web_once(s->web, "POST", "/secret", "guess", "");
	assert_int_equal(web_logged(s->web, "without the right token"), 1);
	assert_int_equal(web_logged(s->web, "guess"), 0);
	web_later(s->web, 60 * 1000);
	web_once(s->web, "POST", "/secret", "guess", "");
	assert_int_equal(web_logged(s->web, "without the right token"), 2);
}

static void
a_query_is_decoded(void **state)
{
	struct shelf *s = *state;

	web_once(s->web, "GET", "/plain?q=a%20b&r=c", NULL, "");
	assert_string_equal(s->query, "a b");
}

/* -- connections -- */

static void
a_connection_serves_many_requests(void **state)
{
	struct shelf *s = *state;
	const int fd = web_connect(s->web);

	for (int i = 0; i < 50; i++) {
		web_ask(fd, "POST", "/plain", NULL, "again");
		assert_int_equal(web_hears(s->web, fd), 200);
		assert_string_equal(s->web->body, "2:again");
	}
	/* so does one that was refused */
	web_ask(fd, "POST", "/secret", "wrong", "body");
	assert_int_equal(web_hears(s->web, fd), 401);
	web_ask(fd, "POST", "/plain", NULL, "after");
	assert_int_equal(web_hears(s->web, fd), 200);
	assert_int_equal(http_counts(s->web->http)->accepted, 1);
	close(fd);
}

static void
requests_may_come_before_their_turn(void **state)
{
	struct shelf *s = *state;
	const int fd = web_connect(s->web);

	for (int i = 0; i < 10; i++)
		web_ask(fd, "POST", "/plain", NULL, "piped");
	for (int i = 0; i < 10; i++)
		assert_int_equal(web_hears(s->web, fd), 200);
	assert_int_equal(s->asked, 10);
	close(fd);
}

static void
one_that_waits_keeps_nobody_waiting(void **state)
{
	struct shelf *s = *state;
	const int first = web_connect(s->web), second = web_connect(s->web);

	web_ask(first, "GET", "/later", NULL, "");
	assert_true(web_hears_nothing(s->web, first));
	web_ask(second, "GET", "/plain", NULL, "");
	assert_int_equal(web_hears(s->web, second), 200);
	answer_all(s);
	assert_int_equal(web_hears(s->web, first), 200);
	assert_string_equal(s->web->body, "late");
	close(first);
	close(second);
}

static void
who_leaves_while_it_waits_is_forgotten(void **state)
{
	struct shelf *s = *state;
	const int fd = web_connect(s->web);

	web_ask(fd, "GET", "/later", NULL, "");
	assert_true(web_hears_nothing(s->web, fd));
	close(fd);
	web_turn(s->web);
	answer_all(s);
	web_turn(s->web);
	assert_int_equal(http_counts(s->web->http)->connections, 0);
}

static void
a_large_reply_arrives_whole(void **state)
{
	struct shelf *s = *state;

	assert_int_equal(web_once(s->web, "GET", "/much", NULL, ""), 200);
	assert_int_equal(strlen(s->web->body), 200 * 1000);
}

/* -- what is too much -- */

static char *
body_of(size_t size)
{
	char *body = xmalloc(size + 1);

	memset(body, 'b', size);
	body[size] = '\0';
	return body;
}

static void
a_body_of_64_KiB_is_taken_one_byte_more_is_not(void **state)
{
	struct shelf *s = *state;
	char *body = body_of(HTTP_BODY + 1);

	assert_int_equal(web_once(s->web, "POST", "/plain", NULL, body), 413);
	assert_int_equal(s->asked, 0);
	body[HTTP_BODY] = '\0';
	assert_int_equal(web_once(s->web, "POST", "/plain", NULL, body), 200);
	assert_int_equal(s->size, HTTP_BODY);
	free(body);
}

static void
what_is_announced_as_huge_is_refused_at_once(void **state)
{
	struct shelf *s = *state;
	const int fd = web_connect(s->web);

	web_say(fd,
	    "POST /plain HTTP/1.1\r\nHost: x\r\n"
	    "Content-Length: 99999999999999\r\n\r\n");
	assert_int_equal(web_hears(s->web, fd), 413);
	assert_true(web_hears_end(s->web, fd));
	close(fd);
}

static void
chunks_without_an_end_are_counted(void **state)
{
	struct shelf *s = *state;
	const int fd = web_connect(s->web);
	char chunk[1100];

	web_say(fd,
	    "POST /plain HTTP/1.1\r\nHost: x\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n");
	snprintf(chunk, sizeof(chunk), "400\r\n%01024d\r\n", 0);
	for (int i = 0; i < 100; i++) {
		web_say(fd, chunk);
		web_turn(s->web);
	}
	web_say(fd, "0\r\n\r\n");
	assert_int_equal(web_hears(s->web, fd), 413);
	assert_int_equal(s->asked, 0);
	close(fd);
}

static void
headers_without_an_end_are_refused(void **state)
{
	struct shelf *s = *state;
	const int fd = web_connect(s->web);
	char line[128];

	web_say(fd, "GET /plain HTTP/1.1\r\nHost: x\r\n");
	snprintf(line, sizeof(line), "X-Long: %0100d\r\n", 0);
	for (int i = 0; i < 400; i++)
		web_say(fd, line);
	web_hears(s->web, fd);
	assert_in_range(s->web->status, 400, 499);
	assert_true(web_hears_end(s->web, fd));
	close(fd);
}

static void
who_sends_a_byte_now_and_then_has_ten_seconds(void **state)
{
	struct shelf *s = *state;
	const int fd = web_connect(s->web);

	web_say(fd,
	    "POST /plain HTTP/1.1\r\nHost: x\r\n"
	    "Content-Length: 100\r\n\r\n");
	for (int i = 0; i < 9; i++) {
		web_later(s->web, 1000);
		web_say(fd, "x");
	}
	assert_int_equal(http_counts(s->web->http)->connections, 1);
	web_later(s->web, 1100);
	assert_true(web_hears_end(s->web, fd));
	assert_int_equal(http_counts(s->web->http)->slow, 1);
	assert_int_equal(s->asked, 0);
	close(fd);
}

static void
who_says_nothing_is_closed(void **state)
{
	struct shelf *s = *state;
	const int silent = web_connect(s->web), idle = web_connect(s->web);

	web_ask(idle, "GET", "/plain", NULL, "");
	assert_int_equal(web_hears(s->web, idle), 200);
	web_later(s->web, HTTP_REQUEST_MS + 1);
	assert_true(web_hears_end(s->web, silent));
	assert_true(web_hears_nothing(s->web, idle));
	web_later(s->web, HTTP_IDLE_MS);
	assert_true(web_hears_end(s->web, idle));
	web_turn(s->web);
	assert_int_equal(http_counts(s->web->http)->connections, 0);
	close(silent);
	close(idle);
}

static void
who_does_not_read_is_closed(void **state)
{
	struct shelf *s = *state;
	const int fd = web_connect(s->web), small = 4096;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	for (int i = 0; i < 60; i++)
		web_ask(fd, "GET", "/much", NULL, "");
	web_turn(s->web);
	assert_int_equal(http_counts(s->web->http)->connections, 1);
	web_later(s->web, HTTP_REQUEST_MS + 1);
	web_turn(s->web);
	assert_int_equal(http_counts(s->web->http)->connections, 0);
	close(fd);
}

static void
too_many_wait_until_there_is_room(void **state)
{
	struct shelf *s = *state;
	int fds[HTTP_CONNECTIONS + 3];
	const int count = HTTP_CONNECTIONS + 3;

	for (int i = 0; i < count; i++) {
		fds[i] = web_connect(s->web);
		assert_true(fds[i] >= 0);
		if (i % 32 == 0)
			web_turn(s->web);
	}
	web_turn(s->web);
	for (int i = 0; i < count * 2; i++)
		web_turn(s->web);
	assert_int_equal(
	    http_counts(s->web->http)->connections, HTTP_CONNECTIONS);
	web_ask(fds[count - 1], "GET", "/plain", NULL, "");
	assert_true(web_hears_nothing(s->web, fds[count - 1]));
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	assert_int_equal(web_hears(s->web, fds[count - 1]), 200);
	for (int i = 3; i < count; i++)
		close(fds[i]);
}

static void
without_descriptors_they_wait_too(void **state)
{
	struct shelf *s = *state;
	struct poor poor;
	int fd, kept, spare = dup(0);

	kept = web_connect(s->web);
	fd = web_connect(s->web);
	if (!poor_begin(&poor, spare))
		skip();
	web_turn(s->web);
	assert_int_equal(web_logged(s->web, "cannot accept"), 1);
	web_later(s->web, 100);
	assert_int_equal(web_logged(s->web, "cannot accept"), 1);
	poor_end(&poor);
	web_later(s->web, 100);
	web_ask(fd, "GET", "/plain", NULL, "");
	assert_int_equal(web_hears(s->web, fd), 200);
	close(fd);
	close(kept);
	close(spare);
}

/* -- noise -- */

static void
noise_is_answered_or_closed_and_never_served(void **state)
{
	static const char *const noise[] = { "\r\n\r\n\r\n", "GET\r\n\r\n",
		"GET /plain\r\n\r\n", "\x16\x03\x01\x02\xff\x01\xfc\x03",
		"GET /plain HTTP/9.9\r\n\r\n", ": : :\r\n\r\n",
		"EHLO mx.example.net\r\n", "GET /plain HTTP/1.1\r\n\r\n",
		"POST /plain HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
		"POST /plain HTTP/1.1\r\nHost: x\r\nContent-Length: 1e9\r\n"
		"\r\n",
		"POST /plain HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
		"chunked\r\n\r\nzz\r\n" };
	struct shelf *s = *state;

	for (size_t i = 0; i < sizeof(noise) / sizeof(noise[0]); i++) {
		const int fd = web_connect(s->web);

		web_say(fd, noise[i]);
		web_turn(s->web);
		shutdown(fd, SHUT_WR);
		assert_true(web_hears_end(s->web, fd));
		close(fd);
	}
	assert_int_equal(s->asked, 0);
	assert_int_equal(web_once(s->web, "GET", "/plain", NULL, ""), 200);
}

/* -- reload and stop -- */

static void
a_reload_moves_it_and_keeps_who_is_there(void **state)
{
	struct shelf *s = *state;
	const int fd = web_connect(s->web);
	const uint16_t before = s->web->port;

	web_ask(fd, "GET", "/later", NULL, "");
	assert_true(web_hears_nothing(s->web, fd));
	s->web->conf.http.listen = "127.0.0.1:00";
	assert_int_equal(http_listen(s->web->http, &s->web->conf), 0);
	s->web->port = web_port(s->web);
	assert_int_not_equal(s->web->port, before);
	assert_int_equal(web_once(s->web, "GET", "/plain", NULL, ""), 200);
	answer_all(s);
	assert_int_equal(web_hears(s->web, fd), 200);
	s->web->port = before;
	assert_int_equal(web_connect(s->web), -1);
	close(fd);
}

static void
an_address_that_cannot_be_had_leaves_the_former(void **state)
{
	struct shelf *s = *state;

	s->web->conf.http.listen = "192.0.2.1:80";
	assert_true(http_listen(s->web->http, &s->web->conf) < 0);
	assert_int_equal(
	    web_logged(s->web, "cannot listen on '192.0.2.1:80'"), 1);
	assert_int_equal(web_once(s->web, "GET", "/plain", NULL, ""), 200);
}

static void
without_an_address_it_does_not_listen(void **state)
{
	struct shelf *s = *state;

	s->web->conf.http.listen = "";
	assert_int_equal(http_listen(s->web->http, &s->web->conf), 0);
	web_turn(s->web);
	assert_int_equal(web_connect(s->web), -1);
}

static void
told_to_stop_it_answers_who_waits(void **state)
{
	struct shelf *s = *state;
	const int fd = web_connect(s->web), idle = web_connect(s->web),
		  half = web_connect(s->web);

	web_ask(fd, "GET", "/later", NULL, "");
	web_say(half, "GET /pl");
	assert_true(web_hears_nothing(s->web, fd));
	web_stop(s->web);
	assert_true(web_hears_nothing(s->web, fd));
	answer_all(s);
	assert_int_equal(web_hears(s->web, fd), 200);
	assert_non_null(strstr(s->web->heard, "Connection: close"));
	assert_true(web_hears_end(s->web, idle));
	assert_true(web_hears_end(s->web, half));
	close(fd);
	close(idle);
	close(half);
}

#define SCENE(s, test) suite_add_scene(s, #test, test, setup, teardown)

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, a_row);
	SCENE(&s, without_a_token_in_the_configuration_nobody_has_it);
	SCENE(&s, a_new_token_is_taken_with_a_reload);
	SCENE(&s, who_guesses_tokens_is_logged_once_a_minute);
	SCENE(&s, a_query_is_decoded);
	SCENE(&s, a_connection_serves_many_requests);
	SCENE(&s, requests_may_come_before_their_turn);
	SCENE(&s, one_that_waits_keeps_nobody_waiting);
	SCENE(&s, who_leaves_while_it_waits_is_forgotten);
	SCENE(&s, a_large_reply_arrives_whole);
	SCENE(&s, a_body_of_64_KiB_is_taken_one_byte_more_is_not);
	SCENE(&s, what_is_announced_as_huge_is_refused_at_once);
	SCENE(&s, chunks_without_an_end_are_counted);
	SCENE(&s, headers_without_an_end_are_refused);
	SCENE(&s, who_sends_a_byte_now_and_then_has_ten_seconds);
	SCENE(&s, who_says_nothing_is_closed);
	SCENE(&s, who_does_not_read_is_closed);
	SCENE(&s, too_many_wait_until_there_is_room);
	SCENE(&s, without_descriptors_they_wait_too);
	SCENE(&s, noise_is_answered_or_closed_and_never_served);
	SCENE(&s, a_reload_moves_it_and_keeps_who_is_there);
	SCENE(&s, an_address_that_cannot_be_had_leaves_the_former);
	SCENE(&s, without_an_address_it_does_not_listen);
	SCENE(&s, told_to_stop_it_answers_who_waits);
	return suite_run(&s, "http");
}
