/*
 * From names to addresses, with a name server of the test's own.
 */
#include "ask/dns/resolve.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ask/ticker.h"
#include "kit/suite.h"

enum { HEADER = 12, PACKET = 512, TYPE_A = 1, TYPE_AAAA = 28 };

/* Where there is no answer; where there is one, a busy machine may need it. */
enum { DEADLINE = 300, PATIENCE = 60 * 1000 };

enum saying { ADDRESSES, NOTHING, NO_SUCH_NAME, BROKEN, MANY };

struct scene {
	uv_loop_t loop;
	struct clock *clock;
	struct ticker *ticker;
	struct resolver *resolver;
	uv_poll_t server; /* a name server, in the same loop */
	int fd;
	char address[32];
	enum saying saying;
	unsigned deadline;
	unsigned asked;
	unsigned char late[PACKET]; /* the last question */
	size_t late_size;
	struct sockaddr_in client;

	struct lookup lookup;
	unsigned told;
	struct address found[LOOKUP_ADDRESSES];
	size_t count;
	char error[128];
	bool closed;
};

static size_t
add_record(unsigned char *p, int type, unsigned number)
{
	static const unsigned char v4[] = { 0xc0, HEADER, 0, TYPE_A, 0, 1, 0, 0,
		0, 60, 0, 4, 192, 0, 2, 0 };
	static const unsigned char v6[] = { 0xc0, HEADER, 0, TYPE_AAAA, 0, 1, 0,
		0, 0, 60, 0, 16, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0 };
	const size_t size = type == TYPE_A ? sizeof(v4) : sizeof(v6);

	memcpy(p, type == TYPE_A ? v4 : v6, size);
	p[size - 1] = (unsigned char)number;
	return size;
}

/* The question, made an answer; returns its size. */
static size_t
make_answer(struct scene *s, unsigned char *p, size_t size)
{
	size_t end = HEADER;
	unsigned count = s->saying == MANY ? 12 : 2;
	int type;

	while (p[end])
		end += p[end] + 1u;
	type = p[end + 2];
	end += 5; /* behind the question; what follows is EDNS */
	memset(p + 6, 0, 6);
	p[2] |= 0x80;
	p[3] = 0x80;
	if (s->saying == NO_SUCH_NAME)
		p[3] |= 3;
	if (s->saying == NO_SUCH_NAME || (type != TYPE_A && type != TYPE_AAAA))
		return end;
	if (s->saying == BROKEN)
		return size > 20 ? 20 : size;
	p[7] = (unsigned char)count;
	for (unsigned i = 1; i <= count; i++)
		end += add_record(p + end, type, i);
	return end;
}

static void
send_answer(struct scene *s, unsigned char *packet, size_t size)
{
	size = make_answer(s, packet, size);
	sendto(s->fd, packet, size, 0, (struct sockaddr *)&s->client,
	    sizeof(s->client));
}

static void
on_question(uv_poll_t *poll, int status, int events)
{
	struct scene *s = poll->data;
	unsigned char packet[PACKET * 2];
	socklen_t size = sizeof(s->client);
	const ssize_t n = recvfrom(
	    s->fd, packet, PACKET, 0, (struct sockaddr *)&s->client, &size);
	(void)status;
	(void)events;

	if (n < HEADER)
		return;
	s->asked++;
	memcpy(s->late, packet, (size_t)n);
	s->late_size = (size_t)n;
	if (s->saying != NOTHING)
		send_answer(s, packet, (size_t)n);
}

static void
on_found(struct lookup *l, const struct address *addresses, size_t count,
    const char *error)
{
	struct scene *s = (void *)((char *)l - offsetof(struct scene, lookup));

	s->told++;
	s->count = count;
	for (size_t i = 0; i < count; i++)
		s->found[i] = addresses[i];
	snprintf(s->error, sizeof(s->error), "%s", error);
}

static void
begin(struct scene *s, enum saying saying)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(a);

	*s = (struct scene){ .saying = saying, .lookup.found = on_found };
	s->deadline = saying == NOTHING || saying == BROKEN ? DEADLINE
							    : PATIENCE;
	uv_loop_init(&s->loop);
	s->clock = clock_new();
	s->ticker = ticker_new(&s->loop, s->clock);
	s->fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&a, sizeof(a)), 0);
	getsockname(s->fd, (struct sockaddr *)&a, &size);
	snprintf(
	    s->address, sizeof(s->address), "127.0.0.1:%u", ntohs(a.sin_port));
	uv_poll_init(&s->loop, &s->server, s->fd);
	s->server.data = s;
	uv_poll_start(&s->server, UV_READABLE, on_question);
	s->resolver = resolver_new(&s->loop, s->clock, s->address);
}

static void
run_until_told(struct scene *s)
{
	while (!s->told)
		uv_run(&s->loop, UV_RUN_ONCE);
}

static void
look_up(struct scene *s, const char *host)
{
	s->told = 0;
	resolver_lookup(s->resolver, &s->lookup, host, s->deadline);
	assert_int_equal(s->told, 0); /* not from inside */
	run_until_told(s);
	assert_int_equal(s->told, 1);
}

static void
on_closed(void *data)
{
	((struct scene *)data)->closed = true;
}

static void
end(struct scene *s)
{
	resolver_free(s->resolver, on_closed, s);
	while (!s->closed)
		uv_run(&s->loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&s->server, NULL);
	ticker_free(s->ticker);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&s->loop), 0);
	clock_free(s->clock);
	close(s->fd);
}

static void
assert_found(const struct scene *s, size_t i, const char *text)
{
	char found[ADDRESS_TEXT];

	assert_true(i < s->count);
	assert_string_equal(address_text(&s->found[i], found), text);
}

static void
an_address_is_its_own_answer(void **state)
{
	struct scene s;
	(void)state;

	begin(&s, NOTHING);
	look_up(&s, "192.0.2.7");
	assert_int_equal(s.count, 1);
	assert_found(&s, 0, "192.0.2.7");
	look_up(&s, "2001:db8::7");
	assert_found(&s, 0, "2001:db8::7");
	assert_int_equal(s.asked, 0);
	end(&s);
}

static void
a_name_has_its_addresses_of_ipv4_first(void **state)
{
	struct scene s;
	(void)state;

	begin(&s, ADDRESSES);
	look_up(&s, "redis.example.com.");
	assert_int_equal(s.count, 4);
	assert_found(&s, 0, "192.0.2.1");
	assert_found(&s, 1, "192.0.2.2");
	assert_found(&s, 2, "2001:db8::1");
	assert_found(&s, 3, "2001:db8::2");
	end(&s);
}

static void
of_many_addresses_some_are_enough(void **state)
{
	struct scene s;
	(void)state;

	begin(&s, MANY);
	look_up(&s, "redis.example.com.");
	assert_int_equal(s.count, LOOKUP_ADDRESSES);
	assert_found(&s, 7, "192.0.2.8");
	end(&s);
}

static void
localhost_needs_no_name_server(void **state)
{
	struct scene s;
	(void)state;

	begin(&s, NOTHING);
	look_up(&s, "localhost");
	assert_found(&s, 0, "127.0.0.1");
	end(&s);
}

static void
a_name_that_is_not_there_is_an_answer(void **state)
{
	struct scene s;
	(void)state;

	begin(&s, NO_SUCH_NAME);
	look_up(&s, "nowhere.example.com.");
	assert_int_equal(s.count, 0);
	assert_string_equal(s.error, "Domain name not found");
	end(&s);
}

static void
what_is_no_name_is_told_too(void **state)
{
	static const char *const names[] = { "a..b", "", ".", "x.onion" };
	struct scene s;
	(void)state;

	begin(&s, NO_SUCH_NAME);
	for (size_t i = 0; i < 4; i++) {
		look_up(&s, names[i]);
		assert_int_equal(s.count, 0);
		assert_true(strlen(s.error) > 0);
	}
	end(&s);
}

static void
garbage_is_no_answer(void **state)
{
	struct scene s;
	(void)state;

	begin(&s, BROKEN);
	look_up(&s, "redis.example.com.");
	assert_int_equal(s.count, 0);
	end(&s);
}

static uint64_t
timed(const struct scene *s)
{
	const struct histogram *h = &resolver_counts(s->resolver)->times;
	uint64_t n = 0;

	for (int i = 0; i <= HISTOGRAM_BOUNDS; i++)
		n += h->counts[i];
	return n;
}

static void
answers_are_timed_and_silence_is_counted(void **state)
{
	struct scene s;
	(void)state;

	begin(&s, ADDRESSES);
	look_up(&s, "192.0.2.1");
	assert_int_equal(timed(&s), 0);
	look_up(&s, "redis.example.com.");
	assert_int_equal(timed(&s), 1);
	s.saying = NO_SUCH_NAME;
	look_up(&s, "nowhere.example.com.");
	assert_int_equal(timed(&s), 2);
	assert_int_equal(resolver_counts(s.resolver)->lost, 0);
	s.saying = NOTHING;
	s.deadline = DEADLINE;
	look_up(&s, "silent.example.com.");
	assert_int_equal(timed(&s), 2);
	assert_int_equal(resolver_counts(s.resolver)->lost, 1);
	end(&s);
}

static void
silence_ends_at_the_deadline_and_late_answers_are_nobodys(void **state)
{
	struct scene s;
	uint64_t start;
	(void)state;

	begin(&s, NOTHING);
	start = clock_us(s.clock);
	look_up(&s, "redis.example.com.");
	assert_int_equal(s.count, 0);
	assert_in_range(clock_us(s.clock) - start, DEADLINE * 1000 - 2000,
	    10 * 1000 * 1000);
	s.saying = ADDRESSES;
	s.deadline = PATIENCE;
	send_answer(&s, s.late, s.late_size);
	look_up(&s, "other.example.com.");
	assert_int_equal(s.told, 1);
	assert_int_equal(s.count, 4);
	end(&s);
}

/* As when resolv.conf is written once there is a network. */
static void
without_an_answer_the_name_servers_are_read_again(void **state)
{
	struct scene s;
	char right[sizeof(s.address)];
	(void)state;

	begin(&s, ADDRESSES);
	strcpy(right, s.address);
	strcpy(s.address, "127.0.0.1:9");
	s.deadline = DEADLINE;
	look_up(&s, "redis.example.com.");
	assert_int_equal(s.count, 0);
	strcpy(s.address, right);
	s.deadline = PATIENCE;
	look_up(&s, "redis.example.com.");
	assert_int_equal(s.count, 4);
	strcpy(s.address, "127.0.0.1:9"); /* not looked at: it found some */
	look_up(&s, "redis.example.com.");
	assert_int_equal(s.count, 4);
	end(&s);
}

static void
who_cancels_is_told_nothing(void **state)
{
	struct scene s;
	(void)state;

	begin(&s, ADDRESSES);
	resolver_lookup(s.resolver, &s.lookup, "redis.example.com.", DEADLINE);
	lookup_cancel(&s.lookup);
	lookup_cancel(&s.lookup);
	resolver_lookup(s.resolver, &s.lookup, "192.0.2.7", DEADLINE);
	lookup_cancel(&s.lookup);
	for (int i = 0; i < 20; i++)
		uv_run(&s.loop, UV_RUN_NOWAIT);
	assert_int_equal(s.told, 0);
	end(&s);
}

static void
freeing_it_tells_who_waits(void **state)
{
	struct scene s;
	(void)state;

	begin(&s, NOTHING);
	resolver_lookup(s.resolver, &s.lookup, "redis.example.com.", 60 * 1000);
	while (s.asked == 0)
		uv_run(&s.loop, UV_RUN_ONCE);
	end(&s);
	assert_int_equal(s.told, 1);
	assert_int_equal(s.count, 0);
}

int
main(void)
{
	struct suite s = { .count = 0 };

	SUITE_TEST(&s, an_address_is_its_own_answer);
	SUITE_TEST(&s, a_name_has_its_addresses_of_ipv4_first);
	SUITE_TEST(&s, of_many_addresses_some_are_enough);
	SUITE_TEST(&s, localhost_needs_no_name_server);
	SUITE_TEST(&s, a_name_that_is_not_there_is_an_answer);
	SUITE_TEST(&s, what_is_no_name_is_told_too);
	SUITE_TEST(&s, garbage_is_no_answer);
	SUITE_TEST(&s, answers_are_timed_and_silence_is_counted);
	SUITE_TEST(
	    &s, silence_ends_at_the_deadline_and_late_answers_are_nobodys);
	SUITE_TEST(&s, without_an_answer_the_name_servers_are_read_again);
	SUITE_TEST(&s, who_cancels_is_told_nothing);
	SUITE_TEST(&s, freeing_it_tells_who_waits);
	return suite_run(&s, "resolve");
}
