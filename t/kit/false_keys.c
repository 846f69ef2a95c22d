/*
 * false_keys - a sorted list
 */
#include "kit/false_keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

static struct word
keep(struct word w)
{
	char *copy = xmalloc(w.size + 1);

	memcpy(copy, w.text, w.size);
	copy[w.size] = '\0';
	return (struct word){ copy, w.size };
}

static void
drop(struct word w)
{
	free((char *)w.text);
}

bool
word_equal(struct word a, struct word b)
{
	return a.size == b.size && memcmp(a.text, b.text, a.size) == 0;
}

struct key *
keys_find(const struct keys *k, struct word name)
{
	for (struct key *key = k->first; key; key = key->next)
		if (word_equal(key->name, name))
			return key;
	return NULL;
}

struct key *
keys_make(struct keys *k, struct word name, enum key_kind kind)
{
	struct key **at = &k->first, *key = xcalloc(1, sizeof(*key));

	key->name = keep(name);
	key->kind = kind;
	while (*at && strcmp((*at)->name.text, key->name.text) < 0)
		at = &(*at)->next;
	key->next = *at;
	*at = key;
	return key;
}

void
keys_remove(struct keys *k, struct key *key)
{
	struct key **at = &k->first;

	while (*at != key)
		at = &(*at)->next;
	*at = key->next;
	key_empty(key);
	drop(key->name);
	free(key);
}

void
keys_expire(struct keys *k, int64_t now_ms)
{
	struct key *next;

	for (struct key *key = k->first; key; key = next) {
		next = key->next;
		if (key->expires_ms && key->expires_ms <= now_ms)
			keys_remove(k, key);
	}
}

void
keys_clear(struct keys *k)
{
	while (k->first)
		keys_remove(k, k->first);
}

struct field *
key_field(const struct key *key, struct word name)
{
	struct field *f = key ? key->fields : NULL;

	while (f && !word_equal(f->name, name))
		f = f->next;
	return f;
}

bool
key_put(struct key *key, struct word name, struct word value)
{
	struct field **at = &key->fields;

	while (*at && !word_equal((*at)->name, name))
		at = &(*at)->next;
	if (*at) {
		drop((*at)->value);
		(*at)->value = keep(value);
		return false;
	}
	*at = xcalloc(1, sizeof(**at));
	(*at)->name = keep(name);
	(*at)->value = keep(value);
	return true;
}

static void
free_field(struct field *f)
{
	drop(f->name);
	drop(f->value);
	free(f);
}

bool
key_drop(struct key *key, struct word name)
{
	struct field **at = &key->fields, *f;

	while (*at && !word_equal((*at)->name, name))
		at = &(*at)->next;
	f = *at;
	if (!f)
		return false;
	*at = f->next;
	free_field(f);
	return true;
}

void
key_empty(struct key *key)
{
	struct field *next;

	for (struct field *f = key->fields; f; f = next) {
		next = f->next;
		free_field(f);
	}
	key->fields = NULL;
}
