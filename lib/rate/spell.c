/*
 * spell - numbers with a blank behind each, and words
 */
#include "rate/spell.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "rate/asked.h"

struct spell
spell_begin(struct arena *a, const char *what, unsigned numbers)
{
	const size_t size = strlen(what);
	char *from = arena_take(a, size + 1 + numbers * (TEXT_DIGITS + 2));

	memcpy(from, what, size);
	return (struct spell){ from, from + size };
}

void
spell_number(struct spell *w, int64_t n, char behind)
{
	if (n < 0)
		*w->at++ = '-';
	w->at = text_number(w->at, n < 0 ? -(uint64_t)n : (uint64_t)n);
	*w->at++ = behind;
}

void
spell_none(struct spell *w)
{
	*w->at++ = '-';
	*w->at++ = ' ';
}

struct word
spell_end(struct spell *w)
{
	if (w->at > w->from)
		w->at--;
	*w->at = '\0';
	return (struct word){ w->from, (size_t)(w->at - w->from) };
}

int64_t
spell_limit(const struct meter *m)
{
	return m->limit.count > 0 ? m->limit.count : ASKED_UNLIMITED;
}

int64_t
spell_warning(const struct meter *m)
{
	if (m->limit.count == 0)
		return ASKED_UNLIMITED;
	if (m->warn == 0)
		return m->limit.count + 1;
	return (m->limit.count * m->warn + 99) / 100;
}

char *
spell_lease(char *to, int64_t end)
{
	static const char name[] = "open:";

	memcpy(to, name, sizeof(name) - 1);
	return text_number(to + sizeof(name) - 1, (uint64_t)end);
}

void
spell_add(struct question *q, struct word key, struct word field, struct word n)
{
	static const struct word name = { "HINCRBY", 7 };

	if (q->count > 0)
		q->words[q->count++] = (struct word){ NULL, 0 };
	q->words[q->count++] = name;
	q->words[q->count++] = key;
	q->words[q->count++] = field;
	q->words[q->count++] = n;
}

void
spell_word(struct question *q, struct word w)
{
	q->words[q->count++] = w;
}

void
spell_key(struct question *q, struct word key)
{
	spell_word(q, key);
	q->keys++;
}

void
spell_network_keys(struct question *q, const struct meters *m)
{
	for (unsigned i = 0; i < m->count; i++)
		if (m->items[i].kind == RATE_NETWORKS)
			spell_key(q, m->items[i].key);
}

void
spell_networks(struct question *q, struct arena *a, const struct meters *m,
    const char *network)
{
	struct spell w = spell_begin(a, "", 3 * m->count);

	for (unsigned i = 0; i < m->count; i++) {
		const struct meter *one = &m->items[i];

		if (one->kind != RATE_NETWORKS)
			continue;
		spell_number(&w, spell_warning(one), ' ');
		spell_number(&w, spell_limit(one), ' ');
		spell_number(&w, one->limit.seconds, ' ');
	}
	if (w.at == w.from)
		return;
	spell_word(q, (struct word){ network, strlen(network) });
	spell_word(q, spell_end(&w));
}
