/*
 * The deny list of a mailbox over HTTP: who may change it, and how.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "kit/chance.h"
#include "kit/suite.h"
#include "kit/town.h"

static const char file[] = "local_domains = { \"redis:\" }";

#define LIST "/mailboxes/bob@example.com/deny"
#define NEWS LIST "/news@example.org"
#define KEY "policyd:deny:{example.com}:bob"

static int
setup(void **state)
{
	*state = town_open(file);
	return 0;
}

static int
teardown(void **state)
{
	town_close(*state);
	return 0;
}

static struct resp
command(struct town *t, struct arena *a, const char *const *words)
{
	return false_redis_command(t->redis, a, words);
}

/* What Redis has of an entry, without its time; "none": it has not. */
static void
assert_entry(struct town *t, const char *entry, const char *wanted)
{
	struct arena *a = arena_new();
	const struct resp r = command(
	    t, a, (const char *const[]){ "HGET", KEY, entry, NULL });
	const char *says = r.kind == RESP_STRING
	    ? arena_memdup(a, r.text.text, r.text.size)
	    : "none";

	assert_string_equal(says + strspn(says, "0123456789"), wanted);
	arena_release(a);
}

static void
write_entry(struct town *t, const char *entry, const char *says)
{
	struct arena *a = arena_new();

	command(t, a, (const char *const[]){ "HSET", KEY, entry, says, NULL });
	arena_release(a);
}

static const char *
say(struct town *t, const char *method, const char *path, const char *body,
    int status)
{
	assert_int_equal(
	    web_once(t->web, method, path, "sesame", body), status);
	return t->web->body;
}

static void
a_sender_is_put_on_the_list_and_it_is_logged(void **state)
{
	struct town *t = *state;

	assert_string_equal(say(t, "PUT", NEWS, "", 200),
	    "{\"sender\":\"news@example.org\",\"changed\":true,"
	    "\"allow\":false,\"address\":\"bob@example.com\"}\n");
	assert_entry(t, "news@example.org", "");
	assert_int_equal(
	    web_logged(t->web,
		"change register=deny action=add by=http "
		"address=bob@example.com sender=news@example.org is=denied"),
	    1);
}

static void
once_more_changes_nothing_and_is_not_logged(void **state)
{
	struct town *t = *state;

	say(t, "PUT", NEWS, "", 200);
	assert_non_null(
	    strstr(say(t, "PUT", NEWS, "{}", 200), "\"changed\":false"));
	assert_int_equal(web_logged(t->web, "change register"), 1);
}

static void
a_sender_may_be_allowed(void **state)
{
	struct town *t = *state;

	say(t, "PUT", NEWS, "{\"allow\":true}", 200);
	assert_entry(t, "news@example.org", " allow");
	assert_int_equal(web_logged(t->web, "is=allowed"), 1);
	say(t, "PUT", NEWS, "{\"allow\":false}", 200);
	assert_entry(t, "news@example.org", "");
}

static void
one_entry_is_told_or_that_there_is_none(void **state)
{
	struct town *t = *state;

	say(t, "GET", NEWS, "", 404);
	write_entry(t, "news@example.org", "1795283125 allow");
	assert_string_equal(say(t, "GET", NEWS, "", 200),
	    "{\"sender\":\"news@example.org\",\"allow\":true,"
	    "\"forced\":false,\"since\":1795283125,"
	    "\"address\":\"bob@example.com\"}\n");
}

static void
a_sender_is_taken_off_and_it_is_logged(void **state)
{
	struct town *t = *state;

	say(t, "PUT", NEWS, "", 200);
	assert_string_equal(say(t, "DELETE", NEWS, "", 200),
	    "{\"sender\":\"news@example.org\",\"changed\":true,"
	    "\"address\":\"bob@example.com\"}\n");
	assert_entry(t, "news@example.org", "none");
	assert_int_equal(web_logged(t->web,
			     "change register=deny action=del by=http "
			     "address=bob@example.com sender=news@example.org"),
	    1);
	assert_non_null(
	    strstr(say(t, "DELETE", NEWS, "", 200), "\"changed\":false"));
}

static void
the_list_is_told_by_name(void **state)
{
	struct town *t = *state;

	assert_string_equal(say(t, "GET", LIST, "", 200),
	    "{\"complete\":true,\"count\":0,\"entries\":[],"
	    "\"address\":\"bob@example.com\"}\n");
	write_entry(t, "news@", "5");
	write_entry(t, ".example", "x\ny");
	assert_string_equal(say(t, "GET", LIST, "", 200),
	    "{\"complete\":true,\"count\":2,\"entries\":["
	    "{\"sender\":\".example\",\"allow\":false,\"forced\":false,"
	    "\"since\":null},"
	    "{\"sender\":\"news@\",\"allow\":false,\"forced\":false,"
	    "\"since\":5}],\"address\":\"bob@example.com\"}\n");
}

static void
of_a_long_list_the_first_thousand_are_told(void **state)
{
	struct town *t = *state;
	const char *body;
	char entry[64];
	size_t count = 0;

	for (int i = 0; i < 1001; i++) {
		snprintf(entry, sizeof(entry), "s%04d@example.org", i);
		write_entry(t, entry, "5");
	}
	body = say(t, "GET", LIST, "", 200);
	assert_non_null(strstr(body, "\"complete\":false,\"count\":1001"));
	for (const char *p = body; (p = strstr(p, "\"sender\"")); p++)
		count++;
	assert_int_equal(count, 1000);
	assert_non_null(strstr(body, "s0999@"));
}

static void
somebody_elses_value_is_an_empty_list_and_makes_room(void **state)
{
	struct town *t = *state;
	struct arena *a = arena_new();

	command(t, a, (const char *const[]){ "SET", KEY, "x", NULL });
	assert_non_null(strstr(say(t, "GET", LIST, "", 200), "\"count\":0"));
	say(t, "PUT", NEWS, "", 200);
	assert_entry(t, "news@example.org", "");
	arena_release(a);
}

static void
what_is_no_utf8_is_shown_as_bytes(void **state)
{
	struct town *t = *state;

	write_entry(t, "\xff@example.org", "5");
	assert_non_null(
	    strstr(say(t, "GET", LIST, "", 200), "\"\\\\xff@example.org\""));
}

struct row {
	const char *name;
	const char *path, *body;
	int status;
	const char *entry; /* that stands there then; NULL: none */
};

static const struct row rows[] = {
	{ "an address may be percent-encoded",
	    "/mailboxes/bob%40example.com/deny/news%40example.org", "", 200,
	    "news@example.org" },
	{ "capital letters are small ones, an extension goes",
	    "/mailboxes/Bob+x@Example.com/deny/News@Example.ORG", "", 200,
	    "news@example.org" },
	{ "a sender may have a slash", LIST "/a%2Fb@example.org", "", 200,
	    "a/b@example.org" },
	{ "or be a domain", LIST "/example.org", "", 200, "example.org" },
	{ "or all of one", LIST "/@example.org", "", 200, "example.org" },
	{ "or a parent", LIST "/.example", "", 200, ".example" },
	{ "or a user anywhere", LIST "/news@", "", 200, "news@" },
	{ "or in UTF-8", LIST "/%C3%A4@example.org", "", 200,
	    "\xc3\xa4@example.org" },
	{ "a mailbox has a user", "/mailboxes/example.com/deny/x@example.org",
	    "", 400, NULL },
	{ "and a domain", "/mailboxes/bob@/deny/x@example.org", "", 400, NULL },
	{ "and is not empty", "/mailboxes//deny/x@example.org", "", 400, NULL },
	{ "and nothing else", "/mailboxes/bob@a%7Bb/deny/x@example.org", "",
	    400, NULL },
	{ "a sender is not empty", LIST "/", "", 400, NULL },
	{ "and has no blank", LIST "/a%20b@example.org", "", 400, NULL },
	{ "and no line end", LIST "/a%0ab@example.org", "", 400, NULL },
	{ "and no NUL", LIST "/a%00@example.org", "", 400, NULL },
	{ "an escape must be one", LIST "/%zz@example.org", "", 400, NULL },
	{ "a body must be an object", NEWS, "[]", 400, NULL },
	{ "and JSON", NEWS, "allow", 400, NULL },
	{ "allow must be spelt right", NEWS, "{\"alow\":true}", 400, NULL },
	{ "and stand alone", NEWS, "{\"allow\":true,\"forced\":true}", 400,
	    NULL },
	{ "allow is true or false", NEWS, "{\"allow\":\"yes\"}", 400, NULL },
};

static void
a_row(void **state)
{
	const struct row *r = *state;
	struct town *t = town_open(file);

	say(t, "PUT", r->path, r->body, r->status);
	if (r->entry)
		assert_entry(t, r->entry, "");
	else
		assert_int_equal(web_logged(t->web, "change"), 0);
	town_close(t);
}

static void
a_sender_that_is_too_long_is_refused(void **state)
{
	struct town *t = *state;
	char path[1024];

	snprintf(path, sizeof(path), LIST "/%0320d@example.org", 1);
	say(t, "PUT", path, "", 400);
	snprintf(path, sizeof(path), LIST "/%0300d@example.org", 1);
	say(t, "PUT", path, "", 200);
}

static void
without_the_token_nobody_may_even_look(void **state)
{
	struct town *t = *state;

	write_entry(t, "news@example.org", "5");
	assert_int_equal(web_once(t->web, "GET", LIST, NULL, ""), 401);
	assert_int_equal(web_once(t->web, "GET", NEWS, "wrong", ""), 401);
	assert_int_equal(web_once(t->web, "DELETE", NEWS, NULL, ""), 401);
	assert_int_equal(web_once(t->web, "PUT", NEWS, NULL, ""), 401);
	assert_entry(t, "news@example.org", "");
	assert_null(strstr(t->web->heard, "example.org"));
}

static void
another_method_is_told_which_there_are(void **state)
{
	struct town *t = *state;

	say(t, "POST", NEWS, "{}", 405);
	assert_non_null(
	    strstr(t->web->heard, "Allow: GET, HEAD, PUT, DELETE\r\n"));
	say(t, "DELETE", LIST, "", 405);
}

static void
without_redis_it_is_said_so(void **state)
{
	struct town *t = *state;

	false_redis_lose(t->redis, LOSS_DOWN);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(
		    say(t, ((const char *const[]){ "GET", "PUT", "DELETE" })[i],
			NEWS, "", 503),
		    "{\"error\":\"redis: down\"}\n");
	say(t, "GET", LIST, "", 503);
	assert_int_equal(web_logged(t->web, "change register"), 0);
}

/* -- noise -- */

enum { NOISE = 2000 };

static uint64_t seed;

static unsigned
dice(unsigned sides)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % sides;
}

static void
is_a_deny_list(void *data, const char *key)
{
	(void)data;
	assert_int_equal(strncmp(key, "policyd:deny:{", 14), 0);
	assert_int_equal(strspn(key,
			     "abcdefghijklmnopqrstuvwxyz0123456789"
			     "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
	    strlen(key));
}

static void
odd_paths_change_deny_lists_or_nothing(void **state)
{
	static const char odd[] = "%/@.:{}+0aF2\x80\xc3?;*~";
	struct town *t = *state;
	char path[sizeof(NEWS)], head[256];
	int fd = web_connect(t->web);

	seed = chance_seed();
	for (int i = 0; i < NOISE; i++) {
		memcpy(path, NEWS, sizeof(path));
		for (int n = 0; n < 3; n++)
			path[11 + dice(sizeof(path) - 12)] =
			    odd[dice(sizeof(odd) - 1)];
		snprintf(head, sizeof(head),
		    "PUT %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
		    "sesame\r\nContent-Length: 0\r\n\r\n",
		    path);
		web_say(fd, head);
		web_hears(t->web, fd);
		assert_true(t->web->status == 200 || t->web->status == 400 ||
		    t->web->status == 404 || t->web->status == 405);
	}
	close(fd);
	false_redis_keys(t->redis, is_a_deny_list, NULL);
}

#define SCENE(s, test) suite_add_scene(s, #test, test, setup, teardown)

int
main(void)
{
	static struct suite s;

	SCENE(&s, a_sender_is_put_on_the_list_and_it_is_logged);
	SCENE(&s, once_more_changes_nothing_and_is_not_logged);
	SCENE(&s, a_sender_may_be_allowed);
	SCENE(&s, one_entry_is_told_or_that_there_is_none);
	SCENE(&s, a_sender_is_taken_off_and_it_is_logged);
	SCENE(&s, the_list_is_told_by_name);
	SCENE(&s, of_a_long_list_the_first_thousand_are_told);
	SCENE(&s, somebody_elses_value_is_an_empty_list_and_makes_room);
	SCENE(&s, what_is_no_utf8_is_shown_as_bytes);
	SUITE_ROWS(&s, rows, a_row);
	SCENE(&s, a_sender_that_is_too_long_is_refused);
	SCENE(&s, without_the_token_nobody_may_even_look);
	SCENE(&s, another_method_is_told_which_there_are);
	SCENE(&s, without_redis_it_is_said_so);
	SCENE(&s, odd_paths_change_deny_lists_or_nothing);
	return suite_run(&s, "deny");
}
