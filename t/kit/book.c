/*
 * book - one question at a time
 */
#include "kit/book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "kit/suite.h"

enum { RESULT, ENTRY, LOAD, ANY };

static void
wrong_conf(void *data, const char *file, int line, const char *text)
{
	(void)data;
	fail_msg("%s:%d: %s", file, line, text);
}

struct book *
book_begin(const char *conf)
{
	struct book *b = xcalloc(1, sizeof(*b));

	b->arena = arena_new();
	b->clock = clock_new_virtual(NOON);
	b->redis = false_redis_new(b->clock);
	b->conf = conf_parse(conf, "book", wrong_conf, NULL);
	assert_non_null(b->conf);
	return b;
}

void
book_end(struct book *b)
{
	false_redis_free(b->redis);
	clock_free(b->clock);
	conf_unref(b->conf);
	arena_release(b->arena);
	arena_pool_clear();
	free(b);
}

void
book_wait(struct book *b, int64_t seconds)
{
	clock_turn(b->clock, 1000 * (uint64_t)seconds);
}

int64_t
book_now(const struct book *b)
{
	return clock_unix(b->clock);
}

/* -- asking -- */

static struct address
address(const char *text)
{
	struct address a;

	if (!address_parse(&a, text))
		fail_msg("'%s' is no address", text);
	return a;
}

static void
keep_text(struct book *b, const struct answer *a)
{
	size_t used = 0;

	b->text[0] = '\0';
	for (unsigned i = 0; i < a->count && used < sizeof(b->text); i++) {
		const struct value *v = &a->values[i];
		const char *comma = i > 0 ? "," : "";

		if (v->is_number)
			used += (size_t)snprintf(b->text + used,
			    sizeof(b->text) - used, "%s%lld", comma,
			    (long long)v->number);
		else
			used += (size_t)snprintf(b->text + used,
			    sizeof(b->text) - used, "%s%s", comma,
			    v->text ? v->text : "(nil)");
	}
}

/* Texts of an answer are gone with it. */
static void
keep_entry(struct book *b, const struct answer *a)
{
	assert_true(register_entry(a, &b->is));
	b->is.ban_reason = arena_strdup(b->arena, b->is.ban_reason);
	b->is.ban_by = arena_strdup(b->arena, b->is.ban_by);
}

static void
answered(struct ticket *t, const struct answer *a)
{
	struct book *b = (struct book *)t;

	b->answered = a->state == KNOWN;
	b->loss = a->loss;
	if (a->state != KNOWN)
		return;
	if (b->kind == RESULT)
		assert_true(register_result(a, &b->did));
	else if (b->kind == ENTRY)
		keep_entry(b, a);
	else if (b->kind == LOAD)
		assert_true(register_load(a, &b->load));
	else
		keep_text(b, a);
}

static void
ask(struct book *b, unsigned kind, struct question q)
{
	memset(&b->did, 0, sizeof(b->did));
	memset(&b->is, 0, sizeof(b->is));
	memset(&b->load, 0, sizeof(b->load));
	b->kind = kind;
	b->ticket.answered = answered;
	b->loss = LOSS_COUNT;
	store_ask(false_redis_store(b->redis), &q, &b->ticket);
	clock_turn(b->clock, 0);
	assert_int_not_equal(b->loss, LOSS_COUNT);
}

void
book_ask(struct book *b, const struct question *q)
{
	ask(b, ANY, *q);
}

/* -- questions -- */

void
book_failure(struct book *b, const char *client, const struct failure *failure)
{
	const struct address a = address(client);

	ask(b, RESULT, register_failure(b->arena, b->conf, &a, failure));
}

void
book_fail_as(
    struct book *b, const char *client, const char *user, const char *hash)
{
	const struct failure f = { user, hash, SERVICE_SMTP, 1 };

	book_failure(b, client, &f);
}

void
book_fail(struct book *b, const char *client)
{
	book_fail_as(b, client, "alice", "");
}

void
book_strike(struct book *b, const char *client, const char *reason)
{
	const struct address a = address(client);

	ask(b, RESULT, register_strike(b->arena, b->conf, &a, reason, "feed"));
}

void
book_ban(struct book *b, const char *client, int64_t seconds)
{
	const struct address a = address(client);

	ask(b, RESULT,
	    register_ban(b->arena, b->conf, &a, seconds, "by hand", "root"));
}

void
book_lift(struct book *b, const char *client, enum register_name which)
{
	const struct address a = address(client);

	ask(b, RESULT, register_lift(b->arena, b->conf, &a, which, "root"));
}

void
book_report(struct book *b, const char *client, const char *reporter)
{
	const struct address a = address(client);

	ask(b, RESULT,
	    register_spam(b->arena, b->conf, &a, reporter,
		conf_settings(b->conf, reporter)));
}

void
book_connect(struct book *b, const char *client, const char *lease)
{
	const struct address a = address(client);

	ask(b, LOAD, register_connect(b->arena, b->conf, &a, lease, false));
}

void
book_connect_dry(struct book *b, const char *client, const char *lease)
{
	const struct address a = address(client);

	ask(b, LOAD, register_connect(b->arena, b->conf, &a, lease, true));
}

void
book_disconnect(struct book *b, const char *client, const char *lease)
{
	const struct address a = address(client);

	ask(b, RESULT, register_disconnect(b->arena, b->conf, &a, lease));
}

void
book_index(
    struct book *b, const char *client, enum register_name which, int64_t until)
{
	const struct address a = address(client);

	ask(b, ANY, register_index(b->arena, b->conf, which, &a, until));
}

const struct register_entry *
book_read(struct book *b, const char *client, const char *domain)
{
	const struct address a = address(client);

	ask(b, ENTRY, register_read(b->arena, b->conf, &a, domain));
	return &b->is;
}

/* -- looking behind -- */

static const char *
text_of(struct arena *a, const struct resp *r)
{
	const char *all = "";

	switch (r->kind) {
	case RESP_NIL:
		return "";
	case RESP_INTEGER:
		return arena_printf(a, "%lld", (long long)r->number);
	case RESP_ARRAY:
		for (size_t i = 0; i < r->count; i++)
			all = arena_printf(a, "%s%s%s", all, i ? " " : "",
			    text_of(a, &r->items[i]));
		return all;
	default:
		return r->text.text;
	}
}

const char *
book_do(struct book *b, const char *const *words)
{
	const struct resp r = false_redis_command(b->redis, b->arena, words);

	return text_of(b->arena, &r);
}

const char *
book_field(struct book *b, const char *key, const char *field)
{
	return BOOK_DO(b, "HGET", key, field);
}

int64_t
book_ttl(struct book *b, const char *key)
{
	return atoll(BOOK_DO(b, "TTL", key));
}
