/*
 * policyctl_command - tables of commands, and what to say about a wrong word
 */
#include "policyctl.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/text.h"
#include "policyctl_out.h"

int
fail(int status, const char *format, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	fflush(stdout);
	fputs("policyctl: ", stderr);
	out_text(stderr, text);
	fputc('\n', stderr);
	return status;
}

const char *
nearest(const char *word, const void *names, size_t stride)
{
	const char *best = NULL, *name;
	unsigned least = 3; /* further off is another word, not a slip */

	for (const char *at = names; (name = *(const char *const *)at);
	     at += stride) {
		const unsigned d = text_distance(word, name);

		if (d < least && d < strlen(name)) {
			least = d;
			best = name;
		}
	}
	return best;
}

/* Those of that name, or all: a command may have two rows. */
static void
list(const struct command *table, const char *name)
{
	for (; table->name; table++)
		if (!name || !strcmp(table->name, name))
			printf("\n  %s%s%s\n      %s\n", table->name,
			    *table->usage ? " " : "", table->usage,
			    table->help);
}

void
commands_list(const struct command *table)
{
	list(table, NULL);
}

static bool
asks_for_help(const char *word)
{
	return !strcmp(word, "-h") || !strcmp(word, "--help");
}

static int
help(const struct command *table, const char *path, const char *name)
{
	printf("usage: %s COMMAND ...\n", path);
	list(table, name);
	return EX_OK;
}

static int
unknown_command(const struct command *table, const char *path, const char *name)
{
	const char *hint = nearest(name, table, sizeof(*table));

	if (hint)
		return fail(EX_USAGE,
		    "unknown command '%s': did you mean '%s'?", name, hint);
	return fail(
	    EX_USAGE, "unknown command '%s': '%s -h' lists them", name, path);
}

int
commands_run(const struct command *table, const char *path, struct ctl *ctl,
    int argc, char **argv)
{
	if (argc < 1)
		return fail(EX_USAGE, "no command: '%s -h' lists them", path);
	if (asks_for_help(argv[0]))
		return help(table, path, NULL);
	for (const struct command *c = table; c->name; c++) {
		if (strcmp(c->name, argv[0]) != 0)
			continue;
		if (argc > 1 && !c->group && asks_for_help(argv[1]))
			return help(table, path, c->name);
		return c->run(ctl, argc, argv);
	}
	return unknown_command(table, path, argv[0]);
}
