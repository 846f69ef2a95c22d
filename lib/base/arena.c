/*
 * arena - blocks in a list, cut from the front
 *
 * The first block is part of the arena and is kept when the arena returns to
 * the pool; a request that fits it costs no malloc at all. It is a mapping of
 * its own: a thousand requests at once would leave holes of its size between
 * what is kept of their clients, and the daemon would never be small again.
 */
#include "base/arena.h"

#include <limits.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/pool.h"

enum {
	PAGES = 8192, /* a request of Postfix and what it takes to judge */
	EXPECTED = 1024, /* a request, and what stands in front of it */
	SMALL_SIZE = 128,
	BRIEF = 1024, /* a charge with its meters, and their end */
	BLOCK_SIZE = 8192,
	/* Kept for the next requests. Somewhat more than 128 busy clients, who
	 * would else have some mapped and unmapped in each turn of the loop. */
	POOLED = 160
};

struct block {
	struct block *next;
	size_t size;
	alignas(max_align_t) char data[];
};

struct deferred {
	struct deferred *next;
	void (*undo)(void *thing);
	void *thing;
};

/* Thousands of idle clients have two each: it is small. */
struct arena {
	char *free; /* in the newest block: what is left of it */
	struct block *blocks; /* newest first, besides the first bytes */
	struct deferred *deferred;
	unsigned left;
	unsigned size; /* of the first bytes */
	alignas(max_align_t) char first[];
};

/* The one cache of the process: it holds no state, only memory at rest. Nothing
 * is read in there to take one, see pool.h. */
static void *pages[POOLED];
static unsigned page_count;
static struct pool brief = { .size = BRIEF };

static void
no_memory(void)
{
	static const char text[] = "policyd: out of memory\n";

	fwrite(text, 1, sizeof(text) - 1, stderr);
	abort();
}

void *
xmalloc(size_t size)
{
	void *p = malloc(size ? size : 1);

	if (!p)
		no_memory();
	return p;
}

void *
xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		no_memory();
	return p;
}

void *
xrealloc(void *p, size_t size)
{
	p = realloc(p, size ? size : 1);
	if (!p)
		no_memory();
	return p;
}

char *
xstrdup(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(xmalloc(size), text, size);
}

/* All that is taken is a multiple of the alignment, and so is what is left. */
static size_t
aligned(size_t size)
{
	const size_t align = alignof(max_align_t);

	return (size + align - 1) & ~(align - 1);
}

static struct block *
block_new(size_t size)
{
	struct block *b = xmalloc(sizeof(*b) + size);

	b->size = size;
	return b;
}

/* In memory of that size. */
static struct arena *
begin_arena(struct arena *a, size_t size)
{
	const unsigned first = (unsigned)(size - sizeof(*a));

	*a = (struct arena){ .free = a->first, .left = first, .size = first };
	return a;
}

/* There in a program with sanitizers: what only a mapping points to is lost to
 * LeakSanitizer, unless it is told to look there as well. */
void __lsan_register_root_region(const void *p, size_t size)
    __attribute__((weak));
void __lsan_unregister_root_region(const void *p, size_t size)
    __attribute__((weak));

static void *
map_pages(void)
{
	void *p = mmap(NULL, PAGES, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		no_memory();
	if (__lsan_register_root_region)
		__lsan_register_root_region(p, PAGES);
	return p;
}

static void
unmap_pages(void *p)
{
	if (__lsan_unregister_root_region)
		__lsan_unregister_root_region(p, PAGES);
	munmap(p, PAGES);
}

struct arena *
arena_new(void)
{
	return begin_arena(
	    page_count > 0 ? pages[--page_count] : map_pages(), PAGES);
}

void
arena_expect(void)
{
	if (page_count > 0)
		memory_fetch(pages[page_count - 1], EXPECTED);
}

struct arena *
arena_new_brief(void)
{
	return begin_arena(pool_take(&brief), BRIEF);
}

struct arena *
arena_new_of(size_t size)
{
	size_t whole = sizeof(struct arena) + aligned(size);

	if (whole == PAGES)
		whole += aligned(1); /* the size tells where it came from */
	return begin_arena(xmalloc(whole), whole);
}

struct arena *
arena_new_small(void)
{
	return arena_new_of(SMALL_SIZE);
}

static void
give_back(struct arena *a)
{
	const size_t size = sizeof(*a) + a->size;

	if (size == PAGES && page_count < POOLED)
		pages[page_count++] = a;
	else if (size == PAGES)
		unmap_pages(a);
	else if (size == BRIEF)
		pool_give(&brief, a);
	else
		free(a);
}

void
arena_expect_release(const struct arena *a)
{
	for (const struct deferred *d = a->deferred; d; d = d->next)
		memory_fetch(d->thing, CACHE_LINE);
}

void
arena_release(struct arena *a)
{
	if (!a)
		return;
	while (a->deferred) {
		struct deferred *d = a->deferred;

		a->deferred = d->next;
		d->undo(d->thing);
	}
	while (a->blocks) {
		struct block *b = a->blocks;

		a->blocks = b->next;
		free(b);
	}
	give_back(a);
}

void
arena_pool_clear(void)
{
	while (page_count > 0)
		unmap_pages(pages[--page_count]);
	pool_clear(&brief);
}

static void
grow(struct arena *a, size_t size)
{
	/* What began small grows. */
	const size_t twice = 2 * (a->blocks ? a->blocks->size : a->size);
	const size_t step = twice < BLOCK_SIZE ? twice : BLOCK_SIZE;
	struct block *b;

	if (size > UINT_MAX / 2)
		no_memory();
	b = block_new(size > step ? aligned(size) : step);
	b->next = a->blocks;
	a->blocks = b;
	a->free = b->data;
	a->left = (unsigned)b->size;
}

void *
arena_take(struct arena *a, size_t size)
{
	void *p;

	if (size > a->left)
		grow(a, size);
	size = aligned(size);
	p = a->free;
	a->free += size;
	a->left -= (unsigned)size;
	return p;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	return memset(arena_take(a, size), 0, size);
}

char *
arena_memdup(struct arena *a, const void *data, size_t size)
{
	char *copy = arena_take(a, size + 1);

	if (size)
		memcpy(copy, data, size);
	copy[size] = '\0';
	return copy;
}

char *
arena_strdup(struct arena *a, const char *text)
{
	return arena_memdup(a, text, strlen(text));
}

char *
arena_printf(struct arena *a, const char *format, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, format);
	n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	if (n < 0)
		return arena_strdup(a, "");
	text = arena_take(a, (size_t)n + 1);
	va_start(ap, format);
	vsnprintf(text, (size_t)n + 1, format, ap);
	va_end(ap);
	return text;
}

void
arena_defer(struct arena *a, void (*undo)(void *thing), void *thing)
{
	struct deferred *d = arena_take(a, sizeof(*d));

	d->next = a->deferred;
	d->undo = undo;
	d->thing = thing;
	a->deferred = d;
}

size_t
arena_size(const struct arena *a)
{
	size_t size = a->size;

	for (const struct block *b = a->blocks; b; b = b->next)
		size += b->size;
	return size;
}
