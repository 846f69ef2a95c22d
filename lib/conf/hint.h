/*
 * hint - what was meant by a name that does not exist
 */
#ifndef CONF_HINT_H
#define CONF_HINT_H

struct complaints;

/* Complains that `section` ("" outside of any) has no `name`. */
void hint_no_such(
    struct complaints *said, int line, const char *section, const char *name);

/* Complains that there is no reply of that name. */
void hint_no_such_reply(struct complaints *said, int line, const char *name);

#endif
