/*
 * check - verdicts, and the names of things
 */
#include "engine/check.h"

const char *
tier_name(enum tier t)
{
	static const char *const names[] = { "local", "registers", "dns",
		"counters" };

	return names[t];
}

const char *
verdict_name(enum verdict_kind k)
{
	static const char *const names[] = { "pass", "exempt", "refuse",
		"unknown" };

	return names[k];
}

/* Of the details only `count` are looked at. */
static struct verdict
verdict(enum verdict_kind kind)
{
	struct verdict v;

	v.kind = kind;
	v.reply = 0;
	v.loss = LOSS_NONE;
	v.in_dns = false;
	v.policy = NULL;
	v.event = NULL;
	v.mark = NULL;
	v.count = 0;
	return v;
}

struct verdict
verdict_pass(void)
{
	return verdict(VERDICT_PASS);
}

struct verdict
verdict_exempt(void)
{
	return verdict(VERDICT_EXEMPT);
}

struct verdict
verdict_refuse(enum reply_name reply)
{
	struct verdict v = verdict(VERDICT_REFUSE);

	v.reply = reply;
	return v;
}

struct verdict
verdict_unknown(const struct answer *lost)
{
	/* Known, but not what the check can read, is lost as well. */
	return verdict_lost(lost->state == LOST ? lost->loss : LOSS_SHAPE);
}

struct verdict
verdict_lost(enum loss loss)
{
	struct verdict v = verdict(VERDICT_UNKNOWN);

	v.loss = loss;
	return v;
}

struct verdict
verdict_not_found_out(enum loss loss)
{
	struct verdict v = verdict_lost(loss);

	v.in_dns = true;
	return v;
}

static void
detail(struct verdict *v, const char *name, const char *text, int64_t number)
{
	if (v->count < VERDICT_DETAILS)
		v->details[v->count++] = (struct detail){ name, text, number };
}

void
verdict_text(struct verdict *v, const char *name, const char *text)
{
	detail(v, name, text, 0);
}

void
verdict_number(struct verdict *v, const char *name, int64_t number)
{
	detail(v, name, NULL, number);
}

void
verdict_mark(struct verdict *v, const char *header)
{
	v->mark = header;
}
