/*
 * bill - charges, their sum, and their end
 */
#include "checks/bill.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "checks/meters.h"
#include "checks/named.h"

struct charged {
	struct named_one one;
	struct bill *bill;
	const char *context; /* the list's that asked about it */
	struct rate_open open;
};

/* As much as a limit can be. */
static const int64_t largest = INT64_C(1) << 50;

/* Digits, as Postfix writes them: strtoll() is dear. */
int64_t
bill_number(const char *text)
{
	int64_t n;

	if (!text_read_number(text, &n))
		return *text >= '0' && *text <= '9' ? largest : 0;
	return n < largest ? n : largest;
}

static void
add(struct amounts *sum, const struct amounts *n)
{
	for (int kind = 0; kind < RATE_METERS; kind++)
		sum->of[kind] += n->of[kind];
}

static bool
add_up(void *ctx, void *data)
{
	struct billed *b = ctx;
	const struct charged *c = data;

	if (!b->bill)
		b->bill = c->bill;
	add(&b->sum, &c->open.n);
	return true;
}

struct billed
bill_before(const struct facts *f)
{
	struct billed b = { .named = named_before(f) };

	charged_each(f, add_up, &b);
	return b;
}

static struct bill *
begin_bill(struct arena *a, const struct bill *begin)
{
	struct bill *b = arena_take(a, sizeof(*b));

	*b = *begin;
	b->meters = meters_copy(a, &begin->meters);
	b->context = *b->context ? arena_strdup(a, b->context) : "";
	return b;
}

bool
bill_has(const struct billed *before, const struct facts *f, const char *name,
    const char *context, bool *again)
{
	const struct charged *c = (const struct charged *)named_find(
	    before->named, f, name);

	*again = c && strcmp(c->context, context) == 0;
	return c != NULL;
}

void
bill_charge(const struct facts *f, const struct billed *before,
    const struct bill *begin, const char *name, const char *context,
    const struct rate_open *open)
{
	struct arena *a = charge_arena(f);
	struct charged *c = arena_take(a, sizeof(*c));

	named_make(f, before->named, &c->one, name);
	c->bill = before->bill ? before->bill : begin_bill(a, begin);
	c->context = strcmp(context, c->bill->context) == 0
	    ? c->bill->context
	    : arena_strdup(a, context);
	c->open = *open;
	charge(f, c);
}

/* Where nobody named anybody twice those count, too, that we were not asked
 * about. */
int64_t
bill_recipients(const struct bill *b, const struct named *named,
    const struct request *end, bool repeated)
{
	const int64_t told = bill_number(end->recipient_count);
	const int64_t known = named_count(named);

	if (known == 0 || (told > 0 && told <= known))
		return told;
	return told == 0 || repeated || b->twice || b->over ? known : told;
}

/* Of a message whose recipients were all over a limit nothing counts. */
static struct amounts
sent_by(const struct bill *b, const struct amounts *sum, void *const *data,
    size_t count, const struct ending *end)
{
	const struct named *named = named_all(data, count);
	struct amounts sent = { { 0 } };
	int64_t recipients;

	if (b->over && sum->of[RATE_MESSAGES] == 0)
		return sent;
	recipients = bill_recipients(b, named, end->by, end->repeated);
	sent.of[RATE_MESSAGES] = 1;
	sent.of[RATE_RECIPIENTS] = recipients;
	sent.of[RATE_BYTES] = bill_number(end->by->size);
	if (named_count(named) > recipients)
		sent.of[RATE_REFUSED] = named_count(named) - recipients;
	return sent;
}

static struct amounts
less(const struct amounts *n)
{
	struct amounts out;

	for (int kind = 0; kind < RATE_METERS; kind++)
		out.of[kind] = -n->of[kind];
	return out;
}

/* What need not wait for Redis is done with meters as they are; a question
 * that goes on its way has its own. */
static void
settle(const struct bill *b, const struct amounts *sent,
    const struct rate_open *open, size_t count, int64_t now,
    struct questions *qs)
{
	struct arena *a = questions_arena(qs);
	struct meters own;

	if (need_not_ask(
		qs, rate_settle(a, &b->meters, sent, open, count, now)))
		return;
	own = meters_copy(a, &b->meters);
	ask_prepared(qs, 0, rate_settle(a, &own, sent, open, count, now));
}

/* What was counted at once stays, but for a request that was refused. */
static void
settle_counted(const struct bill *b, const struct amounts *sum,
    const struct ending *end, struct questions *qs)
{
	const struct amounts n = less(sum);

	if (end->outcome == REFUSED && meters_sum(&b->meters, &n))
		settle(b, &n, NULL, 0, 0, qs);
}

static void
settle_open(const struct bill *b, const struct amounts *sent,
    const struct amounts *sum, const struct rate_open *open, size_t count,
    const struct ending *end, struct questions *qs)
{
	if (meters_sum(&b->meters, sent) || meters_sum(&b->meters, sum))
		settle(b, sent, open, count, end->by ? end->by->server_time : 0,
		    qs);
}

void
bill_settle(void *const *data, size_t count, const struct ending *end,
    struct questions *qs)
{
	const struct bill *b = ((const struct charged *)data[0])->bill;
	struct rate_open *open = arena_take(
	    questions_arena(qs), count * sizeof(*open));
	struct amounts sum = { { 0 } }, sent = { { 0 } };

	for (size_t i = 0; i < count; i++) {
		open[i] = ((const struct charged *)data[i])->open;
		add(&sum, &open[i].n);
	}
	if (b->at_once) {
		settle_counted(b, &sum, end, qs);
		return;
	}
	if (end->by)
		sent = sent_by(b, &sum, data, count, end);
	settle_open(b, &sent, &sum, open, count, end, qs);
}
