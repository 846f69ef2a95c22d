/*
 * node - one question that nobody waits for
 */
#include "engine/node.h"

#include <string.h>

#include "ask/key.h"
#include "base/arena.h"

struct record {
	struct ticket ticket;
	struct arena *arena;
	struct question question;
};

static void
answered(struct ticket *ticket, const struct answer *answer)
{
	(void)answer;
	arena_release(((struct record *)ticket)->arena);
}

static void
add(struct record *r, const char *text)
{
	struct question *q = &r->question;

	if (q->count < QUESTION_WORDS)
		q->words[q->count++] =
		    (struct word){ arena_strdup(r->arena, text), strlen(text) };
}

void
node_publish(struct store *store, const char *prefix, const char *name,
    const struct node_field *fields, size_t count)
{
	struct arena *a = arena_new();
	struct record *r = arena_alloc(a, sizeof(*r));

	r->ticket.answered = answered;
	r->arena = a;
	r->question.script = &script_node;
	r->question.keys = r->question.count = 1;
	r->question.words[0] = key_make(a, prefix, "node", name, NULL, 0);
	add(r, arena_printf(a, "%d", NODE_TTL));
	for (size_t i = 0; i < count; i++) {
		add(r, fields[i].name);
		add(r, fields[i].value);
	}
	store_ask(store, &r->question, &r->ticket);
}
