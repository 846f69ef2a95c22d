/*
 * Whose settings hold: a mailbox's, its domain's, or the server's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "kit/suite.h"

static void
fail_with(void *data, const char *file, int line, const char *text)
{
	(void)data;
	fail_msg("%s:%d: %s", file, line, text);
}

static struct conf *
parsed(const char *text)
{
	struct conf *c = conf_parse(text, "c", fail_with, NULL);

	assert_non_null(c);
	return c;
}

static const char scoped[] =
    "mailbox \"boss@example.com\" { greylist { mode = enforce } }\n"
    "mailbox \"shop@example.net\" { greylist { key = pair } }\n"
    "mailbox \"+x@example.net\" { greylist { key = client } }\n"
    "domain \"b\303\274cher.example\" { greylist { delay = 4m } }\n"
    "mailbox \"a@xn--bcher-kva.example\" { greylist { key = pair } }\n"
    "domain \"Example.COM\" { greylist { mode = off delay = 1m } }\n"
    "greylist { mode = observe delay = 2m retry_window = 3h }\n";

struct scope_row {
	const char *name;
	const char *address;
	enum mode mode;
	int delay;
	enum greylist_key key;
};

static const struct scope_row scope_rows[] = {
	{ "who has no settings has the server's", "a@example.org", MODE_OBSERVE,
	    120, GREYLIST_TRIPLET },
	{ "nobody at all has them too", "", MODE_OBSERVE, 120,
	    GREYLIST_TRIPLET },
	{ "and a name without domain", "postmaster", MODE_OBSERVE, 120,
	    GREYLIST_TRIPLET },
	{ "a domain is no mailbox", "example.com", MODE_OBSERVE, 120,
	    GREYLIST_TRIPLET },
	{ "a domain's hold for all in it", "a@example.com", MODE_OFF, 60,
	    GREYLIST_TRIPLET },
	{ "in any letters", "A@EXAMPLE.com", MODE_OFF, 60, GREYLIST_TRIPLET },
	{ "also with the dot that may end a name", "a@example.com.", MODE_OFF,
	    60, GREYLIST_TRIPLET },
	{ "not for its subdomains", "a@mail.example.com", MODE_OBSERVE, 120,
	    GREYLIST_TRIPLET },
	{ "the last @ is the one that counts", "a@example.org@example.com",
	    MODE_OFF, 60, GREYLIST_TRIPLET },
	{ "a mailbox has its own, and its domain's for the rest",
	    "boss@example.com", MODE_ENFORCE, 60, GREYLIST_TRIPLET },
	{ "in any letters too", "BOSS@Example.com", MODE_ENFORCE, 60,
	    GREYLIST_TRIPLET },
	{ "with any extension", "boss+list+a@example.com", MODE_ENFORCE, 60,
	    GREYLIST_TRIPLET },
	{ "but another user is another", "bossy@example.com", MODE_OFF, 60,
	    GREYLIST_TRIPLET },
	{ "a plus before all is no extension", "+boss@example.com", MODE_OFF,
	    60, GREYLIST_TRIPLET },
	{ "it belongs to the user", "+x@example.net", MODE_OBSERVE, 120,
	    GREYLIST_CLIENT },
	{ "a domain in any script is the same in its other form",
	    "b@XN--bcher-kva.example", MODE_OBSERVE, 240, GREYLIST_TRIPLET },
	{ "and a mailbox in it", "a@B\303\234cher.example", MODE_OBSERVE, 240,
	    GREYLIST_PAIR },
	{ "a mailbox whose domain has none has the server's for the rest",
	    "shop@example.net", MODE_OBSERVE, 120, GREYLIST_PAIR },
};

static void
holds(void **state)
{
	const struct scope_row *row = *state;
	struct conf *c = parsed(scoped);
	const struct settings *s = conf_settings(c, row->address);

	assert_int_equal(s->greylist.policy.mode, row->mode);
	assert_int_equal(s->greylist.delay, row->delay);
	assert_int_equal(s->greylist.key, row->key);
	assert_int_equal(s->greylist.retry_window, 3 * 3600);
	conf_unref(c);
}

static void
an_address_without_end_has_its_domains_settings(void **state)
{
	struct conf *c = parsed(scoped);
	char address[4096];
	(void)state;

	memset(address, 'a', sizeof(address));
	strcpy(address + 3000, "@example.com");
	assert_int_equal(conf_settings(c, address)->greylist.delay, 60);
	memset(address, '@', sizeof(address) - 1);
	address[sizeof(address) - 1] = '\0';
	assert_int_equal(conf_settings(c, address)->greylist.delay, 120);
	conf_unref(c);
}

static void
without_scopes_the_servers_settings_are_the_only_ones(void **state)
{
	struct conf *c = parsed("");
	(void)state;

	assert_ptr_equal(conf_settings(c, "a@example.com"), &c->settings);
	conf_unref(c);
}

static void
ten_thousand_domains_are_read_and_found(void **state)
{
	struct conf *c;
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	(void)state;

	for (int i = 0; i < 10000; i++)
		fprintf(f,
		    "domain \"d%d.example\" { greylist { delay = %d } }\n", i,
		    i + 1);
	fclose(f);
	c = parsed(text);
	assert_int_equal(
	    conf_settings(c, "a@d4999.example")->greylist.delay, 5000);
	conf_unref(c);
	free(text);
}

int
main(void)
{
	struct suite s = { 0 };

	SUITE_ROWS(&s, scope_rows, holds);
	SUITE_TEST(&s, an_address_without_end_has_its_domains_settings);
	SUITE_TEST(&s, without_scopes_the_servers_settings_are_the_only_ones);
	SUITE_TEST(&s, ten_thousand_domains_are_read_and_found);
	return suite_run(&s, "conf/scopes");
}
