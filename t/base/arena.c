/*
 * Arenas: memory that is given back all at once.
 */
#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kit/suite.h"

struct size_row {
	const char *name;
	size_t size;
};

static const struct size_row size_rows[] = {
	{ "nothing can be had", 0 },
	{ "one byte can be had", 1 },
	{ "what fits a block exactly can be had", 8192 },
	{ "more than a block can be had", 8193 },
	{ "a megabyte can be had", 1 << 20 },
};

static bool
is_zero(const char *p, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (p[i])
			return false;
	return true;
}

static void
can_be_had(void **state)
{
	const struct size_row *row = *state;
	struct arena *a = arena_new();
	char *before = arena_alloc(a, 3), *p, *behind;

	p = arena_alloc(a, row->size);
	behind = arena_alloc(a, 3);
	assert_true(is_zero(p, row->size));
	memset(before, 1, 3);
	memset(behind, 2, 3);
	assert_true(is_zero(p, row->size));
	memset(p, 3, row->size);
	assert_true(before[2] == 1 && behind[0] == 2);
	assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
	arena_release(a);
}

static void
memory_is_zeroed_also_when_it_was_used_before(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct arena *a = arena_new();
		char *p = arena_alloc(a, 4000);

		assert_true(is_zero(p, 4000));
		memset(p, 0xff, 4000);
		arena_release(a);
	}
}

static void
copies_are_copies_and_end_in_NUL(void **state)
{
	struct arena *a = arena_new();
	char text[] = "text", *copy = arena_strdup(a, text);
	char *bytes = arena_memdup(a, "a\0b", 3);
	(void)state;

	text[0] = 'n';
	assert_string_equal(copy, "text");
	assert_memory_equal(bytes, "a\0b", 4);
	assert_string_equal(arena_memdup(a, NULL, 0), "");
	assert_string_equal(arena_printf(a, "%d %s", 7, "mails"), "7 mails");
	assert_string_equal(arena_printf(a, "%s", ""), "");
	assert_int_equal(strlen(arena_printf(a, "%20000d", 1)), 20000);
	arena_release(a);
}

static char order[8];

static void
note(void *thing)
{
	strncat(order, thing, 1);
}

static void
what_was_deferred_runs_newest_first(void **state)
{
	struct arena *a = arena_new();
	(void)state;

	order[0] = '\0';
	arena_defer(a, note, "a");
	arena_defer(a, note, "b");
	arena_alloc(a, 100000);
	arena_defer(a, note, "c");
	arena_release(a);
	assert_string_equal(order, "cba");
}

static void
what_was_deferred_runs_once_though_the_arena_is_used_again(void **state)
{
	struct arena *a = arena_new();
	(void)state;

	order[0] = '\0';
	arena_defer(a, note, "a");
	arena_release(a);
	arena_release(arena_new());
	assert_string_equal(order, "a");
}

static void
free_it(void *thing)
{
	arena_release(thing);
}

static void
one_arena_can_hang_on_another(void **state)
{
	struct arena *a = arena_new(), *b = arena_new();
	(void)state;

	order[0] = '\0';
	arena_defer(b, note, "b");
	arena_defer(a, free_it, b);
	arena_release(a);
	assert_string_equal(order, "b");
}

static void
releasing_nothing_is_fine(void **state)
{
	(void)state;
	arena_release(NULL);
}

static void
an_arena_says_how_much_it_holds_and_forgets_it(void **state)
{
	struct arena *a = arena_new();
	const size_t empty = arena_size(a);
	(void)state;

	arena_alloc(a, 100);
	assert_int_equal(arena_size(a), empty);
	arena_alloc(a, 1 << 20);
	assert_true(arena_size(a) >= empty + (1 << 20));
	arena_release(a);
	a = arena_new();
	assert_int_equal(arena_size(a), empty);
	arena_release(a);
}

static void
a_thousand_arenas_are_given_back_beyond_the_pool(void **state)
{
	struct arena *all[1000];
	(void)state;

	for (int i = 0; i < 1000; i++)
		all[i] = i % 2 ? arena_new() : arena_new_brief();
	for (int i = 0; i < 1000; i++)
		arena_release(all[i]);
}

/* Also of those that are as large as the pages of a request, or as a brief one:
 * sanitizers see when it goes back to where it did not come from. */
static void
one_of_any_size_goes_back_to_where_it_came_from(void **state)
{
	(void)state;

	for (size_t size = 1; size < 8400; size++)
		arena_release(arena_new_of(size));
}

static void
a_brief_one_is_used_again_for_another_and_grows_if_it_must(void **state)
{
	struct arena *a = arena_new_brief(), *b;
	const size_t empty = arena_size(a);
	(void)state;

	assert_true(empty < 1024);
	assert_non_null(arena_alloc(a, 10000));
	order[0] = '\0';
	arena_defer(a, note, "a");
	arena_release(a);
	b = arena_new_brief();
	assert_ptr_equal(b, a);
	assert_int_equal(arena_size(b), empty);
	arena_release(b);
	assert_string_equal(order, "a");
}

int
main(void)
{
	struct suite s = { 0 };
	int failed;

	SUITE_ROWS(&s, size_rows, can_be_had);
	SUITE_TEST(&s, memory_is_zeroed_also_when_it_was_used_before);
	SUITE_TEST(&s, copies_are_copies_and_end_in_NUL);
	SUITE_TEST(&s, what_was_deferred_runs_newest_first);
	SUITE_TEST(
	    &s, what_was_deferred_runs_once_though_the_arena_is_used_again);
	SUITE_TEST(&s, one_arena_can_hang_on_another);
	SUITE_TEST(&s, releasing_nothing_is_fine);
	SUITE_TEST(&s, an_arena_says_how_much_it_holds_and_forgets_it);
	SUITE_TEST(&s, a_thousand_arenas_are_given_back_beyond_the_pool);
	SUITE_TEST(&s, one_of_any_size_goes_back_to_where_it_came_from);
	SUITE_TEST(
	    &s, a_brief_one_is_used_again_for_another_and_grows_if_it_must);
	failed = suite_run(&s, "base/arena");
	arena_pool_clear();
	return failed;
}
