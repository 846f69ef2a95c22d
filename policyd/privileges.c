/*
 * privileges - mkdir, chown, setgid, setuid
 */
#include "privileges.h"

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/conf.h"
#include "conf/near.h"

static bool
is_empty(const char *path)
{
	DIR *d = opendir(path);
	unsigned entries = 0;

	if (!d)
		return false;
	while (readdir(d))
		entries++;
	closedir(d);
	return entries <= 2; /* "." and ".." */
}

/* A directory named by mistake must not change hands. */
static bool
may_give(const char *path, const struct passwd *pw)
{
	struct stat st;

	return stat(path, &st) == 0 &&
	    (st.st_uid == pw->pw_uid || is_empty(path));
}

static int
give_directory(const char *path, const struct passwd *pw)
{
	if (mkdir(path, 0700) < 0 && !may_give(path, pw)) {
		log_error("cannot give '%s' to user '%s': it is neither new "
			  "nor empty nor his",
		    path, pw->pw_name);
		return EX_CANTCREAT;
	}
	if (chown(path, pw->pw_uid, pw->pw_gid) < 0) {
		log_error("cannot give '%s' to user '%s': %s", path,
		    pw->pw_name, strerror(errno));
		return EX_CANTCREAT;
	}
	return 0;
}

static struct near
nearest_user(const char *name)
{
	struct near n = near_to(name);
	const struct passwd *pw;

	setpwent();
	while ((pw = getpwent()))
		near_try(&n, pw->pw_name);
	endpwent();
	return n;
}

static struct near
nearest_group(const char *name)
{
	struct near n = near_to(name);
	const struct group *group;

	setgrent();
	while ((group = getgrent()))
		near_try(&n, group->gr_name);
	endgrent();
	return n;
}

static void
report(const struct conf *conf, const char *option, const char *kind,
    const struct near *n)
{
	const char *ask = *n->name ? ", did you mean '" : "";

	log_error("%s:%d: %s: there is no %s '%s'%s%s%s", conf->path,
	    conf_line(conf, "", option), option, kind, n->meant, ask, n->name,
	    *n->name ? "'?" : "");
}

/* Of the option; NULL when there is none of that name, and told. */
static const struct passwd *
find_user(const struct conf *conf)
{
	const struct passwd *pw = getpwnam(conf->user);
	struct near n;

	if (pw)
		return pw;
	n = nearest_user(conf->user);
	report(conf, "user", "user", &n);
	return NULL;
}

bool
privileges_user(const struct conf *conf)
{
	return !*conf->user || find_user(conf);
}

bool
privileges_group(const struct conf *conf)
{
	struct near n;

	if (!*conf->socket_group || getgrnam(conf->socket_group))
		return true;
	n = nearest_group(conf->socket_group);
	report(conf, "socket_group", "group", &n);
	return false;
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
	pw = find_user(conf);
	if (!pw)
		return EX_NOUSER;
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
