/*
 * Numbers for bytes.
 */
#include "base/hash.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kit/suite.h"

static void
equal_bytes_have_equal_hashes(void **state)
{
	char a[] = " sender@example.net", b[] = "sender@example.net";
	(void)state;

	/* Wherever they lie. */
	assert_true(hash_text(1, a + 1) == hash_text(1, b));
	assert_true(hash_text(1, b) == hash_bytes(1, b, strlen(b)));
}

static void
every_bit_of_every_byte_counts(void **state)
{
	unsigned char bytes[40] = { 0 };
	(void)state;

	for (size_t size = 1; size <= sizeof(bytes); size++) {
		const uint64_t hash = hash_bytes(1, bytes, size);

		for (size_t bit = 0; bit < 8 * size; bit++) {
			bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
			assert_true(hash_bytes(1, bytes, size) != hash);
			bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
		}
	}
}

static void
the_size_counts_though_the_bytes_are_zero(void **state)
{
	const unsigned char bytes[40] = { 0 };
	(void)state;

	for (size_t size = 0; size < sizeof(bytes); size++)
		assert_true(hash_bytes(1, bytes, size) !=
		    hash_bytes(1, bytes, size + 1));
}

static void
words_keep_their_bounds(void **state)
{
	(void)state;

	assert_true(hash_text(hash_text(1, "ab"), "c") !=
	    hash_text(hash_text(1, "a"), "bc"));
	assert_true(hash_text(hash_text(1, "abc"), "") !=
	    hash_text(hash_text(1, ""), "abc"));
}

static void
another_beginning_is_another_hash(void **state)
{
	(void)state;

	assert_true(hash_text(1, "a") != hash_text(2, "a"));
}

/* As a table sees them: neighbours fill 64 places about evenly. */
static void
neighbours_lie_apart(void **state)
{
	unsigned places[64] = { 0 };
	(void)state;

	for (uint32_t n = 0; n < 64 * 64; n++)
		places[hash_bytes(1, &n, sizeof(n)) % 64]++;
	for (size_t i = 0; i < 64; i++) {
		assert_true(places[i] > 16);
		assert_true(places[i] < 128);
	}
}

/* The kernel's, or none. */
static bool booting;

ssize_t
getrandom(void *out, size_t size, unsigned flags)
{
	if (!booting)
		return syscall(SYS_getrandom, out, size, flags);
	errno = EAGAIN;
	return -1;
}

static void
each_seed_is_another_one(void **state)
{
	(void)state;

	assert_true(hash_seed() != hash_seed());
}

static void
also_on_a_host_that_has_just_booted(void **state)
{
	uint64_t seed;
	(void)state;

	booting = true;
	seed = hash_seed();
	usleep(1); /* a clock may be coarse */
	assert_true(hash_seed() != seed);
	booting = false;
}

int
main(void)
{
	struct suite s = { 0 };

	SUITE_TEST(&s, equal_bytes_have_equal_hashes);
	SUITE_TEST(&s, every_bit_of_every_byte_counts);
	SUITE_TEST(&s, the_size_counts_though_the_bytes_are_zero);
	SUITE_TEST(&s, words_keep_their_bounds);
	SUITE_TEST(&s, another_beginning_is_another_hash);
	SUITE_TEST(&s, neighbours_lie_apart);
	SUITE_TEST(&s, each_seed_is_another_one);
	SUITE_TEST(&s, also_on_a_host_that_has_just_booted);
	return suite_run(&s, "base/hash");
}
