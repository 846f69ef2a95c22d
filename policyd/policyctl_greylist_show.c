/*
 * policyctl_greylist_show - an identity, its record and its triplets
 */
#include "policyctl_greylist.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "policyctl.h"
#include "policyctl_grey.h"
#include "policyctl_holder.h"
#include "policyctl_identity.h"
#include "policyctl_out.h"
#include "policyctl_paper.h"
#include "policyctl_redis.h"
#include "policyctl_verified.h"
#include "policyctl_wish.h"

/* Records of one identity that are shown; `list` has no such bound. */
enum { SHOWN = 1000 };

void
record_print(const struct grey_record *r, int64_t now)
{
	struct arena *a = arena_new();

	printf("record ");
	out_text(stdout, r->key);
	putchar('\n');
	paper_line("state", record_state(r));
	if (r->sender)
		paper_line("sender", r->sender);
	if (r->recipient)
		paper_line("recipient", r->recipient);
	if (r->readable) {
		paper_line("first", out_moment(a, r->first, now));
		paper_line("last", out_moment(a, r->last, now));
		paper_line("tries", arena_printf(a, "%" PRId64, r->tries));
	}
	if (r->readable && r->passed)
		paper_line("passed", out_moment(a, r->passed, now));
	else if (r->readable)
		paper_line("may pass", out_moment(a, r->may_pass, now));
	paper_line(
	    "expires", r->ttl < 0 ? "never" : out_moment(a, now + r->ttl, now));
	arena_release(a);
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

	s->more = s->count == SHOWN;
	if (s->more)
		return false;
	s->count++;
	if (s->list)
		json_array_append_new(s->list, record_json(r, s->now));
	else
		record_print(r, s->now);
	return true;
}

static void
show_identity(
    struct ctl *ctl, struct door *d, struct out_array *array, const char *name)
{
	struct identity i = { .name = grey_identity(ctl, name) };
	const struct selection wanted = { .identity = i.name };
	struct showing s = { .ctl = ctl, .now = time(NULL) };

	if (!identity_fetch(ctl, d, &i))
		return;
	if (ctl->json)
		s.list = json_array();
	else
		identity_print(&i, s.now);
	grey_walk(ctl, d, &wanted, show_record, &s);
	if (ctl->json)
		out_array_add(array,
		    json_pack("{s:o, s:o, s:o, s:o, s:b}", "identity",
			out_json_text(i.name), "known",
			identity_known_json(&i, s.now), "fresh",
			identity_fresh_json(&i), "records", s.list, "complete",
			!s.more));
	else if (s.more)
		puts("and more: 'greylist list --network' shows all");
}

/* An address stands for all that it counts as without a sender. */
static void
show(struct ctl *ctl, struct door *d, struct out_array *array, const char *word)
{
	const char *organisation;
	struct address client;

	show_identity(ctl, d, array, word);
	if (door_trouble(d) || !address_parse(&client, word) ||
	    ctl->conf->settings.greylist.identity == IDENTITY_NETWORK)
		return; /* which needs no name */
	organisation = verified_organisation(
	    ctl, &client, verified_name(ctl, d, &client));
	if (organisation && !door_trouble(d))
		show_identity(ctl, d, array, organisation);
}

/* The manual's "address" is a client's. */
static int
check_words(int argc, char **argv)
{
	if (argc == 0)
		return fail(
		    EX_USAGE, "greylist show: which identity or address?");
	for (int i = 0; i < argc; i++)
		if (strchr(argv[i], '@'))
			return fail(EX_USAGE,
			    "'%s' is a mail address: 'greylist list --sender' "
			    "or '--recipient' is about those",
			    argv[i]);
	return EX_OK;
}

int
greylist_show(struct ctl *ctl, int argc, char **argv)
{
	struct wish w;
	struct out_array array = { 0 };
	int status = wish_read(ctl, &w, 0, &argc, &argv);
	struct door *d;

	if (status == EX_OK)
		status = check_words(argc, argv);
	if (status != EX_OK)
		return status;
	d = holder_door(ctl);
	for (int i = 0; i < argc && !door_trouble(d); i++)
		show(ctl, d, &array, argv[i]);
	if (ctl->json)
		out_array_end(&array);
	status = greylist_status(d);
	door_close(d);
	return status;
}
