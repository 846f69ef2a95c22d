/*
 * policyctl_places - a small file, written beside and renamed
 */
#include "policyctl_places.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "policyctl_tail.h"

static const char *
path_of(struct arena *a, const struct conf *conf, const char *end)
{
	return arena_printf(a, "%s/feed.places%s", conf->state_directory, end);
}

/* False when the line is of another file, or none that we wrote. */
static bool
read_place(const char *line, const char *path, struct tail_place *place)
{
	uintmax_t device, inode, offset;
	int end = 0;

	if (sscanf(line, "%" SCNuMAX " %" SCNuMAX " %" SCNuMAX " %n", &device,
		&inode, &offset, &end) != 3 ||
	    end == 0 || strcmp(line + end, path) != 0)
		return false;
	place->device = (dev_t)device;
	place->inode = (ino_t)inode;
	place->offset = (off_t)offset;
	return true;
}

static bool
find(FILE *file, const char *path, struct tail_place *place)
{
	char *line = NULL;
	size_t room = 0;
	bool found = false;

	rewind(file);
	while (!found && getline(&line, &room, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		found = read_place(line, path, place);
	}
	free(line);
	return found;
}

void
places_restore(const struct conf *conf, struct tail *const *tails, size_t count)
{
	struct arena *a = arena_new();
	FILE *file = fopen(path_of(a, conf, ""), "re");

	for (size_t i = 0; i < count; i++) {
		struct tail_place place;

		if (file && find(file, tail_path(tails[i]), &place))
			tail_seek(tails[i], &place);
		else
			tail_seek_end(tails[i]);
	}
	if (file)
		fclose(file);
	arena_release(a);
}

static bool
none(struct tail *const *tails, size_t count)
{
	struct tail_place p;

	for (size_t i = 0; i < count; i++)
		if (tail_place(tails[i], &p))
			return false;
	return true;
}

static void
write_all(FILE *file, struct tail *const *tails, size_t count)
{
	struct tail_place p;

	for (size_t i = 0; i < count; i++)
		if (tail_place(tails[i], &p))
			fprintf(file,
			    "%" PRIuMAX " %" PRIuMAX " %" PRIuMAX " %s\n",
			    (uintmax_t)p.device, (uintmax_t)p.inode,
			    (uintmax_t)p.offset, tail_path(tails[i]));
}

int
places_save(const struct conf *conf, struct tail *const *tails, size_t count)
{
	struct arena *a;
	const char *beside;
	FILE *file;
	int rc = 0;

	if (none(tails, count))
		return 0;
	a = arena_new();
	beside = path_of(a, conf, ".new");
	file = fopen(beside, "we");
	if (file)
		write_all(file, tails, count);
	if (!file || fclose(file) != 0 ||
	    rename(beside, path_of(a, conf, "")) < 0)
		rc = -errno;
	arena_release(a);
	return rc;
}
