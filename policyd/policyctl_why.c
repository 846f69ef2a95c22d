/*
 * policyctl_why - what is held against a client, or for it
 *
 * Everything that bears on an address, whoever wrote it down: lists, registers,
 * its offences, what the greylist knows of its network. With each comes the
 * command that lifts it. Of a mailbox, what bears on its logins. What a single
 * mail met, `explain` tells.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "conf/lookup.h"
#include "policyctl.h"
#include "policyctl_account.h"
#include "policyctl_change.h"
#include "policyctl_entry.h"
#include "policyctl_grey.h"
#include "policyctl_immune.h"
#include "policyctl_lists.h"
#include "policyctl_out.h"
#include "policyctl_paper.h"
#include "policyctl_redis.h"
#include "policyctl_rehearsal.h"
#include "policyctl_shelf.h"
#include "policyctl_standing.h"
#include "policyctl_strikes.h"
#include "policyctl_terms.h"
#include "policyctl_verified.h"
#include "policyctl_walk.h"

static const char *const mode_names[] = { "off", "observe", "enforce" };

/* All that was found out. */
struct inquest {
	struct ctl *ctl;
	struct door *door;
	struct subject who; /* as a register calls it */
	struct address address;
	const char *name; /* its host name, "" without one */
	int64_t now;
	struct lists *lists;
	bool trusted; /* met by no check for strangers */
	bool marked; /* else no check looks into the registers */
	const char *exempt; /* why; NULL: it is not */
	const char *refused_by; /* the first check that would; NULL: none */
	struct strikes strikes;
	struct standing network, organisation; /* with the greylist */
	json_t *entries; /* with --json */
};

static const struct policy *
policy_of(const struct ctl *ctl, const struct shelf *s)
{
	const struct settings *set = &ctl->conf->settings;

	if (!s->has_register)
		return s->list == LIST_ACCESS ? &set->access.policy : NULL;
	switch (s->kept) {
	case REGISTER_ABUSE:
		return &set->abuse.policy;
	case REGISTER_SPAM:
		return &set->spam_source.policy;
	default:
		return &set->ban.policy;
	}
}

/* An entry on the access list grants when nobody else is let in. */
static bool
is_grant(const struct ctl *ctl, const struct shelf *s)
{
	return !s->has_register &&
	    (s->list == LIST_ALLOW || s->list == LIST_TRUSTED ||
		ctl->conf->settings.access.preset == ACCESS_DENY);
}

/* The configuration does not ask for this list. */
static bool
is_unused(const struct inquest *q, const struct entry *e)
{
	return !e->shelf->has_register && e->shelf->list == LIST_TRUSTED &&
	    !lookups_redis(q->ctl->conf->trusted);
}

/* Somebody wrote it by hand, and forgot the client's mark. */
static bool
is_unmarked(const struct inquest *q, const struct entry *e)
{
	return e->key && !q->marked;
}

/* The allow list does not lift a denial of access. */
static void
weigh(struct inquest *q, const struct entry *e)
{
	const struct policy *p = policy_of(q->ctl, e->shelf);
	const bool skipped = q->trusted || is_unmarked(q, e) ||
	    (q->exempt && e->shelf->has_register);

	if (!q->refused_by && p && p->mode == MODE_ENFORCE && !skipped &&
	    !is_grant(q->ctl, e->shelf) && entry_holds(e, q->now))
		q->refused_by = e->shelf->name;
}

static const char *
effect(const struct inquest *q, const struct entry *e)
{
	const struct policy *p = policy_of(q->ctl, e->shelf);

	if (is_unused(q, e))
		return "off";
	if (!p || is_grant(q->ctl, e->shelf))
		return "grants";
	if (!entry_holds(e, q->now))
		return "counts";
	if (is_unmarked(q, e))
		return "unmarked";
	return p->mode == MODE_ENFORCE ? "refuses" : mode_names[p->mode];
}

static bool
take_entry(void *data, const struct entry *e)
{
	struct inquest *q = data;
	struct arena *a = arena_new();
	json_t *o;

	weigh(q, e);
	if (q->entries) {
		o = paper_json(e);
		json_object_set_new(o, "effect", out_json_text(effect(q, e)));
		json_object_set_new(o, "lift", out_json_text(paper_lift(a, e)));
		json_array_append_new(q->entries, o);
	} else {
		paper_print(e, q->now);
		paper_line("effect", effect(q, e));
	}
	arena_release(a);
	return true;
}

/* The entry of a list that means the client, as policyd finds it. */
static void
look_into_list(struct inquest *q, const struct shelf *s)
{
	struct arena *a = q->ctl->arena;
	struct list_entry found;
	struct entry e;

	if (!lists_find(
		q->lists, s->list, &q->address, q->name, q->now, &found))
		return;
	entry_of_record(&e, a, s, list_entry_part(a, &found, ""),
	    found.value + strcspn(found.value, " "));
	take_entry(q, &e);
}

static void
look_everywhere(struct inquest *q)
{
	for (const struct shelf *s = shelves; s->name; s++) {
		if (s->has_list)
			look_into_list(q, s);
		if (s->has_register)
			entries_of(q->ctl, q->door, s, &q->who, take_entry, q);
	}
}

/* Nobody is let in who is not on the list. */
static bool
lacks_grant(const struct inquest *q)
{
	const struct settings *set = &q->ctl->conf->settings;
	struct list_entry found;

	return !q->trusted && set->access.preset == ACCESS_DENY &&
	    set->access.policy.mode == MODE_ENFORCE &&
	    !lists_find(
		q->lists, LIST_ACCESS, &q->address, q->name, q->now, &found);
}

static bool
is_marked(struct inquest *q)
{
	struct order o = { 0 };

	order_words(&o, "EXISTS",
	    shelf_mark_key(q->ctl->arena, q->ctl->conf, q->who.name), NULL);
	return door_ask(q->door, q->ctl->arena, &o, 1) && o.reply.number != 0;
}

static void
look_up_name(struct inquest *q)
{
	const char *name = verified_name(q->ctl, q->door, &q->address);

	if (name)
		q->name = name;
}

static bool
investigate(struct inquest *q)
{
	struct ctl *ctl = q->ctl;
	char text[ADDRESS_TEXT];

	q->now = door_now(q->door);
	q->lists = lists_fetch(ctl, q->door);
	if (!q->lists)
		return false;
	if (!*q->name)
		look_up_name(q);
	q->trusted = lists_trust(
	    q->lists, ctl->conf, &q->address, q->name, q->now);
	q->exempt = exempt_client(
	    ctl->arena, q->lists, ctl->conf, &q->address, q->name, q->now);
	if (lacks_grant(q))
		q->refused_by = "access";
	q->marked = is_marked(q);
	look_everywhere(q);
	q->network.identity.name = grey_identity(
	    ctl, address_text(&q->address, text));
	q->organisation.identity.name = verified_organisation(
	    ctl, &q->address, q->name);
	return strikes_fetch(&q->strikes, ctl, q->door, q->who.name) &&
	    standings_fetch(&q->network, &q->organisation, ctl, q->door,
		q->lists, &q->address, q->name);
}

/* Whatever was put off before. */
static bool
is_let_in(const struct inquest *q)
{
	return q->trusted || q->exempt || q->network.identity.proven ||
	    q->organisation.identity.proven;
}

/* The mail that the greylist keeps out; NULL: none, as far as we know. */
static const struct grey_record *
put_off(const struct inquest *q)
{
	if (is_let_in(q))
		return NULL;
	return standing_later(&q->network, &q->organisation);
}

static const char *
deferral(const struct inquest *q)
{
	const struct grey_record *r = put_off(q);

	if (!q->network.searched && !is_let_in(q))
		return "not known without the right to SCAN";
	if (!r)
		return "no";
	if (r->may_pass <= q->now)
		return "greylist, may pass now";
	return arena_printf(q->ctl->arena, "greylist, may pass %s",
	    out_moment(q->ctl->arena, r->may_pass, q->now));
}

/* The last lines: what all of it comes to. */
static void
print_rest(struct inquest *q)
{
	const struct strikes *s = &q->strikes;

	if (s->count > 0 || s->event_count > 0)
		strikes_print(s, q->now);
	standing_print(&q->network, q->now);
	standing_print(&q->organisation, q->now);
	printf("client ");
	out_text(stdout, q->who.name);
	putchar('\n');
	if (*q->name)
		paper_line("name", q->name);
	paper_line("exempt", q->exempt ? q->exempt : "no");
	paper_line("refused", q->refused_by ? q->refused_by : "no");
	paper_line("deferred", deferral(q));
	if (lacks_grant(q))
		paper_line("lift",
		    arena_printf(
			q->ctl->arena, "policyctl access add %s", q->who.name));
}

static json_t *
inquest_json(struct inquest *q)
{
	json_t *grey = standing_json(&q->network, q->now);

	json_object_set_new(
	    grey, "organisation", standing_json(&q->organisation, q->now));
	return json_pack("{s:o, s:o, s:o, s:o, s:s?, s:O, s:o, s:o}", "client",
	    out_json_text(q->who.name), "name",
	    out_json_text(*q->name ? q->name : NULL), "exempt",
	    out_json_text(q->exempt), "refused", out_json_text(q->refused_by),
	    "deferred", put_off(q) ? "greylist" : NULL, "entries", q->entries,
	    "strikes", strikes_json(&q->strikes), "greylist", grey);
}

static int
read_words(struct inquest *q, int argc, char **argv)
{
	if (argc != 1)
		return fail(EX_USAGE, "why: which address? One at a time");
	if (!address_parse(&q->address, argv[0]))
		return fail(EX_USAGE,
		    "why: '%s' is no address and no USER@DOMAIN; of ids, "
		    "senders and recipients no traces are kept, 'explain' "
		    "tells what a mail meets",
		    argv[0]);
	return subject_read(
	    &q->who, shelf_named("ban"), q->ctl->arena, argv[0]);
}

int
run_why(struct ctl *ctl, int argc, char **argv)
{
	struct inquest q = { .ctl = ctl };
	struct terms t;
	int status = terms_read(&t, TERMS_NAME, &argc, &argv);

	q.name = t.name;
	if (status == EX_OK && argc == 1 && strchr(argv[0], '@'))
		return accounts_show(ctl, argc, argv, true);
	if (status == EX_OK)
		status = read_words(&q, argc, argv);
	if (status != EX_OK)
		return status;
	if (ctl->json)
		q.entries = json_array();
	q.door = patient_door(ctl, rehearsal_scripts(ctl->arena));
	if (investigate(&q)) {
		if (ctl->json)
			out_json(inquest_json(&q));
		else
			print_rest(&q);
	}
	status = register_status(q.door);
	json_decref(q.entries);
	lists_unref(q.lists);
	door_close(q.door);
	return status;
}
