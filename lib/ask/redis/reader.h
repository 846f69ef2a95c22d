/*
 * reader - replies as hiredis reads them, in an arena
 *
 * By itself hiredis allocates each piece of a reply on its own, twice.
 */
#ifndef ASK_REDIS_READER_H
#define ASK_REDIS_READER_H

#include <stddef.h>

struct arena;
struct redisReader;
struct redisReply;

/* Embed it. */
struct reader {
	struct redisReader *hiredis;
	struct arena *arena; /* of the reply that is being read */
	const struct redisReply *reply; /* the last that was complete */
	const char *refused; /* why what came is not taken */
};

void reader_init(struct reader *r);
void reader_clear(struct reader *r);

/* What has come. */
void reader_feed(struct reader *r, const char *bytes, size_t size);

/* The next reply, which lives until the next call; NULL when there is none, as
 * the rest has not come or what came is none: reader_error(). */
const struct redisReply *reader_next(struct reader *r);

/* NULL: none. */
const char *reader_error(const struct reader *r);

#endif
