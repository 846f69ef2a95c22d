/*
 * policyctl_waiting - a request for each mail, some at a time
 */
#include "policyctl_waiting.h"

#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/arena.h"
#include "checks/checks.h"
#include "engine/request.h"
#include "policyctl.h"
#include "policyctl_redis.h"
#include "policyctl_rehearsal.h"

enum { AT_A_TIME = 100 }; /* requests: each asks the DNS several questions */

/* The greylist, and those by which it goes. */
static const struct check *const some[] = { &check_dnsbl, &check_spf,
	&check_greylist, NULL };

void
waiting_add(struct waiting *w, struct arena *a, const struct grey_record *r)
{
	struct grey_record *own;
	struct mail *mails;

	if ((w->count & (w->count - 1)) == 0) { /* a power of two: full */
		mails = arena_alloc(a, (2 * w->count + 1) * sizeof(*mails));
		if (w->count > 0)
			memcpy(mails, w->mails, w->count * sizeof(*mails));
		w->mails = mails;
	}
	own = &w->mails[w->count].record;
	w->mails[w->count++].let_in = false;
	*own = *r;
	own->key = arena_strdup(a, r->key);
	own->identity = arena_strdup(a, r->identity);
	own->sender = r->sender ? arena_strdup(a, r->sender) : NULL;
	own->recipient = r->recipient ? arena_strdup(a, r->recipient) : NULL;
	own->set = NULL;
}

static int
by_last(const void *a, const void *b)
{
	const struct grey_record *x = &((const struct mail *)a)->record;
	const struct grey_record *y = &((const struct mail *)b)->record;

	if (x->last != y->last)
		return x->last > y->last ? -1 : 1;
	return strcmp(x->key, y->key);
}

/* One that is asked about. */
struct question_of {
	struct mail *mail;
	int64_t now;
};

static const char *
detail(const struct verdict *v, const char *name)
{
	for (unsigned i = 0; i < v->count; i++)
		if (strcmp(v->details[i].name, name) == 0)
			return v->details[i].text;
	return "";
}

/* It was put off and has not come back: that it may by now is no matter. */
static bool
has_only_waited(const struct question_of *q, const struct verdict *v)
{
	return strcmp(detail(v, "state"), "passed") == 0 &&
	    q->mail->record.may_pass <= q->now;
}

static void
explained(void *data, const struct request *req, const struct decision *d,
    const struct finding *findings, size_t count)
{
	const struct question_of *q = data;
	const struct finding *f = &findings[count - 1]; /* the greylist's */

	(void)req;
	(void)d;
	q->mail->let_in = !f->applies ||
	    (f->judged && f->verdict.kind == VERDICT_PASS &&
		!has_only_waited(q, &f->verdict));
}

/* As the client would ask again. Its greeting nobody wrote down. */
static struct request *
request_of(const struct mail *m, const struct address *client, const char *host)
{
	struct arena *a = arena_new();
	struct request *r = request_new(a);
	const char *sender = m->record.sender;

	r->protocol_state = "RCPT";
	r->protocol_name = "ESMTP";
	r->client_address = address_text(client, arena_alloc(a, ADDRESS_TEXT));
	r->client_name = r->reverse_client_name = *host ? arena_strdup(a, host)
							: "unknown";
	if (sender && strcmp(sender, "<>") != 0)
		r->sender = arena_strdup(a, sender);
	if (m->record.recipient)
		r->recipient = arena_strdup(a, m->record.recipient);
	return r;
}

/* When all that were asked about are let in, there is no reason to think that
 * older ones are not. */
static void
infer(struct waiting *w, size_t asked)
{
	for (size_t i = 0; i < asked; i++)
		if (!w->mails[i].let_in)
			return;
	for (size_t i = asked; i < w->count; i++)
		w->mails[i].let_in = true;
}

void
waiting_ask(struct waiting *w, struct ctl *ctl, struct door *d,
    struct lists *lists, const struct address *client, const char *host)
{
	const size_t count = w->count < WAITING_ASKED ? w->count
						      : WAITING_ASKED;
	struct question_of *qs = arena_alloc(
	    ctl->arena, (count + 1) * sizeof(*qs));
	const int64_t now = door_now(d);
	struct rehearsal *dry = rehearsal_open(ctl, d, some, lists);

	if (w->count > 0)
		qsort(w->mails, w->count, sizeof(*w->mails), by_last);
	for (size_t i = 0; i < count; i++) {
		qs[i] = (struct question_of){ &w->mails[i], now };
		rehearsal_ask(dry, request_of(&w->mails[i], client, host),
		    explained, &qs[i]);
		if (i % AT_A_TIME == AT_A_TIME - 1)
			rehearsal_wait(dry);
	}
	rehearsal_wait(dry);
	rehearsal_close(dry);
	infer(w, count);
}
