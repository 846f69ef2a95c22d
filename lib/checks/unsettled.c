/*
 * unsettled - none of many
 */
#include "checks/unsettled.h"

#include "conf/conf.h"

void
unsettled_begin(struct unsettled *u, const struct check_counts *rate)
{
	*u = (struct unsettled){ .committed = rate->committed,
		.released = rate->released };
}

bool
unsettled_look(struct unsettled *u, const struct check_counts *rate,
    const struct conf *conf, int64_t now)
{
	if (conf->settings.rate.settle != SETTLE_END_OF_MESSAGE ||
	    rate->committed > u->committed ||
	    rate->released < u->released + UNSETTLED_MANY ||
	    (u->told != 0 && now < u->told + UNSETTLED_SECONDS))
		return false;
	u->told = now;
	return true;
}
