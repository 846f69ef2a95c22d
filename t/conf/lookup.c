/*
 * Lookup tables: what matches, what comes first, what is wrong with a file.
 */
#include "conf/lookup.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"
#include "base/arena.h"
#include "kit/suite.h"

enum { ITEMS = 8 };

struct ear {
	char heard[4096];
	size_t used;
};

static void
hear(void *data, const char *file, int line, const char *text)
{
	struct ear *e = data;

	(void)file;
	e->used += (size_t)snprintf(e->heard + e->used,
	    sizeof(e->heard) - e->used, "%s%d: %s", e->used ? "\n" : "", line,
	    text);
}

static struct arena *arena; /* of what was opened; NULL: nothing was */

static void
let_go(void)
{
	arena_release(arena);
	arena = NULL;
}

/* NULL, and `e` has heard why. */
static struct lookups *
open_one(const char *item, struct ear *e)
{
	if (!arena)
		arena = arena_new();
	return lookups_open(arena, &item, 1, hear, e);
}

static struct lookups *
opened(const char *const *items)
{
	struct ear e = { 0 };
	struct lookups *l;
	size_t count = 0;

	while (count < ITEMS && items[count])
		count++;
	if (!arena)
		arena = arena_new();
	l = lookups_open(arena, items, count, hear, &e);
	if (!l)
		fail_msg("%s", e.heard);
	return l;
}

static void
assert_value(const char *found, const char *expected)
{
	if (!expected)
		assert_null(found);
	else if (!found)
		fail_msg("not found, expected '%s'", expected);
	else
		assert_string_equal(found, expected);
}

/* A table in a file of its own, and its item. */
struct file {
	char path[40];
	char item[64];
};

static struct file
file(const char *type, const char *text, size_t size)
{
	struct file f = { "/tmp/policyd-lookup-XXXXXX", "" };
	const int fd = mkstemp(f.path);

	assert_in_range(fd, 0, 1 << 20);
	assert_int_equal(write(fd, text, size), size);
	close(fd);
	snprintf(f.item, sizeof(f.item), "%s:%s", type, f.path);
	return f;
}

/*
 * Clients
 */

struct client_row {
	const char *name;
	const char *items[ITEMS];
	const char *address, *host;
	const char *value; /* NULL: no match */
};

#define LIST                                                                   \
	"192.0.2.0/24", "198.51.100.7", "2001:db8::/32", "mx.example.org",     \
	    ".example.net", "example.com", "203.0.113"

// clang-format off
static const struct client_row client_rows[] = {
	{ "an address is in its network", { LIST }, "192.0.2.99", "unknown", "" },
	{ "and not in its neighbour", { LIST }, "192.0.3.1", "unknown", NULL },
	{ "an address is itself", { LIST }, "198.51.100.7", "unknown", "" },
	{ "and nobody else", { LIST }, "198.51.100.8", "unknown", NULL },
	{ "IPv6 has networks too", { LIST }, "2001:db8:1::1", "unknown", "" },
	{ "and neighbours", { LIST }, "2001:db9::1", "unknown", NULL },
	{ "an IPv4 address within IPv6 is that address", { LIST },
	    "::ffff:192.0.2.1", "unknown", "" },
	{ "three octets are a network", { LIST }, "203.0.113.5", "unknown", "" },
	{ "a host is its name", { LIST }, "198.51.100.1", "mx.example.org", "" },
	{ "in any letters", { LIST }, "198.51.100.1", "MX.Example.ORG", "" },
	{ "hosts below it match too, as in access(5)", { LIST }, "198.51.100.1",
	    "a.mx.example.org", "" },
	{ "a host beside it does not", { LIST }, "198.51.100.1",
	    "amx.example.org", NULL },
	{ "a leading dot is what is below", { LIST }, "198.51.100.1",
	    "a.b.example.net", "" },
	{ "and not the name itself", { LIST }, "198.51.100.1", "example.net",
	    NULL },
	{ "a domain is all its hosts", { LIST }, "198.51.100.1",
	    "a.b.example.com", "" },
	{ "a client without a name has none", { "unknown" }, "198.51.100.1",
	    "unknown", NULL },
	{ "a client without an address has its name", { LIST }, "", "mx.example.org",
	    "" },
	{ "or nothing", { "0.0.0.0/0", "::/0" }, "", "unknown", NULL },
	{ "an empty list has nobody", { NULL }, "192.0.2.1", "mx.example.org",
	    NULL },
	{ "the first item that matches counts",
	    { "inline:{192.0.2.0/24=net}", "inline:{192.0.2.1=address}" },
	    "192.0.2.1", "unknown", "net" },
	{ "be it a name", { "inline:{example.com=name}",
	    "inline:{192.0.2.1=address}" }, "192.0.2.1", "example.com", "name" },
	{ "or an address", { "inline:{192.0.2.1=address}",
	    "inline:{example.com=name}" }, "192.0.2.1", "example.com", "address" },
	{ "within a table the narrowest counts",
	    { "inline:{0.0.0.0/0=all, 192.0.2.0/24=net, 192.0.2.1=address}" },
	    "192.0.2.1", "unknown", "address" },
	{ "and the longest name",
	    { "inline:{com=com, .example.com=below, a.example.com=a}" },
	    "192.0.2.1", "a.example.com", "a" },
	{ "an inline value may hold an equals sign", { "inline:{192.0.2.1=a=b}" },
	    "192.0.2.1", "unknown", "a=b" },
	{ "an inline key may stand alone", { "inline:{ 192.0.2.1 , example.com }" },
	    "192.0.2.1", "unknown", "" },
	{ "of two equal keys the first counts",
	    { "inline:{192.0.2.1=a, 192.0.2.1=b}" }, "192.0.2.1", "unknown", "a" },
};
// clang-format on

static void
matches_client(void **state)
{
	const struct client_row *row = *state;
	struct lookups *l = opened(row->items);
	struct address a;

	address_parse(&a, row->address);
	assert_value(lookups_client(l, &a, row->host), row->value);
	let_go();
}

/*
 * Mail addresses
 */

struct address_row {
	const char *name;
	const char *items[ITEMS];
	const char *address;
	const char *value;
};

// clang-format off
static const struct address_row address_rows[] = {
	{ "an address is itself", { "a@example.com" }, "a@example.com", "" },
	{ "in any letters", { "A@Example.com" }, "a@EXAMPLE.com", "" },
	{ "and nobody else", { "a@example.com" }, "b@example.com", NULL },
	{ "an extension does not matter", { "a@example.com" },
	    "a+list@example.com", "" },
	{ "but may be listed", { "a+list@example.com" }, "a@example.com", NULL },
	{ "a domain is all in it", { "example.com" }, "a@example.com", "" },
	{ "not what is below", { "example.com" }, "a@b.example.com", NULL },
	{ "for which there is a dot", { ".example.com" }, "a@b.c.example.com", "" },
	{ "a user is that user anywhere", { "postmaster@" },
	    "postmaster@example.com", "" },
	{ "with any extension", { "postmaster@" }, "postmaster+x@example.com",
	    "" },
	{ "an at sign more belongs to the user", { "example.com" },
	    "a@b@example.com", "" },
	{ "the null sender has a name", { "<>" }, "", "" },
	{ "and is in no domain", { "example.com" }, "", NULL },
	{ "an address without domain is its own name", { "alice" }, "alice", "" },
	{ "the narrowest counts within a table",
	    { "inline:{example.com=domain, a@=user, a@example.com=both}" },
	    "a@example.com", "both" },
	{ "a domain before a user", { "inline:{a@=user, example.com=domain}" },
	    "a@example.com", "domain" },
	{ "an address with its extension before the one without",
	    { "inline:{a@example.com=short, a+x@example.com=long}" },
	    "a+x@example.com", "long" },
	{ "and that one before its domain",
	    { "inline:{example.com=domain, a@example.com=short}" },
	    "a+x@example.com", "short" },
	{ "a plus before all is no extension", { "a@example.com", "example.com" },
	    "+a@example.com", "" },
	{ "a domain behind an at sign is all in it too", { "@example.com" },
	    "a@EXAMPLE.com", "" },
	{ "not what is below it", { "@example.com" }, "a@b.example.com", NULL },
	{ "nor the name alone", { "@example.com" }, "example.com", NULL },
	{ "it comes behind an address",
	    { "inline:{@example.com=all, a@example.com=one}" },
	    "a+x@example.com", "one" },
	{ "and before the domain above",
	    { "inline:{.example.com=above, @a.example.com=all}" },
	    "b@a.example.com", "all" },
	{ "and before a user anywhere", { "inline:{a@=user, @example.com=all}" },
	    "a@example.com", "all" },
	{ "an entry may lead somewhere",
	    { "inline:{sales@example.com=a@example.com b@example.org}" },
	    "sales@example.com", "a@example.com b@example.org" },
	{ "a domain in any script is found by its other form",
	    { "a@xn--bcher-kva.example" }, "a@b\xc3\xbc" "cher.example", "" },
	{ "and the other way round", { "@b\xc3\xbc" "cher.example" },
	    "a@xn--bcher-kva.example", "" },
	{ "but not a user", { "j\xc3\xb6rg@" }, "xn--jrg-sna@example.com",
	    NULL },
	{ "who is found by his own name", { "j\xc3\xb6rg@" },
	    "j\xc3\xb6rg+x@example.com", "" },
	{ "with or without a domain", { "inline:{j\xc3\xb6rg=he}" }, "j\xc3\xb6rg",
	    "he" },
	{ "what Redis has is not found here", { "redis:" }, "a@example.com",
	    NULL },
	{ "only what stands beside it", { "redis:", "a@example.com" },
	    "a@example.com", "" },
};
// clang-format on

static void
matches_address(void **state)
{
	const struct address_row *row = *state;
	struct lookups *l = opened(row->items);

	assert_value(lookups_address(l, row->address), row->value);
	let_go();
}

static const struct address_row domain_rows[] = {
	{ "a domain is itself", { "example.com" }, "Example.COM", "" },
	{ "and nothing else", { "example.com" }, "example.org", NULL },
	{ "also behind an at sign", { "@example.com" }, "example.com", "" },
	{ "it is not what is above", { "a.example.com" }, "example.com", NULL },
	{ "nor what is below", { "example.com" }, "a.example.com", NULL },
	{ "for which there is a dot", { ".example.com" }, "a.b.example.com",
	    "" },
	{ "the nearest counts", { "inline:{.com=far, .example.com=near}" },
	    "a.example.com", "near" },
	{ "an address in it is none", { "a@example.com" }, "example.com",
	    NULL },
	{ "in any script it is found by its other form",
	    { "b\xc3\xbc"
	      "cher.example" },
	    "XN--bcher-kva.example", "" },
	{ "and the other way round", { "xn--bcher-kva.example" },
	    "B\xc3\x9c"
	    "CHER.example",
	    "" },
	{ "with all that is below it",
	    { ".b\xc3\xbc"
	      "cher.example" },
	    "a.xn--bcher-kva.example", "" },
};

static void
matches_domain(void **state)
{
	const struct address_row *row = *state;
	struct lookups *l = opened(row->items);

	assert_value(lookups_domain(l, row->address), row->value);
	let_go();
}

static void
a_list_knows_that_it_goes_on_in_redis(void **state)
{
	struct lookups *l = opened(
	    (const char *[ITEMS]){ "a@example.com", "redis:" });
	struct lookups *other = opened((const char *[ITEMS]){ "redis" });
	(void)state;

	assert_true(lookups_redis(l));
	assert_string_equal(lookups_item(l, 1), "redis:");
	assert_false(lookups_redis(other));
	assert_false(lookups_redis(NULL));
	let_go();
}

static void
no_list_is_an_empty_one(void **state)
{
	struct address a;
	(void)state;

	address_parse(&a, "192.0.2.1");
	assert_null(lookups_client(NULL, &a, "example.com"));
	assert_null(lookups_address(NULL, "a@example.com"));
	assert_null(lookups_domain(NULL, "example.com"));
	assert_int_equal(lookups_count(NULL), 0);
	lookups_free(NULL);
}

static void
a_name_of_any_length_may_be_asked_for(void **state)
{
	struct lookups *l = opened((const char *[ITEMS]){ "example.com" });
	struct address a;
	char name[10000];
	(void)state;

	address_parse(&a, "192.0.2.1");
	memset(name, '.', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_null(lookups_client(l, &a, name));
	assert_null(lookups_address(l, name));
	assert_null(lookups_domain(l, name));
	memset(name, '@', sizeof(name) - 1);
	assert_null(lookups_address(l, name));
	memset(name, '+', 500);
	strcpy(name + 500, "@example.com");
	assert_non_null(lookups_address(l, name));
	let_go();
}

/*
 * Files
 */

struct cidr_row {
	const char *name;
	const char *text;
	const char *address, *value;
};

static const struct cidr_row cidr_rows[] = {
	{ "the first line that matches counts",
	    "192.0.2.0/24 net\n192.0.2.1 address\n", "192.0.2.1", "net" },
	{ "not the first that is narrow",
	    "192.0.2.1 address\n192.0.2.0/24 net\n", "192.0.2.1", "address" },
	{ "a later one may match where the first does not",
	    "192.0.2.1 address\n192.0.2.0/24 net\n", "192.0.2.2", "net" },
	{ "a network may be negated", "!192.0.2.0/24 outside\n", "198.51.100.1",
	    "outside" },
	{ "and then does not match what is in it", "!192.0.2.0/24 outside\n",
	    "192.0.2.1", NULL },
	{ "a negated one has its place too",
	    "192.0.2.0/24 a\n!203.0.113.0/24 b\n198.51.100.0/24 c\n",
	    "198.51.100.1", "b" },
	{ "after those before it",
	    "192.0.2.0/24 a\n!203.0.113.0/24 b\n198.51.100.0/24 c\n",
	    "192.0.2.1", "a" },
	{ "another family is outside too", "!192.0.2.0/24 outside\n",
	    "2001:db8::1", "outside" },
	{ "comments and empty lines do not count",
	    "# 192.0.2.1 a\n\n \t \n  # b\n192.0.2.1 c\n", "192.0.2.1", "c" },
	{ "a line goes on with the next that begins with a blank",
	    "192.0.2.1\n  # a comment\n\n\tone  two \n", "192.0.2.1",
	    "one  two" },
	{ "a value may be missing", "192.0.2.1", "192.0.2.1", "" },
	{ "lines may end as in Windows", "192.0.2.1 a\r\n198.51.100.1 b\r\n",
	    "192.0.2.1", "a" },
	{ "IPv6 is listed too", "2001:db8::/32 six\n", "2001:db8::1", "six" },
};

static void
cidr_matches(void **state)
{
	const struct cidr_row *row = *state;
	const struct file f = file("cidr", row->text, strlen(row->text));
	struct lookups *l = opened((const char *[ITEMS]){ f.item });
	struct address a;

	address_parse(&a, row->address);
	assert_value(lookups_client(l, &a, "unknown"), row->value);
	let_go();
	unlink(f.path);
}

static void
texthash_has_keys_and_values(void **state)
{
	static const char text[] = "# known\n"
				   "a@example.com   OK  yes \n"
				   "\"a b@example.com\" quoted\n"
				   "Example.NET\n"
				   "192.0.2\tnet\n";
	const struct file f = file("texthash", text, strlen(text));
	struct lookups *l = opened((const char *[ITEMS]){ f.item });
	struct address a;
	(void)state;

	assert_value(lookups_address(l, "a@example.com"), "OK  yes");
	assert_value(lookups_address(l, "A B@example.com"), "quoted");
	assert_value(lookups_address(l, "x@example.net"), "");
	address_parse(&a, "192.0.2.200");
	assert_value(lookups_client(l, &a, "unknown"), "net");
	let_go();
	unlink(f.path);
}

struct wrong_row {
	const char *name;
	const char *type; /* of a file; NULL: `text` is the item */
	const char *text;
	const char *said;
};

// clang-format off
static const struct wrong_row wrong_rows[] = {
	{ "a network has no bits behind its prefix", "cidr",
	    "192.0.2.0/24\n192.0.2.1/24 x\n",
	    "2: '192.0.2.1/24' is not a network" },
	{ "a name is no network", "cidr", "example.com OK\n",
	    "1: 'example.com' is not a network" },
	{ "conditions are not known", "cidr",
	    "if 192.0.2.0/24\n192.0.2.1 OK\nendif\n",
	    "1: if and endif are not known here\n"
	    "3: if and endif are not known here" },
	{ "a line that continues nothing", "cidr", "  192.0.2.1 OK\n",
	    "1: nothing before this line that it continues" },
	{ "the line of an error is where it begins", "texthash",
	    "a@b c\n\n# d\n[x] y\n\tz\n",
	    "4: '[x]' is no address, network, domain or mail address" },
	{ "a wildcard is no domain", "texthash", "*.example.com OK\n",
	    "1: '*.example.com' is no address, network, domain or mail address" },
	{ "what stands alone behind an at sign is a domain", "texthash",
	    "@*.example.com OK\n",
	    "1: '@*.example.com' is no address, network, domain or mail address" },
	{ "a regular expression is no address", NULL, "/^abuse@/",
	    "0: '/^abuse@/' is no address, network, domain or mail address" },
	{ "nor has an address a star behind its at sign", "texthash",
	    "a@*.example.com OK\nb@[192.0.2.1] OK\nc@ OK\n",
	    "1: 'a@*.example.com' is no address, network, domain or mail "
	    "address" },
	{ "and not nothing", "texthash", "@ OK\n",
	    "1: '@' is no address, network, domain or mail address" },
	{ "quotes are closed", "texthash", "\"a b c@d\n",
	    "1: this key's quotes are not closed" },
	{ "bytes that are no text", "texthash", "a@b \xff\n",
	    "1: a control character, or not UTF-8" },
	{ "an address is a whole one", NULL, "2001:db8",
	    "0: '2001:db8' is no address, network, domain or mail address" },
	{ "an octet is at most 255", NULL, "192.0.256",
	    "0: '192.0.256' is no address, network, domain or mail address" },
	{ "an address has four octets, not more", NULL, "192.0.2.1.5",
	    "0: '192.0.2.1.5' is no address, network, domain or mail address" },
	{ "nor is it one that is almost right", NULL, "192.0.2.256",
	    "0: '192.0.2.256' is no address, network, domain or mail address" },
	{ "an empty item", NULL, "",
	    "0: '' is no address, network, domain or mail address" },
	{ "an unknown type", NULL, "hash:/x",
	    "0: no tables 'hash:', only cidr:, texthash:, inline: and redis:" },
	{ "Redis has no names of tables", NULL, "redis:x",
	    "0: nothing stands behind redis:" },
	{ "an inline table without braces", NULL, "inline:a=b",
	    "0: must be like inline:{key=value, key}" },
	{ "an inline table with nothing between commas", NULL, "inline:{a=b,,c=d}",
	    "0: '' is no address, network, domain or mail address" },
	{ "an empty name of a file", NULL, "cidr:",
	    "0: cannot be read: No such file or directory" },
};
// clang-format on

static void
is_wrong(void **state)
{
	const struct wrong_row *row = *state;
	const struct file f = row->type
	    ? file(row->type, row->text, strlen(row->text))
	    : (struct file){ "", "" };
	const char *item = row->type ? f.item : row->text;
	struct ear e = { 0 };

	assert_null(open_one(item, &e));
	assert_string_equal(e.heard, row->said);
	let_go();
	unlink(f.path);
}

static void
a_table_with_a_null_byte_is_wrong(void **state)
{
	const struct file f = file("cidr", "192.0.2.1 a\0b\n", 14);
	const char *item = f.item;
	struct ear e = { 0 };
	(void)state;

	assert_null(open_one(item, &e));
	assert_string_equal(e.heard, "0: holds a NUL byte");
	let_go();
	unlink(f.path);
}

static void
a_file_full_of_errors_is_not_told_in_full(void **state)
{
	struct arena *a = arena_new();
	char *text = arena_alloc(a, 100000);
	struct ear e = { 0 };
	struct file f;
	const char *item;
	size_t lines = 1;
	(void)state;

	for (size_t i = 0; i < 100000; i++)
		text[i] = i % 2 ? '\n' : '*';
	f = file("cidr", text, 100000);
	item = f.item;
	assert_null(open_one(item, &e));
	for (const char *p = e.heard; (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(lines, 20);
	let_go();
	unlink(f.path);
	arena_release(a);
}

static void
a_hundred_thousand_networks_are_told_apart(void **state)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct lookups *l;
	struct address a;
	struct file f;
	char name[32];
	(void)state;

	for (unsigned i = 0; i < 100000; i++)
		fprintf(out, "%u.%u.%u.%u/%u %u\n", 10 + (i >> 16),
		    i >> 8 & 255, i & 255, i & 1 ? 0 : 64, i & 1 ? 24 : 26, i);
	fclose(out);
	f = file("cidr", text, size);
	l = opened((const char *[ITEMS]){ f.item });
	for (unsigned i = 0; i < 100000; i += 99) {
		char value[16];

		snprintf(name, sizeof(name), "%u.%u.%u.%u", 10 + (i >> 16),
		    i >> 8 & 255, i & 255, 65);
		snprintf(value, sizeof(value), "%u", i);
		address_parse(&a, name);
		assert_value(lookups_client(l, &a, "unknown"), value);
		if (i & 1)
			continue;
		snprintf(name, sizeof(name), "%u.%u.%u.%u", 10 + (i >> 16),
		    i >> 8 & 255, i & 255, 1);
		address_parse(&a, name);
		assert_value(lookups_client(l, &a, "unknown"), NULL);
	}
	let_go();
	unlink(f.path);
	free(text);
}

int
main(void)
{
	struct suite s = { 0 };

	SUITE_ROWS(&s, client_rows, matches_client);
	SUITE_ROWS(&s, address_rows, matches_address);
	SUITE_ROWS(&s, domain_rows, matches_domain);
	SUITE_TEST(&s, a_list_knows_that_it_goes_on_in_redis);
	SUITE_TEST(&s, no_list_is_an_empty_one);
	SUITE_TEST(&s, a_name_of_any_length_may_be_asked_for);
	SUITE_ROWS(&s, cidr_rows, cidr_matches);
	SUITE_TEST(&s, texthash_has_keys_and_values);
	SUITE_ROWS(&s, wrong_rows, is_wrong);
	SUITE_TEST(&s, a_table_with_a_null_byte_is_wrong);
	SUITE_TEST(&s, a_file_full_of_errors_is_not_told_in_full);
	SUITE_TEST(&s, a_hundred_thousand_networks_are_told_apart);
	return suite_run(&s, "conf/lookup");
}
