/*
 * policyctl_register_report - a user says that a client sent spam
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/text.h"
#include "conf/conf.h"
#include "policyctl.h"
#include "policyctl_change.h"
#include "policyctl_holder.h"
#include "policyctl_immune.h"
#include "policyctl_lists.h"
#include "policyctl_log.h"
#include "policyctl_out.h"
#include "policyctl_paper.h"
#include "policyctl_redis.h"
#include "policyctl_register.h"
#include "policyctl_shelf.h"
#include "policyctl_terms.h"
#include "scope/scope.h"

static int
read_words(struct ctl *ctl, const struct terms *t, int argc, char **argv,
    struct subject *who)
{
	if (argc != 1)
		return fail(EX_USAGE, "spam report: which client? One a call");
	if (!t->by)
		return fail(EX_USAGE, "spam report: --by whom?");
	if (!strchr(t->by, '@'))
		return fail(EX_USAGE,
		    "--by: '%s' is no address: reports count by their domain",
		    t->by);
	return subject_read(who, ctl->shelf, ctl->arena, argv[0]);
}

static int
check_immunity(struct ctl *ctl, struct door *d, const struct subject *who)
{
	struct lists *l = lists_fetch(ctl, d);
	const char *why;

	if (!l)
		return register_status(d);
	why = immune_subject(ctl->arena, l, ctl->conf, who, door_now(d));
	lists_unref(l);
	if (!why)
		return EX_OK;
	return fail(
	    EX_NOPERM, "%s: %s; --force does it anyway", who->name, why);
}

static void
tell(struct ctl *ctl, const struct subject *who, const char *by,
    const struct register_result *r, int64_t now)
{
	if (ctl->json) {
		out_json(json_pack("{s:s, s:o, s:o, s:b, s:I, s:o}", "register",
		    "spam", "client", out_json_text(who->name), "by",
		    out_json_text(by), "new", r->counted, "reporters",
		    (json_int_t)r->failures, "until",
		    paper_json_time(r->until)));
		return;
	}
	printf("spam: ");
	out_text(stdout, who->name);
	printf(r->counted ? " reported by " : " reported again by ");
	out_text(stdout, by);
	printf(", %" PRId64 " of %" PRId64 " reporters", r->failures,
	    ctl->conf->settings.spam_source.reporters);
	if (r->until)
		printf(
		    ", listed until %s", out_moment(ctl->arena, r->until, now));
	putchar('\n');
}

static int
report(struct ctl *ctl, struct changes *c, const struct subject *who,
    const char *by)
{
	struct change *one = changes_next(c);
	const int64_t now = door_now(c->door); /* a day from then is one day */
	struct register_result r;
	struct line l;

	one->question = register_spam(c->arena, ctl->conf, &who->address, by,
	    holder_scope(
		ctl, c->door, c->arena, scope_address(c->arena, by, ""))
		->set);
	one->indexed = one->until_told = true;
	one->kept = REGISTER_SPAM;
	one->address = who->address;
	changes_do(c);
	if (!register_result(&one->answer, &r))
		return register_status(c->door);
	line_clear(&l);
	line_field(&l, "client", who->name);
	line_field(&l, "reporter", by);
	log_change(ctl->shelf->name, "report", c->by, &l);
	tell(ctl, who, by, &r, now);
	return EX_OK;
}

int
register_report(struct ctl *ctl, int argc, char **argv)
{
	struct terms t;
	struct subject who;
	struct changes *c = arena_alloc(ctl->arena, sizeof(*c));
	int status = terms_read(&t, TERMS_BY | TERMS_FORCE, &argc, &argv);

	if (status == EX_OK)
		status = read_words(ctl, &t, argc, argv, &who);
	if (status != EX_OK)
		return status;
	changes_start(c, ctl, register_door(ctl));
	status = register_status(c->door);
	if (status == EX_OK && !t.force)
		status = check_immunity(ctl, c->door, &who);
	if (status == EX_OK)
		status = report(ctl, c, &who, t.by);
	changes_end(c);
	door_close(c->door);
	return status;
}
