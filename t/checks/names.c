/*
 * What a check asks of the DNS, and how it finds the answer again.
 */
#include "checks/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "kit/suite.h"

enum { SLOT = 3 };

/* -- the engine, played -- */

struct facts {
	struct answer answers[SLOT + NAMES];
};

struct questions {
	struct arena *arena;
	unsigned count, slot;
	struct question last;
};

const struct answer *
facts_get(const struct facts *f, unsigned slot)
{
	assert_in_range(slot, SLOT, SLOT + NAMES - 1);
	return &f->answers[slot];
}

void
ask_once(struct questions *qs, unsigned slot, struct question q)
{
	qs->count++;
	qs->slot = slot;
	qs->last = q;
}

struct arena *
questions_arena(struct questions *qs)
{
	return qs->arena;
}

struct scene {
	struct arena *arena;
	struct names names;
	struct facts facts;
	struct questions qs;
};

static int
begin(void **state)
{
	struct scene *s = xcalloc(1, sizeof(*s));

	s->arena = arena_new();
	s->names.slot = SLOT;
	s->qs.arena = s->arena;
	*state = s;
	return 0;
}

static int
end(void **state)
{
	struct scene *s = *state;

	arena_release(s->arena);
	arena_pool_clear();
	free(s);
	return 0;
}

static bool
ask(struct scene *s, enum dns_type type, const char *name)
{
	return names_ask(&s->names, &s->qs, type, name);
}

static const struct dns_message *
get(struct scene *s, enum dns_type type, const char *name)
{
	return names_get(&s->names, s->arena, &s->facts, type, name);
}

/* An answer as the door gives it, with one record. */
static void
answer(struct scene *s, unsigned at, enum dns_outcome outcome, const char *text)
{
	const struct dns_record record = { text, strlen(text), 5 };
	const struct dns_message m = { .outcome = outcome,
		.count = outcome == DNS_FOUND,
		.records = &record };
	const struct word packed = dns_pack(s->arena, &m);
	struct answer *a = &s->facts.answers[SLOT + at];

	*a = (struct answer){ .state = KNOWN, .count = 2 };
	a->values[0].is_number = true;
	a->values[0].number = outcome;
	a->values[1].text = packed.text;
	a->values[1].size = packed.size;
}

static void
nothing_is_known_before_it_was_asked(void **state)
{
	assert_null(get(*state, DNS_A, "a.example"));
}

static void
a_question_has_its_type_and_name(void **state)
{
	struct scene *s = *state;

	assert_true(ask(s, DNS_MX, "A.Example."));
	assert_int_equal(s->qs.count, 1);
	assert_int_equal(s->qs.slot, SLOT);
	assert_int_equal(s->qs.last.dns, DNS_MX);
	assert_null(s->qs.last.script);
	assert_string_equal(s->qs.last.words[0].text, "a.example");
	assert_null(get(s, DNS_MX, "a.example"));
	s->facts.answers[SLOT].state = PENDING;
	assert_null(get(s, DNS_MX, "a.example"));
}

static void
it_is_asked_once_however_it_is_written(void **state)
{
	static const char *const ways[] = { "a.example", "A.EXAMPLE",
		"a.example.", "A.Example." };
	struct scene *s = *state;

	for (size_t i = 0; i < 4; i++)
		assert_true(ask(s, DNS_A, ways[i]));
	assert_int_equal(s->qs.count, 1);
	answer(s, 0, DNS_FOUND, "xxxx");
	for (size_t i = 0; i < 4; i++)
		assert_non_null(get(s, DNS_A, ways[i]));
}

static void
other_types_and_names_are_other_questions(void **state)
{
	static const char *const others[] = { "b.example", "a.exampl",
		"a.example.b", "a.example..", "" };
	struct scene *s = *state;

	ask(s, DNS_A, "a.example");
	ask(s, DNS_AAAA, "a.example");
	assert_int_equal(s->qs.slot, SLOT + 1);
	answer(s, 0, DNS_FOUND, "four");
	answer(s, 1, DNS_NO_DATA, "");
	assert_int_equal(get(s, DNS_A, "a.example")->outcome, DNS_FOUND);
	assert_int_equal(get(s, DNS_AAAA, "a.example")->outcome, DNS_NO_DATA);
	assert_null(get(s, DNS_MX, "a.example"));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_null(get(s, DNS_A, others[i]));
}

static void
an_answer_has_its_records(void **state)
{
	struct scene *s = *state;
	const struct dns_message *m;

	ask(s, DNS_MX, "a.example");
	answer(s, 0, DNS_FOUND, "mx.example.net");
	m = get(s, DNS_MX, "a.example");
	assert_int_equal(m->count, 1);
	assert_int_equal(m->records[0].preference, 5);
	assert_int_equal(m->records[0].size, 14);
	assert_string_equal(m->records[0].data, "mx.example.net");
	assert_ptr_equal(get(s, DNS_MX, "a.example"), m); /* read once */
}

static void
lost_answers_and_odd_ones_have_failed(void **state)
{
	struct scene *s = *state;

	ask(s, DNS_A, "a.example");
	s->facts.answers[SLOT].state = LOST;
	s->facts.answers[SLOT].loss = LOSS_TIMEOUT;
	assert_int_equal(get(s, DNS_A, "a.example")->outcome, DNS_FAILED);
	ask(s, DNS_A, "b.example");
	answer(s, 1, DNS_NONSENSE, "");
	assert_int_equal(get(s, DNS_A, "b.example")->outcome, DNS_FAILED);
	ask(s, DNS_A, "c.example");
	answer(s, 2, DNS_FOUND, "xxxx");
	s->facts.answers[SLOT + 2].count = 1;
	assert_int_equal(get(s, DNS_A, "c.example")->outcome, DNS_FAILED);
}

static void
there_is_an_end_to_what_is_asked(void **state)
{
	struct scene *s = *state;
	char name[32];

	for (int i = 0; i < NAMES; i++) {
		snprintf(name, sizeof(name), "n%d.example", i);
		assert_true(ask(s, DNS_A, name));
	}
	assert_false(ask(s, DNS_A, "more.example"));
	assert_int_equal(s->qs.count, NAMES);
	assert_null(get(s, DNS_A, "more.example"));
	assert_true(ask(s, DNS_A, "n0.example")); /* was asked before */
}

#define TEST(s, test) suite_add_scene(s, #test, test, begin, end)

int
main(void)
{
	static struct suite s;

	TEST(&s, nothing_is_known_before_it_was_asked);
	TEST(&s, a_question_has_its_type_and_name);
	TEST(&s, it_is_asked_once_however_it_is_written);
	TEST(&s, other_types_and_names_are_other_questions);
	TEST(&s, an_answer_has_its_records);
	TEST(&s, lost_answers_and_odd_ones_have_failed);
	TEST(&s, there_is_an_end_to_what_is_asked);
	return suite_run(&s, "names");
}
