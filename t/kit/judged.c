/*
 * judged - the engine and the registers, played
 */
#include "kit/judged.h"

#include <string.h>

#include "ask/dns/words.h"
#include "base/arena.h"
#include "conf/lookup.h"
#include "conf/replies.h"
#include "kit/suite.h"

struct facts {
	struct judged *stage;
	const struct check *check;
};

struct judged_charge {
	struct judged_charge *next;
	const struct check *check;
	void *data;
};

struct questions {
	struct judged *stage;
	const struct check *check; /* that asks */
	bool asked[JUDGED_SLOTS];
	unsigned added;
};

static struct judged *current; /* whose registers answer */

/* Where the real one is linked too, it is the one that counts. */
#define STANDS_IN __attribute__((weak))

/* -- the engine -- */

STANDS_IN const struct answer *
facts_get(const struct facts *f, unsigned slot)
{
	assert_in_range(slot, 0, JUDGED_SLOTS - 1);
	return &f->stage->answers[slot];
}

static void
add(struct questions *qs, unsigned slot, const struct question *q)
{
	struct judged *s = qs->stage;

	assert_in_range(slot, 0, JUDGED_SLOTS - 1);
	if (s->answers[slot].state != UNASKED)
		return;
	s->answers[slot].state = PENDING;
	s->questions[slot] = question_copy(s->arena, q);
	qs->added++;
	s->asks++;
	s->asked = s->asked ? arena_printf(s->arena, "%s; ", s->asked) : "";
	s->asked = arena_printf(s->arena, "%s%s", s->asked,
	    q->script ? q->script->name : dns_type_name((enum dns_type)q->dns));
	for (unsigned i = 0; i < q->count; i++)
		s->asked = arena_printf(s->arena, "%s %.*s", s->asked,
		    (int)q->words[i].size, q->words[i].text);
}

STANDS_IN void
ask_script(struct questions *qs, unsigned slot, struct question q)
{
	add(qs, slot, &q);
}

STANDS_IN void
ask_prepared(struct questions *qs, unsigned slot, struct question *q)
{
	add(qs, slot, q);
}

STANDS_IN bool
need_not_ask(struct questions *qs, const struct question *q)
{
	(void)q;
	return qs->stage->at_once;
}

STANDS_IN void
ask_once(struct questions *qs, unsigned slot, struct question q)
{
	add(qs, slot, &q);
	qs->stage->asked_once = qs->stage->asked;
}

/* No other check has asked. */
STANDS_IN bool
ask_shared(struct questions *qs, unsigned slot, const struct script *script)
{
	(void)qs;
	(void)slot;
	(void)script;
	return false;
}

STANDS_IN void
facts_leave(struct questions *qs, const void *found)
{
	qs->stage->left = found;
	qs->stage->left_by = qs->check;
}

STANDS_IN const void *
facts_left_by(const struct facts *f, const struct check *other)
{
	return f->stage->left_by == other ? f->stage->left : NULL;
}

STANDS_IN const void *
facts_left(const struct facts *f)
{
	return f->stage->left;
}

STANDS_IN struct arena *
questions_arena(struct questions *qs)
{
	return qs->stage->arena;
}

STANDS_IN struct arena *
charge_arena(const struct facts *f)
{
	return f->stage->arena;
}

STANDS_IN void
charge(const struct facts *f, void *data)
{
	struct judged *s = f->stage;
	struct judged_charge *c = arena_alloc(s->arena, sizeof(*c));

	*c = (struct judged_charge){ s->new_charges, f->check, data };
	s->new_charges = c;
}

STANDS_IN void
charged_each(
    const struct facts *f, bool (*each)(void *ctx, void *data), void *ctx)
{
	for (const struct judged_charge *c = f->stage->charges; c; c = c->next)
		if (c->check == f->check && !each(ctx, c->data))
			return;
}

STANDS_IN bool
facts_repeated(const struct facts *f)
{
	return f->stage->repeated;
}

STANDS_IN struct arena *
visit_arena(const struct facts *f)
{
	return f->stage->arena;
}

STANDS_IN void
charge_visit(const struct facts *f, void *data)
{
	assert_null(f->stage->charged);
	f->stage->charged = data;
}

STANDS_IN const void *
visit_charged(const struct facts *f)
{
	return f->stage->charged;
}

STANDS_IN unsigned
visits_charged(
    const struct facts *f, uint64_t within_ms, bool (*wanted)(const void *data))
{
	(void)within_ms;
	(void)wanted;
	return f->stage->served;
}

/* -- the configuration, which nobody frees -- */

STANDS_IN struct conf *
conf_ref(struct conf *c)
{
	return c;
}

STANDS_IN void
conf_unref(struct conf *c)
{
	(void)c;
}

/* -- the registers -- */

static const struct script read_script = { "read", "" },
			   connect_script = { "connect", "" },
			   disconnect_script = { "disconnect", "" },
			   index_script = { "index", "" };

static struct question
question(const struct script *script, const char *first, const char *second)
{
	return (struct question){ .script = script,
		.keys = 1,
		.count = 2,
		.words = {
		    { first, strlen(first) }, { second, strlen(second) } } };
}

STANDS_IN const char *
register_client(struct arena *a, const struct address *address)
{
	struct network n = network_of(address, address->family == 4 ? 32 : 64);

	return address->family == 4
	    ? address_text(address, arena_alloc(a, ADDRESS_TEXT))
	    : network_text(&n, arena_alloc(a, NETWORK_TEXT));
}

STANDS_IN struct question
register_read(struct arena *a, const struct conf *conf,
    const struct address *client, const char *domain)
{
	assert_ptr_equal(conf, &current->conf);
	return question(&read_script, register_client(a, client), domain);
}

STANDS_IN bool
register_entry(const struct answer *a, struct register_entry *out)
{
	*out = (struct register_entry){ 0 };
	if (a->count == 1)
		*out = current->entry;
	return a->count == 1;
}

STANDS_IN struct question
register_connect(struct arena *a, const struct conf *conf,
    const struct address *client, const char *lease, bool dry)
{
	assert_ptr_equal(conf, &current->conf);
	assert_int_equal(dry, current->req.dry);
	return question(&connect_script, register_client(a, client), lease);
}

STANDS_IN struct question
register_disconnect(struct arena *a, const struct conf *conf,
    const struct address *client, const char *lease)
{
	assert_ptr_equal(conf, &current->conf);
	return question(&disconnect_script, register_client(a, client), lease);
}

STANDS_IN bool
register_load(const struct answer *a, struct register_load *out)
{
	*out = current->load;
	return a->count == 1;
}

STANDS_IN struct question
register_index(struct arena *a, const struct conf *conf,
    enum register_name which, const struct address *client, int64_t until)
{
	assert_ptr_equal(conf, &current->conf);
	assert_int_equal(which, REGISTER_BAN);
	return question(&index_script, register_client(a, client),
	    arena_printf(a, "%lld", (long long)until));
}

/* -- the stage -- */

static void
complain(void *data, const char *file, int line, const char *text)
{
	(void)data;
	fail_msg("%s:%d: %s", file ? file : "", line, text);
}

const struct lookups *
judged_table(struct judged *s, const char *item)
{
	return lookups_open(s->arena, &item, 1, complain, NULL);
}

struct scope
judged_scope(struct judged *s, const char *address)
{
	const char *at = strchr(address, '@');

	return (struct scope){ .address = address,
		.mailbox = address,
		.user = at
		    ? arena_memdup(s->arena, address, (size_t)(at - address))
		    : "",
		.domain = at ? at + 1 : address,
		.set = &s->set,
		.domain_set = &s->set };
}

static void
set_scopes(struct judged *s)
{
	s->recipient = judged_scope(s, s->req.recipient);
	s->recipient.local = s->recipient.known = true;
	s->login = judged_scope(s, "");
	s->sender = judged_scope(s, "");
	s->req.recipient_scope = &s->recipient;
	s->req.login_scope = &s->login;
	s->req.sender_scope = &s->sender;
	for (int i = 0; i < WHOSE_COUNT; i++)
		s->req.sets[i] = &s->set;
}

struct judged *
judged_begin(void)
{
	struct arena *a = arena_new();
	struct judged *s = arena_alloc(a, sizeof(*s));

	s->arena = a;
	s->conf.realm = "";
	s->conf.prefix = "policyd:";
	s->lists = lists_new(JUDGED_NOW);
	s->req = (struct request){ .arena = a,
		.conf = &s->conf,
		.set = &s->set,
		.lists = s->lists,
		.stage = AT_RCPT,
		.class = INBOUND,
		.unix_time = JUDGED_NOW,
		.client_address = "192.0.2.7",
		.client_name = "mx.example.org",
		.client_port = "40000",
		.server_address = "192.0.2.25",
		.server_port = "25",
		.sender = "anna@example.org",
		.recipient = "jo@example.net" };
	address_parse(&s->req.client, s->req.client_address);
	s->conf.local_domains = judged_table(s, "example.net");
	s->conf.mailboxes = judged_table(s, "redis:");
	set_scopes(s);
	current = s;
	return s;
}

void
judged_end(struct judged *s)
{
	lists_unref(s->lists);
	arena_release(s->arena);
	arena_pool_clear();
}

void
judged_list(struct judged *s, enum list_name which, const char *pattern,
    const char *record)
{
	const struct list_record r = { pattern, record };

	assert_null(lists_fill(s->lists, which, &r, 1, 0));
}

void
judged_told(struct judged *s, const struct answer *a)
{
	for (int i = 0; i < JUDGED_SLOTS; i++)
		if (s->answers[i].state == PENDING)
			s->answers[i] = *a;
}

void
judged_answered(struct judged *s)
{
	judged_told(s, &(struct answer){ .state = KNOWN, .count = 1 });
}

void
judged_lost(struct judged *s, enum loss loss)
{
	judged_told(s, &(struct answer){ .state = LOST, .loss = loss });
}

void
judged_ask(struct judged *s, const struct check *c)
{
	const struct facts facts = { s, c };
	struct questions qs = { .stage = s, .check = c, .added = 1 };

	while (c->ask && qs.added > 0) {
		qs.added = 0;
		c->ask(&s->req, &facts, &qs);
	}
}

void
judged_accepted(struct judged *s)
{
	struct judged_charge **end = &s->new_charges;

	while (*end)
		end = &(*end)->next;
	*end = s->charges;
	s->charges = s->new_charges;
	s->new_charges = NULL;
}

void
judged_refused(struct judged *s)
{
	s->new_charges = NULL;
}

static const char *
add_detail(struct judged *s, const char *text, const struct detail *d)
{
	return d->text
	    ? arena_printf(s->arena, "%s %s=%s", text, d->name, d->text)
	    : arena_printf(
		  s->arena, "%s %s=%lld", text, d->name, (long long)d->number);
}

struct verdict
judged_verdict(struct judged *s, const struct check *c)
{
	const struct facts facts = { s, c };

	return c->judge(&s->req, &facts);
}

const char *
judged_says(struct judged *s, const struct check *c)
{
	const struct verdict v = judged_verdict(s, c);
	const char *text = verdict_name(v.kind);

	if (v.kind == VERDICT_REFUSE)
		text = arena_printf(
		    s->arena, "%s %s", text, reply_rows[v.reply].name);
	if (v.kind == VERDICT_UNKNOWN)
		text = arena_printf(s->arena, "%s %s", text, loss_name(v.loss));
	for (unsigned i = 0; i < v.count; i++)
		text = add_detail(s, text, &v.details[i]);
	return text;
}

void
judged_anew(struct judged *s)
{
	memset(s->answers, 0, sizeof(s->answers));
	s->asked = s->asked_once = NULL;
	s->left = NULL;
	s->left_by = NULL;
}

const char *
judged_settles(struct judged *s, const struct check *c)
{
	struct questions qs = { .stage = s };

	judged_anew(s);
	c->settle(&s->charged, 1, &(struct ending){ RELEASED }, &qs);
	return s->asked;
}

enum { CHARGES = 2000 };

static size_t
gather(const struct judged_charge *c, const struct check *check, void **data)
{
	size_t n = 0;

	for (; c; c = c->next)
		if (c->check == check && n < CHARGES)
			data[n++] = c->data;
	return n;
}

const char *
judged_ends(
    struct judged *s, const struct check *c, const struct ending *ending)
{
	struct questions qs = { .stage = s };
	void *data[CHARGES];
	const bool alone = ending->outcome == REFUSED;
	const size_t n = gather(alone ? s->new_charges : s->charges, c, data);

	judged_anew(s);
	if (n > 0)
		c->settle(data, n, ending, &qs);
	if (alone)
		s->new_charges = NULL;
	else
		s->charges = NULL;
	return s->asked;
}

const char *
judged_hears(struct judged *s, const struct check *c, const struct check *by)
{
	struct questions qs = { .stage = s };

	judged_anew(s);
	c->refused(&s->req, by, &qs);
	return s->asked;
}
