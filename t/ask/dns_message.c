/*
 * What is believed of a name server's answer, and what is not.
 */
#include "ask/dns/message.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "kit/packet.h"
#include "kit/suite.h"

enum { CNAME = 5, SOA = 6, SERVFAIL = 2, NXDOMAIN = 3, REFUSED = 5 };

static const char name[] = "www.example.com";
static const unsigned char v4[] = { 192, 0, 2, 1 }, other[] = { 192, 0, 2, 2 };

struct scene {
	struct arena *arena;
	struct packet packet;
	struct dns_message m;
};

static int
begin(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	s->arena = arena_new();
	*state = s;
	return 0;
}

static int
end(void **state)
{
	struct scene *s = *state;

	arena_release(s->arena);
	free(s);
	arena_pool_clear();
	return 0;
}

/* A copy of just so many bytes: the sanitizer sees where it ends. */
static enum dns_outcome
read_bytes(struct scene *s, const void *bytes, size_t size, enum dns_type type,
    const char *asked)
{
	unsigned char *copy = malloc(size ? size : 1);

	memcpy(copy, bytes, size);
	dns_message(s->arena, copy, size, type, asked, &s->m);
	free(copy);
	return s->m.outcome;
}

static enum dns_outcome
read_packet(struct scene *s, enum dns_type type)
{
	return read_bytes(s, s->packet.data, s->packet.size, type, name);
}

static void
add(struct scene *s, const char *owner, unsigned type, uint32_t ttl,
    const void *data, size_t size)
{
	packet_record(&s->packet, ANSWER, owner, type, ttl, data, size);
}

static void
assert_record(const struct scene *s, size_t i, const void *data, size_t size)
{
	assert_true(i < s->m.count);
	assert_int_equal(s->m.records[i].size, size);
	assert_memory_equal(s->m.records[i].data, data, size);
	assert_int_equal(s->m.records[i].data[size], 0);
}

/* -- what each type says -- */

static void
an_address_has_four_bytes(void **state)
{
	struct scene *s = *state;

	packet_begin(&s->packet, name, DNS_A, 0);
	add(s, name, DNS_A, 60, v4, 4);
	add(s, name, DNS_A, 50, other, 3); /* is left out */
	add(s, name, DNS_A, 70, other, 4);
	assert_int_equal(read_packet(s, DNS_A), DNS_FOUND);
	assert_int_equal(s->m.count, 2);
	assert_record(s, 0, v4, 4);
	assert_record(s, 1, other, 4);
	assert_int_equal(s->m.ttl, 50);
}

static void
an_ipv6_address_has_sixteen(void **state)
{
	static const unsigned char v6[] = { 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 1, 0 };
	struct scene *s = *state;

	packet_begin(&s->packet, name, DNS_AAAA, 0);
	add(s, name, DNS_AAAA, 60, v6, 16);
	add(s, name, DNS_AAAA, 60, v6, 17);
	add(s, name, DNS_AAAA, 60, v6, 4);
	assert_int_equal(read_packet(s, DNS_AAAA), DNS_FOUND);
	assert_int_equal(s->m.count, 1);
	assert_record(s, 0, v6, 16);
}

static void
strings_of_a_text_are_joined_whatever_is_in_them(void **state)
{
	static const char text[] = "\3v=s\0\4pf1 \3\0\n\xff";
	struct scene *s = *state;

	packet_begin(&s->packet, name, DNS_TXT, 0);
	add(s, name, DNS_TXT, 60, text, sizeof(text) - 1);
	add(s, name, DNS_TXT, 60, "\0", 1);
	add(s, name, DNS_TXT, 60, "\4cut", 4); /* is left out */
	assert_int_equal(read_packet(s, DNS_TXT), DNS_FOUND);
	assert_int_equal(s->m.count, 2);
	assert_record(s, 0, "v=spf1 \0\n\xff", 10);
	assert_record(s, 1, "", 0);
}

static void
a_long_text_comes_whole(void **state)
{
	struct scene *s = *state;
	char text[256 * 8], joined[255 * 8];

	for (int i = 0; i < 8; i++) {
		text[i * 256] = (char)255;
		memset(text + i * 256 + 1, 'a' + i, 255);
		memset(joined + i * 255, 'a' + i, 255);
	}
	packet_begin(&s->packet, name, DNS_TXT, 0);
	add(s, name, DNS_TXT, 60, text, sizeof(text));
	assert_int_equal(read_packet(s, DNS_TXT), DNS_FOUND);
	assert_record(s, 0, joined, sizeof(joined));
}

static void
mail_goes_to_hosts_in_lower_case_by_preference(void **state)
{
	struct scene *s = *state;

	packet_begin(&s->packet, name, DNS_MX, 0);
	packet_host(&s->packet, ANSWER, name, DNS_MX, 60, "MX1.Example.NET.");
	packet_host(&s->packet, ANSWER, name, DNS_MX, 60, "");
	add(s, name, DNS_MX, 60, "\0", 1);
	assert_int_equal(read_packet(s, DNS_MX), DNS_FOUND);
	assert_int_equal(s->m.count, 2);
	assert_record(s, 0, "mx1.example.net", 15);
	assert_int_equal(s->m.records[0].preference, 10);
	assert_record(s, 1, "", 0);
}

static void
hosts_with_odd_bytes_are_left_out(void **state)
{
	static const char *const odd[] = { "a b.example", "a\nb.example",
		"caf\xe9.example", "a\\b.example", "\x7f.example" };
	struct scene *s = *state;

	packet_begin(&s->packet, name, DNS_PTR, 0);
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		packet_host(&s->packet, ANSWER, name, DNS_PTR, 60, odd[i]);
	add(s, name, DNS_PTR, 60, "\3a.b\0", 5); /* a dot within a label */
	add(s, name, DNS_PTR, 60, "\3a\0b\0", 5);
	packet_host(&s->packet, ANSWER, name, DNS_PTR, 60, "a_b+c!.example");
	assert_int_equal(read_packet(s, DNS_PTR), DNS_FOUND);
	assert_int_equal(s->m.count, 1);
	assert_record(s, 0, "a_b+c!.example", 14);
}

static void
an_alias_may_have_bytes_that_no_host_has(void **state)
{
	struct scene *s = *state;

	packet_begin(&s->packet, name, DNS_A, 0);
	packet_host(&s->packet, ANSWER, name, 5, 60, "a b\\c.example");
	packet_record(&s->packet, ANSWER, "a b\\c.example", DNS_A, 60, v4, 4);
	assert_int_equal(read_packet(s, DNS_A), DNS_FOUND);
	assert_record(s, 0, v4, 4);
}

static void
a_name_with_nothing_but_odd_records_has_no_data(void **state)
{
	struct scene *s = *state;

	packet_begin(&s->packet, name, DNS_A, 0);
	add(s, name, DNS_A, 60, v4, 3);
	assert_int_equal(read_packet(s, DNS_A), DNS_NO_DATA);
	assert_int_equal(s->m.count, 0);
}

static void
of_too_many_records_the_first_ones_count(void **state)
{
	struct scene *s = *state;
	unsigned char data[4] = { 192, 0, 2, 0 };

	packet_begin(&s->packet, name, DNS_A, 0);
	for (unsigned i = 0; i < DNS_RECORDS + 44; i++) {
		data[3] = (unsigned char)i;
		add(s, name, DNS_A, 60, data, 4);
	}
	assert_int_equal(read_packet(s, DNS_A), DNS_FOUND);
	assert_int_equal(s->m.count, DNS_RECORDS);
	data[3] = (unsigned char)(DNS_RECORDS - 1);
	assert_record(s, DNS_RECORDS - 1, data, 4);
}

/* -- whose records -- */

static void
records_of_other_names_are_nobodys(void **state)
{
	struct scene *s = *state;

	packet_begin(&s->packet, name, DNS_A, 0);
	add(s, "example.com", DNS_A, 1, v4, 4);
	add(s, "xwww.example.com", DNS_A, 1, v4, 4);
	add(s, "www.example.co", DNS_A, 1, v4, 4);
	add(s, "", DNS_A, 1, v4, 4);
	assert_int_equal(read_packet(s, DNS_A), DNS_NO_DATA);
	assert_int_equal(s->m.ttl, 0);
}

static void
records_of_other_sections_types_and_classes_are_not_the_answer(void **state)
{
	struct scene *s = *state;

	packet_begin(&s->packet, name, DNS_A, 0);
	add(s, name, DNS_TXT, 1, "\3abc", 4);
	add(s, name, DNS_A, 1, v4, 4);
	packet_set16(&s->packet, s->packet.size - 12, 3); /* CHAOS */
	packet_record(&s->packet, AUTHORITY, name, DNS_A, 1, v4, 4);
	packet_record(&s->packet, ADDITIONAL, name, DNS_A, 1, v4, 4);
	assert_int_equal(read_packet(s, DNS_A), DNS_NO_DATA);
}

static void
names_are_the_same_in_any_case(void **state)
{
	struct scene *s = *state;

	packet_begin(&s->packet, "wWw.eXample.COM", DNS_A, 0);
	add(s, "WWW.example.Com", DNS_A, 60, v4, 4);
	assert_int_equal(read_packet(s, DNS_A), DNS_FOUND);
}

/* -- CNAME -- */

static void
aliases_lead_on_in_any_order(void **state)
{
	struct scene *s = *state;

	packet_begin(&s->packet, name, DNS_A, 0);
	add(s, "c.example.net", DNS_A, 60, v4, 4);
	packet_host(
	    &s->packet, ANSWER, "b.example.net", CNAME, 7, "C.example.net");
	packet_host(&s->packet, ANSWER, name, CNAME, 90, "b.example.net");
	add(s, "d.example.net", DNS_A, 1, other, 4);
	assert_int_equal(read_packet(s, DNS_A), DNS_FOUND);
	assert_int_equal(s->m.count, 1);
	assert_record(s, 0, v4, 4);
	assert_int_equal(s->m.ttl, 7);
}

static void
an_alias_of_a_name_without_records_has_none(void **state)
{
	struct scene *s = *state;

	packet_begin(&s->packet, name, DNS_A, 0);
	packet_host(&s->packet, ANSWER, name, CNAME, 90, "b.example.net");
	packet_soa(&s->packet, "example.net", 300, 20);
	assert_int_equal(read_packet(s, DNS_A), DNS_NO_DATA);
	assert_int_equal(s->m.ttl, 20);
}

static void
an_alias_of_no_name_is_none(void **state)
{
	struct scene *s = *state;

	packet_begin(&s->packet, name, DNS_A, NXDOMAIN);
	packet_host(&s->packet, ANSWER, name, CNAME, 9, "b.example.net");
	packet_soa(&s->packet, "example.net", 300, 20);
	assert_int_equal(read_packet(s, DNS_A), DNS_NO_NAME);
	assert_int_equal(s->m.ttl, 9);
}

static void
aliases_in_a_circle_are_nonsense(void **state)
{
	struct scene *s = *state;

	packet_begin(&s->packet, name, DNS_A, 0);
	packet_host(&s->packet, ANSWER, name, CNAME, 9, "b.example.net");
	packet_host(&s->packet, ANSWER, "b.example.net", CNAME, 9, name);
	add(s, "b.example.net", DNS_A, 60, v4, 4);
	assert_int_equal(read_packet(s, DNS_A), DNS_NONSENSE);
	packet_begin(&s->packet, name, DNS_A, 0);
	packet_host(&s->packet, ANSWER, name, CNAME, 9, name);
	assert_int_equal(read_packet(s, DNS_A), DNS_NONSENSE);
}

/* `count` of them, and the address of the last. */
static void
chain(struct scene *s, unsigned count)
{
	char from[] = "www.example.com", to[] = "axx.example.com";

	packet_begin(&s->packet, name, DNS_A, 0);
	for (unsigned i = 0; i < count; i++) {
		to[2] = (char)('a' + i);
		packet_host(&s->packet, ANSWER, from, CNAME, 9, to);
		strcpy(from, to);
	}
	add(s, from, DNS_A, 60, v4, 4);
}

static void
aliases_without_end_are_nonsense(void **state)
{
	struct scene *s = *state;

	chain(s, DNS_CNAMES);
	assert_int_equal(read_packet(s, DNS_A), DNS_FOUND);
	chain(s, DNS_CNAMES + 1);
	assert_int_equal(read_packet(s, DNS_A), DNS_NONSENSE);
}

/* -- how long -- */

static void
the_least_ttl_counts_and_one_with_its_first_bit_is_none(void **state)
{
	struct scene *s = *state;

	packet_begin(&s->packet, name, DNS_A, 0);
	add(s, name, DNS_A, INT32_MAX, v4, 4);
	assert_int_equal(read_packet(s, DNS_A), DNS_FOUND);
	assert_int_equal(s->m.ttl, INT32_MAX);
	add(s, name, DNS_A, 0x80000000, v4, 4);
	assert_int_equal(read_packet(s, DNS_A), DNS_FOUND);
	assert_int_equal(s->m.ttl, 0);
}

struct negative {
	const char *name;
	uint32_t ttl, minimum, holds;
};

static const struct negative negatives[] = {
	{ "no holds as long as the zone says", 900, 60, 60 },
	{ "no holds no longer than its SOA", 30, 60, 30 },
	{ "no holds an hour at most", 86400, 86400, DNS_NEGATIVE },
	{ "no may hold for no time", 900, 0, 0 },
	{ "a minimum of any size is one", 900, UINT32_MAX, 900 },
};

static void
check_negative(void **state)
{
	const struct negative *row = *state;
	void *scene;
	struct scene *s;

	begin(&scene);
	s = scene;
	packet_begin(&s->packet, name, DNS_A, NXDOMAIN);
	packet_soa(&s->packet, "example.com", row->ttl, row->minimum);
	assert_int_equal(read_packet(s, DNS_A), DNS_NO_NAME);
	assert_int_equal(s->m.ttl, row->holds);
	end(&scene);
}

static void
no_without_a_sound_soa_holds_for_no_time(void **state)
{
	struct scene *s = *state;

	packet_begin(&s->packet, name, DNS_A, 0);
	assert_int_equal(read_packet(s, DNS_A), DNS_NO_DATA);
	assert_int_equal(s->m.ttl, 0);
	packet_record(
	    &s->packet, AUTHORITY, "example.com", SOA, 60, "\0\0abc", 5);
	assert_int_equal(read_packet(s, DNS_A), DNS_NO_DATA);
	assert_int_equal(s->m.ttl, 0);
}

/* -- what is no answer -- */

static void
every_other_code_has_failed(void **state)
{
	struct scene *s = *state;

	for (unsigned code = 1; code < 16; code++) {
		packet_begin(&s->packet, name, DNS_A, code);
		add(s, name, DNS_A, 60, v4, 4);
		if (code != NXDOMAIN)
			assert_int_equal(read_packet(s, DNS_A), DNS_FAILED);
	}
}

static void
what_failed_need_not_repeat_the_question(void **state)
{
	struct scene *s = *state;

	packet_begin(&s->packet, name, DNS_A, REFUSED);
	packet_set16(&s->packet, 4, 0);
	s->packet.size = PACKET_HEADER;
	assert_int_equal(read_packet(s, DNS_A), DNS_FAILED);
}

static void
answers_to_other_questions_are_nonsense(void **state)
{
	struct scene *s = *state;

	packet_begin(&s->packet, "other.example.com", DNS_A, 0);
	assert_int_equal(read_packet(s, DNS_A), DNS_NONSENSE);
	packet_begin(&s->packet, name, DNS_AAAA, 0);
	assert_int_equal(read_packet(s, DNS_A), DNS_NONSENSE);
	packet_begin(&s->packet, name, DNS_A, 0);
	packet_set16(&s->packet, s->packet.size - 2, 3); /* CHAOS */
	assert_int_equal(read_packet(s, DNS_A), DNS_NONSENSE);
	packet_begin(&s->packet, name, DNS_A, 0);
	packet_set16(&s->packet, 4, 2); /* two questions */
	assert_int_equal(read_packet(s, DNS_A), DNS_NONSENSE);
	packet_set16(&s->packet, 4, 0);
	assert_int_equal(read_packet(s, DNS_A), DNS_NONSENSE);
}

static void
questions_and_other_operations_are_no_answers(void **state)
{
	struct scene *s = *state;

	packet_begin(&s->packet, name, DNS_A, 0);
	packet_set16(&s->packet, 2, 0x0180);
	assert_int_equal(read_packet(s, DNS_A), DNS_NONSENSE);
	packet_set16(&s->packet, 2, 0xa980);
	assert_int_equal(read_packet(s, DNS_A), DNS_NONSENSE);
}

/* -- names on the wire -- */

/* A record whose owner is these bytes; v4 is its data. */
static enum dns_outcome
read_owner(struct scene *s, const void *owner, size_t size)
{
	packet_begin(&s->packet, name, DNS_A, 0);
	packet_set16(&s->packet, ANSWER, 1);
	packet_bytes(&s->packet, owner, size);
	packet16(&s->packet, DNS_A);
	packet16(&s->packet, 1);
	packet32(&s->packet, 60);
	packet16(&s->packet, 4);
	packet_bytes(&s->packet, v4, 4);
	return read_packet(s, DNS_A);
}

struct owner {
	const char *name, *bytes;
	size_t size;
	enum dns_outcome outcome;
};

// clang-format off
/* The question's name is at 12: 3 "www" 7 "example" 3 "com" 0; the record at
 * 33. */
#define BYTES(text) text, sizeof(text) - 1
static const struct owner owners[] = {
	{ "a pointer leads back to a name", BYTES("\xc0\x0c"), DNS_FOUND },
	{ "a pointer may follow labels", BYTES("\3www\xc0\x10"), DNS_FOUND },
	{ "a pointer into a name is another name", BYTES("\xc0\x10"),
	    DNS_NO_DATA },
	{ "a pointer to itself is nonsense", BYTES("\xc0\x21"), DNS_NONSENSE },
	{ "a pointer to its own labels is nonsense", BYTES("\3www\xc0\x21"),
	    DNS_NONSENSE },
	{ "a pointer forward is nonsense", BYTES("\xc0\x23"), DNS_NONSENSE },
	{ "a pointer past the end is nonsense", BYTES("\xff\xff"),
	    DNS_NONSENSE },
	{ "a pointer into the header is a name as any", BYTES("\xc0\x00"),
	    DNS_NO_DATA },
	{ "a label of 64 bytes is nonsense", BYTES("\x40" "aaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\0"),
	    DNS_NONSENSE },
	{ "a label of another kind is nonsense", BYTES("\x80\x0c"),
	    DNS_NONSENSE },
};
// clang-format on

static void
check_owner(void **state)
{
	const struct owner *row = *state;
	void *scene;

	begin(&scene);
	assert_int_equal(
	    read_owner(scene, row->bytes, row->size), row->outcome);
	end(&scene);
}

/* Labels of 63 bytes and one of `last`. */
static size_t
long_name(char *out, size_t last)
{
	char *p = out;

	for (int i = 0; i < 3; i++) {
		memset(p, 'a' + i, 63);
		p += 63;
		*p++ = '.';
	}
	memset(p, 'z', last);
	p[last] = '\0';
	return (size_t)(p - out) + last;
}

static void
names_of_253_bytes_are_whole_and_longer_ones_nonsense(void **state)
{
	struct scene *s = *state;
	char host[300];

	assert_int_equal(long_name(host, 61), 253);
	packet_begin(&s->packet, host, DNS_A, 0);
	add(s, host, DNS_A, 60, v4, 4);
	assert_int_equal(
	    read_bytes(s, s->packet.data, s->packet.size, DNS_A, host),
	    DNS_FOUND);
	long_name(host, 62);
	packet_begin(&s->packet, name, DNS_A, 0);
	add(s, host, DNS_A, 60, v4, 4);
	assert_int_equal(read_packet(s, DNS_A), DNS_NONSENSE);
}

/* Each pointer leads to the one before it, with a label more. */
static void
a_name_grown_by_pointers_is_nonsense(void **state)
{
	struct scene *s = *state;
	size_t before = PACKET_HEADER;

	packet_begin(&s->packet, name, DNS_A, 0);
	for (int i = 0; i < 150; i++) {
		const size_t at = s->packet.size;

		packet_bytes(&s->packet, "\1a", 2);
		packet16(&s->packet, 0xc000 | (unsigned)before);
		packet_bytes(
		    &s->packet, "\0\1\0\1\0\0\0\x3c\0\4\300\0\2\1", 14);
		before = at;
	}
	packet_set16(&s->packet, ANSWER, 119);
	assert_int_equal(read_packet(s, DNS_A), DNS_NO_DATA);
	packet_set16(&s->packet, ANSWER, 120); /* 17 + 2 * 120 > 255 */
	assert_int_equal(read_packet(s, DNS_A), DNS_NONSENSE);
}

static void
names_in_data_end_with_it(void **state)
{
	struct scene *s = *state;

	packet_begin(&s->packet, name, DNS_PTR, 0);
	add(s, name, DNS_PTR, 60, "\1a", 2); /* no end */
	add(s, name, DNS_PTR, 60, "\xc0", 1); /* half a pointer */
	add(s, name, DNS_PTR, 60, "\xc0\x0c", 2);
	assert_int_equal(read_packet(s, DNS_PTR), DNS_FOUND);
	assert_int_equal(s->m.count, 1);
	assert_record(s, 0, name, strlen(name));
}

/* -- counts and cuts -- */

static void
counts_that_lie_are_nonsense(void **state)
{
	static const unsigned lies[] = { 2, 100, 5000, 65535 };
	struct scene *s = *state;

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		packet_begin(&s->packet, name, DNS_A, 0);
		add(s, name, DNS_A, 60, v4, 4);
		packet_set16(&s->packet, ANSWER, lies[i]);
		assert_int_equal(read_packet(s, DNS_A), DNS_NONSENSE);
		packet_set16(&s->packet, ANSWER, 1);
		packet_set16(&s->packet, AUTHORITY, lies[i]);
		assert_int_equal(read_packet(s, DNS_A), DNS_NONSENSE);
	}
}

/* One with all there is. */
static void
full_packet(struct packet *p)
{
	packet_begin(p, name, DNS_MX, 0);
	packet_host(p, ANSWER, name, CNAME, 90, "b.example.net");
	packet_host(p, ANSWER, "b.example.net", DNS_MX, 90, "mx.example.net");
	packet_set16(p, ANSWER, 3);
	packet_bytes(p, "\xc0\x0c\0\x0f\0\1\0\0\0\x3c\0\4\0\5\xc0\x0c", 16);
	packet_soa(p, "example.net", 300, 20);
}

static void
a_packet_that_is_cut_anywhere_is_nonsense(void **state)
{
	struct scene *s = *state;

	full_packet(&s->packet);
	assert_int_equal(read_packet(s, DNS_MX), DNS_FOUND);
	assert_record(s, 0, "mx.example.net", 14);
	for (size_t size = 0; size < s->packet.size; size++)
		assert_int_equal(
		    read_bytes(s, s->packet.data, size, DNS_MX, name),
		    DNS_NONSENSE);
}

/* Sanitizers watch. */
static void
any_byte_may_be_any_other(void **state)
{
	struct scene *s = *state;
	struct packet *p = &s->packet;

	full_packet(p);
	for (size_t at = 0; at < p->size; at++)
		for (unsigned flip = 1; flip < 256; flip += flip) {
			p->data[at] ^= (unsigned char)flip;
			read_packet(s, DNS_MX);
			assert_in_range(s->m.outcome, DNS_FOUND, DNS_NONSENSE);
			assert_in_range(s->m.count, 0, 3);
			p->data[at] ^= (unsigned char)flip;
		}
	assert_int_equal(read_packet(s, DNS_MX), DNS_FOUND);
}

static void
a_packet_full_of_the_smallest_records_is_read(void **state)
{
	struct scene *s = *state;
	unsigned count = 0;

	packet_begin(&s->packet, name, DNS_TXT, 0);
	while (s->packet.size + 11 <= PACKET_BYTES) {
		packet_bytes(&s->packet, "\0\0\x10\0\1\0\0\0\0\0\0", 11);
		count++;
	}
	packet_set16(&s->packet, ANSWER, count);
	assert_int_equal(read_packet(s, DNS_TXT), DNS_NO_DATA);
}

#define TEST(s, test) suite_add_scene(s, #test, test, begin, end)

int
main(void)
{
	static struct suite s;

	TEST(&s, an_address_has_four_bytes);
	TEST(&s, an_ipv6_address_has_sixteen);
	TEST(&s, strings_of_a_text_are_joined_whatever_is_in_them);
	TEST(&s, a_long_text_comes_whole);
	TEST(&s, mail_goes_to_hosts_in_lower_case_by_preference);
	TEST(&s, hosts_with_odd_bytes_are_left_out);
	TEST(&s, an_alias_may_have_bytes_that_no_host_has);
	TEST(&s, a_name_with_nothing_but_odd_records_has_no_data);
	TEST(&s, of_too_many_records_the_first_ones_count);
	TEST(&s, records_of_other_names_are_nobodys);
	TEST(
	    &s, records_of_other_sections_types_and_classes_are_not_the_answer);
	TEST(&s, names_are_the_same_in_any_case);
	TEST(&s, aliases_lead_on_in_any_order);
	TEST(&s, an_alias_of_a_name_without_records_has_none);
	TEST(&s, an_alias_of_no_name_is_none);
	TEST(&s, aliases_in_a_circle_are_nonsense);
	TEST(&s, aliases_without_end_are_nonsense);
	TEST(&s, the_least_ttl_counts_and_one_with_its_first_bit_is_none);
	SUITE_ROWS(&s, negatives, check_negative);
	TEST(&s, no_without_a_sound_soa_holds_for_no_time);
	TEST(&s, every_other_code_has_failed);
	TEST(&s, what_failed_need_not_repeat_the_question);
	TEST(&s, answers_to_other_questions_are_nonsense);
	TEST(&s, questions_and_other_operations_are_no_answers);
	SUITE_ROWS(&s, owners, check_owner);
	TEST(&s, names_of_253_bytes_are_whole_and_longer_ones_nonsense);
	TEST(&s, a_name_grown_by_pointers_is_nonsense);
	TEST(&s, names_in_data_end_with_it);
	TEST(&s, counts_that_lie_are_nonsense);
	TEST(&s, a_packet_that_is_cut_anywhere_is_nonsense);
	TEST(&s, any_byte_may_be_any_other);
	TEST(&s, a_packet_full_of_the_smallest_records_is_read);
	return suite_run(&s, "dns_message");
}
