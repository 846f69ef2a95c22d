/*
 * reader - hiredis' seam for those who keep its objects themselves
 *
 * Works with hiredis 0.14 and 1.x; the one file that tells them apart.
 */
#include "ask/redis/reader.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>

#include "base/arena.h"

/* What is announced gets its memory before it has come; ours are of a few. */
enum { ELEMENTS_MOST = 1024 * 1024 };

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

/* hiredis takes NULL for a want of memory, and reads no further. */
static void *
refuse(const redisReadTask *task, const char *why)
{
	((struct reader *)task->privdata)->refused = why;
	return NULL;
}

/* For RESP3 one has to ask, and we do not. */
static void *
refuse_type(const redisReadTask *task)
{
	return refuse(task, "Protocol error, RESP3 for who speaks RESP2");
}

/* The types of RESP3 are those above. */
static redisReply *
make(const redisReadTask *task)
{
	redisReply *reply;

	if (task->type > REDIS_REPLY_ERROR)
		return refuse_type(task);
	reply = arena_alloc(arena_for(task), sizeof(*reply));
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

	if (!reply)
		return NULL;
	reply->str = arena_memdup(arena_for(task), text, size);
	reply->len = size;
	return reply;
}

static void *
make_array(const redisReadTask *task, elements count)
{
	redisReply *reply;

	if ((size_t)count > ELEMENTS_MOST)
		return refuse(task, "Protocol error, an array without end");
	if (!(reply = make(task)))
		return NULL;
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

	if (reply)
		reply->type = REDIS_REPLY_NIL;
	return reply;
}

#if HIREDIS_MAJOR >= 1
/* Without these two its reply would be the number of a type, for a pointer. */
static void *
refuse_double(const redisReadTask *task, double number, char *text, size_t size)
{
	(void)number;
	(void)text;
	(void)size;
	return refuse_type(task);
}

static void *
refuse_bool(const redisReadTask *task, int yes)
{
	(void)yes;
	return refuse_type(task);
}
#endif

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
#if HIREDIS_MAJOR >= 1
		.createDouble = refuse_double,
		.createBool = refuse_bool,
#endif
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
	if (r->refused)
		return r->refused;
	return r->hiredis->err ? r->hiredis->errstr : NULL;
}
