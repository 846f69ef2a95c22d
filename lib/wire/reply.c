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
#include <string.h>

#include "base/text.h"
#include "engine/engine.h"

static const char pass[] = "action=DUNNO\n\n";

/* "4.7.1": three numbers of one to three digits, RFC 3463 section 2. */
static bool
is_status(const char *status)
{
	for (int part = 0; part < 3; part++) {
		const size_t digits = strspn(status, "0123456789");

		if (digits < 1 || digits > 3)
			return false;
		status += digits;
		if (part < 2 && *status++ != '.')
			return false;
	}
	return *status == '\0';
}

/* How many bytes of it are printable ASCII. */
static size_t
plain_size(const char *text)
{
	size_t size = 0;

	while (text[size] >= ' ' && text[size] < 0x7f)
		size++;
	return size;
}

/* A character that is no printable ASCII becomes one `?`, not one a byte. */
static void
write_text(char out[REPLY_TEXT + 1], const char *text)
{
	size_t used = 0, n;

	while (*text == ' ')
		text++;
	for (;;) {
		n = plain_size(text);
		if (n > REPLY_TEXT - used)
			n = REPLY_TEXT - used;
		memcpy(out + used, text, n);
		used += n;
		text += n;
		if (!*text || used == REPLY_TEXT)
			break;
		out[used++] = '?';
		n = text_utf8(text, strlen(text));
		text += n ? n : 1;
	}
	while (used > 0 && out[used - 1] == ' ')
		used--;
	out[used] = '\0';
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
	size_t name = 0;

	while (mark[name] > ' ' && mark[name] < 0x7f && mark[name] != ':')
		name++;
	return name > 0 && mark[name] == ':' && mark[name + 1] == ' ' &&
	    mark[name + 2] > ' ' && plain_size(mark) == strlen(mark) &&
	    strlen(mark) <= MARK_TEXT;
}

size_t
reply_write(char out[REPLY_BYTES], const struct decision *d)
{
	const struct reply *r = &d->reply;
	const bool is_refusal = r->code >= 400 && r->code <= 599;
	const int code = is_refusal ? r->code : 451;
	const char *status = r->enhanced && is_status(r->enhanced) ? r->enhanced
								   : "4.7.1";
	char text[REPLY_TEXT + 1], *end;

	if (!d->refused && d->mark && is_header(d->mark)) {
		end = put(put(put(out, "action=PREPEND "), d->mark), "\n\n");
		return (size_t)(end - out);
	}
	if (!d->refused) {
		memcpy(out, pass, sizeof(pass));
		return sizeof(pass) - 1;
	}
	write_text(text, r->text ? r->text : "");
	end = text_number(put(out, "action="), (uint64_t)code);
	/* The class is the code's, as Postfix would have it anyway. */
	end = text_number(put(end, " "), (uint64_t)code / 100);
	end = put(put(end, strchr(status, '.')), " ");
	end = put(put(end, *text ? text : "Not accepted"), "\n\n");
	return (size_t)(end - out);
}
