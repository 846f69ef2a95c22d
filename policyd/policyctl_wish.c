/*
 * policyctl_wish - reading options
 */
#include "policyctl_wish.h"

#include <getopt.h>
#include <string.h>
#include <sysexits.h>

#include "policyctl.h"
#include "policyctl_option.h"

static int
read_identity(void *into, const char *text)
{
	struct wish *w = into;

	w->selects = true;
	w->wanted.identity = text;
	return EX_OK;
}

static int
read_network(void *into, const char *text)
{
	struct wish *w = into;

	w->wanted.by_network = w->selects = true;
	if (network_parse(&w->wanted.network, text))
		return EX_OK;
	return fail(EX_USAGE,
	    "'%s' is no network, or has bits behind its prefix", text);
}

static int
read_sender(void *into, const char *text)
{
	struct wish *w = into;

	w->selects = true;
	w->wanted.sender = text;
	return EX_OK;
}

static int
read_recipient(void *into, const char *text)
{
	struct wish *w = into;

	w->selects = true;
	w->wanted.recipient = text;
	return EX_OK;
}

static int
read_state(void *into, const char *text)
{
	struct wish *w = into;

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
read_limit(void *into, const char *text)
{
	struct wish *w = into;
	long long limit;
	const int status = option_number("limit", text, &limit);

	w->limit = limit;
	return status;
}

static int
read_dry_run(void *into, const char *text)
{
	struct wish *w = into;

	(void)text;
	w->dry_run = true;
	return EX_OK;
}

static const struct option_row rows[] = {
	{ "identity", WISH_SELECTION, required_argument, read_identity },
	{ "network", WISH_SELECTION, required_argument, read_network },
	{ "sender", WISH_SELECTION, required_argument, read_sender },
	{ "recipient", WISH_SELECTION, required_argument, read_recipient },
	{ "state", WISH_SELECTION, required_argument, read_state },
	{ "limit", WISH_LIMIT, required_argument, read_limit },
	{ "dry-run", WISH_DRY_RUN, no_argument, read_dry_run },
	{ NULL },
};

int
wish_read(
    struct ctl *ctl, struct wish *w, unsigned known, int *argc, char ***argv)
{
	int status;

	*w = (struct wish){ .limit = -1 };
	status = options_read(rows, known, w, argc, argv);
	if (status == EX_OK && w->wanted.identity)
		w->wanted.identity = grey_identity(ctl, w->wanted.identity);
	return status;
}
