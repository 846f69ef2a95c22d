/*
 * policyctl_account_change - unlocking, disabling, enabling, forgetting
 *
 * Each is one question, so one mailbox is changed whole or not at all.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/text.h"
#include "conf/conf.h"
#include "policyctl.h"
#include "policyctl_account.h"
#include "policyctl_change.h"
#include "policyctl_holder.h"
#include "policyctl_log.h"
#include "policyctl_out.h"
#include "policyctl_redis.h"
#include "policyctl_terms.h"
#include "scope/scope.h"

static const struct {
	const char *done, *idle; /* when there was nothing to do */
} said[] = {
	[ACCOUNT_UNLOCK] = { "unlocked",
	    "was not locked, and had no failures" },
	[ACCOUNT_FORGET] = { "networks forgotten", "had no networks" },
	[ACCOUNT_DISABLE] = { "disabled, permanent",
	    "was disabled for that already" },
	[ACCOUNT_ENABLE] = { "enabled", "was not disabled" },
};

struct work {
	struct ctl *ctl;
	struct door *door;
	enum account_change change;
	const char *by, *reason;
	int64_t now;
	struct out_array array;
};

/* The name of the command is that of the change. */
static enum account_change
change_named(const char *name)
{
	enum account_change c = ACCOUNT_UNLOCK;

	while (strcmp(account_change_name(c), name) != 0)
		c++;
	return c;
}

static void
log_changed(const struct work *w, const char *user)
{
	struct line l;

	line_clear(&l);
	line_field(&l, "user", user);
	if (w->change == ACCOUNT_DISABLE)
		line_field(&l, "until", "permanent");
	line_field(&l, "reason", w->reason);
	log_change("account", account_change_name(w->change), w->by, &l);
}

/* What keeps its owner out all the same. */
static void
print_rest(const struct work *w, const struct account_state *is)
{
	if (w->change != ACCOUNT_DISABLE && is->disabled)
		printf(", is disabled");
	if (is->locked_until > 0)
		printf(", is locked until %s",
		    out_moment(w->ctl->arena, is->locked_until, w->now));
	putchar('\n');
}

/* It is done all the same: Dovecot may know more mailboxes than we do. */
static void
print_nobody(const struct work *w, const char *user)
{
	struct arena *a = w->ctl->arena;
	const char *address = scope_address(a, user, w->ctl->conf->realm);

	if (w->change == ACCOUNT_DISABLE &&
	    !holder_exists(
		w->ctl, holder_scope(w->ctl, w->door, a, address), address))
		printf(", but there is no such mailbox");
}

static void
tell(struct work *w, const char *user, const struct account_state *is)
{
	if (is->changed)
		log_changed(w, user);
	if (w->ctl->json) {
		out_array_add(&w->array,
		    json_pack("{s:s, s:o, s:s, s:b, s:b, s:o}", "register",
			"account", "user", out_json_text(user), "action",
			account_change_name(w->change), "changed", is->changed,
			"disabled", is->disabled, "locked_until",
			out_json_number(
			    is->locked_until > 0, is->locked_until)));
		return;
	}
	printf("account: ");
	out_text(stdout, user);
	printf(
	    " %s", is->changed ? said[w->change].done : said[w->change].idle);
	print_nobody(w, user);
	print_rest(w, is);
}

static bool
change(struct work *w, const char *user)
{
	struct arena *a = arena_new();
	struct answer answer = { 0 };
	struct account_state is;
	const struct question q = account_change(
	    a, w->ctl->conf, w->change, user, w->reason, w->by);
	const bool known = door_question(w->door, a, &q, &answer, 1) &&
	    account_state(&answer, &is);

	if (known)
		tell(w, user, &is);
	arena_release(a);
	return known;
}

static int
change_all(struct work *w, int count, char **users)
{
	int status;

	w->door = register_door(w->ctl);
	w->now = door_now(w->door);
	for (int i = 0; i < count; i++)
		if (!change(w, text_lower(w->ctl->arena, users[i])))
			break;
	status = register_status(w->door);
	if (w->ctl->json && (status == EX_OK || w->array.count > 0))
		out_array_end(&w->array);
	door_close(w->door);
	return status;
}

int
run_account_change(struct ctl *ctl, int argc, char **argv)
{
	struct work w = { .ctl = ctl, .change = change_named(argv[0]) };
	struct terms t;
	const int status = terms_read(&t, TERMS_REASON, &argc, &argv);

	if (status != EX_OK)
		return status;
	if (argc == 0)
		return fail(EX_USAGE, "account %s: which one?",
		    account_change_name(w.change));
	for (int i = 0; i < argc; i++)
		if (!*argv[i])
			return fail(EX_USAGE, "account: '' is no mailbox");
	w.by = author(ctl->arena);
	w.reason = t.reason ? t.reason : "";
	return change_all(&w, argc, argv);
}
