/*
 * false_zsets - commands for sorted sets
 */
#include "kit/false_call.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

static const char no_float[] = "ERR value is not a valid float";
static const char no_range[] = "ERR min or max is not a float";

static bool
score(struct word w, double *n)
{
	char *end;

	*n = strtod(w.text, &end);
	return w.size > 0 && end == w.text + w.size && !isnan(*n);
}

static double
score_of(const struct field *f)
{
	return strtod(f->value.text, NULL);
}

/* By score, then by name. */
static bool
before(const struct field *f, double n, struct word name)
{
	const double have = score_of(f);

	return have < n || (have == n && strcmp(f->name.text, name.text) < 0);
}

/* True when it is new. */
static bool
put(struct key *k, struct word name, double n)
{
	const bool new = !key_drop(k, name);
	struct field **at = &k->fields, *rest, *f;
	char text[32];

	snprintf(text, sizeof(text), "%.17g", n);
	while (*at && before(*at, n, name))
		at = &(*at)->next;
	rest = *at;
	*at = NULL;
	key_put(k, name, (struct word){ text, strlen(text) });
	for (f = k->fields; f->next; f = f->next)
		;
	f->next = rest;
	return new;
}

static int64_t
length(const struct key *k)
{
	int64_t n = 0;

	for (const struct field *f = k ? k->fields : NULL; f; f = f->next)
		n++;
	return n;
}

static struct resp
command_zadd(const struct call *c)
{
	struct key *k;
	int64_t added = 0;
	double n;

	if (c->count % 2)
		return call_error(call_syntax);
	for (size_t i = 2; i < c->count; i += 2)
		if (!score(c->words[i], &n))
			return call_error(no_float);
	if (!(k = call_make(c, KEY_ZSET)))
		return call_error(call_wrong_type);
	for (size_t i = 2; i < c->count; i += 2) {
		score(c->words[i], &n);
		added += put(k, c->words[i + 1], n);
	}
	return call_integer(added);
}

static struct resp
command_zcard(const struct call *c)
{
	struct key *k;

	if (!call_key(c, KEY_ZSET, &k))
		return call_error(call_wrong_type);
	return call_integer(length(k));
}

static struct resp
command_zscore(const struct call *c)
{
	struct key *k;

	if (!call_key(c, KEY_ZSET, &k))
		return call_error(call_wrong_type);
	return call_value(c, key_field(k, c->words[2]));
}

static struct resp
command_zrem(const struct call *c)
{
	struct key *k;
	int64_t gone = 0;

	if (!call_key(c, KEY_ZSET, &k))
		return call_error(call_wrong_type);
	for (size_t i = 2; k && i < c->count; i++)
		gone += key_drop(k, c->words[i]);
	call_done(c, k);
	return call_integer(gone);
}

/* -- ranges -- */

struct range {
	double least, most;
	bool above, below; /* without the ends themselves */
};

static bool
end_of(struct word w, double *n, bool *without)
{
	*without = w.size > 0 && w.text[0] == '(';
	if (*without)
		w = (struct word){ w.text + 1, w.size - 1 };
	return w.size == 0 ? (*n = 0, true) : score(w, n); /* as in Redis */
}

static bool
read_range(const struct call *c, struct range *r)
{
	return end_of(c->words[2], &r->least, &r->above) &&
	    end_of(c->words[3], &r->most, &r->below);
}

static bool
within(const struct range *r, const struct field *f)
{
	const double n = score_of(f);

	return (r->above ? n > r->least : n >= r->least) &&
	    (r->below ? n < r->most : n <= r->most);
}

/* Ranks, of which the negative ones count from the end. False: not numbers. */
static bool
read_ranks(
    const struct call *c, const struct key *k, int64_t *from, int64_t *to)
{
	const int64_t n = length(k);

	if (!call_number(c->words[2], from) || !call_number(c->words[3], to))
		return false;
	if (*from < 0)
		*from = *from + n < 0 ? 0 : *from + n;
	if (*to < 0)
		*to += n;
	return true;
}

static void
push_field(
    const struct call *c, struct resp *list, const struct field *f, bool scores)
{
	call_push(list, call_bytes(c, f->name));
	if (scores)
		call_push(list, call_value(c, f));
}

static struct resp
command_zcount(const struct call *c)
{
	struct range r;
	struct key *k;
	int64_t n = 0;

	if (!read_range(c, &r))
		return call_error(no_range);
	if (!call_key(c, KEY_ZSET, &k))
		return call_error(call_wrong_type);
	for (const struct field *f = k ? k->fields : NULL; f; f = f->next)
		n += within(&r, f);
	return call_integer(n);
}

static struct resp
command_zrange(const struct call *c)
{
	const bool scores = c->count == 5;
	struct resp list;
	int64_t from, to, rank = 0;
	struct key *k;

	if (scores && !call_is(c->words[4], "WITHSCORES"))
		return call_error(call_syntax);
	if (!call_key(c, KEY_ZSET, &k))
		return call_error(call_wrong_type);
	if (!read_ranks(c, k, &from, &to))
		return call_error(call_no_integer);
	list = call_array(c, 2 * (size_t)length(k));
	for (const struct field *f = k ? k->fields : NULL; f;
	     f = f->next, rank++)
		if (rank >= from && rank <= to)
			push_field(c, &list, f, scores);
	return list;
}

static struct resp
command_zrangebyscore(const struct call *c)
{
	const bool scores = c->count == 5;
	struct resp list;
	struct range r;
	struct key *k;

	if (scores && !call_is(c->words[4], "WITHSCORES"))
		return call_error(call_syntax);
	if (!read_range(c, &r))
		return call_error(no_range);
	if (!call_key(c, KEY_ZSET, &k))
		return call_error(call_wrong_type);
	list = call_array(c, 2 * (size_t)length(k));
	for (const struct field *f = k ? k->fields : NULL; f; f = f->next)
		if (within(&r, f))
			push_field(c, &list, f, scores);
	return list;
}

static struct resp
command_zremrangebyscore(const struct call *c)
{
	struct field *f, *next;
	struct range r;
	struct key *k;
	int64_t gone = 0;

	if (!read_range(c, &r))
		return call_error(no_range);
	if (!call_key(c, KEY_ZSET, &k))
		return call_error(call_wrong_type);
	for (f = k ? k->fields : NULL; f; f = next) {
		next = f->next;
		if (within(&r, f))
			gone += key_drop(k, f->name);
	}
	call_done(c, k);
	return call_integer(gone);
}

static struct resp
command_zremrangebyrank(const struct call *c)
{
	int64_t from, to, rank = 0, gone = 0;
	struct field *f, *next;
	struct key *k;

	if (!call_key(c, KEY_ZSET, &k))
		return call_error(call_wrong_type);
	if (!read_ranks(c, k, &from, &to))
		return call_error(call_no_integer);
	for (f = k ? k->fields : NULL; f; f = next, rank++) {
		next = f->next;
		if (rank >= from && rank <= to)
			gone += key_drop(k, f->name);
	}
	call_done(c, k);
	return call_integer(gone);
}

const struct command false_zsets[] = {
	{ "ZADD", 4, SIZE_MAX, GROWS, false, command_zadd },
	{ "ZCARD", 2, 2, READS, false, command_zcard },
	{ "ZCOUNT", 4, 4, READS, false, command_zcount },
	{ "ZSCORE", 3, 3, READS, false, command_zscore },
	{ "ZREM", 3, SIZE_MAX, FREES, false, command_zrem },
	{ "ZRANGE", 4, 5, READS, false, command_zrange },
	{ "ZRANGEBYSCORE", 4, 5, READS, false, command_zrangebyscore },
	{ "ZREMRANGEBYSCORE", 4, 4, FREES, false, command_zremrangebyscore },
	{ "ZREMRANGEBYRANK", 4, 4, FREES, false, command_zremrangebyrank },
	{ NULL, 0, 0, READS, false, NULL },
};
