/*
 * privileges - mkdir, chown, setgid, setuid
 */
#include "privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/conf.h"

static int
give_directory(const char *path, const struct passwd *pw)
{
	if ((mkdir(path, 0700) < 0 && errno != EEXIST) ||
	    chown(path, pw->pw_uid, pw->pw_gid) < 0) {
		log_error("cannot give '%s' to user '%s': %s", path,
		    pw->pw_name, strerror(errno));
		return EX_CANTCREAT;
	}
	return 0;
}

int
privileges_drop(const struct conf *conf)
{
	const struct passwd *pw;
	int rc;

	if (geteuid() != 0)
		return 0;
	if (!*conf->user) {
		log_warning("running as root; better name a 'user'");
		return 0;
	}
	pw = getpwnam(conf->user);
	if (!pw) {
		log_error("there is no user '%s'", conf->user);
		return EX_NOUSER;
	}
	if ((rc = give_directory(conf->state_directory, pw)) != 0)
		return rc;
	if (initgroups(pw->pw_name, pw->pw_gid) < 0 || setgid(pw->pw_gid) < 0 ||
	    setuid(pw->pw_uid) < 0) {
		log_error(
		    "cannot become user '%s': %s", conf->user, strerror(errno));
		return EX_NOPERM;
	}
	return 0;
}
