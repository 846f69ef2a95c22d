/*
 * policyctl_deny - the group deny: list and show
 */
#include "policyctl_deny.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "conf/lookup.h"
#include "policyctl.h"
#include "policyctl_change.h"
#include "policyctl_holder.h"
#include "policyctl_out.h"
#include "policyctl_paper.h"
#include "policyctl_redis.h"
#include "policyctl_terms.h"

static const struct command commands[] = {
	{ "list", "[PATTERN] [--limit N]", "all entries, one a line",
	    run_deny_list },
	{ "show", "ADDRESS | DOMAIN ...", "the entries of one, and its key",
	    run_deny_show },
	{ "add", "ADDRESS | DOMAIN SENDER ... [--allow] [--forced]",
	    "mail of these is not wanted, or with --allow it is",
	    run_deny_change },
	{ "del", "ADDRESS | DOMAIN SENDER ...", "take entries off",
	    run_deny_change },
	{ "clear", "[--dry-run] ADDRESS | DOMAIN ...", "take off all of them",
	    run_deny_clear },
	{ NULL },
};

int
run_deny(struct ctl *ctl, int argc, char **argv)
{
	return commands_run(
	    commands, "policyctl deny", ctl, argc - 1, argv + 1);
}

enum level
deny_level(const char *address)
{
	return strchr(address, '@') ? LEVEL_MAILBOX : LEVEL_DOMAIN;
}

const char *
deny_words(const struct deny_match *m)
{
	if (m->forced)
		return m->allow ? "allowed, forced" : "denied, forced";
	return m->allow ? "allowed" : "denied";
}

static const char *
idle_by_policy(struct arena *a, const char *section, const struct policy *p,
    enum level level)
{
	if (p->mode == MODE_OFF)
		return arena_printf(a, "%s.mode is off", section);
	if (p->decided_by < level)
		return arena_printf(a, "%s.decided_by is %s", section,
		    p->decided_by == LEVEL_SERVER ? "server" : "domain");
	return NULL;
}

/* Mail for it is refused before anybody asks who has sent it. */
static bool
is_nobody(const struct ctl *ctl, const struct scope *s, const char *address)
{
	return deny_level(address) == LEVEL_MAILBOX &&
	    s->set->mailbox.policy.mode == MODE_ENFORCE &&
	    !holder_exists(ctl, s, address);
}

const char *
deny_idle(struct ctl *ctl, struct door *d, struct arena *a, const char *address)
{
	const struct scope *s = holder_scope(ctl, d, a, address);

	if (!s->local && s->loss == LOSS_NONE &&
	    lookups_count(ctl->conf->local_domains) > 0)
		return arena_printf(a, "%s is no domain of ours", s->domain);
	if (strcmp(s->mailbox, address) != 0)
		return arena_printf(a, "that of %s counts", s->mailbox);
	if (is_nobody(ctl, s, address))
		return "there is no such mailbox, and mail for it is refused";
	return deny_level(address) == LEVEL_DOMAIN
	    ? idle_by_policy(a, "deny_domain",
		  &s->domain_set->deny_domain.policy, LEVEL_DOMAIN)
	    : idle_by_policy(
		  a, "deny_user", &s->set->deny_user.policy, LEVEL_MAILBOX);
}

static json_t *
entry_json(const struct deny_match *m)
{
	return json_pack("{s:o, s:b, s:b, s:o}", "sender",
	    out_json_text(m->entry), "allow", m->allow, "forced", m->forced,
	    "since", paper_json_time(m->since));
}

/* What an entry is, for people. Whoever wrote it by hand may have written it
 * as no sender is ever looked up. */
static const char *
entry_words(struct arena *a, const struct deny_match *m)
{
	const char *entry = deny_entry(a, m->entry);

	if (!entry)
		return "idle: it is no sender";
	return strcmp(entry, m->entry)
	    ? arena_printf(a, "idle: %s would be found", entry)
	    : deny_words(m);
}

/* -- list -- */

struct listing {
	struct ctl *ctl;
	int64_t limit, count;
	struct out_array array;
};

static const struct column columns[] = { { "ADDRESS", 28 }, { "SENDER", 28 },
	{ "SINCE", 19 }, { "IS", 1 }, { 0 } };

static void
list_entry(struct listing *l, const char *address, const struct deny_match *m)
{
	struct arena *a = arena_new();
	json_t *o;

	if (l->ctl->json) {
		o = entry_json(m);
		json_object_set_new(o, "address", out_json_text(address));
		out_array_add(&l->array, o);
	} else {
		if (l->count == 0)
			out_head(columns);
		out_row(columns,
		    (const char *const[]){ address, m->entry,
			out_time(a, m->since), entry_words(a, m) });
	}
	l->count++;
	arena_release(a);
}

static bool
list_holder(void *data, const struct holder *h)
{
	struct listing *l = data;
	struct arena *a = arena_new();

	for (size_t i = 0; i < h->count && l->count != l->limit; i++) {
		const struct deny_match m = deny_says(a, deny_level(h->address),
		    h->fields[i].name, h->fields[i].value);

		list_entry(l, h->address, &m);
	}
	arena_release(a);
	return l->count != l->limit && !ferror(stdout);
}

int
run_deny_list(struct ctl *ctl, int argc, char **argv)
{
	struct listing l = { .ctl = ctl };
	struct terms t;
	int status = terms_read(&t, TERMS_LIMIT, &argc, &argv);
	struct door *d;

	if (status != EX_OK)
		return status;
	if (argc > 1)
		return fail(EX_USAGE, "deny list: '%s' is too much", argv[1]);
	l.limit = t.limit;
	d = holder_door(ctl);
	holders_walk(ctl, d, "deny", argc ? argv[0] : NULL, list_holder, &l);
	if (ctl->json)
		out_array_end(&l.array);
	status = register_status(d);
	door_close(d);
	return status;
}

/* -- show -- */

static json_t *
entries_json(struct arena *a, const struct holder *h, const char *idle)
{
	json_t *entries = json_array();

	for (size_t i = 0; i < h->count; i++) {
		const struct deny_match m = deny_says(a, deny_level(h->address),
		    h->fields[i].name, h->fields[i].value);

		json_array_append_new(entries, entry_json(&m));
	}
	return json_pack("{s:s, s:o, s:o, s:o}", "kind", "deny", "address",
	    out_json_text(h->address), "idle", out_json_text(idle), "entries",
	    entries);
}

static void
print_entries(struct arena *a, const struct holder *h, const char *idle)
{
	static const struct column line[] = { { "", 1 }, { "", 28 }, { "", 19 },
		{ "", 1 }, { 0 } };

	printf("deny ");
	out_text(stdout, h->address);
	puts(h->there ? "" : ": no entry");
	if (h->unreadable)
		paper_line("because", "its value cannot be read");
	if (h->there)
		paper_line("key", h->key);
	if (h->there && idle)
		paper_line("idle", idle);
	for (size_t i = 0; i < h->count; i++) {
		const struct deny_match m = deny_says(a, deny_level(h->address),
		    h->fields[i].name, h->fields[i].value);

		out_row(line,
		    (const char *const[]){ "", m.entry, out_time(a, m.since),
			entry_words(a, &m) });
	}
}

int
run_deny_show(struct ctl *ctl, int argc, char **argv)
{
	struct arena *a = ctl->arena;
	struct out_array array = { 0 };
	struct terms t;
	const char **names;
	struct door *d;
	int status = terms_read(&t, 0, &argc, &argv);

	if (status == EX_OK && argc == 0)
		status = fail(EX_USAGE, "deny show: of which one?");
	names = arena_alloc(a, ((size_t)argc + 1) * sizeof(*names));
	for (int i = 0; i < argc && status == EX_OK; i++)
		status = holder_any(ctl, argv[i], &names[i]);
	if (status != EX_OK)
		return status;
	d = holder_door(ctl);
	for (int i = 0; i < argc; i++) {
		struct holder h;
		const char *idle = deny_idle(ctl, d, a, names[i]);

		if (!holders_fetch(ctl, d, a, "deny", &names[i], &h, 1))
			break;
		if (ctl->json)
			out_array_add(&array, entries_json(a, &h, idle));
		else
			print_entries(a, &h, idle);
	}
	if (ctl->json)
		out_array_end(&array);
	status = register_status(d);
	door_close(d);
	return status;
}
