/*
 * span - reading a line from its beginning
 */
#include "feed/span.h"

bool
take_until(struct span *s, const char *text, struct span *before)
{
	const size_t size = strlen(text);
	const char *found = memmem(s->at, span_size(*s), text, size);

	if (!found)
		return false;
	*before = (struct span){ s->at, found };
	s->at = found + size;
	return true;
}

struct span
take_all(struct span *s, const char *set)
{
	struct span taken = { s->at, s->at };

	while (s->at < s->end && *s->at && strchr(set, *s->at))
		s->at++;
	taken.end = s->at;
	return taken;
}

bool
take_number(struct span *s, unsigned *out)
{
	const char *p = s->at;
	unsigned number = 0;

	for (; p < s->end && *p >= '0' && *p <= '9'; p++) {
		if (p - s->at == 9)
			return false;
		number = number * 10 + (unsigned)(*p - '0');
	}
	if (p == s->at)
		return false;
	s->at = p;
	*out = number;
	return true;
}

const char *
span_last(struct span s, const char *text)
{
	const size_t size = strlen(text);
	const char *found = NULL, *next;

	while ((next = memmem(s.at, span_size(s), text, size))) {
		found = next;
		s.at = next + 1;
	}
	return found;
}

bool
span_address(struct span s, struct address *out)
{
	char text[ADDRESS_TEXT];
	const size_t size = span_size(s);

	if (size >= sizeof(text) || memchr(s.at, '\0', size))
		return false;
	memcpy(text, s.at, size);
	text[size] = '\0';
	return address_parse(out, text);
}
