/*
 * daemon - open, serve, reload, stop
 */
#include "daemon.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "ask/closed.h"
#include "ask/dns/dns.h"
#include "ask/redis/redis.h"
#include "ask/ticker.h"
#include "base/arena.h"
#include "base/log.h"
#include "checks/checks.h"
#include "checks/quick.h"
#include "checks/recent.h"
#include "conf/conf.h"
#include "dnsbl/zones.h"
#include "engine/engine.h"
#include "engine/node.h"
#include "event/events.h"
#include "rate/local.h"
#include "rate/rate.h"
#include "register/lists.h"
#include "register/register.h"
#include "register/remember.h"
#include "scope/scope.h"
#include "wire/wire.h"

#include "notify.h"
#include "privileges.h"

enum {
	STOP_MS = 4000, /* for answers on their way, when told to stop */
	STOP_STEP_MS = 10
};

#define OF(timer, member)                                                      \
	((struct daemon *)((char *)(timer)-offsetof(struct daemon, member)))

/* -- configuration -- */

void
daemon_complain(void *data, const char *file, int line, const char *text)
{
	(void)data;
	if (line > 0)
		log_error("%s:%d: %s", file, line, text);
	else
		log_error("%s: %s", file, text);
}

struct conf *
daemon_read_conf(const struct options *o)
{
	static const char usual[] = SYSCONFDIR "/policyd/policyd.conf";
	const char *path = o->conf;

	if (!path && access(usual, F_OK) == 0)
		path = usual;
	return conf_read(path, daemon_complain, NULL);
}

void
daemon_open_log(const struct daemon *d)
{
	log_open("policyd",
	    d->options.foreground ? d->conf->log_target : LOG_TO_SYSLOG,
	    d->options.verbose ? LEVEL_DEBUG : d->conf->log_level);
}

/* -- stores -- */

/* Adds those that are not there yet: checks share the registers' ones. */
static void
add_scripts(struct daemon *d, const struct script *const *list)
{
	for (; list && *list; list++) {
		size_t n = 0;

		while (d->scripts[n] && d->scripts[n] != *list)
			n++;
		if (n + 1 < DAEMON_SCRIPTS)
			d->scripts[n] = *list;
	}
}

/* Every script a check may ask for, those of the registers, and our own. */
static void
gather_scripts(struct daemon *d)
{
	add_scripts(d, node_scripts);
	add_scripts(d, register_scripts);
	add_scripts(d, scope_scripts);
	add_scripts(d, rate_scripts);
	add_scripts(d, site_scripts);
	for (size_t i = 0; checks[i]; i++)
		add_scripts(d, checks[i]->scripts);
}

/* What was asked of it is still to be answered; after the deadline of a request
 * nobody waits any more, and it can go. */
struct retired {
	struct timer timer;
	struct retired *next;
	struct daemon *daemon;
	struct redis *redis;
};

static void
one_closed(void *data)
{
	((struct daemon *)data)->closing--;
}

static void
close_redis(struct daemon *d, struct redis *redis)
{
	d->closing++;
	redis_close(redis, one_closed, d);
}

/* Off the list; its store is the caller's. */
static struct redis *
unretire(struct retired *r)
{
	struct retired **at = &r->daemon->retired;
	struct redis *redis = r->redis;

	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	timer_stop(&r->timer);
	free(r);
	return redis;
}

static void
close_retired(struct timer *t)
{
	struct retired *r = (struct retired *)t;
	struct daemon *d = r->daemon;

	close_redis(d, unretire(r));
}

static void
retire(struct daemon *d, struct redis *redis)
{
	struct retired *r = xcalloc(1, sizeof(*r));

	r->timer.fire = close_retired;
	r->daemon = d;
	r->redis = redis;
	r->next = d->retired;
	d->retired = r;
	timer_start(&r->timer, d->clock, (uint64_t)d->conf->deadline_ms);
}

/* -- reload -- */

/* An administrator who changes his mind finds the old one still open, and its
 * state directory locked. */
static struct redis *
redis_for(struct daemon *d, const struct conf *conf)
{
	if (d->redis && redis_same(d->redis, conf))
		return d->redis;
	for (struct retired *r = d->retired; r; r = r->next)
		if (redis_same(r->redis, conf))
			return unretire(r);
	return redis_open(&d->loop, d->clock, conf, d->scripts, true);
}

/* All but the listeners. */
static void
go_by(struct daemon *d, struct conf *conf, struct redis *redis)
{
	events_check(conf);
	events_configure(d->events, conf);
	engine_configure(d->engine, conf, &d->fork.store);
	dns_configure(d->dns, &conf->dns);
	zones_configure(d->zones, conf);
	local_configure(d->local, redis_store(redis), conf->prefix);
	recent_configure(d->recent, conf->settings.greylist.local_memory);
	mirror_configure(d->mirror, redis_store(redis), conf->prefix);
	redis_tune(redis, conf);
	scopes_known_watch(
	    engine_scopes(d->engine), redis_store(redis), conf->prefix);
	if (redis != d->redis)
		retire(d, d->redis);
	d->redis = redis;
	conf_unref(d->conf);
	d->conf = conf;
	settling_begin(d);
	d->site.conf.read = clock_unix(d->clock);
	daemon_open_log(d);
	tables_watch(d);
}

/* A user who stays the same may be missing: only root needs him, and the start
 * has looked. */
static bool
names_are_there(const struct daemon *d, const struct conf *conf)
{
	const bool same = strcmp(conf->user, d->conf->user) == 0;
	const bool user = same || privileges_user(conf);

	return privileges_group(conf) && user;
}

void
daemon_reload(struct daemon *d)
{
	struct conf *conf = daemon_read_conf(&d->options);
	struct redis *redis = NULL;
	int pages;

	if (conf && names_are_there(d, conf))
		redis = redis_for(d, conf);
	d->site.conf.broken = true;
	if (!redis) {
		log_error("reload failed, the old configuration stays");
		conf_unref(conf);
		return;
	}
	go_by(d, conf, redis);
	pages = pages_configure(d);
	if (wire_listen(d->wire, conf) < 0 || pages < 0) {
		log_error("reloaded, but not every listener could be opened");
		return;
	}
	d->site.conf.broken = false;
	log_info("reloaded %s", *conf->path ? conf->path : "the defaults");
}

/* -- stopping -- */

/* There are no more to come as a rule, but some may be on their way. */
static void
close_events(struct daemon *d)
{
	const uint64_t now = clock_ms(d->clock);
	struct events *events = d->events;

	d->events = NULL;
	d->site.events = NULL;
	d->closing++;
	engine_watch(d->engine, NULL, NULL);
	events_close(events, now < d->stop_until ? d->stop_until - now : 0,
	    one_closed, d);
}

/* The lists first: nobody waits for a probe any more. */
static void
close_dns(struct daemon *d)
{
	d->fork.dns = closed_store(d->closed);
	d->fork.zones = NULL;
	zones_stop(d->zones);
	d->site.zones = NULL;
	d->closing++;
	dns_free(d->dns, one_closed, d);
	d->dns = NULL;
	d->site.dns = NULL;
}

static void
stop_step(struct timer *t)
{
	struct daemon *d = OF(t, stopping);
	const bool late = clock_ms(d->clock) >= d->stop_until;

	const bool done = d->wire_closed && !d->http &&
	    engine_in_flight(d->engine) == 0 && local_finish(d->local);

	if (d->events && (late || done))
		close_events(d);
	/* When it is late, the store's end is an answer to all who wait, and
	 * whoever asks after that is told at once. */
	if (d->redis && (late || done)) {
		local_configure(
		    d->local, closed_store(d->closed), d->conf->prefix);
		scopes_known_watch(engine_scopes(d->engine), NULL, "");
		close_redis(d, d->redis);
		d->redis = NULL;
		close_dns(d);
	}
	if (!d->redis && done && d->closing == 0)
		uv_stop(&d->loop);
	else
		timer_start(t, d->clock, STOP_STEP_MS);
}

static void
wire_closed(void *data)
{
	((struct daemon *)data)->wire_closed = true;
}

void
daemon_stop(struct daemon *d)
{
	d->stop_begun = true;
	notify("STOPPING=1");
	log_info("stopping: %u requests in work", engine_in_work(d->engine));
	timer_stop(&d->record);
	record_leave(d);
	tables_close(d);
	mirror_free(d->mirror);
	d->mirror = NULL;
	while (d->retired)
		close_retired(&d->retired->timer);
	d->stop_until = clock_ms(d->clock) + STOP_MS;
	pages_close(d);
	wire_close(d->wire, wire_closed, d);
	timer_start(&d->stopping, d->clock, 0);
}

/* -- signals and timers -- */

static void
signalled(uv_signal_t *handle, int number)
{
	struct daemon *d = handle->data;

	if (d->stop_begun)
		return; /* what they would touch is being closed */
	if (number == SIGHUP) {
		daemon_reload(d);
		record_publish(d); /* whoever did it will look */
	} else if (number == SIGUSR1)
		counts_log(d);
	else
		daemon_stop(d);
}

static void
watch_signals(struct daemon *d)
{
	static const int numbers[DAEMON_SIGNALS] = { SIGHUP, SIGUSR1, SIGTERM,
		SIGINT };

	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < DAEMON_SIGNALS; i++) {
		uv_signal_init(&d->loop, &d->signals[i]);
		d->signals[i].data = d;
		uv_signal_start(&d->signals[i], signalled, numbers[i]);
	}
}

static void
write_record(struct timer *t)
{
	struct daemon *d = OF(t, record);

	record_publish(d);
	settling_look(d);
	timer_start(t, d->clock, NODE_EVERY_MS);
}

/* Fed from the loop, so that a loop that hangs is restarted. */
static void
feed_watchdog(struct timer *t)
{
	notify("WATCHDOG=1");
	timer_start(t, OF(t, watchdog)->clock, notify_watchdog_ms());
}

/* -- open and run -- */

static void
fresh_lists(void *data, struct lists *l)
{
	engine_lists(((struct daemon *)data)->engine, l);
}

int
daemon_open(struct daemon *d, const struct options *o, struct conf *conf)
{
	memset(d, 0, sizeof(*d));
	d->options = *o;
	d->conf = conf;
	uv_loop_init(&d->loop);
	d->clock = clock_new();
	d->ticker = ticker_new(&d->loop, d->clock);
	d->started = clock_unix(d->clock);
	d->stopping.fire = stop_step;
	d->record.fire = write_record;
	d->watchdog.fire = feed_watchdog;
	watch_signals(d);
	gather_scripts(d);
	d->redis = redis_for(d, conf);
	if (!d->redis)
		return EX_UNAVAILABLE;
	d->closed = closed_new(d->clock);
	d->local = local_new(d->clock, redis_store(d->redis));
	local_configure(d->local, redis_store(d->redis), conf->prefix);
	d->quick = quick_new(local_store(d->local));
	d->remember = remember_new(d->clock, quick_store(d->quick));
	d->recent = recent_new(d->clock, remember_store(d->remember));
	recent_configure(d->recent, conf->settings.greylist.local_memory);
	d->dns = dns_new(&d->loop, d->clock, &conf->dns);
	d->zones = zones_new(d->clock, dns_store(d->dns));
	zones_configure(d->zones, conf);
	fork_init(&d->fork, recent_store(d->recent), dns_store(d->dns));
	d->fork.zones = zones_store(d->zones);
	d->engine = engine_new(d->clock, checks, &d->fork.store, conf);
	settling_begin(d);
	scopes_known_watch(
	    engine_scopes(d->engine), redis_store(d->redis), conf->prefix);
	d->events = events_new(&d->loop, d->clock);
	events_check(conf);
	events_configure(d->events, conf);
	engine_watch(d->engine, events_tell, d->events);
	d->mirror = mirror_new(
	    d->clock, redis_store(d->redis), conf->prefix, fresh_lists, d);
	d->wire = wire_new(&d->loop, d->clock, d->engine);
	if (wire_listen(d->wire, conf) < 0) {
		daemon_stop(d);
		return EX_OSERR;
	}
	pages_open(d);
	tables_watch(d);
	timer_start(&d->record, d->clock, 1000);
	if (notify_watchdog_ms() > 0)
		timer_start(&d->watchdog, d->clock, 0);
	return 0;
}

static void
close_left(uv_handle_t *handle, void *data)
{
	(void)data;
	if (uv_handle_get_type(handle) == UV_SIGNAL && !uv_is_closing(handle))
		uv_close(handle, NULL);
}

void
daemon_run(struct daemon *d)
{
	if (d->redis)
		uv_run(&d->loop, UV_RUN_DEFAULT);
	timer_stop(&d->watchdog);
	ticker_free(d->ticker);
	uv_walk(&d->loop, close_left, NULL);
	uv_run(&d->loop, UV_RUN_DEFAULT); /* until no handle is left */
	engine_free(d->engine);
	zones_free(d->zones);
	recent_free(d->recent);
	remember_free(d->remember);
	quick_free(d->quick);
	local_free(d->local);
	closed_free(d->closed);
	conf_unref(d->conf);
	clock_free(d->clock);
	uv_loop_close(&d->loop);
	arena_pool_clear();
}
