/*
 * policyctl_rate - how much was sent, by whom, and what may be: the group,
 * and show
 */
#include "policyctl_rate.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "policyctl.h"
#include "policyctl_change.h"
#include "policyctl_holder.h"
#include "policyctl_out.h"
#include "policyctl_paper.h"
#include "policyctl_rate_terms.h"
#include "policyctl_redis.h"
#include "scope/scope.h"

static const char *const mode_names[] = { "off", "observe", "enforce" };

static const struct command commands[] = {
	{ "show", "WHO ...",
	    "its meters: how much of what limit is used, and who set that",
	    rate_show },
	{ "list", "[PATTERN] [--over PERCENT] [--meter NAME] [--limit N]",
	    "all meters there are, one a line", rate_list },
	{ "top",
	    "[messages | recipients | bytes] [--users] [--domains] "
	    "[--clients]\n      [-n 10]",
	    "who sent most", rate_top },
	{ "reset", "WHO ... [--meter NAME] [--grants]",
	    "forget what was counted", rate_change },
	{ "grant", "WHO ... +N [--meter NAME] --until 18:00 | --for 2h",
	    "so much more until then", rate_change },
	{ "revoke", "WHO ... [--meter NAME]", "take that back", rate_change },
	{ NULL },
};

int
run_rate(struct ctl *ctl, int argc, char **argv)
{
	return commands_run(
	    commands, "policyctl rate", ctl, argc - 1, argv + 1);
}

/* -- show -- */

struct showing {
	struct ctl *ctl;
	struct door *door;
	int64_t now;
	struct out_array array;
};

/* What has no limit is only told when there is something. */
static void
drop_empty(struct gauges *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].there ||
		    list->items[i].meter.limit.count > 0)
			list->items[kept++] = list->items[i];
	list->count = kept;
}

static const char *
mode_of(const struct payer *p)
{
	return mode_names[p->scope->set->rate.policy.mode];
}

static const char *
kind_of(const struct payer *p)
{
	return p->client.family ? "client" : rate_owner_name(p->owner);
}

static json_t *
payer_json(
    const struct showing *s, const struct payer *p, const struct gauges *list)
{
	return json_pack("{s:s, s:o, s:o, s:s, s:o}", "kind", kind_of(p),
	    "name", out_json_text(p->name), "alias", out_json_text(p->alias),
	    "mode", mode_of(p), "meters", gauges_json(list, s->now));
}

static void
print_payer(
    const struct showing *s, const struct payer *p, const struct gauges *list)
{
	const enum mode mode = p->scope->set->rate.policy.mode;

	printf("%s ", kind_of(p));
	out_text(stdout, p->name);
	putchar('\n');
	paper_line("alias", p->alias ? p->alias : "");
	paper_line("mode",
	    mode == MODE_OFF ? "off: rate.mode lets nothing be counted"
			     : mode_names[mode]);
	if (p->owner == OWNER_MAILBOX && p->domain &&
	    !holder_exists(s->ctl, p->scope, p->name))
		paper_line("known", "no: there is no such mailbox");
	if (list->count == 0)
		paper_line("meters", "none: it has no limit");
	gauges_print(list, s->now);
}

static bool
show(struct showing *s, struct payer *p)
{
	struct arena *a = arena_new();
	struct gauges list;
	bool known;

	payer_find(s->ctl, s->door, p);
	gauges_limited(s->ctl, a, p, true, &list);
	gauges_scan(s->ctl, s->door, a, p, &list);
	known = gauges_fetch(s->ctl, s->door, a, list.items, list.count);
	if (known) {
		drop_empty(&list);
		gauges_sort(&list);
		if (s->ctl->json)
			out_array_add(&s->array, payer_json(s, p, &list));
		else
			print_payer(s, p, &list);
	}
	arena_release(a);
	return known;
}

int
rate_show(struct ctl *ctl, int argc, char **argv)
{
	struct rate_terms t;
	struct showing s = { .ctl = ctl };
	struct payer *payers;
	int status = rate_terms_read(&t, 0, &argc, &argv);

	if (status == EX_OK && argc == 0)
		status = fail(EX_USAGE, "rate show: of whom?");
	payers = arena_alloc(ctl->arena, ((size_t)argc + 1) * sizeof(*payers));
	for (int i = 0; i < argc && status == EX_OK; i++)
		status = payer_read(ctl, argv[i], &payers[i]);
	if (status != EX_OK)
		return status;
	s.door = register_door(ctl);
	s.now = door_now(s.door);
	for (int i = 0; i < argc; i++)
		if (!show(&s, &payers[i]))
			break;
	status = register_status(s.door);
	if (ctl->json && (status == EX_OK || s.array.count > 0))
		out_array_end(&s.array);
	door_close(s.door);
	return status;
}
