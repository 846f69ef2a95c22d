/*
 * Domains in all scripts, as the DNS knows them.
 */
#include "base/idn.h"

#include <string.h>

#include "base/arena.h"
#include "kit/suite.h"

struct row {
	const char *name, *domain, *ascii; /* NULL: it is none */
};

#define UE "\xc3\xbc"

static const struct row rows[] = {
	{ "ASCII stays as it is", "Example.COM.", "Example.COM." },
	{ "even where it is no domain", "a b..c", "a b..c" },
	{ "so does what is asked for already", "xn--bcher-kva.example",
	    "xn--bcher-kva.example" },
	{ "a letter with dots is encoded", "b" UE "cher.example",
	    "xn--bcher-kva.example" },
	{ "capital letters are small ones",
	    "B\xc3\x9c"
	    "CHER.Example",
	    "xn--bcher-kva.example" },
	{ "a letter may come in two pieces",
	    "bu\xcc\x88"
	    "cher.example",
	    "xn--bcher-kva.example" },
	{ "each label for itself",
	    "\xe4\xbe\x8b\xe3\x81\x88."
	    "\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88",
	    "xn--r8jz45g.xn--zckzah" },
	{ "an ideographic full stop is a dot",
	    "\xe4\xbe\x8b\xe3\x81\x88\xe3\x80\x82"
	    "\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88",
	    "xn--r8jz45g.xn--zckzah" },
	{ "from right to left, too",
	    "\xd8\xa7\xd8\xae\xd8\xaa\xd8\xa8\xd8\xa7\xd8\xb1.example",
	    "xn--mgbachtv.example" },
	{ "a sharp s is a letter of its own", "fa\xc3\x9f.example",
	    "xn--fa-hia.example" },
	{ "so is a final sigma", "\xcf\x83\xcf\x82.example",
	    "xn--3xab.example" },
	{ "wide letters are letters",
	    "\xef\xbd\x85\xef\xbd\x98\xef\xbd\x81\xef\xbd\x8d\xef\xbd\x90"
	    "\xef\xbd\x8c\xef\xbd\x85.com",
	    "example.com" },
	{ "the dot at the end goes", "b" UE "cher.example.",
	    "xn--bcher-kva.example" },
	{ "labels may be encoded already", "xn--bcher-kva." UE ".example",
	    "xn--bcher-kva.xn--tda.example" },
	{ "but not badly", "xn--zzzzzz." UE ".example", NULL },
	{ "an underscore may stand before it", "_x." UE ".example",
	    "_x.xn--tda.example" },
	{ "bytes that are no UTF-8 are none", "b\xff.example", NULL },
	{ "nor is half a character", "b\xc3.example", NULL },
	{ "nor a picture", "i\xe2\x9d\xa4.example", NULL },
	{ "nor what is invisible between letters of ours",
	    "x\xe2\x80\x8d.example", NULL },
	{ "nor a label that begins with a hyphen", "-" UE ".example", NULL },
	{ "or with the mark of an encoding that it is not",
	    "ab--" UE ".example", NULL },
	{ "nothing becomes an @", UE "\xef\xbc\xa0x.example", NULL },
	{ "or a slash", "\xe2\x84\x80." UE ".example", NULL },
	{ "or a blank", "a\xc2\xa0" UE ".example", NULL },
	{ "a label of nothing is none", UE "..example", NULL },
	{ "nor one of what is not seen", "\xc2\xad.example", NULL },
	{ "nor a dot before all", "." UE ".example", NULL },
	{ "a slash beside it is none", "a/b." UE ".example", NULL },
};

static void
a_domain(void **state)
{
	const struct row *row = *state;
	struct arena *a = arena_new();
	const char *ascii = idn_ascii(a, row->domain);

	if (row->ascii)
		assert_string_equal(ascii, row->ascii);
	else
		assert_null(ascii);
	arena_release(a);
}

static const struct row address_rows[] = {
	{ "of an address the domain is encoded",
	    "j" UE "rg@b" UE "cher.example",
	    "j" UE "rg@xn--bcher-kva.example" },
	{ "the last @ counts", "\"b" UE "@x.example\"@b" UE "cher.example",
	    "\"b" UE "@x.example\"@xn--bcher-kva.example" },
	{ "the user may be in ASCII", "a@b" UE "cher.example",
	    "a@xn--bcher-kva.example" },
	{ "there may be none", "@b" UE "cher.example",
	    "@xn--bcher-kva.example" },
	{ "a domain in ASCII stays", "j" UE "rg@Example.com",
	    "j" UE "rg@Example.com" },
	{ "so does one that cannot be encoded", "a@b\xff.example",
	    "a@b\xff.example" },
	{ "and a user everywhere", "j" UE "rg@", "j" UE "rg@" },
	{ "a name alone is a domain", "b" UE "cher.example",
	    "xn--bcher-kva.example" },
	{ "or all below it", ".b" UE "cher.example", ".xn--bcher-kva.example" },
	{ "without a dot it is a person", "j" UE "rg", "j" UE "rg" },
	{ "nothing stays nothing", "", "" },
};

static void
an_address(void **state)
{
	const struct row *row = *state;
	struct arena *a = arena_new();

	assert_string_equal(idn_address(a, row->domain), row->ascii);
	arena_release(a);
}

static void
what_has_no_room_stays(void **state)
{
	static const char domain[] = "a@b" UE "cher.example";
	char text[sizeof("a@xn--bcher-kva.example")];

	(void)state;
	strcpy(text, domain);
	idn_replace(text, sizeof(text) - 1);
	assert_string_equal(text, domain);
	idn_replace(text, sizeof(text));
	assert_string_equal(text, "a@xn--bcher-kva.example");
}

static void
what_is_too_long_is_none(void **state)
{
	char text[2000], out[IDN_SIZE];

	(void)state;
	*text = '\0';
	for (int i = 0; i < 30; i++)
		strcat(text, "abcdef" UE "."); /* an encoded label has 14 */
	assert_false(idn_convert(out, sizeof(out), text));
	memset(text, 'a', sizeof(text));
	strcpy(text + sizeof(text) - 12, UE ".example");
	assert_false(idn_convert(out, sizeof(out), text));
}

static void
a_label_of_64_bytes_is_none(void **state)
{
	char text[128] = "", out[IDN_SIZE];

	(void)state;
	memset(text, 'a', 70);
	strcpy(text + 70, UE ".example");
	assert_false(idn_convert(out, sizeof(out), text));
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, a_domain);
	SUITE_ROWS(&s, address_rows, an_address);
	SUITE_TEST(&s, what_has_no_room_stays);
	SUITE_TEST(&s, what_is_too_long_is_none);
	SUITE_TEST(&s, a_label_of_64_bytes_is_none);
	return suite_run(&s, "idn");
}
