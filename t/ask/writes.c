/*
 * How often Redis is written to: system calls are what a question costs most.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "kit/rig.h"
#include "kit/suite.h"

/* In place of libc's: libuv calls write(), and may call send(). Only ours
 * count, not those of the thread that plays Redis. */
static _Thread_local unsigned sent;

ssize_t
send(int fd, const void *bytes, size_t size, int flags)
{
	sent++;
	return sendto(fd, bytes, size, flags, NULL, 0);
}

ssize_t
write(int fd, const void *bytes, size_t size)
{
	const struct iovec all = { (void *)(uintptr_t)bytes, size };
	struct stat st;

	sent += fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
	return writev(fd, &all, 1);
}

static void
what_is_asked_in_one_turn_leaves_in_one_write(void **state)
{
	static struct rig r;
	(void)state;

	rig_ready(&r);
	sent = 0;
	for (int i = 0; i < 50; i++)
		asker_ask(&r.asker);
	assert_int_equal(sent, 0);
	assert_true(asker_settle(&r.asker));
	assert_int_equal(r.asker.known, 50);
	assert_int_equal(sent, 1);
	asker_ask(&r.asker);
	assert_true(asker_settle(&r.asker));
	assert_int_equal(sent, 2);
	rig_end(&r);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, what_is_asked_in_one_turn_leaves_in_one_write);
	return suite_run(&s, "ask/writes");
}
