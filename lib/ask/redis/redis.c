/*
 * redis - the door: opening, asking, closing
 */
#include "ask/redis/redis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask/dns/resolve.h"
#include "ask/key.h"
#include "ask/redis/child.h"
#include "ask/redis/directory.h"
#include "ask/redis/flights.h"
#include "ask/redis/keeper.h"
#include "ask/redis/options.h"
#include "ask/redis/topology.h"
#include "ask/redis/tracker.h"
#include "base/arena.h"
#include "base/log.h"

enum { TELL_AGAIN_MS = 60 * 1000 };

struct redis {
	struct store store;
	struct clock *clock;
	struct arena *arena; /* of the options */
	struct options *options;
	struct topology *topology;
	struct resolver *resolver;
	struct child *child; /* NULL: somebody else's servers */
	struct scripts scripts;
	struct flights flights;
	struct keeper keeper;
	struct tracker tracker;
	uint64_t told_ms[LOSS_COUNT]; /* when such an error was logged */
	unsigned absences;
	unsigned open; /* parts that must close before us */
	struct timer finish;
	void (*closed)(void *data);
	void *data;
};

#define OF(member, p)                                                          \
	((struct redis *)((char *)(p)-offsetof(struct redis, member)))

static void
in_time(struct flights *flights)
{
	keeper_answered(&OF(flights, flights)->keeper);
}

static void
timed_out(struct flights *flights)
{
	keeper_timed_out(&OF(flights, flights)->keeper);
}

/* Errors come with every question: a line a minute of each kind. */
static void
failed(struct flights *flights, enum loss loss, const char *error, bool leave)
{
	struct redis *r = OF(flights, flights);
	const uint64_t now = clock_ms(r->clock);

	if (leave) {
		keeper_leave(&r->keeper, error);
		return;
	}
	snprintf(r->keeper.error, sizeof(r->keeper.error), "%s", error);
	if (r->keeper.breaker.open)
		return; /* a probe's: the keeper tells */
	if (r->told_ms[loss] && now - r->told_ms[loss] < TELL_AGAIN_MS)
		return;
	r->told_ms[loss] = now;
	log_warning("redis: %s answers: %s", r->keeper.where, error);
}

static void
ask(struct store *store, const struct question *q, struct ticket *t)
{
	flights_ask(&((struct redis *)store)->flights, q, t);
}

static void
health(const struct store *store, struct store_health *h)
{
	const struct redis *r = (const struct redis *)store;
	const struct flights *fs = &r->flights;

	*h = (struct store_health){ .state = keeper_state(&r->keeper),
		.where = r->keeper.where,
		.error = r->keeper.error,
		.asked = fs->asked,
		.answered = fs->answered,
		.in_flight = fs->in_flight,
		.latency_us = fs->latency_us,
		.times = &fs->times,
		.lookup_times = &resolver_counts(r->resolver)->times,
		.lookups_lost = resolver_counts(r->resolver)->lost,
		.watching = r->tracker.live && !r->tracker.late };
	memcpy(h->lost, fs->lost, sizeof(h->lost));
}

static int64_t
server_time(const struct store *store)
{
	return keeper_time(&((const struct redis *)store)->keeper);
}

static unsigned
absences(const struct store *store)
{
	return ((const struct redis *)store)->absences;
}

static void
watch(struct store *store, struct watch *w)
{
	struct redis *r = (struct redis *)store;

	tracker_watch(&r->tracker, w, r->keeper.probe.words[0].text);
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

static void on_part_closed(void *data);

static void
on_keeper_stopped(struct keeper *keeper)
{
	on_part_closed(OF(keeper, keeper));
}

static void
on_tracker_stopped(struct tracker *tracker)
{
	on_part_closed(OF(tracker, tracker));
}

static void
on_used(struct keeper *keeper)
{
	tracker_start(&OF(keeper, keeper)->tracker, keeper->connection);
}

static void
on_lost(struct keeper *keeper)
{
	OF(keeper, keeper)->absences++;
	tracker_pause(&OF(keeper, keeper)->tracker);
}

static void
prove(struct tracker *tracker)
{
	keeper_prove(&OF(tracker, tracker)->keeper);
}

static struct word
probe_key(struct redis *r)
{
	return key_make(r->arena, r->options->prefix, "probe", NULL, NULL, 0);
}

static void
set_up(struct redis *r, uv_loop_t *loop)
{
	const struct conf_redis *conf = &r->options->redis;

	r->resolver = resolver_new(loop, r->clock, NULL);
	r->store = (struct store){ .ask = ask,
		.health = health,
		.time = server_time,
		.absences = absences,
		.watch = watch };
	r->flights = (struct flights){ .clock = r->clock,
		.scripts = &r->scripts,
		.in_time = in_time,
		.timed_out = timed_out,
		.failed = failed };
	flights_init(&r->flights);
	r->keeper = (struct keeper){ .flights = &r->flights,
		.probe_key = probe_key(r),
		.patient = r->child != NULL,
		.used = on_used,
		.lost = on_lost,
		.stopped = on_keeper_stopped };
	r->keeper.greeting = (struct greeting){ .loop = loop,
		.clock = r->clock,
		.resolver = r->resolver,
		.topology = r->topology,
		.scripts = &r->scripts,
		.user = conf->user,
		.password = conf->password,
		.password_file = conf->password_file,
		.database = conf->database };
	r->tracker = (struct tracker){ .greeting = &r->keeper.greeting,
		.prove = prove,
		.stopped = on_tracker_stopped };
	tracker_init(&r->tracker);
}

static void
tune(struct redis *r, const struct conf_redis *conf)
{
	r->keeper.greeting.connect_ms = (uint64_t)conf->connect_ms;
	r->flights.deadline_ms = (uint64_t)conf->deadline_ms;
	r->flights.max_in_flight = (unsigned)conf->max_in_flight;
	r->flights.max_bytes = (size_t)conf->max_bytes;
}

static bool
open_child(struct redis *r, uv_loop_t *loop)
{
	r->child = child_open(loop, r->clock, r->options->state_directory,
	    r->options->redis.child_memory);
	return r->child != NULL;
}

struct redis *
redis_open(uv_loop_t *loop, struct clock *clock, const struct conf *conf,
    const struct script *const *scripts, bool own_child)
{
	struct redis *r = xcalloc(1, sizeof(*r));

	r->clock = clock;
	r->arena = arena_new();
	r->options = options_copy(r->arena, conf);
	own_child = own_child && conf->redis.servers.count == 0;
	r->topology = find_topology(r);
	if (!r->topology || (own_child && !open_child(r, loop))) {
		if (r->topology)
			r->topology->free(r->topology);
		arena_release(r->arena);
		free(r);
		return NULL;
	}
	scripts_init(&r->scripts, with_probe(r->arena, scripts));
	set_up(r, loop);
	tune(r, &r->options->redis);
	keeper_start(&r->keeper);
	return r;
}

void
redis_only_look(struct redis *r)
{
	keeper_only_look(&r->keeper);
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

/* When it is lost, the child is gone: it starts with the new limit. */
static void
ignore_reply(void *data, const struct redisReply *reply, enum loss loss)
{
	(void)data;
	(void)reply;
	(void)loss;
}

static void
resize_child(struct redis *r, int64_t memory)
{
	char bytes[24];
	const int size = snprintf(
	    bytes, sizeof(bytes), "%lld", (long long)memory);
	const struct word words[] = { { "CONFIG", 6 }, { "SET", 3 },
		{ "maxmemory", 9 }, { bytes, (size_t)size } };

	child_resize(r->child, memory);
	redis_command(r, words, 4, ignore_reply, NULL);
}

static void
move_probe(struct redis *r, const char *prefix)
{
	if (strcmp(r->options->prefix, prefix) == 0)
		return;
	r->options->prefix = arena_strdup(r->arena, prefix);
	r->keeper.probe.words[0] = r->keeper.look.words[0] = probe_key(r);
}

void
redis_tune(struct redis *r, const struct conf *conf)
{
	tune(r, &conf->redis);
	move_probe(r, conf->prefix);
	if (r->child)
		resize_child(r, conf->redis.child_memory);
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
		timer_start(timer, r->clock, 1);
		return;
	}
	flights_clear(&r->flights);
	scripts_clear(&r->scripts);
	r->topology->free(r->topology);
	arena_release(r->arena);
	free(r);
	closed(data);
}

static void
on_part_closed(void *data)
{
	struct redis *r = data;

	if (--r->open > 0)
		return;
	r->finish.fire = finish;
	timer_start(&r->finish, r->clock, 0);
}

void
redis_close(struct redis *r, void (*closed)(void *data), void *data)
{
	r->closed = closed;
	r->data = data;
	r->open = r->child ? 4 : 3;
	tracker_stop(&r->tracker);
	keeper_stop(&r->keeper);
	resolver_free(r->resolver, on_part_closed, r);
	if (r->child)
		child_close(r->child, on_part_closed, r);
}
