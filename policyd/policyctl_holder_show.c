/*
 * policyctl_holder_show - domains and mailboxes: list, and show
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/text.h"
#include "conf/conf.h"
#include "conf/lookup.h"
#include "policyctl.h"
#include "policyctl_change.h"
#include "policyctl_holder.h"
#include "policyctl_option.h"
#include "policyctl_origin.h"
#include "policyctl_out.h"
#include "policyctl_paper.h"
#include "policyctl_redis.h"
#include "scope/scope.h"

enum { FOR_LIST = 1 << 0, FOR_SHOW = 1 << 1 };

struct options {
	long long limit; /* -1: none */
	bool all;
};

static int
read_limit(void *into, const char *text)
{
	struct options *o = into;

	return option_number("limit", text, &o->limit);
}

static int
read_all(void *into, const char *text)
{
	struct options *o = into;

	(void)text;
	o->all = true;
	return EX_OK;
}

static const struct option_row rows[] = {
	{ "limit", FOR_LIST, 1, read_limit },
	{ "all", FOR_SHOW, 0, read_all },
	{ NULL },
};

/* -- list -- */

/* Domains or mailboxes on their way out. */
struct listing {
	struct ctl *ctl;
	int64_t limit, count;
	struct out_array array;
};

static json_t *
fields_json(const struct holder *h)
{
	json_t *o = json_object();

	for (size_t i = 0; i < h->count; i++)
		if (strcmp(h->fields[i].name, "since") != 0)
			json_object_set_new(o, h->fields[i].name,
			    out_json_text(h->fields[i].value));
	return o;
}

static const struct column columns[] = { { "ADDRESS", 32 }, { "SINCE", 19 },
	{ "SETTINGS", 1 }, { 0 } };

static const char *
fields_text(struct arena *a, const struct holder *h)
{
	struct line l;

	if (h->unreadable)
		return "its value cannot be read";
	line_clear(&l);
	for (size_t i = 0; i < h->count; i++)
		if (strcmp(h->fields[i].name, "since") != 0)
			line_field(&l, h->fields[i].name, h->fields[i].value);
	return l.used > 0 ? arena_strdup(a, l.text + 1) : "-";
}

static void
print_row(const struct holder *h)
{
	struct arena *a = arena_new();

	out_row(columns,
	    (const char *const[]){
		h->address, out_time(a, holder_since(h)), fields_text(a, h) });
	arena_release(a);
}

static bool
list_holder(void *data, const struct holder *h)
{
	struct listing *l = data;

	if (l->count == l->limit || ferror(stdout))
		return false; /* enough, or nobody reads any more */
	if (!l->ctl->json && l->count == 0)
		out_head(columns);
	if (l->ctl->json)
		out_array_add(&l->array,
		    json_pack("{s:o, s:o, s:o}", "address",
			out_json_text(h->address), "since",
			paper_json_time(holder_since(h)), "settings",
			fields_json(h)));
	else
		print_row(h);
	l->count++;
	return true;
}

int
holder_list(struct ctl *ctl, int argc, char **argv)
{
	struct options o = { .limit = -1 };
	struct listing l = { .ctl = ctl };
	int status = options_read(rows, FOR_LIST, &o, &argc, &argv);
	struct door *d;

	if (status != EX_OK)
		return status;
	if (argc > 1)
		return fail(EX_USAGE, "%s list: '%s' is too much",
		    holder_kind(ctl), argv[1]);
	l.limit = o.limit;
	d = holder_door(ctl);
	holders_walk(
	    ctl, d, holder_kind(ctl), argc ? argv[0] : NULL, list_holder, &l);
	if (ctl->json)
		out_array_end(&l.array);
	status = register_status(d);
	door_close(d);
	return status;
}

/* -- show -- */

struct showing {
	struct ctl *ctl;
	struct door *door;
	bool all;
	int64_t now;
	struct out_array array;
};

/* What is known of one. */
struct portrait {
	const char *address;
	const struct scope *scope;
	struct holder own, denied; /* in Redis */
};

static bool
look(struct showing *s, struct arena *a, struct portrait *p)
{
	p->scope = holder_scope(s->ctl, s->door, a, p->address);
	return holders_fetch(s->ctl, s->door, a, holder_kind(s->ctl),
		   &p->address, &p->own, 1) &&
	    holders_fetch(
		s->ctl, s->door, a, "deny", &p->address, &p->denied, 1);
}

static bool
is_led(const struct scope *s)
{
	return s->is_alias && strcmp(s->mailbox, s->address) != 0;
}

static json_t *
targets_json(const struct scope *s)
{
	json_t *array = json_array();

	for (size_t i = 0; i < s->target_count; i++)
		json_array_append_new(array, out_json_text(s->targets[i]));
	return array;
}

static json_t *
idle_json(const struct showing *s, struct arena *a, const struct portrait *p)
{
	json_t *o = json_object();

	for (size_t i = 0; i < p->own.count; i++) {
		const struct field *f = &p->own.fields[i];
		const char *why = holder_idle(
		    s->ctl, a, p->scope, p->address, f);

		if (why)
			json_object_set_new(o, f->name, out_json_text(why));
	}
	return o;
}

static json_t *
portrait_json(
    const struct showing *s, struct arena *a, const struct portrait *p)
{
	const struct scope *scope = p->scope;

	return json_pack("{s:s, s:o, s:b, s:b, s:o, s:o, s:b, s:o, s:o, s:o, "
			 "s:I, s:o}",
	    "kind", holder_kind(s->ctl), "address", out_json_text(p->address),
	    "local", scope->local, "known", scope->known, "alias_of",
	    targets_json(scope), "settings_of", out_json_text(scope->mailbox),
	    "in_redis", p->own.there, "since",
	    paper_json_time(holder_since(&p->own)), "stored",
	    fields_json(&p->own), "idle", idle_json(s, a, p), "denied",
	    (json_int_t)p->denied.count, "settings",
	    origins_json(a, s->ctl->conf, scope, NULL, true));
}

static void
print_setting(void *data, const struct origin *o)
{
	static const struct column line[] = { { "", 1 }, { "", 24 }, { "", 16 },
		{ "", 1 }, { 0 } };
	struct arena *a = data;

	out_row(line,
	    (const char *const[]){ "", o->name, o->value,
		strcmp(o->from, o->level)
		    ? arena_printf(a, "%s, %s", o->from, o->level)
		    : o->from });
}

static const char *
targets_text(struct arena *a, const struct scope *s)
{
	const char *text = "";

	for (size_t i = 0; i < s->target_count; i++)
		text = arena_printf(
		    a, "%s%s%s", text, i ? ", " : "", s->targets[i]);
	return text;
}

static void
print_idle(const struct showing *s, struct arena *a, const struct portrait *p)
{
	for (size_t i = 0; i < p->own.count; i++) {
		const struct field *f = &p->own.fields[i];
		const char *why = holder_idle(
		    s->ctl, a, p->scope, p->address, f);

		if (why)
			paper_line("idle",
			    arena_printf(
				a, "%s=%s: %s", f->name, f->value, why));
	}
}

/* Where nobody said which are, a bare "no" would look like a fault. */
static const char *
answer(bool yes, const struct lookups *which, const char *unsaid)
{
	if (yes)
		return "yes";
	return lookups_count(which) > 0 ? "no" : unsaid;
}

static void
print_portrait(
    const struct showing *s, struct arena *a, const struct portrait *p)
{
	const struct scope *scope = p->scope;
	const struct conf *conf = s->ctl->conf;
	const int64_t since = holder_since(&p->own);

	printf("%s ", holder_kind(s->ctl));
	out_text(stdout, p->address);
	putchar('\n');
	paper_line("local",
	    answer(scope->local, conf->local_domains,
		"no: local_domains is empty"));
	if (s->ctl->mailboxes)
		paper_line("known",
		    answer(scope->known, conf->mailboxes,
			"no: mailboxes is empty"));
	paper_line("alias of", targets_text(a, scope));
	if (is_led(scope))
		paper_line(
		    "settings", arena_printf(a, "those of %s", scope->mailbox));
	if (p->own.unreadable)
		paper_line("because", "its value cannot be read");
	if (since)
		paper_line("since", out_moment(a, since, s->now));
	if (p->denied.count)
		paper_line("deny list",
		    arena_printf(a, "%zu: policyctl deny show %s",
			p->denied.count, paper_shell(a, p->address)));
	paper_line("key", p->own.there ? p->own.key : "");
	print_idle(s, a, p);
	origins_tell(a, s->ctl->conf, scope, NULL, s->all, print_setting, a);
}

static void
show(struct showing *s, const char *address)
{
	struct arena *a = arena_new();
	struct portrait p = { .address = address };

	look(s, a, &p);
	if (s->ctl->json)
		out_array_add(&s->array, portrait_json(s, a, &p));
	else
		print_portrait(s, a, &p);
	arena_release(a);
}

/* Without Redis it shows what the file says. */
int
holder_show(struct ctl *ctl, int argc, char **argv)
{
	struct options o = { 0 };
	struct showing s = { .ctl = ctl };
	const char **names;
	int status = options_read(rows, FOR_SHOW, &o, &argc, &argv);

	if (status == EX_OK && argc == 0)
		status = fail(
		    EX_USAGE, "%s show: which one?", holder_kind(ctl));
	names = arena_alloc(ctl->arena, ((size_t)argc + 1) * sizeof(*names));
	for (int i = 0; i < argc && status == EX_OK; i++)
		status = holder_read(ctl, argv[i], &names[i]);
	if (status != EX_OK)
		return status;
	s.all = o.all;
	s.door = holder_door(ctl);
	s.now = door_now(s.door);
	for (int i = 0; i < argc; i++)
		show(&s, names[i]);
	if (ctl->json)
		out_array_end(&s.array);
	status = register_status(s.door);
	door_close(s.door);
	return status;
}
