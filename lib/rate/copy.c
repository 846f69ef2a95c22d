/*
 * copy - held by its page, by whoever writes that, and by who strikes it out
 */
#include "rate/copy.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "rate/rate.h"

struct copy *
copy_new(struct journal *j, uint64_t number, int64_t end)
{
	struct copy *c = pool_take(&j->copy_pool);

	*c = (struct copy){ .holders = 1, .number = number, .end = end };
	j->copies++;
	return c;
}

void
copy_release(struct journal *j, struct copy *c)
{
	if (!c || --c->holders > 0)
		return;
	arena_release(c->arena);
	pool_give(&j->copy_pool, c);
	j->copies--;
}

bool
copy_is_written(const struct copy *c)
{
	return c->holders > 1;
}

void
copy_says(struct copy *c, struct arena *a, struct word text)
{
	arena_release(c->arena);
	c->arena = a;
	c->text = text;
}

/* -- reading -- */

static const char *
read_number(const char *at, int64_t *n)
{
	at = at && *at == ' ' ? text_read_number(at + 1, n) : NULL;
	return at && (*at == ' ' || *at == ';' || !*at) ? at : NULL;
}

const char *
copy_read_charged(const char *at, int64_t *charged)
{
	return read_number(at, charged);
}

static bool
is_meter(struct word journal, struct word key)
{
	static const char name[] = "rate:{";
	const size_t prefix = journal.size - strlen(RATE_JOURNAL);

	return key.size > prefix + strlen(name) &&
	    memcmp(key.text, journal.text, prefix) == 0 &&
	    memcmp(key.text + prefix, name, strlen(name)) == 0;
}

const char *
copy_read(struct word journal, const char *at, struct copied *out)
{
	if (!at || *at != ' ')
		return NULL;
	out->key.text = at + 1;
	out->key.size = strcspn(out->key.text, " ;");
	at = read_number(out->key.text + out->key.size, &out->seconds);
	at = read_number(at, &out->n);
	return at && out->seconds > 0 && is_meter(journal, out->key) ? at
								     : NULL;
}
