/*
 * reply - one safe line, whatever the decision holds
 *
 * The texts come from an administrator's file and were checked there; values
 * in them come from strangers. Here is the last door before Postfix, so
 * nothing is taken for granted: what Postfix would misread (an empty action or
 * a bare code permits, a second line is another attribute) cannot be written.
 */
#include "wire/reply.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/eight.h"
#include "base/text.h"
#include "engine/engine.h"

static const char pass[] = "action=DUNNO\n\n";

/* "4.7.1": three numbers of one to three digits, RFC 3463 section 2. */
static bool
is_status(const char *status)
{
	for (int part = 0; part < 3; part++) {
		size_t digits = 0;

		while (status[digits] >= '0' && status[digits] <= '9')
			digits++;
		if (digits < 1 || digits > 3)
			return false;
		status += digits;
		if (part < 2 && *status++ != '.')
			return false;
	}
	return *status == '\0';
}

/* Whether eight bytes are printable ASCII. */
static bool
are_plain(const char *eight)
{
	return !eight_outside(eight_at(eight), ' ', '~');
}

/* How many bytes of it are, from the first on. */
static size_t
plain_size(const char *text, size_t size)
{
	size_t n = 0;

	while (size - n >= 8 && are_plain(text + n))
		n += 8;
	while (n < size && text[n] >= ' ' && text[n] < 0x7f)
		n++;
	return n;
}

/* A character that is no printable ASCII becomes one `?`, not one a byte.
 * Returns its end. */
static char *
write_text(char *out, const char *text)
{
	const char *end = text + strlen(text);
	size_t used = 0, n;

	while (*text == ' ')
		text++;
	for (;;) {
		n = plain_size(text, (size_t)(end - text));
		if (n > REPLY_TEXT - used)
			n = REPLY_TEXT - used;
		memcpy(out + used, text, n);
		used += n;
		text += n;
		if (!*text || used == REPLY_TEXT)
			break;
		out[used++] = '?';
		n = text_utf8(text, (size_t)(end - text));
		text += n ? n : 1;
	}
	while (used > 0 && out[used - 1] == ' ')
		used--;
	return out + used;
}

static char *
put(char *to, const char *text)
{
	const size_t size = strlen(text);

	memcpy(to, text, size + 1);
	return to + size;
}

/* "Name: value" on one line: what is none would be a warning of Postfix at
 * best, and another attribute at worst. */
static bool
is_header(const char *mark)
{
	const size_t size = strlen(mark);
	size_t name = 0;

	while (mark[name] > ' ' && mark[name] < 0x7f && mark[name] != ':')
		name++;
	return name > 0 && mark[name] == ':' && mark[name + 1] == ' ' &&
	    mark[name + 2] > ' ' && plain_size(mark, size) == size &&
	    size <= MARK_TEXT;
}

static size_t
write_refusal(char out[REPLY_BYTES], const struct reply *r)
{
	const bool is_refusal = r->code >= 400 && r->code <= 599;
	const int code = is_refusal ? r->code : 451;
	const char *status = r->enhanced && is_status(r->enhanced) ? r->enhanced
								   : "4.7.1";
	char *text, *end;

	end = text_number(put(out, "action="), (uint64_t)code);
	/* The class is the code's, as Postfix would have it anyway. */
	end = text_number(put(end, " "), (uint64_t)code / 100);
	text = put(put(end, strchr(status, '.')), " ");
	end = write_text(text, r->text ? r->text : "");
	if (end == text)
		end = put(text, "Not accepted");
	return (size_t)(put(end, "\n\n") - out);
}

size_t
reply_write(char out[REPLY_BYTES], const struct decision *d)
{
	char *end;

	if (d->refused)
		return write_refusal(out, &d->reply);
	if (d->mark && is_header(d->mark)) {
		end = put(put(put(out, "action=PREPEND "), d->mark), "\n\n");
		return (size_t)(end - out);
	}
	memcpy(out, pass, sizeof(pass));
	return sizeof(pass) - 1;
}
