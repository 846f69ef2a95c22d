/*
 * spf - an evaluation from its beginning to its end
 *
 * Each time it begins anew, and most of what it writes down is of no use for
 * the next time. So it has an arena of its own, which stays only for a verdict.
 */
#include "spf/spf.h"

#include <string.h>

#include "base/arena.h"
#include "base/idn.h"
#include "spf/run.h"

/* Bytes, enough for most. On the heap, where the next one finds them again:
 * arenas of requests are mapped, and too few are kept for two of each. */
enum { EVALUATION = 3000 };

/* In ASCII, so that macros give what can be asked for, and no longer than
 * addresses are: macros repeat it. */
static const char *
identity(struct arena *a, const char *text)
{
	const char *ascii = idn_address(a, text);
	const size_t size = strlen(ascii);

	return size > SPF_SENDER ? ascii + size - SPF_SENDER : ascii;
}

/* 4.3: what stands for a missing local part. */
static const char *
whole_sender(struct arena *a, const char *sender, const char *helo)
{
	const char *at = strrchr(sender, '@');

	if (at && at > sender)
		return sender;
	return arena_printf(a, "postmaster@%s",
	    at            ? at + 1
		: *sender ? sender
			  : helo);
}

static void
begin(struct run *r, const struct spf_client *c, const struct spf_dns *dns,
    struct spf_verdict *out)
{
	struct arena *a = arena_new_of(EVALUATION);

	*out = (struct spf_verdict){ .by = "", .term = "", .problem = "" };
	*r = (struct run){ .arena = a,
		.dns = dns,
		.out = out,
		.questions = arena_take(
		    a, RUN_QUESTIONS * sizeof(*r->questions)),
		.last = &out->steps };
	r->values.client = c->address;
	r->values.helo = identity(a, c->helo);
	r->values.name = "unknown";
	r->values.sender = whole_sender(
	    a, identity(a, c->sender), r->values.helo);
	out->domain = run_name(r, strrchr(r->values.sender, '@') + 1);
}

static const struct spf_question *
copy_questions(struct arena *a, const struct run *r)
{
	struct spf_question *copy = arena_take(
	    a, (r->missing + 1) * sizeof(*copy));

	for (size_t i = 0; i < r->missing; i++) {
		copy[i].type = r->questions[i].type;
		copy[i].name = arena_strdup(a, r->questions[i].name);
	}
	return copy;
}

static void
release(void *arena)
{
	arena_release(arena);
}

static bool
end(struct run *r, struct arena *a, enum found found, enum spf_result result,
    const struct spf_question **questions, size_t *count)
{
	matcher_free(r->matcher);
	if (found == MISSING) {
		*questions = copy_questions(a, r);
		*count = r->missing;
		arena_release(r->arena);
		return false;
	}
	arena_defer(a, release, r->arena);
	r->out->result = found == TEMPERROR ? SPF_TEMPERROR
	    : found == PERMERROR            ? SPF_PERMERROR
					    : result;
	if (found == MATCH)
		r->out->problem = "";
	return true;
}

bool
spf_check(struct arena *a, const struct spf_client *c,
    const struct spf_dns *dns, struct spf_verdict *out,
    const struct spf_question **questions, size_t *count)
{
	enum spf_result result = SPF_NONE;
	struct run r;
	enum found found;

	begin(&r, c, dns, out);
	found = run_domain(&r, out->domain, &result);
	return end(&r, a, found, result, questions, count);
}

bool
spf_check_by(struct arena *a, const struct spf_client *c, const char *record,
    const struct spf_dns *dns, struct spf_verdict *out,
    const struct spf_question **questions, size_t *count)
{
	const struct spf_record text = { record, strlen(record) };
	enum spf_result result = SPF_NONE;
	struct run r;
	enum found found;

	begin(&r, c, dns, out);
	out->ours = true;
	found = run_record(&r, out->domain, &text, &result);
	return end(&r, a, found, result, questions, count);
}

const char *
spf_result_name(enum spf_result r)
{
	static const char *const names[] = { "none", "neutral", "pass", "fail",
		"softfail", "temperror", "permerror" };

	return names[r];
}

const char *
spf_type_name(enum spf_type t)
{
	static const char *const names[] = { "TXT", "A", "AAAA", "MX", "PTR" };

	return names[t];
}
