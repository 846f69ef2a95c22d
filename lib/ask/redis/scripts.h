/*
 * scripts - the scripts Redis knows by their digest, and how it is asked
 */
#ifndef ASK_REDIS_SCRIPTS_H
#define ASK_REDIS_SCRIPTS_H

#include <stdbool.h>
#include <stddef.h>

#include "ask/ask.h"

enum { DIGEST_SIZE = 40, HEAD_SIZE = 80 };

struct loaded {
	const struct script *script;
	char digest[DIGEST_SIZE + 1]; /* "": it is not loaded */
	bool loading; /* again, after a NOSCRIPT */
	char head[HEAD_SIZE], read_head[HEAD_SIZE]; /* of its commands */
	size_t head_size, read_head_size;
};

struct scripts {
	size_t count;
	struct loaded *list;
	struct loaded *latest; /* that was looked for */
};

/* `scripts` is NULL-terminated; they must live as long. */
void scripts_init(struct scripts *s, const struct script *const *scripts);
void scripts_clear(struct scripts *s);

/* Redis knows it by this digest. */
void loaded_as(struct loaded *l, const char *digest);

/* NULL: not one of ours, or never loaded. */
struct loaded *scripts_find(struct scripts *s, const struct script *script);

/* Bytes under construction; the memory is used again and again. */
struct buffer {
	char *bytes;
	size_t size, room;
};

/* All write whole commands as Redis reads them (RESP2), from the beginning of
 * `b`. */
void format_question(
    struct buffer *b, const struct loaded *l, const struct question *q);
void format_commands(struct buffer *b, const struct question *q);
void format_words(struct buffer *b, const struct word *words, size_t count);

#endif
