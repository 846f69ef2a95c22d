/*
 * unsettled - few of many
 */
#include "checks/unsettled.h"

#include "conf/conf.h"

void
unsettled_begin(struct unsettled *u, const struct check_counts *rate)
{
	*u = (struct unsettled){ .committed = rate->committed,
		.released = rate->released };
}

static bool
most_were_given_back(const struct unsettled *u, const struct check_counts *rate)
{
	const uint64_t released = rate->released - u->released;

	return released >= UNSETTLED_MANY &&
	    rate->committed - u->committed < released;
}

bool
unsettled_look(struct unsettled *u, const struct check_counts *rate,
    const struct conf *conf, int64_t now)
{
	if (u->since == 0)
		u->since = now;
	if (conf->settings.rate.settle == SETTLE_END_OF_MESSAGE &&
	    most_were_given_back(u, rate) &&
	    (u->told == 0 || now >= u->told + UNSETTLED_SECONDS)) {
		u->told = now;
		return true;
	}
	if (now >= u->since + UNSETTLED_SECONDS)
		*u = (struct unsettled){ .committed = rate->committed,
			.released = rate->released,
			.since = now,
			.told = u->told };
	return false;
}
