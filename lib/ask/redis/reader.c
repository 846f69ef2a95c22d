/*
 * reader - hiredis' seam for those who keep its objects themselves
 *
 * Works with hiredis 0.14 and 1.x; the one file that tells them apart.
 */
#include "ask/redis/reader.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>

#include "base/arena.h"

#if HIREDIS_MAJOR >= 1
typedef size_t elements;
#else
typedef int elements;
#endif

static struct arena *
arena_for(const redisReadTask *task)
{
	return ((struct reader *)task->privdata)->arena;
}

static redisReply *
make(const redisReadTask *task)
{
	redisReply *reply = arena_alloc(arena_for(task), sizeof(*reply));

	reply->type = task->type;
	if (task->parent)
		((redisReply *)task->parent->obj)->element[task->idx] = reply;
	return reply;
}

/* Of an error or a status, too. */
static void *
make_string(const redisReadTask *task, char *text, size_t size)
{
	redisReply *reply = make(task);

	reply->str = arena_memdup(arena_for(task), text, size);
	reply->len = size;
	return reply;
}

static void *
make_array(const redisReadTask *task, elements count)
{
	redisReply *reply = make(task);

	reply->elements = (size_t)count;
	reply->element = arena_alloc(
	    arena_for(task), reply->elements * sizeof(reply->element[0]));
	return reply;
}

static void *
make_integer(const redisReadTask *task, long long number)
{
	redisReply *reply = make(task);

	reply->integer = number;
	return reply;
}

/* Its task is a string's, or an array's. */
static void *
make_nil(const redisReadTask *task)
{
	redisReply *reply = make(task);

	reply->type = REDIS_REPLY_NIL;
	return reply;
}

static void
leave_to_arena(void *reply)
{
	(void)reply;
}

void
reader_init(struct reader *r)
{
	static redisReplyObjectFunctions functions = {
		.createString = make_string,
		.createArray = make_array,
		.createInteger = make_integer,
		.createNil = make_nil,
		.freeObject = leave_to_arena,
	};

	*r = (struct reader){ .arena = arena_new(),
		.hiredis = redisReaderCreateWithFunctions(&functions) };
	if (!r->hiredis)
		abort(); /* no memory */
	r->hiredis->privdata = r;
}

void
reader_clear(struct reader *r)
{
	redisReaderFree(r->hiredis);
	arena_release(r->arena);
	*r = (struct reader){ 0 };
}

void
reader_feed(struct reader *r, const char *bytes, size_t size)
{
	redisReaderFeed(r->hiredis, bytes, size);
}

const redisReply *
reader_next(struct reader *r)
{
	void *reply = NULL;

	if (r->reply) {
		arena_release(r->arena);
		r->arena = arena_new();
	}
	redisReaderGetReply(r->hiredis, &reply);
	return r->reply = reply;
}

const char *
reader_error(const struct reader *r)
{
	return r->hiredis->err ? r->hiredis->errstr : NULL;
}
