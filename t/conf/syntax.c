/*
 * What some words must look like.
 */
#include "conf/syntax.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "kit/suite.h"

#define A10 "aaaaaaaaaa"
#define A60 A10 A10 A10 A10 A10 A10
#define LABELS A60 "." A60 "." A60 "." A60

struct row {
	const char *name;
	const char *(*check)(const char *text);
	const char *text;
	bool right;
};

// clang-format off
static const struct row rows[] = {
	{ "a domain has parts", syntax_domain, "mail.example.com", true },
	{ "or one", syntax_domain, "localhost", true },
	{ "a part may be in UTF-8", syntax_domain, "b\xc3\xbc" "cher.example", true },
	{ "not in what is no UTF-8", syntax_domain, "b\xff.example", false },
	{ "nor by a sign that no domain has", syntax_mailbox, "a@i\xe2\x9d\xa4.example", false },
	{ "a part may have digits, hyphens, underscores", syntax_domain, "_a-1.example", true },
	{ "no part is empty", syntax_domain, "example..com", false },
	{ "not the first", syntax_domain, ".example.com", false },
	{ "nor the last", syntax_domain, "example.com.", false },
	{ "nor the only one", syntax_domain, "", false },
	{ "a part has at most 63 bytes", syntax_domain, A60 "aaaa", false },
	{ "which is enough", syntax_domain, A60 "aaa", true },
	{ "a domain has at most 253", syntax_domain, LABELS ".aaaaaaaaaa", false },
	{ "which is enough too", syntax_domain, LABELS ".aaaaaaaaa", true },
	{ "a domain has no blanks", syntax_domain, "a b", false },
	{ "a domain has no wildcards", syntax_domain, "*.example.com", false },

	{ "a header has a name", syntax_header, "X-DNSBL", true },
	{ "which is not empty", syntax_header, "", false },
	{ "nor ends the line", syntax_header, "X-A\n", false },
	{ "nor has the colon", syntax_header, "X-A:", false },
	{ "it is none that the message has", syntax_header, "Subject", false },
	{ "in whatever case", syntax_header, "message-id", false },
	{ "nor one that tells what it is made of", syntax_header, "Content-Type", false },
	{ "nor who carried it", syntax_header, "Received", false },
	{ "nor what the check of SPF writes", syntax_header, "Received-SPF", false },
	{ "but it may begin like one", syntax_header, "Subject-Was", true },
	{ "or end like one", syntax_header, "X-Subject", true },
	{ "or be half of one", syntax_header, "Mess", true },

	{ "HTTP has an address and a port", syntax_http, "127.0.0.1:10041", true },
	{ "or nothing", syntax_http, "", true },
	{ "an IPv6 address stands in brackets", syntax_http, "[::1]:80", true },
	{ "HTTP has no name, which might be many addresses", syntax_http, "localhost:80", false },

	{ "a mailbox is user and domain", syntax_mailbox, "a.b@example.com", true },
	{ "the user holds no at sign", syntax_mailbox, "a@b@example.com", false },
	{ "but one that stood in quotes", syntax_mailbox, "a b@c@example.com", true },
	{ "the user is not empty", syntax_mailbox, "@example.com", false },
	{ "nor is the domain", syntax_mailbox, "a@", false },
	{ "an extension would never match", syntax_mailbox, "a+b@example.com", false },
	{ "a plus before all is none", syntax_mailbox, "+a@example.com", true },

	{ "a listener has an IPv4 address", syntax_listener, "inet:192.0.2.1:25", true },
	{ "or IPv6 in brackets", syntax_listener, "inet:[2001:db8::1]:25", true },
	{ "not without them", syntax_listener, "inet:2001:db8::1:25", false },
	{ "not IPv4 in them", syntax_listener, "inet:[192.0.2.1]:25", false },
	{ "not a name", syntax_listener, "inet:localhost:25", false },
	{ "a port is at most 65535", syntax_listener, "inet:192.0.2.1:65535", true },
	{ "and not more", syntax_listener, "inet:192.0.2.1:65536", false },
	{ "the system may choose one", syntax_listener, "inet:192.0.2.1:0", true },
	{ "a port is not missing", syntax_listener, "inet:192.0.2.1", false },
	{ "nor empty", syntax_listener, "inet:192.0.2.1:", false },
	{ "nor a name", syntax_listener, "inet:192.0.2.1:smtp", false },
	{ "a unix socket has a path from the root", syntax_listener, "unix:/run/x", true },
	{ "and no other", syntax_listener, "unix:x", false },
	{ "that the kernel can hold", syntax_listener, "unix:/" A60 A60, false },
	{ "systemd may hand one over", syntax_listener, "systemd", true },
	{ "of a name", syntax_listener, "systemd:policy", true },
	{ "that is not empty", syntax_listener, "systemd:", false },
	{ "a listener has a type", syntax_listener, "/run/x", false },

	{ "a server has a name", syntax_server, "redis.example.com:6379", true },
	{ "or an address", syntax_server, "192.0.2.1:6379", true },
	{ "that is right", syntax_server, "192.0.2.256:6379", false },
	{ "or IPv6 in brackets, too", syntax_server, "[::1]:6379", true },
	{ "and nothing else in them", syntax_server, "[redis]:6379", false },
	{ "brackets are closed", syntax_server, "[::1:6379", false },
	{ "or a path", syntax_server, "unix:/run/redis", true },
	{ "a server has a port", syntax_server, "redis.example.com", false },
	{ "that is not 0", syntax_server, "redis.example.com:0", false },
	{ "a server is not empty", syntax_server, "", false },
	{ "nor is its name", syntax_server, ":6379", false },

	{ "a path begins at the root", syntax_path, "/var", true },
	{ "and nowhere else", syntax_path, "var", false },
	{ "a prefix has letters, digits and some marks", syntax_prefix, "Aa0:._-/", true },
	{ "no braces: they say where keys live", syntax_prefix, "{a}", false },
	{ "no blanks", syntax_prefix, "a b", false },
	{ "printable is ASCII", syntax_printable, " ~", true },
	{ "not UTF-8", syntax_printable, "\xc3\xbc", false },
	{ "nor a delete", syntax_printable, "\x7f", false },
};
// clang-format on

static void
looks_right(void **state)
{
	const struct row *row = *state;

	assert_int_equal(row->check(row->text) == NULL, row->right);
}

int
main(void)
{
	struct suite s = { 0 };

	SUITE_ROWS(&s, rows, looks_right);
	return suite_run(&s, "conf/syntax");
}
