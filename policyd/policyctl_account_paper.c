/*
 * policyctl_account_paper - a mailbox for people and for programs
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "policyctl.h"
#include "policyctl_account.h"
#include "policyctl_origin.h"
#include "policyctl_out.h"
#include "policyctl_paper.h"
#include "scope/scope.h"

/* -- "NAME=TIME ..." -- */

/* The next of them, and moves on; NULL at the end. */
static const char *
next_timed(const char **text, struct arena *a, int64_t *at)
{
	const char *word = *text + strspn(*text, " ");
	const size_t size = strcspn(word, " ");
	char *name, *end;

	*text = word + size;
	if (size == 0)
		return NULL;
	name = arena_memdup(a, word, size);
	end = strrchr(name, '=');
	*at = end ? strtoll(end + 1, NULL, 10) : 0;
	if (end)
		*end = '\0';
	return name;
}

static void
print_timed(struct arena *a, const char *head, const char *text, int64_t now)
{
	const char *name;
	int64_t at;

	while ((name = next_timed(&text, a, &at)))
		paper_line(head,
		    arena_printf(a, "%s, %s", name, out_moment(a, at, now)));
}

static json_t *
timed_json(const char *text)
{
	struct arena *a = arena_new();
	json_t *o = json_object(), *clean;
	const char *name;
	int64_t at;

	while ((name = next_timed(&text, a, &at))) {
		clean = out_json_text(name);
		json_object_set_new(
		    o, json_string_value(clean), paper_json_time(at));
		json_decref(clean);
	}
	arena_release(a);
	return o;
}

/* -- for people -- */

static const struct column columns[] = { { "USER", 28 }, { "STATE", 8 },
	{ "UNTIL", 19 }, { "FAILURES", 8 }, { "LAST", 19 }, { "REASON", 1 },
	{ 0 } };

void
account_head(void)
{
	out_head(columns);
}

static const char *
state_word(const struct account_state *is)
{
	if (is->disabled)
		return "disabled";
	return is->locked_until > 0 ? "locked" : "-";
}

void
account_row(const struct account *who)
{
	struct arena *a = arena_new();
	const struct account_state *is = &who->is;

	out_row(columns,
	    (const char *const[]){ who->user, state_word(is),
		is->disabled ? "permanent" : out_time(a, is->locked_until),
		arena_printf(a, "%" PRId64, is->failures),
		out_time(a, who->last), who->reason });
	arena_release(a);
}

static void
print_disabled(struct arena *a, const struct account *who, int64_t now)
{
	if (!who->is.disabled)
		return;
	paper_line("disabled",
	    who->disabled_at > 0 ? arena_printf(a, "permanent, since %s",
				       out_moment(a, who->disabled_at, now))
				 : "permanent");
	paper_line("because", who->reason);
	paper_line("by", who->by);
}

/* A lock of former times, when the lockout has been turned off since. */
static const char *
lock_text(struct arena *a, const struct ctl *ctl, int64_t until, int64_t now)
{
	return arena_printf(a, "until %s%s", out_moment(a, until, now),
	    ctl->conf->account.lockout > 0
		? ""
		: ", without effect: account.lockout is 0");
}

static void
print_failures(struct arena *a, const struct ctl *ctl,
    const struct account *who, int64_t now)
{
	if (who->is.locked_until > 0)
		paper_line(
		    "locked", lock_text(a, ctl, who->is.locked_until, now));
	if (who->is.failures > 0)
		paper_line(
		    "failures", arena_printf(a, "%" PRId64, who->is.failures));
	if (who->last > 0)
		paper_line("last", out_moment(a, who->last, now));
	print_timed(a, "tried", who->tries, now);
}

bool
account_is_shut(const struct account *who)
{
	return who->scope && who->scope->set->account.state != ACCOUNT_ENABLED;
}

static struct origin
state_of(struct arena *a, const struct ctl *ctl, const struct account *who)
{
	struct origin state;

	origin_find(a, ctl->conf, who->scope, "account.state", &state);
	return state;
}

/* What stands in the file only its editor takes back. */
static void
print_state(struct arena *a, const struct ctl *ctl, const struct account *who)
{
	const struct scope *s = who->scope;
	struct origin state;
	bool domain;

	if (!account_is_shut(who))
		return;
	state = state_of(a, ctl, who);
	domain = !strcmp(state.level, "domain");
	paper_line("state",
	    arena_printf(a, "account.state is %s, as the %s says in %s",
		state.value, state.level, state.from));
	if (!strcmp(state.from, "redis"))
		paper_line("lift",
		    arena_printf(a, "policyctl %s unset %s account.state",
			state.level,
			paper_shell(a,
			    domain ? strrchr(s->mailbox, '@') + 1
				   : s->mailbox)));
}

static void
print_lift(struct arena *a, const struct account *who, enum account_change c)
{
	paper_line("lift",
	    arena_printf(a, "policyctl account %s %s", account_change_name(c),
		paper_shell(a, who->user)));
}

void
account_print(const struct ctl *ctl, const struct account *who, int64_t now)
{
	struct arena *a = arena_new();

	printf("account ");
	out_text(stdout, who->user);
	putchar('\n');
	if (who->unreadable)
		paper_line("because", "its value cannot be read");
	print_state(a, ctl, who);
	print_disabled(a, who, now);
	print_failures(a, ctl, who, now);
	print_timed(a, "network", who->networks, now);
	paper_line("key", who->known ? who->key : "");
	if (who->is.disabled)
		print_lift(a, who, ACCOUNT_ENABLE);
	if (who->is.locked_until > 0 || who->last > 0 || who->unreadable)
		print_lift(a, who, ACCOUNT_UNLOCK);
	if (*who->networks)
		print_lift(a, who, ACCOUNT_FORGET);
	arena_release(a);
}

/* -- for programs -- */

static json_t *
word_json(const char *text)
{
	return out_json_text(*text ? text : NULL);
}

static json_t *
state_json(const struct ctl *ctl, const struct account *who)
{
	struct arena *a;
	struct origin state;
	json_t *o;

	if (!who->scope)
		return json_null();
	a = arena_new();
	state = state_of(a, ctl, who);
	o = json_pack("{s:s, s:s, s:s}", "value", state.value, "from",
	    state.from, "level", state.level);
	arena_release(a);
	return o;
}

json_t *
account_json(const struct ctl *ctl, const struct account *who)
{
	return json_pack("{s:s, s:o, s:b, s:o, s:o, s:o, s:o, s:I, s:o, s:o, "
			 "s:o, s:o}",
	    "register", "account", "user", out_json_text(who->user), "disabled",
	    who->is.disabled, "reason", word_json(who->reason), "by",
	    word_json(who->by), "since", paper_json_time(who->disabled_at),
	    "locked_until", paper_json_time(who->is.locked_until), "failures",
	    (json_int_t)who->is.failures, "last", paper_json_time(who->last),
	    "tried", timed_json(who->tries), "networks",
	    timed_json(who->networks), "state", state_json(ctl, who));
}
