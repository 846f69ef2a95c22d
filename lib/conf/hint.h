/*
 * hint - what was meant by a name that does not exist
 */
#ifndef CONF_HINT_H
#define CONF_HINT_H

#include <stdbool.h>

struct complaints;
struct option;

/* Complains that `section` ("" outside of any) has no `name`; `scope`: it is
 * that of a domain or mailbox (or a reply), which has a title. */
void hint_no_such(struct complaints *said, int line, const char *section,
    bool scope, const char *name);

/* Complains that a mailbox may not set this option, but its domain may. */
void hint_of_domains(struct complaints *said, int line, const struct option *o);

/* Complains that there is no reply of that name. */
void hint_no_such_reply(struct complaints *said, int line, const char *name);

/* Complains that in that reply's text nothing can stand for `value`. */
void hint_no_such_value(
    struct complaints *said, int line, const char *reply, const char *value);

#endif
