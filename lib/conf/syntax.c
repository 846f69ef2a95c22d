/*
 * syntax - words of some options
 */
#include "conf/syntax.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/idn.h"
#include "base/text.h"
#include "spf/spf.h"

static bool
starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static bool
letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9');
}

/* Letters of other scripts come as UTF-8 from Postfix with SMTPUTF8. */
static bool
of_name(char c)
{
	return text_of_label(c) || letter_or_digit(c) || (c & 0x80);
}

static bool
domain(const char *text, size_t size)
{
	size_t label = 0;

	if (size == 0 || size > 253)
		return false;
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '.' ? label == 0 : !of_name(text[i]))
			return false;
		label = text[i] == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	return label > 0;
}

/* A domain that the DNS could have; of other scripts, in either form. */
static bool
whole_domain(const char *text)
{
	char name[IDN_SIZE];

	return domain(text, strlen(text)) &&
	    (idn_is_ascii(text) || idn_convert(name, sizeof(name), text));
}

const char *
syntax_domain(const char *text)
{
	return whole_domain(text) ? NULL : "is not a domain";
}

/* What shows that a local part stood in quotes. */
static const char quoted[] = " ()<>[],;\"\\";

const char *
syntax_mailbox(const char *text)
{
	const char *at = strrchr(text, '@');

	if (!at || at == text)
		return "is not a mailbox, user@domain";
	if (!whole_domain(at + 1) || strlen(text) > 320)
		return "is not a mailbox, user@domain";
	/* An "@" more is only within quotes, as for the check of addresses. */
	if (strchr(text, '@') != at && text + strcspn(text, quoted) > at)
		return "has a second '@'";
	if (memchr(text + 1, '+', (size_t)(at - text - 1)))
		return "must stand without its +extension";
	return NULL;
}

const char *
syntax_listed(const char *text)
{
	const char *at = strrchr(text, '@');

	return at && whole_domain(at + 1)
	    ? NULL
	    : "is not user@domain, nor @domain for all of a domain";
}

/* 1-5 digits; 0 lets the system choose. */
static bool
port(const char *text)
{
	const size_t digits = strspn(text, "0123456789");

	return digits > 0 && digits <= 5 && text[digits] == '\0' &&
	    atoi(text) <= 65535;
}

const char *
syntax_port(const char *text)
{
	return port(text) ? NULL : "is not a port";
}

const char *
syntax_realm(const char *text)
{
	return *text ? syntax_domain(text) : NULL;
}

static bool
address(const char *text, size_t size)
{
	char copy[ADDRESS_TEXT];
	struct address a;

	if (size >= sizeof(copy))
		return false;
	memcpy(copy, text, size);
	copy[size] = '\0';
	return address_parse(&a, copy);
}

/* 192.0.2.1 or [2001:db8::1] */
static bool
bracketed_address(const char *text, size_t size)
{
	if (size > 2 && text[0] == '[' && text[size - 1] == ']')
		return memchr(text, ':', size) && address(text + 1, size - 2);
	return !memchr(text, ':', size) && address(text, size);
}

/* No top-level domain is a number; 192.0.2.256 is a slip and no name. */
static bool
host(const char *text, size_t size)
{
	if (size > 0 && strspn(text, "0123456789.") < size &&
	    domain(text, size))
		return true;
	return bracketed_address(text, size);
}

static bool
host_and_port(const char *text)
{
	const char *colon = strrchr(text, ':');

	return colon && host(text, (size_t)(colon - text)) && port(colon + 1) &&
	    atoi(colon + 1) > 0;
}

static bool
socket_path(const char *text)
{
	return text[0] == '/' &&
	    strlen(text) < sizeof(((struct sockaddr_un *)0)->sun_path);
}

/* Not a name: it could be several addresses, or none when the daemon starts. */
static bool
address_and_port(const char *text)
{
	const char *colon = strrchr(text, ':');

	return colon && bracketed_address(text, (size_t)(colon - text)) &&
	    port(colon + 1);
}

const char *
syntax_listener(const char *text)
{
	if (starts(text, "unix:") && socket_path(text + 5))
		return NULL;
	if (starts(text, "inet:") && address_and_port(text + 5))
		return NULL;
	if (strcmp(text, "systemd") == 0 ||
	    (starts(text, "systemd:") && text[8]))
		return NULL;
	return "is neither inet:ADDRESS:PORT, unix:/PATH nor systemd:NAME";
}

const char *
syntax_http(const char *text)
{
	return !*text || address_and_port(text) ? NULL : "is not ADDRESS:PORT";
}

const char *
syntax_server(const char *text)
{
	if (starts(text, "unix:") ? socket_path(text + 5) : host_and_port(text))
		return NULL;
	return "is neither HOST:PORT nor unix:/PATH";
}

const char *
syntax_name_server(const char *text)
{
	struct address a;

	return address_parse(&a, text) || address_and_port(text)
	    ? NULL
	    : "is neither ADDRESS nor ADDRESS:PORT";
}

const char *
syntax_path(const char *text)
{
	return text[0] == '/' ? NULL : "does not begin with /";
}

const char *
syntax_program(const char *text)
{
	return *text ? syntax_path(text) : NULL;
}

const char *
syntax_url(const char *text)
{
	const char *rest = strstr(text, "://");

	if (!*text)
		return NULL;
	if ((starts(text, "http://") || starts(text, "https://")) &&
	    rest[3] != '\0' && rest[3] != '/')
		return syntax_printable(text);
	return "is neither http://HOST... nor https://HOST...";
}

const char *
syntax_printable(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text >= 0x7f)
			return "is not printable ASCII";
	return NULL;
}

const char *
syntax_spf(const char *text)
{
	struct arena *a;
	const char *wrong;

	if (!*text)
		return NULL;
	a = arena_new();
	wrong = spf_record_wrong(a, text);
	arena_release(a);
	return wrong ? "is no SPF record" : NULL;
}

/* What stands in a message anyway, or is written by who carries it: a second
 * one would break it, or lie. RFC 5322 (3.6), RFC 2045 (3), RFC 6376, RFC 8601,
 * RFC 7208 (9.1). What ends with "-" is a whole kind. */
static const char *const others[] = { "ARC-", "Authentication-Results", "Bcc",
	"Cc", "Comments", "Content-", "Date", "DKIM-Signature", "From",
	"In-Reply-To", "Keywords", "List-", "Message-ID", "MIME-Version",
	"Received", "Received-SPF", "References", "Reply-To", "Resent-",
	"Return-Path", "Sender", "Subject", "To" };

static bool
is_others(const char *text)
{
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		const size_t size = strlen(others[i]);

		if (strncasecmp(text, others[i], size) == 0 &&
		    (!text[size] || others[i][size - 1] == '-'))
			return true;
	}
	return false;
}

const char *
syntax_header(const char *text)
{
	const char *p = text;

	while (letter_or_digit(*p) || *p == '-' || *p == '_')
		p++;
	if (!*text || *p)
		return "is not the name of a header";
	return is_others(text) ? "is a header that has another meaning" : NULL;
}

const char *
syntax_prefix(const char *text)
{
	/* What redis-cli needs no quotes for; braces would say where in a
	 * cluster the keys live. */
	for (; *text; text++)
		if (!letter_or_digit(*text) && !strchr(":._-/", *text))
			return "holds more than letters, digits and : . _ - /";
	return NULL;
}
