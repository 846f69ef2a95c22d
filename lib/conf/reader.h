/*
 * reader - the statements of a configuration
 *
 * Knows the grammar and the names of the table, not what a value must be.
 * The only file that sees libconfuse.
 */
#ifndef CONF_READER_H
#define CONF_READER_H

#include <stddef.h>

struct arena;
struct complaints;
struct option;

/* Within which titled section a statement stands. */
enum scope { SCOPE_SERVER, SCOPE_REPLY, SCOPE_DOMAIN, SCOPE_MAILBOX };

struct statement {
	enum scope scope;
	const char *title; /* of the scope; "" for the server */
	const struct option *option; /* NULL: the scope begins here */
	int line; /* 0: an empty list */
	size_t count;
	const char *const *words; /* live as long as the arena */
};

typedef void reader_take(void *data, const struct statement *s);

/*
 * Calls `take` for each statement: the server's come first, then replies,
 * domains, mailboxes. What breaks the grammar, is not in the table, or stands
 * twice is complained about; what could be read is taken all the same.
 */
void reader_read(const char *text, size_t size, struct arena *a,
    struct complaints *said, reader_take *take, void *data);

#endif
