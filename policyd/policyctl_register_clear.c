/*
 * policyctl_register_clear - taking entries off, one by one or by what is in
 * them
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/text.h"
#include "policyctl.h"
#include "policyctl_change.h"
#include "policyctl_entry.h"
#include "policyctl_log.h"
#include "policyctl_out.h"
#include "policyctl_redis.h"
#include "policyctl_register.h"
#include "policyctl_shelf.h"
#include "policyctl_terms.h"
#include "policyctl_walk.h"

/* -- del -- */

/* Words that all name something; read before anything is changed. */
static int
read_subjects(struct ctl *ctl, int argc, char **argv, struct subject *out)
{
	int status = EX_OK;

	if (argc == 0)
		return fail(EX_USAGE, "%s del: which one?", ctl->shelf->name);
	for (int i = 0; i < argc && status == EX_OK; i++)
		status = subject_read(&out[i], ctl->shelf, ctl->arena, argv[i]);
	return status;
}

static void
lift_pattern(struct changes *c, const char *pattern)
{
	struct change *one = changes_next(c);

	one->question = list_del(
	    c->arena, c->ctl->conf, c->ctl->shelf->list, pattern);
}

/* Whoever used redis-cli may have spelled a pattern in a way of his own. */
static void
lift_subject(struct changes *c, const struct subject *who)
{
	if (who->client) {
		changes_lift_client(c, c->ctl->shelf->kept, &who->address);
		return;
	}
	lift_pattern(c, who->name);
	if (strcmp(who->name, who->written) != 0)
		lift_pattern(c, who->written);
}

static void
tell_deleted(struct changes *c, const struct subject *who, bool was,
    struct out_array *array)
{
	struct ctl *ctl = c->ctl;
	struct line l;

	if (was) {
		line_clear(&l);
		line_field(&l, "client", who->name);
		log_change(ctl->shelf->name, "del", c->by, &l);
	}
	if (ctl->json) {
		out_array_add(array,
		    json_pack("{s:s, s:o, s:b}", "register", ctl->shelf->name,
			"client", out_json_text(who->name), "deleted", was));
		return;
	}
	printf("%s: ", ctl->shelf->name);
	out_text(stdout, who->name);
	puts(was ? " deleted" : " was not there");
}

int
register_del(struct ctl *ctl, int argc, char **argv)
{
	struct terms t;
	struct changes *c = arena_alloc(ctl->arena, sizeof(*c));
	struct out_array array = { 0 };
	struct subject *who;
	int status = terms_read(&t, 0, &argc, &argv);

	who = arena_alloc(ctl->arena, (size_t)argc * sizeof(*who) + 1);
	if (status == EX_OK)
		status = read_subjects(ctl, argc, argv, who);
	if (status != EX_OK)
		return status;
	changes_start(c, ctl, register_door(ctl));
	for (int i = 0; i < argc; i++) {
		const int64_t before = c->made;

		lift_subject(c, &who[i]);
		if (!changes_do(c))
			break;
		tell_deleted(c, &who[i], c->made > before, &array);
	}
	if (ctl->json)
		out_array_end(&array);
	status = register_status(c->door);
	changes_end(c);
	door_close(c->door);
	return status;
}

/* -- clear -- */

struct clearing {
	struct changes changes;
	bool dry_run;
	int64_t count; /* of a dry run */
};

static bool
clear_entry(void *data, const struct entry *e)
{
	struct clearing *c = data;

	c->count++;
	if (!c->dry_run)
		changes_lift(&c->changes, e);
	return !door_trouble(c->changes.door);
}

static void
tell_cleared(struct clearing *c, struct ctl *ctl, const char *words)
{
	const int64_t count = c->dry_run ? c->count : c->changes.made;
	struct line l;

	if (!c->dry_run && count > 0) {
		line_clear(&l);
		line_number(&l, "count", count);
		line_field(&l, "filter", words);
		log_change(ctl->shelf->name, "clear", c->changes.by, &l);
	}
	if (ctl->json)
		out_json(
		    json_pack("{s:s, s:b, s:I}", "register", ctl->shelf->name,
			"dry_run", c->dry_run, "count", (json_int_t)count));
	else
		printf("%s: %" PRId64 " %s\n", ctl->shelf->name, count,
		    c->dry_run ? "would be deleted" : "deleted");
}

/* What was asked for, as it was written, for the log. */
static const char *
all_words(struct arena *a, int argc, char **argv)
{
	const char *text = "";

	for (int i = 1; i < argc; i++)
		text = arena_printf(
		    a, "%s%s%s", text, *text ? " " : "", argv[i]);
	return text;
}

int
register_clear(struct ctl *ctl, int argc, char **argv)
{
	struct terms t;
	struct clearing *c = arena_alloc(ctl->arena, sizeof(*c));
	const char *words = all_words(ctl->arena, argc, argv);
	int status = terms_read(
	    &t, TERMS_SELECTION | TERMS_DRY_RUN, &argc, &argv);

	if (status != EX_OK)
		return status;
	if (argc > 0)
		return fail(EX_USAGE,
		    "%s clear: '%s' is too much: 'del' takes "
		    "single entries",
		    ctl->shelf->name, argv[0]);
	if (t.selects == t.all)
		return fail(EX_USAGE, "%s clear: either --all, or which ones",
		    ctl->shelf->name);
	c->dry_run = t.dry_run;
	changes_start(&c->changes, ctl, register_door(ctl));
	entries_walk(ctl, c->changes.door, ctl->shelf, &t, clear_entry, c);
	changes_do(&c->changes);
	tell_cleared(c, ctl, words);
	status = register_status(c->changes.door);
	changes_end(&c->changes);
	door_close(c->changes.door);
	return status;
}
