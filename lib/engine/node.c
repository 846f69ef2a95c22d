/*
 * node - questions that nobody waits for
 */
#include "engine/node.h"

#include <string.h>

#include "ask/key.h"
#include "base/arena.h"

extern const struct script script_node, script_nodes;
const struct script *const node_scripts[] = { &script_node, &script_nodes,
	NULL };

struct record {
	struct ticket ticket;
	struct arena *arena;
	struct question question;
	void (*told)(void *data, unsigned count); /* NULL: nobody */
	void *data;
};

static void
answered(struct ticket *ticket, const struct answer *answer)
{
	struct record *r = (struct record *)ticket;

	if (r->told && answer->state == KNOWN && answer->count == 1 &&
	    answer->values[0].number > 0)
		r->told(r->data, (unsigned)answer->values[0].number);
	arena_release(r->arena);
}

/* With its key, which is made of `name` and `tag`. */
static struct record *
record_new(const struct script *script, const char *prefix, const char *name,
    const char *tag)
{
	struct arena *a = arena_new();
	struct record *r = arena_alloc(a, sizeof(*r));

	r->ticket.answered = answered;
	r->arena = a;
	r->question.script = script;
	r->question.keys = r->question.count = 1;
	r->question.words[0] = key_make(a, prefix, name, tag, NULL, 0);
	return r;
}

/* `text` lives in the record's arena. */
static void
add(struct record *r, const char *text)
{
	struct question *q = &r->question;

	if (q->count < QUESTION_WORDS)
		q->words[q->count++] = (struct word){ text, strlen(text) };
}

void
node_publish(struct store *store, const char *prefix, const char *name,
    const struct node_field *fields, size_t count)
{
	struct record *r = record_new(&script_node, prefix, "node", name);

	add(r, arena_printf(r->arena, "%d", NODE_TTL));
	for (size_t i = 0; i < count; i++)
		add(r,
		    arena_printf(
			r->arena, "%s=%s", fields[i].name, fields[i].value));
	store_ask(store, &r->question, &r->ticket);
}

void
node_count(struct store *store, const char *prefix, const char *name,
    bool leaves, void (*told)(void *data, unsigned count), void *data)
{
	struct record *r = record_new(&script_nodes, prefix, "nodes", NULL);

	r->told = told;
	r->data = data;
	add(r, arena_strdup(r->arena, name));
	add(r, leaves ? "0" : arena_printf(r->arena, "%d", NODE_TTL));
	store_ask(store, &r->question, &r->ticket);
}
