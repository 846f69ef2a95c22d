/*
 * policyctl_log - a line of syslog(3) for each change
 */
#include "policyctl_log.h"

#include <pwd.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/text.h"

const char *
author_of(struct arena *a, const char *sudo_user, const char *login,
    unsigned user, const char *host)
{
	const char *name = sudo_user && *sudo_user ? sudo_user : login;
	char *text = name ? arena_printf(a, "%s@%s", name, host)
			  : arena_printf(a, "%u@%s", user, host);

	for (char *p = text; *p; p++)
		if (*p <= ' ' || *p > '~' || *p == ';')
			*p = '_';
	return text;
}

const char *
author(struct arena *a)
{
	const struct passwd *pw = getpwuid(getuid());
	char host[256] = "";

	gethostname(host, sizeof(host) - 1);
	return author_of(a, getenv("SUDO_USER"), pw ? pw->pw_name : NULL,
	    (unsigned)getuid(), host);
}

void
log_change(const char *what, const char *action, const char *by,
    const struct line *fields)
{
	struct line l;

	line_clear(&l);
	line_add(&l, "change");
	line_field(&l, "register", what);
	line_field(&l, "action", action);
	line_field(&l, "by", by);
	line_add(&l, fields->text);
	openlog("policyctl", LOG_PID, LOG_MAIL);
	syslog(LOG_NOTICE, "%s", l.text);
	closelog();
}
