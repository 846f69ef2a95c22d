/*
 * policyctl_register_add - putting entries there by hand
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "ask/key.h"
#include "base/arena.h"
#include "base/text.h"
#include "conf/conf.h"
#include "policyctl.h"
#include "policyctl_change.h"
#include "policyctl_entry.h"
#include "policyctl_immune.h"
#include "policyctl_lists.h"
#include "policyctl_log.h"
#include "policyctl_out.h"
#include "policyctl_paper.h"
#include "policyctl_redis.h"
#include "policyctl_register.h"
#include "policyctl_shelf.h"
#include "policyctl_terms.h"
#include "policyctl_when.h"
#include "register/put.h"

/* What is being put there. */
struct adding {
	struct ctl *ctl;
	struct terms terms;
	struct subject *who;
	int count;
	int64_t now, seconds; /* FOREVER: permanent */
	const char *reason;
	struct lists *lists;
	struct changes changes;
	struct out_array array;
};

/* How long when nobody said. */
static int64_t
usual_seconds(const struct ctl *ctl)
{
	const struct settings *set = &ctl->conf->settings;

	if (!ctl->shelf->has_register)
		return FOREVER;
	switch (ctl->shelf->kept) {
	case REGISTER_ABUSE:
		return set->abuse.listed;
	case REGISTER_SPAM:
		return set->spam_source.listed;
	default:
		return FOREVER;
	}
}

static int
check_terms(struct adding *ad)
{
	const struct terms *t = &ad->terms;
	const char *name = ad->ctl->shelf->name;

	if (t->permanent && t->seconds)
		return fail(
		    EX_USAGE, "%s add: either --for or --permanent", name);
	if (t->permanent && !ad->ctl->shelf->has_list)
		return fail(EX_USAGE,
		    "%s add: this register ends by itself; 'ban add' takes "
		    "--permanent",
		    name);
	ad->seconds = usual_seconds(ad->ctl);
	if (t->permanent || t->seconds)
		ad->seconds = t->permanent ? FOREVER : t->seconds;
	ad->reason = t->reason ? t->reason : "";
	return EX_OK;
}

/* What no client can be called, and a list would keep for ever in vain: the
 * ban was to end in an hour, or meant a sender. */
static int
check_slip(const struct subject *who)
{
	const char *text = who->written;
	int64_t seconds;

	if (when_span(text, &seconds))
		return fail(EX_USAGE,
		    "'%s' is a time and no client: did you mean '--for %s'?",
		    text, text);
	if (strchr(text, '@'))
		return fail(EX_USAGE,
		    "'%s' is a mail address and no client: 'policyctl deny' "
		    "is about senders",
		    text);
	return EX_OK;
}

static int
read_words(struct adding *ad, int argc, char **argv)
{
	int status = EX_OK;

	if (argc == 0)
		return fail(
		    EX_USAGE, "%s: which client?", ad->ctl->shelf->name);
	ad->count = argc;
	ad->who = arena_alloc(ad->ctl->arena, (size_t)argc * sizeof(*ad->who));
	for (int i = 0; i < argc && status == EX_OK; i++) {
		status = subject_read(
		    &ad->who[i], ad->ctl->shelf, ad->ctl->arena, argv[i]);
		if (status == EX_OK)
			status = check_slip(&ad->who[i]);
	}
	return status;
}

/* A list of denials or grants may name anybody. */
static bool
needs_immunity(const struct adding *ad)
{
	return ad->ctl->shelf->has_register && !ad->terms.force;
}

/* All of them are looked at before the first is added. */
static int
check_immunity(struct adding *ad)
{
	struct arena *a = ad->ctl->arena;

	if (!needs_immunity(ad))
		return EX_OK;
	ad->lists = lists_fetch(ad->ctl, ad->changes.door);
	if (!ad->lists)
		return register_status(ad->changes.door);
	for (int i = 0; i < ad->count; i++) {
		const char *why = immune_subject(
		    a, ad->lists, ad->ctl->conf, &ad->who[i], ad->now);

		if (why)
			return fail(EX_NOPERM, "%s: %s; --force does it anyway",
			    ad->who[i].name, why);
	}
	return EX_OK;
}

static const char *
number(struct arena *a, int64_t n)
{
	return arena_printf(a, "%" PRId64, n);
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void
put(struct adding *ad, const struct subject *who, const char *service,
    int64_t ends, const struct put_field *fields, size_t count)
{
	struct change *one = changes_next(&ad->changes);
	struct arena *a = ad->changes.arena;

	*one = (struct change){
		.question = put_fields(a,
		    shelf_key(
			ad->ctl->shelf, a, ad->ctl->conf, who->name, service),
		    shelf_mark_key(a, ad->ctl->conf, who->name), ends, fields,
		    count),
		.indexed = true,
		.kept = ad->ctl->shelf->kept,
		.address = who->address,
		.until = ad->now + ad->seconds,
	};
}

static void
add_abuse(struct adding *ad, const struct subject *who)
{
	static const char *const services[] = { "smtp", "imap", "pop3" };
	const struct settings *set = &ad->ctl->conf->settings;
	struct arena *a = ad->changes.arena;
	const struct put_field fields[] = {
		{ "until", number(a, ad->now + ad->seconds) },
		{ "last", number(a, ad->now) },
		{ "by", ad->changes.by },
		{ "reason", ad->reason },
	};
	const int64_t ends = ad->now + later(ad->seconds, set->abuse.window);

	if (set->abuse.services == SERVICES_TOGETHER)
		put(ad, who, NULL, ends, fields, 4);
	else
		for (size_t i = 0; i < 3; i++)
			put(ad, who, services[i], ends, fields, 4);
}

/* Who adds it is among the reporters. */
static void
add_spam(struct adding *ad, const struct subject *who)
{
	const struct settings *set = &ad->ctl->conf->settings;
	struct arena *a = ad->changes.arena;
	const struct put_field fields[] = {
		{ "until", number(a, ad->now + ad->seconds) },
		{ key_component(a, ad->changes.by), number(a, ad->now) },
	};

	put(ad, who, NULL,
	    ad->now + later(ad->seconds, set->spam_source.window), fields, 2);
}

static void
add_ban(struct adding *ad, const struct subject *who)
{
	struct change *one = changes_next(&ad->changes);

	*one = (struct change){
		.question = register_ban(ad->changes.arena, ad->ctl->conf,
		    &who->address, ad->seconds, ad->reason, ad->changes.by),
		.indexed = true,
		.kept = REGISTER_BAN,
		.address = who->address,
		.until = ad->seconds == FOREVER ? FOREVER
						: ad->now + ad->seconds,
	};
}

static void
add_pattern(struct adding *ad, const struct subject *who)
{
	struct change *one = changes_next(&ad->changes);

	one->question = list_add(ad->changes.arena, ad->ctl->conf,
	    ad->ctl->shelf->list, who->name,
	    ad->seconds == FOREVER ? 0 : ad->seconds, ad->changes.by,
	    ad->reason);
}

static void
add(struct adding *ad, const struct subject *who)
{
	if (!who->client)
		add_pattern(ad, who);
	else if (ad->ctl->shelf->kept == REGISTER_ABUSE)
		add_abuse(ad, who);
	else if (ad->ctl->shelf->kept == REGISTER_SPAM)
		add_spam(ad, who);
	else
		add_ban(ad, who);
}

static void
log_added(struct adding *ad, const struct subject *who, int64_t until)
{
	struct line l;

	line_clear(&l);
	line_field(&l, "client", who->name);
	if (until == FOREVER)
		line_field(&l, "until", "permanent");
	else
		line_number(&l, "until", until);
	line_field(&l, "reason", ad->reason);
	log_change(ad->ctl->shelf->name, "add", ad->changes.by, &l);
}

static void
tell_added(struct adding *ad, const struct subject *who)
{
	struct ctl *ctl = ad->ctl;
	const int64_t until = ad->seconds == FOREVER ? FOREVER
						     : ad->now + ad->seconds;

	log_added(ad, who, until);
	if (ctl->json) {
		out_array_add(&ad->array,
		    json_pack("{s:s, s:o, s:o, s:b}", "register",
			ctl->shelf->name, "client", out_json_text(who->name),
			"until", paper_json_time(until), "permanent",
			until == FOREVER));
		return;
	}
	printf("%s: ", ctl->shelf->name);
	out_text(stdout, who->name);
	if (until == FOREVER)
		puts(" added, permanent");
	else
		printf(" added until %s\n",
		    out_moment(ctl->arena, until, ad->now));
}

static int
add_all(struct adding *ad)
{
	struct changes *c = &ad->changes;
	int status;

	changes_start(c, ad->ctl, register_door(ad->ctl));
	ad->now = door_now(c->door);
	status = check_immunity(ad);
	for (int i = 0; status == EX_OK && i < ad->count; i++) {
		add(ad, &ad->who[i]);
		if (changes_do(c))
			tell_added(ad, &ad->who[i]);
		status = register_status(c->door);
	}
	if (ad->ctl->json && (status == EX_OK || ad->array.count > 0))
		out_array_end(&ad->array);
	lists_unref(ad->lists);
	changes_end(c);
	door_close(c->door);
	return status;
}

int
register_add(struct ctl *ctl, int argc, char **argv)
{
	struct adding *ad = arena_alloc(ctl->arena, sizeof(*ad));
	int status;

	ad->ctl = ctl;
	status = terms_read(&ad->terms, TERMS_NEW, &argc, &argv);
	if (status == EX_OK)
		status = read_words(ad, argc, argv);
	if (status == EX_OK)
		status = check_terms(ad);
	return status == EX_OK ? add_all(ad) : status;
}
