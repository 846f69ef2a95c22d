/*
 * probe - a table of names, all asked at once
 */
#include "dnsbl/probe.h"

#include <stdio.h>
#include <string.h>

#include "ask/dns/words.h"
#include "base/arena.h"
#include "dnsbl/said.h"

enum wanted { ANYTHING, LISTED, NOT_LISTED };

struct probe_row {
	const char *name; /* before the zone; NULL: a new one */
	bool of_names; /* not of addresses */
	enum wanted wanted;
	const char *otherwise;
};

static const struct probe_row rows[PROBE_TESTS] = {
	{ "2.0.0.127", false, LISTED,
	    "127.0.0.2 is not listed, as it is in each list of addresses: "
	    "there is no such list" },
	{ "1.0.0.127", false, NOT_LISTED,
	    "127.0.0.1 is listed: so is everybody, it seems" },
	{ NULL, false, ANYTHING, NULL },
	{ "invalid", true, NOT_LISTED,
	    "'invalid' is listed: so is everybody, it seems" },
	{ NULL, true, NOT_LISTED,
	    "a name that nobody has is listed: so is everybody, it seems" },
};

void
probe_tell(char *out, const char *name, const struct said *said)
{
	snprintf(out, PROBE_WHY, "%s is %u.%u.%u.%u: %s", name, said->odd[0],
	    said->odd[1], said->odd[2], said->odd[3], said->means);
}

/* The first complaint stays. */
static void
complain(struct probe *p, const char *name, const struct said *said,
    const char *otherwise)
{
	if (p->result == PROBE_ODD)
		return;
	p->result = PROBE_ODD;
	if (said->kind == SAID_ODD)
		probe_tell(p->why, name, said);
	else
		snprintf(p->why, sizeof(p->why), "%s", otherwise);
}

static void
look(struct probe_test *t, const struct answer *answer)
{
	struct arena *a = arena_new();
	struct probe *p = t->probe;
	struct dns_message m;
	struct said said;

	if (!dns_answer(a, answer, &m)) {
		if (p->result == PROBE_SANE)
			p->result = PROBE_LOST;
	} else {
		said = said_of(&m, p->of.one);
		if (said.kind == SAID_ODD ||
		    (t->row->wanted == LISTED && said.kind != SAID_LISTED) ||
		    (t->row->wanted == NOT_LISTED && said.kind == SAID_LISTED))
			complain(p, t->name, &said, t->row->otherwise);
	}
	arena_release(a);
}

static void
answered(struct ticket *ticket, const struct answer *answer)
{
	struct probe_test *t = (struct probe_test *)ticket;

	look(t, answer);
	if (--t->probe->open == 0)
		t->probe->done(t->probe);
}

/* Of addresses one of 127.0.0.0/8: nobody's, and the list knows it or not. */
static void
write_name(struct probe_test *t, const char *zone, uint64_t number)
{
	const unsigned n = (unsigned)number;

	if (t->row->name)
		snprintf(t->name, PROBE_NAME, "%s.%s", t->row->name, zone);
	else if (t->row->of_names)
		snprintf(t->name, PROBE_NAME, "%08x.invalid.%s", n, zone);
	else
		snprintf(t->name, PROBE_NAME, "%u.%u.%u.127.%s", n & 0xff,
		    n >> 8 & 0xff, 1 + (n >> 16) % 254, zone);
}

static void
add_test(struct probe *p, const struct probe_row *row, uint64_t number)
{
	struct probe_test *t = &p->tests[p->open++];

	t->ticket.answered = answered;
	t->probe = p;
	t->row = row;
	write_name(t, p->of.zone, number);
	t->question =
	    (struct question){ .dns = DNS_A, .fresh = true, .count = 1 };
	t->question.words[0] = (struct word){ t->name, strlen(t->name) };
}

void
probe_begin(struct probe *p, struct store *dns, const struct probe_of *of,
    uint64_t number)
{
	p->of = *of;
	p->result = PROBE_SANE;
	for (size_t i = 0; i < PROBE_TESTS; i++)
		if ((rows[i].of_names ? of->names : of->addresses) &&
		    (rows[i].wanted != LISTED || of->entry))
			add_test(p, &rows[i], number);
	for (unsigned i = 0, all = p->open; i < all; i++)
		store_ask(dns, &p->tests[i].question, &p->tests[i].ticket);
}
