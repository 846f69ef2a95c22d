/*
 * When the name servers do not answer any more: what is noticed, who is told,
 * and when they are asked again.
 */
#include "ask/dns/silence.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "kit/door.h"
#include "kit/suite.h"

enum { ALONE = 2500 }; /* ms; a probe must be answered in that time */

static const char zone[] = "www.example.com A 192.0.2.1\n"
			   "*.servfail.example.com * !servfail\n"
			   "*.refused.example.com * !refused\n"
			   "*.silent.example.com * !silence\n"
			   "*.garbage.example.com * !garbage\n";

static unsigned warnings, news;

static void
count_lines(enum log_level level, const char *text, void *data)
{
	(void)data;
	warnings += level == LEVEL_WARNING && strstr(text, "do not answer");
	news += level == LEVEL_INFO && strstr(text, "answer again");
}

/* Each has a name of its own. */
static void
ask_many(struct door *s, const char *below, unsigned count)
{
	static unsigned n;
	char name[64];

	s->answered = 0;
	for (unsigned i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "n%u.%s", n++, below);
		door_ask(s, DNS_A, name);
	}
	while (s->answered < count)
		uv_run(&s->loop, UV_RUN_ONCE);
}

static const char *
state_of(const struct door *s)
{
	struct store_health h;

	dns_store(s->dns)->health(dns_store(s->dns), &h);
	return h.state;
}

static void
run_until(struct door *s, const char *state)
{
	while (strcmp(state_of(s), state) != 0)
		uv_run(&s->loop, UV_RUN_ONCE);
}

static void
listen_to_log(void)
{
	warnings = news = 0;
	log_redirect(count_lines, NULL);
}

static void
the_log_is_told_of_silence_and_of_its_end(void **state)
{
	struct door *s = *state;
	char address[32];
	const int fd = door_dead_server(s, address);
	struct store_health h;

	listen_to_log();
	door_deadline(s, DOOR_HASTY);
	ask_many(s, "example.com", 30);
	run_until(s, "silent");
	assert_int_equal(warnings, 1);
	dns_store(s->dns)->health(dns_store(s->dns), &h);
	assert_string_equal(h.where, address);
	s->servers[0] = door_server.address;
	dns_configure(s->dns, &s->conf);
	assert_string_equal(state_of(s), "ready");
	assert_int_equal(news, 0);
	door_deadline(s, DOOR_PATIENT);
	door_must_be(door_look(s, DNS_A, "www.example.com"), 0, "192.0.2.1");
	assert_int_equal(news, 1);
	log_redirect(NULL, NULL);
	close(fd);
}

static void
silent_servers_are_not_asked(void **state)
{
	struct door *s = *state;
	char address[32];
	int fd;
	struct dns_counts before, now;

	door_look(s, DNS_A, "www.example.com");
	fd = door_dead_server(s, address);
	listen_to_log();
	door_deadline(s, DOOR_HASTY);
	ask_many(s, "example.com", 10);
	run_until(s, "silent");
	before = dns_counts(s->dns);
	door_must_lose(door_look(s, DNS_A, "another.example.com"), LOSS_DOWN);
	now = dns_counts(s->dns);
	assert_int_equal(now.asked, before.asked);
	assert_int_equal(now.down, before.down + 1);
	assert_int_equal(now.late, before.late);
	log_redirect(NULL, NULL);
	close(fd);
}

static void
they_are_asked_again_when_a_probe_is_answered(void **state)
{
	struct door *s = *state;
	struct dns_counts before;

	listen_to_log();
	kill(door_server.pid, SIGSTOP);
	door_deadline(s, DOOR_HASTY);
	ask_many(s, "example.com", 10);
	run_until(s, "silent");
	before = dns_counts(s->dns);
	kill(door_server.pid, SIGCONT);
	run_until(s, "ready"); /* though nobody asks */
	assert_int_equal(news, 1);
	assert_int_equal(dns_counts(s->dns).asked, before.asked);
	door_deadline(s, DOOR_PATIENT);
	door_must_be(door_look(s, DNS_A, "www.example.com"), 0, "192.0.2.1");
	log_redirect(NULL, NULL);
}

static void
what_is_known_is_known_in_silence(void **state)
{
	struct door *s = *state;

	listen_to_log();
	door_look(s, DNS_A, "www.example.com");
	kill(door_server.pid, SIGSTOP);
	door_deadline(s, DOOR_HASTY);
	ask_many(s, "example.com", 10);
	run_until(s, "silent");
	door_must_be(door_look(s, DNS_A, "www.example.com"), 0, "192.0.2.1");
	kill(door_server.pid, SIGCONT);
	run_until(s, "ready");
	log_redirect(NULL, NULL);
}

struct broken_zone {
	const char *name, *below;
};

static const struct broken_zone broken_zones[] = {
	{ "a domain whose servers are dead does not silence ours",
	    "silent.example.com" },
	{ "nor one that is broken", "servfail.example.com" },
	{ "or refused", "refused.example.com" },
	{ "or answered with nonsense", "garbage.example.com" },
	{ "nor names that c-ares may refuse", "a+b.example.com" },
};

static void
servers_that_speak_are_not_silent(void **state)
{
	const struct broken_zone *row = *state;
	void *scene;
	struct door *s;

	door_begin(&scene);
	s = scene;
	listen_to_log();
	door_deadline(s, ALONE);
	ask_many(s, row->below, 3 * SILENCE_AFTER);
	door_run_ms(s, ALONE + 500); /* a probe, too, has had its time */
	assert_string_equal(state_of(s), "ready");
	assert_int_equal(warnings, 0);
	assert_int_equal(dns_counts(s->dns).down, 0);
	log_redirect(NULL, NULL);
	door_end(&scene);
}

#define TEST(s, test) suite_add_scene(s, #test, test, door_begin, door_end)

int
main(void)
{
	static struct suite s;
	int rc;

	nameserver_start(&door_server, zone);
	TEST(&s, the_log_is_told_of_silence_and_of_its_end);
	TEST(&s, silent_servers_are_not_asked);
	TEST(&s, they_are_asked_again_when_a_probe_is_answered);
	TEST(&s, what_is_known_is_known_in_silence);
	SUITE_ROWS(&s, broken_zones, servers_that_speak_are_not_silent);
	rc = suite_run(&s, "dns_silence");
	nameserver_stop(&door_server);
	return rc;
}
