/*
 * arena - memory that is given back all at once
 *
 * What a request needs is taken from its arena and never freed piece by piece.
 * What is not memory (a reference to a configuration) is hung on it and let
 * go with it. Arenas come from a pool, so that a busy daemon stops calling
 * malloc after its first requests.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>
#include <stdarg.h>

struct arena;

/* An empty arena. Never NULL: without memory the process ends. */
struct arena *arena_new(void);

/* Somebody will soon want one: what he writes first is fetched meanwhile. */
void arena_expect(void);

/* The same with a kilobyte, for what goes on when a request has been answered.
 */
struct arena *arena_new_brief(void);

/* For what lives long and is small: it begins with little. */
struct arena *arena_new_small(void);

/* With so much, for what will be kept of each of thousands of clients. */
struct arena *arena_new_of(size_t size);

/* Runs what was deferred, newest first, and takes all memory back. NULL is
 * fine. */
void arena_release(struct arena *a);

/* Soon somebody will: what was deferred is fetched meanwhile. */
void arena_expect_release(const struct arena *a);

/* Zeroed, fits any type, lives as long as `a`. Never NULL. */
void *arena_alloc(struct arena *a, size_t size);

/* The same with whatever is in it: for what is written whole, or never read
 * where it was not. What nobody touches stays out of the caches. */
void *arena_take(struct arena *a, size_t size);

/* Copies, with a NUL behind them. */
char *arena_strdup(struct arena *a, const char *text);
char *arena_memdup(struct arena *a, const void *data, size_t size);
char *arena_printf(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Call `undo(thing)` when `a` is released. */
void arena_defer(struct arena *a, void (*undo)(void *thing), void *thing);

/* Bytes `a` holds, for tests. */
size_t arena_size(const struct arena *a);

/* Frees the pooled arenas; for leak checkers, at the end of a program. */
void arena_pool_clear(void);

/* malloc and friends that end the process instead of returning NULL: a policy
 * daemon without memory is better restarted by its supervisor. */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *text);

/* What was not looked at lately has left the processor's caches: who will look
 * can have it fetched meanwhile. A hint: anything may stand there, or NULL. */
enum { CACHE_LINE = 64 };
static inline void
memory_fetch(const void *at, size_t size)
{
	const char *from = at;

	for (size_t i = 0; i < size; i += CACHE_LINE)
		__builtin_prefetch(from + i);
	__builtin_prefetch(from + size); /* it begins anywhere in a line */
}

#endif
