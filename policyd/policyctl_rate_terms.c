/*
 * policyctl_rate_terms - reading the options of `rate`, and names of meters
 */
#include "policyctl_rate_terms.h"

#include <string.h>
#include <sysexits.h>

#include "policyctl.h"
#include "policyctl_option.h"
#include "policyctl_rate.h"
#include "policyctl_when.h"

/* -- meters -- */

static int
no_such_kind(const char *text)
{
	const char *names[RATE_METERS + 1] = { 0 };
	const char *hint;

	for (int k = 0; k < RATE_METERS; k++)
		names[k] = rate_kind_name((enum rate_kind)k);
	hint = nearest(text, names, sizeof(*names));
	if (hint)
		return fail(EX_USAGE, "unknown meter '%s': did you mean '%s'?",
		    text, hint);
	return fail(EX_USAGE,
	    "unknown meter '%s': it is messages, recipients, bytes, networks "
	    "or refused",
	    text);
}

static bool
read_kind(struct meter_wish *w, const char *text, size_t size)
{
	for (int k = 0; k < RATE_METERS; k++) {
		const char *name = rate_kind_name((enum rate_kind)k);

		if (strlen(name) == size && !strncmp(name, text, size)) {
			w->by_kind = true;
			w->kind = (enum rate_kind)k;
			return true;
		}
	}
	return false;
}

bool
meter_wish_parse(struct meter_wish *w, const char *text)
{
	const char *slash = strchr(text, '/');

	*w = (struct meter_wish){ .by_window = slash != NULL };
	return read_kind(
		   w, text, slash ? (size_t)(slash - text) : strlen(text)) &&
	    (!slash || when_span(slash + 1, &w->seconds));
}

int
meter_wish_read(struct meter_wish *w, const char *text)
{
	if (meter_wish_parse(w, text))
		return EX_OK;
	if (w->by_kind)
		return fail(EX_USAGE, "'%s': '%s' is no time such as 1h or 1d",
		    text, strchr(text, '/') + 1);
	return no_such_kind(text);
}

bool
meter_wish_means(const struct meter_wish *w, const struct gauge *g)
{
	return (!w->by_kind || w->kind == g->meter.kind) &&
	    (!w->by_window || w->seconds == g->meter.limit.seconds);
}

/* -- options -- */

static int
read_meter(void *into, const char *text)
{
	struct rate_terms *t = into;

	return meter_wish_read(&t->meter, text);
}

static int
read_over(void *into, const char *text)
{
	struct rate_terms *t = into;

	return option_number("over", text, &t->over);
}

static int
read_limit(void *into, const char *text)
{
	struct rate_terms *t = into;

	return option_number("limit", text, &t->limit);
}

static int
read_users(void *into, const char *text)
{
	struct rate_terms *t = into;

	(void)text;
	t->users = true;
	return EX_OK;
}

static int
read_domains(void *into, const char *text)
{
	struct rate_terms *t = into;

	(void)text;
	t->domains = true;
	return EX_OK;
}

static int
read_clients(void *into, const char *text)
{
	struct rate_terms *t = into;

	(void)text;
	t->clients = true;
	return EX_OK;
}

static int
read_grants(void *into, const char *text)
{
	struct rate_terms *t = into;

	(void)text;
	t->grants = true;
	return EX_OK;
}

static int
read_for(void *into, const char *text)
{
	struct rate_terms *t = into;

	if (when_span(text, &t->seconds))
		return EX_OK;
	return fail(
	    EX_USAGE, "--for: '%s' is no time such as 15m, 2h or 1d", text);
}

/* By Redis' clock, which has not been asked yet. */
static int
read_until(void *into, const char *text)
{
	struct rate_terms *t = into;

	t->until = text;
	return EX_OK;
}

static const struct option_row rows[] = {
	{ "meter", RATE_TERMS_METER, 1, read_meter },
	{ "over", RATE_TERMS_LIST, 1, read_over },
	{ "limit", RATE_TERMS_LIST | RATE_TERMS_TOP, 1, read_limit, 'n' },
	{ "users", RATE_TERMS_TOP, 0, read_users },
	{ "domains", RATE_TERMS_TOP, 0, read_domains },
	{ "clients", RATE_TERMS_TOP, 0, read_clients },
	{ "grants", RATE_TERMS_RESET, 0, read_grants },
	{ "for", RATE_TERMS_GRANT, 1, read_for },
	{ "until", RATE_TERMS_GRANT, 1, read_until },
	{ NULL },
};

int
rate_terms_read(struct rate_terms *t, unsigned known, int *argc, char ***argv)
{
	*t = (struct rate_terms){ .over = -1, .limit = -1 };
	return options_read(rows, known, t, argc, argv);
}
