/*
 * policyctl_export - domains or mailboxes as a table that import reads
 *
 * Keys are walked through twice: which options there are is in the head.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "policyctl.h"
#include "policyctl_change.h"
#include "policyctl_holder.h"
#include "policyctl_option.h"
#include "policyctl_origin.h"
#include "policyctl_redis.h"
#include "policyctl_seen.h"

enum { COLUMNS = 255 }; /* of options; import takes no more */

struct table {
	struct ctl *ctl;
	struct seen *seen; /* names of options */
	size_t count;
	const char *names[COLUMNS];
};

/* What is no option, import would not take. */
static bool
take_names(void *data, const struct holder *h)
{
	struct table *t = data;

	for (size_t i = 0; i < h->count && t->count < COLUMNS; i++) {
		const char *name = h->fields[i].name;

		if (origin_is_option(name, t->ctl->mailboxes) &&
		    !seen_before(t->seen, name))
			t->names[t->count++] = arena_strdup(
			    t->ctl->arena, name);
	}
	return true;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* A line has one line: what would end it is a blank, as for policyd. */
static void
put_cell(const char *text)
{
	const bool quotes = text[strcspn(text, ",\"; ")] != '\0';

	if (quotes)
		putchar('"');
	for (; *text; text++) {
		if (*text == '"')
			putchar('"');
		putchar((unsigned char)*text < ' ' ? ' ' : *text);
	}
	if (quotes)
		putchar('"');
}

static bool
put_row(void *data, const struct holder *h)
{
	const struct table *t = data;

	put_cell(h->address);
	for (size_t i = 0; i < t->count; i++) {
		const char *value = holder_field(h, t->names[i]);

		putchar(',');
		put_cell(value ? value : "");
	}
	putchar('\n');
	return !ferror(stdout);
}

static void
put_head(const struct table *t)
{
	printf("address");
	for (size_t i = 0; i < t->count; i++)
		printf(",%s", t->names[i]);
	putchar('\n');
}

static int
export_table(struct table *t, const char *pattern)
{
	const char *kind = holder_kind(t->ctl);
	struct door *d = holder_door(t->ctl);
	int status;

	t->seen = seen_new();
	if (holders_walk(t->ctl, d, kind, pattern, take_names, t)) {
		qsort(t->names, t->count, sizeof(t->names[0]), by_name);
		put_head(t);
		holders_walk(t->ctl, d, kind, pattern, put_row, t);
	}
	seen_free(t->seen);
	status = register_status(d);
	door_close(d);
	return status;
}

static const struct option_row no_rows[] = { { NULL } };

static int
run_kind(struct ctl *ctl, int argc, char **argv)
{
	struct table *t = arena_alloc(ctl->arena, sizeof(*t));
	int status;

	ctl->mailboxes = !strcmp(argv[0], "mailboxes");
	t->ctl = ctl;
	status = options_read(no_rows, 0, NULL, &argc, &argv);
	if (status != EX_OK)
		return status;
	if (argc > 1)
		return fail(EX_USAGE, "export: '%s' is too much", argv[1]);
	return export_table(t, argc ? argv[0] : NULL);
}

static const struct command commands[] = {
	{ "domains", "[PATTERN]", "domains, and what is set for them",
	    run_kind },
	{ "mailboxes", "[PATTERN]", "mailboxes and aliases", run_kind },
	{ NULL },
};

int
run_export(struct ctl *ctl, int argc, char **argv)
{
	return commands_run(
	    commands, "policyctl export", ctl, argc - 1, argv + 1);
}
