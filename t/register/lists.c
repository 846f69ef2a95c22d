/*
 * The lists: what an entry matches, how it comes to all nodes, and whom
 * nothing is held against.
 */
#include "register/lists.h"

#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "kit/book.h"
#include "kit/suite.h"
#include "register/lists_build.h"

/* -- what an entry matches -- */

struct match_row {
	const char *name;
	const char *pattern, *client, *host;
	bool matches;
};

static const struct match_row match_rows[] = {
	{ "an address matches itself", "192.0.2.7", "192.0.2.7", "", true },
	{ "and no other", "192.0.2.7", "192.0.2.8", "", false },
	{ "a network matches what is within", "192.0.2.0/24", "192.0.2.9", "",
	    true },
	{ "and nothing outside", "192.0.2.0/24", "198.51.100.1", "", false },
	{ "a star stands for the last part", "192.0.2.*", "192.0.2.9", "",
	    true },
	{ "and not for another", "192.0.2.*", "192.0.3.9", "", false },
	{ "a star alone is everybody", "*", "198.51.100.1", "", true },
	{ "with IPv6 too", "*", "2001:db8::1", "", true },
	{ "an IPv6 network matches", "2001:db8::/32", "2001:db8:9::1", "",
	    true },
	{ "a host matches by its verified name", "mail.example", "192.0.2.7",
	    "mail.example", true },
	{ "a star stands for hosts of a domain", "*.example", "192.0.2.7",
	    "mail.example", true },
	{ "and not for the domain", "*.mail.example", "192.0.2.7",
	    "mail.example", false },
	{ "a client without a name has none", "*.example", "192.0.2.7",
	    "unknown", false },
};

static struct lists *
one_entry(const char *pattern, const char *record)
{
	const struct list_record r = { pattern, record };
	struct lists *l = lists_new(NOON);

	assert_null(lists_fill(l, LIST_ACCESS, &r, 1, NOON));
	return l;
}

static bool
found(const struct lists *l, enum list_name which, const char *client,
    const char *host, int64_t now)
{
	struct list_entry e;
	struct address a;

	assert_true(address_parse(&a, client));
	return lists_find(l, which, &a, host, now, &e);
}

static void
matches(void **state)
{
	const struct match_row *row = *state;
	struct lists *l = one_entry(row->pattern, "since=1 until=0 by=a");

	assert_int_equal(
	    found(l, LIST_ACCESS, row->client, row->host, NOON), row->matches);
	assert_false(found(l, LIST_ALLOW, row->client, row->host, NOON));
	lists_unref(l);
}

static void
an_entry_says_who_when_and_why(void **state)
{
	struct arena *a = arena_new();
	struct lists *l = one_entry("192.0.2.*",
	    "since=1732190000 until=1732190500 by=root reason=too many "
	    "letters");
	struct list_entry e;
	struct address client;

	(void)state;
	address_parse(&client, "192.0.2.7");
	assert_true(lists_find(l, LIST_ACCESS, &client, "", NOON, &e));
	assert_int_equal(e.since, 1732190000);
	assert_int_equal(e.until, 1732190500);
	assert_string_equal(list_entry_part(a, &e, ""), "192.0.2.*");
	assert_string_equal(list_entry_part(a, &e, "by="), "root");
	assert_string_equal(
	    list_entry_part(a, &e, "reason="), "too many letters");
	lists_unref(l);
	arena_release(a);
}

static void
an_entry_ends_without_being_read_anew(void **state)
{
	struct lists *l = one_entry("192.0.2.7", "since=1 until=1732190410");

	(void)state;
	assert_true(found(l, LIST_ACCESS, "192.0.2.7", "", NOON + 9));
	assert_false(found(l, LIST_ACCESS, "192.0.2.7", "", NOON + 10));
	lists_unref(l);
}

static void
what_nobody_understands_is_left_out_and_told(void **state)
{
	const struct list_record some[] = { { "192.0.2.1/24", "" },
		{ "192.0.2.7", "" } };
	struct arena *a = arena_new();
	struct lists *l = lists_new(NOON);

	(void)state;
	assert_non_null(lists_fill(l, LIST_ACCESS, some, 2, NOON));
	assert_true(found(l, LIST_ACCESS, "192.0.2.7", "", NOON));
	assert_non_null(list_check(a, "192.0.2.1/24"));
	assert_null(list_check(a, "192.0.2.*"));
	lists_unref(l);
	arena_release(a);
}

static void
the_list_of_trusted_ones_counts_where_the_configuration_says_so(void **state)
{
	const struct list_record some[] = { { "192.0.2.0/24", "until=0" } };
	struct lists *l = lists_new(NOON);
	struct conf *with = conf_parse(
	    "trusted = { \"198.51.100.1\", \"redis:\" }", "c", NULL, NULL);
	struct conf *without = conf_parse("", "c", NULL, NULL);
	struct address listed, named;

	(void)state;
	lists_fill(l, LIST_TRUSTED, some, 1, NOON);
	address_parse(&listed, "192.0.2.7");
	address_parse(&named, "198.51.100.1");
	assert_true(lists_trust(l, with, &listed, "", NOON));
	assert_true(lists_trust(l, with, &named, "", NOON));
	assert_false(lists_trust(l, without, &listed, "", NOON));
	assert_false(lists_trust(NULL, with, &listed, "", NOON));
	assert_true(lists_trust(NULL, with, &named, "", NOON));
	assert_true(lists_immune(l, with, &listed, "", NOON));
	assert_false(lists_immune(l, without, &listed, "", NOON));
	conf_unref(with);
	conf_unref(without);
	lists_unref(l);
}

/* -- how it comes to all nodes -- */

/* A node: a mirror, and the copy it holds. */
struct node {
	struct mirror *mirror;
	struct lists *lists;
	unsigned copies;
};

static char heard[4096];

static void
hear(enum log_level level, const char *text, void *data)
{
	(void)data;
	if (level <= LEVEL_INFO && strlen(heard) + strlen(text) + 2 < 4096) {
		strcat(heard, text);
		strcat(heard, "\n");
	}
}

static unsigned
said(const char *what)
{
	unsigned n = 0;

	for (const char *p = heard; (p = strstr(p, what)) != NULL; p++)
		n++;
	return n;
}

static void
fresh(void *data, struct lists *l)
{
	struct node *n = data;

	lists_unref(n->lists);
	n->lists = l;
	n->copies++;
}

static void
node_open(struct node *n, struct book *b)
{
	*n = (struct node){ 0 };
	n->mirror = mirror_new(
	    b->clock, false_redis_store(b->redis), b->conf->prefix, fresh, n);
}

static void
node_close(struct node *n)
{
	mirror_free(n->mirror);
	lists_unref(n->lists);
}

/* Two nodes of a cluster, half a second after their start. */
static struct book *
cluster(struct node nodes[2])
{
	struct book *b = book_begin("");

	*heard = '\0';
	log_redirect(hear, NULL);
	node_open(&nodes[0], b);
	clock_turn(b->clock, 130);
	node_open(&nodes[1], b);
	clock_turn(b->clock, 370);
	return b;
}

static void
disperse(struct book *b, struct node nodes[2])
{
	node_close(&nodes[0]);
	node_close(&nodes[1]);
	clock_turn(b->clock, 1000);
	log_redirect(NULL, NULL);
	book_end(b);
}

static void
add(struct book *b, enum list_name which, const char *pattern, int64_t seconds)
{
	const struct question q = list_add(b->arena, b->conf, which, pattern,
	    seconds, "ro ot", "too many; letters");

	book_ask(b, &q);
	assert_string_equal(b->text, "1");
}

static bool
both_have(struct book *b, struct node nodes[2], enum list_name which,
    const char *client, bool yes)
{
	return found(nodes[0].lists, which, client, "", book_now(b)) == yes &&
	    found(nodes[1].lists, which, client, "", book_now(b)) == yes;
}

static void
an_entry_is_seen_by_all_nodes_within_a_second(void **state)
{
	struct node nodes[2];
	struct book *b = cluster(nodes);

	(void)state;
	assert_int_equal(nodes[0].copies, 1);
	for (int i = 0; i < LIST_COUNT; i++) {
		add(b, (enum list_name)i, "192.0.2.0/24", 0);
		clock_turn(b->clock, 999);
		assert_true(
		    both_have(b, nodes, (enum list_name)i, "192.0.2.7", true));
	}
	disperse(b, nodes);
}

static void
so_is_its_end(void **state)
{
	struct node nodes[2];
	struct book *b = cluster(nodes);
	struct question q;

	(void)state;
	add(b, LIST_BANS, "192.0.2.0/24", 0);
	clock_turn(b->clock, 999);
	q = list_del(b->arena, b->conf, LIST_BANS, "192.0.2.0/24");
	book_ask(b, &q);
	assert_string_equal(b->text, "1");
	clock_turn(b->clock, 999);
	assert_true(both_have(b, nodes, LIST_BANS, "192.0.2.7", false));
	book_ask(b, &q);
	assert_string_equal(b->text, "0");
	disperse(b, nodes);
}

static void
and_another_record_for_the_same_pattern(void **state)
{
	struct node nodes[2];
	struct book *b = cluster(nodes);

	(void)state;
	add(b, LIST_BANS, "192.0.2.0/24", 5);
	clock_turn(b->clock, 999);
	add(b, LIST_BANS, "192.0.2.0/24", 0);
	clock_turn(b->clock, 9000);
	assert_true(both_have(b, nodes, LIST_BANS, "192.0.2.7", true));
	disperse(b, nodes);
}

static void
what_redis_cli_writes_is_seen_too(void **state)
{
	struct node nodes[2];
	struct book *b = cluster(nodes);

	(void)state;
	BOOK_DO(b, "HSET", "policyd:allow:{lists}", "192.0.2.7", "");
	clock_turn(b->clock, 999);
	assert_true(both_have(b, nodes, LIST_ALLOW, "192.0.2.7", true));
	BOOK_DO(b, "HSET", "policyd:allow:{lists}", "192.0.2.7",
	    "since=1 until=1732190420");
	clock_turn(b->clock, 30000); /* that one is seen when all are read */
	assert_true(both_have(b, nodes, LIST_ALLOW, "192.0.2.7", false));
	disperse(b, nodes);
}

static void
what_it_replaces_is_seen_as_soon_when_the_version_counts(void **state)
{
	struct node nodes[2];
	struct book *b = cluster(nodes);

	(void)state;
	BOOK_DO(b, "HSET", "policyd:allow:{lists}", "192.0.2.7", "");
	clock_turn(b->clock, 500);
	assert_true(both_have(b, nodes, LIST_ALLOW, "192.0.2.7", true));
	BOOK_DO(b, "HSET", "policyd:allow:{lists}", "192.0.2.7", "until=1");
	clock_turn(b->clock, 500);
	assert_true(both_have(b, nodes, LIST_ALLOW, "192.0.2.7", true));
	BOOK_DO(b, "INCR", "policyd:version:{lists}");
	clock_turn(b->clock, 500);
	assert_true(both_have(b, nodes, LIST_ALLOW, "192.0.2.7", false));
	disperse(b, nodes);
}

static void
an_entry_that_is_over_is_taken_off_by_who_sees_it(void **state)
{
	struct node nodes[2];
	struct book *b = cluster(nodes);

	(void)state;
	add(b, LIST_ACCESS, "192.0.2.7", 10);
	assert_string_equal(
	    book_field(b, "policyd:access:{lists}", "192.0.2.7"),
	    "since=1732190400 until=1732190410 by=ro_ot reason=too many? "
	    "letters");
	clock_turn(b->clock, 8000);
	assert_true(both_have(b, nodes, LIST_ACCESS, "192.0.2.7", true));
	clock_turn(b->clock, 2000);
	assert_true(both_have(b, nodes, LIST_ACCESS, "192.0.2.7", false));
	clock_turn(b->clock, 30000);
	assert_string_equal(
	    BOOK_DO(b, "EXISTS", "policyd:access:{lists}"), "0");
	disperse(b, nodes);
}

static void
a_replica_keeps_it_and_nobody_minds(void **state)
{
	struct node nodes[2];
	struct book *b = cluster(nodes);

	(void)state;
	add(b, LIST_ACCESS, "192.0.2.7", 10);
	false_redis_mood(b->redis, MOOD_REPLICA);
	clock_turn(b->clock, 60000);
	assert_true(both_have(b, nodes, LIST_ACCESS, "192.0.2.7", false));
	assert_string_equal(
	    BOOK_DO(b, "EXISTS", "policyd:access:{lists}"), "1");
	assert_int_equal(lists_size(nodes[0].lists, LIST_ACCESS), 0);
	disperse(b, nodes);
}

static void
nothing_is_read_while_nothing_changes(void **state)
{
	struct node nodes[2];
	struct book *b = cluster(nodes);
	const unsigned asked = false_redis_asked(b->redis);

	(void)state;
	clock_turn(b->clock, 25000);
	assert_int_equal(nodes[0].copies, 1);
	assert_int_equal(false_redis_asked(b->redis) - asked, 100);
	disperse(b, nodes);
}

static void
without_redis_the_last_copy_stays_and_its_age_is_told(void **state)
{
	struct node nodes[2];
	struct book *b = cluster(nodes);

	(void)state;
	add(b, LIST_BANS, "192.0.2.0/24", 0);
	clock_turn(b->clock, 999);
	false_redis_mood(b->redis, MOOD_SILENT);
	clock_turn(b->clock, 200 * 1000);
	assert_true(both_have(b, nodes, LIST_BANS, "192.0.2.7", true));
	assert_int_equal(said("the copy in use is"), 2 * 4); /* once a minute */
	assert_int_equal(lists_read_at(nodes[0].lists), NOON + 1);
	false_redis_mood(b->redis, MOOD_WELL);
	clock_turn(b->clock, 1500);
	assert_int_equal(said("Redis answers again"), 2);
	disperse(b, nodes);
}

static void
a_short_silence_is_not_worth_a_line(void **state)
{
	struct node nodes[2];
	struct book *b = cluster(nodes);

	(void)state;
	false_redis_mood(b->redis, MOOD_SILENT);
	clock_turn(b->clock, 1000);
	false_redis_mood(b->redis, MOOD_WELL);
	clock_turn(b->clock, 1500);
	assert_string_equal(heard, "");
	disperse(b, nodes);
}

static void
what_cannot_be_a_list_is_an_empty_one(void **state)
{
	struct node nodes[2];
	struct book *b = cluster(nodes);

	(void)state;
	BOOK_DO(b, "SET", "policyd:allow:{lists}", "hello");
	BOOK_DO(b, "SET", "policyd:version:{lists}", "a b");
	BOOK_DO(b, "HSET", "policyd:bans:{lists}", "192.0.2.0/24", "x\ny",
	    "a b", "c", "198.51.100.0/24", "");
	clock_turn(b->clock, 999);
	assert_true(both_have(b, nodes, LIST_BANS, "192.0.2.7", false));
	assert_true(both_have(b, nodes, LIST_BANS, "198.51.100.7", true));
	add(b, LIST_ALLOW, "192.0.2.7", 0);
	clock_turn(b->clock, 999);
	assert_true(both_have(b, nodes, LIST_ALLOW, "192.0.2.7", true));
	disperse(b, nodes);
}

static void
a_wrong_pattern_is_told_once(void **state)
{
	struct node nodes[2];
	struct book *b = cluster(nodes);

	(void)state;
	BOOK_DO(b, "HSET", "policyd:bans:{lists}", "192.0.2.1/24", "");
	clock_turn(b->clock, 100 * 1000);
	assert_int_equal(said("list bans: "), 2);
	disperse(b, nodes);
}

static void
another_store_is_asked_at_once(void **state)
{
	struct node nodes[2];
	struct book *b = cluster(nodes);
	struct false_redis *other = false_redis_new(b->clock);
	const char *const words[] = { "HSET", "p:allow:{lists}", "192.0.2.7",
		"", NULL };

	(void)state;
	false_redis_command(other, b->arena, words);
	false_redis_mood(b->redis, MOOD_SILENT);
	clock_turn(b->clock, 500); /* a question is under way */
	mirror_configure(nodes[0].mirror, false_redis_store(other), "p:");
	clock_turn(b->clock, 0);
	assert_true(
	    found(nodes[0].lists, LIST_ALLOW, "192.0.2.7", "", book_now(b)));
	node_close(&nodes[0]);
	node_close(&nodes[1]);
	clock_turn(b->clock, 1000); /* their answers come to nobody */
	false_redis_free(other);
	log_redirect(NULL, NULL);
	book_end(b);
}

/* -- whom nothing is held against -- */

struct immune_row {
	const char *name;
	const char *client, *host;
	bool immune;
};

static const struct immune_row immune_rows[] = {
	{ "nothing is held against loopback", "127.0.0.1", "localhost", true },
	{ "of IPv6 too", "::1", "localhost", true },
	{ "nor against trusted clients", "192.0.2.7", "", true },
	{ "nor against allowed ones", "198.51.100.7", "", true },
	{ "also by their name", "203.0.113.9", "mail.example", true },
	{ "nor against those on the list of the cluster", "203.0.113.7", "",
	    true },
	{ "strangers are held to what they did", "203.0.113.8", "", false },
	{ "of IPv6 too", "2001:db8::1", "", false },
};

static void
is_immune(void **state)
{
	const struct immune_row *row = *state;
	const struct list_record r = { "203.0.113.7", "since=1 until=0" };
	struct book *b = book_begin("trusted = { \"192.0.2.0/24\" }\n"
				    "allow { clients = { \"198.51.100.7\", "
				    "\".example\" } }");
	struct lists *l = lists_new(NOON);
	struct address a;

	lists_fill(l, LIST_ALLOW, &r, 1, NOON);
	lists_look_around(l);
	address_parse(&a, row->client);
	assert_int_equal(
	    lists_immune(l, b->conf, &a, row->host, NOON), row->immune);
	if (strcmp(row->client, "203.0.113.7") != 0)
		assert_int_equal(
		    lists_immune(NULL, b->conf, &a, row->host, NOON),
		    row->immune);
	lists_unref(l);
	book_end(b);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, match_rows, matches);
	SUITE_TEST(&s, an_entry_says_who_when_and_why);
	SUITE_TEST(&s, an_entry_ends_without_being_read_anew);
	SUITE_TEST(&s, what_nobody_understands_is_left_out_and_told);
	SUITE_TEST(&s,
	    the_list_of_trusted_ones_counts_where_the_configuration_says_so);
	SUITE_TEST(&s, an_entry_is_seen_by_all_nodes_within_a_second);
	SUITE_TEST(&s, so_is_its_end);
	SUITE_TEST(&s, and_another_record_for_the_same_pattern);
	SUITE_TEST(&s, what_redis_cli_writes_is_seen_too);
	SUITE_TEST(
	    &s, what_it_replaces_is_seen_as_soon_when_the_version_counts);
	SUITE_TEST(&s, an_entry_that_is_over_is_taken_off_by_who_sees_it);
	SUITE_TEST(&s, a_replica_keeps_it_and_nobody_minds);
	SUITE_TEST(&s, nothing_is_read_while_nothing_changes);
	SUITE_TEST(&s, without_redis_the_last_copy_stays_and_its_age_is_told);
	SUITE_TEST(&s, a_short_silence_is_not_worth_a_line);
	SUITE_TEST(&s, what_cannot_be_a_list_is_an_empty_one);
	SUITE_TEST(&s, a_wrong_pattern_is_told_once);
	SUITE_TEST(&s, another_store_is_asked_at_once);
	SUITE_ROWS(&s, immune_rows, is_immune);
	return suite_run(&s, "register/lists");
}
