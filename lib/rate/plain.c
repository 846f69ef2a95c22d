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
	PLACES = 4 /* of each */
};

struct known {
	uint64_t number; /* its key's */
	uint32_t since; /* Unix seconds: they fit until 2106 */
	uint32_t seconds; /* that it holds */
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

void
plain_learn(struct plain *p, const struct asked *w)
{
	if (!p->meters)
		p->meters = xcalloc(KNOWN_METERS, sizeof(*p->meters));
	for (unsigned i = 0; i < w->count && w->now > 0; i++) {
		const struct asked_meter *m = &w->meters[i];
		const int64_t rest = rest_of_step(m->seconds, w->now);
		const uint64_t number = number_of(p, m->key);

		if (m->amount > 0)
			*place_of(p, number) = (struct known){
				number, (uint32_t)w->now,
				(uint32_t)(rest < PLAIN_SECONDS ? rest
								: PLAIN_SECONDS)
			};
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

	return k && k->number == number && now >= k->since &&
		now - k->since < k->seconds
	    ? k
	    : NULL;
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

	return m->amount > 0 && k && k->since + 2 * m->seconds >= end;
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

static struct word
amounts_of(
    struct plain_charge *c, const struct plain_meter *meters, unsigned count)
{
	char *at = c->amounts;

	for (unsigned i = 0; i < count; i++) {
		at = text_number(at, (uint64_t)meters[i].amount);
		*at++ = ' ';
		at = text_number(at, (uint64_t)meters[i].warn);
		*at++ = ' ';
	}
	return (struct word){ c->amounts, (size_t)(at - c->amounts - 1) };
}

void
plain_charge(struct plain_charge *c, struct store *store,
    const struct plain_meter *meters, unsigned count, int64_t end,
    struct ticket *t)
{
	struct question *q = &c->question;

	memset(q, 0, offsetof(struct question, words));
	q->script = &script_charge;
	for (unsigned i = 0; i < count; i++)
		q->words[q->keys++] = meters[i].key;
	q->words[count] = lease_of(c, end);
	q->words[count + 1] = amounts_of(c, meters, count);
	q->count = count + 2;
	store_ask(store, q, t);
}
