/*
 * policyctl_register - registers and lists: the groups, list and show
 */
#include "policyctl_register.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "policyctl.h"
#include "policyctl_change.h"
#include "policyctl_entry.h"
#include "policyctl_out.h"
#include "policyctl_paper.h"
#include "policyctl_redis.h"
#include "policyctl_shelf.h"
#include "policyctl_terms.h"
#include "policyctl_walk.h"

#define SELECTION                                                              \
	"[--network CIDR] [--reason TEXT] [--by WHO] [--before TIME]\n"        \
	"      [--level N] [--listed]"

/* clang-format off */
#define COMMON                                                                 \
	{ "list", SELECTION " [--limit N]", "entries, one a line",             \
	    register_list },                                                   \
	{ "show", "CLIENT ...", "all that is kept of an entry",                \
	    register_show },                                                   \
	{ "add",                                                               \
	    "CLIENT ... [--for TIME | --permanent] [--reason TEXT] [--force]", \
	    "put there by hand", register_add },                               \
	{ "del", "CLIENT ...", "take entries off", register_del },             \
	{ "clear", "[--dry-run] --all\n  clear [--dry-run] " SELECTION,                           \
	    "take off all that fit", register_clear },                         \
	{ "export", SELECTION, "entries as lines of JSON", register_export },  \
	{ "import", "[--force] [FILE]", "put there what was exported", register_import }
/* clang-format on */

static const struct command list_commands[] = {
	COMMON,
	{ NULL },
};

static const struct command register_commands[] = {
	COMMON,
	{ "history", "CLIENT ...", "offences, bans and their lifting",
	    register_history },
	{ NULL },
};

static const struct command spam_commands[] = {
	COMMON,
	{ "history", "CLIENT ...", "offences, bans and their lifting",
	    register_history },
	{ "report", "CLIENT --by USER [--force]", "a user had spam from there",
	    register_report },
	{ NULL },
};

int
run_register(struct ctl *ctl, int argc, char **argv)
{
	const struct command *table = register_commands;

	ctl->shelf = shelf_named(argv[0]);
	if (!ctl->shelf->has_register)
		table = list_commands;
	else if (ctl->shelf->kept == REGISTER_SPAM)
		table = spam_commands;
	return commands_run(table,
	    arena_printf(ctl->arena, "policyctl %s", argv[0]), ctl, argc - 1,
	    argv + 1);
}

/* Entries on their way out. */
struct listing {
	struct ctl *ctl;
	int64_t now, limit;
	int64_t count;
	struct out_array array;
};

static bool
list_entry(void *data, const struct entry *e)
{
	struct listing *l = data;

	if (l->count == l->limit || ferror(stdout))
		return false; /* enough, or nobody reads any more */
	if (l->ctl->json) {
		out_array_add(&l->array, paper_json(e));
	} else {
		if (l->count == 0)
			paper_head();
		paper_row(e, l->now);
	}
	l->count++;
	return true;
}

int
register_list(struct ctl *ctl, int argc, char **argv)
{
	struct terms t;
	struct listing l = { .ctl = ctl };
	int status = terms_read(
	    &t, TERMS_SELECTION | TERMS_LIMIT, &argc, &argv);
	struct door *d;

	if (status != EX_OK)
		return status;
	if (argc > 0)
		return fail(EX_USAGE, "%s list: '%s' is too much",
		    ctl->shelf->name, argv[0]);
	d = register_door(ctl);
	l.now = door_now(d);
	l.limit = t.limit;
	entries_walk(ctl, d, ctl->shelf, &t, list_entry, &l);
	if (ctl->json)
		out_array_end(&l.array);
	status = register_status(d);
	door_close(d);
	return status;
}

static bool
show_entry(void *data, const struct entry *e)
{
	struct listing *l = data;

	l->count++;
	if (l->ctl->json)
		out_array_add(&l->array, paper_json(e));
	else
		paper_print(e, l->now);
	return true;
}

static void
show_subject(struct listing *l, struct door *d, const struct subject *who)
{
	struct ctl *ctl = l->ctl;
	const int64_t before = l->count;

	if (entries_of(ctl, d, ctl->shelf, who, show_entry, l) &&
	    l->count == before && !ctl->json) {
		printf("%s ", ctl->shelf->name);
		out_text(stdout, who->name);
		puts(": no entry");
	}
}

int
register_show(struct ctl *ctl, int argc, char **argv)
{
	struct terms t;
	struct listing l = { .ctl = ctl };
	struct subject who;
	int status = terms_read(&t, 0, &argc, &argv);
	struct door *d;

	if (status == EX_OK && argc == 0)
		status = fail(
		    EX_USAGE, "%s show: which one?", ctl->shelf->name);
	for (int i = 0; i < argc && status == EX_OK; i++)
		status = subject_read(&who, ctl->shelf, ctl->arena, argv[i]);
	if (status != EX_OK)
		return status;
	d = register_door(ctl);
	l.now = door_now(d);
	for (int i = 0; i < argc; i++) {
		subject_read(&who, ctl->shelf, ctl->arena, argv[i]);
		show_subject(&l, d, &who);
	}
	if (ctl->json)
		out_array_end(&l.array);
	status = register_status(d);
	door_close(d);
	return status;
}
