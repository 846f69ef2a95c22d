/*
 * SPF with everybody hostile: sender, HELO and answers of the DNS are the
 * bytes of the input, line by line: the HELO name, the sender, and then
 * records, which are dealt out to whatever is asked. It always comes to an
 * end, within the limits of RFC 7208, and asks only for sound names.
 *
 * Lines that are right as macro-strings are expanded, too, and what came out is
 * told in a header: one line, with quotes and parentheses that are closed.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/arena.h"
#include "spf/macro.h"
#include "spf/spf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINES = 64, ASKED = 400 };

struct line {
	char *text;
	size_t size;
};

struct strangers {
	struct arena *arena;
	struct line lines[LINES];
	size_t count;
	struct spf_question asked[ASKED];
	const struct spf_answer *answers[ASKED];
	size_t asked_count;
};

/* Each line is a copy, with a NUL. */
static void
cut(struct strangers *s, const uint8_t *data, size_t size)
{
	while (size > 0 && s->count < LINES) {
		const uint8_t *end = memchr(data, '\n', size);
		const size_t length = end ? (size_t)(end - data) : size;
		const size_t used = length + (end != NULL);

		s->lines[s->count].text = arena_memdup(s->arena, data, length);
		s->lines[s->count++].size = length;
		data += used;
		size -= used;
	}
}

static const char *
text_of(const struct strangers *s, size_t i)
{
	return i < s->count ? s->lines[i].text : "";
}

/* Which line answers: its number, the question's place, and the type say. */
static struct spf_record
record_of(struct strangers *s, enum spf_type type, size_t n)
{
	const struct line *l = &s->lines[2 + n % (s->count - 2)];
	char *address = arena_alloc(s->arena, 16);

	if (type != SPF_A && type != SPF_AAAA)
		return (struct spf_record){ l->text,
			type == SPF_TXT ? l->size : strlen(l->text) };
	memcpy(address, l->text, l->size < 16 ? l->size : 16);
	return (struct spf_record){ address, type == SPF_A ? 4 : 16 };
}

static const struct spf_answer *
answer(struct strangers *s, const struct spf_question *q)
{
	const size_t n = s->asked_count, records = s->count > 2 ? s->count : 0;
	const size_t count = records ? 1 + strlen(q->name) % 3 : 0;
	struct spf_answer *a = arena_alloc(s->arena, sizeof(*a));
	struct spf_record *list = arena_alloc(
	    s->arena, (count + 1) * sizeof(*list));

	for (size_t i = 0; i < count; i++)
		list[i] = record_of(s, q->type, n + i);
	if (q->type == SPF_TXT)
		a->count = count > 0;
	else
		a->count = count;
	a->found = a->count ? SPF_RECORDS : SPF_VOID;
	a->records = list;
	return a;
}

static const struct spf_answer *
find(void *data, const struct spf_question *q)
{
	struct strangers *s = data;

	for (size_t i = 0; i < s->asked_count; i++)
		if (s->asked[i].type == q->type &&
		    strcmp(s->asked[i].name, q->name) == 0)
			return s->answers[i];
	return NULL;
}

static void
take(struct strangers *s, const struct spf_question *q)
{
	if (find(s, q))
		return; /* two of a round may be the same */
	if (s->asked_count == ASKED || strlen(q->name) > SPF_NAME)
		abort();
	s->answers[s->asked_count] = answer(s, q);
	s->asked[s->asked_count++] = *q;
}

/* Whether nothing of it is still open at its end. */
static bool
is_closed(const char *header)
{
	char open = '\0'; /* the byte that closes it */

	for (; *header; header++) {
		if (*header < 0x20 || *header > 0x7e)
			return false;
		if (*header == '\\')
			header += header[1] != '\0';
		else if (open != '\0')
			open = *header == open ? '\0' : open;
		else if (*header == '"' || *header == '(')
			open = *header == '"' ? '"' : ')';
	}
	return open == '\0';
}

static void
tell(struct strangers *s, const struct spf_client *c,
    const struct spf_verdict *v)
{
	const char *header = spf_received(s->arena, v, c, text_of(s, 2));

	if (strlen(header) > SPF_RECEIVED || !is_closed(header))
		abort();
}

static void
check(struct strangers *s, const struct spf_client *c)
{
	const struct spf_dns dns = { find, s };
	const struct spf_question *questions;
	struct spf_verdict v = { .result = SPF_NONE };
	size_t count, rounds = 0, before;

	while (!spf_check(s->arena, c, &dns, &v, &questions, &count)) {
		before = s->asked_count;
		for (size_t i = 0; i < count; i++)
			take(s, &questions[i]);
		if (s->asked_count == before || ++rounds > ASKED)
			abort(); /* it would ask for ever */
	}
	if (v.result >= SPF_RESULTS || v.terms > SPF_TERMS + 1)
		abort();
	tell(s, c, &v);
}

static void
expand(struct strangers *s, const struct spf_client *c)
{
	const struct macro_values values = { .client = c->address,
		.sender = "strong-bad@email.example.com",
		.domain = text_of(s, 1),
		.helo = c->helo,
		.name = "unknown" };

	for (size_t i = 0; i < s->count; i++) {
		const char *text = s->lines[i].text, *name;

		if (!macro_domain_wrong(text) && macro_string_wrong(text))
			abort();
		if (macro_string_wrong(text))
			continue;
		macro_needs_name(text);
		name = macro_expand(s->arena, text, &values);
		if (strlen(name) > SPF_NAME && strchr(name, '.'))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const clients[] = { "192.0.2.3", "2001:db8::cb01" };

	for (size_t i = 0; i < 2; i++) {
		struct strangers s = { .arena = arena_new() };
		struct spf_client c = { .helo = "" };

		cut(&s, data, size);
		address_parse(&c.address, clients[i]);
		c.helo = text_of(&s, 0);
		c.sender = text_of(&s, 1);
		check(&s, &c);
		expand(&s, &c);
		arena_release(s.arena);
	}
	return 0;
}
