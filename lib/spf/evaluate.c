/*
 * evaluate - check_host() (RFC 7208, 4)
 *
 * Goes through the terms until one matches or a question has no answer yet.
 * Then it stops, and begins anew when there is one: what was gone through
 * costs a few microseconds.
 */
#include "spf/run.h"

#include <string.h>

#include "base/arena.h"
#include "base/idn.h"

/* One record under evaluation. */
struct frame {
	struct run *run;
	const char *domain;
	unsigned depth;
	struct spf_terms terms;
};

static struct spf_step *
tell(const struct frame *f, const char *term, const char *outcome)
{
	struct spf_step *s = arena_alloc(f->run->arena, sizeof(*s));

	s->depth = f->depth;
	s->domain = f->domain;
	s->term = term;
	s->outcome = outcome;
	*f->run->last = s;
	f->run->last = &s->next;
	return s;
}

/* -- terms -- */

/* NULL: what %{p} needs is missing. */
static const char *
expand(const struct frame *f, const char *spec)
{
	struct run *r = f->run;
	struct macro_values v = r->values;
	struct names names;

	v.domain = f->domain;
	if (!spec)
		return f->domain;
	if (macro_needs_name(spec)) {
		if (!run_validated(r, &names))
			return NULL;
		v.name = names_best(&names, run_name(r, f->domain));
	}
	return macro_expand(r->arena, spec, &v);
}

/* Nothing that libspf2 need be asked about: it takes 18,000 instructions, and
 * large senders have a hundred of these. */
static enum found
match_ip(const struct frame *f, const struct spf_term *t, const char *name)
{
	const struct network net = network_of(
	    &t->address, t->kind == SPF_IP4 ? t->bits4 : t->bits6);

	(void)name;
	return network_has(&net, &f->run->values.client) ? MATCH : NO_MATCH;
}

static enum found
match_all(const struct frame *f, const struct spf_term *t, const char *name)
{
	(void)f, (void)t, (void)name;
	return MATCH;
}

static enum found
match_a(const struct frame *f, const struct spf_term *t, const char *name)
{
	struct run *r = f->run;
	const struct spf_answer *a = run_ask_addresses(r, name);
	struct addresses list = { 0 };

	if (!a || a->found == SPF_LOST)
		return run_no_answer(r, a);
	run_add(r, &list, a);
	return run_among(r, &list, run_bits(r, t));
}

/* All hosts are asked for at once. */
static enum found
match_mx(const struct frame *f, const struct spf_term *t, const char *name)
{
	struct run *r = f->run;
	const struct spf_answer *mx = run_ask(r, SPF_MX, name), *a;
	enum found found = NO_MATCH;
	struct addresses list;

	if (!mx || mx->found == SPF_LOST)
		return run_no_answer(r, mx);
	if (mx->count > SPF_HOSTS)
		return run_wrong(r, PERMERROR, "more than 10 MX records");
	for (size_t i = 0; i < mx->count && found != MATCH; i++) {
		const char *host = run_name_in(r, &mx->records[i]);

		if (*host == '\0')
			continue; /* null MX (RFC 7505) */
		a = run_ask_addresses(r, host);
		if (!a) {
			found = MISSING; /* the others, too */
			continue;
		}
		if (found == MISSING)
			continue;
		if (a->found == SPF_LOST)
			return run_no_answer(r, a);
		list = (struct addresses){ 0 };
		run_add(r, &list, a);
		found = run_among(r, &list, run_bits(r, t));
	}
	return found;
}

static enum found
match_ptr(const struct frame *f, const struct spf_term *t, const char *name)
{
	struct run *r = f->run;
	struct names names;

	(void)t;
	if (!run_validated(r, &names))
		return MISSING;
	name = run_name(r, name);
	for (size_t i = 0; i < names.count; i++)
		if (spf_is_below(names.items[i], name))
			return MATCH;
	return NO_MATCH;
}

/* Always A, whatever the client has (5.7). */
static enum found
match_exists(const struct frame *f, const struct spf_term *t, const char *name)
{
	const struct spf_answer *a = run_ask(f->run, SPF_A, name);

	(void)t;
	if (!a || a->found == SPF_LOST)
		return run_no_answer(f->run, a);
	return a->found == SPF_RECORDS ? MATCH : NO_MATCH;
}

static enum found check_host(
    struct run *r, const char *domain, unsigned depth, enum spf_result *result);

/* 5.2: only a pass of the other is a match, and it must have a record. */
static enum found
match_include(const struct frame *f, const struct spf_term *t, const char *name)
{
	struct run *r = f->run;
	enum spf_result result;
	enum found found = check_host(r, name, f->depth + 1, &result);

	(void)t;
	if (found != MATCH)
		return found;
	if (result == SPF_NONE)
		return run_wrong(
		    r, PERMERROR, "include of a domain without SPF");
	return result == SPF_PASS ? MATCH : NO_MATCH;
}

static const struct {
	enum found (*match)(
	    const struct frame *f, const struct spf_term *t, const char *name);
	bool asks; /* counts as a term that asks the DNS */
} matches[] = {
	[SPF_ALL] = { match_all, false },
	[SPF_INCLUDE] = { match_include, true },
	[SPF_MECH_A] = { match_a, true },
	[SPF_MECH_MX] = { match_mx, true },
	[SPF_MECH_PTR] = { match_ptr, true },
	[SPF_IP4] = { match_ip, false },
	[SPF_IP6] = { match_ip, false },
	[SPF_EXISTS] = { match_exists, true },
};

static enum found
count_term(struct run *r)
{
	if (++r->out->terms <= SPF_TERMS)
		return NO_MATCH;
	return run_wrong(r, PERMERROR, "more than 10 terms that ask the DNS");
}

static enum found
match(const struct frame *f, const struct spf_term *t)
{
	struct run *r = f->run;
	const char *name;
	enum found found;

	if (matches[t->kind].asks && count_term(r) == PERMERROR)
		return PERMERROR;
	name = expand(f, t->spec);
	if (!name)
		return MISSING;
	if (!idn_is_ascii(name))
		return NO_MATCH; /* a sender's local part (RFC 8616, 4) */
	found = matches[t->kind].match(f, t, name);
	if (r->too_many_voids && found != MISSING)
		return run_wrong(r, PERMERROR, "more than 2 void lookups");
	return found;
}

static const char *
outcome(const struct run *r, enum found found)
{
	if (found == MATCH)
		return "match";
	return found == NO_MATCH ? "no match" : r->out->problem;
}

/* -- records -- */

static enum found
redirect(const struct frame *f, enum spf_result *result)
{
	struct run *r = f->run;
	const char *name;
	enum found found;

	if (count_term(r) == PERMERROR)
		return PERMERROR;
	name = expand(f, f->terms.redirect);
	if (!name)
		return MISSING;
	tell(f, f->terms.redirect_text, "redirect");
	found = check_host(r, name, f->depth + 1, result);
	if (found == MATCH && *result == SPF_NONE)
		return run_wrong(
		    r, PERMERROR, "redirect to a domain without SPF");
	return found;
}

static enum found
conclude(const struct frame *f, const char *term, enum spf_result result,
    enum spf_result *out)
{
	f->run->out->by = f->domain;
	f->run->out->term = term;
	*out = result;
	return MATCH;
}

/* The innermost term that is to blame. */
static enum found
fail(const struct frame *f, const char *term, enum found how)
{
	enum spf_result any;

	if (!f->run->failed)
		conclude(f, term, SPF_NONE, &any);
	f->run->failed = true;
	return how;
}

static enum found
evaluate(const struct frame *f, enum spf_result *result)
{
	struct run *r = f->run;

	for (size_t i = 0; i < f->terms.count; i++) {
		const struct spf_term *t = &f->terms.items[i];
		struct spf_step *step = tell(f, t->text, "");
		const enum found found = match(f, t);

		if (found == MISSING)
			return MISSING;
		step->outcome = outcome(r, found);
		if (found == MATCH)
			return conclude(f, t->text, t->result, result);
		if (found != NO_MATCH)
			return fail(f, t->text, found);
	}
	if (f->terms.redirect)
		return redirect(f, result);
	tell(f, "", "no term matched");
	return conclude(f, "", SPF_NEUTRAL, result);
}

static enum found
read_record(
    struct frame *f, const struct spf_record *record, enum spf_result *result)
{
	struct run *r = f->run;
	const char *problem;

	r->text += record->size;
	problem = r->text > SPF_TEXT
	    ? "records of more than 64 kB"
	    : record_parse(r->arena, record, &f->terms);
	if (!problem)
		return evaluate(f, result);
	tell(f, "", problem);
	return fail(f, "", run_wrong(r, PERMERROR, problem));
}

static enum found
none(const struct frame *f, const char *why, enum spf_result *result)
{
	tell(f, "", why);
	return conclude(f, "", SPF_NONE, result);
}

/* 4.4 and 4.5: the one record of a domain. */
static enum found
find_record(struct frame *f, enum spf_result *result)
{
	struct run *r = f->run;
	const struct spf_answer *txt = run_ask(r, SPF_TXT, f->domain);
	const struct spf_record *record = NULL;

	if (!txt || txt->found == SPF_LOST)
		return run_no_answer(r, txt);
	for (size_t i = 0; txt->found == SPF_RECORDS && i < txt->count; i++) {
		if (!record_is_spf(&txt->records[i]))
			continue;
		if (record)
			return run_wrong(
			    r, PERMERROR, "more than one SPF record");
		record = &txt->records[i];
	}
	return record ? read_record(f, record, result)
		      : none(f, "no SPF record", result);
}

/* 4.3: a domain of more than one label, and no address in brackets. */
static bool
is_domain(struct run *r, const char *domain)
{
	const char *name = run_name(r, domain);

	return spf_is_name(name) && strchr(name, '.') && *name != '[';
}

static enum found
check_host(
    struct run *r, const char *domain, unsigned depth, enum spf_result *result)
{
	struct frame f = {
		.run = r, .domain = run_name(r, domain), .depth = depth
	};

	if (!is_domain(r, domain))
		return none(&f, "not a domain", result);
	return find_record(&f, result);
}

enum found
run_domain(struct run *r, const char *domain, enum spf_result *result)
{
	return check_host(r, domain, 0, result);
}

enum found
run_record(struct run *r, const char *domain, const struct spf_record *record,
    enum spf_result *result)
{
	struct frame f = { .run = r, .domain = domain };

	return is_domain(r, domain) ? read_record(&f, record, result)
				    : none(&f, "not a domain", result);
}
