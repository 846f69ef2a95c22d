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
	UUID = 36,
	UUID_FIRST = 8 /* of its digits, and a dash */
};

struct mailbox {
	char *local;
	char *domain; /* NULL: there was none */
};

enum { DIGIT = 1, LETTER = 2, WORD = DIGIT | LETTER, HEX = 4 };

/* Letters are lower-case here; those of other scripts are letters, too. */
static const unsigned char kinds[256] = { ['0' ... '9'] = DIGIT | HEX,
	['a' ... 'f'] = LETTER | HEX,
	['g' ... 'z'] = LETTER,
	[0x80 ... 0xff] = LETTER };

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

/* A word, and of how many runs of letters and of digits it is made. */
struct word {
	size_t size, digits, runs;
};

static size_t
run_of(int kind, const char *text)
{
	size_t size = 0;

	while (kinds[(unsigned char)text[size]] & kind)
		size++;
	return size;
}

static struct word
word_at(const char *text)
{
	struct word w = { .size = 0 };
	size_t letters, digits;

	do {
		letters = run_of(LETTER, text + w.size);
		digits = run_of(DIGIT, text + w.size + letters);
		w.size += letters + digits;
		w.digits += digits;
		w.runs += (letters > 0) + (digits > 0);
	} while (digits > 0);
	return w;
}

/*
 * True for what no person would answer to. Names end in digits (anna1985) or
 * have some within (peter2paul); tokens go to and fro between letters and
 * digits, or are long and of hex digits only.
 */
static bool
is_token(const char *text, const struct word *w)
{
	if (w->digits == w->size)
		return true;
	if (w->digits == 0 || w->size < TOKEN)
		return false;
	return w->runs > 3 || (w->runs == 3 && w->size >= LONG_TOKEN) ||
	    run_of(HEX, text) >= w->size;
}

/* A word that stays, but for the numbers in it. */
static char *
fold_numbers(char *out, const char *text, size_t size)
{
	const char *end = text + size;

	while (text < end) {
		const char c = *text++; /* `out` may be just here */

		*out++ = is_digit(c) ? '#' : c;
		while (is_digit(c) && text < end && is_digit(*text))
			text++;
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

/* In place: nothing gets longer. Returns its end. */
static char *
fold_words(char *local)
{
	const char *in = local;
	char *out = local;

	while (*in) {
		const struct word w = word_at(in);

		if (w.size == 0) {
			*out++ = *in++;
		} else if (w.size == UUID_FIRST && is_uuid(in)) {
			out = fold_token(out, local);
			in += UUID;
		} else {
			out = is_token(in, &w) ? fold_token(out, local)
					       : fold_numbers(out, in, w.size);
			in += w.size;
		}
	}
	return out;
}

/* Nothing behind "bounce-" was ever the name of a person. NULL for what does
 * not begin so. */
static char *
fold_bounce(char *local)
{
	size_t size = strlen("bounce");

	if (strncmp(local, "bounce", size) != 0)
		return NULL;
	size += local[size] == 's';
	if (!one_of("-_.=", local[size]) || local[size + 1] == '\0')
		return NULL;
	local[size + 1] = '#';
	return local + size + 2;
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

/* What is left, and where it ends. */
static char *
fold(char *local)
{
	char *end = local;

	while (is_digit(*end))
		end++;
	if (*end == '\0' && end - local <= ACCOUNT)
		return end;
	end = fold_bounce(local);
	return end ? end : fold_words(local);
}

/* As the DNS has it. */
static const char *
canonical_domain(struct arena *a, char *domain, bool ascii)
{
	const char *name = NULL;
	size_t size = strlen(domain);

	while (size > 0 && domain[size - 1] == '.')
		domain[--size] = '\0';
	if (!ascii)
		name = idn_ascii(a, domain);
	return name ? name : domain;
}

/* The local part has `size` bytes. Mostly its domain is behind it still, and
 * only moves up. */
static const char *
join(struct arena *a, const struct mailbox *m, size_t size, const char *domain)
{
	const size_t domain_size = strlen(domain) + 1;
	char *out = m->local;

	if (domain != m->domain || domain < out)
		out = memcpy(arena_take(a, size + 1 + domain_size), out, size);
	out[size] = '@';
	memmove(out + size + 1, domain, domain_size);
	return out;
}

const char *
sender_canonical(struct arena *a, const char *sender)
{
	const size_t size = strlen(sender);
	struct mailbox m = { .local = arena_take(a, size + 1) };
	const bool ascii = text_lower_bytes(m.local, sender, size + 1);
	char *end;

	if (size == 0 || strcmp(sender, "<>") == 0)
		return "<>";
	m.domain = strrchr(m.local, '@');
	if (m.domain)
		*m.domain++ = '\0';
	if (m.local[strcspn(m.local, "=/+")] != '\0')
		unwrap(&m);
	end = fold(m.local);
	if (m.domain)
		return join(a, &m, (size_t)(end - m.local),
		    canonical_domain(a, m.domain, ascii));
	*end = '\0';
	return m.local;
}
