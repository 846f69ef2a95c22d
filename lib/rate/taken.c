/*
 * taken - numbers and keys of a page
 */
#include "rate/taken.h"

#include <string.h>

#include "base/text.h"
#include "rate/rate.h"

static const char *
read_number(const char *at, int64_t *n)
{
	at = text_read_number(at, n);
	return at && (*at == ' ' || *at == ';' || !*at) ? at : NULL;
}

static const char *
read_next(const char *at, int64_t *n)
{
	return at && *at == ' ' ? read_number(at + 1, n) : NULL;
}

const char *
taken_read_end(const char *at, int64_t *end)
{
	return read_number(at, end);
}

const char *
taken_read_charged(const char *at, int64_t *charged)
{
	return read_next(at, charged);
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
taken_read(struct word journal, const char *at, struct taken *out)
{
	if (!at || *at != ' ')
		return NULL;
	out->key.text = at + 1;
	out->key.size = strcspn(out->key.text, " ;");
	at = read_next(out->key.text + out->key.size, &out->seconds);
	at = read_next(at, &out->n);
	return at && out->seconds > 0 && is_meter(journal, out->key) ? at
								     : NULL;
}
