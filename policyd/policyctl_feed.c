/*
 * policyctl_feed - reads the mail log, fills the registers
 *
 * The log itself is the queue: while Redis is away it is read no further than
 * what fits into the feed's memory, and not at all before it is known who is
 * on the allow list.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <uv.h>

#include "ask/redis/redis.h"
#include "ask/ticker.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"
#include "feed/feed.h"
#include "policyctl.h"
#include "policyctl_feed_out.h"
#include "policyctl_feed_tables.h"
#include "policyctl_option.h"
#include "policyctl_places.h"
#include "policyctl_tail.h"
#include "register/lists.h"

enum {
	LOOK_MS = 250, /* between two looks at files that do not grow */
	READS = 4, /* in one turn of the loop, of 64 KiB each */
	SAVE_MS = 10 * 1000, /* between two savings of places */
	GRACE_MS = 500, /* beyond connect_ms, for the lists to come */
	STOP_MS = 5 * 1000 /* for what is not written when told to stop */
};

enum { SIGNALS = 2 };

struct wish {
	struct feed_rules rules;
	bool once, dry_run;
};

struct source {
	struct tail *tail;
	bool ended;
};

struct run {
	struct ctl *ctl;
	struct wish wish;
	uv_loop_t loop;
	struct clock *clock;
	struct ticker *ticker;
	struct redis *redis; /* NULL: a dry run without */
	struct mirror *mirror;
	struct feed *feed;
	uv_signal_t signals[SIGNALS];
	struct source *sources;
	struct tail **tails; /* the same, for places */
	size_t count;
	struct feed_tables tables;
	struct timer look; /* for lines */
	struct timer save;
	struct timer patience; /* with lists, then with writes */
	bool ready; /* to read: the lists are known */
	bool stopping, impatient, closed, unsaved;
	int status;
};

#define OF(timer, member)                                                      \
	((struct run *)((char *)(timer)-offsetof(struct run, member)))

/* -- options -- */

static int
read_logins(void *into, const char *text)
{
	static const char *const words[] = { [LOGINS_OWN] = "own",
		[LOGINS_AUTH] = "auth",
		[LOGINS_NONE] = "none" };
	struct wish *w = into;

	for (int i = 0; i <= LOGINS_NONE; i++)
		if (!strcmp(text, words[i])) {
			w->rules.logins = (enum feed_logins)i;
			return EX_OK;
		}
	return fail(
	    EX_USAGE, "unknown logins '%s': they are own, auth or none", text);
}

static int
read_count(const char *name, const char *text, unsigned *out)
{
	enum { MOST = 1000000 };
	long long number = 0;
	const int status = option_number(name, text, &number);

	*out = (unsigned)(number > MOST ? MOST : number);
	return status;
}

static int
read_errors(void *into, const char *text)
{
	return read_count("errors", text, &((struct wish *)into)->rules.errors);
}

static int
read_scans(void *into, const char *text)
{
	return read_count("scans", text, &((struct wish *)into)->rules.scans);
}

static int
read_once(void *into, const char *text)
{
	(void)text;
	((struct wish *)into)->once = true;
	return EX_OK;
}

static int
read_dry_run(void *into, const char *text)
{
	(void)text;
	((struct wish *)into)->dry_run = true;
	return EX_OK;
}

static const struct option_row rows[] = {
	{ "logins", 1, required_argument, read_logins },
	{ "errors", 1, required_argument, read_errors },
	{ "scans", 1, required_argument, read_scans },
	{ "once", 1, no_argument, read_once },
	{ "dry-run", 1, no_argument, read_dry_run },
	{ NULL },
};

/* -- reading -- */

static void
take_line(void *data, const char *line, size_t size)
{
	feed_line(((struct run *)data)->feed, line, size);
}

static bool
would_block(const struct tail *t)
{
	struct pollfd p = { .fd = tail_waits(t), .events = POLLIN };

	return p.fd >= 0 && poll(&p, 1, 0) == 0;
}

/* True when there may be more at once. */
static bool
read_source(struct run *r, struct source *s)
{
	enum tail_state state = TAIL_MORE;

	for (int i = 0; i < READS && state == TAIL_MORE; i++) {
		if (s->ended || would_block(s->tail))
			return false;
		state = tail_read(s->tail, take_line, r);
	}
	switch (state) {
	case TAIL_MORE:
		return true;
	case TAIL_LATER:
		return false;
	case TAIL_ERROR:
		r->status = fail(EX_IOERR, "%s: %m", tail_path(s->tail));
		break;
	case TAIL_END:
		break;
	}
	s->ended = true;
	return false;
}

/* What is left gets a moment to be written. */
static void
stop(struct run *r)
{
	if (r->stopping)
		return;
	r->stopping = true;
	timer_stop(&r->look);
	timer_start(&r->patience, r->clock, STOP_MS);
	r->impatient = false;
	feed_flush(r->feed);
}

static void
read_sources(struct timer *t)
{
	struct run *r = OF(t, look);
	bool more = false, ended = true;

	if (!r->ready || feed_busy(r->feed)) {
		timer_start(t, r->clock, LOOK_MS);
		return;
	}
	for (size_t i = 0; i < r->count; i++) {
		more |= read_source(r, &r->sources[i]);
		ended &= r->sources[i].ended;
	}
	/* Not 0: Redis and signals want to be heard in between. */
	if (ended)
		stop(r);
	else
		timer_start(t, r->clock, more ? 1 : LOOK_MS);
}

/* -- places -- */

static bool
keeps_places(const struct run *r)
{
	return !r->wish.once && !r->wish.dry_run;
}

static void
save(struct run *r)
{
	const int rc = places_save(r->ctl->conf, r->tails, r->count);

	if (rc < 0 && !r->unsaved)
		log_warning("%s/feed.places cannot be written: %s: after a "
			    "restart the logs will be read from their ends",
		    r->ctl->conf->state_directory, strerror(-rc));
	r->unsaved = rc < 0;
}

/* Only what has been written is behind us. */
static void
save_places(struct timer *t)
{
	struct run *r = OF(t, save);

	if (feed_waiting(r->feed) == 0)
		save(r);
	timer_start(t, r->clock, SAVE_MS);
}

static int
open_sources(struct run *r, int count, char **paths)
{
	static char *const input[] = { "-" };

	r->count = count > 0 ? (size_t)count : 1;
	r->sources = arena_alloc(r->ctl->arena, r->count * sizeof(*r->sources));
	r->tails = arena_alloc(r->ctl->arena, r->count * sizeof(*r->tails));
	for (size_t i = 0; i < r->count; i++) {
		const char *path = count > 0 ? paths[i] : input[0];

		r->tails[i] = tail_open(path, !r->wish.once);
		if (!r->tails[i])
			return fail(EX_NOINPUT, "%s: %m", path);
		r->sources[i].tail = r->tails[i];
	}
	if (!r->wish.once)
		places_restore(r->ctl->conf, r->tails, r->count);
	return EX_OK;
}

static void
close_sources(struct run *r)
{
	for (size_t i = 0; r->tails && i < r->count; i++)
		tail_close(r->tails[i]);
}

/* -- the rest of the world -- */

static void
told(void *data, const struct feed_act *act, const struct register_result *res)
{
	struct run *r = data;

	feed_out_act(r->ctl, act, res);
}

static void
take_lists(void *data, struct lists *l)
{
	struct run *r = data;

	feed_lists(r->feed, l);
	r->ready = true;
}

static void
lose_patience(struct timer *t)
{
	struct run *r = OF(t, patience);

	if (r->stopping) {
		r->impatient = true;
	} else if (r->wish.dry_run && !r->ready) {
		log_warning("Redis does not answer: nobody is known to be on "
			    "the allow list");
		r->ready = true;
	}
}

static void
take_signal(uv_signal_t *s, int number)
{
	(void)number;
	stop(s->data);
}

static void
watch_signals(struct run *r)
{
	static const int numbers[SIGNALS] = { SIGTERM, SIGINT };

	for (int i = 0; i < SIGNALS; i++) {
		uv_signal_init(&r->loop, &r->signals[i]);
		r->signals[i].data = r;
		uv_signal_start(&r->signals[i], take_signal, numbers[i]);
	}
}

static void
note_closed(void *data)
{
	((struct run *)data)->closed = true;
}

static void
start(struct run *r)
{
	struct conf *conf = r->ctl->conf;
	struct store *store = NULL;

	log_open("policyctl", LOG_TO_STDERR, conf->log_level);
	uv_loop_init(&r->loop);
	r->clock = clock_new();
	r->ticker = ticker_new(&r->loop, r->clock);
	r->look.fire = read_sources;
	r->save.fire = save_places;
	r->patience.fire = lose_patience;
	watch_signals(r);
	r->redis = redis_open(
	    &r->loop, r->clock, conf, register_scripts, false);
	if (r->redis) {
		redis_only_look(r->redis);
		store = redis_store(r->redis);
		r->mirror = mirror_new(
		    r->clock, store, conf->prefix, take_lists, r);
	}
	r->feed = feed_new(r->clock, r->wish.dry_run ? NULL : store, conf,
	    &r->wish.rules, told, r);
	feed_tables_watch(&r->tables, r->clock, r->ctl, r->feed);
	timer_start(&r->look, r->clock, 0);
	if (keeps_places(r))
		timer_start(&r->save, r->clock, SAVE_MS);
	timer_start(&r->patience, r->clock,
	    (uint64_t)conf->redis.connect_ms + GRACE_MS);
}

static void
turn_until_stopped(struct run *r)
{
	if (!r->redis && !r->wish.dry_run) {
		r->status = fail(EX_UNAVAILABLE, "Redis cannot be tried");
		return;
	}
	while (!r->stopping || (feed_waiting(r->feed) > 0 && !r->impatient))
		uv_run(&r->loop, UV_RUN_ONCE);
	if (keeps_places(r))
		save(r);
	if (feed_waiting(r->feed) > 0)
		r->status = fail(EX_UNAVAILABLE,
		    "Redis is away: %u writes were not made",
		    feed_waiting(r->feed));
}

/* Redis first: what is in flight is answered, as lost, to the feed. */
static void
end(struct run *r)
{
	const struct feed_counts counts = feed_counts(r->feed);

	feed_tables_close(&r->tables);
	timer_stop(&r->look);
	timer_stop(&r->save);
	timer_stop(&r->patience);
	mirror_free(r->mirror);
	if (r->redis) {
		redis_close(r->redis, note_closed, r);
		while (!r->closed)
			uv_run(&r->loop, UV_RUN_ONCE);
	}
	feed_free(r->feed);
	feed_out_counts(r->ctl, &counts);
	for (int i = 0; i < SIGNALS; i++)
		uv_close((uv_handle_t *)&r->signals[i], NULL);
	ticker_free(r->ticker);
	uv_run(&r->loop, UV_RUN_DEFAULT);
	uv_loop_close(&r->loop);
	clock_free(r->clock);
	log_close();
}

int
run_feed(struct ctl *ctl, int argc, char **argv)
{
	struct run *r = arena_alloc(ctl->arena, sizeof(*r));
	int status;

	r->ctl = ctl;
	r->wish.rules = (struct feed_rules){ LOGINS_OWN, FEED_ERRORS,
		FEED_SCANS };
	status = options_read(rows, 1, &r->wish, &argc, &argv);
	if (status != EX_OK)
		return status;
	status = open_sources(r, argc, argv);
	if (status == EX_OK) {
		start(r);
		turn_until_stopped(r);
		end(r);
		status = r->status;
	}
	close_sources(r);
	return status;
}
