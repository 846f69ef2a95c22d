/*
 * register - questions about a client, and what their answers say
 *
 * What they do is told in register.lua, client.lua and index.lua, which Redis
 * runs; here are their words.
 */
#include "register/register.h"

#include <string.h>

#include "ask/key.h"
#include "base/arena.h"
#include "register/words.h"

extern const struct script script_client, script_register, script_index,
    script_list, script_lists, script_version, script_account;

const struct script *const register_scripts[] = { &script_client,
	&script_register, &script_index, &script_list, &script_lists,
	&script_version, &script_account, NULL };

static const char *const names[] = { "abuse", "spam", "ban" };
static const char *const services[] = { "smtp", "imap", "pop3" };

enum { SERVICES = sizeof(services) / sizeof(services[0]) };

const char *
register_name(enum register_name n)
{
	return names[n];
}

/* -- clients -- */

const char *
register_client(struct arena *a, const struct address *address)
{
	char *out = arena_alloc(a, NETWORK_TEXT);
	struct network net;

	net = network_of(address, address_client_bits(address));
	return net.bits == 64 ? network_text(&net, out)
			      : address_text(address, out);
}

bool
register_client_parse(const char *client, struct address *out)
{
	struct network net;

	if (!network_parse(&net, client) ||
	    net.bits != address_client_bits(&net.base))
		return false;
	*out = net.base;
	return true;
}

/* -- words -- */

static void
add_key(struct question *q, struct arena *a, const struct conf *conf,
    const char *name, const char *client, const char *part)
{
	q->words[q->count++] = key_make(
	    a, conf->prefix, name, client, &part, *part != '\0');
	q->keys++;
}

/* Part of the key of an abuse register. */
static const char *
apart(const struct conf *conf, enum register_service service)
{
	return conf->settings.abuse.services == SERVICES_APART
	    ? services[service]
	    : "";
}

/* -- reading -- */

struct question
register_read_for(struct arena *a, const struct conf *conf,
    const struct address *client, const char *domain,
    enum register_service service)
{
	struct question q = { .script = &script_client, .read_only = true };

	add_key(&q, a, conf, "client", register_client(a, client), "");
	words_add(&q, key_component(a, domain));
	if (conf->settings.abuse.services == SERVICES_APART)
		words_add(&q, services[service]);
	return q;
}

struct question
register_read(struct arena *a, const struct conf *conf,
    const struct address *client, const char *domain)
{
	return register_read_for(a, conf, client, domain, SERVICE_SMTP);
}

static bool
all_numbers(const struct answer *a, unsigned count)
{
	if (a->state != KNOWN || a->count != count)
		return false;
	for (unsigned i = 0; i < count; i++)
		if (!a->values[i].is_number)
			return false;
	return true;
}

bool
register_entry(const struct answer *a, struct register_entry *out)
{
	enum {
		UNTIL,
		SINCE,
		LEVEL,
		REASON,
		BY,
		ABUSE,
		FAILURES,
		LAST,
		SPAM,
		REPORTERS,
		VALUES
	};
	const struct value *v = a->values;

	*out = (struct register_entry){ .ban_reason = "", .ban_by = "" };
	if (all_numbers(a, 1) && v->number == 0)
		return true;
	if (a->count != VALUES)
		return false;
	for (unsigned i = 0; i < VALUES; i++)
		if (v[i].is_number == (i == REASON || i == BY))
			return false;
	*out = (struct register_entry){
		.banned = v[UNTIL].number != 0,
		.ban_until = v[UNTIL].number,
		.ban_since = v[SINCE].number,
		.ban_level = v[LEVEL].number,
		.ban_reason = v[REASON].text ? v[REASON].text : "",
		.ban_by = v[BY].text ? v[BY].text : "",
		.abuse_until = v[ABUSE].number,
		.abuse_failures = v[FAILURES].number,
		.abuse_last = v[LAST].number,
		.spam_until = v[SPAM].number,
		.spam_reporters = v[REPORTERS].number,
	};
	return true;
}

/* -- writing -- */

static const char *
ladder(struct arena *a, const struct conf *conf)
{
	const struct times *t = &conf->strikes.ladder;
	const char *text = "";

	for (size_t i = 0; i < t->count; i++)
		text = t->items[i] == PERMANENT
		    ? arena_printf(a, "%s permanent", text)
		    : arena_printf(a, "%s %lld", text, (long long)t->items[i]);
	return text;
}

/* What is only observed has no consequences: nobody climbs a ladder for it. */
static bool
is_observed(const struct conf *conf, const char *what)
{
	const struct settings *s = &conf->settings;

	if (strcmp(what, "failure") == 0)
		return s->abuse.policy.mode != MODE_ENFORCE;
	if (strcmp(what, "connect") == 0)
		return s->connections.policy.mode != MODE_ENFORCE;
	return false;
}

/* What each write begins with. All keys are named: which of them are written
 * is for the script to find out. */
static struct question
begin(struct arena *a, const struct conf *conf, const struct address *client,
    const char *what, const char *service)
{
	static const char *const keys[] = { "spam", "ban", "strikes", "conn",
		"pace" };
	const char *name = register_client(a, client);
	struct question q = { .script = &script_register };

	add_key(&q, a, conf, "client", name, "");
	add_key(&q, a, conf, "abuse", name, service);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		add_key(&q, a, conf, keys[i], name, "");
	if (strcmp(what, "lift") == 0 || strcmp(what, "ban") == 0)
		for (int i = 0; i < SERVICES; i++)
			add_key(&q, a, conf, "abuse", name, services[i]);
	words_add(&q, what);
	words_add(&q, is_observed(conf, what) ? "" : ladder(a, conf));
	words_number(&q, a, conf->strikes.memory);
	return q;
}

struct question
register_failure(struct arena *a, const struct conf *conf,
    const struct address *client, const struct failure *f)
{
	struct question q = begin(
	    a, conf, client, "failure", apart(conf, f->service));
	const char *name = key_component(a, f->user);
	const char *user = arena_memdup(a, name, strnlen(name, WORDS_ONE));

	words_number(&q, a, conf->settings.abuse.failures);
	words_number(&q, a, conf->settings.abuse.window);
	words_number(&q, a, conf->settings.abuse.listed);
	words_number(&q, a, f->failures);
	words_add(&q, user);
	words_add(&q,
	    *f->hash ? arena_printf(a, "%s/%s", user, key_component(a, f->hash))
		     : "");
	return q;
}

struct question
register_strike(struct arena *a, const struct conf *conf,
    const struct address *client, const char *reason, const char *by)
{
	struct question q = begin(a, conf, client, "strike", "");

	words_add(&q, words_clean(a, reason, "unknown"));
	words_add(&q, words_clean_one(a, by));
	return q;
}

struct question
register_ban(struct arena *a, const struct conf *conf,
    const struct address *client, int64_t seconds, const char *reason,
    const char *by)
{
	struct question q = begin(a, conf, client, "ban", "");

	words_number(&q, a, seconds);
	words_add(&q, words_clean(a, reason, ""));
	words_add(&q, words_clean_one(a, by));
	return q;
}

struct question
register_lift(struct arena *a, const struct conf *conf,
    const struct address *client, enum register_name which, const char *by)
{
	struct question q = begin(a, conf, client, "lift", "");

	words_add(&q, names[which]);
	words_add(&q, words_clean_one(a, by));
	return q;
}

struct question
register_spam(struct arena *a, const struct conf *conf,
    const struct address *client, const char *reporter,
    const struct settings *own)
{
	const struct settings *all = &conf->settings;
	const char *at = strrchr(reporter, '@');
	const char *domain = at ? key_component(a, at + 1) : "";
	const char *user = key_component(a,
	    at ? arena_memdup(a, reporter, (size_t)(at - reporter)) : reporter);
	struct question q = begin(a, conf, client, "spam", "");

	words_add(&q, arena_printf(a, "%s@%s", user, domain));
	words_add(&q, domain);
	words_number(&q, a, all->spam_source.reporters);
	words_number(&q, a, all->spam_source.window);
	words_number(&q, a, all->spam_source.listed);
	words_number(&q, a, all->spam_source.domains);
	words_number(&q, a, own->spam_source.reporters);
	words_number(&q, a, own->spam_source.window);
	words_number(&q, a, own->spam_source.listed);
	return q;
}

bool
register_result(const struct answer *a, struct register_result *out)
{
	const struct value *v = a->values;

	*out = (struct register_result){ 0 };
	if (!all_numbers(a, 7))
		return false;
	*out = (struct register_result){
		.counted = v[0].number != 0,
		.listed = v[1].number != 0,
		.banned = v[2].number != 0,
		.failures = v[3].number,
		.until = v[4].number,
		.ban_until = v[5].number,
		.level = v[6].number,
	};
	return true;
}

struct question
register_index(struct arena *a, const struct conf *conf,
    enum register_name which, const struct address *client, int64_t until)
{
	struct question q = { .script = &script_index, .keys = 1, .count = 1 };

	q.words[0] = key_make(a, conf->prefix, "index", NULL, &names[which], 1);
	words_add(&q, register_client(a, client));
	words_number(&q, a, until);
	words_number(
	    &q, a, which == REGISTER_ABUSE ? conf->settings.abuse.cap : 0);
	return q;
}

/* -- connections -- */

struct question
register_connect(struct arena *a, const struct conf *conf,
    const struct address *client, const char *lease, bool dry)
{
	struct question q = begin(a, conf, client, "connect", "");

	q.read_only = dry;
	words_add(&q, *lease ? words_clean_one(a, lease) : "");
	words_number(&q, a, conf->settings.connections.lease);
	words_number(&q, a, conf->settings.connections.address);
	words_number(&q, a, conf->settings.connections.rate.count);
	words_number(&q, a, conf->settings.connections.rate.seconds);
	words_number(&q, a, dry);
	return q;
}

struct question
register_disconnect(struct arena *a, const struct conf *conf,
    const struct address *client, const char *lease)
{
	struct question q = begin(a, conf, client, "disconnect", "");

	words_add(&q, *lease ? words_clean_one(a, lease) : "");
	return q;
}

bool
register_load(const struct answer *a, struct register_load *out)
{
	const struct value *v = a->values;

	*out = (struct register_load){ 0 };
	if (!all_numbers(a, 6))
		return false;
	*out = (struct register_load){
		.open = v[0].number,
		.rate = v[1].number,
		.flood = v[2].number != 0,
		.taken = v[3].number != 0,
		.ban_until = v[4].number,
		.level = v[5].number,
	};
	return true;
}
