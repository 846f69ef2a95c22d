/*
 * policyctl - what policyd knows, would say, and should forget
 *
 * A command is a row of a table; a group (greylist) is a command with a table
 * of its own. Commands return an exit status of sysexits(3) and have printed
 * by then what went wrong.
 */
#ifndef POLICYD_POLICYCTL_H
#define POLICYD_POLICYCTL_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct conf;
struct shelf;

struct ctl {
	struct arena *arena; /* of the whole run */
	struct conf *conf;
	bool json;
	const struct shelf *shelf; /* that a group's command is about */
	bool mailboxes; /* it is about those, not about domains */
};

struct command {
	const char *name;
	const char *usage; /* what follows the name */
	const char *help; /* one line */
	int (*run)(struct ctl *, int argc, char **argv);
	bool group; /* of commands, with a -h of its own */
};

/* `argv[0]` is the name; a table ends with a row without one. `path` is what
 * stands before the name, for errors and help. */
int commands_run(const struct command *table, const char *path, struct ctl *ctl,
    int argc, char **argv);

/* All commands of a table, with their help. */
void commands_list(const struct command *table);

/* "policyctl: thing: reason" on standard error; returns `status`. */
int fail(int status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The name in a list that `word` was probably meant to be, or NULL. Names are
 * `stride` bytes apart, as in an array of structs that begin with one, and end
 * with NULL. */
const char *nearest(const char *word, const void *names, size_t stride);

int run_account(struct ctl *, int argc, char **argv);
int run_deny(struct ctl *, int argc, char **argv);
int run_explain(struct ctl *, int argc, char **argv);
int run_export(struct ctl *, int argc, char **argv);
int run_feed(struct ctl *, int argc, char **argv);
int run_greylist(struct ctl *, int argc, char **argv);
int run_holder(struct ctl *, int argc, char **argv);
int run_import(struct ctl *, int argc, char **argv);
int run_rate(struct ctl *, int argc, char **argv);
int run_register(struct ctl *, int argc, char **argv);
int run_spf(struct ctl *, int argc, char **argv);
int run_status(struct ctl *, int argc, char **argv);
int run_why(struct ctl *, int argc, char **argv);

#endif
