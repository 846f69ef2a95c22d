/*
 * forms - what programs say about clients; within lib/feed only
 *
 * A form begins with words of the program's own; `read` looks at what follows
 * and fills in the event. False: it is something else after all.
 */
#ifndef FEED_FORMS_H
#define FEED_FORMS_H

#include "feed/maillog.h"

struct form {
	const char *begin;
	enum event_kind kind;
	bool (*read)(struct span rest, struct event *e);
};

extern const struct form postfix_forms[]; /* of smtpd */
extern const struct form login_forms[]; /* of imap-login and its like */
extern const struct form auth_forms[]; /* of auth and auth-worker */

/* Tries a table, which ends with a form without a beginning. */
bool forms_read(const struct form *forms, struct span message, struct event *e);

#endif
