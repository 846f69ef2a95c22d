/*
 * address - what cannot be an address
 *
 * Postfix knows the syntax of RFC 5321 and refuses most of what breaks it;
 * this is about the rest, and about lengths. It tells addresses without their
 * quotes: "john smith"@example.com comes as john smith@example.com. A blank,
 * or one of ()<>[],;"\ before the last @, is there only because it was quoted,
 * as Postfix takes none without; then dots and @ are right, too. Where nothing
 * tells, it was not quoted: nobody has a..b@ or a@b@ who wants to get mail.
 */
#include "checks/checks.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

enum { LOCAL_MOST = 64, DOMAIN_MOST = 255, LABEL_MOST = 63, ALL_MOST = 254 };

/* Of Unicode's category Cc: C0, DEL, and C1 as two bytes. */
static bool
is_control(const char *character)
{
	const unsigned char c = (unsigned char)character[0];

	return c < ' ' || c == 0x7f ||
	    (c == 0xc2 && (unsigned char)character[1] < 0xa0);
}

static const char *
characters(const char *text, bool smtputf8)
{
	const size_t size = strlen(text);
	size_t n;

	for (size_t i = 0; i < size; i += n) {
		n = text_utf8(text + i, size - i);
		if (n != 1 && !smtputf8)
			return "not ASCII";
		if (n == 0)
			return "not UTF-8";
		if (is_control(text + i))
			return "control character";
	}
	return NULL;
}

static bool
was_quoted(const char *local, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (strchr(" ()<>[],;\"\\", local[i]))
			return true;
	return false;
}

static const char *
local_part(const char *local, size_t size)
{
	if (size == 0)
		return "no local part";
	if (size > LOCAL_MOST)
		return "local part too long";
	if (was_quoted(local, size))
		return NULL;
	if (memchr(local, '@', size))
		return "several @";
	if (local[0] == '.' || local[size - 1] == '.' ||
	    memmem(local, size, "..", 2))
		return "misplaced dot";
	return NULL;
}

/* "[192.0.2.1]", "[IPv6:2001:db8::1]" (RFC 5321 section 4.1.3) */
static bool
is_literal(const char *domain, size_t size)
{
	static const char tag[] = "IPv6:";
	const size_t tag_size = sizeof(tag) - 1;
	char text[sizeof(tag) + ADDRESS_TEXT];
	struct address a;

	if (size < 2 || size - 2 >= sizeof(text) || domain[size - 1] != ']')
		return false;
	memcpy(text, domain + 1, size - 2);
	text[size - 2] = '\0';
	if (strncasecmp(text, tag, tag_size) == 0)
		return strchr(text + tag_size, ':') &&
		    address_parse(&a, text + tag_size);
	return !strchr(text, ':') && address_parse(&a, text);
}

static const char *
labels(const char *domain, size_t size)
{
	size_t label = 0;

	if (domain[size - 1] == '.')
		return "dot at the end";
	for (size_t i = 0; i < size; i++) {
		if (domain[i] == '.' && label == 0)
			return "misplaced dot";
		label = domain[i] == '.' ? 0 : label + 1;
		if (label > LABEL_MOST)
			return "label too long";
	}
	return NULL;
}

static const char *
domain_part(const char *domain, bool literals)
{
	const size_t size = strlen(domain);

	if (size == 0)
		return "no domain";
	if (size > DOMAIN_MOST)
		return "domain too long";
	if (domain[0] != '[')
		return labels(domain, size);
	if (!literals)
		return "literal";
	return is_literal(domain, size) ? NULL : "bad literal";
}

enum kind { ODD, WORD, DOT, AT, END };

/* Odd is what may have been quoted, and all that is not to be seen in ASCII. */
static const unsigned char kinds[256] = { ['!'] = WORD,
	['#' ... '\''] = WORD,
	['*' ... '+'] = WORD,
	['-'] = WORD,
	['/' ... ':'] = WORD,
	['='] = WORD,
	['?'] = WORD,
	['A' ... 'Z'] = WORD,
	['^' ... '~'] = WORD,
	['.'] = DOT,
	['@'] = AT,
	['\0'] = END };

/* What nearly everybody has, seen in one pass: words with a dot between them,
 * one @, and so short that no limit is near. Nothing is wrong with it. */
static bool
is_ordinary(const char *address)
{
	const char *p = address;
	bool at = false;

	for (;;) {
		const char *end = p; /* of what stands before the word */
		enum kind kind; /* of what ends it */

		do
			kind = kinds[(unsigned char)*p++];
		while (kind == WORD);
		if (p == end + 1 || kind == ODD || (kind == AT && at))
			return false;
		if (kind == END)
			return at && p - address <= LABEL_MOST;
		at = at || kind == AT;
	}
}

/* NULL, or what is wrong with one that is not. */
static __attribute__((noinline)) const char *
wrong_if_odd(const struct request *req, const char *address)
{
	const char *at = strrchr(address, '@'), *reason;

	if (strcasecmp(address, "postmaster") == 0)
		return NULL; /* RFC 5321 section 4.5.1 */
	reason = characters(address, req->sets[OF_SERVER]->address.smtputf8);
	if (!reason)
		reason = domain_part(
		    at ? at + 1 : "", req->sets[OF_SERVER]->address.literals);
	if (!reason)
		reason = local_part(address, (size_t)(at - address));
	if (!reason && strlen(address) > ALL_MOST)
		reason = "address too long";
	return reason;
}

/* NULL, or what is wrong with it. */
static const char *
wrong(const struct request *req, const char *address)
{
	return is_ordinary(address) ? NULL : wrong_if_odd(req, address);
}

static struct verdict
refuse(enum reply_name reply, const char *which, const char *reason)
{
	struct verdict v = verdict_refuse(reply);

	verdict_text(&v, "which", which);
	verdict_text(&v, "reason", reason);
	return v;
}

/*
 * The sender is judged again for each recipient, as Postfix may ask only then.
 * Each has a code of its own; where the other one's list asks, Postfix writes
 * that one's: 5.1.7 comes out of the recipient list as 5.1.3.
 */
static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	const char *reason;

	(void)facts;
	if (*req->sender && (reason = wrong(req, req->sender)))
		return refuse(REPLY_ADDRESS_SENDER, "sender", reason);
	if (*req->recipient && (reason = wrong(req, req->recipient)))
		return refuse(REPLY_ADDRESS_RECIPIENT, "recipient", reason);
	return verdict_pass();
}

const struct check check_address = {
	.name = "address",
	.stages = AT_MAIL | AT_RCPT,
	.classes = INBOUND | AUTHENTICATED,
	.tier = TIER_LOCAL,
	.flags = SKIPS_ALLOWED,
	.whose = OF_SERVER,
	.policy = offsetof(struct settings, address.policy),
	.judge = judge,
};
