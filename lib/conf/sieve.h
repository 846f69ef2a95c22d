/*
 * sieve - what libconfuse may see of a configuration
 *
 * libconfuse 3.3 (checked against its source and by trying):
 *
 *   - takes the end of the file for the end of every open section;
 *   - takes an unclosed comment for the end of the file, and an unclosed
 *     string leaves its scanner inside a string for the next file it reads:
 *     a right file after a wrong one would not be read as it stands;
 *   - counts each comment as two further lines, so that errors name wrong ones;
 *   - puts environment variables in place of ${NAME}, also in a password;
 *   - knows \n, \x0a and \012 in strings, which have no business here;
 *   - skips bytes it does not know, stops at a NUL, prints a lone backslash;
 *   - takes "section|option" for a way into another section;
 *   - compares each section's title with all before it;
 *   - cannot have sections of one name with and without a title.
 *
 * So the text is looked through first. What would not be read as it stands is
 * an error, comments become blanks, and libconfuse sees the rest.
 */
#ifndef CONF_SIEVE_H
#define CONF_SIEVE_H

#include <stddef.h>

struct arena;
struct complaints;

enum {
	SIEVE_SIZE = 4 << 20, /* bytes of a configuration */
	SIEVE_SECTIONS = 20000,
	SIEVE_DEPTH = 4, /* domain { greylist { allow_clients = { ... } } } */
	SIEVE_WORD = 4096 /* bytes of a word or string */
};

/* What a section "mailbox" without a title is called below here: it is the
 * check's, one with a title is a scope. */
#define SIEVE_MAILBOX "Mailbox"

/* The same text, line for line, without comments, as a string in `a`; NULL
 * when something is wrong, and it was complained about. */
char *sieve(
    struct arena *a, const char *text, size_t size, struct complaints *c);

#endif
