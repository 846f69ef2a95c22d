/*
 * Where the state is kept, unless the configuration says so.
 */
#include <stdlib.h>
#include <unistd.h>

#include "conf/conf.h"
#include "kit/suite.h"

static void
fail_with(void *data, const char *file, int line, const char *text)
{
	(void)data;
	fail_msg("%s:%d: %s", file, line, text);
}

struct row {
	const char *name;
	const char *given, *xdg, *home;
	const char *directory; /* without root */
};

static const struct row rows[] = {
	{ "systemd says where", "/var/lib/x", "/s", "/h", "/var/lib/x" },
	{ "else it is where a user's state is", NULL, "/s", "/h",
	    "/s/policyd" },
	{ "which has a usual place", NULL, NULL, "/h",
	    "/h/.local/state/policyd" },
	{ "several directories of systemd's are none", "/a:/b", "/s", "/h",
	    "/s/policyd" },
	{ "nor is one that begins elsewhere than at the root", "a", "s", "h",
	    "/var/lib/policyd" },
	{ "an empty name is none", "", "", "/h", "/h/.local/state/policyd" },
	{ "without any it is the system's", NULL, NULL, NULL,
	    "/var/lib/policyd" },
};

static void
set_or_unset(const char *name, const char *value)
{
	if (value)
		setenv(name, value, 1);
	else
		unsetenv(name);
}

static void
is_kept(void **state)
{
	const struct row *row = *state;
	const bool root = geteuid() == 0;
	struct conf *c;

	set_or_unset("STATE_DIRECTORY", row->given);
	set_or_unset("XDG_STATE_HOME", row->xdg);
	set_or_unset("HOME", row->home);
	if (root)
		assert_int_equal(seteuid(65534), 0);
	c = conf_parse("", "c", fail_with, NULL);
	assert_non_null(c);
	assert_string_equal(c->state_directory, row->directory);
	conf_unref(c);
	c = conf_parse("state_directory = /elsewhere", "c", fail_with, NULL);
	assert_non_null(c);
	assert_string_equal(c->state_directory, "/elsewhere");
	conf_unref(c);
	if (root)
		assert_int_equal(seteuid(0), 0);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, is_kept);
	return suite_run(&s, "conf/state_directory");
}
