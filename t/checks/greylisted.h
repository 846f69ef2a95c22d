/*
 * greylisted - the check of greylisting as a function, and all that it sees of
 * the engine, of lookup tables and of other checks played
 *
 * For a test's one file: it takes the place of them.
 */
#ifndef CHECKS_GREYLISTED_H
#define CHECKS_GREYLISTED_H

#include <string.h>

#include "base/arena.h"
#include "checks/checks.h"
#include "checks/dnsbl.h"
#include "checks/spf.h"
#include "conf/lookup.h"
#include "conf/terms.h"
#include "kit/suite.h"
#include "spf/spf.h"

/* -- the engine and the tables, played -- */

enum { RECORD, NETWORK, LINK, SLOTS }; /* its own questions */

struct facts {
	struct answer answers[SLOTS];
	const void *left;
};

struct questions {
	struct facts *facts;
	unsigned count;
	const struct question *question; /* the last one */
};

/* A list with one entry. */
struct lookups {
	const char *entry;
};

const struct answer *
facts_get(const struct facts *f, unsigned slot)
{
	assert_in_range(slot, 0, SLOTS - 1);
	return &f->answers[slot];
}

void
ask_prepared(struct questions *qs, unsigned slot, struct question *q)
{
	assert_in_range(slot, 0, SLOTS - 1);
	qs->facts->answers[slot].state = PENDING;
	qs->count++;
	qs->question = q;
}

void
facts_leave(struct questions *qs, const void *found)
{
	qs->facts->left = found;
}

const void *
facts_left(const struct facts *f)
{
	return f->left;
}

/* -- what other checks have found -- */

static struct {
	bool spf; /* applies */
	struct spf_verdict verdict;
	int64_t score; /* of DNS lists */
} found;

bool
spf_found(const struct facts *f, const struct spf_verdict **verdict)
{
	(void)f;
	*verdict = found.spf ? &found.verdict : NULL;
	return found.spf;
}

int64_t
dnsbl_score(const struct facts *f)
{
	(void)f;
	return found.score;
}

/* What nobody asks here. */
void
ask_once(struct questions *qs, unsigned slot, struct question q)
{
	(void)qs;
	(void)slot;
	(void)q;
	fail();
}

struct arena *
questions_arena(struct questions *qs)
{
	(void)qs;
	fail();
	return NULL;
}

/* -- tables, played -- */

const char *
lookups_client(
    const struct lookups *l, const struct address *a, const char *name)
{
	char text[ADDRESS_TEXT];

	if (!l)
		return NULL;
	return strcmp(l->entry, address_text(a, text)) == 0 ||
		strcmp(l->entry, name) == 0
	    ? ""
	    : NULL;
}

const char *
lookups_address(const struct lookups *l, const char *address)
{
	return l && strcmp(l->entry, address) == 0 ? "" : NULL;
}

/* -- a request that a test changes -- */

struct stage_set {
	struct arena *arena;
	struct conf conf;
	struct settings set;
	struct request req;
	struct facts facts;
	struct questions questions;
};

static inline struct stage_set *
begin(void)
{
	struct arena *a = arena_new();
	struct stage_set *s = arena_alloc(a, sizeof(*s));

	s->arena = a;
	memset(&found, 0, sizeof(found));
	s->conf.prefix = "policyd:";
	s->set.greylist.delay = 300;
	s->set.greylist.retry_window = 86400;
	s->set.greylist.memory = 3110400;
	s->set.greylist.known_memory = 3110401;
	s->set.greylist.known_after = 5;
	s->set.greylist.fresh_limit = 100;
	s->set.greylist.ipv4_bits = 24;
	s->set.greylist.ipv6_bits = 64;
	s->req.arena = a;
	s->req.conf = &s->conf;
	s->req.set = &s->set;
	s->req.client_name = "mx.example.org";
	s->req.sender = "anna@example.org";
	s->req.recipient = "jo@example.net";
	s->req.server_time = 1732204800;
	s->req.number = 8;
	address_parse(&s->req.client, "192.0.2.7");
	return s;
}

static inline void
end(struct stage_set *s)
{
	arena_release(s->arena);
}

static inline const char *
word(const struct stage_set *s, unsigned i)
{
	const struct word w = s->questions.question->words[i];

	return arena_memdup(s->arena, w.text, w.size);
}

static inline void
ask(struct stage_set *s)
{
	memset(&s->facts, 0, sizeof(s->facts));
	s->questions.facts = &s->facts;
	s->questions.count = 0;
	terms_write(&s->set);
	check_greylist.ask(&s->req, &s->facts, &s->questions);
}

/* A domain vouches for the client. */
static inline void
vouch(const char *domain)
{
	found.spf = true;
	found.verdict = (struct spf_verdict){ .result = SPF_PASS,
		.domain = domain };
}

/* -- verdicts -- */

/* Details as text, "name=value ...", in their order. */
static inline const char *
details(struct arena *a, const struct verdict *v)
{
	const char *text = "";

	for (unsigned i = 0; i < v->count; i++) {
		const struct detail *d = &v->details[i];
		const char *space = *text ? " " : "";

		text = d->text ? arena_printf(a, "%s%s%s=%s", text, space,
				     d->name, d->text)
			       : arena_printf(a, "%s%s%s=%lld", text, space,
				     d->name, (long long)d->number);
	}
	return text;
}

#endif
