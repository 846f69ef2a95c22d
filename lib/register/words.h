/*
 * words - the words of questions; within lib/register only
 */
#ifndef REGISTER_WORDS_H
#define REGISTER_WORDS_H

#include <stdint.h>

#include "ask/ask.h"

struct arena;

enum { WORDS_ONE = 64, WORDS_SOME = 200 }; /* bytes of what people write */

void words_add(struct question *q, const char *word);
void words_number(struct question *q, struct arena *a, int64_t n);

/* What somebody wrote, as it can stand in a value: printable, bounded, without
 * the ";" that parts a history. `otherwise` when that leaves nothing. */
const char *words_clean(
    struct arena *a, const char *text, const char *otherwise);

/* The same as one word, without blanks; "unknown" when nothing is left. */
const char *words_clean_one(struct arena *a, const char *text);

#endif
