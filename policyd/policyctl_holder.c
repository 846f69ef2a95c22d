/*
 * policyctl_holder - the groups domain and mailbox, and who is named
 */
#include "policyctl_holder.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/clock.h"
#include "checks/ours.h"
#include "conf/conf.h"
#include "conf/lookup.h"
#include "conf/options.h"
#include "conf/sense.h"
#include "policyctl.h"
#include "policyctl_change.h"
#include "policyctl_origin.h"
#include "policyctl_redis.h"
#include "scope/scope.h"

static const struct command commands[] = {
	{ "list", "[PATTERN] [--limit N]", "those that Redis knows, one a line",
	    holder_list },
	{ "show", "NAME ... [--all]",
	    "what holds for it, and who set each value", holder_show },
	{ "set", "NAME [OPTION=VALUE ...]",
	    "give it settings of its own; it exists from then on", holder_set },
	{ "unset", "NAME OPTION ...", "take settings back", holder_unset },
	{ "del", "NAME ...", "it goes, with its settings and its deny list",
	    holder_del },
	{ NULL },
};

int
run_holder(struct ctl *ctl, int argc, char **argv)
{
	ctl->mailboxes = !strcmp(argv[0], "mailbox");
	return commands_run(commands,
	    arena_printf(ctl->arena, "policyctl %s", argv[0]), ctl, argc - 1,
	    argv + 1);
}

const char *
holder_kind(const struct ctl *ctl)
{
	return ctl->mailboxes ? "mailbox" : "domain";
}

int
holder_any(struct ctl *ctl, const char *text, const char **address)
{
	const char *wrong;

	*address = scope_address(ctl->arena, text, "");
	wrong = scope_check(ctl->arena, *address, "", NULL);
	return wrong ? fail(EX_USAGE, "%s", wrong) : EX_OK;
}

int
holder_read(struct ctl *ctl, const char *text, const char **address)
{
	if (ctl->mailboxes && !strchr(text, '@'))
		return fail(
		    EX_USAGE, "'%s' is not a mailbox, user@domain", text);
	if (!ctl->mailboxes && strchr(text, '@'))
		return fail(EX_USAGE,
		    "'%s' is not a domain: 'policyctl mailbox' takes it", text);
	return holder_any(ctl, text, address);
}

struct door *
holder_door(struct ctl *ctl)
{
	return patient_door(ctl, scope_scripts);
}

const char *
holder_field(const struct holder *h, const char *name)
{
	for (size_t i = 0; i < h->count; i++)
		if (!strcmp(h->fields[i].name, name))
			return h->fields[i].value;
	return NULL;
}

int64_t
holder_since(const struct holder *h)
{
	const char *since = holder_field(h, "since");

	return since ? strtoll(since, NULL, 10) : 0;
}

void
holder_scopes(struct ctl *ctl, struct door *d, struct arena *a,
    const char *const *addresses, const struct scope **out, size_t count)
{
	struct scopes_known *known = scopes_known_new(door_clock(d));
	struct question *qs = arena_alloc(a, count * sizeof(*qs));
	struct answer *answers = arena_alloc(a, count * sizeof(*answers));
	const uint64_t now = clock_ms(door_clock(d));
	size_t asked;

	memset(out, 0, count * sizeof(*out));
	do {
		asked = 0;
		for (size_t i = 0; i < count; i++)
			if (!out[i] &&
			    !scope_find(known, a, ctl->conf, addresses[i], now,
				&out[i], &qs[asked])) {
				out[i] = NULL;
				answers[asked++] = (struct answer){
					.state = LOST, .loss = LOSS_DOWN
				};
			}
		door_question(d, a, qs, answers, asked);
		for (size_t i = 0; i < asked; i++)
			scope_learn(known, &qs[i], &answers[i]);
	} while (asked > 0);
	scopes_known_free(known);
}

const struct scope *
holder_scope(
    struct ctl *ctl, struct door *d, struct arena *a, const char *address)
{
	const struct scope *scope;

	holder_scopes(ctl, d, a, &address, &scope, 1);
	return scope;
}

bool
holder_exists(
    const struct ctl *ctl, const struct scope *scope, const char *address)
{
	const struct request req = { .conf = ctl->conf,
		.recipient = address,
		.recipient_scope = scope };

	return ours_address(&req) != OURS_NO;
}

/* -- what stands there in vain -- */

/* Of a domain that local_domains leaves out Redis is not asked. */
static bool
is_strange(const struct ctl *ctl, const struct scope *s)
{
	return !s->local && lookups_count(ctl->conf->local_domains) > 0;
}

const char *
holder_idle(const struct ctl *ctl, struct arena *a, const struct scope *scope,
    const char *address, const struct field *f)
{
	const bool mailbox = strchr(address, '@') != NULL;
	struct origin from;
	const char *wrong;

	if (!strcmp(f->name, "since") || scope->loss != LOSS_NONE)
		return NULL;
	wrong = scope_check(a, address, f->name, f->value);
	if (wrong)
		return wrong;
	if (!origin_find(a, ctl->conf, scope, f->name, &from))
		return NULL; /* alias */
	if (strcmp(scope->mailbox, scope->address) != 0)
		return arena_printf(a, "what %s has holds", scope->mailbox);
	if (!strcmp(from.from, "redis") &&
	    !strcmp(from.level, mailbox ? "mailbox" : "domain"))
		return sense_idle(
		    a, ctl->conf, scope->set, option_of_scope(f->name));
	if (is_strange(ctl, scope))
		return arena_printf(
		    a, "%s is no domain of ours", scope->domain);
	return arena_printf(a, "the %s's value holds", from.level);
}
