/*
 * policyctl_spf - what a domain says about a client, and how it comes to that
 *
 * The same evaluation as in the check, by the name servers of the
 * configuration, but with all it went through: each term of each record, and
 * each answer of the DNS.
 */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <uv.h>

#include "ask/dns/dns.h"
#include "ask/dns/words.h"
#include "ask/ticker.h"
#include "base/arena.h"
#include "base/clock.h"
#include "checks/spf_search.h"
#include "conf/conf.h"
#include "policyctl.h"
#include "policyctl_out.h"
#include "spf/spf.h"

/* A question that was asked; the newest is the last. */
struct lookup {
	struct ticket ticket;
	struct lookup *next;
	struct inquiry *inquiry;
	struct spf_question asked;
	struct question question;
	struct spf_answer answer;
	const char *outcome; /* NULL: none yet */
};

struct inquiry {
	struct ctl *ctl;
	struct spf_client client;
	struct spf_verdict verdict;
	struct lookup *lookups, **last;
	unsigned waiting;
	bool closed;

	uv_loop_t loop;
	struct clock *clock;
	struct ticker *ticker;
	struct dns *dns;
};

/* -- asking -- */

static void
keep_records(struct lookup *l, struct arena *a, const struct dns_message *m)
{
	struct spf_record *records = arena_alloc(
	    a, (m->count + 1) * sizeof(*records));

	for (size_t i = 0; i < m->count; i++)
		records[i] = (struct spf_record){ m->records[i].data,
			m->records[i].size };
	l->answer.count = m->count;
	l->answer.records = records;
}

static void
answered(struct ticket *ticket, const struct answer *answer)
{
	static const char *const outcomes[] = { [DNS_FOUND] = "found",
		[DNS_NO_DATA] = "no such record",
		[DNS_NO_NAME] = "no such name" };
	struct lookup *l = (struct lookup *)ticket; /* its first member */
	struct arena *a = l->inquiry->ctl->arena;
	struct dns_message m;

	l->inquiry->waiting--;
	if (!dns_answer(a, answer, &m)) {
		l->answer.found = SPF_LOST;
		l->outcome = loss_name(
		    answer->state == LOST ? answer->loss : LOSS_SHAPE);
		return;
	}
	l->answer.found = m.outcome == DNS_FOUND ? SPF_RECORDS : SPF_VOID;
	l->outcome = outcomes[m.outcome];
	keep_records(l, a, &m);
}

static void
ask(struct inquiry *q, const struct spf_question *asked)
{
	struct lookup *l = arena_alloc(q->ctl->arena, sizeof(*l));

	l->ticket.answered = answered;
	l->inquiry = q;
	l->asked = *asked;
	l->question = dns_question(
	    q->ctl->arena, spf_dns_types[asked->type], asked->name);
	*q->last = l;
	q->last = &l->next;
	q->waiting++;
	store_ask(dns_store(q->dns), &l->question, &l->ticket);
}

static const struct spf_answer *
find(void *data, const struct spf_question *asked)
{
	const struct inquiry *q = data;

	for (const struct lookup *l = q->lookups; l; l = l->next)
		if (l->asked.type == asked->type &&
		    strcmp(l->asked.name, asked->name) == 0)
			return &l->answer;
	return NULL;
}

static void
inquire(struct inquiry *q)
{
	const struct spf_dns dns = { find, q };
	const struct spf_question *questions;
	size_t count;

	while (!spf_check(
	    q->ctl->arena, &q->client, &dns, &q->verdict, &questions, &count)) {
		for (size_t i = 0; i < count; i++)
			ask(q, &questions[i]);
		while (q->waiting > 0)
			uv_run(&q->loop, UV_RUN_ONCE);
	}
}

static void
open_dns(struct inquiry *q)
{
	uv_loop_init(&q->loop);
	q->clock = clock_new();
	q->ticker = ticker_new(&q->loop, q->clock);
	q->dns = dns_new(&q->loop, q->clock, &q->ctl->conf->dns);
}

static void
note_closed(void *data)
{
	((struct inquiry *)data)->closed = true;
}

static void
close_dns(struct inquiry *q)
{
	dns_free(q->dns, note_closed, q);
	while (!q->closed)
		uv_run(&q->loop, UV_RUN_ONCE);
	ticker_free(q->ticker);
	uv_run(&q->loop, UV_RUN_DEFAULT);
	uv_loop_close(&q->loop);
	clock_free(q->clock);
}

/* -- telling -- */

static const char *
record_text(struct arena *a, enum spf_type type, const struct spf_record *r)
{
	struct address address = { .family = type == SPF_A ? 4 : 6 };

	if (type != SPF_A && type != SPF_AAAA)
		return r->size > 0 ? r->data : ".";
	memcpy(address.bytes, r->data, r->size);
	return address_text(&address, arena_alloc(a, ADDRESS_TEXT));
}

static void
print_field(const char *name, const char *text)
{
	if (!*text)
		return;
	printf("%s ", name);
	out_text(stdout, text);
	putchar('\n');
}

static void
print_step(const struct spf_step *s)
{
	printf("    %*s", 4 * (int)s->depth, "");
	out_text(stdout, s->domain);
	putchar(' ');
	if (*s->term) {
		out_text(stdout, s->term);
		fputs(": ", stdout);
	}
	out_text(stdout, s->outcome);
	putchar('\n');
}

static void
print_lookup(struct arena *a, const struct lookup *l)
{
	printf("%s ", spf_type_name(l->asked.type));
	out_text(stdout, l->asked.name);
	printf(" %s\n", l->outcome);
	for (size_t i = 0; i < l->answer.count; i++) {
		fputs("    ", stdout);
		out_text(stdout,
		    record_text(a, l->asked.type, &l->answer.records[i]));
		putchar('\n');
	}
}

static void
print(const struct inquiry *q)
{
	const struct spf_verdict *v = &q->verdict;

	print_field("result", spf_result_name(v->result));
	print_field("domain", v->domain);
	print_field("by", v->by);
	print_field("term", v->term);
	print_field("problem", v->problem);
	puts("terms");
	for (const struct spf_step *s = v->steps; s; s = s->next)
		print_step(s);
	for (const struct lookup *l = q->lookups; l; l = l->next)
		print_lookup(q->ctl->arena, l);
}

static json_t *
steps_json(const struct spf_verdict *v)
{
	json_t *list = json_array();

	for (const struct spf_step *s = v->steps; s; s = s->next)
		json_array_append_new(list,
		    json_pack("{s:i, s:o, s:o, s:o}", "depth", (int)s->depth,
			"domain", out_json_text(s->domain), "term",
			out_json_text(s->term), "outcome",
			out_json_text(s->outcome)));
	return list;
}

static json_t *
lookups_json(const struct inquiry *q)
{
	json_t *list = json_array();

	for (const struct lookup *l = q->lookups; l; l = l->next) {
		json_t *records = json_array();

		for (size_t i = 0; i < l->answer.count; i++)
			json_array_append_new(records,
			    out_json_text(record_text(q->ctl->arena,
				l->asked.type, &l->answer.records[i])));
		json_array_append_new(list,
		    json_pack("{s:s, s:o, s:s, s:o}", "type",
			spf_type_name(l->asked.type), "name",
			out_json_text(l->asked.name), "outcome", l->outcome,
			"records", records));
	}
	return list;
}

static void
print_json(const struct inquiry *q)
{
	const struct spf_verdict *v = &q->verdict;

	out_json(json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "result",
	    spf_result_name(v->result), "domain", out_json_text(v->domain),
	    "by", out_json_text(v->by), "term", out_json_text(v->term),
	    "problem", out_json_text(v->problem), "lookups", lookups_json(q),
	    "steps", steps_json(v)));
}

/* -- the command -- */

/* "<>" is the null sender; others may stand in such brackets, too. */
static const char *
read_sender(struct arena *a, const char *word)
{
	const size_t size = strlen(word);

	if (size < 2 || word[0] != '<' || word[size - 1] != '>')
		return word;
	return arena_memdup(a, word + 1, size - 2);
}

int
run_spf(struct ctl *ctl, int argc, char **argv)
{
	struct inquiry q = { .ctl = ctl, .last = &q.lookups };

	if (argc > 1 && strcmp(argv[1], "--") == 0)
		argc--, argv++; /* a sender may begin with dashes */
	if (argc != 4)
		return fail(EX_USAGE,
		    "spf: needs CLIENT HELO SENDER; <> is the null sender");
	if (!address_parse(&q.client.address, argv[1]))
		return fail(EX_USAGE, "spf: '%s' is no address", argv[1]);
	q.client.helo = argv[2];
	q.client.sender = read_sender(ctl->arena, argv[3]);
	open_dns(&q);
	inquire(&q);
	close_dns(&q);
	if (ctl->json)
		print_json(&q);
	else
		print(&q);
	return q.verdict.result == SPF_TEMPERROR ? EX_TEMPFAIL : EX_OK;
}
