/*
 * said - cut into names and values, and read as a layer
 */
#include "scope/said.h"

#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "scope/limits.h"

enum { COMPLAINTS = 20 }; /* of a hash: the log is for others, too */

/* A hash on its way to a layer. */
struct hash {
	const char *key;
	size_t count;
	const char *names[FIELDS], *values[FIELDS];
	const char *alias; /* NULL: it is none */
	unsigned wrong;
};

/* Values are whatever somebody wrote. */
static void
complain(void *data, const char *text)
{
	struct hash *h = data;
	struct line line;

	if (h->wrong++ >= COMPLAINTS)
		return;
	line_clear(&line);
	line_value(&line, text);
	log_warning("%s: %s", h->key, line.text);
}

static void
add(struct hash *h, const char *name, const char *value)
{
	if (strcmp(name, "alias") == 0) {
		h->alias = value;
		return;
	}
	h->names[h->count] = name;
	h->values[h->count] = value;
	h->count++;
}

/* Cuts `text` up. */
static void
cut(struct hash *h, char *text)
{
	char *name, *value;

	while ((name = strsep(&text, "\n")) && *name) {
		value = strchr(name, '=');
		if (!value) {
			complain(h, "is no hash");
			return;
		}
		*value++ = '\0';
		if (h->count == FIELDS) {
			complain(h, "has too many fields");
			return;
		}
		if (strlen(value) > VALUE_SIZE)
			complain(h, "has a value that is too long");
		else
			add(h, name, value);
	}
}

struct said *
said_read(
    enum level level, const char *address, const char *key, const char *text)
{
	struct hash h = { .key = key };
	struct arena *a;
	struct said *s;

	if (!*text)
		return NULL;
	a = arena_new_small();
	s = arena_alloc(a, sizeof(*s));
	s->references = 1;
	s->arena = a;
	s->text = arena_strdup(a, text);
	cut(&h, arena_strdup(a, text));
	if (h.count > 0)
		s->layer = layer_read(
		    a, level, h.names, h.values, h.count, complain, &h);
	if (h.alias && level == LEVEL_MAILBOX)
		s->targets = alias_targets(a, address, h.alias);
	return s;
}

struct said *
said_ref(struct said *s)
{
	if (s)
		s->references++;
	return s;
}

void
said_unref(struct said *s)
{
	if (s && --s->references == 0)
		arena_release(s->arena);
}

bool
said_this(const struct said *s, const char *text)
{
	return strcmp(s ? s->text : "", text) == 0;
}
