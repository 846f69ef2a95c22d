/*
 * The door to the name servers, over real UDP and TCP.
 */
#include "kit/door.h"

#include <ares.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ask/dns/words.h"
#include "base/arena.h"
#include "kit/suite.h"

enum { MANY = 5000 };

static const char zone[] = "example.com SOA 60\n"
			   "www.example.com A 192.0.2.1\n"
			   "www.example.com A 192.0.2.2\n"
			   "xn--bcher-kva.example.com A 192.0.2.6\n"
			   "txt.example.com TXT v=spf1 -all\n"
			   "mx.example.com MX 10 mail.example.com\n"
			   "alias.example.com CNAME www.example.com\n"
			   "slow.example.com A 192.0.2.3\n"
			   "slow.example.com * !after=0.7\n"
			   "slower.example.com A 192.0.2.14\n"
			   "slower.example.com * !after=2\n"
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
			   "a+b.example.com A 192.0.2.13\n"
			   "to.example.com CNAME a b%c.example.com\n"
			   "deadtcp.example.com A 192.0.2.5\n"
			   "deadtcp.example.com * !tcpsilence\n";

/* -- answers -- */

static void
records_come_back_and_are_asked_for_once(void **state)
{
	struct door *s = *state;
	const unsigned before = nameserver_asked(
	    &door_server, "udp A www.example.com");
	struct asked *a = door_look(s, DNS_A, "www.example.com");

	assert_int_equal(a->m.count, 2);
	assert_false(a->remembered);
	door_must_be(a, 0, "192.0.2.1");
	a = door_look(s, DNS_A, "WWW.Example.com.");
	door_must_be(a, 1, "192.0.2.2");
	assert_true(a->remembered);
	assert_int_equal(
	    nameserver_asked(&door_server, "udp A www.example.com"),
	    before + 1);
	assert_int_equal(dns_counts(s->dns).asked, 1);
	assert_int_equal(dns_counts(s->dns).hits, 1);
}

static void
what_was_answered_is_known_at_once(void **state)
{
	struct door *s = *state;
	struct store *store = dns_store(s->dns);
	struct arena *a = arena_new();
	struct question q = dns_question(a, DNS_A, "www.example.com");
	struct dns_message m;
	struct answer answer;

	assert_false(store_known(store, &q, &answer));
	door_look(s, DNS_A, "www.example.com");
	assert_true(store_known(store, &q, &answer));
	assert_true(answer.remembered);
	assert_true(dns_answer(a, &answer, &m));
	assert_int_equal(m.count, 2);
	q.fresh = true;
	assert_false(store_known(store, &q, &answer));
	arena_release(a);
}

static void
a_name_in_any_script_is_asked_for_in_ascii(void **state)
{
	struct door *s = *state;

	door_must_be(door_look(s, DNS_A,
			 "b\xc3\xbc"
			 "cher.example.com"),
	    0, "192.0.2.6");
	door_must_be(
	    door_look(s, DNS_A, "XN--BCHER-KVA.example.com"), 0, "192.0.2.6");
	assert_int_equal(dns_counts(s->dns).asked, 1);
}

static void
each_type_is_a_question_of_its_own(void **state)
{
	struct door *s = *state;
	struct asked *a = door_look(s, DNS_TXT, "txt.example.com");

	assert_string_equal(a->m.records[0].data, "v=spf1 -all");
	a = door_look(s, DNS_MX, "mx.example.com");
	assert_string_equal(a->m.records[0].data, "mail.example.com");
	assert_int_equal(a->m.records[0].preference, 10);
	door_must_be(door_look(s, DNS_A, "alias.example.com"), 0, "192.0.2.1");
	assert_int_equal(
	    door_look(s, DNS_A, "mx.example.com")->m.outcome, DNS_NO_DATA);
}

static void
no_is_an_answer_and_is_remembered(void **state)
{
	struct door *s = *state;
	struct asked *a = door_look(s, DNS_A, "nowhere.example.com");

	assert_int_equal(a->state, KNOWN);
	assert_int_equal(a->m.outcome, DNS_NO_NAME);
	a = door_look(s, DNS_A, "nowhere.example.com");
	assert_int_equal(a->m.outcome, DNS_NO_NAME);
	assert_int_equal(dns_counts(s->dns).asked, 1);
}

static void
equal_questions_share_an_answer(void **state)
{
	struct door *s = *state;
	struct asked *askers[20];

	for (int i = 0; i < 20; i++)
		askers[i] = door_ask(s, DNS_A, "later.example.com");
	for (int i = 0; i < 20; i++) {
		door_wait(s, askers[i]);
		door_must_be(askers[i], 0, "192.0.2.4");
	}
	assert_int_equal(dns_counts(s->dns).asked, 1);
	assert_int_equal(dns_counts(s->dns).shared, 19);
}

static void
what_does_not_fit_comes_by_tcp(void **state)
{
	struct door *s = *state;

	door_must_be(door_look(s, DNS_A, "large.example.com"), 0, "192.0.2.5");
	assert_true(
	    nameserver_asked(&door_server, "tcp A large.example.com") > 0);
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
	struct door *s = *state;

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		assert_int_equal(
		    door_look(s, DNS_A, odd[i])->m.outcome, DNS_NO_NAME);
	assert_int_equal(dns_counts(s->dns).asked, 0);
}

/* c-ares asks for them until 1.22: then it is not known whether they are. */
static const char *const unlike_hosts[][2] = {
	{ "a b%c.example.com", "192.0.2.11" },
	{ "a\\b\\\\.example.com", "192.0.2.12" },
	{ "a+b.example.com", "192.0.2.13" },
};

static void
names_that_no_host_has_are_asked_for_or_lost(void **state)
{
	struct door *s = *state;
	struct asked *a;
	int version;

	ares_version(&version);
	for (size_t i = 0; i < 3; i++) {
		a = door_look(s, DNS_A, unlike_hosts[i][0]);
		if (version < 0x011600)
			door_must_be(a, 0, unlike_hosts[i][1]);
		else
			door_must_lose(a, LOSS_DNS);
	}
}

static void
an_alias_may_lead_to_a_name_that_no_host_has(void **state)
{
	struct door *s = *state;

	door_must_be(door_look(s, DNS_A, "to.example.com"), 0, "192.0.2.11");
}

static void
names_of_253_bytes_are_sent_and_longer_ones_not(void **state)
{
	struct door *s = *state;
	char name[300] = "";

	for (int i = 0; i < 121; i++)
		strcat(name, "a.");
	strcat(name, "example.com"); /* 253 */
	assert_int_equal(door_look(s, DNS_A, name)->m.outcome, DNS_NO_NAME);
	assert_int_equal(dns_counts(s->dns).asked, 1);
	name[strlen(name) - 1] = 'n';
	strcat(name, "x"); /* 254 */
	assert_int_equal(door_look(s, DNS_A, name)->m.outcome, DNS_NO_NAME);
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
	struct door *s;

	door_begin(&scene);
	s = scene;
	if (row->loss == LOSS_TIMEOUT)
		door_deadline(s, DOOR_HASTY);
	door_must_lose(door_look(s, DNS_A, row->host), row->loss);
	assert_int_equal(dns_counts(s->dns).late, row->loss == LOSS_TIMEOUT);
	door_end(&scene);
}

static void
garbage_and_cut_answers_are_lost(void **state)
{
	struct door *s = *state;

	assert_int_equal(
	    door_look(s, DNS_A, "garbage.example.com")->state, LOST);
	assert_int_equal(door_look(s, DNS_A, "short.example.com")->state, LOST);
}

static void
what_is_broken_is_not_asked_again_for_a_moment(void **state)
{
	struct door *s = *state;

	door_must_lose(door_look(s, DNS_A, "servfail.example.com"), LOSS_DNS);
	door_must_lose(door_look(s, DNS_A, "servfail.example.com"), LOSS_DNS);
	assert_int_equal(dns_counts(s->dns).asked, 1);
	assert_int_equal(dns_counts(s->dns).failed, 1);
}

static void
a_late_answer_serves_who_asks_later(void **state)
{
	struct door *s = *state;

	door_deadline(s, DOOR_HASTY);
	door_must_lose(door_look(s, DNS_A, "slow.example.com"), LOSS_TIMEOUT);
	while (dns_counts(s->dns).in_flight > 0)
		uv_run(&s->loop, UV_RUN_ONCE);
	door_must_be(door_look(s, DNS_A, "slow.example.com"), 0, "192.0.2.3");
	assert_int_equal(dns_counts(s->dns).asked, 1);
	assert_int_equal(dns_counts(s->dns).hits, 1);
}

static void
a_slow_name_is_waited_for_however_quick_the_others_were(void **state)
{
	struct door *s = *state;

	door_look(s, DNS_A, "www.example.com");
	door_look(s, DNS_TXT, "txt.example.com");
	door_look(s, DNS_MX, "mx.example.com");
	door_must_be(
	    door_look(s, DNS_A, "slower.example.com"), 0, "192.0.2.14");
}

/* -- many, and a server that is dead -- */

static void
of_5000_questions_to_a_dead_server_all_are_answered(void **state)
{
	struct door *s = *state;
	char address[32], name[32];
	const int fd = door_dead_server(s, address);
	struct dns_counts c;

	door_deadline(s, DOOR_HASTY);
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "n%d.example.com", i);
		door_ask(s, DNS_A, name);
	}
	c = dns_counts(s->dns);
	assert_int_equal(c.in_flight, DOOR_IN_FLIGHT);
	assert_int_equal(c.asked, DOOR_IN_FLIGHT);
	assert_int_equal(c.busy, MANY - DOOR_IN_FLIGHT);
	while (s->answered < MANY)
		uv_run(&s->loop, UV_RUN_ONCE);
	c = dns_counts(s->dns);
	assert_int_equal(c.late, DOOR_IN_FLIGHT);
	assert_in_range(c.bytes, 0, DOOR_CACHE);
	door_run_ms(s, 20);
	assert_int_equal(s->answered, MANY); /* none twice */
	close(fd);
}

/* -- other servers, and the end -- */

static void
other_servers_are_asked_from_now_on(void **state)
{
	struct door *s = *state;
	char address[32];
	const int fd = door_dead_server(s, address);
	struct asked *a = door_ask(s, DNS_A, "www.example.com");

	s->servers[0] = door_server.address;
	dns_configure(s->dns, &s->conf);
	door_wait(s, a);
	door_must_lose(a, LOSS_DOWN); /* it ended with its server */
	door_must_be(door_look(s, DNS_A, "www.example.com"), 0, "192.0.2.1");
	close(fd);
}

static void
the_same_servers_keep_what_is_known_and_under_way(void **state)
{
	struct door *s = *state;
	struct asked *a;

	door_look(s, DNS_A, "www.example.com");
	a = door_ask(s, DNS_A, "later.example.com");
	dns_configure(s->dns, &s->conf);
	door_wait(s, a);
	door_must_be(a, 0, "192.0.2.4");
	door_look(s, DNS_A, "www.example.com");
	assert_int_equal(dns_counts(s->dns).hits, 1);
}

static void
at_the_end_all_who_wait_are_told(void **state)
{
	struct door *s = *state;
	static const enum dns_type types[] = { DNS_A, DNS_MX, DNS_TXT };
	struct asked *askers[9];

	for (int i = 0; i < 9; i++)
		askers[i] = door_ask(s, types[i % 3], "silent.example.com");
	door_close(s);
	for (int i = 0; i < 9; i++) {
		assert_int_equal(askers[i]->told, 1);
		door_must_lose(askers[i], LOSS_DOWN);
	}
}

#define TEST(s, test) suite_add_scene(s, #test, test, door_begin, door_end)

int
main(void)
{
	static struct suite s;
	int rc;

	nameserver_start(&door_server, zone);
	TEST(&s, records_come_back_and_are_asked_for_once);
	TEST(&s, what_was_answered_is_known_at_once);
	TEST(&s, a_name_in_any_script_is_asked_for_in_ascii);
	TEST(&s, each_type_is_a_question_of_its_own);
	TEST(&s, no_is_an_answer_and_is_remembered);
	TEST(&s, equal_questions_share_an_answer);
	TEST(&s, what_does_not_fit_comes_by_tcp);
	TEST(&s, what_is_no_name_is_never_sent);
	TEST(&s, names_that_no_host_has_are_asked_for_or_lost);
	TEST(&s, an_alias_may_lead_to_a_name_that_no_host_has);
	TEST(&s, names_of_253_bytes_are_sent_and_longer_ones_not);
	SUITE_ROWS(&s, broken, check_broken);
	TEST(&s, garbage_and_cut_answers_are_lost);
	TEST(&s, what_is_broken_is_not_asked_again_for_a_moment);
	TEST(&s, a_late_answer_serves_who_asks_later);
	TEST(&s, a_slow_name_is_waited_for_however_quick_the_others_were);
	TEST(&s, of_5000_questions_to_a_dead_server_all_are_answered);
	TEST(&s, other_servers_are_asked_from_now_on);
	TEST(&s, the_same_servers_keep_what_is_known_and_under_way);
	TEST(&s, at_the_end_all_who_wait_are_told);
	rc = suite_run(&s, "dns");
	nameserver_stop(&door_server);
	return rc;
}
