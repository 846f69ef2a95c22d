/*
 * rated - the check of rate as a function, and lib/rate played
 *
 * What Redis is told in which words is for the tests of lib/rate; here what is
 * asked of it is. For a test's one file: it takes the place of lib/rate.
 */
#ifndef CHECKS_RATED_H
#define CHECKS_RATED_H

#include <string.h>

#include "base/arena.h"
#include "checks/checks.h"
#include "kit/judged.h"
#include "kit/suite.h"
#include "rate/rate.h"

/* -- lib/rate, played: the words of a question say what it is asked for -- */

static const struct script rate_played = { "rate", "" };

const struct script *const rate_scripts[] = { NULL };

const char *
rate_meter_name(struct arena *a, enum rate_kind k, int64_t seconds)
{
	static const char *const kinds[] = { "messages", "recipients", "bytes",
		"networks", "refused" };
	static const struct {
		int64_t seconds;
		const char *name;
	} times[] = { { 60, "1m" }, { 3600, "1h" }, { 86400, "1d" } };
	size_t i = 0;

	while (times[i].seconds != seconds)
		i++;
	return arena_printf(a, "%s/%s", kinds[k], times[i].name);
}

const char *
rate_owner_name(enum rate_owner o)
{
	static const char *const names[] = { "mailbox", "domain", "server",
		"inbound", "trusted" };

	return names[o];
}

static struct word
word(const char *text)
{
	return (struct word){ text, strlen(text) };
}

struct word
rate_stem(struct arena *a, const char *prefix, enum rate_owner owner,
    const char *domain, const char *user)
{
	const char *tag = owner == OWNER_SERVER ? "(server)"
	    : domain                            ? domain
						: "(none)";
	const char *of = owner == OWNER_MAILBOX ? user
	    : owner >= OWNER_INBOUND            ? rate_owner_name(owner)
						: NULL;

	return word(arena_printf(
	    a, "%srate:{%s}%s%s", prefix, tag, of ? ":" : "", of ? of : ""));
}

struct word
rate_key_of(
    struct arena *a, struct word stem, enum rate_kind kind, int64_t seconds)
{
	return word(arena_printf(
	    a, "%s:%s", stem.text, rate_meter_name(a, kind, seconds)));
}

static void
add_word(struct question *q, const char *text)
{
	q->words[q->count++] = word(text);
}

/* "AMOUNT/LIMIT", and where that is not as usual, "~WARN". */
static const char *
limit_text(struct arena *a, const struct meter *m, int64_t amount)
{
	const char *text = arena_printf(
	    a, "%lld/%lld", (long long)amount, (long long)m->limit.count);

	return m->warn == 80
	    ? text
	    : arena_printf(a, "%s~%lld", text, (long long)m->warn);
}

static bool
is_charged(const struct meter *m, const struct amounts *n, const char *network)
{
	if (m->kind == RATE_NETWORKS)
		return network != NULL;
	return m->kind == RATE_REFUSED || n->of[m->kind] > 0;
}

struct question *
rate_charge(struct arena *a, const struct meters *m, const struct amounts *n,
    int64_t lease, const char *network, int64_t now, bool dry, bool alone)
{
	struct question *q = question_new(a, &rate_played, QUESTION_WORDS);
	const struct meter *end = m->items + m->count;

	assert_int_equal(now, 0);
	for (const struct meter *i = m->items; i < end; i++)
		if (is_charged(i, n, network))
			add_word(q, i->key.text);
	add_word(q, dry ? "dry" : alone ? "alone" : "charge");
	add_word(q, arena_printf(a, "%lld", (long long)lease));
	for (const struct meter *i = m->items; i < end; i++) {
		if (!is_charged(i, n, network))
			continue;
		if (i->kind == RATE_NETWORKS)
			add_word(q, network);
		add_word(q, limit_text(a, i, n->of[i->kind]));
	}
	return q;
}

/* A lone number, or what told_of() has. */
bool
rate_result(
    const struct answer *a, const struct meters *m, struct rate_result *out)
{
	const struct value *v = a->values;

	*out = (struct rate_result){ .charged = a->count == 1,
		.lease = v[0].number };
	if (a->count != 8)
		return a->count == 1;
	*out = (struct rate_result){ v[1].number != 0, v[2].number, NULL,
		v[3].number, v[4].number, v[5].number, v[6].number != 0,
		(enum loss)v[7].number };
	for (unsigned i = 0; i < m->count; i++)
		if (strcmp(m->items[i].key.text, v[0].text) == 0)
			out->meter = &m->items[i];
	return true;
}

/* "END=N,END=N", equal ends in one; "-" when nothing is open. */
static const char *
open_text(struct arena *a, const struct rate_open *open, size_t count, int kind)
{
	const char *text = "";

	for (size_t i = 0; i < count; i++) {
		int64_t sum = 0;
		bool before = false;

		for (size_t j = 0; j < count; j++) {
			if (open[j].lease != open[i].lease)
				continue;
			before |= j < i;
			sum += open[j].n.of[kind];
		}
		if (!before && sum > 0)
			text = arena_printf(a, "%s%s%lld=%lld", text,
			    *text ? "," : "", (long long)open[i].lease,
			    (long long)sum);
	}
	return *text ? text : "-";
}

struct question *
rate_settle(struct arena *a, const struct meters *m, const struct amounts *sent,
    const struct rate_open *open, size_t count, int64_t now)
{
	struct question *q = question_new(a, &rate_played, QUESTION_WORDS);
	const char *texts = "";

	assert_int_equal(now, 0);
	for (unsigned i = 0; i < m->count; i++) {
		const struct meter *one = &m->items[i];
		const int64_t n = sent->of[one->kind];
		const char *text = open_text(a, open, count, (int)one->kind);

		if (n == 0 && *text == '-')
			continue;
		add_word(q, one->key.text);
		texts = arena_printf(
		    a, "%s %lld %s", texts, (long long)n, text);
	}
	add_word(q, arena_printf(a, "settle%s", texts));
	return q;
}

/* -- the stage -- */

enum { LEASE_END = 1732191300 };

static struct conf *conf; /* of the one that is judged */

static inline void
complain(void *data, const char *file, int line, const char *text)
{
	(void)data;
	fail_msg("%s:%d: %s", file, line, text);
}

/* anna@example.org has logged in, under these settings of rate. */
static inline struct judged *
begin(const char *rate)
{
	struct judged *s = judged_begin();

	conf = conf_parse(
	    arena_printf(s->arena, "rate { mode = enforce\n%s }\n", rate),
	    "test", complain, NULL);
	assert_non_null(conf);
	s->set = conf->settings;
	s->login = judged_scope(s, "anna@example.org");
	s->req.class = AUTHENTICATED;
	s->req.sasl_username = "anna@example.org";
	s->req.policy_context = "";
	s->req.size = "1000";
	s->req.recipient_count = "0";
	return s;
}

static inline void
end(struct judged *s)
{
	judged_end(s);
	conf_unref(conf);
}

/* NULL: nothing. */
static inline const char *
asks(struct judged *s, const char *recipient)
{
	judged_anew(s);
	s->req.recipient = recipient;
	judged_ask(s, &check_rate);
	return s->asked;
}

static inline const char *
says(struct judged *s)
{
	return judged_says(s, &check_rate);
}

/* The answer to a charge: open until then, nobody near a limit. */
static inline void
charged_until(struct judged *s, int64_t until)
{
	judged_told(s,
	    &(struct answer){ .state = KNOWN,
		.count = 1,
		.values = { { .is_number = true, .number = until } } });
}

static inline void
charged(struct judged *s)
{
	charged_until(s, LEASE_END);
}

/* The answer that tells of a meter. */
struct told {
	const char *key;
	int64_t charged, lease, used, limit, next, first, alone;
};

static inline void
told_of(struct judged *s, const struct told *t)
{
	struct answer a = { .state = KNOWN, .count = 8 };
	const int64_t numbers[] = { 0, t->charged, t->lease, t->used, t->limit,
		t->next, t->first, t->alone };

	for (unsigned i = 1; i < a.count; i++)
		a.values[i] = (struct value){ .is_number = true,
			.number = numbers[i] };
	a.values[0] = (struct value){ .text = t->key, .size = strlen(t->key) };
	judged_told(s, &a);
}

/* Asked, charged and accepted. */
static inline void
accepts(struct judged *s, const char *recipient)
{
	if (asks(s, recipient))
		charged(s);
	assert_string_equal(says(s), "pass");
	judged_accepted(s);
}

static inline const char *
asks_at_the_end(struct judged *s, const char *recipients, const char *size)
{
	s->req.stage = AT_END_OF_MESSAGE;
	s->req.recipient_count = recipients;
	s->req.size = size;
	return asks(s, "");
}

static inline const char *
ends(struct judged *s, enum outcome outcome)
{
	return judged_ends(s, &check_rate,
	    &(struct ending){
		outcome, outcome == COMMITTED ? &s->req : NULL, s->repeated });
}

/* What is told Redis of a message that had so many recipients and bytes. */
static inline const char *
commits(struct judged *s, const char *recipients, const char *size)
{
	asks_at_the_end(s, recipients, size);
	charged(s);
	assert_string_equal(says(s), "pass");
	judged_accepted(s);
	return ends(s, COMMITTED);
}

/* -- what tests have in common -- */

#define MAILBOX "policyd:rate:{example.org}:anna:"
#define DOMAIN "policyd:rate:{example.org}:"
#define CHARGE " alone 900 "

#define MESSAGES "rate " MAILBOX "messages/1h" CHARGE "1/200"
#define BOTH                                                                   \
	"rate " MAILBOX "messages/1h " MAILBOX "recipients/1h" CHARGE          \
	"1/200 1/1000"
#define RECIPIENT "rate " MAILBOX "recipients/1h" CHARGE "1/1000"
#define LIMITS "messages = \"200/1h\" recipients = \"1000/1h\""

#define ALL_THREE                                                              \
	"messages = \"200/1h\" recipients = \"1000/1h\" bytes = \"1M/1h\" "    \
	"warn = 0"

#endif
