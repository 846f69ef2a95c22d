/*
 * settling - says so when Postfix does not tell how messages end
 */
#include "base/log.h"
#include "checks/checks.h"
#include "engine/engine.h"

#include "daemon.h"

static const struct check_counts *
counts_of_rate(const struct daemon *d)
{
	size_t i = 0;

	while (checks[i] != &check_rate)
		i++;
	return engine_check_counts(d->engine, i);
}

void
settling_begin(struct daemon *d)
{
	unsettled_begin(&d->unsettled, counts_of_rate(d));
}

void
settling_look(struct daemon *d)
{
	const struct check_counts *c = counts_of_rate(d);
	const struct unsettled *u = &d->unsettled;

	if (unsettled_look(&d->unsettled, c, d->conf, clock_unix(d->clock)))
		log_warning("rate: %llu transactions were charged and given "
			    "back, %llu came to their end: only these count. "
			    "Postfix must ask there, too; main.cf: "
			    "smtpd_end_of_data_restrictions = "
			    "check_policy_service ... as in "
			    "smtpd_recipient_restrictions, for each service of "
			    "master.cf that has its own. Or else policyd.conf: "
			    "rate { settle = rcpt }",
		    (unsigned long long)(c->released - u->released),
		    (unsigned long long)(c->committed - u->committed));
}
