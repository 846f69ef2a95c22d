/*
 * policyctl_explain - what would policyd say about this request, and why
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/text.h"
#include "checks/checks.h"
#include "dnsbl/zones.h"
#include "engine/engine.h"
#include "policyctl.h"
#include "policyctl_dnsbl.h"
#include "policyctl_explain.h"
#include "policyctl_lists.h"
#include "policyctl_out.h"
#include "policyctl_redis.h"
#include "policyctl_rehearsal.h"
#include "policyctl_request.h"
#include "wire/reply.h"

static const char *const mode_names[] = { "off", "observe", "enforce" };

/* Why a check has no verdict: the first reason that holds. */
static const char *
silence(const struct finding *f, const struct request *r)
{
	const struct check *c = f->check;

	if (f->applies)
		return "an earlier verdict decided";
	if (f->mode == MODE_OFF)
		return "mode is off";
	if (!(c->stages & r->stage))
		return "not at this stage";
	if (!(c->classes & r->class))
		return "not for this class of client";
	return "the client is on the allow list";
}

static const char *
verdict_word(const struct finding *f)
{
	return f->judged ? verdict_name(f->verdict.kind) : "none";
}

/* The reply's name in policyd.conf, or NULL. */
static const char *
reply_word(const struct finding *f)
{
	if (!f->judged || f->verdict.kind != VERDICT_REFUSE)
		return NULL;
	return reply_rows[f->verdict.reply].name;
}

/* What Postfix would be told, without "action=" and the line ends. */
static const char *
action_text(struct arena *a, const struct decision *d)
{
	char bytes[REPLY_BYTES];
	const char *text;

	reply_write(bytes, d);
	text = strchr(bytes, '=') + 1;
	return arena_printf(a, "%.*s", (int)strcspn(text, "\n"), text);
}

/* What the checks tell about their verdicts, and we about their silence. */
typedef void tell(
    void *data, const char *name, const char *text, int64_t number);

static const char *const failures[] = {
	[FAILURE_ACCEPT] = "accept",
	[FAILURE_DEFER] = "defer",
	[FAILURE_LOCAL] = "local",
};

static void
tell_details(
    const struct finding *f, const struct request *r, tell *say, void *data)
{
	const struct verdict *v = &f->verdict;

	if (!f->judged) {
		say(data, "because", silence(f, r), 0);
		return;
	}
	if (v->kind == VERDICT_UNKNOWN) {
		say(data, "lost", loss_name(v->loss), 0);
		say(data, "on_failure",
		    failures[check_policy(f->check, r)->on_failure], 0);
	}
	for (unsigned i = 0; i < v->count; i++)
		say(data, v->details[i].name, v->details[i].text,
		    v->details[i].number);
}

static void
tell_json(void *object, const char *name, const char *text, int64_t number)
{
	json_object_set_new(
	    object, name, text ? out_json_text(text) : json_integer(number));
}

static json_t *
finding_json(const struct finding *f, const struct request *r, bool all)
{
	json_t *detail = json_object();

	tell_details(f, r, tell_json, detail);
	return json_pack("{s:s, s:s, s:s, s:s, s:s?, s:o, s:o}", "name",
	    f->check->name, "tier", tier_name(f->check->tier), "mode",
	    mode_names[f->mode], "verdict", verdict_word(f), "reply",
	    reply_word(f), "detail", detail, "settings",
	    explain_settings_json(r, f->check, all));
}

static void
tell_line(void *line, const char *name, const char *text, int64_t number)
{
	if (text)
		line_field(line, name, text);
	else
		line_number(line, name, number);
}

static void
print_finding(const struct finding *f, const struct request *r)
{
	static const struct column columns[] = { { "", 14 }, { "", 9 },
		{ "", 7 }, { "", 7 }, { "", 11 }, { "", 1 }, { 0 } };
	struct line details;
	const char *reply = reply_word(f);

	line_clear(&details);
	tell_details(f, r, tell_line, &details);
	out_row(columns,
	    (const char *const[]){ f->check->name, tier_name(f->check->tier),
		mode_names[f->mode], verdict_word(f), reply ? reply : "-",
		details.used ? details.text + 1 : "" });
}

struct explanation {
	struct ctl *ctl;
	const struct zones *zones;
	bool all; /* the server's settings, too */
};

static void
print_request(const struct request *r)
{
	struct line l;

	line_clear(&l);
	line_field(&l, "stage", r->protocol_state);
	line_field(&l, "class", class_name(r->class));
	line_field(&l, "client", r->client_address);
	line_field(&l, "name", r->client_name);
	line_field(&l, "user", r->sasl_username);
	line_field(&l, "sender", *r->sender ? r->sender : "<>");
	line_field(&l, "recipient", r->recipient);
	puts(l.text + 1);
}

/* Those that are not believed: what they say is not in the findings. */
static void
print_lists(const struct zones *zones)
{
	json_t *lists = dnsbl_own(zones), *list;
	const char *on = zone_state_name(ZONE_ON);
	struct line l;
	size_t i;

	json_array_foreach(lists, i, list)
	{
		const char *state = json_string_value(
		    json_object_get(list, "state"));

		dnsbl_line(&l, list);
		if (strcmp(state, on) != 0)
			puts(l.text + 1);
	}
	json_decref(lists);
}

static void
print_explanation(const struct explanation *e, const struct request *r,
    const struct decision *d, const struct finding *findings, size_t count)
{
	print_request(r);
	explain_scopes(r);
	print_lists(e->zones);
	for (size_t i = 0; i < count; i++) {
		print_finding(&findings[i], r);
		explain_settings(r, findings[i].check, e->all);
	}
	printf("action=%s\n", action_text(e->ctl->arena, d));
}

static void
explain_json(const struct explanation *e, const struct request *r,
    const struct decision *d, const struct finding *findings, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(
		    list, finding_json(&findings[i], r, e->all));
	out_json(json_pack("{s:s, s:s?, s:s?, s:o, s:o, s:o}", "action",
	    action_text(e->ctl->arena, d), "check",
	    d->check ? d->check->name : NULL, "reply",
	    d->refused ? reply_rows[d->name].name : NULL, "scopes",
	    explain_scopes_json(r), dnsbl_field, dnsbl_own(e->zones), "checks",
	    list));
}

static void
explained(void *data, const struct request *r, const struct decision *d,
    const struct finding *findings, size_t count)
{
	struct explanation *e = data;

	if (e->ctl->json)
		explain_json(e, r, d, findings, count);
	else
		print_explanation(e, r, d, findings, count);
}

static void
explain(struct ctl *ctl, struct door *door, struct request *r, bool all)
{
	struct explanation e = { .ctl = ctl, .all = all };
	struct rehearsal *dry;

	if (door_trouble(door))
		fail(EX_OK, "Redis %s: %s", door_where(door),
		    door_trouble(door));
	dry = rehearsal_open(ctl, door, checks, lists_fetch(ctl, door));
	e.zones = rehearsal_zones(dry);
	rehearsal_ask(dry, r, explained, &e);
	rehearsal_wait(dry);
	rehearsal_close(dry);
}

/* -v may stand anywhere: a request has no such word. */
static bool
take_verbose(int *argc, char **argv)
{
	int kept = 0;

	for (int i = 0; i < *argc; i++)
		if (strcmp(argv[i], "-v") != 0)
			argv[kept++] = argv[i];
	argv[kept] = NULL;
	if (kept == *argc)
		return false;
	*argc = kept;
	return true;
}

int
run_explain(struct ctl *ctl, int argc, char **argv)
{
	const bool all = take_verbose(&argc, argv);
	struct request *r;
	struct door *door;
	int status = request_read(ctl, argc - 1, argv + 1, &r);

	if (status != EX_OK)
		return status;
	door = door_open(ctl, rehearsal_scripts(ctl->arena));
	if (door_store(door)) {
		explain(ctl, door, r, all);
	} else {
		status = fail(EX_UNAVAILABLE, "%s", door_trouble(door));
		arena_release(r->arena);
	}
	door_close(door);
	return status;
}
