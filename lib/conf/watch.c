/*
 * watch - two stamps a file
 */
#include "conf/watch.h"

#include <stddef.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "conf/stamp.h"

struct file {
	const char *path;
	struct stamp known; /* what was told of, or read */
	struct stamp last; /* what the last look saw */
};

struct watch {
	struct arena *arena; /* this too is in it */
	size_t count;
	struct file *files;
};

struct watch *
watch_new(const struct conf *c)
{
	const struct stamps *read = conf_files(c);
	struct arena *a = arena_new_small();
	struct watch *w = arena_alloc(a, sizeof(*w));

	w->arena = a;
	w->files = arena_alloc(a, (read->count + 1) * sizeof(w->files[0]));
	for (; w->count < read->count; w->count++) {
		const struct stamped *s = &read->items[w->count];

		w->files[w->count] = (struct file){ arena_strdup(a, s->path),
			s->stamp, s->stamp };
	}
	return w;
}

void
watch_free(struct watch *w)
{
	if (w)
		arena_release(w->arena);
}

static void
know(struct watch *w)
{
	for (size_t i = 0; i < w->count; i++)
		w->files[i].known = w->files[i].last;
}

const char *
watch_look(struct watch *w)
{
	const char *changed = NULL;
	bool moving = false;

	for (size_t i = 0; i < w->count; i++) {
		struct file *f = &w->files[i];
		const struct stamp now = stamp_of(f->path);

		moving |= !stamp_same(&now, &f->last);
		if (!changed && !stamp_same(&now, &f->known))
			changed = f->path;
		f->last = now;
	}
	if (!changed || moving)
		return NULL;
	know(w);
	return changed;
}
