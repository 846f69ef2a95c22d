/*
 * spf_search - answers of the DNS in the words of lib/spf, and its questions in
 * those of the DNS
 */
#include "checks/spf_search.h"

#include "base/arena.h"

/* What find() needs. */
struct call {
	struct names *names;
	struct arena *arena;
	const struct facts *facts;
	struct questions *qs; /* NULL: what is not known by now is lost */
};

const enum dns_type spf_dns_types[] = {
	[SPF_TXT] = DNS_TXT,
	[SPF_A] = DNS_A,
	[SPF_AAAA] = DNS_AAAA,
	[SPF_MX] = DNS_MX,
	[SPF_PTR] = DNS_PTR,
};

static const struct spf_answer *
answer_of(struct arena *a, const struct dns_message *m)
{
	struct spf_answer *answer = arena_alloc(a, sizeof(*answer));
	struct spf_record *records = arena_alloc(
	    a, (m->count + 1) * sizeof(*records));

	answer->found = m->outcome == DNS_FOUND ? SPF_RECORDS
	    : m->outcome == DNS_FAILED          ? SPF_LOST
						: SPF_VOID;
	for (size_t i = 0; i < m->count; i++)
		records[i] = (struct spf_record){ m->records[i].data,
			m->records[i].size };
	answer->count = m->count;
	answer->records = records;
	return answer;
}

static const struct spf_answer *
find(void *data, const struct spf_question *q)
{
	static const struct spf_answer lost = { SPF_LOST, 0, NULL };
	struct call *c = data;
	const struct dns_message *m;

	/* It may be known at once. */
	if (c->qs)
		names_ask(c->names, c->qs, spf_dns_types[q->type], q->name);
	m = names_get(
	    c->names, c->arena, c->facts, spf_dns_types[q->type], q->name);
	if (m)
		return answer_of(c->arena, m);
	return c->qs ? NULL : &lost;
}

bool
spf_search(struct spf_search *s, const struct request *req,
    const struct facts *facts, struct questions *qs, const char *record,
    struct spf_verdict *out)
{
	struct call call = { &s->names, req->arena, facts, qs };
	const struct spf_dns dns = { find, &call };
	const struct spf_question *missing;
	size_t count;

	return record
	    ? spf_check_by(
		  req->arena, &s->client, record, &dns, out, &missing, &count)
	    : spf_check(req->arena, &s->client, &dns, out, &missing, &count);
}
