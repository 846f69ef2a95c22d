/*
 * sieve - one pass over the text, token by token
 */
#include "conf/sieve.h"

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "conf/complaints.h"

/* What stands before the next token. */
enum before {
	NOTHING, /* a statement begins: a name, or the end of a section */
	NAME,
	TITLE,
	EQUALS,
	LIST /* within the braces of a list */
};

struct sieve {
	char *text; /* the copy, blanked as we go */
	size_t at, size;
	int line;
	enum before before;
	size_t name; /* where the last name begins */
	unsigned depth, sections;
	int opened[SIEVE_DEPTH]; /* lines of the open braces */
	int comma; /* the last line that had one outside of a list */
	struct complaints *said;
};

/* The byte `ahead` of here; NUL, which the text cannot hold, behind its end. */
static char
peek(const struct sieve *s, size_t ahead)
{
	return s->at + ahead < s->size ? s->text[s->at + ahead] : '\0';
}

/* Blanks a comment's byte; lines stay. */
static void
blank(struct sieve *s)
{
	if (s->text[s->at] == '\n')
		s->line++;
	else
		s->text[s->at] = ' ';
	s->at++;
}

static void
comment_line(struct sieve *s)
{
	while (s->at < s->size && s->text[s->at] != '\n')
		blank(s);
}

static void
comment_block(struct sieve *s)
{
	const int line = s->line;

	blank(s);
	blank(s);
	while (s->at < s->size && !(peek(s, 0) == '*' && peek(s, 1) == '/'))
		blank(s);
	if (s->at == s->size) {
		complaint(s->said, line, "this comment is never closed");
		return;
	}
	blank(s);
	blank(s);
}

static void
unexpected(struct sieve *s, char c)
{
	complaint(s->said, s->line,
	    "'%c' is not expected here; quote a value that holds it", c);
}

static bool
starts(const char *text, size_t size, const char *with)
{
	return size >= strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

/* A word or string as a part of its statement. */
static void
word(struct sieve *s, bool quoted, const char *start, size_t size)
{
	if (size > SIEVE_WORD)
		complaint(s->said, s->line, "a value is longer than %d bytes",
		    SIEVE_WORD);
	switch (s->before) {
	case NOTHING:
		if (quoted)
			complaint(s->said, s->line,
			    "a name is expected here, without quotes");
		else if (memchr(start, '|', size))
			unexpected(s, '|');
		else if (starts(start, size, SIEVE_MAILBOX))
			complaint(s->said, s->line,
			    "'" SIEVE_MAILBOX "': names are in lower case");
		s->before = NAME;
		s->name = (size_t)(start - s->text);
		break;
	case NAME:
		s->before = TITLE;
		break;
	case TITLE:
	case EQUALS:
		s->before = NOTHING;
		break;
	case LIST:
		break;
	}
}

static void
bare_word(struct sieve *s)
{
	const size_t start = s->at;

	/* Just what ends a word for libconfuse, and bytes that are no text. */
	while (peek(s, 0) > ' ' && peek(s, 0) < 0x7f &&
	    !strchr("#\"'={}()+,*", peek(s, 0)))
		s->at++;
	if (peek(s, 0) == '{' && s->text[s->at - 1] == '$')
		complaint(s->said, s->line, "variables are not expanded");
	if (peek(s, 0) == '#') /* half a password, and a comment? */
		unexpected(s, '#');
	word(s, false, s->text + start, s->at - start);
}

/* The character at hand within a string, with what escapes it; 0: refused. */
static size_t
string_character(struct sieve *s, char quote)
{
	const size_t n = text_utf8(s->text + s->at, s->size - s->at);

	if ((unsigned char)peek(s, 0) < ' ' || peek(s, 0) == 0x7f || n == 0) {
		complaint(s->said, s->line,
		    "a string holds a control character or is not UTF-8");
		return 0;
	}
	if (quote == '"' && peek(s, 0) == '$' && peek(s, 1) == '{') {
		complaint(s->said, s->line,
		    "variables are not expanded; write \\${ for ${");
		return 0;
	}
	if (peek(s, 0) != '\\')
		return n;
	if (peek(s, 1) == quote || peek(s, 1) == '\\' ||
	    (quote == '"' && peek(s, 1) == '$'))
		return 2;
	complaint(s->said, s->line, "in a string \\ stands only before %s",
	    quote == '"' ? "\", \\ or $" : "' or \\");
	return 0;
}

static void
string(struct sieve *s)
{
	const char quote = peek(s, 0);
	const size_t start = ++s->at;
	bool sound = true;

	while (s->at < s->size && peek(s, 0) != quote && peek(s, 0) != '\n') {
		const size_t n = sound ? string_character(s, quote) : 1;

		sound = sound && n > 0; /* one complaint for a string */
		s->at += n ? n : 1;
	}
	if (s->at >= s->size || peek(s, 0) != quote) {
		complaint(s->said, s->line, "this string is not closed");
		return;
	}
	word(s, true, s->text + start, s->at - start);
	s->at++;
}

static void
open_brace(struct sieve *s)
{
	if (s->depth < SIEVE_DEPTH)
		s->opened[s->depth] = s->line;
	else if (s->depth == SIEVE_DEPTH)
		complaint(s->said, s->line, "sections are nested too deeply");
	s->depth++;
	if (s->before == EQUALS) {
		s->before = LIST;
		return;
	}
	if (s->before == NAME &&
	    starts(s->text + s->name, s->at - s->name, "mailbox"))
		memcpy(s->text + s->name, SIEVE_MAILBOX, strlen(SIEVE_MAILBOX));
	s->before = NOTHING;
	if (++s->sections == SIEVE_SECTIONS + 1)
		complaint(
		    s->said, s->line, "more than %d sections", SIEVE_SECTIONS);
}

static void
close_brace(struct sieve *s)
{
	if (s->depth == 0)
		complaint(s->said, s->line, "'}' without '{'");
	else
		s->depth--;
	s->before = NOTHING;
}

/* Most often the braces of a list are missing: one complaint for all of it. */
static void
comma(struct sieve *s)
{
	if (s->before == LIST)
		return;
	if (s->comma != s->line)
		complaint(s->said, s->line,
		    "',' stands only within the braces of a list; quote a "
		    "value that holds it");
	s->comma = s->line;
	s->before = EQUALS;
}

static void
mark(struct sieve *s)
{
	const char c = peek(s, 0);

	s->at++;
	if (c == '{')
		open_brace(s);
	else if (c == '}')
		close_brace(s);
	else if (c == '=')
		s->before = EQUALS;
	else if (c == '+' && peek(s, 0) == '=')
		complaint(
		    s->said, s->line, "a list is set as a whole, with '='");
	else if (c == ',')
		comma(s);
	else if (c > ' ' && c < 0x7f)
		unexpected(s, c);
	else
		complaint(s->said, s->line,
		    "only strings in quotes may hold such a byte: 0x%02x",
		    (unsigned char)c);
}

static void
token(struct sieve *s)
{
	const char c = peek(s, 0);

	if (c == ' ' || c == '\t' || c == '\n' ||
	    (c == '\r' && peek(s, 1) == '\n'))
		blank(s);
	else if (c == '#' || (c == '/' && peek(s, 1) == '/'))
		comment_line(s);
	else if (c == '/' && peek(s, 1) == '*')
		comment_block(s);
	else if (c == '"' || c == '\'')
		string(s);
	else if (c <= ' ' || c >= 0x7f || strchr("={}()+,*", c))
		mark(s);
	else
		bare_word(s);
}

char *
sieve(struct arena *a, const char *text, size_t size, struct complaints *c)
{
	const size_t before = complaints_count(c);
	struct sieve s = { .size = size, .line = 1, .said = c };

	if (size > SIEVE_SIZE) {
		complaint(c, 0, "larger than %d bytes", SIEVE_SIZE);
		return NULL;
	}
	if (memchr(text, '\0', size)) {
		complaint(c, 0, "holds a NUL byte: this is no text");
		return NULL;
	}
	s.text = arena_memdup(a, text, size);
	/* Another language has an error in every line; some will do. */
	while (s.at < s.size && complaints_count(c) < before + 20)
		token(&s);
	if (s.at >= s.size && s.depth > 0 && s.depth <= SIEVE_DEPTH)
		complaint(c, s.opened[s.depth - 1],
		    "the '{' of this line is never closed");
	return complaints_count(c) == before ? s.text : NULL;
}
