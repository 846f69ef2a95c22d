/*
 * asker - questions with numbers
 */
#include "kit/asker.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ask/ticker.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"

/* On a busy machine Redis may take its time, unless a test is about that. */
enum { PATIENCE_MS = 60 * 1000, REDIS_MS = 20 * 1000 };

const struct script asker_script = { "asker",
	"redis.call('INCR', KEYS[1]) return {1, ARGV[1]}\n" };

struct asked {
	struct ticket ticket;
	struct question question;
	struct asker *asker;
	char number[16];
	uint64_t since_ms;
	bool told;
};

static void
take_line(enum log_level level, const char *text, void *data)
{
	struct asker *a = data;
	const size_t used = strlen(a->log);
	(void)level;

	snprintf(a->log + used, sizeof(a->log) - used, "%s\n", text);
}

void
asker_init(struct asker *a, const char *server)
{
	*a = (struct asker){ .server = server, .closed = true };
	a->conf.prefix = "test:";
	a->conf.redis.servers = (struct list){ server ? 1 : 0, &a->server };
	a->conf.redis.deadline_ms = REDIS_MS;
	a->conf.redis.connect_ms = REDIS_MS;
	a->conf.redis.max_in_flight = 4096;
	a->conf.redis.max_bytes = 2 * 1024 * 1024;
	a->conf.redis.child_memory = 64 * 1024 * 1024;
	signal(SIGPIPE, SIG_IGN);
	log_redirect(take_line, a);
	assert_int_equal(uv_loop_init(&a->loop), 0);
	a->clock = clock_new();
	a->ticker = ticker_new(&a->loop, a->clock);
}

void
asker_open(struct asker *a, const struct script *const *scripts, bool own_child)
{
	static const struct script *const own[] = { &asker_script, NULL };

	a->redis = redis_open(
	    &a->loop, a->clock, &a->conf, scripts ? scripts : own, own_child);
	a->closed = a->redis == NULL;
}

static uint64_t
now_ms(const struct asker *a)
{
	return clock_us(a->clock) / 1000;
}

static void
on_answer(struct ticket *t, const struct answer *answer)
{
	struct asked *q = (struct asked *)t;
	struct asker *a = q->asker;
	const uint64_t ms = now_ms(a) - q->since_ms;

	if (q->told) {
		a->twice++;
		return;
	}
	q->told = true;
	a->pending--;
	if (ms > a->slowest_ms)
		a->slowest_ms = ms;
	if (answer->state == KNOWN) {
		a->known++;
		if (*q->number &&
		    (answer->count != 2 || !answer->values[1].text ||
			strcmp(answer->values[1].text, q->number) != 0))
			a->crossed++;
	} else {
		a->lost[answer->loss]++;
	}
}

/* The memory stays until the loop is closed, so that an answer too many is
 * seen and no crash. */
static void
keep(struct asked *q)
{
	static struct arena *kept;

	if (q && !kept)
		kept = arena_new();
	if (q) {
		arena_defer(kept, free, q);
	} else {
		arena_release(kept);
		kept = NULL;
	}
}

static struct asked *
prepare(struct asker *a)
{
	struct asked *q = calloc(1, sizeof(*q));

	keep(q);
	q->asker = a;
	q->ticket.answered = on_answer;
	q->since_ms = now_ms(a);
	return q;
}

static void
send_question(struct asker *a, struct asked *q)
{
	const unsigned pending = ++a->pending;

	store_ask(redis_store(a->redis), &q->question, &q->ticket);
	assert_int_equal(a->pending, pending); /* not from inside */
}

void
asker_ask(struct asker *a)
{
	struct asked *q = prepare(a);

	snprintf(q->number, sizeof(q->number), "%u", a->asked++);
	q->question = (struct question){ .script = &asker_script,
		.keys = 1,
		.count = 2,
		.words = {
		    { "test:count", 10 }, { q->number, strlen(q->number) } } };
	send_question(a, q);
}

void
asker_ask_this(struct asker *a, const struct question *question)
{
	struct asked *q = prepare(a);

	q->question = *question;
	send_question(a, q);
}

struct single {
	struct ticket ticket;
	bool told;
	enum loss loss;
	char text[1024];
};

static void
on_single(struct ticket *t, const struct answer *answer)
{
	struct single *s = (struct single *)t;

	s->told = true;
	s->loss = answer->loss;
	if (answer->count > 0) {
		const struct value *v = &answer->values[answer->count - 1];

		if (v->is_number)
			snprintf(s->text, sizeof(s->text), "%lld",
			    (long long)v->number);
		else
			snprintf(s->text, sizeof(s->text), "%s",
			    v->text ? v->text : "(nil)");
	}
}

enum loss
asker_do(struct asker *a, const struct question *q, const char **text)
{
	static struct single s;
	const uint64_t start = now_ms(a);

	s = (struct single){ .ticket.answered = on_single };
	store_ask(redis_store(a->redis), q, &s.ticket);
	assert_false(s.told);
	while (!s.told && now_ms(a) - start < PATIENCE_MS)
		uv_run(&a->loop, UV_RUN_ONCE);
	assert_true(s.told);
	if (text)
		*text = s.text;
	return s.loss;
}

bool
asker_settle(struct asker *a)
{
	const uint64_t start = now_ms(a);

	while (a->pending > 0 && now_ms(a) - start < PATIENCE_MS)
		uv_run(&a->loop, UV_RUN_ONCE);
	return a->pending == 0;
}

const char *
asker_state(struct asker *a)
{
	struct store *store = redis_store(a->redis);
	struct store_health h;

	store->health(store, &h);
	return h.state;
}

static void
on_tick(uv_timer_t *t)
{
	(void)t;
}

/* The loop must not sleep past the time. */
static void
turn(struct asker *a, bool (*enough)(struct asker *, const void *),
    const void *data, unsigned ms)
{
	const uint64_t start = now_ms(a);
	uv_timer_t tick;

	uv_timer_init(&a->loop, &tick);
	uv_timer_start(&tick, on_tick, 1, 2);
	while (!enough(a, data) && now_ms(a) - start < ms)
		uv_run(&a->loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&tick, NULL);
	uv_run(&a->loop, UV_RUN_NOWAIT);
}

static bool
is_in_state(struct asker *a, const void *state)
{
	return strcmp(asker_state(a), state) == 0;
}

static bool
never(struct asker *a, const void *data)
{
	(void)a;
	(void)data;
	return false;
}

static bool
is_closed(struct asker *a, const void *data)
{
	(void)data;
	return a->closed;
}

bool
asker_until(struct asker *a, const char *state)
{
	turn(a, is_in_state, state, PATIENCE_MS);
	return is_in_state(a, state);
}

void
asker_run(struct asker *a, unsigned ms)
{
	turn(a, never, NULL, ms);
}

unsigned
asker_logged(const struct asker *a, const char *text)
{
	unsigned count = 0;

	for (const char *p = a->log; (p = strstr(p, text)) != NULL; p++)
		count++;
	return count;
}

static void
on_closed(void *data)
{
	((struct asker *)data)->closed = true;
}

void
asker_close(struct asker *a)
{
	if (a->closed)
		return;
	redis_close(a->redis, on_closed, a);
	a->redis = NULL;
	turn(a, is_closed, NULL, PATIENCE_MS);
	assert_true(a->closed);
	assert_int_equal(a->pending, 0);
	assert_int_equal(a->twice, 0);
	assert_int_equal(a->crossed, 0);
}

void
asker_clear(struct asker *a)
{
	asker_close(a);
	ticker_free(a->ticker);
	uv_run(&a->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&a->loop), 0);
	clock_free(a->clock);
	keep(NULL);
	arena_pool_clear();
	log_redirect(NULL, NULL);
}
