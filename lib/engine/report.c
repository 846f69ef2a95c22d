/*
 * report - the decision line
 *
 * One line a request, in logfmt: what was answered, which check is the reason,
 * what it knew, whom it was about. The check named is the one that decided;
 * when nobody objected, the first that would have under observe, or else the
 * last that had something to tell. All others that would have are named.
 */
#include "engine/work.h"

#include "base/log.h"
#include "base/text.h"

static const char *
mode_name(enum mode m)
{
	static const char *const names[] = { "off", "observe", "enforce" };

	return names[m];
}

static const struct facts *
most_telling(const struct work *w)
{
	const struct facts *last = NULL;

	if (w->deciding)
		return w->deciding;
	for (const struct facts *f = w->telling; f; f = f->next_telling) {
		if (f->verdict->kind != VERDICT_PASS)
			return f;
		if (f->verdict->count > 0)
			last = f;
	}
	return last;
}

static void
add_action(struct line *l, const struct decision *d)
{
	char code[TEXT_DIGITS];
	size_t size;

	if (!d->refused) {
		line_add(l, d->mark ? " action=PREPEND" : " action=DUNNO");
		if (d->mark)
			line_field(l, "header", d->mark);
		return;
	}
	size = (size_t)(text_number(code, (uint64_t)d->reply.code) - code);
	line_add(l, " action=");
	line_put(l, code, size);
	line_add(l, " reply=\"");
	line_put(l, code, size);
	line_add(l, " ");
	line_add(l, d->reply.enhanced);
	line_add(l, "\"");
}

static void
add_verdict(struct line *l, const struct facts *f)
{
	const struct verdict *v = f->verdict;

	line_word(l, "check", f->check->name);
	line_word(l, "mode", mode_name(facts_policy(f)->mode));
	line_word(l, "verdict", verdict_name(v->kind));
	if (v->kind == VERDICT_UNKNOWN)
		line_word(l, "lost", loss_name(v->loss));
	for (unsigned i = 0; i < v->count; i++)
		if (v->details[i].text)
			line_field(l, v->details[i].name, v->details[i].text);
		else
			line_number(
			    l, v->details[i].name, v->details[i].number);
}

/* Who tries out a check must see it also where another one decides. */
static void
add_observed(struct line *l, const struct work *w, const struct facts *said)
{
	const char *before = " observed=";

	for (const struct facts *f = w->telling; f; f = f->next_telling) {
		if (f == said || f->verdict->kind != VERDICT_REFUSE ||
		    facts_policy(f)->mode != MODE_OBSERVE)
			continue;
		line_add(l, before);
		line_add(l, f->check->name);
		before = ",";
	}
}

void
report(const struct work *w)
{
	const struct decision *d = &w->decision;
	const struct request *r = w->req;
	const struct facts *f = most_telling(w);
	struct line l;

	if (log_level() < LEVEL_INFO)
		return;
	line_clear(&l);
	line_add(&l, "decision");
	line_add(&l, " id=");
	line_put(&l, d->id, DECISION_ID - 1);
	add_action(&l, d);
	if (d->repeated)
		line_add(&l, " repeated=yes");
	if (f)
		add_verdict(&l, f);
	add_observed(&l, w, f);
	if (w->late)
		line_add(&l, " late=yes");
	line_field(&l, "stage", r->protocol_state);
	line_word(&l, "class", class_name(r->class));
	line_field(&l, "client", r->client_address);
	line_field(&l, "name", r->client_name);
	line_field(&l, "user", r->sasl_username);
	line_field(&l, "sender", *r->sender ? r->sender : "<>");
	line_field(&l, "recipient", r->recipient);
	line_field(&l, "instance", r->instance);
	line_field(&l, "queue_id", r->queue_id);
	line_number(&l, "us", (long long)w->took_us);
	log_line(LEVEL_INFO, &l);
}
