/*
 * words - records packed one behind the other
 *
 * Of each its preference and its size, two bytes each, and its data with a NUL.
 */
#include "ask/dns/words.h"

#include <string.h>

#include "base/arena.h"
#include "base/idn.h"
#include "base/text.h"

enum { BEFORE = 4, AFTER = 1, LABEL = 63, LONGEST = 253 };

bool
dns_is_name(const char *name)
{
	size_t label = 0;
	const char *p;

	for (p = name; *p; p++) {
		label = *p == '.' ? 0 : label + 1;
		if (*p < ' ' || *p > '~' || label > LABEL ||
		    (*p == '.' && (p == name || p[-1] == '.')))
			return false;
	}
	return label > 0 && p - name <= LONGEST;
}

const char *
dns_escaped(struct arena *a, const char *name)
{
	char *text, *to;

	if (!strchr(name, '\\'))
		return name;
	to = text = arena_alloc(a, 2 * strlen(name) + 1);
	for (; *name; *to++ = *name++)
		if (*name == '\\')
			*to++ = '\\';
	return text;
}

const char *
dns_name(struct arena *a, const char *name)
{
	const char *ascii = idn_ascii(a, name);
	char *text = text_lower(a, ascii ? ascii : name);
	const size_t size = strlen(text);

	if (size > 0 && text[size - 1] == '.')
		text[size - 1] = '\0';
	return text;
}

struct question
dns_question(struct arena *a, enum dns_type type, const char *name)
{
	const char *text = dns_name(a, name);
	struct question q = { .dns = type, .count = 1 };

	q.words[0] = (struct word){ text, strlen(text) };
	return q;
}

static char *
put16(char *to, size_t n)
{
	*to++ = (char)(n >> 8);
	*to++ = (char)(n & 0xff);
	return to;
}

static size_t
get16(const char *from)
{
	return (size_t)(unsigned char)from[0] << 8 | (unsigned char)from[1];
}

struct word
dns_pack(struct arena *a, const struct dns_message *m)
{
	size_t size = 0;
	char *bytes, *to;

	for (size_t i = 0; i < m->count; i++)
		size += BEFORE + m->records[i].size + AFTER;
	to = bytes = arena_take(a, size + 1);
	for (size_t i = 0; i < m->count; i++) {
		to = put16(to, m->records[i].preference);
		to = put16(to, m->records[i].size);
		memcpy(to, m->records[i].data, m->records[i].size);
		to += m->records[i].size;
		*to++ = '\0';
	}
	return (struct word){ bytes, size };
}

/* No more than `most`. */
static size_t
unpack(const char *bytes, size_t size, size_t most, struct dns_record *out)
{
	const char *end = bytes + size;
	size_t n = 0;

	for (; n < most && end - bytes >= BEFORE + AFTER; n++) {
		const size_t has = get16(bytes + 2);

		if ((size_t)(end - bytes) < BEFORE + has + AFTER)
			break;
		out[n].preference = (uint16_t)get16(bytes);
		out[n].size = has;
		out[n].data = bytes + BEFORE;
		bytes += BEFORE + has + AFTER;
	}
	return n;
}

bool
dns_answer(
    struct arena *a, const struct answer *answer, struct dns_message *out)
{
	const struct value *v = answer->values;
	struct dns_record *records;
	size_t most;

	*out = (struct dns_message){ .outcome = DNS_FAILED };
	if (answer->state != KNOWN || answer->count != 2 || !v[0].is_number ||
	    v[0].number < DNS_FOUND || v[0].number > DNS_NO_NAME || !v[1].text)
		return false;
	out->outcome = (enum dns_outcome)v[0].number;
	most = v[1].size / (BEFORE + AFTER); /* hardly ever as many */
	if (most > DNS_RECORDS)
		most = DNS_RECORDS;
	records = arena_alloc(a, (most + 1) * sizeof(*records));
	out->count = unpack(
	    arena_memdup(a, v[1].text, v[1].size), v[1].size, most, records);
	out->records = records;
	return true;
}
