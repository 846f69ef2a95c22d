/*
 * received - a verdict as a header tells it (RFC 7208, 9.1)
 *
 * Most of it is what strangers wrote. They get no byte that is not printable
 * ASCII, no way out of their quotes and only so much room. There are readers
 * that take the first or the last "identity=" of the line, wherever it stands:
 * hence a backslash before "=" and ";", too, which is nothing but the same
 * character (RFC 5322, 3.2.1).
 */
#include "spf/spf.h"

#include <string.h>

#include "base/arena.h"

/* Bytes of each value, escaped: together with all that stands around them no
 * more than SPF_RECEIVED. */
enum {
	DOMAIN = 80,
	RECEIVER = 110,
	HELO = 110,
	SENDER = 200,
	MECHANISM = 140,
	PROBLEM = 140
};

struct header {
	char *text; /* SPF_RECEIVED bytes and a NUL */
	size_t used;
};

static void
add(struct header *h, const char *text)
{
	const size_t size = strlen(text);

	memcpy(h->text + h->used, text, size);
	h->used += size;
}

/* Cut at `most` bytes, of which three dots are the last. */
static void
add_escaped(struct header *h, const char *value, size_t most)
{
	static const char dots[] = "...";
	const size_t first = h->used;
	size_t cut = first; /* where the dots would have room */

	for (; *value; value++) {
		const bool strange = *value < 0x20 || *value > 0x7e;
		const char c = strange ? '?' : *value;
		const bool escape = strchr("\"\\()=;", c) != NULL;

		if (h->used + escape + 1 - first > most) {
			h->used = cut;
			add(h, dots);
			return;
		}
		if (escape)
			h->text[h->used++] = '\\';
		h->text[h->used++] = c;
		if (h->used - first + strlen(dots) <= most)
			cut = h->used;
	}
}

/* "; key=value"; nothing for an empty value. Names and IPv4 addresses need no
 * quotes. */
static void
add_pair(struct header *h, const char *key, const char *value, size_t most)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	const size_t size = strlen(value);
	const bool dot_atom = value[strspn(value, plain)] == '\0' &&
	    *value != '.' && !strstr(value, "..") && size <= most &&
	    value[size - (size > 0)] != '.';

	if (size == 0)
		return;
	add(h, "; ");
	add(h, key);
	add(h, dot_atom ? "=" : "=\"");
	add_escaped(h, value, most);
	add(h, dot_atom ? "" : "\"");
}

static const char *
phrase(enum spf_result r)
{
	static const char *const phrases[] = {
		[SPF_NONE] = " has no record about ",
		[SPF_NEUTRAL] = " says nothing about ",
		[SPF_PASS] = " permits ",
		[SPF_FAIL] = " does not permit ",
		[SPF_SOFTFAIL] = " probably does not permit ",
		[SPF_TEMPERROR] = " could not be asked about ",
		[SPF_PERMERROR] = " has a wrong record about ",
	};

	return phrases[r];
}

static void
add_comment(
    struct header *h, const struct spf_verdict *v, const char *client_ip)
{
	add(h, " (");
	if (v->ours)
		add(h, "our record for ");
	add_escaped(h, *v->domain ? v->domain : "an empty name", DOMAIN);
	add(h, phrase(v->result));
	add(h, client_ip);
	add(h, ")");
}

static const char *
mechanism_of(const struct spf_verdict *v)
{
	if (v->result == SPF_NONE || *v->problem)
		return "";
	return *v->term ? v->term : "default";
}

const char *
spf_received(struct arena *a, const struct spf_verdict *v,
    const struct spf_client *c, const char *receiver)
{
	struct header h = { arena_alloc(a, SPF_RECEIVED + 1), 0 };
	const bool null = *c->sender == '\0';
	char client_ip[ADDRESS_TEXT];

	address_text(&c->address, client_ip);
	add(&h, spf_result_name(v->result));
	add_comment(&h, v, client_ip);
	add(&h, " identity=");
	add(&h, null ? "helo" : "mailfrom");
	add_pair(&h, "client-ip", client_ip, sizeof(client_ip));
	add_pair(&h, "helo", c->helo, HELO);
	add_pair(&h, "envelope-from", null ? "<>" : c->sender, SENDER);
	add_pair(&h, "receiver", receiver, RECEIVER);
	add_pair(&h, "mechanism", mechanism_of(v), MECHANISM);
	add_pair(&h, "problem", v->problem, PROBLEM);
	return h.text;
}
