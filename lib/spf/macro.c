/*
 * macro - one reader for those who check and those who expand
 */
#include "spf/macro.h"

#include <string.h>

#include "base/arena.h"
#include "spf/spf.h"

static const char delimiters[] = ".-+,/_=";

/* One macro-expand, or a single byte that stands for itself. */
struct macro {
	char letter; /* lower case; 0: `plain` */
	const char *plain;
	size_t plain_size;
	bool escape; /* its letter was upper case */
	bool reverse;
	unsigned keep; /* so many parts from the right; 0: all */
	const char *at; /* its delimiters */
	size_t at_size;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* "%{d2r.-}" without "%{"; NULL when it is none. */
static const char *
read_braced(const char *p, struct macro *m)
{
	m->letter = lower(*p);
	m->escape = *p != m->letter;
	if (m->letter == '\0' || !strchr("slodiphv", m->letter))
		return NULL;
	p++;
	if (is_digit(*p)) {
		while (is_digit(*p)) {
			if (m->keep <= SPF_NAME) /* more are as good as all */
				m->keep = m->keep * 10 + (unsigned)(*p - '0');
			p++;
		}
		if (m->keep == 0)
			return NULL;
	}
	m->reverse = lower(*p) == 'r';
	p += m->reverse;
	m->at = p;
	m->at_size = strspn(p, delimiters);
	p += m->at_size;
	return *p == '}' ? p + 1 : NULL;
}

/* The next piece of `p`, which is not at its end; NULL when it is wrong. */
static const char *
read_piece(const char *p, struct macro *m)
{
	static const struct {
		char letter;
		const char *is;
	} escapes[] = { { '%', "%" }, { '_', " " }, { '-', "%20" } };

	*m = (struct macro){ .plain = p, .plain_size = 1 };
	if (*p < 0x21 || *p > 0x7e)
		return NULL;
	if (*p != '%')
		return p + 1;
	if (p[1] == '{')
		return read_braced(p + 2, m);
	for (size_t i = 0; i < sizeof(escapes) / sizeof(*escapes); i++)
		if (p[1] == escapes[i].letter) {
			m->plain = escapes[i].is;
			m->plain_size = strlen(m->plain);
			return p + 2;
		}
	return NULL;
}

const char *
macro_string_wrong(const char *text)
{
	struct macro m;

	for (const char *p = text; *p;) {
		p = read_piece(p, &m);
		if (!p)
			return "wrong macro";
	}
	return NULL;
}

/* 12: letters, digits and hyphens, none at its ends, and not digits alone. */
static bool
is_top_label(const char *label, size_t size)
{
	bool other = false;

	if (size == 0 || label[0] == '-' || label[size - 1] == '-')
		return false;
	for (size_t i = 0; i < size; i++) {
		if (!is_digit(label[i]) && !is_letter(label[i]) &&
		    label[i] != '-')
			return false;
		other = other || !is_digit(label[i]);
	}
	return other;
}

const char *
macro_domain_wrong(const char *text)
{
	const char *wrong = macro_string_wrong(text), *last = text;
	size_t size = strlen(text), start;
	struct macro m;

	if (wrong)
		return wrong;
	if (size == 0)
		return "empty domain";
	for (const char *p = text; *p;) {
		last = p;
		p = read_piece(p, &m);
	}
	if (*last == '%')
		return NULL;
	if (text[size - 1] == '.')
		size--;
	for (start = size; start > 0 && text[start - 1] != '.';)
		start--;
	return start > 0 && is_top_label(text + start, size - start)
	    ? NULL
	    : "not a domain";
}

bool
macro_needs_name(const char *text)
{
	struct macro m;

	for (const char *p = text; *p;) {
		p = read_piece(p, &m);
		if (m.letter == 'p')
			return true;
	}
	return false;
}

/* 192.0.2.1, or the 32 nibbles of an IPv6 address with dots between. */
static const char *
address_macro(struct arena *a, const struct address *client)
{
	static const char hex[] = "0123456789abcdef";
	char *text, *p;

	if (client->family == 4) {
		text = arena_alloc(a, ADDRESS_TEXT);
		return address_text(client, text);
	}
	p = text = arena_alloc(a, 64);
	for (int i = 0; i < 16; i++) {
		*p++ = hex[client->bytes[i] >> 4];
		*p++ = '.';
		*p++ = hex[client->bytes[i] & 15];
		*p++ = '.';
	}
	p[-1] = '\0';
	return text;
}

static const char *
value_of(struct arena *a, char letter, const struct macro_values *v)
{
	const char *at = strrchr(v->sender, '@');

	switch (letter) {
	case 's':
		return v->sender;
	case 'l':
		return arena_memdup(a, v->sender, (size_t)(at - v->sender));
	case 'o':
		return at + 1;
	case 'd':
		return v->domain;
	case 'i':
		return address_macro(a, &v->client);
	case 'p':
		return v->name;
	case 'h':
		return v->helo;
	default:
		return v->client.family == 4 ? "in-addr" : "ip6";
	}
}

struct part {
	const char *text;
	size_t size;
};

/* Those of RFC 3986, 2.3 stay (7.3). */
static char *
put_escaped(char *to, char c)
{
	static const char hex[] = "0123456789ABCDEF";

	if (is_letter(c) || is_digit(c) || (c && strchr("-._~", c))) {
		*to++ = c;
		return to;
	}
	*to++ = '%';
	*to++ = hex[(unsigned char)c >> 4];
	*to++ = hex[(unsigned char)c & 15];
	return to;
}

static char *
put(char *to, const struct part *p, bool escape)
{
	for (size_t i = 0; i < p->size; i++)
		if (escape)
			to = put_escaped(to, p->text[i]);
		else
			*to++ = p->text[i];
	return to;
}

static size_t
split(const char *value, const char *at, struct part *parts)
{
	size_t count = 0;

	for (;; value++) {
		const size_t size = strcspn(value, at);

		parts[count++] = (struct part){ value, size };
		value += size;
		if (!*value)
			return count;
	}
}

static struct part
expand_macro(
    struct arena *a, const struct macro *m, const struct macro_values *v)
{
	const char *value = value_of(a, m->letter, v);
	const char *at = m->at_size > 0 ? arena_memdup(a, m->at, m->at_size)
					: ".";
	const size_t whole = strlen(value);
	struct part *parts = arena_take(a, (whole + 1) * sizeof(*parts));
	const size_t count = split(value, at, parts);
	const size_t skip = m->keep > 0 && m->keep < count ? count - m->keep
							   : 0;
	char *text = arena_take(a, 3 * whole + 1), *to = text;

	for (size_t i = skip; i < count; i++) {
		if (i > skip)
			*to++ = '.';
		to = put(to, &parts[m->reverse ? count - 1 - i : i], m->escape);
	}
	return (struct part){ text, (size_t)(to - text) };
}

/* Where each piece of `text` begins. */
static const char **
pieces_of(struct arena *a, const char *text, size_t *count)
{
	const char **pieces = arena_take(
	    a, (strlen(text) + 1) * sizeof(*pieces));
	struct macro m;

	*count = 0;
	for (const char *p = text; *p; p = read_piece(p, &m))
		pieces[(*count)++] = p;
	return pieces;
}

/* Labels from the left go until the rest fits. */
static const char *
fit(const char *name)
{
	while (strlen(name) > SPF_NAME) {
		const char *dot = strchr(name, '.');

		if (!dot)
			break;
		name = dot + 1;
	}
	return name;
}

/* From the end: of a name that is too long the left goes anyway, and so a
 * record of nothing but macros costs no more than others. There is room for one
 * byte more than fits, and for a dot behind it. */
const char *
macro_expand(struct arena *a, const char *text, const struct macro_values *v)
{
	enum { ROOM = SPF_NAME + 2 };
	char *name = arena_alloc(a, ROOM + 1);
	size_t left, room = ROOM;
	const char **pieces = pieces_of(a, text, &left);
	struct macro m;

	while (left > 0 && room > 0) {
		struct part p;
		size_t size;

		read_piece(pieces[--left], &m);
		p = m.letter ? expand_macro(a, &m, v)
			     : (struct part){ m.plain, m.plain_size };
		size = p.size < room ? p.size : room;
		room -= size;
		memcpy(name + room, p.text + p.size - size, size);
	}
	if (room < ROOM && name[ROOM - 1] == '.')
		name[ROOM - 1] = '\0';
	return fit(name + room);
}
