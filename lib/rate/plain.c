/*
 * plain - which steps have begun, and what is charged within them
 *
 * What is known of a meter stands at one of the places that its key's hash
 * says; who comes when they are taken takes the oldest over. Then the script is
 * asked once more than need be.
 */
#include "rate/plain.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/text.h"

enum {
	KNOWN_METERS = 1 << 17, /* a power of two; 2 MB when all are used */
	PLACES = 4, /* of each */
	NEAR_PART = 8 /* of a warning: so much less is near it */
};

struct known {
	uint64_t number; /* its key's */
	uint32_t since; /* Unix seconds: they fit until 2106 */
	uint32_t seconds : 31; /* that it holds */
	uint32_t near : 1; /* a warning, in that time */
};

struct plain {
	uint64_t seed; /* a number that no stranger knows */
	struct known *meters; /* NULL: none is known */
};

extern const struct script script_charge;

struct plain *
plain_new(void)
{
	struct plain *p = xcalloc(1, sizeof(*p));

	p->seed = hash_seed();
	return p;
}

void
plain_free(struct plain *p)
{
	if (p)
		free(p->meters);
	free(p);
}

/* -- what is known -- */

static uint64_t
number_of(const struct plain *p, struct word key)
{
	return hash_bytes(p->seed, key.text, key.size);
}

/* Its own place, or the one to take over. */
static struct known *
place_of(struct plain *p, uint64_t number)
{
	struct known *k = &p->meters[number & (KNOWN_METERS - PLACES)],
		     *oldest = k;

	for (int i = 0; i < PLACES; i++, k++) {
		if (k->number == number)
			return k;
		if (k->since < oldest->since)
			oldest = k;
	}
	return oldest;
}

/* Seconds that a step lasts from `now` on: it ends with the window, too. */
static int64_t
rest_of_step(int64_t seconds, int64_t now)
{
	const int64_t step = (seconds + 19) / 20, into = now % seconds;
	const int64_t rest = step - into % step;

	return rest < seconds - into ? rest : seconds - into;
}

static bool
holds(const struct known *k, uint64_t number, int64_t now)
{
	return k->number == number && now >= k->since &&
	    now - k->since < k->seconds;
}

void
plain_learn(struct plain *p, const struct asked *w)
{
	if (!p->meters)
		p->meters = xcalloc(KNOWN_METERS, sizeof(*p->meters));
	for (unsigned i = 0; i < w->count && w->now > 0; i++) {
		const struct asked_meter *m = &w->meters[i];
		const int64_t rest = rest_of_step(m->seconds, w->now);
		const uint64_t number = number_of(p, m->key);
		struct known *k = place_of(p, number);

		if (m->amount > 0 && !(k->near && holds(k, number, w->now)))
			*k = (struct known){ number, (uint32_t)w->now,
				(uint32_t)(rest < PLAIN_SECONDS
					? rest
					: PLAIN_SECONDS) };
	}
}

void
plain_forget(struct plain *p)
{
	free(p->meters);
	p->meters = NULL;
}

static const struct known *
begun(struct plain *p, struct word key, int64_t now)
{
	const uint64_t number = number_of(p, key);
	const struct known *k = p->meters ? place_of(p, number) : NULL;

	return k && holds(k, number, now) ? k : NULL;
}

bool
plain_begun(struct plain *p, struct word key, int64_t now)
{
	return begun(p, key, now) != NULL;
}

bool
plain_may_charge(
    struct plain *p, const struct asked_meter *m, int64_t now, int64_t end)
{
	const struct known *k = begun(p, m->key, now);

	return m->amount > 0 && k && !k->near &&
	    k->since + 2 * m->seconds >= end;
}

/* -- charging -- */

static struct word
lease_of(struct plain_charge *c, int64_t end)
{
	static const char name[] = "open:";

	memcpy(c->lease, name, sizeof(name) - 1);
	return (struct word){ c->lease,
		(size_t)(text_number(
			     c->lease + sizeof(name) - 1, (uint64_t)end) -
		    c->lease) };
}

static int64_t
sum_of(const struct plain_meter *m)
{
	return m->amount + m->more;
}

static struct word
number_in(char **at, int64_t n)
{
	char *from = *at;

	*at = text_number(from, (uint64_t)n);
	return (struct word){ from, (size_t)(*at - from) };
}

static void
add_command(
    struct question *q, struct word key, struct word field, struct word n)
{
	static const struct word name = { "HINCRBY", 7 };

	if (q->count > 0)
		q->words[q->count++] = (struct word){ NULL, 0 };
	q->words[q->count++] = name;
	q->words[q->count++] = key;
	q->words[q->count++] = field;
	q->words[q->count++] = n;
}

static void
write_commands(struct plain_charge *c, struct word lease)
{
	static const struct word used = { "used", 4 };
	char *at = c->amounts;

	c->question.script = &plain_commands;
	for (unsigned i = 0; i < c->count; i++) {
		const struct plain_meter *m = &c->meters[i];
		const struct word n = number_in(&at, sum_of(m));

		add_command(&c->question, m->key, lease, n);
		add_command(&c->question, m->key, used, n);
	}
}

static int64_t
bound_of(const struct plain_meter *m)
{
	return m->more > 0 ? m->bound : m->warn;
}

static void
write_script(struct plain_charge *c, struct word lease)
{
	struct question *q = &c->question;
	char *at = c->amounts;

	q->script = &script_charge;
	for (unsigned i = 0; i < c->count; i++) {
		q->words[q->keys++] = c->meters[i].key;
		number_in(&at, sum_of(&c->meters[i]));
		*at++ = ' ';
		number_in(&at, bound_of(&c->meters[i]));
		*at++ = ' ';
	}
	q->words[q->keys] = lease;
	q->words[q->keys + 1] = (struct word){ c->amounts,
		(size_t)(at - c->amounts - 1) };
	q->count = q->keys + 2;
}

void
plain_charge(
    struct plain_charge *c, struct store *store, int64_t end, struct ticket *t)
{
	memset(&c->question, 0, offsetof(struct question, words));
	if (c->count <= PLAIN_COMMANDS)
		write_commands(c, lease_of(c, end));
	else
		write_script(c, lease_of(c, end));
	store_ask(store, &c->question, t);
}

/* -- judging -- */

/* `used` is not what is far from the warning. */
static bool
is_near(const struct plain_meter *m, int64_t used)
{
	return used >= m->warn - m->warn / NEAR_PART;
}

static void
learn_near(struct plain *p, const struct plain_meter *m, bool there)
{
	const uint64_t number = number_of(p, m->key);
	struct known *k = p->meters ? place_of(p, number) : NULL;

	if (!k || k->number != number)
		return;
	if (there)
		k->near = 1;
	else
		*k = (struct known){ 0 };
}

/* Nothing is as small where somebody has sent before; and what is no meter has
 * no number. Where only `used` was charged there is nothing to give back: of
 * the lease it would be somebody else's, and the next close look sums up. */
static struct plain_said
judge(struct plain *p, const struct plain_meter *m, const struct value *open,
    const struct value *used)
{
	const bool there = open->is_number && used->is_number &&
	    used->number > sum_of(m);
	struct plain_said said = { 0 };

	said.counts = open->is_number;
	said.fits = there && used->number - m->more < m->warn;
	said.fits_more = said.fits && m->more > 0 && used->number < m->bound;
	if (!there || is_near(m, used->number))
		learn_near(p, m, there);
	return said;
}

bool
plain_charged(struct plain *p, const struct plain_charge *c,
    const struct answer *a, struct plain_said said[PLAIN_MOST])
{
	const bool script = c->count > PLAIN_COMMANDS;
	const bool all = script && a->values[0].number != 0;
	bool fit = true;

	for (unsigned i = 0; i < c->count; i++) {
		if (script)
			said[i] = (struct plain_said){ all, all, false };
		else
			said[i] = judge(p, &c->meters[i], &a->values[2 * i],
			    &a->values[2 * i + 1]);
		fit &= said[i].fits;
	}
	return fit;
}
