/*
 * policyctl_option - the options of a command, as rows of a table
 *
 * Commands of a group share a table and say which rows they know. Options may
 * stand before and behind the other words; "--" ends them.
 */
#ifndef POLICYD_POLICYCTL_OPTION_H
#define POLICYD_POLICYCTL_OPTION_H

struct option_row {
	const char *name; /* NULL ends the table */
	unsigned of; /* bits; a row is known when one of them is asked for */
	int has_value; /* no_argument, required_argument */

	/* EX_OK, or the status when `value` was wrong, and said. */
	int (*read)(void *into, const char *value);

	char letter; /* the same in short: -n; 0: it has none */
};

enum { OPTION_ROWS = 24 };

/* `*argc` and `*argv` are moved on to the words that are no options. */
int options_read(const struct option_row *rows, unsigned known, void *into,
    int *argc, char ***argv);

/* A number from 0; what is none is said. */
int option_number(const char *name, const char *text, long long *out);

#endif
