/*
 * layers - settings laid over settings
 *
 * What holds for a mailbox is the server's settings with up to four layers
 * over them, each of which sets some options: those of its domain in the file,
 * of its domain in Redis, its own in the file, its own in Redis. The narrower
 * wins; within a level Redis wins over the file. A check's `decided_by` shuts
 * out narrower levels from all options of its section; a scope that sets it
 * speaks for those below itself.
 */
#ifndef CONF_LAYERS_H
#define CONF_LAYERS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"

struct arena;
struct option;

struct layer {
	enum level level; /* not LEVEL_SERVER */
	const char *from; /* "policyd.conf", "redis" */
	struct settings set; /* only the fields of these rows count */
	size_t count;
	const struct option **rows;
};

enum { LAYERS = 4 };

/* The file's own layers; NULL when it has none. `domain` and `mailbox`
 * ("user@domain") are in lower case, without extension. Live as long as `c`. */
const struct layer *layer_of_domain(const struct conf *c, const char *domain);
const struct layer *layer_of_mailbox(const struct conf *c, const char *mailbox);

/*
 * A layer from words, as Redis has them: `names` are "greylist.mode", `values`
 * what would stand behind the "=" in policyd.conf (a list's braces and quotes
 * may be left out: its items are then separated by commas or blanks). What is
 * no option of domains and mailboxes, or has a wrong value, is left out and
 * complained about. Lives in `a`. NULL when nothing remains.
 */
typedef void layer_complain(void *data, const char *text);
const struct layer *layer_read(struct arena *a, enum level level,
    const char *const *names, const char *const *values, size_t count,
    layer_complain *complain, void *data);

/* Lays it over `set`. Two options that are wrong together, whoever set each,
 * stay as they were. */
void layer_apply(const struct layer *l, struct settings *set);

/* Which of the layers (some may be NULL), laid over `server` in this order, an
 * option's value is from; NULL: the server's. */
const struct layer *layers_origin(const struct settings *server,
    const struct layer *const layers[LAYERS], const struct option *o);

/* Within lib/conf: the layer sets these rows, whose values are in l->set. They
 * are copied to `a`. */
void layer_finish(struct layer *l, struct arena *a,
    const struct option *const *rows, size_t count);

#endif
