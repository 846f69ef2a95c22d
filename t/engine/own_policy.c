/*
 * A check that goes by several scopes says whose policy its verdict follows.
 */
#include "kit/puppets.h"

#include "base/arena.h"

enum { NOBODYS = -1 };

static struct policy of_verdict;
static bool has_policy;

static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	struct verdict v = verdict_pass();

	(void)req;
	(void)facts;
	if (has_policy) {
		v = verdict_refuse(REPLY_SIZE);
		v.policy = &of_verdict;
	}
	return v;
}

static const struct check own = { .name = "own",
	.stages = AT_RCPT,
	.classes = INBOUND,
	.tier = TIER_LOCAL,
	.flags = OWN_POLICY,
	.policy = offsetof(struct settings, greylist.policy),
	.judge = judge };
static const struct check *const table[] = { &own, NULL };

struct row {
	const char *name;
	enum mode mode; /* of the check */
	int verdict; /* its policy's mode, or NOBODYS: a pass without one */
	bool refused;
	unsigned observed, enforced; /* verdicts that are counted */
};

static const struct row rows[] = {
	{ "what one scope enforces is refused, though the check is off",
	    MODE_OFF, MODE_ENFORCE, true, 0, 1 },
	{ "what one scope observes is not, though the check is enforced",
	    MODE_ENFORCE, MODE_OBSERVE, false, 1, 0 },
	{ "what it passes counts by the mode of the check", MODE_OBSERVE,
	    NOBODYS, false, 1, 0 },
	{ "and where that is off, not at all", MODE_OFF, NOBODYS, false, 0, 0 },
};

static unsigned
sum(const uint64_t *counts)
{
	return (unsigned)(counts[VERDICT_PASS] + counts[VERDICT_REFUSE]);
}

static void
verdict_follows(void **state)
{
	const struct row *row = *state;
	struct session session = { NULL };
	const struct check_counts *counts;
	struct engine *e;

	puppets_policy(MOST, row->mode, FAILURE_ACCEPT);
	has_policy = row->verdict != NOBODYS;
	if (has_policy)
		of_verdict.mode = (enum mode)row->verdict;
	e = engine_new(puppets.clock, table, &puppets.store, puppets.conf);
	engine_ask(e, &session, puppets_request("RCPT", "i.1", "b@example.net"),
	    puppets_heard, NULL);
	assert_int_equal(puppets.replies, 1);
	assert_int_equal(puppets.got.refused, row->refused);
	counts = engine_check_counts(e, 0);
	assert_int_equal(sum(counts->observed), row->observed);
	assert_int_equal(sum(counts->verdicts), row->enforced);
	engine_leave(e, &session);
	engine_free(e);
}

static void
note(void *data, const struct request *r, const struct decision *d,
    const struct finding *findings, size_t count)
{
	struct finding *out = data;

	(void)r;
	(void)d;
	assert_int_equal(count, 1);
	*out = findings[0];
}

static void
explained(void **state)
{
	const struct row *row = *state;
	const bool of_own = row->verdict != NOBODYS;
	struct finding f;
	struct engine *e;

	puppets_policy(MOST, row->mode, FAILURE_ACCEPT);
	has_policy = of_own;
	if (of_own)
		of_verdict.mode = (enum mode)row->verdict;
	e = engine_new(puppets.clock, table, &puppets.store, puppets.conf);
	engine_explain(
	    e, puppets_request("RCPT", "i.1", "b@example.net"), note, &f);
	assert_int_equal(f.mode, of_own ? (enum mode)row->verdict : row->mode);
	assert_int_equal(f.applies, f.mode != MODE_OFF);
	assert_int_equal(f.judged, f.applies);
	engine_free(e);
}

static const struct row explained_rows[] = {
	{ "a dry run tells the mode of the scope that refuses", MODE_OFF,
	    MODE_ENFORCE },
	{ "of a check that is off and passes that it is off, and no verdict",
	    MODE_OFF, NOBODYS },
	{ "and of one that is not off what it passes", MODE_ENFORCE, NOBODYS },
};

int
main(void)
{
	static struct suite s;

	SUITE_SCENES(&s, rows, verdict_follows, puppets_begin, puppets_end);
	SUITE_SCENES(&s, explained_rows, explained, puppets_begin, puppets_end);
	return suite_run(&s, "own_policy");
}
