/*
 * policyctl_wish - reading options
 */
#include "policyctl_wish.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "policyctl.h"

static int
read_network(struct wish *w, const char *text)
{
	w->wanted.by_network = w->selects = true;
	if (network_parse(&w->wanted.network, text))
		return EX_OK;
	return fail(EX_USAGE,
	    "'%s' is no network, or has bits behind its prefix", text);
}

static int
read_sender(struct wish *w, const char *text)
{
	w->selects = true;
	w->wanted.sender = text;
	return EX_OK;
}

static int
read_recipient(struct wish *w, const char *text)
{
	w->selects = true;
	w->wanted.recipient = text;
	return EX_OK;
}

static int
read_state(struct wish *w, const char *text)
{
	if (!strcmp(text, "fresh"))
		w->wanted.state = GREY_FRESH;
	else if (!strcmp(text, "passed"))
		w->wanted.state = GREY_PASSED;
	else
		return fail(EX_USAGE,
		    "unknown state '%s': it is fresh or passed", text);
	return EX_OK;
}

static int
read_limit(struct wish *w, const char *text)
{
	char *end;

	w->limit = strtoll(text, &end, 10);
	if (end == text || *end || w->limit < 0)
		return fail(EX_USAGE, "--limit: '%s' is no number", text);
	return EX_OK;
}

static int
read_dry_run(struct wish *w, const char *text)
{
	(void)text;
	w->dry_run = true;
	return EX_OK;
}

static const struct row {
	const char *name;
	unsigned of;
	int has_value;
	int (*read)(struct wish *, const char *value);
} rows[] = {
	{ "network", WISH_SELECTION, required_argument, read_network },
	{ "sender", WISH_SELECTION, required_argument, read_sender },
	{ "recipient", WISH_SELECTION, required_argument, read_recipient },
	{ "state", WISH_SELECTION, required_argument, read_state },
	{ "limit", WISH_LIMIT, required_argument, read_limit },
	{ "dry-run", WISH_DRY_RUN, no_argument, read_dry_run },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static int
wrong_option(const struct option *options, const char *word)
{
	const char *hint = nearest(
	    word + strspn(word, "-"), options, sizeof(*options));

	for (; options->name; options++)
		if (!strcmp(options->name, word + strspn(word, "-")))
			return fail(EX_USAGE, "%s: its value is missing", word);
	if (hint)
		return fail(EX_USAGE,
		    "unknown option '%s': did you mean '--%s'?", word, hint);
	return fail(EX_USAGE, "unknown option '%s'", word);
}

int
wish_read(struct wish *w, unsigned known, int *argc, char ***argv)
{
	struct option options[ROWS + 1] = { 0 };
	int count = 0, of_row[ROWS], option, at, status;

	*w = (struct wish){ .limit = -1 };
	for (int i = 0; i < ROWS; i++)
		if (rows[i].of & known) {
			of_row[count] = i;
			options[count++] = (struct option){ rows[i].name,
				rows[i].has_value, NULL, 1 };
		}
	optind = 0; /* main has read options too */
	opterr = 0;
	while ((option = getopt_long(*argc, *argv, "+", options, &at)) != -1) {
		if (option != 1)
			return wrong_option(options, (*argv)[optind - 1]);
		status = rows[of_row[at]].read(w, optarg);
		if (status != EX_OK)
			return status;
	}
	*argc -= optind;
	*argv += optind;
	return EX_OK;
}
