/*
 * file - a whole file in memory
 */
#ifndef CONF_FILE_H
#define CONF_FILE_H

#include <stddef.h>

struct arena;

/* 0 and the content with a NUL behind it, or a negative errno: -EFBIG when it
 * has more than `limit` bytes. */
int file_read(
    struct arena *a, const char *path, size_t limit, char **text, size_t *size);

#endif
