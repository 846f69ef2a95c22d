/*
 * settling - says so when Postfix never tells how messages end
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

	if (unsettled_look(&d->unsettled, c, d->conf, clock_unix(d->clock)))
		log_warning("rate: %llu transactions were charged, and none "
			    "has come to its end: nothing counts. Postfix must "
			    "ask there, too; main.cf: "
			    "smtpd_end_of_data_restrictions = "
			    "check_policy_service ... as in "
			    "smtpd_recipient_restrictions. Or else "
			    "policyd.conf: rate { settle = rcpt }",
		    (unsigned long long)(c->released - d->unsettled.released));
}
