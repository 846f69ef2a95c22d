/*
 * The door to the name servers, over real UDP and TCP.
 */
#include "ask/dns/dns.h"

#include <ares.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask/dns/words.h"
#include "ask/ticker.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "kit/nameserver.h"
#include "kit/suite.h"

enum { DEADLINE = 400, MANY = 5000, IN_FLIGHT = 100, CACHE = 1 << 20 };

static const char zone[] = "example.com SOA 60\n"
			   "www.example.com A 192.0.2.1\n"
			   "www.example.com A 192.0.2.2\n"
			   "xn--bcher-kva.example.com A 192.0.2.6\n"
			   "txt.example.com TXT v=spf1 -all\n"
			   "mx.example.com MX 10 mail.example.com\n"
			   "alias.example.com CNAME www.example.com\n"
			   "slow.example.com A 192.0.2.3\n"
			   "slow.example.com * !after=0.7\n"
			   "later.example.com A 192.0.2.4\n"
			   "later.example.com * !after=0.2\n"
			   "servfail.example.com * !servfail\n"
			   "refused.example.com * !refused\n"
			   "silent.example.com * !silence\n"
			   "garbage.example.com * !garbage\n"
			   "wrongid.example.com A 192.0.2.9\n"
			   "wrongid.example.com * !wrongid\n"
			   "wrongname.example.com A 192.0.2.9\n"
			   "wrongname.example.com * !wrongname\n"
			   "short.example.com A 192.0.2.9\n"
			   "short.example.com * !short\n"
			   "large.example.com A 192.0.2.5\n"
			   "large.example.com * !truncate\n"
			   "a\\x20b%c.example.com A 192.0.2.11\n"
			   "a\\\\b\\\\\\\\.example.com A 192.0.2.12\n"
			   "to.example.com CNAME a b%c.example.com\n"
			   "deadtcp.example.com A 192.0.2.5\n"
			   "deadtcp.example.com * !tcpsilence\n";

static struct nameserver server;

struct scene {
	uv_loop_t loop;
	struct clock *clock;
	struct ticker *ticker;
	struct arena *arena;
	const char *servers[1];
	struct conf_dns conf;
	struct dns *dns;
	unsigned answered;
	bool closed;
};

/* Somebody who asks. */
struct asker {
	struct ticket ticket;
	struct scene *scene;
	unsigned told;
	enum answer_state state;
	enum loss loss;
	struct dns_message m;
};

static void
on_answer(struct ticket *t, const struct answer *answer)
{
	struct asker *a = (struct asker *)t;

	a->told++;
	a->state = answer->state;
	a->loss = answer->loss;
	dns_answer(a->scene->arena, answer, &a->m);
	a->scene->answered++;
}

static int
begin(void **state)
{
	struct scene *s = xcalloc(1, sizeof(*s));

	uv_loop_init(&s->loop);
	s->clock = clock_new();
	s->ticker = ticker_new(&s->loop, s->clock);
	s->arena = arena_new();
	s->servers[0] = server.address;
	s->conf = (struct conf_dns){ .servers = { 1, s->servers },
		.deadline_ms = DEADLINE,
		.max_in_flight = IN_FLIGHT,
		.cache = CACHE };
	s->dns = dns_new(&s->loop, s->clock, &s->conf);
	*state = s;
	return 0;
}

static void
on_closed(void *data)
{
	((struct scene *)data)->closed = true;
}

static void
close_dns(struct scene *s)
{
	dns_free(s->dns, on_closed, s);
	while (!s->closed)
		uv_run(&s->loop, UV_RUN_ONCE);
}

static int
end(void **state)
{
	struct scene *s = *state;

	if (!s->closed)
		close_dns(s);
	ticker_free(s->ticker);
	uv_run(&s->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&s->loop), 0);
	clock_free(s->clock);
	arena_release(s->arena);
	arena_pool_clear();
	free(s);
	return 0;
}

static struct asker *
ask(struct scene *s, enum dns_type type, const char *name)
{
	struct asker *a = arena_alloc(s->arena, sizeof(*a));
	struct question *q = arena_alloc(s->arena, sizeof(*q));

	a->ticket.answered = on_answer;
	a->scene = s;
	*q = dns_question(s->arena, type, name);
	store_ask(dns_store(s->dns), q, &a->ticket);
	assert_int_equal(a->told, 0); /* never from inside */
	return a;
}

static void
wait_for(struct scene *s, const struct asker *a)
{
	while (!a->told)
		uv_run(&s->loop, UV_RUN_ONCE);
}

static struct asker *
look(struct scene *s, enum dns_type type, const char *name)
{
	struct asker *a = ask(s, type, name);

	wait_for(s, a);
	assert_int_equal(a->told, 1);
	return a;
}

static void
assert_address(const struct asker *a, size_t i, const char *text)
{
	char found[INET_ADDRSTRLEN];

	assert_int_equal(a->state, KNOWN);
	assert_true(i < a->m.count);
	inet_ntop(AF_INET, a->m.records[i].data, found, sizeof(found));
	assert_string_equal(found, text);
}

static void
assert_lost(const struct asker *a, enum loss loss)
{
	assert_int_equal(a->state, LOST);
	assert_int_equal(a->loss, loss);
}

static void
run_ms(struct scene *s, uint64_t ms)
{
	const uint64_t until = clock_us(s->clock) + ms * 1000;

	while (clock_us(s->clock) < until) {
		uv_run(&s->loop, UV_RUN_NOWAIT);
		usleep(2000);
	}
}

/* -- answers -- */

static void
records_come_back_and_are_asked_for_once(void **state)
{
	struct scene *s = *state;
	const unsigned before = nameserver_asked(
	    &server, "udp A www.example.com");
	struct asker *a = look(s, DNS_A, "www.example.com");

	assert_int_equal(a->m.count, 2);
	assert_address(a, 0, "192.0.2.1");
	a = look(s, DNS_A, "WWW.Example.com.");
	assert_address(a, 1, "192.0.2.2");
	assert_int_equal(
	    nameserver_asked(&server, "udp A www.example.com"), before + 1);
	assert_int_equal(dns_counts(s->dns).asked, 1);
	assert_int_equal(dns_counts(s->dns).hits, 1);
}

static void
a_name_in_any_script_is_asked_for_in_ascii(void **state)
{
	struct scene *s = *state;

	assert_address(look(s, DNS_A,
			   "b\xc3\xbc"
			   "cher.example.com"),
	    0, "192.0.2.6");
	assert_address(
	    look(s, DNS_A, "XN--BCHER-KVA.example.com"), 0, "192.0.2.6");
	assert_int_equal(dns_counts(s->dns).asked, 1);
}

static void
each_type_is_a_question_of_its_own(void **state)
{
	struct scene *s = *state;
	struct asker *a = look(s, DNS_TXT, "txt.example.com");

	assert_string_equal(a->m.records[0].data, "v=spf1 -all");
	a = look(s, DNS_MX, "mx.example.com");
	assert_string_equal(a->m.records[0].data, "mail.example.com");
	assert_int_equal(a->m.records[0].preference, 10);
	assert_address(look(s, DNS_A, "alias.example.com"), 0, "192.0.2.1");
	assert_int_equal(
	    look(s, DNS_A, "mx.example.com")->m.outcome, DNS_NO_DATA);
}

static void
no_is_an_answer_and_is_remembered(void **state)
{
	struct scene *s = *state;
	struct asker *a = look(s, DNS_A, "nowhere.example.com");

	assert_int_equal(a->state, KNOWN);
	assert_int_equal(a->m.outcome, DNS_NO_NAME);
	a = look(s, DNS_A, "nowhere.example.com");
	assert_int_equal(a->m.outcome, DNS_NO_NAME);
	assert_int_equal(dns_counts(s->dns).asked, 1);
}

static void
equal_questions_share_an_answer(void **state)
{
	struct scene *s = *state;
	struct asker *askers[20];

	for (int i = 0; i < 20; i++)
		askers[i] = ask(s, DNS_A, "later.example.com");
	for (int i = 0; i < 20; i++) {
		wait_for(s, askers[i]);
		assert_address(askers[i], 0, "192.0.2.4");
	}
	assert_int_equal(dns_counts(s->dns).asked, 1);
	assert_int_equal(dns_counts(s->dns).shared, 19);
}

static void
what_does_not_fit_comes_by_tcp(void **state)
{
	struct scene *s = *state;

	s->conf.deadline_ms = 5000;
	dns_configure(s->dns, &s->conf);
	assert_address(look(s, DNS_A, "large.example.com"), 0, "192.0.2.5");
	assert_true(nameserver_asked(&server, "tcp A large.example.com") > 0);
}

/* -- names -- */

static void
what_is_no_name_is_never_sent(void **state)
{
	static const char *const odd[] = { "", ".", "a..b", ".a",
		"caf\xe9.example", "a\n.example",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aa"
		".example" };
	struct scene *s = *state;

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		assert_int_equal(
		    look(s, DNS_A, odd[i])->m.outcome, DNS_NO_NAME);
	assert_int_equal(dns_counts(s->dns).asked, 0);
}

/* Newer versions of c-ares take them for no names at all. */
static void
names_that_no_host_has_are_sent_as_they_are(void **state)
{
	struct scene *s = *state;
	int version;

	ares_version(&version);
	if (version >= 0x011600)
		skip();
	s->conf.deadline_ms = 5000;
	dns_configure(s->dns, &s->conf);
	assert_address(look(s, DNS_A, "a b%c.example.com"), 0, "192.0.2.11");
	assert_address(look(s, DNS_A, "a\\b\\\\.example.com"), 0, "192.0.2.12");
	assert_address(look(s, DNS_A, "to.example.com"), 0, "192.0.2.11");
}

static void
names_of_253_bytes_are_sent_and_longer_ones_not(void **state)
{
	struct scene *s = *state;
	char name[300] = "";

	for (int i = 0; i < 121; i++)
		strcat(name, "a.");
	strcat(name, "example.com"); /* 253 */
	assert_int_equal(look(s, DNS_A, name)->m.outcome, DNS_NO_NAME);
	assert_int_equal(dns_counts(s->dns).asked, 1);
	name[strlen(name) - 1] = 'n';
	strcat(name, "x"); /* 254 */
	assert_int_equal(look(s, DNS_A, name)->m.outcome, DNS_NO_NAME);
	assert_int_equal(dns_counts(s->dns).asked, 1);
}

/* -- what is lost -- */

struct broken {
	const char *name, *host;
	enum loss loss;
};

static const struct broken broken[] = {
	{ "SERVFAIL is lost at once", "servfail.example.com", LOSS_DNS },
	{ "REFUSED is lost at once", "refused.example.com", LOSS_DNS },
	{ "silence is lost at the deadline", "silent.example.com",
	    LOSS_TIMEOUT },
	{ "an answer with another's number is nobody's", "wrongid.example.com",
	    LOSS_TIMEOUT },
	{ "an answer about another name is nobody's", "wrongname.example.com",
	    LOSS_TIMEOUT },
	{ "a server that has no TCP is lost at the deadline",
	    "deadtcp.example.com", LOSS_TIMEOUT },
};

static void
check_broken(void **state)
{
	const struct broken *row = *state;
	void *scene;
	struct scene *s;

	begin(&scene);
	s = scene;
	assert_lost(look(s, DNS_A, row->host), row->loss);
	assert_int_equal(dns_counts(s->dns).late, row->loss == LOSS_TIMEOUT);
	end(&scene);
}

static void
garbage_and_cut_answers_are_lost(void **state)
{
	struct scene *s = *state;

	assert_int_equal(look(s, DNS_A, "garbage.example.com")->state, LOST);
	assert_int_equal(look(s, DNS_A, "short.example.com")->state, LOST);
}

static void
what_is_broken_is_not_asked_again_for_a_moment(void **state)
{
	struct scene *s = *state;

	assert_lost(look(s, DNS_A, "servfail.example.com"), LOSS_DNS);
	assert_lost(look(s, DNS_A, "servfail.example.com"), LOSS_DNS);
	assert_int_equal(dns_counts(s->dns).asked, 1);
	assert_int_equal(dns_counts(s->dns).failed, 1);
}

static void
a_late_answer_serves_who_asks_later(void **state)
{
	struct scene *s = *state;

	assert_lost(look(s, DNS_A, "slow.example.com"), LOSS_TIMEOUT);
	assert_int_equal(dns_counts(s->dns).in_flight, 1);
	while (dns_counts(s->dns).in_flight > 0)
		uv_run(&s->loop, UV_RUN_ONCE);
	assert_address(look(s, DNS_A, "slow.example.com"), 0, "192.0.2.3");
	assert_int_equal(dns_counts(s->dns).asked, 1);
	assert_int_equal(dns_counts(s->dns).hits, 1);
}

/* -- many, and a server that is dead -- */

/* A socket nobody reads. */
static int
dead_server(struct scene *s, char address[32])
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(a);
	const int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	getsockname(fd, (struct sockaddr *)&a, &size);
	snprintf(address, 32, "127.0.0.1:%u", ntohs(a.sin_port));
	s->servers[0] = address;
	dns_configure(s->dns, &s->conf);
	return fd;
}

static unsigned warnings, news;

static void
count_lines(enum log_level level, const char *text, void *data)
{
	(void)data;
	warnings += level == LEVEL_WARNING && strstr(text, "do not answer");
	news += level == LEVEL_INFO && strstr(text, "answer again");
}

static void
of_5000_questions_to_a_dead_server_all_are_answered(void **state)
{
	struct scene *s = *state;
	char address[32], name[32];
	const int fd = dead_server(s, address);
	struct dns_counts c;

	warnings = 0;
	log_redirect(count_lines, NULL);
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "n%d.example.com", i);
		ask(s, DNS_A, name);
	}
	c = dns_counts(s->dns);
	assert_int_equal(c.in_flight, IN_FLIGHT);
	assert_int_equal(c.asked, IN_FLIGHT);
	assert_int_equal(c.busy, MANY - IN_FLIGHT);
	while (s->answered < MANY)
		uv_run(&s->loop, UV_RUN_ONCE);
	c = dns_counts(s->dns);
	assert_int_equal(c.late, IN_FLIGHT);
	assert_in_range(c.bytes, 0, CACHE);
	run_ms(s, 20);
	assert_int_equal(s->answered, MANY); /* none twice */
	assert_int_equal(warnings, 1);
	log_redirect(NULL, NULL);
	close(fd);
}

static void
the_log_is_told_of_silence_and_of_its_end(void **state)
{
	struct scene *s = *state;
	char address[32], name[32];
	const int fd = dead_server(s, address);
	struct store_health h;

	warnings = news = 0;
	log_redirect(count_lines, NULL);
	for (int i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "n%d.example.com", i);
		ask(s, DNS_A, name);
	}
	while (s->answered < 30)
		uv_run(&s->loop, UV_RUN_ONCE);
	assert_int_equal(warnings, 1);
	dns_store(s->dns)->health(dns_store(s->dns), &h);
	assert_string_equal(h.state, "silent");
	assert_string_equal(h.where, address);
	s->servers[0] = server.address;
	dns_configure(s->dns, &s->conf);
	assert_address(look(s, DNS_A, "www.example.com"), 0, "192.0.2.1");
	assert_int_equal(news, 1);
	dns_store(s->dns)->health(dns_store(s->dns), &h);
	assert_string_equal(h.state, "ready");
	log_redirect(NULL, NULL);
	close(fd);
}

/* -- other servers, and the end -- */

static void
other_servers_are_asked_from_now_on(void **state)
{
	struct scene *s = *state;
	char address[32];
	const int fd = dead_server(s, address);
	struct asker *a = ask(s, DNS_A, "www.example.com");

	s->servers[0] = server.address;
	dns_configure(s->dns, &s->conf);
	wait_for(s, a);
	assert_lost(a, LOSS_DOWN); /* it ended with its server */
	assert_address(look(s, DNS_A, "www.example.com"), 0, "192.0.2.1");
	close(fd);
}

static void
the_same_servers_keep_what_is_known_and_under_way(void **state)
{
	struct scene *s = *state;
	struct asker *a;

	look(s, DNS_A, "www.example.com");
	a = ask(s, DNS_A, "later.example.com");
	dns_configure(s->dns, &s->conf);
	wait_for(s, a);
	assert_address(a, 0, "192.0.2.4");
	look(s, DNS_A, "www.example.com");
	assert_int_equal(dns_counts(s->dns).hits, 1);
}

static void
at_the_end_all_who_wait_are_told(void **state)
{
	struct scene *s = *state;
	static const enum dns_type types[] = { DNS_A, DNS_MX, DNS_TXT };
	struct asker *askers[9];

	for (int i = 0; i < 9; i++)
		askers[i] = ask(s, types[i % 3], "silent.example.com");
	close_dns(s);
	for (int i = 0; i < 9; i++) {
		assert_int_equal(askers[i]->told, 1);
		assert_lost(askers[i], LOSS_DOWN);
	}
}

#define TEST(s, test) suite_add_scene(s, #test, test, begin, end)

int
main(void)
{
	static struct suite s;
	int rc;

	nameserver_start(&server, zone);
	TEST(&s, records_come_back_and_are_asked_for_once);
	TEST(&s, a_name_in_any_script_is_asked_for_in_ascii);
	TEST(&s, each_type_is_a_question_of_its_own);
	TEST(&s, no_is_an_answer_and_is_remembered);
	TEST(&s, equal_questions_share_an_answer);
	TEST(&s, what_does_not_fit_comes_by_tcp);
	TEST(&s, what_is_no_name_is_never_sent);
	TEST(&s, names_that_no_host_has_are_sent_as_they_are);
	TEST(&s, names_of_253_bytes_are_sent_and_longer_ones_not);
	SUITE_ROWS(&s, broken, check_broken);
	TEST(&s, garbage_and_cut_answers_are_lost);
	TEST(&s, what_is_broken_is_not_asked_again_for_a_moment);
	TEST(&s, a_late_answer_serves_who_asks_later);
	TEST(&s, of_5000_questions_to_a_dead_server_all_are_answered);
	TEST(&s, the_log_is_told_of_silence_and_of_its_end);
	TEST(&s, other_servers_are_asked_from_now_on);
	TEST(&s, the_same_servers_keep_what_is_known_and_under_way);
	TEST(&s, at_the_end_all_who_wait_are_told);
	rc = suite_run(&s, "dns");
	nameserver_stop(&server);
	return rc;
}
