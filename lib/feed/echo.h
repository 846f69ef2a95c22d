/*
 * echo - our own words, when they come back in the log
 *
 * What policyd refused is in the log as a refusal, and a login that it would
 * not allow as a failed one. Would they count, one listing would make the
 * next. They are known by the text of the reply as it is configured: by the
 * longest piece of it between two %{...}; and by what Dovecot was told.
 */
#ifndef FEED_ECHO_H
#define FEED_ECHO_H

#include "conf/conf.h"
#include "feed/maillog.h"
#include "register/refusals.h"

struct echo {
	struct span of[REPLY_COUNT + LOGIN_REFUSALS]; /* of texts that last */
};

void echo_init(struct echo *e, const struct conf *conf);

/* Anywhere in it: nobody gains by making a refusal look like ours. */
bool echo_heard(const struct echo *e, struct span reply);

#endif
