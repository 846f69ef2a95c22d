/*
 * macro - one reader for those who check and those who expand
 */
#include "spf/macro.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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

/* Those of RFC 3986, 2.3 stay (7.3). */
static void
put_escaped(FILE *to, char c)
{
	if (is_letter(c) || is_digit(c) || (c && strchr("-._~", c)))
		putc(c, to);
	else
		fprintf(to, "%%%02X", (unsigned char)c);
}

static void
put(FILE *to, const char *text, size_t size, bool escape)
{
	for (size_t i = 0; i < size; i++)
		if (escape)
			put_escaped(to, text[i]);
		else
			putc(text[i], to);
}

struct part {
	const char *text;
	size_t size;
};

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

static void
put_macro(struct arena *a, FILE *to, const struct macro *m,
    const struct macro_values *v)
{
	const char *value = value_of(a, m->letter, v);
	const char *at = m->at_size > 0 ? arena_memdup(a, m->at, m->at_size)
					: ".";
	struct part *parts = arena_alloc(
	    a, (strlen(value) + 1) * sizeof(*parts));
	const size_t count = split(value, at, parts);
	const size_t skip = m->keep > 0 && m->keep < count ? count - m->keep
							   : 0;

	for (size_t i = skip; i < count; i++) {
		const struct part *p = &parts[m->reverse ? count - 1 - i : i];

		if (i > skip)
			putc('.', to);
		put(to, p->text, p->size, m->escape);
	}
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

const char *
macro_expand(struct arena *a, const char *text, const struct macro_values *v)
{
	struct macro m;
	size_t size;
	char *name, *copy;
	FILE *to = open_memstream(&name, &size);

	if (!to)
		abort(); /* as xmalloc() does */
	for (const char *p = text; *p;) {
		p = read_piece(p, &m);
		if (m.letter)
			put_macro(a, to, &m, v);
		else
			put(to, m.plain, m.plain_size, false);
	}
	fclose(to);
	if (size > 0 && name[size - 1] == '.')
		size--;
	copy = arena_memdup(a, name, size);
	free(name);
	return fit(copy);
}
