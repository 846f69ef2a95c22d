/*
 * watch - whether the files of a configuration's tables have changed
 *
 * Somebody who looks once a second is told when a file is another than it was
 * and has then stayed the same for one look: who writes a large one has
 * finished by then, as a rule.
 */
#ifndef CONF_WATCH_H
#define CONF_WATCH_H

struct conf;
struct watch;

struct watch *watch_new(const struct conf *c);
void watch_free(struct watch *w); /* NULL is fine */

/* The first file that has changed, once for each change; else NULL. */
const char *watch_look(struct watch *w);

#endif
