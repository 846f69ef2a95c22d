/*
 * policyctl_terms - reading the options of registers and lists
 */
#include "policyctl_terms.h"

#include <getopt.h>
#include <sysexits.h>
#include <time.h>

#include "policyctl.h"
#include "policyctl_option.h"
#include "policyctl_when.h"

static int
read_network(void *into, const char *text)
{
	struct terms *t = into;

	t->by_network = t->selects = true;
	if (network_parse(&t->network, text))
		return EX_OK;
	return fail(EX_USAGE,
	    "'%s' is no network, or has bits behind its prefix", text);
}

static int
read_reason(void *into, const char *text)
{
	struct terms *t = into;

	t->selects = true;
	t->reason = text;
	return EX_OK;
}

static int
read_by(void *into, const char *text)
{
	struct terms *t = into;

	t->selects = true;
	t->by = text;
	return EX_OK;
}

static int
read_before(void *into, const char *text)
{
	struct terms *t = into;

	t->selects = true;
	if (when_moment(text, time(NULL), &t->before))
		return EX_OK;
	return fail(EX_USAGE,
	    "--before: '%s' is no time such as 1h, 2026-11-21 or "
	    "\"2026-11-21 17:45\"",
	    text);
}

static int
read_level(void *into, const char *text)
{
	struct terms *t = into;
	long long level;
	const int status = option_number("level", text, &level);

	t->by_level = t->selects = true;
	t->level = level;
	return status;
}

static int
read_listed(void *into, const char *text)
{
	struct terms *t = into;

	(void)text;
	t->listed = t->selects = true;
	return EX_OK;
}

static int
read_limit(void *into, const char *text)
{
	struct terms *t = into;
	long long limit;
	const int status = option_number("limit", text, &limit);

	t->limit = limit;
	return status;
}

static int
read_dry_run(void *into, const char *text)
{
	struct terms *t = into;

	(void)text;
	t->dry_run = true;
	return EX_OK;
}

static int
read_all(void *into, const char *text)
{
	struct terms *t = into;

	(void)text;
	t->all = true;
	return EX_OK;
}

static int
read_for(void *into, const char *text)
{
	struct terms *t = into;

	if (when_span(text, &t->seconds))
		return EX_OK;
	return fail(
	    EX_USAGE, "--for: '%s' is no time such as 15m, 1h or 30d", text);
}

static int
read_permanent(void *into, const char *text)
{
	struct terms *t = into;

	(void)text;
	t->permanent = true;
	return EX_OK;
}

static int
read_force(void *into, const char *text)
{
	struct terms *t = into;

	(void)text;
	t->force = true;
	return EX_OK;
}

static int
read_name(void *into, const char *text)
{
	struct terms *t = into;

	t->name = text;
	return EX_OK;
}

static const struct option_row rows[] = {
	{ "network", TERMS_SELECTION, required_argument, read_network },
	{ "reason", TERMS_SELECTION | TERMS_NEW | TERMS_REASON,
	    required_argument, read_reason },
	{ "by", TERMS_SELECTION | TERMS_BY, required_argument, read_by },
	{ "before", TERMS_SELECTION, required_argument, read_before },
	{ "level", TERMS_SELECTION, required_argument, read_level },
	{ "listed", TERMS_SELECTION | TERMS_LISTED, no_argument, read_listed },
	{ "limit", TERMS_LIMIT, required_argument, read_limit },
	{ "dry-run", TERMS_DRY_RUN, no_argument, read_dry_run },
	{ "all", TERMS_DRY_RUN, no_argument, read_all },
	{ "for", TERMS_NEW, required_argument, read_for },
	{ "permanent", TERMS_NEW, no_argument, read_permanent },
	{ "force", TERMS_NEW | TERMS_FORCE, no_argument, read_force },
	{ "name", TERMS_NAME, required_argument, read_name },
	{ NULL },
};

int
terms_read(struct terms *t, unsigned known, int *argc, char ***argv)
{
	*t = (struct terms){ .limit = -1, .name = "" };
	return options_read(rows, known, t, argc, argv);
}
