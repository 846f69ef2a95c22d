/*
 * server - finding redis-server, and becoming it
 */
#ifndef ASK_REDIS_SERVER_H
#define ASK_REDIS_SERVER_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct directory;

/* Looks for redis-server, then valkey-server, where the shell would, and where
 * packages put them. */
bool server_find(char program[PATH_MAX]);

/* A process that runs it in `d`, and gets SIGTERM when this process ends; what
 * it says goes to `output`. -1: no process, with errno. */
pid_t server_start(
    const char *program, const struct directory *d, int64_t memory, int output);

#endif
