/*
 * policyd - a policy service for Postfix: flags, and the way to the daemon
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "conf/conf.h"
#include "event/events.h"

#include "background.h"
#include "daemon.h"
#include "notify.h"
#include "privileges.h"

static int
usage(FILE *to)
{
	fputs("usage: policyd [-ftvV] [-c FILE]\n"
	      "  -c FILE  configuration, instead of " SYSCONFDIR
	      "/policyd/policyd.conf\n"
	      "  -t       check the configuration and exit\n"
	      "  -f       stay in the foreground, log to standard error\n"
	      "  -v       log more\n"
	      "  -V       print the version\n"
	      "See policyd(8).\n",
	    to);
	return to == stdout ? EX_OK : EX_USAGE;
}

/* For those who try it out: what to tell Postfix, and where to look. */
static void
greet(const struct conf *conf)
{
	static const char *const lists[] = {
		"smtpd_recipient_restrictions = reject_unlisted_recipient, ",
		"smtpd_end_of_data_restrictions = ",
	};
	const char *first = conf->listen.count ? conf->listen.items[0] : "";

	if (*conf->path)
		return;
	log_info("no configuration file, the defaults hold");
	log_info("state is kept in %s", conf->state_directory);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		log_info("for main.cf: %scheck_policy_service "
			 "{ %s, timeout=10s, default_action=DUNNO }",
		    lists[i], first);
	log_info(
	    "to look at it: redis-cli -s %s/redis.sock", conf->state_directory);
}

static int
serve(const struct options *o, struct conf *conf)
{
	struct daemon d;
	int ready = -1, rc = EX_CONFIG;

	if (privileges_group(conf))
		rc = privileges_drop(conf);
	if (rc != 0) {
		conf_unref(conf);
		return rc;
	}
	if (!o->foreground && (ready = background_fork()) < 0) {
		log_error("cannot fork: %m");
		conf_unref(conf);
		return EX_OSERR;
	}
	rc = daemon_open(&d, o, conf);
	if (rc == 0) {
		greet(conf);
		log_info("policyd " VERSION " is ready");
		notify("READY=1");
		daemon_open_log(&d);
		background_ready(ready);
	}
	daemon_run(&d);
	log_info("stopped");
	log_close();
	return rc;
}

/* What the configuration names must be there. */
static int
check(const struct conf *conf)
{
	const bool user = privileges_user(conf), group = privileges_group(conf);

	return events_check(conf) && user && group ? EX_OK : EX_CONFIG;
}

static int
read_options(struct options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "c:ftvVh")) != -1)
		switch (c) {
		case 'c':
			o->conf = optarg;
			break;
		case 'f':
			o->foreground = true;
			break;
		case 't':
			o->test = true;
			break;
		case 'v':
			o->verbose = true;
			break;
		case 'V':
			puts("policyd " VERSION);
			return EX_OK;
		case 'h':
			return usage(stdout);
		default:
			return usage(stderr);
		}
	return optind < argc ? usage(stderr) : -1;
}

/* Started without them (>&-), a socket of ours would get the number of
 * standard error, and the log. */
static void
have_standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int
main(int argc, char **argv)
{
	struct options o = { 0 };
	struct conf *conf;
	int rc;

	have_standard_files();
	rc = read_options(&o, argc, argv);

	if (rc >= 0)
		return rc;
	log_open("policyd", LOG_TO_STDERR, LEVEL_INFO);
	conf = daemon_read_conf(&o);
	if (conf && !o.test)
		return serve(&o, conf);
	rc = conf ? check(conf) : EX_CONFIG;
	if (rc == EX_OK)
		printf("%s: no errors\n",
		    *conf->path ? conf->path : "the defaults");
	conf_unref(conf);
	log_close();
	return rc;
}
