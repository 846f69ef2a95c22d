/*
 * sender - unwrap, cut, fold
 */
#include "checks/sender.h"

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/idn.h"
#include "base/text.h"

enum {
	LAYERS = 8, /* of wrapping; nobody honest has more than three */
	BATV_TAG = 10, /* K DDD SSSSSS: key, day, signature */
	ACCOUNT = 12, /* digits of a mailbox that is a number */
	TOKEN = 8, /* bytes from which a word may be no word */
	LONG_TOKEN = 20,
	UUID = 36
};

struct mailbox {
	char *local;
	char *domain; /* NULL: there was none */
};

enum { DIGIT = 1, HEX = 2, WORD = 4 };

/* Letters are lower-case here; those of other scripts are letters, too. */
static const unsigned char kinds[256] = { ['0' ... '9'] = DIGIT | HEX | WORD,
	['a' ... 'f'] = HEX | WORD,
	['g' ... 'z'] = WORD,
	[0x80 ... 0xff] = WORD };

static bool
is_digit(char c)
{
	return kinds[(unsigned char)c] & DIGIT;
}

static bool
is_hex(char c)
{
	return kinds[(unsigned char)c] & HEX;
}

/* A part of a word. */
static bool
is_word(char c)
{
	return kinds[(unsigned char)c] & WORD;
}

static bool
one_of(const char *set, char c)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* What follows the next `n` fields that end in "="; NULL without. */
static char *
after_fields(char *text, int n)
{
	while (n-- > 0 && text) {
		text = strchr(text, '=');
		if (text)
			text++;
	}
	return text;
}

/*
 * The Sender Rewriting Scheme, whose separators are = - +, and Exchange
 * Online's own form:
 *
 *     SRS0=HASH=TIME=DOMAIN=LOCAL@forwarder
 *     SRS1=HASH=FORWARDER==HASH=TIME=DOMAIN=LOCAL@second-forwarder
 *     SOMEONE+SRS=HASH=TIME=DOMAIN=LOCAL@forwarder
 */
static char *
srs_fields(char *local)
{
	char *at;

	if (strncmp(local, "srs0", 4) == 0 && one_of("=-+", local[4]))
		return local + 5;
	if (strncmp(local, "srs1", 4) == 0 && one_of("=-+", local[4])) {
		at = after_fields(local + 5, 2);
		return at && one_of("=-+", *at) ? at + 1 : at;
	}
	at = strstr(local, "+srs=");
	return at ? at + strlen("+srs=") : NULL;
}

static bool
unwrap_srs(struct mailbox *m)
{
	char *domain = after_fields(srs_fields(m->local), 2);
	char *local = domain ? strchr(domain, '=') : NULL;

	if (!local || local == domain || local[1] == '\0')
		return false;
	*local = '\0';
	m->domain = domain;
	m->local = local + 1;
	return true;
}

/* The signature of prvs, as its draft has it. */
static bool
is_batv_tag(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (i < 4 ? !is_digit(text[i]) : !is_hex(text[i]))
			return false;
	return size == BATV_TAG;
}

/* Those of its relatives are only known to be no words. */
static bool
is_other_tag(const char *text, size_t size)
{
	bool digit = false;

	for (size_t i = 0; i < size; i++) {
		if (!is_word(text[i]))
			return false;
		digit = digit || is_digit(text[i]);
	}
	return digit && size >= TOKEN;
}

/*
 * Bounce Address Tag Validation: WORD=TAG=LOCAL. Some write the halves the
 * other way round, early ones write "/" for "=", one doubles it.
 */
static bool
unwrap_batv(struct mailbox *m)
{
	static const char *const words[] = { "prvs", "msprvs1", "btv1" };
	char *left = NULL, *right, *last;
	size_t size;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size = strlen(words[i]);
		if (strncmp(m->local, words[i], size) == 0 &&
		    one_of("=/", m->local[size]))
			left = m->local + size;
	}
	if (!left)
		return false;
	left += strspn(left, "=/");
	size = strcspn(left, "=/");
	right = left + size + strspn(left + size, "=/");
	if (size == 0 || *right == '\0')
		return false;
	last = left + strlen(left);
	while (!one_of("=/", last[-1]))
		last--;
	if (!is_batv_tag(left, size) && is_batv_tag(last, strlen(last)))
		last[-1] = '\0';
	else if (is_batv_tag(left, size) || is_other_tag(left, size))
		left = right;
	else
		return false;
	m->local = left;
	return true;
}

/* "list+token" is "list". A leading plus is a name. */
static void
cut_extension(char *local)
{
	char *plus = *local ? strchr(local + 1, '+') : NULL;

	if (plus)
		*plus = '\0';
}

/* Lower-case hex digits, 8-4-4-4-12. */
static bool
is_uuid(const char *text)
{
	for (int i = 0; i < UUID; i++) {
		const bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !is_hex(text[i]))
			return false;
	}
	return !is_word(text[UUID]);
}

/*
 * True for what no person would answer to. Names end in digits (anna1985) or
 * have some within (peter2paul); tokens go to and fro between letters and
 * digits, or are long and of hex digits only.
 */
static bool
is_token(const char *text, size_t size, size_t digits)
{
	size_t hex = 0, changes = 0; /* `hex`: digits it begins with */

	if (digits == size)
		return true;
	if (digits == 0 || size < TOKEN)
		return false;
	while (hex < size && is_hex(text[hex]))
		hex++;
	for (size_t i = 1; i < size; i++)
		changes += is_digit(text[i]) != is_digit(text[i - 1]);
	return hex == size || changes >= 3 ||
	    (changes >= 2 && size >= LONG_TOKEN);
}

/* A word that stays, but for the numbers in it. */
static char *
fold_numbers(char *out, const char *text, size_t size)
{
	bool number = false;

	for (size_t i = 0; i < size; i++) {
		const char c = text[i]; /* `out` may be just here */

		if (!is_digit(c))
			*out++ = c;
		else if (!number)
			*out++ = '#';
		number = is_digit(c);
	}
	return out;
}

/* Neighbouring tokens are one "#", as their number may change too. */
static char *
fold_token(char *out, const char *begin)
{
	if (out - begin >= 2 && out[-2] == '#')
		return out - 1;
	*out++ = '#';
	return out;
}

/* In place: nothing gets longer. */
static void
fold_words(char *local)
{
	const char *in = local;
	char *out = local;

	while (*in) {
		size_t size = 0, digits = 0;

		for (; is_word(in[size]); size++)
			digits += is_digit(in[size]);
		if (size == 0) {
			*out++ = *in++;
		} else if (is_uuid(in)) {
			out = fold_token(out, local);
			in += UUID;
		} else {
			out = is_token(in, size, digits)
			    ? fold_token(out, local)
			    : fold_numbers(out, in, size);
			in += size;
		}
	}
	*out = '\0';
}

/* Nothing behind "bounce-" was ever the name of a person. */
static bool
fold_bounce(char *local)
{
	size_t size = strlen("bounce");

	if (strncmp(local, "bounce", size) != 0)
		return false;
	size += local[size] == 's';
	if (!one_of("-_.=", local[size]) || local[size + 1] == '\0')
		return false;
	local[size + 1] = '#';
	local[size + 2] = '\0';
	return true;
}

/* Whatever wraps a name, and its extension. All of it has "=", "/" or "+". */
static void
unwrap(struct mailbox *m)
{
	for (int i = 0; i < LAYERS; i++)
		if (!unwrap_srs(m) && !unwrap_batv(m))
			break;
	cut_extension(m->local);
}

static void
fold(char *local)
{
	size_t digits = 0;

	while (is_digit(local[digits]))
		digits++;
	if (local[digits] == '\0' && digits <= ACCOUNT)
		return;
	if (!fold_bounce(local))
		fold_words(local);
}

static const char *
join(struct arena *a, const char *local, const char *domain)
{
	const size_t size = strlen(local), domain_size = strlen(domain);
	char *out = arena_take(a, size + domain_size + 2);

	memcpy(out, local, size);
	out[size] = '@';
	memcpy(out + size + 1, domain, domain_size + 1);
	return out;
}

const char *
sender_canonical(struct arena *a, const char *sender)
{
	struct mailbox m = { .local = text_lower(a, sender) };
	const char *ascii;

	if (*sender == '\0' || strcmp(sender, "<>") == 0)
		return "<>";
	m.domain = strrchr(m.local, '@');
	if (m.domain)
		*m.domain++ = '\0';
	if (m.local[strcspn(m.local, "=/+")] != '\0')
		unwrap(&m);
	fold(m.local);
	if (!m.domain)
		return m.local;
	for (size_t n = strlen(m.domain); n > 0 && m.domain[n - 1] == '.'; n--)
		m.domain[n - 1] = '\0';
	ascii = idn_ascii(a, m.domain);
	return join(a, m.local, ascii ? ascii : m.domain);
}
