/*
 * record - a strict reader of SPF records
 *
 * A record is read as a whole: what is wrong anywhere in it, behind "all", too,
 * makes all of it an error (4.6).
 */
#include "spf/record.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "spf/macro.h"

static const char version[] = "v=spf1";
enum { VERSION_SIZE = sizeof(version) - 1 };

static const char letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char name_bytes[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
static const char digits[] = "0123456789";

enum { NO_SPEC, MAY_HAVE_SPEC, MUST_HAVE_SPEC, AN_ADDRESS };
enum { NO_BITS, DUAL_BITS, BITS4 = 32, BITS6 = 128 };

static const struct {
	const char *name;
	enum spf_kind kind;
	int spec;
	int bits;
} mechanisms[] = {
	{ "all", SPF_ALL, NO_SPEC, NO_BITS },
	{ "include", SPF_INCLUDE, MUST_HAVE_SPEC, NO_BITS },
	{ "a", SPF_MECH_A, MAY_HAVE_SPEC, DUAL_BITS },
	{ "mx", SPF_MECH_MX, MAY_HAVE_SPEC, DUAL_BITS },
	{ "ptr", SPF_MECH_PTR, MAY_HAVE_SPEC, NO_BITS },
	{ "ip4", SPF_IP4, AN_ADDRESS, BITS4 },
	{ "ip6", SPF_IP6, AN_ADDRESS, BITS6 },
	{ "exists", SPF_EXISTS, MUST_HAVE_SPEC, NO_BITS },
};

enum { MECHANISMS = sizeof(mechanisms) / sizeof(*mechanisms) };

bool
record_is_spf(const struct spf_record *r)
{
	return r->size >= VERSION_SIZE &&
	    strncasecmp(r->data, version, VERSION_SIZE) == 0 &&
	    (r->size == VERSION_SIZE || r->data[VERSION_SIZE] == ' ');
}

/* Takes "/NUMBER" with `slashes` off the end of `text`, if it stands there. No
 * zeros in front, and none greater than `most`: else it stays, and no domain
 * looks like that. */
static void
take_bits(char *text, const char *slashes, unsigned most, unsigned *bits)
{
	size_t size = strlen(text), start = size;
	const size_t before = strlen(slashes);
	unsigned n = 0;

	while (start > 0 && strchr(digits, text[start - 1]))
		start--;
	if (start == size || size - start > 3 || start < before ||
	    memcmp(text + start - before, slashes, before) != 0 ||
	    (text[start] == '0' && size - start > 1))
		return;
	for (const char *p = text + start; *p; p++)
		n = n * 10 + (unsigned)(*p - '0');
	if (n > most)
		return;
	*bits = n;
	text[start - before] = '\0';
}

static bool
read_address(struct spf_term *t, const char *text)
{
	const int family = t->kind == SPF_IP4 ? AF_INET : AF_INET6;

	/* Not address_parse(): what is written as IPv6 is IPv6. */
	t->address.family = t->kind == SPF_IP4 ? 4 : 6;
	return inet_pton(family, text, t->address.bytes) == 1;
}

/* What stands behind the name: ":SPEC" or "/BITS" or both. It is cut there. */
static const char *
read_rest(struct spf_term *t, int spec, int bits, char *rest)
{
	const bool needs = spec == MUST_HAVE_SPEC || spec == AN_ADDRESS;

	t->bits4 = 32;
	t->bits6 = 128;
	if (bits == DUAL_BITS || bits == BITS6)
		take_bits(rest, bits == BITS6 ? "/" : "//", 128, &t->bits6);
	if (bits == DUAL_BITS || bits == BITS4)
		take_bits(rest, "/", 32, &t->bits4);
	if (*rest == '\0')
		return needs ? "needs more than its name" : NULL;
	if (*rest != ':' || spec == NO_SPEC)
		return "has something behind it that does not belong there";
	if (spec == AN_ADDRESS)
		return read_address(t, rest + 1) ? NULL : "wrong address";
	t->spec = rest + 1;
	return macro_domain_wrong(t->spec);
}

/* `text` stays as it stands there; most have nothing to be cut. */
static char *
copy_to_cut(struct arena *a, char *text)
{
	return strchr(text, '/') ? arena_strdup(a, text) : text;
}

static const char *
read_mechanism(struct arena *a, struct spf_term *t, char *text)
{
	static const enum spf_result results[] = { SPF_PASS, SPF_FAIL,
		SPF_SOFTFAIL, SPF_NEUTRAL };
	static const char qualifiers[] = "+-~?";
	const char *q = strchr(qualifiers, *text);
	char *name = text + (q != NULL);
	const size_t size = strcspn(name, ":/");

	*t = (struct spf_term){ .text = text };
	t->result = results[q ? q - qualifiers : 0];
	for (int i = 0; i < MECHANISMS; i++) {
		if (strlen(mechanisms[i].name) != size ||
		    strncasecmp(mechanisms[i].name, name, size) != 0)
			continue;
		t->kind = mechanisms[i].kind;
		return read_rest(t, mechanisms[i].spec, mechanisms[i].bits,
		    copy_to_cut(a, name + size));
	}
	return "unknown mechanism";
}

/* "redirect=", "exp=" and whatever else: the value, NULL when `text` is no
 * modifier of that name. */
static const char *
modifier(const char *text, const char *name)
{
	const size_t size = strlen(name);

	return strncasecmp(text, name, size) == 0 && text[size] == '='
	    ? text + size + 1
	    : NULL;
}

static bool
is_modifier(const char *text)
{
	return strchr(text, '=') && strchr(letters, *text) &&
	    text[strspn(text, name_bytes)] == '=';
}

struct seen {
	bool redirect, exp;
};

static const char *
read_once(bool *seen, const char *value)
{
	if (*seen)
		return "is there twice";
	*seen = true;
	return macro_domain_wrong(value);
}

static const char *
read_modifier(struct spf_terms *out, struct seen *seen, const char *text)
{
	const char *value;

	if ((value = modifier(text, "redirect")) != NULL) {
		out->redirect = value;
		out->redirect_text = text;
		return read_once(&seen->redirect, value);
	}
	if ((value = modifier(text, "exp")) != NULL)
		return read_once(&seen->exp, value);
	return macro_string_wrong(strchr(text, '=') + 1);
}

static const char *
wrong_term(struct arena *a, const char *text, const char *what)
{
	return arena_printf(a, "%.100s: %s", text, what);
}

/* Of `text`, at most. */
static size_t
count_terms(const char *text)
{
	size_t n = 0;

	while ((text = strchr(text, ' ')) != NULL) {
		text += strspn(text, " ");
		n++;
	}
	return n;
}

const char *
record_parse(struct arena *a, const struct spf_record *r, struct spf_terms *out)
{
	char *text = arena_memdup(a, r->data, r->size), *save = NULL;
	struct seen seen = { 0 };
	const char *wrong;

	*out = (struct spf_terms){ 0 };
	for (size_t i = 0; i < r->size; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return "a byte that is not printable ASCII";
	out->items = arena_take(
	    a, (count_terms(text) + 1) * sizeof(*out->items));
	for (text = strtok_r(text + VERSION_SIZE, " ", &save); text;
	     text = strtok_r(NULL, " ", &save)) {
		wrong = is_modifier(text)
		    ? read_modifier(out, &seen, text)
		    : read_mechanism(a, &out->items[out->count++], text);
		if (wrong)
			return wrong_term(a, text, wrong);
	}
	return NULL;
}

const char *
spf_record_wrong(struct arena *a, const char *record)
{
	const struct spf_record r = { record, strlen(record) };
	struct spf_terms terms;

	if (!record_is_spf(&r))
		return "does not begin with v=spf1";
	return record_parse(a, &r, &terms);
}
