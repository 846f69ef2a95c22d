/*
 * policyctl - flags, the configuration, the table of commands
 */
#include "policyctl.h"

#include <errno.h>
#include <getopt.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "conf/conf.h"

#define CONF_FILE SYSCONFDIR "/policyd/policyd.conf"

static const struct command commands[] = {
	{ "explain", "[-v] [FILE | NAME=VALUE ...]",
	    "what every check would say about a request; writes nothing",
	    run_explain },
	{ "feed",
	    "[--once] [--dry-run] [--logins own | auth | none] [--errors N] "
	    "[--scans N] [FILE ...]",
	    "read the mail log, fill the registers", run_feed },
	{ "greylist", "list | show | del ...",
	    "triplets that wait or have passed, identities that are known",
	    run_greylist, true },
	{ "access", "list | show | add | del | clear ...",
	    "who may connect at all, or may not", run_register, true },
	{ "allow", "list | show | add | del | clear ...",
	    "who meets no check for bad clients", run_register, true },
	{ "trusted", "list | show | add | del | clear ...",
	    "clients of our own, where trusted has redis:", run_register,
	    true },
	{ "ban", "list | show | add | del | clear | history ...",
	    "clients and networks that are banned", run_register, true },
	{ "abuse", "list | show | add | del | clear | history ...",
	    "clients with too many failed logins", run_register, true },
	{ "spam", "list | show | add | del | clear | history | report ...",
	    "clients that users reported as sources of spam", run_register,
	    true },
	{ "account", "list | show | unlock | disable | enable | forget ...",
	    "mailboxes that are locked, or may not be used", run_account,
	    true },
	{ "domain", "list | show | set | unset | del ...",
	    "domains of ours, and what is set for them", run_holder, true },
	{ "mailbox", "list | show | set | unset | del ...",
	    "the same of mailboxes", run_holder, true },
	{ "deny", "list | show | add | del | clear ...",
	    "senders that a domain or mailbox does not want", run_deny, true },
	{ "rate", "show | list | top | reset | grant | revoke ...",
	    "how much was sent, by whom, and how much more may be", run_rate,
	    true },
	{ "import", "[--dry-run] [--format csv | mailenable] [FILE]",
	    "many domains and mailboxes at once", run_import },
	{ "export", "domains | mailboxes [PATTERN]",
	    "them as a table that import reads", run_export, true },
	{ "why", "CLIENT [--name HOST] | USER@DOMAIN",
	    "what is held against it, or for it, and how to lift it", run_why },
	{ "spf", "CLIENT HELO SENDER",
	    "what the sender's domain says about a client, term by term",
	    run_spf },
	{ "status", "", "Redis, registers, the policyd nodes, the daemon here",
	    run_status },
	{ NULL }
};

static void
complain(void *data, const char *file, int line, const char *text)
{
	(void)data;
	if (line)
		fail(EX_CONFIG, "%s:%d: %s", file, line, text);
	else
		fail(EX_CONFIG, "%s: %s", file, text);
}

/* As policyd does: the named file, or the usual one if there is one. */
static struct conf *
read_conf(const char *path)
{
	if (!path && access(CONF_FILE, F_OK) == 0)
		path = CONF_FILE;
	return conf_read(path, complain, NULL);
}

/* --json is good before and behind the command; it is taken out here. */
static bool
take_json(int *argc, char **argv)
{
	int kept = 0;
	bool found = false, words = false;

	for (int i = 0; i < *argc; i++) {
		words |= !strcmp(argv[i], "--");
		if (!words && !strcmp(argv[i], "--json"))
			found = true;
		else
			argv[kept++] = argv[i];
	}
	argv[kept] = NULL;
	*argc = kept;
	return found;
}

static int
usage(int status)
{
	FILE *to = status == EX_OK ? stdout : stderr;

	fputs("usage: policyctl [-c FILE] [--json] COMMAND ...\n"
	      "       policyctl -h | -V\n",
	    to);
	if (status == EX_OK)
		commands_list(commands);
	return status;
}

static int
run(const char *path, bool json, int argc, char **argv)
{
	struct ctl ctl = { .arena = arena_new(), .json = json };
	int status = EX_CONFIG;

	if ((ctl.conf = read_conf(path)))
		status = commands_run(commands, "policyctl", &ctl, argc, argv);
	conf_unref(ctl.conf);
	arena_release(ctl.arena);
	arena_pool_clear();
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	return errno == EPIPE ? EX_IOERR
			      : fail(EX_IOERR, "standard output: %m");
}

int
main(int argc, char **argv)
{
	static const struct option options[] = { { "help", 0, 0, 'h' },
		{ "version", 0, 0, 'V' }, { 0 } };
	const bool json = take_json(&argc, argv);
	const char *path = NULL;
	int c;

	setlocale(LC_TIME, "");
	signal(SIGPIPE, SIG_IGN); /* a socket may be gone when we write */
	while ((c = getopt_long(argc, argv, "+c:hV", options, NULL)) != -1)
		switch (c) {
		case 'c':
			path = optarg;
			break;
		case 'h':
			return usage(EX_OK);
		case 'V':
			puts("policyctl " VERSION);
			return EX_OK;
		default:
			return usage(EX_USAGE);
		}
	if (optind == argc)
		return usage(EX_USAGE);
	return run(path, json, argc - optind, argv + optind);
}
