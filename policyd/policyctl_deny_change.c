/*
 * policyctl_deny_change - add, del, clear
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/text.h"
#include "policyctl.h"
#include "policyctl_change.h"
#include "policyctl_deny.h"
#include "policyctl_holder.h"
#include "policyctl_log.h"
#include "policyctl_option.h"
#include "policyctl_out.h"
#include "policyctl_paper.h"
#include "policyctl_redis.h"
#include "policyctl_terms.h"

struct work {
	struct ctl *ctl;
	struct door *door;
	const char *action, *by;
	bool adds, allow, forced;
	const char *address;
	size_t count;
	const char **entries;
	const char *idle;
	struct out_array array;
};

/* -- add, del -- */

static int
read_allow(void *into, const char *text)
{
	struct work *w = into;

	(void)text;
	w->allow = true;
	return EX_OK;
}

static int
read_forced(void *into, const char *text)
{
	struct work *w = into;

	(void)text;
	w->forced = true;
	return EX_OK;
}

static const struct option_row rows[] = {
	{ "allow", 1, 0, read_allow },
	{ "forced", 1, 0, read_forced },
	{ NULL },
};

static int
read_entry(struct work *w, const char *sender)
{
	const char *entry = deny_entry(w->ctl->arena, sender);

	if (!entry)
		return fail(EX_USAGE,
		    "'%s' is no sender: an address, a domain, .domain or user@",
		    sender);
	w->entries[w->count++] = entry;
	return EX_OK;
}

static int
read_words(struct work *w, int argc, char **argv)
{
	int status = options_read(rows, w->adds, w, &argc, &argv);

	if (status == EX_OK && argc < 2)
		return fail(EX_USAGE, "deny %s: ADDRESS or DOMAIN, and SENDER",
		    w->action);
	if (status == EX_OK)
		status = holder_any(w->ctl, argv[0], &w->address);
	if (status == EX_OK && w->forced &&
	    deny_level(w->address) == LEVEL_MAILBOX)
		return fail(EX_USAGE,
		    "--forced is of domains: it overrules their mailboxes");
	w->entries = arena_alloc(
	    w->ctl->arena, ((size_t)argc + 1) * sizeof(*w->entries));
	for (int i = 1; i < argc && status == EX_OK; i++)
		status = read_entry(w, argv[i]);
	return status;
}

static void
log_entry(const struct work *w, const char *entry, const char *words)
{
	struct line l;

	line_clear(&l);
	line_field(&l, "address", w->address);
	line_field(&l, "sender", entry);
	line_field(&l, "is", words);
	log_change("deny", w->action, w->by, &l);
}

static const char *
outcome(const struct work *w, const char *words, bool changed)
{
	if (w->adds)
		return changed ? words : "was so already";
	return changed ? "deleted" : "was not on the list";
}

static void
tell(struct work *w, const char *entry, bool changed)
{
	const struct deny_match m = { .allow = w->allow, .forced = w->forced };
	const char *words = w->adds ? deny_words(&m) : "";

	if (changed)
		log_entry(w, entry, words);
	if (w->ctl->json) {
		out_array_add(&w->array,
		    json_pack("{s:s, s:o, s:o, s:s, s:b, s:o}", "kind", "deny",
			"address", out_json_text(w->address), "sender",
			out_json_text(entry), "action", w->action, "changed",
			changed, "idle", out_json_text(w->idle)));
		return;
	}
	printf("deny: ");
	out_text(stdout, w->address);
	printf(": ");
	out_text(stdout, entry);
	printf(" %s", outcome(w, words, changed));
	if (w->adds && w->idle)
		printf(", without effect: %s", w->idle);
	putchar('\n');
}

static bool
change(struct work *w, const char *entry)
{
	struct arena *a = w->ctl->arena;
	struct answer answer = { 0 };
	const struct question q = w->adds
	    ? deny_add(a, w->ctl->conf, w->address, entry, w->allow, w->forced)
	    : deny_del(a, w->ctl->conf, w->address, entry);

	if (!door_question(w->door, a, &q, &answer, 1) || answer.count != 1)
		return false;
	tell(w, entry, answer.values[0].number != 0);
	return true;
}

int
run_deny_change(struct ctl *ctl, int argc, char **argv)
{
	struct work w = {
		.ctl = ctl, .action = argv[0], .adds = !strcmp(argv[0], "add")
	};
	int status = read_words(&w, argc, argv);

	if (status != EX_OK)
		return status;
	w.by = author(ctl->arena);
	w.door = holder_door(ctl);
	w.idle = deny_idle(ctl, w.door, ctl->arena, w.address);
	for (size_t i = 0; i < w.count; i++)
		if (!change(&w, w.entries[i]))
			break;
	status = register_status(w.door);
	if (ctl->json && (status == EX_OK || w.array.count > 0))
		out_array_end(&w.array);
	door_close(w.door);
	return status;
}

/* -- clear -- */

static void
tell_cleared(struct work *w, const struct holder *h, bool dry)
{
	struct line l;

	if (!dry && h->there) {
		line_clear(&l);
		line_field(&l, "address", h->address);
		line_number(&l, "count", (long long)h->count);
		log_change("deny", "clear", w->by, &l);
	}
	if (w->ctl->json) {
		out_array_add(&w->array,
		    json_pack("{s:s, s:o, s:b, s:I}", "kind", "deny", "address",
			out_json_text(h->address), "dry_run", dry, "count",
			(json_int_t)h->count));
		return;
	}
	printf("deny: ");
	out_text(stdout, h->address);
	printf(": %zu %s\n", h->count, dry ? "would be deleted" : "deleted");
}

static bool
clear(struct work *w, const char *address, bool dry)
{
	struct arena *a = w->ctl->arena;
	struct order o = { 0 };
	struct holder h;

	if (!holders_fetch(w->ctl, w->door, a, "deny", &address, &h, 1))
		return false;
	order_words(&o, "DEL", h.key, NULL);
	if (!dry && !door_ask(w->door, a, &o, 1))
		return false;
	tell_cleared(w, &h, dry);
	return true;
}

int
run_deny_clear(struct ctl *ctl, int argc, char **argv)
{
	struct work w = { .ctl = ctl };
	struct terms t;
	int status = terms_read(&t, TERMS_DRY_RUN, &argc, &argv);

	if (status == EX_OK && argc == 0)
		status = fail(EX_USAGE, "deny clear: of which one?");
	w.entries = arena_alloc(
	    ctl->arena, ((size_t)argc + 1) * sizeof(*w.entries));
	for (int i = 0; i < argc && status == EX_OK; i++)
		status = holder_any(ctl, argv[i], &w.entries[i]);
	if (status != EX_OK)
		return status;
	w.by = author(ctl->arena);
	w.door = holder_door(ctl);
	for (int i = 0; i < argc; i++)
		if (!clear(&w, w.entries[i], t.dry_run))
			break;
	status = register_status(w.door);
	if (ctl->json && (status == EX_OK || w.array.count > 0))
		out_array_end(&w.array);
	door_close(w.door);
	return status;
}
