/*
 * policyctl_account - the group of commands about mailboxes, list and show
 */
#include "policyctl_account.h"

#include <stdio.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/text.h"
#include "conf/conf.h"
#include "policyctl.h"
#include "policyctl_change.h"
#include "policyctl_holder.h"
#include "policyctl_key.h"
#include "policyctl_out.h"
#include "policyctl_rate.h"
#include "policyctl_redis.h"
#include "policyctl_scan.h"
#include "policyctl_terms.h"
#include "scope/scope.h"

/* Mailboxes on their way out. */
struct roll {
	struct ctl *ctl;
	struct door *door;
	struct terms terms;
	int64_t now, count;
	bool why; /* with what else lets a login send no more */
	struct out_array array;
};

static bool
is_full(const struct roll *r)
{
	return r->count == r->terms.limit || ferror(stdout);
}

static void
list_account(struct roll *r, const struct account *who)
{
	const bool holds = who->is.disabled || who->is.locked_until > 0;

	if (is_full(r) || !who->known || (r->terms.listed && !holds))
		return;
	if (r->ctl->json) {
		out_array_add(&r->array, account_json(r->ctl, who));
	} else {
		if (r->count == 0)
			account_head();
		account_row(who);
	}
	r->count++;
}

static void
list_page(struct roll *r, struct arena *a, const struct node *keys)
{
	const char **users = arena_alloc(a, keys->count * sizeof(*users));
	struct account *found = arena_alloc(a, keys->count * sizeof(*found));
	struct key_parts k;
	size_t count = 0;

	for (size_t i = 0; i < keys->count; i++)
		if (key_split(
			&k, a, r->ctl->conf->prefix, keys->items[i].text) &&
		    k.tag)
			users[count++] = k.tag;
	if (accounts_fetch(r->ctl, r->door, a, users, found, count))
		for (size_t i = 0; i < count; i++)
			list_account(r, &found[i]);
}

static void
list_all(struct roll *r)
{
	struct arena *a = r->ctl->arena;
	struct scan scan;
	bool more = true;

	scan_start(&scan, r->door,
	    key_pattern(
		a, arena_printf(a, "%saccount:{", r->ctl->conf->prefix)));
	while (more && !is_full(r)) {
		struct arena *page = arena_new();
		struct node keys = { 0 };

		more = scan_next(&scan, page, &keys);
		if (more)
			list_page(r, page, &keys);
		arena_release(page);
	}
	scan_end(&scan);
}

static int
run_list(struct ctl *ctl, int argc, char **argv)
{
	struct roll r = { .ctl = ctl };
	int status = terms_read(
	    &r.terms, TERMS_LIMIT | TERMS_LISTED, &argc, &argv);

	if (status != EX_OK)
		return status;
	if (argc > 0)
		return fail(
		    EX_USAGE, "account list: '%s' is too much", argv[0]);
	r.door = register_door(ctl);
	r.now = door_now(r.door);
	list_all(&r);
	if (ctl->json)
		out_array_end(&r.array);
	status = register_status(r.door);
	door_close(r.door);
	return status;
}

static void
show_account(struct roll *r, const struct account *who)
{
	struct gauges full = { 0 };
	json_t *o;

	if (r->why)
		gauges_full(r->ctl, r->door, r->ctl->arena, who->user, &full);
	if (r->ctl->json) {
		o = account_json(r->ctl, who);
		if (r->why)
			json_object_set_new(
			    o, "full", gauges_json(&full, r->now));
		out_array_add(&r->array, o);
		return;
	}
	if (who->known || account_is_shut(who)) {
		account_print(r->ctl, who, r->now);
	} else {
		printf("account ");
		out_text(stdout, who->user);
		puts(": no entry");
	}
	gauges_print(&full, r->now);
}

int
accounts_show(struct ctl *ctl, int count, char **users, bool why)
{
	struct arena *a = ctl->arena;
	const size_t n = (size_t)count;
	struct roll r = { .ctl = ctl, .door = register_door(ctl), .why = why };
	const char **names = arena_alloc(a, n * sizeof(*names));
	struct account *found = arena_alloc(a, n * sizeof(*found));
	int status;

	for (size_t i = 0; i < n; i++)
		names[i] = text_lower(a, users[i]);
	r.now = door_now(r.door);
	if (accounts_fetch(ctl, r.door, a, names, found, n))
		for (size_t i = 0; i < n; i++) {
			found[i].scope = holder_scope(ctl, r.door, a,
			    scope_address(a, names[i], ctl->conf->realm));
			show_account(&r, &found[i]);
		}
	if (ctl->json)
		out_array_end(&r.array);
	status = register_status(r.door);
	door_close(r.door);
	return status;
}

static int
run_show(struct ctl *ctl, int argc, char **argv)
{
	struct terms t;
	const int status = terms_read(&t, 0, &argc, &argv);

	if (status != EX_OK)
		return status;
	if (argc == 0)
		return fail(EX_USAGE, "account show: which one?");
	return accounts_show(ctl, argc, argv, false);
}

static const struct command account_commands[] = {
	{ "list", "[--listed] [--limit N]", "mailboxes, one a line", run_list },
	{ "show", "ADDRESS ...", "all that is kept of a mailbox", run_show },
	{ "unlock", "ADDRESS ... [--reason TEXT]",
	    "take off the lock, and the failures that led to it",
	    run_account_change },
	{ "disable", "ADDRESS ... [--reason TEXT]",
	    "refuse every login, until it is enabled", run_account_change },
	{ "enable", "ADDRESS ... [--reason TEXT]", "let its owner log in again",
	    run_account_change },
	{ "forget", "ADDRESS ... [--reason TEXT]",
	    "the networks from which its owner has logged in",
	    run_account_change },
	{ NULL },
};

int
run_account(struct ctl *ctl, int argc, char **argv)
{
	return commands_run(
	    account_commands, "policyctl account", ctl, argc - 1, argv + 1);
}
