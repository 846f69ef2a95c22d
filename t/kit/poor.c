/*
 * poor - the kernel itself says EINVAL of a number above the limit
 */
#include "kit/poor.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

bool
poor_begin(struct poor *p, int limit)
{
	struct rlimit few;
	bool true_one;

	getrlimit(RLIMIT_NOFILE, &p->before);
	few = p->before;
	few.rlim_cur = (rlim_t)limit;
	setrlimit(RLIMIT_NOFILE, &few);
	true_one = fcntl(0, F_DUPFD, limit) < 0 && errno == EINVAL;
	if (!true_one)
		poor_end(p);
	return true_one;
}

void
poor_end(struct poor *p)
{
	setrlimit(RLIMIT_NOFILE, &p->before);
}
