/*
 * run - names, addresses, and what is missing
 */
#include "spf/run.h"

#include <string.h>

#include "base/arena.h"
#include "base/idn.h"
#include "base/text.h"

enum found
run_wrong(struct run *r, enum found how, const char *what)
{
	r->out->problem = what;
	return how;
}

/* -- questions -- */

bool
spf_is_name(const char *name)
{
	if (strlen(name) > SPF_NAME || !idn_is_ascii(name))
		return false;
	for (;; name++) {
		const size_t size = strcspn(name, ".");

		if (size == 0 || size > 63)
			return false;
		name += size;
		if (!*name)
			return true;
	}
}

const char *
run_name(struct run *r, const char *name)
{
	char *text = text_lower(r->arena, name);
	const size_t size = strlen(text);

	if (size > 0 && text[size - 1] == '.')
		text[size - 1] = '\0';
	return text;
}

static void
miss(struct run *r, const struct spf_question *q)
{
	for (size_t i = 0; i < r->missing; i++)
		if (r->questions[i].type == q->type &&
		    strcmp(r->questions[i].name, q->name) == 0)
			return;
	if (r->missing < RUN_QUESTIONS)
		r->questions[r->missing++] = *q;
}

const struct spf_answer *
run_ask(struct run *r, enum spf_type type, const char *name)
{
	static const struct spf_answer nothing = { SPF_VOID, 0, NULL };
	struct spf_question *q = arena_take(r->arena, sizeof(*q));
	const struct spf_answer *a = &nothing;

	*q = (struct spf_question){ type, run_name(r, name) };
	if (spf_is_name(q->name)) {
		a = r->dns->find(r->dns->data, q);
		if (!a) {
			miss(r, q);
			return NULL;
		}
		r->out->lookups++;
		if (a->found == SPF_VOID && ++r->out->voids > SPF_VOIDS)
			r->too_many_voids = true;
	}
	return a;
}

enum found
run_no_answer(struct run *r, const struct spf_answer *a)
{
	if (!a)
		return MISSING;
	return run_wrong(r, TEMPERROR, "the DNS does not answer");
}

/* -- addresses -- */

void
run_add(struct run *r, struct addresses *to, const struct spf_answer *from)
{
	const unsigned char family = r->values.client.family;
	const size_t size = family == 4 ? 4 : 16;
	struct address *items;

	if (from->found != SPF_RECORDS)
		return;
	items = arena_alloc(
	    r->arena, (to->count + from->count) * sizeof(*items));
	if (to->count > 0)
		memcpy(items, to->items, to->count * sizeof(*items));
	to->items = items;
	for (size_t i = 0; i < from->count; i++)
		if (from->records[i].size == size) {
			items[to->count].family = family;
			memcpy(items[to->count++].bytes, from->records[i].data,
			    size);
		}
}

const struct spf_answer *
run_ask_addresses(struct run *r, const char *name)
{
	return run_ask(
	    r, r->values.client.family == 4 ? SPF_A : SPF_AAAA, name);
}

unsigned
run_bits(const struct run *r, const struct spf_term *t)
{
	return r->values.client.family == 4 ? t->bits4 : t->bits6;
}

enum found
run_among(struct run *r, const struct addresses *list, unsigned bits)
{
	if (!r->matcher)
		r->matcher = matcher_new();
	return matcher_has(r->matcher, &r->values.client, list->items,
		   list->count, bits)
	    ? MATCH
	    : NO_MATCH;
}

const char *
run_name_in(struct run *r, const struct spf_record *record)
{
	return run_name(r, arena_memdup(r->arena, record->data, record->size));
}

/* -- the client's validated names (5.5) -- */

bool
spf_is_below(const char *name, const char *domain)
{
	const size_t size = strlen(name), own = strlen(domain);

	return size >= own && strcmp(name + size - own, domain) == 0 &&
	    (size == own || name[size - own - 1] == '.');
}

static const char *
reverse_name(struct run *r)
{
	const struct address *c = &r->values.client;
	static const struct macro_values none = { .sender = "@" };
	struct macro_values v = none;

	v.client = *c;
	return macro_expand(r->arena, "%{ir}.%{v}.arpa", &v);
}

bool
run_validated(struct run *r, struct names *out)
{
	const struct spf_answer *ptr = run_ask(r, SPF_PTR, reverse_name(r));
	const unsigned whole = r->values.client.family == 4 ? 32 : 128;
	bool all = ptr != NULL;

	out->count = 0;
	if (!ptr || ptr->found != SPF_RECORDS)
		return all;
	for (size_t i = 0; i < ptr->count && i < SPF_HOSTS; i++) {
		const char *name = run_name_in(r, &ptr->records[i]);
		const struct spf_answer *a = run_ask_addresses(r, name);
		struct addresses list = { 0 };

		all = all && a;
		if (!a)
			continue;
		run_add(r, &list, a);
		if (run_among(r, &list, whole) == MATCH)
			out->items[out->count++] = name;
	}
	return all;
}

const char *
names_best(const struct names *n, const char *domain)
{
	const char *best = n->count > 0 ? n->items[0] : "unknown";

	for (size_t i = n->count; i-- > 0;)
		if (spf_is_below(n->items[i], domain))
			best = n->items[i];
	for (size_t i = n->count; i-- > 0;)
		if (strcmp(n->items[i], domain) == 0)
			best = n->items[i];
	return best;
}
