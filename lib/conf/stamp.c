/*
 * stamp - stat(2)
 */
#include "conf/stamp.h"

#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "conf/hash.h"

static int64_t
nanoseconds(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

struct stamp
stamp_of(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return (struct stamp){ 0 };
	return (struct stamp){
		.device = st.st_dev,
		.inode = st.st_ino,
		.size = st.st_size,
		.written_ns = nanoseconds(&st.st_mtim),
		.changed_ns = nanoseconds(&st.st_ctim),
	};
}

bool
stamp_same(const struct stamp *a, const struct stamp *b)
{
	return a->device == b->device && a->inode == b->inode &&
	    a->size == b->size && a->written_ns == b->written_ns &&
	    a->changed_ns == b->changed_ns;
}

void
stamps_init(struct stamps *s, struct arena *a)
{
	*s = (struct stamps){ .arena = a };
}

static void
grow(struct stamps *s)
{
	const size_t room = s->room ? 2 * s->room : 8;
	struct stamped *items = arena_alloc(s->arena, room * sizeof(*items));

	for (size_t i = 0; i < s->count; i++)
		items[i] = s->items[i];
	s->items = items;
	s->room = room;
}

void
stamps_add(struct stamps *s, const char *path, const struct stamp *stamp)
{
	const char *copy;
	void **thing;

	if (!s->paths)
		s->paths = hash_new(s->arena);
	thing = hash_put(s->paths, path, strlen(path));
	if (*thing)
		return;
	copy = arena_strdup(s->arena, path);
	*thing = (void *)copy;
	if (s->count == s->room)
		grow(s);
	s->items[s->count++] = (struct stamped){ copy, *stamp };
}
