/*
 * Reports of spam: who may make them, and which count.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"
#include "base/arena.h"
#include "kit/chance.h"
#include "kit/suite.h"
#include "kit/town.h"

static int
setup(void **state)
{
	*state = town_open("trusted = { \"127.0.0.0/8\", \"10.0.0.0/8\" }");
	return 0;
}

static int
teardown(void **state)
{
	town_close(*state);
	return 0;
}

static const char *
tell(struct town *t, const char *client, const char *reporter, int status)
{
	char body[1024];

	snprintf(body, sizeof(body), "{\"client\":\"%s\",\"reporter\":\"%s\"}",
	    client, reporter);
	assert_int_equal(
	    web_once(t->web, "POST", "/spam-report", "sesame", body), status);
	return t->web->body;
}

static bool
there_is(struct town *t, const char *key)
{
	struct arena *a = arena_new();
	const char *const words[] = { "EXISTS", key, NULL };
	const struct resp r = false_redis_command(t->redis, a, words);

	arena_release(a);
	return r.number == 1;
}

static void
three_reporters_of_two_domains_list_a_client(void **state)
{
	struct town *t = *state;

	assert_string_equal(tell(t, "192.0.2.1", "alice@example.com", 200),
	    "{\"counted\":true,\"reporters\":1,\"listed\":false,"
	    "\"immune\":false}\n");
	tell(t, "192.0.2.1", "bob@example.com", 200);
	assert_string_equal(tell(t, "192.0.2.1", "eve@example.org", 200),
	    "{\"counted\":true,\"reporters\":3,\"listed\":true,"
	    "\"immune\":false}\n");
	web_turn(t->web);
	assert_int_equal(web_logged(t->web,
			     "register listed client=192.0.2.1 register=spam"),
	    1);
	assert_true(there_is(t, "policyd:index:spam"));
}

static void
a_reporter_counts_once(void **state)
{
	struct town *t = *state;

	tell(t, "192.0.2.1", "alice@example.com", 200);
	for (int i = 0; i < 5; i++)
		assert_string_equal(
		    tell(t, "192.0.2.1", "Alice@Example.COM", 200),
		    "{\"counted\":false,\"reporters\":1,\"listed\":false,"
		    "\"immune\":false}\n");
}

static void
our_own_clients_are_not_held_responsible(void **state)
{
	struct town *t = *state;

	assert_string_equal(tell(t, "10.0.0.1", "alice@example.com", 200),
	    "{\"counted\":false,\"reporters\":0,\"listed\":false,"
	    "\"immune\":true}\n");
	assert_false(there_is(t, "policyd:spam:{10.0.0.1}"));
}

/* As a panel would. */
static void
set_mailbox(
    struct town *t, const char *user, const char *option, const char *value)
{
	struct arena *a = arena_new();
	const char *const words[] = { "HSET",
		arena_printf(a, "policyd:mailbox:{example.com}:%s", user),
		option, value, NULL };

	false_redis_command(t->redis, a, words);
	arena_release(a);
}

static void
how_many_are_enough_is_for_the_reporters_mailbox_to_say(void **state)
{
	struct town *t = *state;

	town_reload(t, "local_domains = { \"redis:\" }");
	set_mailbox(t, "bob", "spam_source.reporters", "1");
	tell(t, "192.0.2.1", "alice@example.com", 200);
	assert_int_equal(web_logged(t->web, "register listed"), 0);
	assert_string_equal(tell(t, "192.0.2.1", "bob@example.com", 200),
	    "{\"counted\":true,\"reporters\":2,\"listed\":true,"
	    "\"immune\":false}\n");
}

static void
without_redis_the_reporter_is_told(void **state)
{
	struct town *t = *state;

	false_redis_lose(t->redis, LOSS_DOWN);
	assert_string_equal(tell(t, "192.0.2.1", "alice@example.com", 503),
	    "{\"error\":\"redis: down\"}\n");
}

struct row {
	const char *name;
	const char *client, *reporter;
};

static const struct row rows[] = {
	{ "a client must be an address", "mx.example.net",
	    "alice@example.com" },
	{ "and one alone", "192.0.2.0/24", "alice@example.com" },
	{ "and not empty", "", "alice@example.com" },
	{ "a reporter must be a mailbox", "192.0.2.1", "alice" },
	{ "with a domain", "192.0.2.1", "alice@" },
	{ "and a user", "192.0.2.1", "@example.com" },
	{ "and no words", "192.0.2.1", "alice and bob@example.com" },
	{ "and no line ends", "192.0.2.1", "alice\\n@example.com" },
};

static void
a_row(void **state)
{
	const struct row *r = *state;
	struct town *t = town_open("");

	tell(t, r->client, r->reporter, 400);
	assert_false(there_is(t, "policyd:spam:{192.0.2.1}"));
	town_close(t);
}

static void
without_the_token_nobody_may(void **state)
{
	struct town *t = *state;

	assert_int_equal(
	    web_once(t->web, "POST", "/spam-report", NULL,
		"{\"client\":\"192.0.2.1\",\"reporter\":\"a@example.com\"}"),
	    401);
	assert_int_equal(
	    web_once(t->web, "GET", "/spam-report", "sesame", ""), 405);
	assert_false(there_is(t, "policyd:spam:{192.0.2.1}"));
}

/* -- noise -- */

enum { NOISE = 3000 };

static uint64_t seed;

static unsigned
dice(unsigned sides)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % sides;
}

/* Two bytes of a report become others. */
static size_t
mutate(char *out, size_t room)
{
	static const char odd[] = "\"{},:@./\\\0\x80 \n019af%";
	const size_t size = (size_t)snprintf(out, room,
	    "{\"client\":\"192.0.2.%u\",\"reporter\":\"alice@example.com\"}",
	    dice(256));

	for (int i = 0; i < 2; i++)
		out[dice((unsigned)size)] = odd[dice(sizeof(odd))];
	return size;
}

/* The key of a client that was reported: no stranger's bytes are in it. */
static void
is_a_client(void *data, const char *key)
{
	const char *open = strchr(key, '{');
	char client[64] = "";
	struct address a;

	(void)data;
	if (strncmp(key, "policyd:index:", 14) == 0)
		return;
	assert_true(strncmp(key, "policyd:spam:", 13) == 0 ||
	    strncmp(key, "policyd:client:", 15) == 0);
	assert_non_null(open);
	snprintf(client, sizeof(client), "%.*s", (int)strcspn(open + 1, "}"),
	    open + 1);
	assert_true(address_parse(&a, client));
}

static void
odd_reports_are_about_clients_or_nobody(void **state)
{
	struct town *t = *state;
	const int fd = web_connect(t->web);
	char body[256], head[256];

	seed = chance_seed();
	for (int i = 0; i < NOISE; i++) {
		const size_t size = mutate(body, sizeof(body));

		snprintf(head, sizeof(head),
		    "POST /spam-report HTTP/1.1\r\nHost: x\r\nAuthorization: "
		    "Bearer sesame\r\nContent-Length: %zu\r\n\r\n",
		    size);
		web_say(fd, head);
		web_send(fd, body, size);
		web_hears(t->web, fd);
		assert_true(t->web->status == 200 || t->web->status == 400);
	}
	close(fd);
	false_redis_keys(t->redis, is_a_client, NULL);
}

#define SCENE(s, test) suite_add_scene(s, #test, test, setup, teardown)

int
main(void)
{
	static struct suite s;

	SCENE(&s, three_reporters_of_two_domains_list_a_client);
	SCENE(&s, a_reporter_counts_once);
	SCENE(&s, our_own_clients_are_not_held_responsible);
	SCENE(&s, how_many_are_enough_is_for_the_reporters_mailbox_to_say);
	SCENE(&s, without_redis_the_reporter_is_told);
	SUITE_ROWS(&s, rows, a_row);
	SCENE(&s, without_the_token_nobody_may);
	SCENE(&s, odd_reports_are_about_clients_or_nobody);
	return suite_run(&s, "spam_report");
}
