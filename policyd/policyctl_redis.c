/*
 * policyctl_redis - a loop that runs until everything asked is answered
 */
#include "policyctl_redis.h"

#include <hiredis/hiredis.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask/redis/redis.h"
#include "ask/ticker.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"
#include "policyctl.h"

enum {
	BATCH = 512, /* orders on their way at a time */
	GRACE_MS = 500 /* beyond connect_ms, for what else there is to do */
};

struct door {
	uv_loop_t loop;
	struct clock *clock;
	struct ticker *ticker;
	struct redis *redis; /* NULL: it could not even be tried */
	struct timer patience;
	bool impatient, closed;
	unsigned waiting; /* orders without an answer */
	char trouble[512]; /* "" when ready */
	char said[512]; /* the last thing that was logged */
};

/* One order on its way. */
struct errand {
	struct door *door;
	struct arena *arena;
	struct order *order;
};

static void
remember(enum log_level level, const char *text, void *data)
{
	struct door *d = data;

	if (level <= LEVEL_WARNING)
		snprintf(d->said, sizeof(d->said), "%s", text);
}

static void
lose_patience(struct timer *t)
{
	struct door *d = (struct door *)((char *)t -
	    offsetof(struct door, patience));

	d->impatient = true;
}

void
door_turn(struct door *d)
{
	uv_run(&d->loop, UV_RUN_ONCE);
}

/* Turns the loop until Redis is ready or its first error is known. */
static void
await(struct door *d, const struct conf *conf)
{
	struct store *store = redis_store(d->redis);
	struct store_health health = { 0 };

	timer_start(&d->patience, d->clock,
	    (uint64_t)conf->redis.connect_ms + GRACE_MS);
	for (;;) {
		store->health(store, &health);
		if (!strcmp(health.state, "ready") || *health.error ||
		    d->impatient)
			break;
		door_turn(d);
	}
	timer_stop(&d->patience);
	if (strcmp(health.state, "ready") != 0)
		snprintf(d->trouble, sizeof(d->trouble), "%s",
		    *health.error ? health.error : "no answer");
}

struct door *
door_open(struct ctl *ctl, const struct script *const *scripts)
{
	struct door *d = xcalloc(1, sizeof(*d));

	log_redirect(remember, d);
	uv_loop_init(&d->loop);
	d->clock = clock_new();
	d->ticker = ticker_new(&d->loop, d->clock);
	d->patience.fire = lose_patience;
	d->redis = redis_open(&d->loop, d->clock, ctl->conf, scripts, false);
	if (!d->redis) {
		snprintf(d->trouble, sizeof(d->trouble), "%s",
		    *d->said ? d->said : "cannot be tried");
		return d;
	}
	redis_only_look(d->redis);
	await(d, ctl->conf);
	return d;
}

static void
note_closed(void *data)
{
	struct door *d = data;

	d->closed = true;
}

void
door_close(struct door *d)
{
	if (!d)
		return;
	if (d->redis) {
		redis_close(d->redis, note_closed, d);
		while (!d->closed)
			door_turn(d);
	}
	ticker_free(d->ticker);
	uv_run(&d->loop, UV_RUN_DEFAULT);
	uv_loop_close(&d->loop);
	clock_free(d->clock);
	log_redirect(NULL, NULL);
	free(d);
}

const char *
door_trouble(const struct door *d)
{
	return *d->trouble ? d->trouble : NULL;
}

const char *
door_where(const struct door *d)
{
	struct store_health health = { 0 };
	struct store *store;

	if (!d->redis)
		return "";
	store = redis_store(d->redis);
	store->health(store, &health);
	return health.where;
}

uv_loop_t *
door_loop(struct door *d)
{
	return &d->loop;
}

struct clock *
door_clock(struct door *d)
{
	return d->clock;
}

struct store *
door_store(struct door *d)
{
	return d->redis ? redis_store(d->redis) : NULL;
}

static void
copy_reply(struct node *n, const struct redisReply *r, struct arena *a)
{
	n->text = "";
	switch (r->type) {
	case REDIS_REPLY_STRING:
	case REDIS_REPLY_STATUS:
	case REDIS_REPLY_ERROR:
		n->kind = r->type == REDIS_REPLY_ERROR ? NODE_ERROR : NODE_TEXT;
		n->text = arena_memdup(a, r->str, r->len);
		break;
	case REDIS_REPLY_INTEGER:
		n->kind = NODE_NUMBER;
		n->number = r->integer;
		break;
	case REDIS_REPLY_ARRAY:
		n->kind = NODE_LIST;
		n->count = r->elements;
		n->items = arena_alloc(a, n->count * sizeof(*n->items));
		for (size_t i = 0; i < n->count; i++)
			copy_reply(&n->items[i], r->element[i], a);
		break;
	default: /* nil; RESP3 is not spoken here */
		n->kind = NODE_NIL;
	}
}

static void
replied(void *data, const struct redisReply *reply, enum loss loss)
{
	struct errand *e = data;

	e->door->waiting--;
	e->order->loss = reply ? LOSS_NONE : loss;
	if (reply)
		copy_reply(&e->order->reply, reply, e->arena);
}

static bool
ask_batch(struct door *d, struct arena *a, struct order *orders, size_t count)
{
	struct errand *errands = arena_alloc(a, count * sizeof(*errands));
	bool whole = true;

	for (size_t i = 0; i < count; i++) {
		errands[i] = (struct errand){ d, a, &orders[i] };
		d->waiting++;
		redis_command(d->redis, orders[i].words, orders[i].count,
		    replied, &errands[i]);
	}
	while (d->waiting > 0)
		door_turn(d);
	for (size_t i = 0; i < count; i++)
		if (orders[i].loss != LOSS_NONE) {
			snprintf(d->trouble, sizeof(d->trouble), "%s",
			    loss_name(orders[i].loss));
			whole = false;
		}
	return whole;
}

bool
door_ask(struct door *d, struct arena *a, struct order *orders, size_t count)
{
	if (door_trouble(d))
		return false;
	for (size_t done = 0; done < count; done += BATCH) {
		const size_t rest = count - done;

		if (!ask_batch(
			d, a, orders + done, rest < BATCH ? rest : BATCH))
			return false;
	}
	return true;
}

/* One question on its way. */
struct inquiry {
	struct ticket ticket;
	struct door *door;
	struct arena *arena;
	struct answer *answer;
};

static void
answered(struct ticket *t, const struct answer *answer)
{
	struct inquiry *i = (struct inquiry *)t;

	i->door->waiting--;
	*i->answer = *answer;
	for (unsigned v = 0; v < answer->count; v++)
		if (answer->values[v].text)
			i->answer->values[v].text = arena_memdup(i->arena,
			    answer->values[v].text, answer->values[v].size);
	if (answer->state == LOST)
		snprintf(i->door->trouble, sizeof(i->door->trouble), "%s",
		    loss_name(answer->loss));
}

bool
door_question(struct door *d, struct arena *a, const struct question *questions,
    struct answer *answers, size_t count)
{
	struct inquiry *inquiries = arena_alloc(a, count * sizeof(*inquiries));

	for (size_t i = 0; i < count && !door_trouble(d);) {
		for (; i < count && d->waiting < BATCH; i++) {
			inquiries[i] = (struct inquiry){ { answered }, d, a,
				&answers[i] };
			d->waiting++;
			store_ask(redis_store(d->redis), &questions[i],
			    &inquiries[i].ticket);
		}
		while (d->waiting > 0)
			door_turn(d);
	}
	return !door_trouble(d);
}

void
door_spoil(struct door *d, const char *trouble)
{
	snprintf(d->trouble, sizeof(d->trouble), "%s", trouble);
}

int64_t
door_now(struct door *d)
{
	struct arena *a = arena_new();
	struct order o = { 0 };
	int64_t now = clock_unix(d->clock);

	order_words(&o, "TIME", NULL);
	if (door_ask(d, a, &o, 1) && o.reply.kind == NODE_LIST)
		now = strtoll(o.reply.items[0].text, NULL, 10);
	arena_release(a);
	return now;
}

void
order_words(struct order *o, const char *word, ...)
{
	va_list ap;

	o->count = 0;
	va_start(ap, word);
	for (; word && o->count < ORDER_WORDS; word = va_arg(ap, const char *))
		o->words[o->count++] = (struct word){ word, strlen(word) };
	va_end(ap);
}
