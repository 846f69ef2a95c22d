/*
 * policyctl_explain_scope - recipient, login and sender, and their settings
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "engine/check.h"
#include "policyctl_explain.h"
#include "policyctl_origin.h"
#include "policyctl_out.h"
#include "scope/scope.h"

enum { WHO = 3 };

static const char *const names[WHO] = { "recipient", "login", "sender" };

static const struct scope *
scope_at(const struct request *r, size_t i)
{
	const struct scope *const all[WHO] = { r->recipient_scope,
		r->login_scope, r->sender_scope };

	return *all[i]->address ? all[i] : NULL;
}

static bool
is_led(const struct scope *s)
{
	return strcmp(s->mailbox, s->address) != 0;
}

static void
print_scope(const char *name, const struct scope *s)
{
	struct line l;

	line_clear(&l);
	line_field(&l, "scope", name);
	line_field(&l, "address", s->address);
	line_field(&l, "local", s->local ? "yes" : "no");
	line_field(&l, "known", s->known ? "yes" : "no");
	for (size_t i = 0; i < s->target_count; i++)
		line_field(&l, "alias_of", s->targets[i]);
	line_field(&l, "settings_of", is_led(s) ? s->mailbox : "");
	if (s->loss != LOSS_NONE)
		line_field(&l, "lost", loss_name(s->loss));
	puts(l.text + 1);
}

void
explain_scopes(const struct request *r)
{
	for (size_t i = 0; i < WHO; i++)
		if (scope_at(r, i))
			print_scope(names[i], scope_at(r, i));
}

static json_t *
scope_json(const struct scope *s)
{
	json_t *targets = json_array();

	for (size_t i = 0; i < s->target_count; i++)
		json_array_append_new(targets, out_json_text(s->targets[i]));
	return json_pack("{s:o, s:b, s:b, s:o, s:o, s:s?}", "address",
	    out_json_text(s->address), "local", s->local, "known", s->known,
	    "alias_of", targets, "settings_of", out_json_text(s->mailbox),
	    "lost", s->loss != LOSS_NONE ? loss_name(s->loss) : NULL);
}

json_t *
explain_scopes_json(const struct request *r)
{
	json_t *o = json_object();

	for (size_t i = 0; i < WHO; i++)
		json_object_set_new(o, names[i],
		    scope_at(r, i) ? scope_json(scope_at(r, i)) : json_null());
	return o;
}

/* -- settings -- */

/* Whose mode the check has. */
static const struct scope *
scope_of(const struct request *r, const struct check *c)
{
	switch (c->whose) {
	case OF_RECIPIENT:
		return r->recipient_scope;
	case OF_LOGIN:
		return r->login_scope;
	case OF_SENDER:
		return r->sender_scope;
	case OF_SERVER:
		break;
	}
	return scope_server(r->arena, r->conf);
}

static void
print_setting(void *data, const struct origin *o)
{
	struct line l;

	(void)data;
	line_clear(&l);
	line_field(&l, o->name, *o->value ? o->value : "\"\"");
	line_field(&l, "from", o->from);
	if (strcmp(o->from, o->level) != 0)
		line_field(&l, "level", o->level);
	printf("  %s\n", l.text);
}

void
explain_settings(const struct request *r, const struct check *c, bool all)
{
	origins_tell(r->arena, r->conf, scope_of(r, c), c->name, all,
	    print_setting, NULL);
}

json_t *
explain_settings_json(const struct request *r, const struct check *c, bool all)
{
	return origins_json(r->arena, r->conf, scope_of(r, c), c->name, all);
}
