/*
 * DNS lists over real UDP: what a name server and the cache have to do with it.
 */
#include <stdlib.h>

#include "ask/dns/words.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/dnsbl.h"
#include "dnsbl/zone.h"
#include "kit/door.h"
#include "kit/suite.h"

enum { PATIENT = 5000, HASTY = 100 }; /* ms to the deadline of a list */

static const char text[] = "2.0.0.127.bl.example A 127.0.0.2\n"
			   "7.2.0.192.bl.example A 127.0.0.4\n"
			   "7.2.0.192.bl.example TXT spam was sent from here\n"
			   "9.2.0.192.bl.example A 127.255.255.254\n"
			   "8.2.0.192.bl.example A 127.0.0.4\n"
			   "8.2.0.192.bl.example * !after=1\n"
			   "*.dead.bl.example * !silence\n"
			   "2.0.0.127.other.example A 127.0.0.2\n"
			   "*.silent.example * !silence\n";

struct scene {
	struct door *door;
	struct conf conf;
	struct dnsbl entries[2];
	struct zones *zones;
};

static int
begin(void **state)
{
	struct scene *s = xcalloc(1, sizeof(*s));
	struct door *d;

	log_redirect(NULL, NULL);
	door_begin(state);
	d = s->door = *state;
	s->zones = zones_new(d->clock, dns_store(d->dns));
	s->conf.settings.dnsbl.deadline_ms = PATIENT;
	s->conf.settings.dnsbl.probe = 600;
	s->conf.settings.dnsbl.suspend_time = 3600;
	s->conf.settings.dnsbl.clients.items = s->entries;
	*state = s;
	return 0;
}

static int
end(void **state)
{
	struct scene *s = *state;
	struct door *d = s->door;

	zones_stop(s->zones);
	if (!d->closed)
		door_close(d);
	zones_free(s->zones);
	free(s);
	*state = d;
	return door_end(state);
}

static void
list(struct scene *s, const char *entry)
{
	struct dnsbls *clients = &s->conf.settings.dnsbl.clients;

	assert_null(
	    dnsbl_read(s->door->arena, entry, &s->entries[clients->count++]));
	zones_configure(s->zones, &s->conf);
}

static void
deadline(struct scene *s, int64_t ms)
{
	s->conf.settings.dnsbl.deadline_ms = ms;
	zones_configure(s->zones, &s->conf);
}

static enum zone_state
state_of(const struct scene *s, size_t i)
{
	struct zone_view v;

	assert_true(zones_view(s->zones, i, &v));
	return v.state;
}

static void
until(struct scene *s, size_t i, enum zone_state wanted)
{
	while (state_of(s, i) != wanted)
		uv_run(&s->door->loop, UV_RUN_ONCE);
}

static struct asked *
ask(struct scene *s, enum dns_type type, const char *zone, const char *name)
{
	struct question *q = arena_alloc(s->door->arena, sizeof(*q));

	*q = dns_question(s->door->arena, type,
	    arena_printf(s->door->arena, "%s.%s", name, zone));
	q->zone = zone;
	return door_put(s->door, zones_store(s->zones), q);
}

static struct asked *
look(struct scene *s, const char *name)
{
	struct asked *a = ask(s, DNS_A, "bl.example", name);

	door_wait(s->door, a);
	return a;
}

static void
a_list_is_probed_and_then_asked(void **state)
{
	struct scene *s = *state;
	struct asked *a;

	list(s, "bl.example");
	door_must_be(look(s, "7.2.0.192"), 0, "127.0.0.4");
	assert_int_equal(state_of(s, 0), ZONE_ON);
	a = ask(s, DNS_TXT, "bl.example", "7.2.0.192");
	door_wait(s->door, a);
	assert_string_equal(a->m.records[0].data, "spam was sent from here");
}

/* What zones say at once, as the name server's bytes. */
static bool
knows(struct scene *s, const char *name, struct answer *answer)
{
	struct question q = dns_question(s->door->arena, DNS_A,
	    arena_printf(s->door->arena, "%s.bl.example", name));

	q.zone = "bl.example";
	return store_known(zones_store(s->zones), &q, answer);
}

static void
what_is_known_at_once_is_judged_and_counted_all_the_same(void **state)
{
	struct scene *s = *state;
	struct answer answer;
	struct zone_view v;

	list(s, "bl.example");
	assert_false(knows(s, "7.2.0.192", &answer)); /* not proven yet */
	look(s, "7.2.0.192");
	assert_true(knows(s, "7.2.0.192", &answer));
	assert_int_equal(answer.state, KNOWN);
	assert_true(zones_view(s->zones, 0, &v));
	assert_int_equal(v.asked, 2);
	assert_int_equal(v.listed, 2);
	look(s, "9.2.0.192"); /* lies, and is off */
	assert_int_equal(state_of(s, 0), ZONE_OFF);
	assert_false(knows(s, "7.2.0.192", &answer));
}

static void
a_probe_is_not_answered_from_memory(void **state)
{
	static const char sane[] = "udp A 2.0.0.127.bl.example";
	struct scene *s = *state;
	const unsigned before = nameserver_asked(&door_server, sane);

	list(s, "bl.example");
	look(s, "7.2.0.192");
	zones_configure(s->zones, &s->conf); /* probes again */
	while (nameserver_asked(&door_server, sane) < before + 2)
		door_run_ms(s->door, 5);
}

static void
a_slow_list_costs_nothing_but_itself(void **state)
{
	struct scene *s = *state;
	struct asked *slow, *other;

	list(s, "bl.example");
	list(s, "other.example");
	until(s, 0, ZONE_ON);
	until(s, 1, ZONE_ON);
	slow = ask(s, DNS_A, "bl.example", "8.2.0.192");
	other = ask(s, DNS_A, "other.example", "8.2.0.192");
	door_wait(s->door, other);
	assert_int_equal(other->m.outcome, DNS_NO_NAME);
	door_wait(s->door, slow);
	door_must_be(slow, 0, "127.0.0.4");
	assert_true(other->place < slow->place);
}

static void
an_answer_that_comes_too_late_is_there_for_the_next(void **state)
{
	struct scene *s = *state;
	struct asked *again;

	list(s, "bl.example");
	until(s, 0, ZONE_ON);
	deadline(s, HASTY);
	door_must_lose(look(s, "8.2.0.192"), LOSS_TIMEOUT);
	while (dns_counts(s->door->dns).in_flight > 0)
		uv_run(&s->door->loop, UV_RUN_ONCE);
	again = look(s, "8.2.0.192");
	door_must_be(again, 0, "127.0.0.4");
	assert_true(again->remembered);
}

static void
a_lie_that_is_remembered_is_lost_but_says_nothing_about_now(void **state)
{
	struct scene *s = *state;

	list(s, "bl.example");
	door_must_lose(look(s, "9.2.0.192"), LOSS_LIST);
	assert_int_equal(state_of(s, 0), ZONE_OFF);
	zones_configure(s->zones, &s->conf); /* probes again */
	until(s, 0, ZONE_ON);
	door_must_lose(look(s, "9.2.0.192"), LOSS_LIST);
	assert_int_equal(state_of(s, 0), ZONE_ON);
}

static void
what_is_remembered_is_no_sign_of_life(void **state)
{
	struct scene *s = *state;
	struct asked *lost[ZONE_ROW];

	list(s, "bl.example");
	door_must_be(look(s, "7.2.0.192"), 0, "127.0.0.4");
	until(s, 0, ZONE_ON);
	deadline(s, HASTY);
	for (int i = 0; i < ZONE_ROW; i++) {
		lost[i] = ask(s, DNS_A, "bl.example",
		    arena_printf(s->door->arena, "%d.dead", i));
		door_must_be(look(s, "7.2.0.192"), 0, "127.0.0.4");
	}
	door_wait(s->door, lost[ZONE_ROW - 1]);
	assert_int_equal(state_of(s, 0), ZONE_SILENT);
	door_must_lose(look(s, "7.2.0.192"), LOSS_DOWN);
}

static void
at_the_end_nobody_waits_any_more(void **state)
{
	struct scene *s = *state;
	struct asked *waiting, *away;

	list(s, "bl.example");
	until(s, 0, ZONE_ON);
	list(s, "silent.example");
	away = ask(s, DNS_A, "bl.example", "x.dead");
	waiting = ask(s, DNS_A, "silent.example", "7.2.0.192");
	zones_stop(s->zones);
	door_close(s->door);
	door_must_lose(away, LOSS_DOWN);
	door_must_lose(waiting, LOSS_DOWN);
}

int
main(void)
{
	static struct suite s;
	int failed;

	nameserver_start(&door_server, text);
#define SCENE(test) suite_add_scene(&s, #test, test, begin, end)
	SCENE(a_list_is_probed_and_then_asked);
	SCENE(what_is_known_at_once_is_judged_and_counted_all_the_same);
	SCENE(a_probe_is_not_answered_from_memory);
	SCENE(a_slow_list_costs_nothing_but_itself);
	SCENE(an_answer_that_comes_too_late_is_there_for_the_next);
	SCENE(a_lie_that_is_remembered_is_lost_but_says_nothing_about_now);
	SCENE(what_is_remembered_is_no_sign_of_life);
	SCENE(at_the_end_nobody_waits_any_more);
	failed = suite_run(&s, "dnsbl/dns");
	nameserver_stop(&door_server);
	return failed;
}
