/*
 * policyctl_greylist - what is remembered of strangers: the group, and list
 */
#include "policyctl_greylist.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/arena.h"
#include "policyctl.h"
#include "policyctl_grey.h"
#include "policyctl_holder.h"
#include "policyctl_out.h"
#include "policyctl_redis.h"
#include "policyctl_wish.h"

static const struct command commands[] = {
	{ "list",
	    "[--identity WHO] [--network CIDR] [--sender WHO]\n"
	    "      [--recipient WHO] [--state fresh|passed] [--limit N]",
	    "records, one a line", greylist_list },
	{ "show", "IDENTITY | ADDRESS ...", "all that is known of an identity",
	    greylist_show },
	{ "del",
	    "[--dry-run] KEY ...\n"
	    "  del [--dry-run] [--identity WHO] [--network CIDR] [--sender "
	    "WHO]\n"
	    "      [--recipient WHO] [--state fresh|passed]",
	    "forget records", greylist_del },
	{ NULL },
};

int
run_greylist(struct ctl *ctl, int argc, char **argv)
{
	return commands_run(
	    commands, "policyctl greylist", ctl, argc - 1, argv + 1);
}

int
greylist_status(const struct door *d)
{
	if (!door_trouble(d))
		return EX_OK;
	return fail(
	    EX_UNAVAILABLE, "Redis %s: %s", door_where(d), door_trouble(d));
}

const char *
record_state(const struct grey_record *r)
{
	if (!r->readable)
		return "unreadable";
	return r->passed ? "passed" : "fresh";
}

json_t *
record_json(const struct grey_record *r, int64_t now)
{
	const bool fresh = r->readable && !r->passed;

	return json_pack("{s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, "
			 "s:o}",
	    "key", out_json_text(r->key), "identity",
	    out_json_text(r->identity), "sender", out_json_text(r->sender),
	    "recipient", out_json_text(r->recipient), "state", record_state(r),
	    "first", out_json_number(r->readable, r->first), "last",
	    out_json_number(r->readable, r->last), "tries",
	    out_json_number(r->readable, r->tries), "passed",
	    out_json_number(r->readable && r->passed, r->passed), "may_pass",
	    out_json_number(fresh, r->may_pass), "expires",
	    out_json_number(r->ttl >= 0, now + r->ttl));
}

/* What is next for it: "may pass in 4m 10s", "expires in 35d 3h". */
static const char *
prospect(struct arena *a, const struct grey_record *r, int64_t now)
{
	if (r->readable && !r->passed && r->may_pass > now)
		return arena_printf(
		    a, "may pass in %s", out_span(a, r->may_pass - now));
	if (r->readable && !r->passed)
		return "may pass now";
	if (r->ttl < 0)
		return "never expires";
	return arena_printf(a, "expires in %s", out_span(a, r->ttl));
}

static const struct column columns[] = { { "STATE", 6 }, { "IDENTITY", 18 },
	{ "SENDER", 28 }, { "RECIPIENT", 28 }, { "TRIES", 5 }, { "LAST", 19 },
	{ "PROSPECT", 1 }, { 0 } };

static void
print_record(const struct grey_record *r, int64_t now)
{
	struct arena *a = arena_new();

	out_row(columns,
	    (const char *const[]){ record_state(r), r->identity,
		r->sender ? r->sender : "-", r->recipient ? r->recipient : "-",
		arena_printf(a, "%" PRId64, r->tries), out_time(a, r->last),
		prospect(a, r, now) });
	arena_release(a);
}

/* Records on their way out. */
struct listing {
	struct ctl *ctl;
	int64_t now, limit;
	int64_t count;
	struct out_array array;
};

static bool
list_record(void *data, const struct grey_record *r)
{
	struct listing *l = data;

	if (l->count == l->limit || ferror(stdout))
		return false; /* enough, or nobody reads any more */
	if (l->ctl->json)
		out_array_add(&l->array, record_json(r, l->now));
	else if (l->count == 0)
		out_head(columns);
	if (!l->ctl->json)
		print_record(r, l->now);
	l->count++;
	return true;
}

int
greylist_list(struct ctl *ctl, int argc, char **argv)
{
	struct wish w;
	struct listing l = { .ctl = ctl, .now = time(NULL) };
	int status = wish_read(
	    ctl, &w, WISH_SELECTION | WISH_LIMIT, &argc, &argv);
	struct door *d;

	if (status != EX_OK)
		return status;
	if (argc > 0)
		return fail(
		    EX_USAGE, "greylist list: '%s' is too much", argv[0]);
	l.limit = w.limit;
	d = holder_door(ctl);
	grey_walk(ctl, d, &w.wanted, list_record, &l);
	if (ctl->json)
		out_array_end(&l.array);
	status = greylist_status(d);
	door_close(d);
	return status;
}
