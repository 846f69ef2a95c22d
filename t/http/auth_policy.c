/*
 * Dovecot's auth policy: what it is told, and what that leads to.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "engine/engine.h"
#include "kit/chance.h"
#include "kit/suite.h"
#include "kit/town.h"
#include "register/lists_build.h"

static const char allowed[] = "{\"status\":0,\"msg\":\"\"}\n";

static int
setup(void **state)
{
	*state = town_open("trusted = { \"127.0.0.0/8\", \"10.0.0.0/8\" }\n"
			   "account { lockout = 5 }");
	return 0;
}

static int
teardown(void **state)
{
	town_close(*state);
	return 0;
}

static const char *
post(struct town *t, const char *command, const char *format, ...)
{
	char body[1024], path[64];
	va_list ap;

	va_start(ap, format);
	vsnprintf(body, sizeof(body), format, ap);
	va_end(ap);
	snprintf(path, sizeof(path), "/auth-policy?command=%s", command);
	assert_int_equal(web_once(t->web, "POST", path, "sesame", body), 200);
	return t->web->body;
}

static const char *
allow(struct town *t, const char *user, const char *remote, const char *service)
{
	return post(t, "allow",
	    "{\"device_id\":\"\",\"login\":\"%s\",\"protocol\":\"%s\","
	    "\"pwhash\":\"075c\",\"remote\":\"%s\",\"session_id\":\"\","
	    "\"tls\":false}",
	    user, service, remote);
}

static void
report(struct town *t, const char *user, const char *remote,
    const char *service, const char *hash, bool success, bool rejected)
{
	const char *reply = post(t, "report",
	    "{\"device_id\":\"\",\"login\":\"%s\",\"protocol\":\"%s\","
	    "\"pwhash\":\"%s\",\"remote\":\"%s\",\"session_id\":\"\","
	    "\"success\":%s,\"policy_reject\":%s,\"tls\":false}",
	    user, service, hash, remote, success ? "true" : "false",
	    rejected ? "true" : "false");

	assert_string_equal(reply, allowed);
}

/* Another password and another mailbox each time. */
static void
guess(struct town *t, const char *remote, const char *service, int times)
{
	char user[32], hash[16];

	for (int i = 0; i < times; i++) {
		snprintf(user, sizeof(user), "u%d@example.com", i);
		snprintf(hash, sizeof(hash), "%03x", i);
		report(t, user, remote, service, hash, false, false);
	}
}

static void
is_allowed(struct town *t, const char *user, const char *remote)
{
	assert_string_equal(allow(t, user, remote, "smtp"), allowed);
}

static void
is_refused(
    struct town *t, const char *user, const char *remote, const char *why)
{
	char wanted[256];

	snprintf(
	    wanted, sizeof(wanted), "{\"status\":-1,\"msg\":\"%s\"}\n", why);
	assert_string_equal(allow(t, user, remote, "smtp"), wanted);
}

static const char banned[] = "not accepting connections from your address";
static const char listed[] = "temporarily refused because of policy violation";
static const char locked[] =
    "Access to this user account has been denied by the mail administrator";
static const char disabled[] =
    "User account has been disabled by the mail administrator";

static struct resp
command(struct town *t, struct arena *a, const char *const *words)
{
	return false_redis_command(t->redis, a, words);
}

static bool
there_is(struct town *t, const char *key)
{
	struct arena *a = arena_new();
	const struct resp r = command(
	    t, a, (const char *const[]){ "EXISTS", key, NULL });

	arena_release(a);
	return r.number == 1;
}

static void
set_fields(struct town *t, const char *key, const char *name, const char *value,
    const char *name2, const char *value2)
{
	struct arena *a = arena_new();

	command(t, a,
	    (const char *const[]){
		"HSET", key, name, value, name2, value2, NULL });
	arena_release(a);
}

/* As somebody with redis-cli would. */
static void
ban(struct town *t, const char *client)
{
	struct arena *a = arena_new();

	set_fields(t, arena_printf(a, "policyd:ban:{%s}", client), "until",
	    "permanent", "reason", "test");
	command(t, a,
	    (const char *const[]){ "SET",
		arena_printf(a, "policyd:client:{%s}", client), "1", NULL });
	arena_release(a);
}

/* -- allow -- */

static void
a_stranger_is_allowed(void **state)
{
	struct town *t = *state;

	is_allowed(t, "alice@example.com", "203.0.113.5");
	is_allowed(t, "alice@example.com", "2001:db8::5");
	assert_false(there_is(t, "policyd:abuse:{203.0.113.5}"));
}

static void
who_is_banned_is_told_so(void **state)
{
	struct town *t = *state;

	ban(t, "203.0.113.5");
	is_refused(t, "alice@example.com", "203.0.113.5", banned);
	is_allowed(t, "alice@example.com", "203.0.113.6");
	assert_int_equal(web_logged(t->web,
			     "login refused=yes reason=ban client=203.0.113.5 "
			     "user=alice@example.com service=smtp"),
	    1);
}

static void
so_is_a_banned_network(void **state)
{
	struct town *t = *state;
	const struct list_record r = { "203.0.113.0/24", "since=1 until=0" };
	struct lists *l = lists_new(clock_unix(t->web->clock));

	lists_fill(l, LIST_BANS, &r, 1, clock_unix(t->web->clock));
	engine_lists(t->engine, l);
	is_refused(t, "alice@example.com", "203.0.113.5", banned);
	is_allowed(t, "alice@example.com", "198.51.100.5");
}

static void
under_observe_only_the_log_hears_of_it(void **state)
{
	struct town *t = *state;

	ban(t, "203.0.113.5");
	town_reload(t, "ban { mode = observe }");
	is_allowed(t, "alice@example.com", "203.0.113.5");
	assert_int_equal(
	    web_logged(t->web, "login refused=observed reason=ban"), 1);
	town_reload(t, "ban { mode = off }");
	is_allowed(t, "alice@example.com", "203.0.113.5");
	assert_int_equal(web_logged(t->web, "login refused="), 1);
}

static void
trusted_clients_are_never_refused_for_their_address(void **state)
{
	struct town *t = *state;

	ban(t, "10.0.0.1");
	is_allowed(t, "alice@example.com", "10.0.0.1");
	is_allowed(t, "alice@example.com", "127.0.0.1");
	is_allowed(t, "alice@example.com", "::1");
}

static void
a_client_without_an_address_is_judged_by_its_mailbox(void **state)
{
	struct town *t = *state;

	is_allowed(t, "alice@example.com", "");
	is_allowed(t, "alice@example.com", "not an address");
	set_fields(t, "policyd:account:{alice@example.com}", "disabled", "x",
	    "last", "1");
	is_refused(t, "alice@example.com", "", disabled);
}

static void
a_disabled_mailbox_is_refused_from_everywhere(void **state)
{
	struct town *t = *state;

	set_fields(t, "policyd:account:{alice@example.com}", "disabled", "x",
	    "last", "1");
	is_refused(t, "Alice@Example.COM", "10.0.0.1", disabled);
	is_allowed(t, "bob@example.com", "10.0.0.1");
}

static void
without_redis_everybody_is_allowed(void **state)
{
	struct town *t = *state;

	ban(t, "203.0.113.5");
	false_redis_lose(t->redis, LOSS_DOWN);
	is_allowed(t, "alice@example.com", "203.0.113.5");
	guess(t, "203.0.113.6", "smtp", 3);
	false_redis_lose(t->redis, LOSS_NONE);
	is_refused(t, "alice@example.com", "203.0.113.5", banned);
}

static void
a_silent_redis_costs_no_login_more_than_its_deadline(void **state)
{
	struct town *t = *state;
	const int fd = web_connect(t->web);

	false_redis_mood(t->redis, MOOD_SILENT);
	web_ask(fd, "POST", "/auth-policy?command=allow", "sesame",
	    "{\"login\":\"alice@example.com\",\"remote\":\"203.0.113.5\"}");
	assert_true(web_hears_nothing(t->web, fd));
	web_later(t->web, 499);
	assert_true(web_hears_nothing(t->web, fd));
	web_later(t->web, 1);
	assert_int_equal(web_hears(t->web, fd), 200);
	assert_string_equal(t->web->body, allowed);
	close(fd);
}

/* -- report -- */

static void
more_than_ten_failures_list_and_ban(void **state)
{
	struct town *t = *state;

	guess(t, "203.0.113.5", "imap", 10);
	is_allowed(t, "alice@example.com", "203.0.113.5");
	guess(t, "203.0.113.5", "imap", 11);
	is_refused(t, "alice@example.com", "203.0.113.5", banned);
	is_allowed(t, "alice@example.com", "203.0.113.6");
	web_turn(t->web);
	assert_int_equal(
	    web_logged(
		t->web, "register listed client=203.0.113.5 register=abuse"),
	    1);
	assert_true(there_is(t, "policyd:index:abuse"));
	assert_true(there_is(t, "policyd:index:ban"));
	/* the ban ends sooner than the listing */
	web_later(t->web, 16 * 60 * 1000);
	is_refused(t, "alice@example.com", "203.0.113.5", listed);
	web_later(t->web, 60 * 60 * 1000);
	is_allowed(t, "alice@example.com", "203.0.113.5");
}

static void
the_same_wrong_password_again_does_not_count(void **state)
{
	struct town *t = *state;

	for (int i = 0; i < 50; i++)
		report(t, "alice@example.com", "203.0.113.5", "smtp", "075c",
		    false, false);
	is_allowed(t, "alice@example.com", "203.0.113.5");
}

static void
what_policyd_refused_is_no_failure(void **state)
{
	struct town *t = *state;

	for (int i = 0; i < 50; i++)
		report(t, "alice@example.com", "203.0.113.5", "smtp", "", false,
		    true);
	is_allowed(t, "alice@example.com", "203.0.113.5");
	assert_false(there_is(t, "policyd:abuse:{203.0.113.5}"));
}

static void
good_logins_are_none_and_clear_none(void **state)
{
	struct town *t = *state;

	guess(t, "203.0.113.5", "smtp", 10);
	report(t, "alice@example.com", "203.0.113.5", "smtp", "1", true, false);
	is_allowed(t, "alice@example.com", "203.0.113.5");
	report(t, "bob@example.com", "203.0.113.5", "smtp", "2", false, false);
	is_refused(t, "alice@example.com", "203.0.113.5", banned);
}

static void
trusted_clients_may_fail(void **state)
{
	struct town *t = *state;

	guess(t, "10.0.0.1", "smtp", 50);
	assert_false(there_is(t, "policyd:abuse:{10.0.0.1}"));
}

static void
services_may_be_judged_apart(void **state)
{
	struct town *t = *state;

	town_reload(t, "abuse { services = apart }\nban { mode = off }");
	guess(t, "203.0.113.5", "pop3", 11);
	is_allowed(t, "alice@example.com", "203.0.113.5");
	assert_non_null(strstr(
	    allow(t, "alice@example.com", "203.0.113.5", "pop3"), listed));
	assert_string_equal(
	    allow(t, "alice@example.com", "203.0.113.5", "imap"), allowed);
}

static void
five_failures_lock_a_mailbox_but_not_for_its_owner(void **state)
{
	struct town *t = *state;
	char remote[32], hash[8];

	report(
	    t, "alice@example.com", "198.51.100.1", "imap", "1", true, false);
	for (int i = 1; i <= 5; i++) {
		snprintf(remote, sizeof(remote), "203.0.113.%d", i);
		snprintf(hash, sizeof(hash), "%d", i);
		report(t, "alice@example.com", remote, i % 2 ? "smtp" : "imap",
		    hash, false, false);
	}
	is_refused(t, "alice@example.com", "203.0.113.77", locked);
	is_allowed(t, "alice@example.com", "198.51.100.200");
	is_allowed(t, "bob@example.com", "203.0.113.77");
	assert_int_equal(web_logged(t->web, "account locked=yes"), 1);
	web_later(t->web, 60 * 60 * 1000);
	is_allowed(t, "alice@example.com", "203.0.113.77");
}

/* -- the form -- */

struct row {
	const char *name;
	const char *path, *body;
	int status;
};

static const struct row rows[] = {
	{ "without a command there is no answer", "/auth-policy",
	    "{\"login\":\"a\"}", 400 },
	{ "nor to one that nobody knows", "/auth-policy?command=fly",
	    "{\"login\":\"a\"}", 400 },
	{ "nor without a body", "/auth-policy?command=allow", "", 400 },
	{ "nor to what is no JSON", "/auth-policy?command=allow", "{", 400 },
	{ "nor to a list", "/auth-policy?command=allow", "[1]", 400 },
	{ "nor to two objects", "/auth-policy?command=allow", "{}{}", 400 },
	{ "nor without a login", "/auth-policy?command=allow",
	    "{\"remote\":\"203.0.113.5\"}", 400 },
	{ "nor to a login that is a number", "/auth-policy?command=allow",
	    "{\"login\":1}", 400 },
	{ "nor to one that is said twice", "/auth-policy?command=allow",
	    "{\"login\":\"a\",\"login\":\"b\"}", 400 },
	{ "a failure that is not called false is none",
	    "/auth-policy?command=report",
	    "{\"login\":\"a\",\"remote\":\"203.0.113.5\",\"success\":0}", 200 },
	{ "nor one of which nothing is said", "/auth-policy?command=report",
	    "{\"login\":\"a\",\"remote\":\"203.0.113.5\"}", 200 },
};

static void
note_key(void *data, const char *key)
{
	(void)key;
	++*(unsigned *)data;
}

static unsigned
count_keys(struct town *t)
{
	unsigned count = 0;

	false_redis_keys(t->redis, note_key, &count);
	return count;
}

static void
a_row(void **state)
{
	const struct row *r = *state;
	struct town *t = town_open("");

	assert_int_equal(
	    web_once(t->web, "POST", r->path, "sesame", r->body), r->status);
	assert_int_equal(count_keys(t), 0);
	town_close(t);
}

static void
without_the_token_nothing_is_heard_and_nothing_counts(void **state)
{
	struct town *t = *state;

	for (int i = 0; i < 20; i++)
		assert_int_equal(
		    web_once(t->web, "POST", "/auth-policy?command=report",
			i % 2 ? NULL : "guess",
			"{\"login\":\"a\",\"remote\":\"203.0.113.5\","
			"\"success\":false}"),
		    401);
	assert_int_equal(count_keys(t), 0);
}

/* -- as captured -- */

static size_t
read_capture(const char *name, char *out, size_t room)
{
	char path[128];
	FILE *f;
	size_t size;

	snprintf(path, sizeof(path), "t/http/auth-policy/%s.http", name);
	f = fopen(path, "r");
	assert_non_null(f);
	size = fread(out, 1, room - 1, f);
	out[size] = '\0';
	fclose(f);
	return size;
}

/* Its path and its lack of a token are those of the recorder. */
static void
say_capture(int fd, const char *name)
{
	char text[4096], sent[4096];
	const char *query, *rest;

	read_capture(name, text, sizeof(text));
	query = strchr(text, '?');
	rest = strchr(text, '\n') + 1;
	snprintf(sent, sizeof(sent),
	    "POST /auth-policy%.*s\nAuthorization: Bearer sesame\r\n%s",
	    (int)(rest - query - 1), query, rest);
	web_say(fd, sent);
}

static void
what_dovecot_sends_is_understood(void **state)
{
	static const char *const names[] = { "01-allow", "02-report",
		"03-allow", "04-report", "05-allow", "06-allow", "07-report",
		"08-allow", "09-report", "10-allow", "11-allow", "12-report" };
	struct town *t = *state;
	const int fd = web_connect(t->web);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		say_capture(fd, names[i]);
		assert_int_equal(web_hears(t->web, fd), 200);
		assert_string_equal(t->web->body, allowed);
	}
	assert_int_equal(http_counts(t->web->http)->accepted, 1);
	close(fd);
	assert_true(there_is(t, "policyd:abuse:{203.0.113.5}"));
	assert_false(there_is(t, "policyd:abuse:{203.0.113.6}"));
}

/* -- noise -- */

enum { NOISE = 10000 };

static uint64_t seed;

static unsigned
dice(unsigned sides)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % sides;
}

static const char *const samples[] = {
	"{\"device_id\":\"\",\"login\":\"alice@example.com\",\"protocol\":"
	"\"smtp\",\"pwhash\":\"075c\",\"remote\":\"203.0.113.5\","
	"\"session_id\":\"\",\"success\":true,\"policy_reject\":false,"
	"\"tls\":false}",
	"{\"client\":\"192.0.2.1\",\"reporter\":\"alice@example.com\"}",
	"{\"login\":{\"a\":[1,2,{\"b\":null}]},\"remote\":-1e400}",
	"{\"login\":\"\\u0000\\ud800\\\"%s%n{}:;\",\"remote\":\"::1\"}",
};

/* A few bytes of a sample changed, taken out or doubled. */
static size_t
mutate(char *out, size_t room)
{
	static const char odd[] = "\"{}[]:,\\\0\x80\xff\n\t 0-9eE.u";
	size_t size = (size_t)snprintf(
	    out, room, "%s", samples[dice(sizeof(samples) / sizeof(*samples))]);

	for (unsigned n = dice(8); n > 0; n--) {
		const size_t at = dice((unsigned)size), left = size - at - 1;

		switch (dice(3)) {
		case 0:
			out[at] = odd[dice(sizeof(odd))];
			break;
		case 1:
			memmove(out + at, out + at + 1, left);
			size -= size > 1;
			break;
		default:
			memmove(out + at + 1, out + at, left + 1);
			size++;
		}
	}
	return size;
}

static size_t
random_bytes(char *out, size_t room)
{
	const size_t size = dice((unsigned)room) + 1;

	for (size_t i = 0; i < size; i++)
		out[i] = (char)dice(256);
	return size;
}

static void
keep_no_register(void *data, const char *key)
{
	(void)data;
	if (strncmp(key, "policyd:account:", 16) != 0)
		print_error("there is %s\n", key);
	assert_int_equal(strncmp(key, "policyd:account:", 16), 0);
}

/* No sample is a failure or has a reporter twice, and no mutation makes one. */
static void
ten_thousand_odd_bodies_list_nobody(void **state)
{
	static const char *const paths[] = { "/auth-policy?command=report",
		"/auth-policy?command=allow", "/auth-policy?command=" };
	struct town *t = *state;
	char body[1024], head[256];
	int fd = web_connect(t->web), good = 0;

	seed = chance_seed();
	for (int i = 0; i < NOISE; i++) {
		const size_t size = dice(4) ? mutate(body, sizeof(body) / 2)
					    : random_bytes(body, sizeof(body));

		snprintf(head, sizeof(head),
		    "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
		    "sesame\r\nContent-Length: %zu\r\n\r\n",
		    paths[dice(3)], size);
		web_say(fd, head);
		web_send(fd, body, size);
		web_hears(t->web, fd);
		assert_true(t->web->status == 200 || t->web->status == 400);
		good += t->web->status == 200;
	}
	close(fd);
	assert_in_range(good, 100, NOISE - 100);
	false_redis_keys(t->redis, keep_no_register, NULL);
}

#define SCENE(s, test) suite_add_scene(s, #test, test, setup, teardown)

int
main(void)
{
	static struct suite s;

	SCENE(&s, a_stranger_is_allowed);
	SCENE(&s, who_is_banned_is_told_so);
	SCENE(&s, so_is_a_banned_network);
	SCENE(&s, under_observe_only_the_log_hears_of_it);
	SCENE(&s, trusted_clients_are_never_refused_for_their_address);
	SCENE(&s, a_client_without_an_address_is_judged_by_its_mailbox);
	SCENE(&s, a_disabled_mailbox_is_refused_from_everywhere);
	SCENE(&s, without_redis_everybody_is_allowed);
	SCENE(&s, a_silent_redis_costs_no_login_more_than_its_deadline);
	SCENE(&s, more_than_ten_failures_list_and_ban);
	SCENE(&s, the_same_wrong_password_again_does_not_count);
	SCENE(&s, what_policyd_refused_is_no_failure);
	SCENE(&s, good_logins_are_none_and_clear_none);
	SCENE(&s, trusted_clients_may_fail);
	SCENE(&s, services_may_be_judged_apart);
	SCENE(&s, five_failures_lock_a_mailbox_but_not_for_its_owner);
	SUITE_ROWS(&s, rows, a_row);
	SCENE(&s, without_the_token_nothing_is_heard_and_nothing_counts);
	SCENE(&s, what_dovecot_sends_is_understood);
	SCENE(&s, ten_thousand_odd_bodies_list_nobody);
	return suite_run(&s, "auth_policy");
}
