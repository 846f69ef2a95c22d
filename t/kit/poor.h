/*
 * poor - no more descriptors than that
 */
#ifndef KIT_POOR_H
#define KIT_POOR_H

#include <stdbool.h>
#include <sys/resource.h>

struct poor {
	struct rlimit before;
};

/* Those below `limit` may be used. False, and nothing is changed, where that
 * cannot be tried: valgrind takes what is above it from the kernel, a client
 * that should have waited too, and closes it. */
bool poor_begin(struct poor *p, int limit);

void poor_end(struct poor *p);

#endif
