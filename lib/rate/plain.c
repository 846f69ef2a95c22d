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
#include "rate/spell.h"

enum {
	KNOWN_METERS = 1 << 17, /* a power of two; 4 MB when all are used */
	PLACES = 8, /* of each: with 50,000 meters a hundredth finds none */
	NEAR_PART = 8 /* of a warning: so much less is near it */
};

/* Half a line of the processor's cache: a set of them is some four lines, of
 * which mostly the first or second is read. */
struct known {
	uint64_t number; /* its key's */
	uint32_t since; /* Unix seconds: they fit until 2106 */
	uint32_t seconds : 31; /* that it holds */
	uint32_t near : 1; /* a warning, in that time */
	int64_t earlier; /* counts of the window before */
	struct heat heat;
};

struct plain {
	uint64_t seed; /* a number that no stranger knows */
	struct known *meters; /* NULL: none is known */
	void *room; /* of them, and a line */
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
		free(p->room);
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

/* Seconds until the last one of its step, which may end with the window. Who
 * asks in that may be heard in the next step: then what others find between his
 * commands was sent in this one, and `current` may be `earlier` already. */
static int64_t
rest_of_step(int64_t seconds, int64_t now)
{
	const int64_t step = (seconds + 19) / 20, into = now % seconds;
	const int64_t rest = step - into % step;

	return (rest < seconds - into ? rest : seconds - into) - 1;
}

static bool
holds(const struct known *k, uint64_t number, int64_t now)
{
	return k->number == number && now >= k->since &&
	    now - k->since < k->seconds;
}

static void
learn(
    struct plain *p, const struct asked_meter *m, int64_t now, int64_t earlier)
{
	const int64_t rest = rest_of_step(m->seconds, now);
	const uint64_t number = number_of(p, m->key);
	struct known *k = place_of(p, number);
	const struct heat none = { 0 };

	if (m->amount > 0 && !(k->near && holds(k, number, now)))
		*k = (struct known){ number, (uint32_t)now,
			(uint32_t)(rest < PLAIN_SECONDS ? rest : PLAIN_SECONDS),
			0, earlier, k->number == number ? k->heat : none };
}

/* At the beginning of a line; what nobody uses is never touched. */
static void
make_room(struct plain *p)
{
	uintptr_t at;

	p->room = xcalloc(
	    KNOWN_METERS + CACHE_LINE / sizeof(*p->meters), sizeof(*p->meters));
	at = (uintptr_t)p->room + CACHE_LINE - 1;
	p->meters = (struct known *)(at - at % CACHE_LINE);
}

void
plain_learn(struct plain *p, const struct asked *w, const struct answer *a)
{
	const char *at = a->values[0].text;
	char *end;

	if (w->now == 0 || !at)
		return;
	if (!p->meters)
		make_room(p);
	for (unsigned i = 0; i < w->count; i++, at = end + 1) {
		const int64_t earlier = strtoll(at, &end, 10);

		if (*end != ';')
			return;
		learn(p, &w->meters[i], w->now, earlier);
	}
}

void
plain_forget(struct plain *p)
{
	free(p->room);
	p->room = p->meters = NULL;
}

static struct known *
begun(struct plain *p, struct word key, int64_t now)
{
	const uint64_t number = number_of(p, key);
	struct known *k = p->meters ? place_of(p, number) : NULL;

	return k && holds(k, number, now) ? k : NULL;
}

bool
plain_begun(struct plain *p, struct word key, int64_t now)
{
	return begun(p, key, now) != NULL;
}

bool
plain_may_charge(struct plain *p, const struct asked_meter *m, int64_t now,
    int64_t end, struct plain_step *step)
{
	struct known *k = begun(p, m->key, now);

	if (!k || k->near || m->amount <= 0 || k->since + 2 * m->seconds < end)
		return false;
	step->earlier = k->earlier;
	step->until = (int64_t)k->since + k->seconds;
	return true;
}

struct heat *
plain_heat(struct plain *p, struct word key)
{
	const uint64_t number = number_of(p, key);
	struct known *k = p->meters ? place_of(p, number) : NULL;

	return k && k->number == number ? &k->heat : NULL;
}

/* -- charging -- */

static struct word
lease_of(struct plain_charge *c, int64_t end)
{
	return (struct word){ c->lease,
		(size_t)(spell_lease(c->lease, end) - c->lease) };
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
write_commands(struct plain_charge *c, struct word lease)
{
	static const struct word current = { "current", 7 };
	char *at = c->amounts;

	c->question.script = &plain_commands;
	for (unsigned i = 0; i < c->count; i++) {
		const struct plain_meter *m = &c->meters[i];
		const struct word n = number_in(&at, sum_of(m));

		spell_add(&c->question, m->key, current, n);
		if (!m->noted)
			spell_add(&c->question, m->key, lease, n);
	}
}

/* Not below 0, where no number is written. */
static int64_t
bound_of(const struct plain_meter *m)
{
	const int64_t bound = m->more > 0 ? m->bound : m->warn;

	return bound > m->step.earlier ? bound - m->step.earlier : 0;
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
 * no number. To a sum that cannot be read nothing need be given back: for
 * rate.lua it is as before. */
static struct plain_said
judge(struct plain *p, const struct plain_meter *m, const struct value *current,
    const struct value *open)
{
	const int64_t used = m->step.earlier + current->number;
	const bool there = (!open || open->is_number) && current->is_number &&
	    current->number > sum_of(m);
	struct plain_said said = { 0 };

	said.current = current->is_number ||
		(open && current->loss == LOSS_SCRIPT)
	    ? sum_of(m)
	    : 0;
	said.open = open && open->is_number ? sum_of(m) : 0;
	said.fits = there && used - m->more < m->warn;
	said.fits_more = said.fits && m->more > 0 && used < m->bound;
	if (!there || is_near(m, used))
		learn_near(p, m, there);
	return said;
}

bool
plain_charged(struct plain *p, const struct plain_charge *c,
    const struct answer *a, struct plain_said said[PLAIN_MOST])
{
	const bool script = c->count > PLAIN_COMMANDS;
	const bool all = script && a->values[0].number != 0;
	const struct value *v = a->values;
	bool fit = true;

	for (unsigned i = 0; i < c->count; i++) {
		const struct plain_meter *m = &c->meters[i];
		const struct value *current = v,
				   *open = m->noted ? NULL : v + 1;

		if (script)
			said[i] = (struct plain_said){ all, all, 0, 0 };
		else
			said[i] = judge(p, m, current, open);
		v += open ? 2 : 1;
		fit &= said[i].fits;
	}
	return fit;
}
