/*
 * dnsbl - clients, greetings and senders that DNS lists have
 *
 * All lists are asked at once, and the weights of those that have somebody are
 * added up, as postscreen(8) does. A list that does not answer lists nobody;
 * where it might have made the difference nobody knows. With a weight below
 * zero, for good clients, it might so either way.
 */
#include "checks/dnsbl.h"

#include <string.h>

#include "base/arena.h"
#include "checks/checks.h"
#include "checks/dnsbl_search.h"

enum listed { NO, YES, UNSURE };

static const char *const by_names[] = {
	[BY_CLIENT] = "client",
	[BY_HELO] = "helo",
	[BY_SENDER] = "sender",
};

static enum listed
is_listed(const struct request *req, const struct dnsbl_search *s)
{
	const int64_t threshold = req->set->dnsbl.threshold;

	if (s->score + s->less >= threshold)
		return YES;
	return s->score + s->more >= threshold ? UNSURE : NO;
}

static void
ask(const struct request *req, const struct facts *facts, struct questions *qs)
{
	struct dnsbl_search *s = (struct dnsbl_search *)facts_left(facts);

	if (!s) {
		s = dnsbl_search_of(req);
		facts_leave(qs, s);
		dnsbl_search_ask(s, qs);
		return;
	}
	dnsbl_search_weigh(s, req->arena, facts);
	if (is_listed(req, s) == YES)
		dnsbl_search_ask_why(s, qs);
}

int64_t
dnsbl_score(const struct facts *f)
{
	const struct dnsbl_search *s = facts_left_by(f, &check_dnsbl);

	return s ? s->score : 0;
}

/* -- what is told -- */

static const char *
zone(struct arena *a, const struct dnsbl_item *item)
{
	(void)a;
	return item->of->zone;
}

static const char *
answer(struct arena *a, const struct dnsbl_item *item)
{
	(void)a;
	return item->answer;
}

static const char *
zone_and_answer(struct arena *a, const struct dnsbl_item *item)
{
	return arena_printf(a, "%s (%s)", item->of->zone, item->answer);
}

/* "a, b": `part` of all items that list somebody, or of those that do not; of
 * several about one name each once. NULL: there are none. */
static const char *
join(struct arena *a, const struct dnsbl_search *s, bool listing,
    const char *(*part)(struct arena *a, const struct dnsbl_item *item))
{
	const struct dnsbl_item *last = NULL;
	const char *all = NULL, *text, *before = "";

	for (size_t i = 0; i < s->item_count; i++) {
		const struct dnsbl_item *item = &s->items[i];

		if (!item->answer || dnsbl_lists(item) != listing)
			continue;
		text = part(a, item);
		if (!last || last->of != item->of || strcmp(text, before) != 0)
			all = all ? arena_printf(a, "%s, %s", all, text) : text;
		last = item;
		before = text;
	}
	return all;
}

/* NULL: none of them is. */
static const struct dnsbl_item *
listed_by(const struct dnsbl_search *s, enum dnsbl_by by)
{
	for (size_t i = 0; i < s->item_count; i++)
		if (dnsbl_lists(&s->items[i]) && s->items[i].of->by == by)
			return &s->items[i];
	return NULL;
}

/* Who is listed, and the first of their domains. */
static void
tell_whom(struct arena *a, const struct dnsbl_search *s, struct verdict *v)
{
	const char *all = NULL, *domain = NULL;

	for (enum dnsbl_by by = BY_CLIENT; by <= BY_SENDER; by++) {
		const struct dnsbl_item *item = listed_by(s, by);

		if (!item)
			continue;
		all = all ? arena_printf(a, "%s, %s", all, by_names[by])
			  : by_names[by];
		if (!domain)
			domain = item->of->domain;
	}
	if (all)
		verdict_text(v, "by", all);
	if (domain)
		verdict_text(v, "domain", domain);
}

static void
tell_text(struct verdict *v, const char *name, const char *text)
{
	if (text)
		verdict_text(v, name, text);
}

static void
tell(struct arena *a, const struct dnsbl_search *s, const struct facts *facts,
    struct verdict *v)
{
	const char *lists = join(a, s, true, zone);
	const char *good = join(a, s, false, zone);

	tell_whom(a, s, v);
	tell_text(v, "list", lists);
	tell_text(v, "answer", join(a, s, true, answer));
	tell_text(v, "good", good);
	if (lists || good)
		verdict_number(v, "score", s->score);
	tell_text(v, "text", dnsbl_search_why(s, a, facts));
	if (s->lost > 0)
		verdict_number(v, "unanswered", s->lost);
}

/* -- what follows -- */

enum { LISTS = 700 }; /* bytes of a header; a list has at most 200 */

static void
mark(const struct request *req, const struct dnsbl_search *s, struct verdict *v)
{
	struct arena *a = req->arena;
	char *lists = arena_strdup(a, join(a, s, true, zone_and_answer));

	if (strlen(lists) > LISTS) {
		lists[LISTS] = '\0';
		*strrchr(lists, ',') = '\0';
	}
	verdict_mark(v,
	    arena_printf(a, "%s: %s; score=%lld",
		req->conf->settings.dnsbl.header, lists, (long long)s->score));
}

static struct verdict
listed(const struct request *req, const struct dnsbl_search *s)
{
	struct verdict v = verdict_pass();

	if (req->set->dnsbl.action == DNSBL_REFUSES)
		return verdict_refuse(
		    listed_by(s, BY_CLIENT) ? REPLY_DNSBL : REPLY_DNSBL_DOMAIN);
	mark(req, s, &v);
	return v;
}

static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	struct dnsbl_search *s = (struct dnsbl_search *)facts_left(facts);
	struct verdict v = verdict_pass();

	dnsbl_search_weigh(s, req->arena, facts);
	switch (is_listed(req, s)) {
	case YES:
		v = listed(req, s);
		break;
	case UNSURE:
		v = verdict_not_found_out(s->loss);
		break;
	case NO:
		break;
	}
	tell(req->arena, s, facts, &v);
	return v;
}

const struct check check_dnsbl = {
	.name = "dnsbl",
	.stages = AT_CONNECT | AT_HELO | AT_MAIL | AT_RCPT,
	.classes = INBOUND,
	.tier = TIER_DNS,
	.flags = SKIPS_ALLOWED,
	.policy = offsetof(struct settings, dnsbl.policy),
	.ask = ask,
	.judge = judge,
};
