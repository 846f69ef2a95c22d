/*
 * What is remembered of the DNS, how long, and what goes first.
 */
#include "ask/dns/cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "kit/suite.h"

enum { NOW = 1795279300, SEED = 7, MOST = 16 * 1024 };

struct scene {
	struct clock *clock;
	struct cache *cache;
	struct cached found;
};

static int
begin(void **state)
{
	struct scene *s = xcalloc(1, sizeof(*s));

	s->clock = clock_new_virtual(NOW);
	s->cache = cache_new(s->clock, SEED, MOST);
	*state = s;
	return 0;
}

static int
end(void **state)
{
	struct scene *s = *state;

	cache_free(s->cache);
	clock_free(s->clock);
	free(s);
	return 0;
}

static void
put(struct scene *s, enum dns_type type, const char *name, const char *records,
    uint64_t ttl_ms)
{
	const struct cached c = { .outcome = DNS_FOUND,
		.records = { records, strlen(records) } };

	cache_put(s->cache, type, name, &c, ttl_ms);
}

static bool
knows(struct scene *s, enum dns_type type, const char *name)
{
	return cache_find(s->cache, type, name, &s->found);
}

static void
assert_says(
    struct scene *s, enum dns_type type, const char *name, const char *records)
{
	assert_true(knows(s, type, name));
	assert_int_equal(s->found.records.size, strlen(records));
	assert_string_equal(s->found.records.text, records);
}

static void
what_was_put_is_found_by_type_and_name(void **state)
{
	struct scene *s = *state;

	assert_false(knows(s, DNS_A, "a.example"));
	put(s, DNS_A, "a.example", "one", 1000);
	put(s, DNS_MX, "a.example", "two", 1000);
	put(s, DNS_A, "b.example", "three", 1000);
	assert_says(s, DNS_A, "a.example", "one");
	assert_says(s, DNS_MX, "a.example", "two");
	assert_says(s, DNS_A, "b.example", "three");
	assert_false(knows(s, DNS_TXT, "a.example"));
	assert_false(knows(s, DNS_A, "a.exampl"));
	assert_false(knows(s, DNS_A, ""));
	assert_int_equal(cache_count(s->cache), 3);
}

static void
it_holds_as_long_as_it_was_said_to(void **state)
{
	struct scene *s = *state;

	put(s, DNS_A, "a.example", "one", 60 * 1000);
	clock_turn(s->clock, 59 * 1000 + 999);
	assert_says(s, DNS_A, "a.example", "one");
	clock_turn(s->clock, 1);
	assert_false(knows(s, DNS_A, "a.example"));
	assert_int_equal(cache_count(s->cache), 0);
	assert_int_equal(cache_bytes(s->cache), 0);
}

static void
finding_it_does_not_make_it_last(void **state)
{
	struct scene *s = *state;

	put(s, DNS_A, "a.example", "one", 1000);
	for (int i = 0; i < 10; i++) {
		assert_true(knows(s, DNS_A, "a.example"));
		clock_turn(s->clock, 100);
	}
	assert_false(knows(s, DNS_A, "a.example"));
}

static void
no_and_lost_are_kept_with_their_reason(void **state)
{
	const struct cached no = { .outcome = DNS_NO_NAME },
			    lost = { .outcome = DNS_FAILED,
				    .loss = LOSS_TIMEOUT };
	struct scene *s = *state;

	cache_put(s->cache, DNS_A, "no.example", &no, 9000);
	cache_put(s->cache, DNS_A, "lost.example", &lost, CACHE_LOST_MS);
	assert_true(knows(s, DNS_A, "no.example"));
	assert_int_equal(s->found.outcome, DNS_NO_NAME);
	assert_int_equal(s->found.records.size, 0);
	assert_true(knows(s, DNS_A, "lost.example"));
	assert_int_equal(s->found.outcome, DNS_FAILED);
	assert_int_equal(s->found.loss, LOSS_TIMEOUT);
	clock_turn(s->clock, CACHE_LOST_MS);
	assert_false(knows(s, DNS_A, "lost.example"));
	assert_true(knows(s, DNS_A, "no.example"));
}

static void
the_last_word_counts(void **state)
{
	struct scene *s = *state;
	size_t bytes;

	put(s, DNS_A, "a.example", "one", 1000);
	bytes = cache_bytes(s->cache);
	put(s, DNS_A, "a.example", "more", 5000);
	assert_int_equal(cache_count(s->cache), 1);
	assert_int_equal(cache_bytes(s->cache), bytes + 1);
	clock_turn(s->clock, 2000);
	assert_says(s, DNS_A, "a.example", "more");
	put(s, DNS_A, "a.example", "nothing", 0);
	assert_false(knows(s, DNS_A, "a.example"));
	assert_int_equal(cache_bytes(s->cache), 0);
}

static const char *
name_of(unsigned i)
{
	static char name[32];

	snprintf(name, sizeof(name), "n%06u.example", i);
	return name;
}

static void
the_longest_unused_goes_first(void **state)
{
	struct scene *s = *state;
	unsigned room = 0;

	while (cache_count(s->cache) == room)
		put(s, DNS_A, name_of(room++), "x", 60 * 1000);
	room--; /* so many have room: the first one had to go */
	assert_in_range(room, 50, 200);
	assert_false(knows(s, DNS_A, name_of(0)));
	assert_true(knows(s, DNS_A, name_of(1))); /* is used now */
	put(s, DNS_A, name_of(9000), "x", 60 * 1000);
	assert_true(knows(s, DNS_A, name_of(1)));
	assert_false(knows(s, DNS_A, name_of(2)));
	assert_true(knows(s, DNS_A, name_of(3)));
	assert_int_equal(cache_count(s->cache), room);
}

static void
it_never_holds_more_bytes_than_it_may(void **state)
{
	static char text[4000];
	struct scene *s = *state;

	for (unsigned i = 0; i < 20000; i++) {
		memset(text, 'x', i % sizeof(text));
		text[i % sizeof(text)] = '\0';
		put(s, DNS_TXT, name_of(i * 7919 % 5000), text, 1 + i % 90);
		assert_in_range(cache_bytes(s->cache), 0, MOST);
		knows(s, DNS_TXT, name_of(i % 5000));
		if (i % 16 == 0)
			clock_turn(s->clock, 1);
	}
	assert_true(cache_count(s->cache) > 0);
}

static void
what_is_too_large_leaves_the_others_alone(void **state)
{
	static char text[MOST];
	struct scene *s = *state;

	memset(text, 'x', sizeof(text) - 1);
	put(s, DNS_A, "a.example", "one", 1000);
	put(s, DNS_TXT, "large.example", text, 1000);
	assert_false(knows(s, DNS_TXT, "large.example"));
	assert_says(s, DNS_A, "a.example", "one");
}

static void
with_less_room_it_forgets_and_with_none_it_keeps_nothing(void **state)
{
	struct scene *s = *state;

	for (unsigned i = 0; i < 50; i++)
		put(s, DNS_A, name_of(i), "x", 1000);
	cache_limit(s->cache, MOST / 16);
	assert_in_range(cache_bytes(s->cache), 1, MOST / 16);
	assert_true(knows(s, DNS_A, name_of(49)));
	assert_false(knows(s, DNS_A, name_of(0)));
	cache_limit(s->cache, 0);
	assert_int_equal(cache_count(s->cache), 0);
	put(s, DNS_A, "a.example", "one", 1000);
	assert_false(knows(s, DNS_A, "a.example"));
}

static void
cleared_it_knows_nothing_and_goes_on(void **state)
{
	struct scene *s = *state;

	for (unsigned i = 0; i < 50; i++)
		put(s, DNS_A, name_of(i), "x", 1000);
	cache_clear(s->cache);
	assert_int_equal(cache_count(s->cache), 0);
	assert_int_equal(cache_bytes(s->cache), 0);
	put(s, DNS_A, "a.example", "one", 1000);
	assert_says(s, DNS_A, "a.example", "one");
}

/* Numbers of 64 bits do not collide by themselves: those of "same" do. */
uint64_t
hash_bytes(uint64_t begin, const void *bytes, size_t size)
{
	const unsigned char *at = bytes;
	uint64_t hash = begin + 14695981039346656037u;

	if (size > 4 && memcmp(bytes, "same", 4) == 0)
		return 1;
	while (size-- > 0)
		hash = (hash ^ *at++) * 1099511628211u;
	return hash;
}

uint64_t
hash_text(uint64_t begin, const char *text)
{
	return hash_bytes(begin, text, strlen(text));
}

static void
names_with_one_number_are_never_taken_for_each_other(void **state)
{
	struct scene *s = *state;

	put(s, DNS_A, "same1.example", "one", 1000);
	assert_false(knows(s, DNS_A, "same2.example"));
	assert_false(knows(s, DNS_MX, "same1.example"));
	assert_says(s, DNS_A, "same1.example", "one");
	put(s, DNS_A, "same2.example", "two", 1000); /* in its place */
	assert_says(s, DNS_A, "same2.example", "two");
	assert_false(knows(s, DNS_A, "same1.example"));
	assert_int_equal(cache_count(s->cache), 1);
}

#define TEST(s, test) suite_add_scene(s, #test, test, begin, end)

int
main(void)
{
	static struct suite s;

	TEST(&s, what_was_put_is_found_by_type_and_name);
	TEST(&s, it_holds_as_long_as_it_was_said_to);
	TEST(&s, finding_it_does_not_make_it_last);
	TEST(&s, no_and_lost_are_kept_with_their_reason);
	TEST(&s, the_last_word_counts);
	TEST(&s, the_longest_unused_goes_first);
	TEST(&s, it_never_holds_more_bytes_than_it_may);
	TEST(&s, what_is_too_large_leaves_the_others_alone);
	TEST(&s, with_less_room_it_forgets_and_with_none_it_keeps_nothing);
	TEST(&s, cleared_it_knows_nothing_and_goes_on);
	TEST(&s, names_with_one_number_are_never_taken_for_each_other);
	return suite_run(&s, "dns_cache");
}
