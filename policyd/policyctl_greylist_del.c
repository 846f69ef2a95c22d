/*
 * policyctl_greylist_del - forgetting records, by key or by what is in them
 */
#include "policyctl_greylist.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "policyctl.h"
#include "policyctl_grey.h"
#include "policyctl_holder.h"
#include "policyctl_key.h"
#include "policyctl_out.h"
#include "policyctl_redis.h"
#include "policyctl_scan.h"
#include "policyctl_wish.h"

enum { HEAP = 256 }; /* keys deleted at a time */

/* Keys to be deleted, a heap at a time. */
struct removal {
	struct ctl *ctl;
	struct door *door;
	bool dry_run;
	struct arena *arena; /* of the heap */
	const char *heap[HEAP];
	size_t used;
	int64_t count; /* keys that were there */
	struct out_array array;
};

static void
tell_deleted(struct removal *m, const char *key)
{
	m->count++;
	if (m->ctl->json) {
		out_array_add(&m->array, out_json_text(key));
		return;
	}
	printf(m->dry_run ? "would delete " : "deleted ");
	out_text(stdout, key);
	putchar('\n');
}

/* EXISTS or DEL: both answer how many there were. */
static void
flush(struct removal *m)
{
	struct order *orders = arena_alloc(m->arena, m->used * sizeof(*orders));

	for (size_t i = 0; i < m->used; i++)
		order_words(&orders[i], m->dry_run ? "EXISTS" : "DEL",
		    m->heap[i], NULL);
	door_ask(m->door, m->arena, orders, m->used);
	for (size_t i = 0; i < m->used; i++)
		if (orders[i].loss == LOSS_NONE && orders[i].reply.number > 0)
			tell_deleted(m, m->heap[i]);
	arena_release(m->arena);
	m->arena = arena_new();
	m->used = 0;
}

static void
remove_key(struct removal *m, const char *key)
{
	m->heap[m->used++] = arena_strdup(m->arena, key);
	if (m->used == HEAP)
		flush(m);
}

static bool
remove_record(void *data, const struct grey_record *r)
{
	struct removal *m = data;

	remove_key(m, r->key);
	return !door_trouble(m->door);
}

/* What is under identities beside their records. */
static void
remove_identities(struct removal *m, const struct selection *s)
{
	const char *prefix = m->ctl->conf->prefix;
	struct scan scan;
	struct key_parts k;
	bool more = true;

	scan_start(&scan, m->door,
	    key_pattern(m->ctl->arena,
		arena_printf(m->ctl->arena, "%sknown:{", prefix)));
	while (more) {
		struct arena *page = arena_new();
		struct node keys;

		more = scan_next(&scan, page, &keys);
		for (size_t i = 0; more && i < keys.count; i++)
			if (key_split(&k, page, prefix, keys.items[i].text) &&
			    k.tag && grey_means(s, k.tag))
				remove_key(m, keys.items[i].text);
		arena_release(page);
	}
	scan_end(&scan);
}

/* Identities that are forgotten are forgotten whole. */
static void
remove_selected(struct removal *m, const struct wish *w)
{
	const struct selection *s = &w->wanted;

	grey_walk(m->ctl, m->door, s, remove_record, m);
	if ((s->identity || s->by_network) && !s->sender && !s->recipient &&
	    s->state == GREY_ANY)
		remove_identities(m, s);
}

/* Nobody should lose another program's key by a slip here. */
static bool
is_ours(struct ctl *ctl, const char *key)
{
	struct key_parts k;

	return key_split(&k, ctl->arena, ctl->conf->prefix, key) && k.tag &&
	    (!strcmp(k.name, "grey") || !strcmp(k.name, "known"));
}

static int
check_words(struct ctl *ctl, const struct wish *w, int argc, char **argv)
{
	if (argc == 0 && !w->selects)
		return fail(EX_USAGE,
		    "greylist del: a KEY, or --identity, --network, "
		    "--sender or --recipient");
	if (argc > 0 && (w->selects || w->wanted.state != GREY_ANY))
		return fail(
		    EX_USAGE, "greylist del: either keys or a selection");
	for (int i = 0; i < argc; i++)
		if (!is_ours(ctl, argv[i]))
			return fail(EX_USAGE,
			    "'%s' is no key of the greylist; all records of "
			    "an address or domain: --network, --identity",
			    argv[i]);
	return EX_OK;
}

static void
begin_output(const struct removal *m)
{
	if (m->ctl->json)
		printf("{\"dry_run\": %s, \"keys\": ",
		    m->dry_run ? "true" : "false");
}

static void
end_output(struct removal *m)
{
	if (m->ctl->json) {
		out_array_end(&m->array);
		printf(", \"count\": %" PRId64 "}\n", m->count);
	} else {
		printf("%" PRId64 " %s\n", m->count,
		    m->dry_run ? "would be deleted" : "deleted");
	}
}

int
greylist_del(struct ctl *ctl, int argc, char **argv)
{
	struct wish w;
	struct removal m = { .ctl = ctl };
	int status = wish_read(
	    ctl, &w, WISH_SELECTION | WISH_DRY_RUN, &argc, &argv);

	if (status == EX_OK)
		status = check_words(ctl, &w, argc, argv);
	if (status != EX_OK)
		return status;
	m.dry_run = w.dry_run;
	m.door = holder_door(ctl);
	m.arena = arena_new();
	begin_output(&m);
	for (int i = 0; i < argc; i++)
		remove_key(&m, argv[i]);
	if (w.selects)
		remove_selected(&m, &w);
	flush(&m);
	end_output(&m);
	status = greylist_status(m.door);
	arena_release(m.arena);
	door_close(m.door);
	return status;
}
