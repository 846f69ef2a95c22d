/*
 * door - lib/ask/dns in a loop of its own
 */
#include "kit/door.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ask/ticker.h"
#include "ask/dns/words.h"
#include "base/arena.h"
#include "base/clock.h"
#include "kit/suite.h"

struct nameserver door_server;

static void
on_answer(struct ticket *t, const struct answer *answer)
{
	struct asked *a = (struct asked *)t;

	a->told++;
	a->state = answer->state;
	a->loss = answer->loss;
	a->remembered = answer->remembered;
	dns_answer(a->scene->arena, answer, &a->m);
	a->place = ++a->scene->answered;
}

int
door_begin(void **state)
{
	struct door *s = xcalloc(1, sizeof(*s));

	uv_loop_init(&s->loop);
	s->clock = clock_new();
	s->ticker = ticker_new(&s->loop, s->clock);
	s->arena = arena_new();
	s->servers[0] = door_server.address;
	s->conf = (struct conf_dns){ .servers = { 1, s->servers },
		.deadline_ms = DOOR_PATIENT,
		.max_in_flight = DOOR_IN_FLIGHT,
		.cache = DOOR_CACHE };
	s->dns = dns_new(&s->loop, s->clock, &s->conf);
	*state = s;
	return 0;
}

static void
on_closed(void *data)
{
	((struct door *)data)->closed = true;
}

void
door_close(struct door *s)
{
	dns_free(s->dns, on_closed, s);
	while (!s->closed)
		uv_run(&s->loop, UV_RUN_ONCE);
}

int
door_end(void **state)
{
	struct door *s = *state;

	if (!s->closed)
		door_close(s);
	ticker_free(s->ticker);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&s->loop), 0);
	clock_free(s->clock);
	arena_release(s->arena);
	arena_pool_clear();
	free(s);
	return 0;
}

struct asked *
door_put(struct door *s, struct store *store, const struct question *q)
{
	struct asked *a = arena_alloc(s->arena, sizeof(*a));

	a->ticket.answered = on_answer;
	a->scene = s;
	store_ask(store, q, &a->ticket);
	assert_int_equal(a->told, 0); /* never from inside */
	return a;
}

struct asked *
door_ask(struct door *s, enum dns_type type, const char *name)
{
	struct question *q = arena_alloc(s->arena, sizeof(*q));

	*q = dns_question(s->arena, type, name);
	return door_put(s, dns_store(s->dns), q);
}

void
door_wait(struct door *s, const struct asked *a)
{
	while (!a->told)
		uv_run(&s->loop, UV_RUN_ONCE);
}

struct asked *
door_look(struct door *s, enum dns_type type, const char *name)
{
	struct asked *a = door_ask(s, type, name);

	door_wait(s, a);
	assert_int_equal(a->told, 1);
	return a;
}

void
door_must_be(const struct asked *a, size_t i, const char *text)
{
	char found[INET_ADDRSTRLEN];

	assert_int_equal(a->state, KNOWN);
	assert_true(i < a->m.count);
	inet_ntop(AF_INET, a->m.records[i].data, found, sizeof(found));
	assert_string_equal(found, text);
}

void
door_must_lose(const struct asked *a, enum loss loss)
{
	assert_int_equal(a->state, LOST);
	assert_int_equal(a->loss, loss);
}

void
door_run_ms(struct door *s, uint64_t ms)
{
	const uint64_t until = clock_us(s->clock) + ms * 1000;

	while (clock_us(s->clock) < until) {
		uv_run(&s->loop, UV_RUN_NOWAIT);
		usleep(2000);
	}
}

void
door_deadline(struct door *s, unsigned ms)
{
	s->conf.deadline_ms = ms;
	dns_configure(s->dns, &s->conf);
}

/* A socket nobody reads. */
int
door_dead_server(struct door *s, char address[32])
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(a);
	const int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	getsockname(fd, (struct sockaddr *)&a, &size);
	snprintf(address, 32, "127.0.0.1:%u", ntohs(a.sin_port));
	s->servers[0] = address;
	dns_configure(s->dns, &s->conf);
	return fd;
}
