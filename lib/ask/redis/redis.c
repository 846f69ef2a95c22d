/*
 * redis - the door: a connection when there can be one, a breaker, questions
 *
 * The breaker is open until a connection is ready and a probe, a script that
 * writes, was answered on it; it opens with the connection's end. So there is
 * one place that decides when to try again, whatever went wrong.
 */
#include "ask/redis/redis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask/dns/resolve.h"
#include "ask/key.h"
#include "ask/redis/breaker.h"
#include "ask/redis/child.h"
#include "ask/redis/connection.h"
#include "ask/redis/directory.h"
#include "ask/redis/flights.h"
#include "ask/redis/options.h"
#include "ask/redis/topology.h"
#include "base/arena.h"
#include "base/log.h"

enum { TELL_AGAIN_MS = 60 * 1000 };

extern const struct script script_probe;

struct redis {
	struct store store;
	struct arena *arena; /* of the options */
	struct options *options;
	struct greeting greeting;
	struct scripts scripts;
	struct flights flights;
	struct breaker breaker;
	struct child *child; /* NULL: somebody else's servers */
	uint64_t opened_ms;
	struct connection_owner owner;
	struct connection *connection; /* the one in use, or getting ready */
	struct question probe;
	struct ticket probe_ticket;
	char where[160], error[160];
	char reported[160]; /* why it cannot be used, as logged; or "" */
	uint64_t told_ms[LOSS_COUNT]; /* when such an error was logged */
	bool closing;
	unsigned open; /* parts that must close before us */
	struct timer finish;
	void (*closed)(void *data);
	void *data;
};

#define OF(member, p)                                                          \
	((struct redis *)((char *)(p)-offsetof(struct redis, member)))

static void
try_again(struct breaker *breaker)
{
	struct redis *r = OF(breaker, breaker);

	r->open++;
	r->connection = connection_open(&r->greeting, &r->owner);
}

static void
on_ready(struct connection_owner *owner)
{
	struct redis *r = OF(owner, owner);

	flights_probe(&r->flights, r->connection, &r->probe, &r->probe_ticket);
}

static void
drop(struct redis *r, const char *why)
{
	flights_down(&r->flights);
	if (r->connection)
		connection_drop(r->connection, why);
}

/* A server that is full, or has a stranger's value under the key, is there all
 * the same: it can be read. */
static bool
good(enum loss loss)
{
	return loss == LOSS_NONE || loss == LOSS_FULL ||
	    loss == LOSS_WRONG_TYPE;
}

static void
on_probed(struct ticket *ticket, const struct answer *answer)
{
	struct redis *r = OF(probe_ticket, ticket);
	const enum loss loss = answer->loss;

	if (r->closing || loss == LOSS_BROKEN || loss == LOSS_DOWN)
		return; /* on_gone() is told, too */
	if (!good(loss)) {
		connection_drop(r->connection,
		    loss == LOSS_TIMEOUT ? "connected, but does not answer"
					 : r->error);
		return;
	}
	breaker_good(&r->breaker);
	r->reported[0] = r->error[0] = '\0';
	snprintf(
	    r->where, sizeof(r->where), "%s", connection_name(r->connection));
	log_info("redis: ready at %s", r->where);
	flights_open(&r->flights, r->connection);
}

/* A line for each change, not for each try. */
static void
report(struct redis *r, bool lost, const char *why)
{
	if (*connection_name(r->connection))
		snprintf(r->where, sizeof(r->where), "%s",
		    connection_name(r->connection));
	snprintf(r->error, sizeof(r->error), "%s", why);
	if (strcmp(r->reported, r->error) == 0)
		return;
	memcpy(r->reported, r->error, sizeof(r->reported));
	log_warning(
	    "redis: %s %s: %s", lost ? "lost" : "cannot use", r->where, why);
}

/* Our own child needs a moment; who asked meanwhile can wait for it. */
static bool
still_starting(const struct redis *r)
{
	const uint64_t age = clock_ms(r->greeting.clock) - r->opened_ms;

	return r->child && !r->closing && r->flights.mode == FLIGHTS_WAIT &&
	    age < r->greeting.connect_ms;
}

static void
on_gone(struct connection_owner *owner, const char *why)
{
	struct redis *r = OF(owner, owner);
	bool lost;

	if (!r->closing) {
		lost = breaker_trip(&r->breaker);
		if (!lost)
			breaker_failed(&r->breaker);
		if (!still_starting(r))
			report(r, lost, why);
	}
	r->connection = NULL;
	if (!still_starting(r))
		flights_down(&r->flights);
}

static void
part_closed(struct redis *r)
{
	if (--r->open == 0 && r->closing)
		timer_start(&r->finish, r->greeting.clock, 0);
}

static void
on_closed(struct connection_owner *owner)
{
	part_closed(OF(owner, owner));
}

static void
in_time(struct flights *flights)
{
	breaker_answered(&OF(flights, flights)->breaker);
}

static void
timed_out(struct flights *flights)
{
	struct redis *r = OF(flights, flights);

	if (r->connection && breaker_lost(&r->breaker))
		drop(r, "no answers");
}

/* Errors come with every question: a line a minute of each kind. */
static void
failed(struct flights *flights, enum loss loss, const char *error, bool leave)
{
	struct redis *r = OF(flights, flights);
	const uint64_t now = clock_ms(r->greeting.clock);

	if (r->connection && leave) {
		drop(r, error);
		return;
	}
	snprintf(r->error, sizeof(r->error), "%s", error);
	if (r->breaker.open)
		return; /* a probe's: report() tells */
	if (r->told_ms[loss] && now - r->told_ms[loss] < TELL_AGAIN_MS)
		return;
	r->told_ms[loss] = now;
	log_warning("redis: %s answers: %s", r->where, error);
}

static void
ask(struct store *store, const struct question *q, struct ticket *t)
{
	flights_ask(&((struct redis *)store)->flights, q, t);
}

static const char *
state(const struct redis *r)
{
	if (!r->breaker.open)
		return "ready";
	return r->connection ? "connecting" : "open";
}

static void
health(const struct store *store, struct store_health *h)
{
	const struct redis *r = (const struct redis *)store;
	const struct flights *fs = &r->flights;

	*h = (struct store_health){ .state = state(r),
		.where = r->where,
		.error = r->error,
		.asked = fs->asked,
		.answered = fs->answered,
		.in_flight = fs->in_flight,
		.latency_us = fs->latency_us };
	memcpy(h->lost, fs->lost, sizeof(h->lost));
}

/* Policyd on many hosts write it; all that counts is that it can be done. */
static void
make_probe(struct redis *r)
{
	const struct word key = key_make(
	    r->arena, r->options->prefix, "probe", NULL, NULL, 0);

	r->probe = (struct question){ .script = &script_probe,
		.keys = 1,
		.count = 2,
		.words = { key, { "60", 2 } } };
	r->probe_ticket.answered = on_probed;
}

static const struct script **
with_probe(struct arena *a, const struct script *const *scripts)
{
	const struct script **all;
	size_t count = 0;

	while (scripts[count])
		count++;
	all = arena_alloc(a, (count + 2) * sizeof(all[0]));
	for (size_t i = 0; i < count; i++)
		all[i] = scripts[i];
	all[count] = &script_probe;
	return all;
}

static void
tune(struct redis *r, const struct conf_redis *conf)
{
	r->greeting.connect_ms = (uint64_t)conf->connect_ms;
	r->flights.deadline_ms = (uint64_t)conf->deadline_ms;
	r->flights.max_in_flight = (unsigned)conf->max_in_flight;
	r->flights.max_bytes = (size_t)conf->max_bytes;
}

static struct topology *
find_topology(const struct redis *r)
{
	const struct list *servers = &r->options->redis.servers;
	char socket[SOCKET_PATH];
	const char *own;

	if (servers->count > 0)
		return topology_single(servers);
	if (!directory_socket(r->options->state_directory, socket))
		return NULL;
	own = arena_printf(r->arena, "unix:%s", socket);
	return topology_single(&(struct list){ 1, &own });
}

static void
set_up(struct redis *r, uv_loop_t *loop, struct clock *clock)
{
	const struct conf_redis *conf = &r->options->redis;

	r->greeting = (struct greeting){ .loop = loop,
		.clock = clock,
		.resolver = resolver_new(loop, clock),
		.topology = r->greeting.topology,
		.scripts = &r->scripts,
		.user = conf->user,
		.password = conf->password,
		.password_file = conf->password_file,
		.database = conf->database };
	r->flights = (struct flights){ .clock = clock,
		.scripts = &r->scripts,
		.in_time = in_time,
		.timed_out = timed_out,
		.failed = failed };
	r->owner = (struct connection_owner){ on_ready, on_gone, on_closed };
	r->store = (struct store){ ask, health };
	r->opened_ms = clock_ms(clock);
	r->open = r->child ? 2 : 1; /* and the resolver */
	flights_init(&r->flights);
	tune(r, conf);
	make_probe(r);
	breaker_init(&r->breaker, clock,
	    clock_us(clock) ^ (uint64_t)getpid() << 32, try_again);
}

static bool
open_child(struct redis *r, uv_loop_t *loop, struct clock *clock)
{
	r->child = child_open(loop, clock, r->options->state_directory,
	    r->options->redis.child_memory);
	return r->child != NULL;
}

struct redis *
redis_open(uv_loop_t *loop, struct clock *clock, const struct conf *conf,
    const struct script *const *scripts, bool own_child)
{
	struct redis *r = xcalloc(1, sizeof(*r));

	r->arena = arena_new();
	r->options = options_copy(r->arena, conf);
	own_child = own_child && conf->redis.servers.count == 0;
	r->greeting.topology = find_topology(r);
	if (!r->greeting.topology ||
	    (own_child && !open_child(r, loop, clock))) {
		if (r->greeting.topology)
			r->greeting.topology->free(r->greeting.topology);
		arena_release(r->arena);
		free(r);
		return NULL;
	}
	scripts_init(&r->scripts, with_probe(r->arena, scripts));
	set_up(r, loop, clock);
	return r;
}

void
redis_only_look(struct redis *r)
{
	r->probe.read_only = true;
	r->probe.count = r->probe.keys;
}

struct store *
redis_store(struct redis *r)
{
	return &r->store;
}

bool
redis_same(const struct redis *r, const struct conf *conf)
{
	struct arena *a = arena_new();
	const bool same = options_same(r->options, options_copy(a, conf));

	arena_release(a);
	return same;
}

void
redis_tune(struct redis *r, const struct conf *conf)
{
	tune(r, &conf->redis);
}

void
redis_command(struct redis *r, const struct word *words, size_t count,
    redis_replied *done, void *data)
{
	flights_command(&r->flights, words, count, done, data);
}

/* What was refused last is still to be told: look again. */
static void
finish(struct timer *timer)
{
	struct redis *r = OF(finish, timer);
	void (*closed)(void *) = r->closed;
	void *data = r->data;

	if (!flights_idle(&r->flights)) {
		timer_start(timer, r->greeting.clock, 1);
		return;
	}
	flights_clear(&r->flights);
	scripts_clear(&r->scripts);
	r->greeting.topology->free(r->greeting.topology);
	arena_release(r->arena);
	free(r);
	closed(data);
}

static void
on_part_closed(void *data)
{
	part_closed(data);
}

void
redis_close(struct redis *r, void (*closed)(void *data), void *data)
{
	r->closing = true;
	r->closed = closed;
	r->data = data;
	r->finish.fire = finish;
	breaker_stop(&r->breaker);
	drop(r, "closing");
	resolver_free(r->greeting.resolver, on_part_closed, r);
	if (r->child)
		child_close(r->child, on_part_closed, r);
}
