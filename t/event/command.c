/*
 * A program that is run for each event: what it gets, and what it may not do.
 */
#include "event/command.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "kit/herald.h"
#include "kit/suite.h"

static int
setup(void **state)
{
	*state = herald_open();
	return 0;
}

static int
teardown(void **state)
{
	herald_close(*state);
	return 0;
}

/* The script is what the events are told to from now on. */
static void
told(struct herald *h, const char *body)
{
	herald_script(h, "told", body);
	herald_configure(h, "command = \"PLACE/told\"");
}

/* In place of libuv's: some of it may fail. */
static int init_fails, start_fails;

int
uv_poll_init(uv_loop_t *loop, uv_poll_t *poll, int fd)
{
	int (*libuv)(uv_loop_t *, uv_poll_t *, int);

	*(void **)&libuv = dlsym(RTLD_NEXT, "uv_poll_init");
	return init_fails ? init_fails : libuv(loop, poll, fd);
}

int
uv_poll_start(uv_poll_t *poll, int events, uv_poll_cb told_of)
{
	int (*libuv)(uv_poll_t *, int, uv_poll_cb);

	*(void **)&libuv = dlsym(RTLD_NEXT, "uv_poll_start");
	return start_fails ? start_fails : libuv(poll, events, told_of);
}

static bool
did(struct herald *h, enum told how, unsigned often)
{
	return herald_told(h, "rate_near", BY_COMMAND, how) == often;
}

static unsigned
lines_of(const char *text)
{
	unsigned n = 0;

	for (; text && (text = strchr(text, '\n')); text++)
		n++;
	return n;
}

static void
it_reads_the_event_and_its_end(void **state)
{
	struct herald *h = *state;

	told(h, "cat >read; echo end >>read");
	verdict_number(&h->verdict, "used", 80);
	herald_raise(h, "rate_near");
	HERALD_UNTIL(h, did(h, TOLD, 1));
	assert_non_null(
	    strstr(herald_file(h, "read"), "{\"event\":\"rate_near\","));
	assert_non_null(strstr(herald_file(h, "read"), "\"used\":80}\nend\n"));
}

static void
its_one_argument_is_the_name_of_the_event(void **state)
{
	struct herald *h = *state;

	told(h, "echo \"$# $1\" >read");
	herald_raise(h, "rate_near");
	HERALD_UNTIL(h, did(h, TOLD, 1));
	assert_string_equal(herald_file(h, "read"), "1 rate_near\n");
}

static void
its_environment_has_the_usual_path_and_the_name_of_the_event(void **state)
{
	struct herald *h = *state;

	setenv("SECRET", "sesame", 1);
	told(h, "tr '\\0' '\\n' </proc/$$/environ >read");
	herald_raise(h, "rate_near");
	HERALD_UNTIL(h, did(h, TOLD, 1));
	assert_string_equal(herald_file(h, "read"),
	    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	    "\nPOLICYD_EVENT=rate_near\n");
}

/* Even what we were started with, and nobody has marked. */
static void
it_has_no_descriptor_of_ours(void **state)
{
	struct herald *h = *state;
	const int ours = dup(STDOUT_FILENO);

	told(h, "exec ls /proc/self/fd >read");
	herald_raise(h, "rate_near");
	HERALD_UNTIL(h, did(h, TOLD, 1));
	close(ours);
	/* 3 is the directory that ls reads. */
	assert_string_equal(herald_file(h, "read"), "0\n1\n2\n3\n");
}

static void
it_may_open_its_input_by_name(void **state)
{
	struct herald *h = *state;

	told(h, "cat /dev/stdin >read");
	herald_raise(h, "rate_near");
	HERALD_UNTIL(h, did(h, TOLD, 1));
	assert_int_equal(lines_of(herald_file(h, "read")), 1);
}

static void
it_is_the_first_of_a_session_of_its_own(void **state)
{
	struct herald *h = *state;
	long pid, group, session;

	told(h, "cut -d' ' -f1,5,6 /proc/$$/stat >read");
	herald_raise(h, "rate_near");
	HERALD_UNTIL(h, did(h, TOLD, 1));
	assert_int_equal(sscanf(herald_file(h, "read"), "%ld %ld %ld", &pid,
			     &group, &session),
	    3);
	assert_int_equal(pid, group);
	assert_int_equal(pid, session);
}

/* 32 and 33 are the C library's own: make 4.3 leaves them ignored, for all. */
static void
it_may_be_ended_by_signals_that_we_ignore(void **state)
{
	const unsigned long long own = 3ULL << (32 - 1);
	struct herald *h = *state;
	unsigned long long ignored;

	told(h, "grep SigIgn /proc/$$/status >read");
	herald_raise(h, "rate_near");
	HERALD_UNTIL(h, did(h, TOLD, 1));
	assert_int_equal(
	    sscanf(herald_file(h, "read"), "SigIgn: %llx", &ignored), 1);
	assert_int_equal(ignored & ~own, 0);
}

static void
what_it_says_goes_to_the_log_a_line_each(void **state)
{
	struct herald *h = *state;

	told(h, "echo one; echo two >&2; printf three");
	herald_raise(h, "rate_near");
	HERALD_UNTIL(h, did(h, TOLD, 1));
	assert_int_equal(
	    web_logged(h->web, "events: command says text=one\n"), 1);
	assert_int_equal(web_logged(h->web, "says text=two\n"), 1);
	assert_int_equal(web_logged(h->web, "says text=three\n"), 1);
}

static void
what_it_says_is_escaped(void **state)
{
	struct herald *h = *state;

	told(h, "printf 'a\\033[2Jb\\377 c\\n'");
	herald_raise(h, "rate_near");
	HERALD_UNTIL(h, did(h, TOLD, 1));
	assert_int_equal(
	    web_logged(h->web, "says text=\"a\\x1b[2Jb\\xff c\"\n"), 1);
}

static void
of_many_lines_the_log_has_twenty(void **state)
{
	struct herald *h = *state;

	told(h, "seq 1 1000");
	herald_raise(h, "rate_near");
	HERALD_UNTIL(h, did(h, TOLD, 1));
	assert_int_equal(web_logged(h->web, "command says"), COMMAND_LINES);
	assert_int_equal(web_logged(h->web, "says text=20, and more\n"), 1);
}

static void
of_a_long_line_the_log_has_its_beginning(void **state)
{
	struct herald *h = *state;

	told(h, "printf '%01000d\\nshort\\n' 0");
	herald_raise(h, "rate_near");
	HERALD_UNTIL(h, did(h, TOLD, 1));
	assert_int_equal(web_logged(h->web, "command says"), 2);
	assert_int_equal(web_logged(h->web, "says text=short\n"), 1);
	assert_true(h->web->log_size < 2000);
}

static void
one_that_does_not_stop_talking_is_not_listened_to(void **state)
{
	struct herald *h = *state;

	told(h, "exec yes");
	herald_raise(h, "rate_near");
	HERALD_UNTIL(h, web_logged(h->web, "and more") == 1);
	web_later(h->web, 10 * 1000);
	HERALD_UNTIL(h, did(h, TOLD_FAILED, 1));
	assert_int_equal(web_logged(h->web, "took too long"), 1);
}

static void
one_that_reads_nothing_harms_nobody(void **state)
{
	struct herald *h = *state;

	told(h, "exec <&- ; echo done");
	herald_raise(h, "rate_near");
	HERALD_UNTIL(h, did(h, TOLD, 1));
	assert_int_equal(web_logged(h->web, "text=done"), 1);
}

static void
a_status_other_than_0_is_a_failure_and_logged(void **state)
{
	struct herald *h = *state;

	told(h, "exit 3");
	herald_raise(h, "rate_near");
	HERALD_UNTIL(h, did(h, TOLD_FAILED, 1));
	assert_int_equal(
	    web_logged(
		h->web, "events: command for rate_near ended with status 3\n"),
	    1);
}

static void
so_is_a_signal(void **state)
{
	struct herald *h = *state;

	told(h, "kill -SEGV $$");
	herald_raise(h, "rate_near");
	HERALD_UNTIL(h, did(h, TOLD_FAILED, 1));
	assert_int_equal(
	    web_logged(
		h->web, "events: command for rate_near ended by signal 11\n"),
	    1);
}

static void
so_is_one_that_is_not_there(void **state)
{
	struct herald *h = *state;

	herald_configure(h, "command = \"PLACE/nothing\"");
	herald_raise(h, "rate_near");
	HERALD_UNTIL(h, did(h, TOLD_FAILED, 1));
	assert_int_equal(web_logged(h->web, "events: cannot run '/tmp/"), 1);
	assert_int_equal(web_logged(h->web, "no such file"), 1);
}

static void
one_that_hangs_is_told_to_end_when_its_time_is_over(void **state)
{
	struct herald *h = *state;

	herald_script(h, "told",
	    "trap 'echo bye >read; exit' TERM\n"
	    "echo begun\nwhile :; do sleep 0.01; done");
	herald_configure(h, "command = \"PLACE/told\" timeout = 5s");
	herald_raise(h, "rate_near");
	HERALD_UNTIL(h, web_logged(h->web, "text=begun") == 1);
	web_later(h->web, 4999);
	assert_true(did(h, TOLD_FAILED, 0));
	web_later(h->web, 1);
	HERALD_UNTIL(h, did(h, TOLD_FAILED, 1));
	assert_string_equal(herald_file(h, "read"), "bye\n");
	assert_int_equal(
	    web_logged(h->web,
		"events: command took too long for rate_near, and was ended\n"),
	    1);
}

static void
one_that_will_not_end_is_killed(void **state)
{
	struct herald *h = *state;

	told(h, "trap '' TERM\necho begun\nwhile :; do sleep 0.01; done");
	herald_raise(h, "rate_near");
	HERALD_UNTIL(h, web_logged(h->web, "text=begun") == 1);
	web_later(h->web, 10 * 1000);
	web_later(h->web, COMMAND_KILL_MS - 1);
	assert_true(did(h, TOLD_FAILED, 0));
	web_later(h->web, 1);
	HERALD_UNTIL(h, did(h, TOLD_FAILED, 1));
}

/* Whether it is gone, or about to be: somebody else buries it. */
static bool
is_gone(long pid)
{
	char path[40], state = 'Z';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	f = fopen(path, "re");
	if (f) {
		if (fscanf(f, "%*d %*s %c", &state) != 1)
			state = 'Z';
		fclose(f);
	}
	return state == 'Z';
}

static void
all_that_it_has_started_ends_with_it(void **state)
{
	struct herald *h = *state;
	long pid;

	told(h,
	    "(trap '' TERM; sleep 1000) & echo $! >read\n"
	    "echo begun\nwait");
	herald_raise(h, "rate_near");
	HERALD_UNTIL(h, web_logged(h->web, "text=begun") == 1);
	pid = atol(herald_file(h, "read"));
	assert_false(is_gone(pid));
	web_later(h->web, 10 * 1000);
	HERALD_UNTIL(h, did(h, TOLD_FAILED, 1));
	HERALD_UNTIL(h, is_gone(pid));
}

static void
what_it_leaves_in_the_background_is_not_waited_for(void **state)
{
	struct herald *h = *state;

	told(h, "sleep 1000 & echo $! >read");
	herald_raise(h, "rate_near");
	HERALD_UNTIL(h, did(h, TOLD, 1));
	assert_false(is_gone(atol(herald_file(h, "read"))));
	kill((pid_t)atol(herald_file(h, "read")), SIGKILL);
}

static void
four_run_at_a_time(void **state)
{
	struct herald *h = *state;

	told(h, "echo >>begun; while ! [ -e go ]; do sleep 0.01; done");
	for (int i = 0; i < 6; i++)
		herald_raise(h, "rate_near");
	HERALD_UNTIL(h, lines_of(herald_file(h, "begun")) == 4);
	for (int i = 0; i < 20; i++)
		web_turn(h->web);
	assert_int_equal(lines_of(herald_file(h, "begun")), 4);
	herald_script(h, "go", "");
	HERALD_UNTIL(h, did(h, TOLD, 6));
	assert_int_equal(lines_of(herald_file(h, "begun")), 6);
}

static void
after_a_reload_another_one_runs_and_the_old_one_ends_well(void **state)
{
	struct herald *h = *state;

	told(h, "echo begun; while ! [ -e go ]; do sleep 0.01; done");
	herald_raise(h, "rate_near");
	HERALD_UNTIL(h, web_logged(h->web, "text=begun") == 1);
	herald_script(h, "other", "echo other");
	herald_configure(h, "command = \"PLACE/other\"");
	herald_raise(h, "rate_near");
	HERALD_UNTIL(h, did(h, TOLD, 1));
	assert_int_equal(web_logged(h->web, "text=other"), 1);
	herald_script(h, "go", "");
	HERALD_UNTIL(h, did(h, TOLD, 2));
}

static unsigned
descriptors(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void
one_that_cannot_be_heard_does_not_run(void **state)
{
	struct herald *h = *state;
	unsigned before;

	told(h, "echo ran >read");
	before = descriptors();
	init_fails = UV_ENOMEM;
	herald_raise(h, "rate_near");
	init_fails = 0;
	assert_true(did(h, TOLD_FAILED, 1));
	start_fails = UV_EINVAL;
	herald_raise(h, "rate_near");
	start_fails = 0;
	HERALD_UNTIL(h, did(h, TOLD_FAILED, 2));
	assert_int_equal(descriptors(), before);
	assert_int_equal(web_logged(h->web, "events: cannot run"), 2);
	assert_int_equal(web_logged(h->web, "not enough memory\n"), 1);
	assert_int_equal(web_logged(h->web, "invalid argument\n"), 1);
	assert_null(herald_file(h, "read"));
	herald_raise(h, "rate_near");
	HERALD_UNTIL(h, did(h, TOLD, 1));
}

/* Our own process group is left alone then, too. */
static void
nor_is_it_ended_when_policyd_stops(void **state)
{
	struct herald *h = *state;

	told(h, "echo ran >read");
	start_fails = UV_EINVAL;
	herald_raise(h, "rate_near");
	start_fails = 0;
	herald_stop(h, 0);
	HERALD_UNTIL(h, h->closed);
	assert_int_equal(web_logged(h->web, "is ended, as policyd"), 0);
}

static void
without_a_command_nothing_runs(void **state)
{
	struct herald *h = *state;

	told(h, "echo ran");
	herald_configure(h, "");
	herald_raise(h, "rate_near");
	web_turn(h->web);
	assert_int_equal(web_logged(h->web, "text=ran"), 0);
	assert_int_equal(
	    web_logged(h->web, "event kind=rate_near check=alarm"), 1);
}

static void
at_the_end_it_may_finish(void **state)
{
	struct herald *h = *state;

	told(h, "echo begun; while ! [ -e go ]; do sleep 0.01; done; echo end");
	herald_raise(h, "rate_near");
	HERALD_UNTIL(h, web_logged(h->web, "text=begun") == 1);
	herald_stop(h, 4000);
	web_later(h->web, 3999);
	assert_false(h->closed);
	herald_script(h, "go", "");
	HERALD_UNTIL(h, h->closed);
	assert_int_equal(web_logged(h->web, "text=end"), 1);
}

static void
at_the_end_it_is_killed_when_it_does_not(void **state)
{
	struct herald *h = *state;
	long pid;

	told(h,
	    "echo $$ >read; trap '' TERM; echo begun\n"
	    "while :; do sleep 0.01; done");
	herald_raise(h, "rate_near");
	HERALD_UNTIL(h, web_logged(h->web, "text=begun") == 1);
	pid = atol(herald_file(h, "read"));
	herald_stop(h, 4000);
	web_later(h->web, 4000);
	assert_true(h->closed);
	HERALD_UNTIL(h, is_gone(pid));
	assert_int_equal(web_logged(h->web, "as policyd stops"), 1);
}

static void
a_program_is_checked_before_it_is_needed(void **state)
{
	struct herald *h = *state;
	char path[80];

	herald_script(h, "told", "");
	snprintf(path, sizeof(path), "%s/told", h->directory);
	assert_null(command_check(path));
	assert_string_equal(
	    command_check("/nowhere/at/all"), "No such file or directory");
	assert_string_equal(command_check("/tmp"), "is no file");
	assert_string_equal(command_check("/etc/passwd"), "Permission denied");
}

int
main(void)
{
	struct suite s = { 0 };

#define SCENE(test) suite_add_scene(&s, #test, test, setup, teardown)
	SCENE(it_reads_the_event_and_its_end);
	SCENE(its_one_argument_is_the_name_of_the_event);
	SCENE(its_environment_has_the_usual_path_and_the_name_of_the_event);
	SCENE(it_has_no_descriptor_of_ours);
	SCENE(it_may_open_its_input_by_name);
	SCENE(it_is_the_first_of_a_session_of_its_own);
	SCENE(it_may_be_ended_by_signals_that_we_ignore);
	SCENE(what_it_says_goes_to_the_log_a_line_each);
	SCENE(what_it_says_is_escaped);
	SCENE(of_many_lines_the_log_has_twenty);
	SCENE(of_a_long_line_the_log_has_its_beginning);
	SCENE(one_that_does_not_stop_talking_is_not_listened_to);
	SCENE(one_that_reads_nothing_harms_nobody);
	SCENE(a_status_other_than_0_is_a_failure_and_logged);
	SCENE(so_is_a_signal);
	SCENE(so_is_one_that_is_not_there);
	SCENE(one_that_hangs_is_told_to_end_when_its_time_is_over);
	SCENE(one_that_will_not_end_is_killed);
	SCENE(all_that_it_has_started_ends_with_it);
	SCENE(what_it_leaves_in_the_background_is_not_waited_for);
	SCENE(four_run_at_a_time);
	SCENE(after_a_reload_another_one_runs_and_the_old_one_ends_well);
	SCENE(one_that_cannot_be_heard_does_not_run);
	SCENE(nor_is_it_ended_when_policyd_stops);
	SCENE(without_a_command_nothing_runs);
	SCENE(at_the_end_it_may_finish);
	SCENE(at_the_end_it_is_killed_when_it_does_not);
	SCENE(a_program_is_checked_before_it_is_needed);
	return suite_run(&s, "event/command");
}
