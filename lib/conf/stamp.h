/*
 * stamp - by what one sees that a file is not the one that was read
 */
#ifndef CONF_STAMP_H
#define CONF_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct hash;

/* All zero for a file that is not to be had. */
struct stamp {
	uint64_t device, inode;
	int64_t size;
	int64_t written_ns, changed_ns; /* mtime; ctime, as after a chmod */
};

struct stamp stamp_of(const char *path);
bool stamp_same(const struct stamp *a, const struct stamp *b);

/* Files, each once, as they were when they were read first. */
struct stamped {
	const char *path;
	struct stamp stamp;
};

struct stamps {
	struct arena *arena;
	struct hash *paths;
	size_t count, room;
	struct stamped *items;
};

void stamps_init(struct stamps *s, struct arena *a);
void stamps_add(struct stamps *s, const char *path, const struct stamp *stamp);

#endif
