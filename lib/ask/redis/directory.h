/*
 * directory - where a private redis-server lives, ours alone
 *
 * A second redis-server in the same place would take over the socket of the
 * first without a word and write the same files. So whoever starts one holds
 * a lock here, and looks first whether one is left of a policyd that is gone.
 */
#ifndef ASK_REDIS_DIRECTORY_H
#define ASK_REDIS_DIRECTORY_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

enum { SOCKET_PATH = 108 }; /* sun_path, with the NUL */

struct directory {
	char path[PATH_MAX]; /* from the root: redis-server goes into it */
	char socket[SOCKET_PATH];
	int lock;
};

/* The socket a redis-server in `path` has. False, and logged, when that is too
 * long a name for one. */
bool directory_socket(const char *path, char socket[SOCKET_PATH]);

/* Makes the directory if there is none and takes the lock. False, and logged,
 * when that cannot be. */
bool directory_open(struct directory *d, const char *path);
void directory_close(struct directory *d);

/* Remembers the process that runs here; 0: none. */
void directory_note(const struct directory *d, pid_t pid);

/* The redis-server that was noted and still runs here, or 0. */
pid_t directory_left(const struct directory *d);

#endif
