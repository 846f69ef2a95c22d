/*
 * How addresses are looked up, whatever Postfix has sent, and which of them
 * Redis is asked for.
 */
#include <string.h>

#include "base/arena.h"
#include "kit/panel.h"
#include "kit/suite.h"
#include "kit/words.h"

/* -- as they are looked up -- */

struct row {
	const char *name;
	const char *address, *realm, *is;
};

static const struct row rows[] = {
	{ "letters are small", "Bob@Example.COM", "", "bob@example.com" },
	{ "no dot ends a domain", "bob@example.com.", "", "bob@example.com" },
	{ "but one of two stays", "bob@example.com..", "", "bob@example.com." },
	{ "an extension is left out", "bob+x+y@example.com", "",
	    "bob@example.com" },
	{ "a plus in front is none", "+x@example.com", "", "+x@example.com" },
	{ "one in a domain is none", "bob@a+b.example", "", "bob@a+b.example" },
	{ "the last at is the one that counts", "a@b@example.com", "",
	    "a@b@example.com" },
	{ "an extension may hold an at", "a+@b@example.com", "",
	    "a@example.com" },
	{ "what has no domain gets the realm", "Bob", "example.com",
	    "bob@example.com" },
	{ "with its extension off", "bob+x", "example.com", "bob@example.com" },
	{ "what has a domain does not", "bob@example.net", "example.com",
	    "bob@example.net" },
	{ "without a realm it is a domain", "Example.com.", "", "example.com" },
	{ "nobody stays nobody", "", "example.com", "" },
	{ "a domain may be missing", "bob@", "", "bob@" },
	{ "a user may be missing", "@Example.com", "", "@example.com" },
	{ "a dot alone is one", ".", "", "." },
	{ "letters of other scripts stay", "B\303\226b@example.com", "",
	    "b\303\226b@example.com" },
	{ "a domain of another script is the one in ASCII",
	    "J\303\226rg+x@B\303\274cher.example.", "",
	    "j\303\226rg@xn--bcher-kva.example" },
	{ "and the realm", "bob", "b\303\274cher.example",
	    "bob@xn--bcher-kva.example" },
	{ "and a domain alone", "b\303\274cher.example", "",
	    "xn--bcher-kva.example" },
	{ "a name without a realm is none", "j\303\266rg", "", "j\303\266rg" },
	{ "bytes that are no UTF-8 stay", "bob@b\377.example.com", "",
	    "bob@b\377.example.com" },
};

static void
is(void **state)
{
	const struct row *row = *state;
	struct arena *a = arena_new();

	assert_string_equal(
	    scope_address(a, row->address, row->realm), row->is);
	arena_release(a);
}

/* -- which are asked for -- */

struct ask {
	const char *name;
	const char *conf;
	const char *address; /* as the words of a scene */
	const char *keys; /* of the question; "" asks none */
};

#define A60 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A239                                                                   \
	A60 A60 A60                                                            \
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define OURS "local_domains = { \"redis:\" }"

static const struct ask asks[] = {
	{ "a mailbox is asked for with its domain and their lists", OURS,
	    "bob@example.com",
	    "policyd:domain:{example.com} policyd:deny:{example.com} "
	    "policyd:mailbox:{example.com}:bob "
	    "policyd:deny:{example.com}:bob" },
	{ "a domain alone is asked for alone", OURS, "example.com",
	    "policyd:domain:{example.com} policyd:deny:{example.com}" },
	{ "keys begin as configured", OURS "\nprefix = \"mail/\"",
	    "example.com",
	    "mail/domain:{example.com} mail/deny:{example.com}" },
	{ "nobody asks for nobody", OURS, "\"\"", "" },
	{ "of a strange domain nothing is asked",
	    "local_domains = { \"example.net\" }", "bob@example.com", "" },
	{ "of ours it is", "local_domains = { \"example.com\" }", "example.com",
	    "policyd:domain:{example.com} policyd:deny:{example.com}" },
	{ "nor of what is no domain", OURS, "bob@[192.0.2.1]", "" },
	{ "nor of one that is too long", OURS, "bob@\\{254 a}.example", "" },
	{ "nor of labels without letters", OURS, "bob@example..com", "" },
	{ "nor of a domain with bytes that need an escape", OURS,
	    "\"bob@exam}:{ple\\x1b[1m.com\"", "" },
	{ "a user of 1,900 bytes has a key that ends", OURS,
	    "\\{1900 a}@example.com",
	    "policyd:domain:{example.com} policyd:deny:{example.com} "
	    "policyd:mailbox:{example.com}:" A239 "~e448508f394339e1 "
	    "policyd:deny:{example.com}:" A239 "~e448508f394339e1" },
	{ "a user writes no separators into keys", OURS,
	    "\"a:b}c{d%e\\x1bf g@example.com\"",
	    "policyd:domain:{example.com} policyd:deny:{example.com} "
	    "policyd:mailbox:{example.com}:a%3ab%7dc%7bd%25e%1bf%20g "
	    "policyd:deny:{example.com}:a%3ab%7dc%7bd%25e%1bf%20g" },
	{ "nor UTF-8, nor a second at, which is part of him", OURS,
	    "\"a@b\\xc3\\x96@example.com\"",
	    "policyd:domain:{example.com} policyd:deny:{example.com} "
	    "policyd:mailbox:{example.com}:a@b%c3%96 "
	    "policyd:deny:{example.com}:a@b%c3%96" },
};

static void
asks_for(void **state)
{
	const struct ask *row = *state;
	struct panel *p = panel_begin(row->conf);
	struct arena *a = p->book->arena;
	const char *address, *keys = "";
	const struct scope *s;
	struct question q = { 0 };
	size_t count;

	address = words_cut(a, row->address, &count)[0];
	if (!scope_find(p->known, a, p->book->conf, address, 0, &s, &q))
		for (unsigned i = 0; i < q.keys; i++)
			keys = arena_printf(a, "%s%s%.*s", keys, i ? " " : "",
			    (int)q.words[i].size, q.words[i].text);
	assert_string_equal(keys, row->keys);
	s = panel_find(p, address);
	assert_string_equal(s->address, address);
	assert_string_equal(s->mailbox, address);
	assert_false(s->known);
	panel_end(p);
}

/* -- what the file says of domains -- */

static const struct {
	const char *name;
	const char *conf, *address;
	bool may;
} domains[] = {
	{ "without a word no domain is ours", "", "example.com", false },
	{ "with redis: any may be", OURS, "example.com", true },
	{ "one on the list may be",
	    "local_domains = { \"example.net\", \"example.com\" }",
	    "example.com", true },
	{ "whatever its letters and with a dot",
	    "local_domains = { \"example.com\" }", "Example.Com.", true },
	{ "one below it may not", "local_domains = { \"example.com\" }",
	    "a.example.com", false },
	{ "one below .example may", "local_domains = { \".example.com\" }",
	    "a.example.com", true },
	{ "one on no list may not", "local_domains = { \"example.com\" }",
	    "example.org", false },
	{ "that of an address is behind its last at",
	    "local_domains = { \"example.com\" }", "a@b@example.com", true },
};

static void
may_be_ours(void **state)
{
	const char *const *name = *state;
	const size_t i = (size_t)((const char *)name - (const char *)domains) /
	    sizeof(domains[0]);
	struct panel *p = panel_begin(domains[i].conf);

	assert_int_equal(scope_may_be_local(p->book->conf, domains[i].address),
	    domains[i].may);
	panel_end(p);
}

static void
the_server_has_a_scope_without_an_address(void **state)
{
	struct panel *p = panel_begin("");
	const struct scope *s = scope_server(p->book->arena, p->book->conf);

	(void)state;
	assert_string_equal(s->address, "");
	assert_string_equal(s->domain, "");
	assert_ptr_equal(s->set, &p->book->conf->settings);
	assert_ptr_equal(s->domain_set, s->set);
	assert_false(s->local || s->known || s->loss != LOSS_NONE);
	panel_end(p);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, is);
	SUITE_ROWS(&s, asks, asks_for);
	SUITE_ROWS(&s, domains, may_be_ours);
	SUITE_TEST(&s, the_server_has_a_scope_without_an_address);
	return suite_run(&s, "addresses that are looked up");
}
