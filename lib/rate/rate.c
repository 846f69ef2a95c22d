/*
 * rate - meters, questions about them, and what their answers say
 *
 * What they do is told in rate.lua, which Redis runs; here are their words.
 */
#include "rate/rate.h"

#include <stdlib.h>
#include <string.h>

#include "ask/key.h"
#include "base/address.h"
#include "base/arena.h"
#include "base/text.h"
#include "rate/asked.h"

extern const struct script script_rate, script_charge, script_settle;

const struct script *const rate_scripts[] = { &script_rate, &script_charge,
	&script_settle, NULL };

static const char *const kinds[] = {
	[RATE_MESSAGES] = "messages",
	[RATE_RECIPIENTS] = "recipients",
	[RATE_BYTES] = "bytes",
	[RATE_NETWORKS] = "networks",
	[RATE_REFUSED] = "refused",
};

static const char *const owners[] = {
	[OWNER_MAILBOX] = "mailbox",
	[OWNER_DOMAIN] = "domain",
	[OWNER_SERVER] = "server",
	[OWNER_INBOUND] = "inbound",
	[OWNER_TRUSTED] = "trusted",
};

const char *
rate_kind_name(enum rate_kind k)
{
	return kinds[k];
}

const char *
rate_owner_name(enum rate_owner o)
{
	return owners[o];
}

/* -- names -- */

static char *
add_text(char *out, const char *text)
{
	const size_t size = strlen(text);

	memcpy(out, text, size);
	return out + size;
}

enum { NAME = 16 + TEXT_DIGITS }; /* "recipients/1d" */

static void
meter_name(char *out, enum rate_kind kind, int64_t seconds)
{
	static const struct {
		char name;
		int64_t seconds;
	} units[] = { { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };
	size_t u = 0;

	while (seconds % units[u].seconds != 0)
		u++;
	out = add_text(out, kinds[kind]);
	*out++ = '/';
	out = text_number(out, (uint64_t)(seconds / units[u].seconds));
	*out++ = units[u].name;
	*out = '\0';
}

const char *
rate_meter_name(struct arena *a, enum rate_kind k, int64_t seconds)
{
	char *out = arena_take(a, NAME);

	meter_name(out, k, seconds);
	return out;
}

/* What no domain is called has the meters of none: as a tag it would be the
 * server's, or a client's. */
static const char *
tag_of(enum rate_owner owner, const char *domain)
{
	struct address any;

	if (owner == OWNER_SERVER)
		return "(server)";
	if (!domain)
		return "(none)";
	if ((owner == OWNER_MAILBOX || owner == OWNER_DOMAIN) &&
	    (*domain == '(' || address_parse(&any, domain)))
		return "(none)";
	return domain;
}

struct word
rate_key(struct arena *a, const char *prefix, enum rate_owner owner,
    const char *domain, const char *user, enum rate_kind kind, int64_t seconds)
{
	char name[NAME];
	const char *parts[2] = { NULL, name };
	const char *tag = tag_of(owner, domain);

	meter_name(name, kind, seconds);
	if (owner == OWNER_MAILBOX)
		parts[0] = user ? user : "";
	else if (owner == OWNER_INBOUND || owner == OWNER_TRUSTED)
		parts[0] = owners[owner];
	return parts[0] ? key_make(a, prefix, "rate", tag, parts, 2)
			: key_make(a, prefix, "rate", tag, parts + 1, 1);
}

/* -- words -- */

/* The numbers of some meters, with a blank behind each. */
struct text {
	char *from, *at;
};

static struct text
text_of(struct arena *a, unsigned numbers)
{
	char *from = arena_take(a, numbers * (TEXT_DIGITS + 2));

	return (struct text){ from, from };
}

static void
add_number(struct text *t, int64_t n, char behind)
{
	if (n < 0)
		*t->at++ = '-';
	t->at = text_number(t->at, n < 0 ? -(uint64_t)n : (uint64_t)n);
	*t->at++ = behind;
}

/* Without what is behind the last number. */
static struct word
text_end(struct text *t)
{
	if (t->at > t->from)
		t->at--;
	*t->at = '\0';
	return (struct word){ t->from, (size_t)(t->at - t->from) };
}

static void
add_word(struct question *q, struct word w)
{
	q->words[q->count++] = w;
}

static void
add_key(struct question *q, const struct meter *m)
{
	add_word(q, m->key);
	q->keys++;
}

/* What is asked for, with room for so many numbers of meters. */
static struct text
line_of(struct arena *a, const char *what, unsigned numbers)
{
	struct text t = text_of(a, 4 + numbers);

	t.at = add_text(t.at, what);
	*t.at++ = ' ';
	return t;
}

static int64_t
limit_of(const struct meter *m)
{
	return m->limit.count > 0 ? m->limit.count : ASKED_UNLIMITED;
}

/* What somebody is told at: "80 percent of 3" is 3. */
static int64_t
warning_of(const struct meter *m)
{
	if (m->limit.count == 0)
		return ASKED_UNLIMITED;
	if (m->warn == 0)
		return m->limit.count + 1;
	return (m->limit.count * m->warn + 99) / 100;
}

static void
add_limit(struct text *t, const struct meter *m)
{
	add_number(t, warning_of(m), ' ');
	add_number(t, limit_of(m), ' ');
	add_number(t, m->limit.seconds, ' ');
}

/* Behind the others, with words of their own; only if there are any. */
static void
add_networks(struct question *q, struct arena *a, const struct meters *m,
    const char *network)
{
	struct text t = text_of(a, 3 * m->count);

	for (unsigned i = 0; i < m->count; i++)
		if (m->items[i].kind == RATE_NETWORKS)
			add_limit(&t, &m->items[i]);
	if (t.at == t.from)
		return;
	add_word(q, (struct word){ network, strlen(network) });
	add_word(q, text_end(&t));
}

static void
add_network_keys(struct question *q, const struct meters *m)
{
	for (unsigned i = 0; i < m->count; i++)
		if (m->items[i].kind == RATE_NETWORKS)
			add_key(q, &m->items[i]);
}

/* -- charging -- */

/* Others with nothing to charge have no say. */
static bool
is_counted(const struct meter *m, const struct amounts *n)
{
	return m->kind != RATE_NETWORKS &&
	    (n->of[m->kind] > 0 || m->kind == RATE_REFUSED);
}

/* Where all that is asked of a meter is to open a lease whose end can be told,
 * it is mostly done at once; 0: rate.lua has to look closer. */
static int64_t
end_of(int64_t lease, const char *network, int64_t now, bool dry)
{
	if (now == 0 || lease == 0 || network || dry)
		return 0;
	return asked_end(now, lease);
}

struct question
rate_charge(struct arena *a, const struct meters *m, const struct amounts *n,
    int64_t lease, const char *network, int64_t now, bool dry, bool alone)
{
	struct question q = { .script = &script_rate };
	const char *what = dry ? "charge-dry"
	    : alone            ? "charge-alone"
			       : "charge";
	struct text t = line_of(a, what, 3 + 4 * m->count);

	add_number(&t, end_of(lease, network, now, dry), ' ');
	add_number(&t, now, ' ');
	add_number(&t, lease, ' ');
	for (unsigned i = 0; i < m->count; i++) {
		if (!is_counted(&m->items[i], n))
			continue;
		add_key(&q, &m->items[i]);
		add_number(&t, n->of[m->items[i].kind], ' ');
		add_limit(&t, &m->items[i]);
	}
	if (network)
		add_network_keys(&q, m);
	q.read_only = dry && !network; /* PFCOUNT may write */
	add_word(&q, text_end(&t));
	if (network)
		add_networks(&q, a, m, network);
	return q;
}

/* What stands in the answer when a meter refuses or warns. */
enum { KEY, CHARGED, LEASE, USED, LIMIT, NEXT, FIRST, VALUES, LOSS = VALUES };

static const struct meter *
find_meter(const struct meters *m, struct word key)
{
	for (unsigned i = 0; i < m->count; i++)
		if (m->items[i].key.size == key.size &&
		    memcmp(m->items[i].key.text, key.text, key.size) == 0)
			return &m->items[i];
	return NULL;
}

static bool
is_result(const struct answer *a)
{
	if (a->state != KNOWN || (a->count != VALUES && a->count != VALUES + 1))
		return false;
	for (unsigned i = CHARGED; i < a->count; i++)
		if (!a->values[i].is_number)
			return false;
	return a->values[KEY].text != NULL;
}

bool
rate_result(
    const struct answer *a, const struct meters *m, struct rate_result *out)
{
	const struct value *v = a->values;

	*out = (struct rate_result){ 0 };
	if (a->state == KNOWN && a->count == 1 && v->is_number) {
		out->charged = true;
		out->lease = v->number;
		return true;
	}
	if (!is_result(a))
		return false;
	*out = (struct rate_result){
		.charged = v[CHARGED].number != 0,
		.lease = v[LEASE].number,
		.meter = find_meter(
		    m, (struct word){ v[KEY].text, v[KEY].size }),
		.used = v[USED].number,
		.limit = v[LIMIT].number,
		.next = v[NEXT].number,
		.first = v[FIRST].number != 0,
		.alone = a->count > LOSS ? (enum loss)v[LOSS].number
					 : LOSS_NONE,
	};
	return out->meter != NULL || v[KEY].size == 0;
}

struct answer
asked_answer(const struct asked_said *said)
{
	struct answer a = { .state = KNOWN, .count = VALUES + 1 };
	const int64_t numbers[] = {
		[CHARGED] = said->charged,
		[USED] = said->used,
		[LIMIT] = said->limit,
		[NEXT] = said->next,
		[FIRST] = said->first,
		[LOSS] = said->alone,
	};

	for (unsigned i = CHARGED; i < a.count; i++)
		a.values[i] = (struct value){ .number = numbers[i],
			.is_number = true };
	a.values[KEY].text = said->key.size ? said->key.text : "";
	a.values[KEY].size = said->key.size;
	return a;
}

/* -- settling -- */

/* Adds to the lease with that end; those that do not fit are left alone. */
static void
add_lease(struct asked_lease *leases, size_t *count, int64_t end, int64_t n)
{
	size_t i = 0;

	while (i < *count && leases[i].end != end)
		i++;
	if (n == 0 || i == ASKED_LEASES)
		return;
	if (i == *count)
		leases[(*count)++] = (struct asked_lease){ end, 0 };
	leases[i].n += n;
}

static void
add_leases(struct text *t, const struct asked_lease *leases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		add_number(t, leases[i].end, '=');
		add_number(t, leases[i].n, i + 1 < count ? ',' : ' ');
	}
	if (count == 0)
		t->at = add_text(t->at, "- ");
}

struct question
rate_settle(struct arena *a, const struct meters *m, const struct amounts *sent,
    const struct rate_open *open, size_t count, int64_t now)
{
	struct question q = { .script = &script_rate };
	const unsigned most = count < ASKED_LEASES ? (unsigned)count
						   : ASKED_LEASES;
	struct text t = line_of(a, "settle", 1 + m->count * (3 + 2 * most));

	add_number(&t, now, ' ');
	for (unsigned i = 0; i < m->count; i++) {
		const struct meter *one = &m->items[i];
		struct asked_lease leases[ASKED_LEASES];
		size_t used = 0;

		for (size_t o = 0; o < count; o++)
			add_lease(leases, &used, open[o].lease,
			    open[o].n.of[one->kind]);
		if (one->kind == RATE_NETWORKS ||
		    (sent->of[one->kind] == 0 && used == 0))
			continue;
		add_key(&q, one);
		add_number(&t, sent->of[one->kind], ' ');
		add_number(&t, one->limit.seconds, ' ');
		add_leases(&t, leases, used);
	}
	add_word(&q, text_end(&t));
	return q;
}

/* -- for administrators -- */

/* All meters with their limits. */
static struct question
about_all(
    struct arena *a, const struct meters *m, const char *what, int64_t now)
{
	struct question q = { .script = &script_rate };
	struct text t = line_of(a, what, 1 + 2 * m->count);

	add_number(&t, now, ' ');
	for (unsigned i = 0; i < m->count; i++) {
		const struct meter *one = &m->items[i];

		if (one->kind == RATE_NETWORKS)
			continue;
		add_key(&q, one);
		add_number(&t, limit_of(one), ' ');
		add_number(&t, one->limit.seconds, ' ');
	}
	add_network_keys(&q, m);
	add_word(&q, text_end(&t));
	add_networks(&q, a, m, "");
	return q;
}

struct question
rate_look(struct arena *a, const struct meters *m, int64_t now)
{
	return about_all(a, m, "look", now);
}

static bool
read_state(const char **at, struct rate_state *s)
{
	int64_t *const numbers[] = { &s->used, &s->open, &s->window,
		&s->current, &s->previous, &s->granted, &s->granted_until,
		&s->next };
	char *end;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		*numbers[i] = strtoll(*at, &end, 10);
		if (end == *at)
			return false;
		*at = end;
	}
	return *(*at)++ == ';';
}

/* In the order of the question: networks last. */
bool
rate_state(
    const struct answer *a, const struct meters *m, struct rate_state *out)
{
	const char *at = a->values[0].text;

	if (a->state != KNOWN || a->count != 1 || !at)
		return false;
	for (int networks = 0; networks < 2; networks++)
		for (unsigned i = 0; i < m->count; i++)
			if ((m->items[i].kind == RATE_NETWORKS) == networks &&
			    !read_state(&at, &out[i]))
				return false;
	return *at == '\0';
}

struct question
rate_grant(struct arena *a, const struct meter *m, int64_t n, int64_t until)
{
	struct question q = { .script = &script_rate };
	struct text t = line_of(a, "grant", 4);

	add_key(&q, m);
	add_number(&t, 0, ' ');
	add_number(&t, n, ' ');
	add_number(&t, until, ' ');
	add_number(&t, m->limit.seconds, ' ');
	add_word(&q, text_end(&t));
	return q;
}

struct question
rate_reset(struct arena *a, const struct meters *m, bool all)
{
	return about_all(a, m, all ? "clear" : "reset", 0);
}
