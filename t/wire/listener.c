/*
 * Where policyd listens: unix sockets, addresses, what systemd hands over.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "kit/poor.h"
#include "kit/post.h"
#include "kit/suite.h"

/* Asks there and hears the answer. */
static void
serves(struct post *p, const char *item)
{
	int fd = post_connect(p, item);

	assert_true(fd >= 0);
	post_ask(fd, "carol");
	post_hears(p, fd, "carol");
	close(fd);
}

static const char *
path_of(const struct post *p)
{
	return p->socket + strlen("unix:");
}

/* A socket of somebody else, bound to our path. */
static int
somebody(const struct post *p, bool listens)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(name.sun_path, path_of(p));
	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	if (listens)
		assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static bool
exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static void
unix_IPv4_and_IPv6_are_served_side_by_side(void **state)
{
	struct post *p = *state;

	assert_int_equal(
	    post_listen(p, p->socket, "inet:127.0.0.1:0", "inet:[::1]:0", NULL),
	    0);
	serves(p, p->socket);
	serves(p, "inet:127.0.0.1:0");
	serves(p, "inet:[::1]:0");
	assert_int_equal(post_said(p, "listening on unix:"), 1);
	assert_int_equal(post_said(p, "listening on inet:127.0.0.1:"), 1);
	assert_int_equal(post_said(p, "listening on inet:[::1]:"), 1);
}

static void
a_unix_socket_has_the_mode_and_group_that_were_asked_for(void **state)
{
	struct post *p = *state;
	struct group *group = getgrgid(getgid());
	struct stat st;

	p->conf.socket_mode = 0620;
	p->conf.socket_group = group ? group->gr_name : "";
	assert_int_equal(post_listen(p, p->socket, NULL), 0);
	assert_int_equal(stat(path_of(p), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0620);
	assert_int_equal(st.st_gid, getgid());
}

/* In place of chmod(2): notes what the mode was until now. */
static mode_t born;

int
chmod(const char *path, mode_t mode)
{
	struct stat st;

	if (stat(path, &st) == 0)
		born = st.st_mode & 0777;
	return fchmodat(AT_FDCWD, path, mode, 0);
}

static void
a_unix_socket_is_closed_to_others_until_it_has_its_mode(void **state)
{
	struct post *p = *state;
	const mode_t before = umask(0);

	p->conf.socket_mode = 0666;
	born = 0777;
	assert_int_equal(post_listen(p, p->socket, NULL), 0);
	umask(before);
	assert_int_equal(born, 0600);
}

static void
the_umask_neither_matters_nor_changes(void **state)
{
	struct post *p = *state;
	const mode_t before = umask(0777);
	struct stat st;

	p->conf.socket_mode = 0666;
	assert_int_equal(post_listen(p, p->socket, NULL), 0);
	assert_int_equal(umask(before), 0777);
	assert_int_equal(stat(path_of(p), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0666);
}

static void
a_group_that_is_not_there_is_an_error(void **state)
{
	struct post *p = *state;

	p->conf.socket_group = "no-such-group";
	assert_true(post_listen(p, p->socket, NULL) < 0);
	assert_int_equal(post_said(p, "no group"), 1);
	assert_false(exists(path_of(p)));
}

/* In place of chown(2): what one who is not root is told. */
static int forbidden;

int
chown(const char *path, uid_t user, gid_t group)
{
	if (!forbidden)
		return fchownat(AT_FDCWD, path, user, group, 0);
	errno = forbidden;
	return -1;
}

static void
a_group_that_we_are_not_in_is_told_as_such(void **state)
{
	struct post *p = *state;

	forbidden = EPERM;
	assert_true(post_listen(p, p->socket, NULL) < 0);
	forbidden = 0;
	assert_int_equal(post_said(p, "policyd is not in socket_group"), 1);
	assert_false(exists(path_of(p)));
}

static void
a_stale_socket_is_replaced(void **state)
{
	struct post *p = *state;

	close(somebody(p, true));
	assert_true(exists(path_of(p)));
	assert_int_equal(post_listen(p, p->socket, NULL), 0);
	serves(p, p->socket);
}

static void
a_living_socket_is_not(void **state)
{
	struct post *p = *state;
	int fd = somebody(p, true);

	assert_int_equal(post_listen(p, p->socket, NULL), UV_EADDRINUSE);
	assert_int_equal(post_said(p, "another process listens there"), 1);
	assert_true(post_connect(p, p->socket) >= 0);
	close(fd);
}

static void
nor_one_whose_backlog_is_full(void **state)
{
	struct post *p = *state;
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	int fd = somebody(p, true), others[8], full = 0;

	strcpy(name.sun_path, path_of(p));
	for (int i = 0; i < 8; i++) {
		others[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (connect(others[i], (struct sockaddr *)&name, sizeof(name)) <
			0 &&
		    errno == EAGAIN)
			full++;
	}
	assert_true(full > 0);
	assert_int_equal(post_listen(p, p->socket, NULL), UV_EADDRINUSE);
	for (int i = 0; i < 8; i++)
		close(others[i]);
	close(fd);
}

static void
nor_is_a_file_that_is_no_socket(void **state)
{
	struct post *p = *state;

	close(open(path_of(p), O_CREAT | O_WRONLY, 0600));
	assert_int_equal(post_listen(p, p->socket, NULL), UV_EEXIST);
	assert_int_equal(post_said(p, "it is no socket"), 1);
	assert_true(exists(path_of(p)));
}

static void
the_socket_file_goes_with_the_listener(void **state)
{
	struct post *p = *state;

	assert_int_equal(post_listen(p, p->socket, NULL), 0);
	assert_true(exists(path_of(p)));
	assert_int_equal(post_listen(p, NULL), 0);
	assert_false(exists(path_of(p)));
}

static void
but_not_when_somebody_has_put_his_own_there(void **state)
{
	struct post *p = *state;
	int fd;

	assert_int_equal(post_listen(p, p->socket, NULL), 0);
	unlink(path_of(p));
	fd = somebody(p, true);
	assert_int_equal(post_listen(p, NULL), 0);
	assert_true(exists(path_of(p)));
	close(fd);
}

static void
a_port_that_is_taken_is_an_error(void **state)
{
	struct post *p = *state;
	const char *at;
	char item[64];

	assert_int_equal(post_listen(p, "inet:127.0.0.1:0", NULL), 0);
	at = strstr(p->log, "inet:127.0.0.1:");
	snprintf(item, sizeof(item), "%.*s", (int)strcspn(at, "\n"), at);
	assert_int_equal(
	    post_listen(p, "inet:127.0.0.1:0", item, NULL), UV_EADDRINUSE);
	assert_int_equal(post_said(p, "cannot listen on"), 1);
	serves(p, "inet:127.0.0.1:0");
}

struct row {
	const char *name, *item;
};

static const struct row rows[] = {
	{ "a word is no listener", "policy" },
	{ "a port alone is none", "inet:10040" },
	{ "an address alone is none", "inet:127.0.0.1" },
	{ "an empty port is none", "inet:127.0.0.1:" },
	{ "port 65536 is none", "inet:127.0.0.1:65536" },
	{ "a port with a sign is none", "inet:127.0.0.1:+1" },
	{ "a port with more behind it is none", "inet:127.0.0.1:1x" },
	{ "a name is none", "inet:localhost:0" },
	{ "IPv6 without brackets is none", "inet:::1:0" },
	{ "a bracket that does not close is none", "inet:[::1:0" },
	{ "IPv4 in brackets is none", "inet:[127.0.0.1]:0" },
	{ "an address of somebody else is none", "inet:192.0.2.1:0" },
	{ "an empty path is none", "unix:" },
	{ "a path of 108 bytes is cut by nobody",
	    "unix:/tmp/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
	{ "a directory that is not there has none",
	    "unix:/no-such-directory/policy" },
	{ "without systemd there is nothing to inherit", "systemd" },
	{ "nor by name", "systemd:policy" },
};

static void
is_an_error(void **state)
{
	const struct row *row = *state;
	struct post *p;

	assert_int_equal(post_open((void **)&p), 0);
	assert_true(post_listen(p, row->item, NULL) < 0);
	assert_int_equal(post_said(p, "cannot listen on"), 1);
	assert_int_equal(post_said(p, row->item), 1);
	assert_int_equal(post_close((void **)&p), 0);
}

static void
one_that_fails_leaves_those_before_it(void **state)
{
	struct post *p = *state;
	int fd;

	assert_int_equal(post_listen(p, "inet:127.0.0.1:0", NULL), 0);
	fd = post_connect(p, "inet:127.0.0.1:0");
	assert_true(
	    post_listen(p, p->socket, "unix:/no-such-directory/p", NULL) < 0);
	assert_false(exists(path_of(p)));
	post_ask(fd, "carol");
	post_hears(p, fd, "carol");
	serves(p, "inet:127.0.0.1:0");
	close(fd);
}

/* That address with the port that the log names last. */
static char *
same_port(const struct post *p, const char *address, char item[64])
{
	const char *at = p->log, *next;

	while ((next = strstr(at + 1, "listening on inet:")))
		at = next;
	snprintf(item, 64, "inet:%s%.*s", address,
	    (int)strcspn(strrchr(at, ':'), "\n"), strrchr(at, ':'));
	return item;
}

/* The port is one that was free, and stays so as nobody else is given it. */
static void
begin_at(struct post *p, const char *address, char item[64])
{
	char any[64];

	snprintf(any, sizeof(any), "inet:%s:0", address);
	assert_int_equal(post_listen(p, any, NULL), 0);
	same_port(p, address, item);
	assert_int_equal(post_listen(p, item, NULL), 0);
}

static void
one_that_goes_gives_way_to_all_addresses_of_its_port(void **state)
{
	struct post *p = *state;
	char one[64], all[64];
	int fd;

	begin_at(p, "127.0.0.1", one);
	fd = post_connect(p, one);
	post_turn(p);
	assert_int_equal(post_listen(p, same_port(p, "0.0.0.0", all), NULL), 0);
	serves(p, all);
	post_ask(fd, "dave");
	post_hears(p, fd, "dave"); /* who came through it stays */
	close(fd);
	assert_int_equal(post_said(p, "listening on inet:0.0.0.0:"), 1);
	assert_int_equal(post_listen(p, one, NULL), 0); /* and back */
	serves(p, one);
	assert_int_equal(post_said(p, "cannot listen"), 0);
}

static void
so_do_all_that_are_in_its_way_of_IPv6_too(void **state)
{
	struct post *p = *state;
	char one[64], all[64];

	begin_at(p, "[::1]", one);
	assert_int_equal(
	    post_listen(p, p->socket, same_port(p, "[::]", all), NULL), 0);
	serves(p, all);
	serves(p, p->socket);
	begin_at(p, "127.0.0.1", one);
	same_port(p, "127.0.0.2", all);
	assert_int_equal(post_listen(p, one, all, NULL), 0);
	same_port(p, "0.0.0.0", all);
	assert_int_equal(post_listen(p, all, NULL), 0);
	serves(p, all);
	assert_int_equal(post_said(p, all), 3); /* both, and it listens */
}

static void
it_is_back_when_its_port_is_held_by_another_as_well(void **state)
{
	struct post *p = *state;
	struct sockaddr_in other = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char one[64], all[64];

	begin_at(p, "127.0.0.1", one);
	other.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
	other.sin_port = htons((uint16_t)atoi(strrchr(one, ':') + 1));
	assert_int_equal(bind(fd, (struct sockaddr *)&other, sizeof(other)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(
	    post_listen(p, same_port(p, "0.0.0.0", all), NULL), UV_EADDRINUSE);
	serves(p, one);
	assert_int_equal(post_said(p, "cannot listen on"), 1);
	close(fd);
}

static void
or_when_one_behind_it_cannot_be_opened(void **state)
{
	struct post *p = *state;
	char one[64], all[64];

	begin_at(p, "127.0.0.1", one);
	assert_true(post_listen(p, same_port(p, "0.0.0.0", all),
			"unix:/no-such-directory/p", NULL) < 0);
	serves(p, one);
	assert_int_equal(post_listen(p, one, NULL), 0);
	serves(p, one);
}

/* Descriptors 3 and 4, as systemd hands them over. */
static int
open_handed_over(void **state)
{
	int first = socket(AF_INET, SOCK_STREAM, 0), second;
	char pid[16];

	listen(first, 16); /* binds to a port of its own choice */
	second = socket(AF_INET6, SOCK_STREAM, 0);
	listen(second, 16);
	first = fcntl(first, F_DUPFD, 10);
	second = fcntl(second, F_DUPFD, 10);
	dup2(first, 3);
	dup2(second, 4);
	for (int fd = 5; fd < 32; fd++)
		close(fd);
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "2", 1);
	setenv("LISTEN_FDNAMES", "policy:other", 1);
	return post_open(state);
}

static int
close_handed_over(void **state)
{
	const int rc = post_close(state);

	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	close(3);
	close(4);
	return rc;
}

static void
all_that_systemd_hands_over_is_served(void **state)
{
	struct post *p = *state;

	assert_int_equal(post_listen(p, "systemd", NULL), 0);
	serves(p, "inet:0.0.0.0:0");
	serves(p, "inet:[::]:0");
	assert_true(fcntl(3, F_GETFD) & FD_CLOEXEC); /* not for our Redis */
}

static void
or_only_what_has_a_name(void **state)
{
	struct post *p = *state;

	assert_int_equal(post_listen(p, "systemd:other", NULL), 0);
	serves(p, "inet:[::]:0");
	assert_int_equal(post_said(p, "listening on"), 1);
	assert_true(post_listen(p, "systemd:othe", NULL) < 0);
	assert_true(post_listen(p, "systemd:others", NULL) < 0);
	assert_true(post_listen(p, "systemd:more", NULL) < 0);
	serves(p, "inet:[::]:0");
}

static void
a_reload_can_leave_it_and_come_back(void **state)
{
	struct post *p = *state;

	assert_int_equal(post_listen(p, "systemd:policy", NULL), 0);
	serves(p, "inet:0.0.0.0:0");
	assert_int_equal(post_listen(p, p->socket, NULL), 0);
	post_turn(p);
	assert_int_equal(post_listen(p, "systemd", p->socket, NULL), 0);
	serves(p, "inet:0.0.0.0:0");
}

static void
what_was_handed_to_our_parent_is_not_ours(void **state)
{
	struct post *p = *state;

	setenv("LISTEN_PID", "1", 1);
	assert_true(post_listen(p, "systemd", NULL) < 0);
	assert_int_equal(post_said(p, "no socket was handed over"), 1);
}

static void
what_does_not_listen_is_refused(void **state)
{
	struct post *p = *state;
	const int fds[] = { open("/dev/null", O_RDONLY),
		socket(AF_INET, SOCK_STREAM, 0),
		socket(AF_INET, SOCK_DGRAM, 0) };

	for (int i = 0; i < 3; i++) {
		dup2(fds[i], 4);
		close(fds[i]);
		assert_true(post_listen(p, "systemd", NULL) < 0);
		assert_int_equal(
		    post_said(p, "no listening stream socket"), i + 1);
	}
}

static void
wake_up(uv_timer_t *nap)
{
	uv_close((uv_handle_t *)nap, NULL);
}

/* Descriptors run out: those who are connected are served, others wait in the
 * backlog until there is room. The loop sleeps in the meantime. */
static void
without_descriptors_connections_wait(void **state)
{
	enum { MANY = 20 };
	struct post *p = *state;
	struct poor poor;
	int fds[MANY], lowest, turns;
	uv_timer_t nap;

	assert_int_equal(post_listen(p, p->socket, NULL), 0);
	for (int i = 0; i < MANY; i++)
		fds[i] = post_connect(p, p->socket);
	lowest = dup(0);
	close(lowest);
	if (!poor_begin(&poor, lowest + 5))
		skip();
	post_later(p, 1000);
	assert_in_range(wire_counts(p->wire)->clients, 1, 5);
	post_ask(fds[0], "carol");
	post_hears(p, fds[0], "carol");
	assert_int_equal(post_said(p, "cannot accept on"), 1);

	uv_timer_init(&p->loop, &nap);
	uv_timer_start(&nap, wake_up, 100, 0);
	for (turns = 0; uv_is_active((uv_handle_t *)&nap); turns++)
		uv_run(&p->loop, UV_RUN_ONCE);
	assert_true(turns < 5);

	poor_end(&poor);
	post_later(p, 1000);
	assert_int_equal(wire_counts(p->wire)->clients, MANY);
	assert_int_equal(post_said(p, "accepting again"), 1);
	for (int i = 1; i < MANY; i++) {
		post_ask(fds[i], "carol");
		post_hears(p, fds[i], "carol");
		close(fds[i]);
	}
	close(fds[0]);
}

int
main(void)
{
	struct suite s = { 0 };

#define TEST(f) suite_add_scene(&s, #f, f, post_open, post_close)
#define HANDED(f)                                                              \
	suite_add_scene(&s, #f, f, open_handed_over, close_handed_over)
	TEST(unix_IPv4_and_IPv6_are_served_side_by_side);
	TEST(a_unix_socket_has_the_mode_and_group_that_were_asked_for);
	TEST(a_unix_socket_is_closed_to_others_until_it_has_its_mode);
	TEST(the_umask_neither_matters_nor_changes);
	TEST(a_group_that_is_not_there_is_an_error);
	TEST(a_group_that_we_are_not_in_is_told_as_such);
	TEST(a_stale_socket_is_replaced);
	TEST(a_living_socket_is_not);
	TEST(nor_one_whose_backlog_is_full);
	TEST(nor_is_a_file_that_is_no_socket);
	TEST(the_socket_file_goes_with_the_listener);
	TEST(but_not_when_somebody_has_put_his_own_there);
	TEST(a_port_that_is_taken_is_an_error);
	SUITE_ROWS(&s, rows, is_an_error);
	TEST(one_that_fails_leaves_those_before_it);
	TEST(one_that_goes_gives_way_to_all_addresses_of_its_port);
	TEST(so_do_all_that_are_in_its_way_of_IPv6_too);
	TEST(it_is_back_when_its_port_is_held_by_another_as_well);
	TEST(or_when_one_behind_it_cannot_be_opened);
	HANDED(all_that_systemd_hands_over_is_served);
	HANDED(or_only_what_has_a_name);
	HANDED(a_reload_can_leave_it_and_come_back);
	HANDED(what_was_handed_to_our_parent_is_not_ours);
	HANDED(what_does_not_listen_is_refused);
	TEST(without_descriptors_connections_wait);
	return suite_run(&s, "wire/listener");
}
