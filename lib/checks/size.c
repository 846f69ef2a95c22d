/*
 * size - no larger than recipient and sender may have it
 *
 * A limit on what comes in is the recipient's, one on what goes out the
 * login's; of trusted clients, whose mail nobody logs in for, the server's. Its
 * real size is told at the end of a message, and several recipients are not
 * told then: what they allow is remembered.
 *
 * Each limit goes as far as the mode of its own scope.
 */
#include "checks/checks.h"

#include <stdlib.h>

#include "base/arena.h"
#include "scope/scope.h"

enum { MODES = MODE_ENFORCE + 1 };

struct limit {
	int64_t most; /* bytes; 0: as many as they are */
	struct policy policy;
	const char *which, *of; /* inbound, outbound; an address */
	enum loss loss; /* Redis might have another for that one */
};

/* Of several limits the least that binds, for each mode. */
struct strictest {
	bool any;
	const struct limit *limits[MODES];
};

static bool
binds(const struct limit *l)
{
	return l->most > 0 && l->policy.mode != MODE_OFF;
}

static bool
is_stricter(const struct limit *l, const struct strictest *s)
{
	const struct limit *other = s->limits[l->policy.mode];

	return binds(l) && (!other || l->most < other->most);
}

static bool
count_in(void *strictest, void *limit)
{
	struct strictest *s = strictest;
	const struct limit *l = limit;

	s->any = true;
	if (is_stricter(l, s))
		s->limits[l->policy.mode] = l;
	return true;
}

static struct limit
inbound(const struct scope *s)
{
	return (struct limit){ s->set->size.inbound, s->set->size.policy,
		"inbound", s->address, s->loss };
}

static struct limit
outbound(const struct scope *s)
{
	return (struct limit){ s->set->size.outbound, s->set->size.policy,
		"outbound", s->address, s->loss };
}

/* Of a recipient that nobody tells us the server's limit holds when none may
 * have another, and in the end, when nobody was told of any. */
static bool
holds_for_all(const struct request *req, const struct strictest *before)
{
	return req->recipient_scope->set->size.policy.decided_by ==
	    LEVEL_SERVER ||
	    ((req->stage & (AT_DATA | AT_END_OF_MESSAGE)) && !before->any);
}

/* Those of this request; returns how many. */
static size_t
limits_of(const struct request *req, const struct strictest *before,
    struct limit out[2])
{
	const struct scope *recipient = req->recipient_scope;
	const bool told = *req->recipient;
	size_t n = 0;

	if (req->class == AUTHENTICATED ||
	    (req->class == TRUSTED && told && !recipient->local))
		out[n++] = outbound(req->login_scope);
	if (req->class == INBOUND ? told || holds_for_all(req, before)
				  : recipient->local)
		out[n++] = inbound(recipient);
	return n;
}

/* For the end. Where the server has a limit for those of whom nobody told, one
 * that binds nobody is of use, too: it says that we were told. */
static bool
is_of_use(const struct request *req, const struct limit *l,
    const struct strictest *before)
{
	const struct settings *set = req->sets[OF_SERVER];
	const struct limit server = { set->size.inbound, set->size.policy };

	return is_stricter(l, before) || (!before->any && binds(&server));
}

static void
keep(const struct facts *facts, const struct limit *l)
{
	struct arena *a = charge_arena(facts);
	struct limit *kept = arena_alloc(a, sizeof(*kept));

	*kept = *l;
	kept->of = arena_strdup(a, l->of);
	charge(facts, kept);
}

static const struct policy *
policy_of(const struct request *req, const struct limit *l)
{
	return (const void *)arena_memdup(
	    req->arena, &l->policy, sizeof(l->policy));
}

static struct verdict
refuse(const struct request *req, int64_t size, const struct limit *l)
{
	struct verdict v = verdict_refuse(REPLY_SIZE);

	v.policy = policy_of(req, l);
	verdict_number(&v, "size", size);
	verdict_number(&v, "limit", l->most);
	verdict_text(&v, "which", l->which);
	if (*l->of)
		verdict_text(&v, "of", l->of);
	return v;
}

static struct verdict
compare(const struct request *req, const struct strictest *s)
{
	for (int mode = MODE_ENFORCE; mode > MODE_OFF; mode--) {
		const struct limit *l = s->limits[mode];
		const int64_t size = l ? strtoll(req->size, NULL, 10) : 0;

		if (l && size > l->most)
			return refuse(req, size, l);
	}
	return verdict_pass();
}

static bool
is_graver(const struct policy *p, const struct policy *than)
{
	return p->mode != than->mode ? p->mode > than->mode
				     : p->on_failure > than->on_failure;
}

/* When what is known of them lets the message pass. */
static struct verdict
unless_lost(const struct request *req, const struct limit *limits, size_t n)
{
	const struct limit *lost = NULL;
	struct verdict v;

	for (size_t i = 0; i < n; i++)
		if (limits[i].loss != LOSS_NONE &&
		    limits[i].policy.mode != MODE_OFF &&
		    (!lost || is_graver(&limits[i].policy, &lost->policy)))
			lost = &limits[i];
	if (!lost)
		return verdict_pass();
	v = verdict_lost(lost->loss);
	v.policy = policy_of(req, lost);
	return v;
}

static bool
may_limit(const struct scope *s)
{
	return s->set->size.inbound > 0 || s->set->size.outbound > 0 ||
	    s->loss != LOSS_NONE;
}

/* Nobody has a limit who could: so it is on most servers. At the end there may
 * be those of recipients that were told before. */
static bool
is_unlimited(const struct request *req)
{
	return (req->stage & (AT_MAIL | AT_RCPT)) &&
	    req->sets[OF_SERVER]->size.inbound == 0 &&
	    !may_limit(req->recipient_scope) && !may_limit(req->login_scope);
}

static struct verdict
judge_limits(const struct request *req, const struct facts *facts)
{
	const bool at_the_end = req->stage & (AT_DATA | AT_END_OF_MESSAGE);
	struct strictest before = { .any = false }, now = { .any = false };
	struct limit limits[2];
	struct verdict v;
	size_t n;

	charged_each(facts, count_in, &before);
	n = limits_of(req, &before, limits);
	if (at_the_end)
		now = before;
	for (size_t i = 0; i < n; i++) {
		count_in(&now, &limits[i]);
		if (req->stage == AT_RCPT && !req->dry &&
		    is_of_use(req, &limits[i], &before))
			keep(facts, &limits[i]);
	}
	v = compare(req, &now);
	return v.kind == VERDICT_PASS ? unless_lost(req, limits, n) : v;
}

static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	return is_unlimited(req) ? verdict_pass() : judge_limits(req, facts);
}

const struct check check_size = {
	.name = "size",
	.stages = AT_MAIL | AT_RCPT | AT_DATA | AT_END_OF_MESSAGE,
	.classes = INBOUND | AUTHENTICATED | TRUSTED,
	.tier = TIER_LOCAL,
	.flags = OWN_POLICY,
	.whose = OF_RECIPIENT,
	.policy = offsetof(struct settings, size.policy),
	.judge = judge,
};
