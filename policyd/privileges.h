/*
 * privileges - nobody needs root to answer questions
 */
#ifndef POLICYD_PRIVILEGES_H
#define POLICYD_PRIVILEGES_H

#include <stdbool.h>

struct conf;

/*
 * Started by root with `user` set: makes the state directory that user's and
 * becomes him, for good. Sockets are bound afterwards, so their directories
 * must be open to him. 0, or an exit code of sysexits(3), logged.
 */
int privileges_drop(const struct conf *conf);

/* Whether the `user` and the `socket_group` that it names are there; logged
 * when not. */
bool privileges_user(const struct conf *conf);
bool privileges_group(const struct conf *conf);

#endif
