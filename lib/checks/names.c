/*
 * names - a list: they are few
 */
#include "checks/names.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/idn.h"

enum { FEW = 8 }; /* most checks ask for less */

struct name_asked {
	enum dns_type type;
	const char *name; /* lower case, without a dot at its end */
	const struct dns_message *message; /* NULL: not looked at yet */
};

/* As dns_name() compares them, mostly without a copy. */
static bool
is_name(const char *known, const char *name)
{
	const size_t size = strlen(known);

	return strncasecmp(known, name, size) == 0 &&
	    (name[size] == '\0' || strcmp(name + size, ".") == 0);
}

static bool
find(const struct names *n, enum dns_type type, const char *name, unsigned *at)
{
	for (*at = 0; *at < n->count; ++*at)
		if (n->items[*at].type == type &&
		    is_name(n->items[*at].name, name))
			return true;
	return false;
}

const struct dns_message *
names_get(struct names *n, struct arena *a, const struct facts *facts,
    enum dns_type type, const char *name)
{
	const struct answer *answer;
	struct dns_message *m;
	unsigned at;

	if (!idn_is_ascii(name))
		name = dns_name(a, name);
	if (!find(n, type, name, &at))
		return NULL;
	answer = facts_get(facts, n->slot + at);
	if (n->items[at].message || answer->state == UNASKED ||
	    answer->state == PENDING)
		return n->items[at].message;
	m = arena_alloc(a, sizeof(*m));
	if (!dns_answer(a, answer, m))
		n->loss = answer->state == LOST ? answer->loss : LOSS_SHAPE;
	n->items[at].message = m;
	return m;
}

static void
make_room(struct names *n, struct arena *a)
{
	struct name_asked *items;

	if (n->count < n->room)
		return;
	n->room = n->room > 0 ? 2 * n->room : FEW;
	items = arena_alloc(a, n->room * sizeof(*items));
	if (n->count > 0)
		memcpy(items, n->items, n->count * sizeof(*items));
	n->items = items;
}

bool
names_ask(
    struct names *n, struct questions *qs, enum dns_type type, const char *name)
{
	struct question q = dns_question(questions_arena(qs), type, name);
	unsigned at;

	if (find(n, type, q.words[0].text, &at))
		return true;
	if (n->count == NAMES)
		return false;
	make_room(n, questions_arena(qs));
	n->items[at].type = type;
	n->items[at].name = q.words[0].text;
	n->count++;
	ask_once(qs, n->slot + at, q);
	return true;
}
