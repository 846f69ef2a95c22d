/*
 * policyctl_greylist_show - an identity, its record and its triplets
 */
#include "policyctl_greylist.h"

#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>
#include <time.h>

#include "ask/key.h"
#include "base/arena.h"
#include "conf/conf.h"
#include "policyctl.h"
#include "policyctl_grey.h"
#include "policyctl_out.h"
#include "policyctl_redis.h"
#include "policyctl_wish.h"

/* Records of one identity that are shown; `list` has no such bound. */
enum { SHOWN = 1000 };

/* What stands under an identity alone. */
struct identity {
	const char *name;
	bool known, counted; /* which of the two below there are */
	bool proven; /* passes are enough */
	int64_t passes, since, last, ttl; /* known: */
	int64_t fresh, hour; /* fresh: */
};

static void
alone(struct ctl *ctl, struct order *o, const char *command, const char *name,
    const char *identity)
{
	struct arena *a = ctl->arena;

	order_words(o, command,
	    key_make(a, ctl->conf->prefix, name, identity, NULL, 0).text, NULL);
}

static bool
fetch_identity(struct ctl *ctl, struct door *d, struct identity *i)
{
	enum { KNOWN_VALUE, KNOWN_TTL, FRESH_VALUE, ORDERS };
	struct order o[ORDERS] = { 0 };
	const char *known, *fresh;
	const int64_t needed = ctl->conf->settings.greylist.known_after;

	alone(ctl, &o[KNOWN_VALUE], "GET", "known", i->name);
	alone(ctl, &o[KNOWN_TTL], "TTL", "known", i->name);
	alone(ctl, &o[FRESH_VALUE], "GET", "fresh", i->name);
	if (!door_ask(d, ctl->arena, o, ORDERS))
		return false;
	known = o[KNOWN_VALUE].reply.text;
	fresh = o[FRESH_VALUE].reply.text;
	i->known = grey_number(known, "passes", &i->passes) &&
	    grey_number(known, "since", &i->since) &&
	    grey_number(known, "last", &i->last);
	i->proven = i->known && needed > 0 && i->passes >= needed;
	i->ttl = o[KNOWN_TTL].reply.number;
	i->counted = grey_number(fresh, "count", &i->fresh) &&
	    grey_number(fresh, "since", &i->hour);
	return true;
}

static json_t *
known_json(const struct identity *i, int64_t now)
{
	if (!i->known)
		return json_null();
	return json_pack("{s:b, s:I, s:I, s:I, s:o}", "proven", i->proven,
	    "passes", (json_int_t)i->passes, "since", (json_int_t)i->since,
	    "last", (json_int_t)i->last, "expires",
	    out_json_number(i->ttl >= 0, now + i->ttl));
}

static json_t *
fresh_json(const struct identity *i)
{
	if (!i->counted)
		return json_null();
	return json_pack("{s:I, s:I}", "count", (json_int_t)i->fresh, "since",
	    (json_int_t)i->hour);
}

static void
print_line(const char *what, const char *text)
{
	static const struct column columns[] = { { "", 1 }, { "", 9 },
		{ "", 1 }, { 0 } };

	out_row(columns, (const char *const[]){ "", what, text });
}

static void
print_identity(struct arena *a, const struct identity *i, int64_t now)
{
	printf("identity ");
	out_text(stdout, i->name);
	putchar('\n');
	if (i->known) {
		print_line("passes",
		    arena_printf(a, "%" PRId64 "%s", i->passes,
			i->proven ? ", known" : ", not known yet"));
		print_line("since", out_moment(a, i->since, now));
		print_line("last", out_moment(a, i->last, now));
		print_line("expires",
		    i->ttl < 0 ? "never" : out_moment(a, now + i->ttl, now));
	} else {
		print_line("passes", "none");
	}
	if (i->counted)
		print_line("new",
		    arena_printf(a, "%" PRId64 " since %s", i->fresh,
			out_moment(a, i->hour, now)));
}

static void
print_record(struct arena *a, const struct grey_record *r, int64_t now)
{
	printf("record ");
	out_text(stdout, r->key);
	putchar('\n');
	print_line("state", record_state(r));
	if (r->sender)
		print_line("sender", r->sender);
	if (r->recipient)
		print_line("recipient", r->recipient);
	if (r->readable) {
		print_line("first", out_moment(a, r->first, now));
		print_line("last", out_moment(a, r->last, now));
		print_line("tries", arena_printf(a, "%" PRId64, r->tries));
	}
	if (r->readable && r->passed)
		print_line("passed", out_moment(a, r->passed, now));
	else if (r->readable)
		print_line("may pass", out_moment(a, r->may_pass, now));
	print_line(
	    "expires", r->ttl < 0 ? "never" : out_moment(a, now + r->ttl, now));
}

/* The records of one identity on their way out. */
struct showing {
	struct ctl *ctl;
	int64_t now;
	size_t count;
	bool more;
	json_t *list; /* with --json */
};

static bool
show_record(void *data, const struct grey_record *r)
{
	struct showing *s = data;
	struct arena *a;

	s->more = s->count == SHOWN;
	if (s->more)
		return false;
	s->count++;
	if (s->list) {
		json_array_append_new(s->list, record_json(r, s->now));
		return true;
	}
	a = arena_new();
	print_record(a, r, s->now);
	arena_release(a);
	return true;
}

static void
show_identity(
    struct ctl *ctl, struct door *d, struct out_array *array, const char *name)
{
	struct identity i = { .name = grey_identity(ctl, name) };
	const struct selection wanted = { .identity = i.name };
	struct showing s = { .ctl = ctl, .now = time(NULL) };

	if (!fetch_identity(ctl, d, &i))
		return;
	if (ctl->json)
		s.list = json_array();
	else
		print_identity(ctl->arena, &i, s.now);
	grey_walk(ctl, d, &wanted, show_record, &s);
	if (ctl->json)
		out_array_add(array,
		    json_pack("{s:o, s:o, s:o, s:o, s:b}", "identity",
			out_json_text(i.name), "known", known_json(&i, s.now),
			"fresh", fresh_json(&i), "records", s.list, "complete",
			!s.more));
	else if (s.more)
		puts("and more: 'greylist list --network' shows all");
}

int
greylist_show(struct ctl *ctl, int argc, char **argv)
{
	struct wish w;
	struct out_array array = { 0 };
	int status = wish_read(&w, 0, &argc, &argv);
	struct door *d;

	if (status != EX_OK)
		return status;
	if (argc == 0)
		return fail(
		    EX_USAGE, "greylist show: which identity or address?");
	d = greylist_door(ctl);
	for (int i = 0; i < argc && !door_trouble(d); i++)
		show_identity(ctl, d, &array, argv[i]);
	if (ctl->json)
		out_array_end(&array);
	status = greylist_status(d);
	door_close(d);
	return status;
}
