/*
 * command - a program is run for each event
 *
 * No shell is between us: its one argument is the event's name, its standard
 * input the JSON. What it says goes to our log, so many lines and so long. It
 * has a session of its own, no descriptor of ours, and an environment that
 * names the event and the usual directories of programs. It is ended with all
 * that it has started when its time is over.
 */
#ifndef EVENT_COMMAND_H
#define EVENT_COMMAND_H

#include <uv.h>

#include "event/outlet.h"

enum {
	COMMAND_LINES = 20, /* of one run go to the log */
	COMMAND_LINE = 256, /* bytes of a line do */
	COMMAND_HEARD = 64 * 1024, /* bytes are read at all */
	COMMAND_KILL_MS = 2000 /* from SIGTERM to SIGKILL */
};

/* Counts with `count`, and tells nobody yet. */
struct outlet *command_new(uv_loop_t *loop, struct clock *clock);

/* From the next run on; "" runs none. */
void command_configure(
    struct outlet *o, const char *program, int64_t timeout_seconds);

/* NULL, or what is wrong with that program: ENOENT, EACCES as text. */
const char *command_check(const char *program);

#endif
