/*
 * false_dns - records in the order in which they were told
 */
#include "kit/false_dns.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/clock.h"
#include "kit/words.h"

enum { DEADLINE_MS = 2000 };

struct told {
	struct told *next;
	const char *name;
	enum dns_type type;
	struct dns_record record;
};

struct unwell {
	struct unwell *next;
	const char *name;
	enum loss loss;
};

struct false_dns {
	struct store store;
	struct clock *clock;
	struct arena *arena; /* of all that was told */
	struct told *told, **end;
	struct unwell *unwell; /* the newest first */
	uint64_t delay_ms, deadline_ms;
	unsigned asked, open;
};

/* A question on its way; its words are the asker's until it was answered. */
struct pending {
	struct timer timer;
	struct false_dns *dns;
	struct ticket *ticket;
	const struct question *question;
	enum loss loss;
};

/* -- answers -- */

static enum loss
loss_of(const struct false_dns *d, const char *name)
{
	for (const struct unwell *u = d->unwell; u; u = u->next)
		if (strcmp(u->name, "*") == 0 || strcmp(u->name, name) == 0)
			return u->loss;
	return LOSS_NONE;
}

static void
look(const struct false_dns *d, const struct question *q,
    struct dns_record *records, struct dns_message *m)
{
	*m = (struct dns_message){ .outcome = DNS_NO_NAME, .records = records };
	if (!dns_is_name(q->words[0].text))
		return;
	for (const struct told *t = d->told; t; t = t->next) {
		if (strcmp(t->name, q->words[0].text) != 0)
			continue;
		if (t->type == q->dns && m->count < DNS_RECORDS)
			records[m->count++] = t->record;
		m->outcome = m->count > 0 ? DNS_FOUND : DNS_NO_DATA;
	}
}

static struct answer
answer(const struct false_dns *d, struct arena *a, const struct question *q,
    enum loss loss)
{
	struct answer answer = { .state = LOST, .loss = loss };
	struct dns_record records[DNS_RECORDS];
	struct dns_message m;
	struct word packed;

	if (loss != LOSS_NONE)
		return answer;
	look(d, q, records, &m);
	packed = dns_pack(a, &m);
	answer.state = KNOWN;
	answer.count = 2;
	answer.values[0] = (struct value){ .number = m.outcome,
		.is_number = true };
	answer.values[1] = (struct value){ packed.text, packed.size };
	return answer;
}

struct answer
false_dns_answer(
    const struct false_dns *d, struct arena *a, const struct question *q)
{
	return answer(d, a, q, loss_of(d, q->words[0].text));
}

static void
tell(struct timer *timer)
{
	struct pending *p = (struct pending *)timer; /* its first member */
	struct arena *a = arena_new();
	const struct answer told = answer(p->dns, a, p->question, p->loss);

	p->dns->open--;
	p->ticket->answered(p->ticket, &told);
	arena_release(a);
	free(p);
}

static void
ask(struct store *s, const struct question *q, struct ticket *t)
{
	struct false_dns *d = (struct false_dns *)s;
	struct pending *p = xcalloc(1, sizeof(*p));
	const bool late = d->delay_ms > d->deadline_ms;

	assert(!q->script && q->count == 1);
	p->timer.fire = tell;
	p->dns = d;
	p->ticket = t;
	p->question = q;
	p->loss = late ? LOSS_TIMEOUT : loss_of(d, q->words[0].text);
	d->asked++;
	d->open++;
	timer_start(&p->timer, d->clock,
	    p->loss == LOSS_TIMEOUT ? d->deadline_ms : d->delay_ms);
}

static void
health(const struct store *s, struct store_health *h)
{
	const struct false_dns *d = (const struct false_dns *)s;

	*h = (struct store_health){ .state = "ready",
		.where = "nowhere",
		.error = "",
		.asked = d->asked,
		.in_flight = d->open };
}

/* -- what there is -- */

struct false_dns *
false_dns_new(struct clock *clock)
{
	struct false_dns *d = xcalloc(1, sizeof(*d));

	d->store = (struct store){ .ask = ask, .health = health };
	d->clock = clock;
	d->arena = arena_new();
	d->end = &d->told;
	d->deadline_ms = DEADLINE_MS;
	return d;
}

void
false_dns_free(struct false_dns *d)
{
	if (!d)
		return;
	assert(d->open == 0);
	arena_release(d->arena);
	free(d);
}

struct store *
false_dns_store(struct false_dns *d)
{
	return &d->store;
}

static enum dns_type
type_of(const char *word)
{
	static const enum dns_type types[] = { DNS_A, DNS_AAAA, DNS_MX, DNS_PTR,
		DNS_TXT };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(dns_type_name(types[i]), word) == 0)
			return types[i];
	return DNS_NONE;
}

static bool
read_address(struct false_dns *d, const char *text, unsigned char family,
    struct dns_record *r)
{
	struct address address;

	if (!address_parse(&address, text) || address.family != family)
		return false;
	r->size = family == 4 ? 4 : 16;
	r->data = arena_memdup(d->arena, (const char *)address.bytes, r->size);
	return true;
}

static bool
read_record(struct false_dns *d, enum dns_type type, const char *data,
    struct dns_record *r)
{
	*r = (struct dns_record){ .preference = 10 };
	if (type == DNS_A || type == DNS_AAAA)
		return read_address(d, data, type == DNS_A ? 4 : 6, r);
	r->data = type == DNS_TXT ? arena_strdup(d->arena, data)
				  : dns_name(d->arena, data);
	r->size = strlen(r->data);
	return type != DNS_NONE;
}

static bool
put(struct false_dns *d, const char *name, const char *type, const char *data)
{
	struct told *t = arena_alloc(d->arena, sizeof(*t));

	t->name = dns_name(d->arena, name);
	t->type = type_of(type);
	if (!read_record(d, t->type, data, &t->record))
		return false;
	*d->end = t;
	d->end = &t->next;
	return true;
}

static void
lose(struct false_dns *d, const char *name, enum loss loss)
{
	struct unwell *u = arena_alloc(d->arena, sizeof(*u));

	*u = (struct unwell){ d->unwell, dns_name(d->arena, name), loss };
	d->unwell = u;
}

bool
false_dns_tell(struct false_dns *d, const char *line)
{
	static const struct {
		const char *word;
		enum loss loss;
	} states[] = { { "!well", LOSS_NONE }, { "!servfail", LOSS_DNS },
		{ "!silence", LOSS_TIMEOUT } };
	size_t count;
	const char *const *words = words_cut(d->arena, line, &count);
	const char *data = "";

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (words && count == 2 &&
		    strcmp(words[1], states[i].word) == 0) {
			lose(d, words[0], states[i].loss);
			return true;
		}
	for (size_t i = 2; words && i < count; i++)
		data = arena_printf(
		    d->arena, "%s%s%s", data, i > 2 ? " " : "", words[i]);
	return words && count > 2 && put(d, words[0], words[1], data);
}

void
false_dns_delay(struct false_dns *d, uint64_t ms)
{
	d->delay_ms = ms;
}

void
false_dns_deadline(struct false_dns *d, uint64_t ms)
{
	d->deadline_ms = ms;
}

unsigned
false_dns_asked(const struct false_dns *d)
{
	return d->asked;
}
