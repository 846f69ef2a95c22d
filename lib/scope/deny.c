/*
 * deny - which entry of which list decides about a sender
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "conf/lookup.h"
#include "conf/syntax.h"
#include "scope/entries.h"
#include "scope/keys.h"
#include "scope/limits.h"
#include "scope/scope.h"

extern const struct script script_deny, script_deny_set, script_deny_list;

/* -- the lists of Redis -- */

/* What a check has that is off, or does less than the one that asks (in mode
 * `asks`), does not count: neither what it denies nor what it allows. */
static bool
counts(const struct policy *p, enum mode asks)
{
	return p->mode != MODE_OFF && p->mode >= asks;
}

static bool
domain_counts(const struct scope *recipient, enum mode asks)
{
	return counts(&recipient->set->deny_domain.policy, asks);
}

static bool
mailbox_counts(const struct scope *recipient, enum mode asks)
{
	return counts(&recipient->set->deny_user.policy, asks);
}

/* Of the recipient's domain: it has one that may speak. */
static bool
domain_speaks(const struct scope *recipient)
{
	return recipient->domain_denies &&
	    domain_counts(recipient, MODE_OBSERVE) &&
	    recipient->domain_set->deny_domain.policy.decided_by >=
	    LEVEL_DOMAIN;
}

static bool
mailbox_speaks(const struct scope *recipient)
{
	return recipient->mailbox_denies &&
	    mailbox_counts(recipient, MODE_OBSERVE) &&
	    recipient->set->deny_user.policy.decided_by >= LEVEL_MAILBOX;
}

bool
deny_is_empty(const struct conf *conf, const struct scope *recipient)
{
	return !recipient->domain_denies && !recipient->mailbox_denies &&
	    lookups_count(conf->settings.deny_domain.senders) == 0 &&
	    lookups_count(recipient->domain_set->deny_domain.senders) == 0 &&
	    lookups_count(recipient->set->deny_user.senders) == 0;
}

struct question
deny_read(struct arena *a, const struct conf *conf,
    const struct scope *recipient, const char *sender)
{
	const struct entries e = deny_entries(a, sender);
	const char *at = strrchr(recipient->mailbox, '@');
	struct question q = { .read_only = true };

	if (domain_speaks(recipient))
		keys_denied(&q, a, conf, at ? at + 1 : recipient->mailbox);
	if (mailbox_speaks(recipient))
		keys_denied(&q, a, conf, recipient->mailbox);
	if (q.keys > 0 && e.count > 0)
		q.script = &script_deny;
	for (size_t i = 0; i < e.count; i++)
		keys_word(&q, e.items[i]);
	return q;
}

/* -- what an entry says -- */

static bool
is_number(const char *text, int64_t *number)
{
	const size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 12 || text[digits] != '\0')
		return false;
	*number = strtoll(text, NULL, 10);
	return true;
}

/* "TIME allow forced", some of it, or nothing. What cannot be read denies and
 * no more: who put it on the list did not want that mail. */
struct deny_match
deny_says(
    struct arena *a, enum level level, const char *entry, const char *says)
{
	const struct deny_match plain = { .level = level, .entry = entry };
	struct deny_match m = plain;
	char *rest = arena_strdup(a, says), *word;

	while ((word = strsep(&rest, " \t"))) {
		if (strcmp(word, "allow") == 0)
			m.allow = true;
		else if (strcmp(word, "forced") == 0)
			m.forced = true;
		else if (*word && strcmp(word, "deny") != 0 &&
		    !is_number(word, &m.since))
			return plain;
	}
	return m;
}

/* -- which one decides -- */

enum deny_list {
	SERVER_FILE,
	DOMAIN_FILE,
	DOMAIN_REDIS,
	MAILBOX_FILE,
	MAILBOX_REDIS,
	LISTS
};

/* In this order. */
static const struct {
	enum deny_list list;
	bool forced; /* only such an entry */
} precedence[] = {
	{ SERVER_FILE, true },
	{ DOMAIN_REDIS, true },
	{ DOMAIN_FILE, true },
	{ MAILBOX_REDIS, false },
	{ MAILBOX_FILE, false },
	{ DOMAIN_REDIS, false },
	{ DOMAIN_FILE, false },
	{ SERVER_FILE, false },
};

/* The entry of each list; `entry` NULL: it has none. */
struct matches {
	struct arena *arena;
	struct entries entries;
	struct deny_match of[LISTS];
};

static void
match_file(struct matches *m, enum deny_list list, enum level level,
    const struct lookups *senders)
{
	for (size_t i = 0; i < m->entries.count && !m->of[list].entry; i++) {
		const char *entry = m->entries.items[i];
		const char *says = lookups_key(senders, entry);

		if (says)
			m->of[list] = deny_says(m->arena, level, entry, says);
	}
}

/* `at`: the first of its two values. */
static void
match_redis(struct matches *m, enum deny_list list, enum level level,
    const struct answer *answer, unsigned at)
{
	const struct value *v = answer->values + at;

	if (at + 1 < answer->count && v[0].is_number && v[0].number > 0 &&
	    (uint64_t)v[0].number <= m->entries.count && v[1].text)
		m->of[list] = deny_says(m->arena, level,
		    m->entries.items[v[0].number - 1], v[1].text);
}

/* Those of the file that count; NULL, or empty. */
struct files {
	const struct lookups *server, *domain, *mailbox;
};

static struct files
files_of(const struct conf *conf, const struct scope *recipient, enum mode asks)
{
	const struct lookups *server = conf->settings.deny_domain.senders;
	const struct lookups *domain =
	    recipient->domain_set->deny_domain.senders;
	struct files f = { .server = NULL };

	if (domain_counts(recipient, asks)) {
		f.server = server;
		f.domain = domain != server ? domain : NULL;
	}
	if (mailbox_counts(recipient, asks))
		f.mailbox = recipient->set->deny_user.senders;
	return f;
}

static bool
are_empty(const struct files *f)
{
	return lookups_count(f->server) == 0 && lookups_count(f->domain) == 0 &&
	    lookups_count(f->mailbox) == 0;
}

static void
match_all(struct matches *m, const struct files *files,
    const struct scope *recipient, const struct answer *answer, enum mode asks)
{
	match_file(m, SERVER_FILE, LEVEL_SERVER, files->server);
	match_file(m, DOMAIN_FILE, LEVEL_DOMAIN, files->domain);
	match_file(m, MAILBOX_FILE, LEVEL_MAILBOX, files->mailbox);
	if (!answer || answer->state != KNOWN)
		return;
	if (domain_speaks(recipient) && domain_counts(recipient, asks))
		match_redis(m, DOMAIN_REDIS, LEVEL_DOMAIN, answer, 0);
	if (mailbox_speaks(recipient) && mailbox_counts(recipient, asks))
		match_redis(m, MAILBOX_REDIS, LEVEL_MAILBOX, answer,
		    domain_speaks(recipient) ? 2 : 0);
}

static bool
first_of(const struct matches *m, struct deny_match *out)
{
	for (size_t i = 0; i < sizeof(precedence) / sizeof(precedence[0]);
	     i++) {
		*out = m->of[precedence[i].list];
		if (out->entry && (out->forced || !precedence[i].forced))
			return true;
	}
	return false;
}

bool
deny_decide(struct arena *a, const struct conf *conf,
    const struct scope *recipient, const char *sender,
    const struct answer *answer, enum mode asks, struct deny_match *out)
{
	const struct files files = files_of(conf, recipient, asks);
	struct matches *m;

	if (!answer && are_empty(&files))
		return false; /* as it is for most */
	m = arena_alloc(a, sizeof(*m));
	m->arena = a;
	m->entries = deny_entries(a, sender);
	match_all(m, &files, recipient, answer, asks);
	return first_of(m, out);
}

/* -- looking at them -- */

struct question
deny_get(struct arena *a, const struct conf *conf, const char *address,
    const char *entry)
{
	struct question q = { .script = &script_deny, .read_only = true };

	keys_denied(&q, a, conf, address);
	keys_word(&q, entry);
	return q;
}

struct question
deny_list(struct arena *a, const struct conf *conf, const char *address)
{
	struct question q = { .script = &script_deny_list, .read_only = true };

	keys_denied(&q, a, conf, address);
	keys_word(&q, arena_printf(a, "%d", (int)DENY_LIST));
	return q;
}

/* -- changing them -- */

const char *
deny_entry(struct arena *a, const char *sender)
{
	const char *entry = entries_canonical(a, sender);
	const char *at = strrchr(entry, '@'), *domain;

	for (const char *p = entry; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return NULL;
	if (strlen(entry) > ENTRY_SIZE)
		return NULL;
	if (at && at != entry && at[1] == '\0')
		return entry;
	domain = at ? at + 1 : entry + (*entry == '.');
	if (syntax_domain(domain))
		return NULL;
	return at == entry ? domain : entry;
}

static struct question
change(struct arena *a, const struct conf *conf, const char *address,
    const char *entry, const char *says)
{
	struct question q = { .script = &script_deny_set };

	keys_denied(&q, a, conf, address);
	keys_word(&q, entry);
	keys_word(&q, says);
	return q;
}

struct question
deny_add(struct arena *a, const struct conf *conf, const char *address,
    const char *entry, bool allow, bool forced)
{
	static const char *const says[] = { "", "allow", "forced",
		"allow forced" };

	return change(a, conf, address, entry, says[allow + 2 * forced]);
}

struct question
deny_del(struct arena *a, const struct conf *conf, const char *address,
    const char *entry)
{
	return change(a, conf, address, entry, "-");
}
