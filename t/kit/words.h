/*
 * words - a line of a scene, cut as a shell would
 *
 * Blanks part words. Within "..." they do not; the quotes are no part of the
 * word, wherever they stand. Anywhere: \xNN is a byte, \" and \\ stand for
 * themselves, and \{1900 a} is a thousand and nine hundred times "a".
 */
#ifndef KIT_WORDS_H
#define KIT_WORDS_H

#include <stddef.h>

struct arena;

/* NULL-terminated; `*count` is set. NULL when the line makes no sense. */
const char *const *words_cut(struct arena *a, const char *line, size_t *count);

#endif
