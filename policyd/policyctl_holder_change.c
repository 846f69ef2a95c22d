/*
 * policyctl_holder_change - set, unset, del
 *
 * What is asked for is looked at whole before anything is written.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/text.h"
#include "conf/conf.h"
#include "conf/lookup.h"
#include "policyctl.h"
#include "policyctl_change.h"
#include "policyctl_holder.h"
#include "policyctl_log.h"
#include "policyctl_option.h"
#include "policyctl_origin.h"
#include "policyctl_out.h"
#include "policyctl_paper.h"
#include "policyctl_redis.h"
#include "scope/scope.h"

static const struct option_row no_rows[] = { { NULL } };

struct work {
	struct ctl *ctl;
	struct door *door;
	const char *action, *by;
	const char *address;
	size_t count;
	const char **names, **values; /* a value NULL: it is taken back */
	bool created;
	int64_t changed;
	struct out_array array;
};

/* -- set, unset -- */

/* What stands in Redis under a wrong name may be taken back. */
static int
check(struct work *w, size_t i)
{
	struct arena *a = w->ctl->arena;
	const char *wrong = NULL;

	if (w->values[i] && !origin_is_option(w->names[i], w->ctl->mailboxes))
		wrong = origin_no_such(a, w->names[i], w->ctl->mailboxes);
	else
		wrong = scope_check(a, w->address, w->names[i], w->values[i]);
	return wrong
	    ? fail(EX_USAGE, "%s %s: %s", holder_kind(w->ctl), w->action, wrong)
	    : EX_OK;
}

static int
read_setting(struct work *w, const char *word)
{
	struct arena *a = w->ctl->arena;
	const char *equals = strchr(word, '=');
	const bool set = !strcmp(w->action, "set");

	if (set && !equals)
		return fail(EX_USAGE, "'%s' is not OPTION=VALUE", word);
	if (!set && equals)
		return fail(EX_USAGE, "'%s' is no name of an option", word);
	if (!strcmp(word, "since"))
		return fail(EX_USAGE,
		    "'since' says that it exists: '%s del' takes it",
		    holder_kind(w->ctl));
	w->names[w->count] = set
	    ? arena_memdup(a, word, (size_t)(equals - word))
	    : word;
	w->values[w->count] = set ? equals + 1 : NULL;
	return check(w, w->count++);
}

static int
read_words(struct work *w, int argc, char **argv)
{
	struct arena *a = w->ctl->arena;
	const char *kind = holder_kind(w->ctl);
	int status = options_read(no_rows, 0, NULL, &argc, &argv);

	if (status == EX_OK && argc == 0)
		return fail(EX_USAGE, "%s %s: which one?", kind, w->action);
	if (status == EX_OK)
		status = holder_read(w->ctl, argv[0], &w->address);
	if (status == EX_OK && argc == 1 && !strcmp(w->action, "unset"))
		return fail(EX_USAGE, "%s unset: which option?", kind);
	w->names = arena_alloc(a, ((size_t)argc + 1) * sizeof(*w->names));
	w->values = arena_alloc(a, ((size_t)argc + 1) * sizeof(*w->values));
	for (int i = 1; i < argc && status == EX_OK; i++)
		status = read_setting(w, argv[i]);
	return status;
}

/* False without Redis. */
static bool
write_some(struct work *w, size_t from, size_t count)
{
	struct arena *a = w->ctl->arena;
	struct answer answer = { 0 };
	const struct question q = scope_set(a, w->ctl->conf, w->address,
	    w->names + from, w->values + from, count);

	if (!door_question(w->door, a, &q, &answer, 1) || answer.count != 2)
		return false;
	w->created |= answer.values[0].number != 0;
	w->changed += answer.values[1].number;
	return true;
}

/* A question takes so many at a time, and is asked also without any. */
static bool
write_all(struct work *w)
{
	size_t done = 0;
	bool whole;

	do {
		const size_t rest = w->count - done;
		const size_t now = rest < SCOPE_SET ? rest : SCOPE_SET;

		whole = write_some(w, done, now);
		done += now;
	} while (whole && done < w->count);
	return whole;
}

static void
log_settings(const struct work *w)
{
	struct line l;

	line_clear(&l);
	line_field(&l, "address", w->address);
	for (size_t i = 0; i < w->count; i++)
		if (w->values[i])
			line_field(&l, w->names[i], w->values[i]);
		else
			line_field(&l, "option", w->names[i]);
	log_change(holder_kind(w->ctl), w->action, w->by, &l);
}

/* What was not there to be taken back may have been misspelt. */
static const char *
misspelt(const struct work *w, const char *name)
{
	if (w->changed == (int64_t)w->count ||
	    origin_is_option(name, w->ctl->mailboxes))
		return NULL;
	return origin_no_such(w->ctl->arena, name, w->ctl->mailboxes);
}

/* Of what was set and does not hold, or taken back and is none, name and why.
 */
static json_t *
idle_of(const struct work *w, const struct scope *scope)
{
	struct arena *a = w->ctl->arena;
	json_t *o = json_object();

	for (size_t i = 0; i < w->count; i++) {
		const struct field f = { w->names[i], w->values[i] };
		const char *why = f.value
		    ? holder_idle(w->ctl, a, scope, w->address, &f)
		    : misspelt(w, f.name);

		if (why)
			json_object_set_new(o, f.name, out_json_text(why));
	}
	return o;
}

/* Nobody said whose the domains are, or it is one of these. */
static void
print_strange(const struct work *w, const struct scope *s)
{
	const struct lookups *ours = w->ctl->conf->local_domains;

	if (s->local || s->loss != LOSS_NONE || lookups_count(ours) == 0)
		return;
	paper_line("local",
	    lookups_redis(ours)
		? arena_printf(w->ctl->arena,
		      "no: 'policyctl domain set %s' makes it ours", s->domain)
		: "no: local_domains has neither its domain nor redis:");
}

/* Mail would be taken for them, and lost on its way. */
static void
print_ghosts(const struct work *w, const struct scope *s)
{
	struct arena *a = w->ctl->arena;

	for (size_t i = 0; s->is_alias && i < s->target_count; i++) {
		const char *to = scope_address(a, s->targets[i], "");
		const struct scope *at = holder_scope(w->ctl, w->door, a, to);

		if (at->local && !holder_exists(w->ctl, at, to))
			paper_line("alias",
			    arena_printf(
				a, "%s: there is no such mailbox", to));
	}
}

static void
print_idle(const struct work *w, json_t *idle)
{
	const char *name;
	json_t *why;

	json_object_foreach(idle, name, why)
	{
		paper_line("idle",
		    arena_printf(
			w->ctl->arena, "%s: %s", name, json_string_value(why)));
	}
}

static void
tell_settings(const struct work *w)
{
	const struct scope *scope = holder_scope(
	    w->ctl, w->door, w->ctl->arena, w->address);
	json_t *idle = idle_of(w, scope);

	if (w->created || w->changed > 0)
		log_settings(w);
	if (w->ctl->json) {
		out_json(json_pack("{s:s, s:o, s:s, s:b, s:I, s:b, s:o}",
		    "kind", holder_kind(w->ctl), "address",
		    out_json_text(w->address), "action", w->action, "created",
		    w->created, "changed", (json_int_t)w->changed, "local",
		    scope->local, "idle", idle));
		return;
	}
	printf("%s: ", holder_kind(w->ctl));
	out_text(stdout, w->address);
	if (w->created)
		printf(" created, %" PRId64 " set\n", w->changed);
	else if (w->changed > 0)
		printf(" changed, %" PRId64 " %s\n", w->changed, w->action);
	else
		puts(" was so already");
	print_strange(w, scope);
	print_idle(w, idle);
	if (!strcmp(w->action, "set"))
		print_ghosts(w, scope);
	json_decref(idle);
}

static int
change_settings(struct ctl *ctl, int argc, char **argv)
{
	struct work w = { .ctl = ctl, .action = argv[0] };
	int status = read_words(&w, argc, argv);

	if (status != EX_OK)
		return status;
	w.by = author(ctl->arena);
	w.door = holder_door(ctl);
	if (write_all(&w))
		tell_settings(&w);
	status = register_status(w.door);
	door_close(w.door);
	return status;
}

int
holder_set(struct ctl *ctl, int argc, char **argv)
{
	return change_settings(ctl, argc, argv);
}

int
holder_unset(struct ctl *ctl, int argc, char **argv)
{
	return change_settings(ctl, argc, argv);
}

/* -- del -- */

static void
tell_deleted(struct work *w, const char *address, bool deleted)
{
	struct line l;

	if (deleted) {
		line_clear(&l);
		line_field(&l, "address", address);
		log_change(holder_kind(w->ctl), "del", w->by, &l);
	}
	if (w->ctl->json) {
		out_array_add(&w->array,
		    json_pack("{s:s, s:o, s:b}", "kind", holder_kind(w->ctl),
			"address", out_json_text(address), "deleted", deleted));
		return;
	}
	printf("%s: ", holder_kind(w->ctl));
	out_text(stdout, address);
	puts(deleted ? " deleted" : ": there is none");
}

static bool delete (struct work *w, const char *address)
{
	struct arena *a = arena_new();
	struct answer answer = { 0 };
	const struct question q = scope_delete(a, w->ctl->conf, address);
	const bool known = door_question(w->door, a, &q, &answer, 1) &&
	    answer.count == 1;

	if (known)
		tell_deleted(w, address, answer.values[0].number != 0);
	arena_release(a);
	return known;
}

int
holder_del(struct ctl *ctl, int argc, char **argv)
{
	struct work w = { .ctl = ctl };
	const char **names;
	int status = options_read(no_rows, 0, NULL, &argc, &argv);

	if (status == EX_OK && argc == 0)
		status = fail(EX_USAGE, "%s del: which one?", holder_kind(ctl));
	names = arena_alloc(ctl->arena, ((size_t)argc + 1) * sizeof(*names));
	for (int i = 0; i < argc && status == EX_OK; i++)
		status = holder_read(ctl, argv[i], &names[i]);
	if (status != EX_OK)
		return status;
	w.by = author(ctl->arena);
	w.door = holder_door(ctl);
	for (int i = 0; i < argc; i++)
		if (!delete (&w, names[i]))
			break;
	status = register_status(w.door);
	if (ctl->json && (status == EX_OK || w.array.count > 0))
		out_array_end(&w.array);
	door_close(w.door);
	return status;
}
