/*
 * complaints - everything wrong with a configuration, told in order
 *
 * Options are checked in the order of their table, an administrator reads from
 * the top of a file: complaints are kept until all are known.
 */
#ifndef CONF_COMPLAINTS_H
#define CONF_COMPLAINTS_H

#include <stddef.h>

#include "conf/conf.h"

struct arena;
struct complaints;

/* Lives in `a`; `file` is the name of the configuration. */
struct complaints *complaints_new(struct arena *a, const char *file);

/* What is wrong at `line` of the configuration; 0: no line applies. */
void complaint(struct complaints *c, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What is wrong in a table that `line` of the configuration names. */
void complaint_in(struct complaints *c, int line, const char *file,
    int file_line, const char *text);

size_t complaints_count(const struct complaints *c);

/* Calls `tell` for each, by line. */
void complaints_tell(struct complaints *c, conf_complain *tell, void *data);

#endif
