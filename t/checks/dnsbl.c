/*
 * Who is looked for in which DNS lists, and what their answers weigh.
 */
#include "checks/dnsbl.h"

#include <string.h>

#include "base/arena.h"
#include "checks/checks.h"
#include "conf/dnsbl.h"
#include "kit/false_dns.h"
#include "kit/judged.h"
#include "kit/suite.h"

enum { LINES = 6, LISTS = 32 };

/* -- a request, its lists and what these say -- */

static void
add(struct judged *s, struct dnsbls *lists, const char *text)
{
	struct dnsbl *items = arena_alloc(s->arena, LISTS * sizeof(*items));

	for (size_t i = 0; i < lists->count; i++)
		items[i] = lists->items[i];
	assert_null(dnsbl_read(s->arena, text, &items[lists->count]));
	*lists = (struct dnsbls){ lists->count + 1, items };
}

/* "bl.example*2 helo:dbl.example sender:dbl.example" */
static void
use(struct judged *s, const char *lists)
{
	char *words = arena_strdup(s->arena, lists), *word;
	struct settings *server = &s->conf.settings;

	while ((word = strsep(&words, " ")))
		if (strncmp(word, "helo:", 5) == 0)
			add(s, &server->dnsbl.helos, word + 5);
		else if (strncmp(word, "sender:", 7) == 0)
			add(s, &server->dnsbl.senders, word + 7);
		else
			add(s, &server->dnsbl.clients, word);
}

static struct judged *
begin(const char *lists)
{
	struct judged *s = judged_begin();

	s->req.helo_name = "mail.example.org";
	s->conf.settings.dnsbl.header = "X-DNSBL";
	s->set.dnsbl.policy.mode = MODE_ENFORCE;
	s->set.dnsbl.threshold = 1;
	use(s, lists);
	return s;
}

static void
come_from(struct judged *s, const char *client)
{
	s->req.client_address = client;
	address_parse(&s->req.client, client);
}

static struct false_dns *
zone(const char *const *lines)
{
	struct false_dns *d = false_dns_new(NULL);

	for (int i = 0; i < LINES && lines[i]; i++)
		assert_true(false_dns_tell(d, lines[i]));
	return d;
}

static void
must_ask(const struct judged *s, const char *asked)
{
	if (asked)
		assert_string_equal(s->asked, asked);
	else
		assert_null(s->asked);
}

/* -- names -- */

struct name_row {
	const char *name;
	const char *lists, *client, *helo, *sender;
	const char *asked;
};

#define CLIENT "192.0.2.7"
#define HELO "mail.example.org"
#define ANNA "anna@example.org"
#define NIBBLES                                                                \
	"7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"

// clang-format off
static const struct name_row name_rows[] = {
	{ "an address is asked for from its end", "bl.example", CLIENT, HELO, ANNA,
	    "A 7.2.0.192.bl.example" },
	{ "one of IPv6 digit by digit", "bl.example", "2001:db8::7", HELO, ANNA,
	    "A " NIBBLES ".bl.example" },
	{ "one of IPv4 within IPv6 is one of IPv4", "bl.example", "::ffff:192.0.2.7", HELO, ANNA,
	    "A 7.2.0.192.bl.example" },
	{ "all lists are asked at once", "a.example b.example helo:c.example sender:d.example", CLIENT, HELO, ANNA,
	    "A 7.2.0.192.a.example; A 7.2.0.192.b.example; A mail.example.org.c.example; A example.org.d.example" },
	{ "a list that stands there for several answers is asked once", "a.example=127.0.0.2 b.example a.example=127.0.0.3", CLIENT, HELO, ANNA,
	    "A 7.2.0.192.a.example; A 7.2.0.192.b.example" },
	{ "a loopback address is this host", "bl.example helo:c.example sender:d.example", "127.0.0.1", HELO, ANNA, NULL },
	{ "in IPv6 too", "bl.example helo:c.example sender:d.example", "::1", HELO, ANNA, NULL },
	{ "of a private one the lists know nothing", "bl.example", "192.168.1.7", HELO, ANNA, NULL },
	{ "but of the names it tells", "bl.example helo:c.example", "10.0.0.7", HELO, ANNA,
	    "A mail.example.org.c.example" },
	{ "what is no address is not asked for", "bl.example", "unknown", HELO, ANNA, NULL },
	{ "a greeting is asked for as names are compared", "helo:c.example", CLIENT, "MAIL.Example.org.", ANNA,
	    "A mail.example.org.c.example" },
	{ "one that is an address is not", "helo:c.example", CLIENT, "[192.0.2.7]", ANNA, NULL },
	{ "of IPv6 neither", "helo:c.example", CLIENT, "[IPv6:2001:db8::7]", ANNA, NULL },
	{ "nor one without its brackets, which some lists punish", "helo:c.example", CLIENT, "192.0.2.7", ANNA, NULL },
	{ "nor one of a single word", "helo:c.example", CLIENT, "localhost", ANNA, NULL },
	{ "nor none", "helo:c.example", CLIENT, "", ANNA, NULL },
	{ "nor what is no name", "helo:c.example", CLIENT, "a..example", ANNA, NULL },
	{ "nor one that is too long with the list", "helo:c.example", CLIENT,
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example", ANNA, NULL },
	{ "of a sender it is the domain", "sender:d.example", CLIENT, HELO, "\"a@b\"@Example.ORG",
	    "A example.org.d.example" },
	{ "in any script", "sender:d.example", CLIENT, HELO, "anna@b\xc3\xbc" "cher.example",
	    "A xn--bcher-kva.example.d.example" },
	{ "a bounce has none", "sender:d.example", CLIENT, HELO, "", NULL },
	{ "nor has a name alone", "sender:d.example", CLIENT, HELO, "anna", NULL },
	{ "an address is no domain", "sender:d.example", CLIENT, HELO, "anna@[192.0.2.7]", NULL },
	{ "nor is a single word", "sender:d.example", CLIENT, HELO, "anna@localhost", NULL },
	{ "what stands in two lists is asked of each", "helo:d.example sender:d.example", CLIENT, "example.org", ANNA,
	    "A example.org.d.example; A example.org.d.example" },
};
// clang-format on

static void
asks(void **state)
{
	const struct name_row *row = *state;
	struct judged *s = begin(row->lists);

	come_from(s, row->client);
	s->req.helo_name = row->helo;
	s->req.sender = row->sender;
	judged_ask(s, &check_dnsbl);
	must_ask(s, row->asked);
	judged_end(s);
}

/* -- weights -- */

struct row {
	const char *name;
	const char *zone[LINES]; /* as in a scene */
	const char *lists;
	int64_t threshold;
	const char *says;
};

#define L "7.2.0.192."

// clang-format off
static const struct row rows[] = {
	{ "who is on no list passes", { NULL }, "bl.example", 1, "pass" },
	{ "who is on one is refused", { L "bl.example A 127.0.0.2" }, "bl.example", 1,
	    "refuse dnsbl by=client list=bl.example answer=127.0.0.2 score=1" },
	{ "and told why, when the list says so", { L "bl.example A 127.0.0.2", L "bl.example TXT see https://bl.example/" }, "bl.example", 1,
	    "refuse dnsbl by=client list=bl.example answer=127.0.0.2 score=1 text=see https://bl.example/" },
	{ "a text alone lists nobody", { L "bl.example TXT hello" }, "bl.example", 1, "pass" },
	{ "a list is as good as its weight", { L "bl.example A 127.0.0.2" }, "bl.example*2", 3,
	    "pass by=client list=bl.example answer=127.0.0.2 score=2" },
	{ "several add up", { L "a.example A 127.0.0.2", L "b.example A 127.0.0.4" }, "a.example*2 b.example", 3,
	    "refuse dnsbl by=client list=a.example, b.example answer=127.0.0.2, 127.0.0.4 score=3" },
	{ "one of good clients takes off", { L "a.example A 127.0.0.2", L "wl.example A 127.0.5.1" }, "a.example*3 wl.example*-2", 2,
	    "pass by=client list=a.example answer=127.0.0.2 good=wl.example score=1" },
	{ "even below nothing", { L "wl.example A 127.0.5.1" }, "wl.example*-2", 1,
	    "pass good=wl.example score=-2" },
	{ "a weight of nothing is for trying a list", { L "a.example A 127.0.0.2" }, "a.example*0", 1,
	    "pass by=client list=a.example answer=127.0.0.2 score=0" },
	{ "an answer that is not wanted does not count", { L "bl.example A 127.0.0.10" }, "bl.example=127.0.0.[2..9]", 1, "pass" },
	{ "of several one is enough", { L "bl.example A 127.0.0.10", L "bl.example A 127.0.0.4" }, "bl.example=127.0.0.[2..9]", 1,
	    "refuse dnsbl by=client list=bl.example answer=127.0.0.4 score=1" },
	{ "an item counts once, whatever meets it", { L "bl.example A 127.0.0.2", L "bl.example A 127.0.0.4" }, "bl.example", 2,
	    "pass by=client list=bl.example answer=127.0.0.2 score=1" },
	{ "each item of a list counts", { L "bl.example A 127.0.0.2", L "bl.example A 127.0.0.10" }, "bl.example=127.0.0.[2..9]*3 bl.example=127.0.0.10*2", 5,
	    "refuse dnsbl by=client list=bl.example answer=127.0.0.2, 127.0.0.10 score=5" },
	{ "the name in the greeting is told", { "mail.example.org.dbl.example A 127.0.1.2" }, "helo:dbl.example", 1,
	    "refuse dnsbl_domain by=helo domain=mail.example.org list=dbl.example answer=127.0.1.2 score=1" },
	{ "so is the sender's domain", { "example.org.dbl.example A 127.0.1.2" }, "sender:dbl.example", 1,
	    "refuse dnsbl_domain by=sender domain=example.org list=dbl.example answer=127.0.1.2 score=1" },
	{ "where the client is listed, too, it is the reason", { "example.org.dbl.example A 127.0.1.2", L "bl.example A 127.0.0.2" }, "bl.example sender:dbl.example", 2,
	    "refuse dnsbl by=client, sender domain=example.org list=bl.example, dbl.example answer=127.0.0.2, 127.0.1.2 score=2" },
	{ "a good client does not make the domain of the sender good", { "example.org.dbl.example A 127.0.1.2", L "wl.example A 127.0.0.2" }, "wl.example*-1 sender:dbl.example*2", 1,
	    "refuse dnsbl_domain by=sender domain=example.org list=dbl.example answer=127.0.1.2 good=wl.example score=1" },

	{ "a list that fails lists nobody, but might have", { L "bl.example !servfail" }, "bl.example", 1,
	    "unknown servfail unanswered=1" },
	{ "so does one that is silent", { L "bl.example !silence" }, "bl.example", 1,
	    "unknown timeout unanswered=1" },
	{ "where it could not make the difference it is passed over", { L "a.example !servfail" }, "a.example b.example", 2,
	    "pass unanswered=1" },
	{ "with the others it might", { L "a.example !servfail", L "b.example A 127.0.0.2" }, "a.example b.example", 2,
	    "unknown servfail by=client list=b.example answer=127.0.0.2 score=1 unanswered=1" },
	{ "not where they are enough", { L "a.example !servfail", L "b.example A 127.0.0.2" }, "a.example b.example", 1,
	    "refuse dnsbl by=client list=b.example answer=127.0.0.2 score=1 unanswered=1" },
	{ "a lost list of good clients might have saved one", { L "wl.example !silence", L "b.example A 127.0.0.2" }, "wl.example*-5 b.example", 1,
	    "unknown timeout by=client list=b.example answer=127.0.0.2 score=1 unanswered=1" },
	{ "but not from everything", { L "wl.example !silence", L "b.example A 127.0.0.2" }, "wl.example*-2 b.example*3", 1,
	    "refuse dnsbl by=client list=b.example answer=127.0.0.2 score=3 unanswered=1" },
	{ "and says nothing of who is on no other", { L "wl.example !silence" }, "wl.example*-2 b.example*3", 1,
	    "pass unanswered=1" },

	{ "a domain that was sold lists nobody", { L "bl.example A 192.0.2.99" }, "bl.example", 1,
	    "unknown unexpected_answer unanswered=1" },
	{ "nor does a list that wants another resolver", { L "bl.example A 127.255.255.254" }, "bl.example", 1,
	    "unknown unexpected_answer unanswered=1" },
	{ "nor one that says 127.0.0.1", { L "bl.example A 127.0.0.1" }, "bl.example", 1,
	    "unknown unexpected_answer unanswered=1" },
	{ "but where that is asked for", { L "bl.example A 127.0.0.1" }, "bl.example=127.0.0.1", 1,
	    "refuse dnsbl by=client list=bl.example answer=127.0.0.1 score=1" },
	{ "also beside other answers", { L "bl.example A 127.0.0.2", L "bl.example A 127.0.0.1" }, "bl.example=127.0.0.2 bl.example=127.0.0.1*2", 3,
	    "refuse dnsbl by=client list=bl.example answer=127.0.0.2, 127.0.0.1 score=3" },
	{ "of this list, not of others", { L "a.example A 127.0.0.1" }, "a.example b.example=127.0.0.1", 1,
	    "unknown unexpected_answer unanswered=1" },
	{ "whatever it says besides", { L "bl.example A 127.0.0.2", L "bl.example A 127.255.255.254" }, "bl.example", 1,
	    "unknown unexpected_answer unanswered=1" },
};
// clang-format on

static void
weighs(void **state)
{
	const struct row *row = *state;
	struct judged *s = begin(row->lists);
	struct false_dns *d = zone(row->zone);

	s->set.dnsbl.threshold = row->threshold;
	judged_look_up(s, &check_dnsbl, d);
	assert_string_equal(judged_says(s, &check_dnsbl), row->says);
	false_dns_free(d);
	judged_end(s);
}

/* -- questions -- */

static void
each_question_names_its_zone_and_is_asked_once_a_transaction(void **state)
{
	const char *const lines[LINES] = { L "a.example A 127.0.0.2",
		L "a.example TXT spam" };
	struct judged *s = begin("a.example b.example");
	struct false_dns *d = zone(lines);

	(void)state;
	assert_int_equal(judged_look_up(s, &check_dnsbl, d), 2);
	must_ask(s, "A " L "a.example; A " L "b.example; TXT " L "a.example");
	assert_string_equal(s->asked_once, s->asked);
	assert_string_equal(s->questions[0]->zone, "a.example");
	assert_string_equal(s->questions[1]->zone, "b.example");
	assert_string_equal(s->questions[2]->zone, "a.example");
	false_dns_free(d);
	judged_end(s);
}

static void
nobody_is_asked_why_somebody_passes(void **state)
{
	const char *const lines[LINES] = { L "a.example A 127.0.0.2" };
	struct judged *s = begin("a.example b.example");
	struct false_dns *d = zone(lines);

	(void)state;
	s->set.dnsbl.threshold = 2;
	assert_int_equal(judged_look_up(s, &check_dnsbl, d), 1);
	must_ask(s, "A " L "a.example; A " L "b.example");
	false_dns_free(d);
	judged_end(s);
}

static void
nor_are_those_who_like_the_client(void **state)
{
	const char *const lines[LINES] = { L "a.example A 127.0.0.2",
		L "wl.example A 127.0.0.2" };
	struct judged *s = begin("wl.example*-1 a.example*2");
	struct false_dns *d = zone(lines);

	(void)state;
	judged_look_up(s, &check_dnsbl, d);
	must_ask(s, "A " L "wl.example; A " L "a.example; TXT " L "a.example");
	false_dns_free(d);
	judged_end(s);
}

static void
a_sender_of_ours_is_not_asked_about(void **state)
{
	struct judged *s = begin("sender:dbl.example");

	(void)state;
	s->req.sender = "jo@example.net";
	s->sender = judged_scope(s, s->req.sender);
	s->sender.local = true;
	judged_ask(s, &check_dnsbl);
	must_ask(s, NULL);
	assert_string_equal(judged_says(s, &check_dnsbl), "pass");
	judged_end(s);
}

static void
without_time_to_ask_there_is_no_answer(void **state)
{
	struct judged *s = begin("a.example");

	(void)state;
	judged_ask(s, &check_dnsbl);
	memset(s->answers, 0, sizeof(s->answers));
	assert_string_equal(
	    judged_says(s, &check_dnsbl), "unknown timeout unanswered=1");
	judged_end(s);
}

static void
a_lost_text_costs_nothing(void **state)
{
	const char *const lines[LINES] = { L "a.example A 127.0.0.2",
		L "a.example TXT spam" };
	const char *const silence[LINES] = { L "a.example !silence" };
	struct judged *s = begin("a.example");
	struct false_dns *d = zone(lines), *later = zone(silence);

	(void)state;
	judged_ask(s, &check_dnsbl);
	s->answers[0] = false_dns_answer(d, s->arena, s->questions[0]);
	judged_look_up(s, &check_dnsbl, later);
	must_ask(s, "A " L "a.example; TXT " L "a.example");
	assert_string_equal(judged_says(s, &check_dnsbl),
	    "refuse dnsbl by=client list=a.example answer=127.0.0.2 score=1");
	false_dns_free(d);
	false_dns_free(later);
	judged_end(s);
}

/* -- marks -- */

static struct judged *
begin_to_mark(const char *lists)
{
	struct judged *s = begin(lists);

	s->set.dnsbl.action = DNSBL_MARKS;
	return s;
}

static void
mail_can_be_marked_in_place(void **state)
{
	const char *const lines[LINES] = { L "a.example A 127.0.0.4",
		"example.org.dbl.example A 127.0.1.2",
		L "wl.example A 127.0.0.2", L "a.example TXT spam\nX: y" };
	struct judged *s = begin_to_mark(
	    "a.example*3 wl.example*-1 sender:dbl.example");
	struct false_dns *d = zone(lines);
	struct verdict v;

	(void)state;
	judged_look_up(s, &check_dnsbl, d);
	v = judged_verdict(s, &check_dnsbl);
	assert_int_equal(v.kind, VERDICT_PASS);
	assert_string_equal(v.mark,
	    "X-DNSBL: a.example (127.0.0.4), dbl.example (127.0.1.2); score=3");
	false_dns_free(d);
	judged_end(s);
}

static void
but_not_for_too_little(void **state)
{
	const char *const lines[LINES] = { L "a.example A 127.0.0.4" };
	struct judged *s = begin_to_mark("a.example");
	struct false_dns *d = zone(lines);

	(void)state;
	s->set.dnsbl.threshold = 2;
	judged_look_up(s, &check_dnsbl, d);
	assert_null(judged_verdict(s, &check_dnsbl).mark);
	false_dns_free(d);
	judged_end(s);
}

/* 30 zones of 60 bytes. */
static void
a_mark_is_no_longer_than_a_header_may_be(void **state)
{
	struct judged *s = begin_to_mark("a.example");
	struct false_dns *d = false_dns_new(NULL);
	const char *lists = "", *mark;

	(void)state;
	for (int i = 0; i < 30; i++)
		lists = arena_printf(s->arena, "%s%s%048d.bl.example", lists,
		    *lists ? " " : "", i);
	use(s, lists);
	for (int i = 0; i < 30; i++)
		assert_true(false_dns_tell(d,
		    arena_printf(
			s->arena, L "%048d.bl.example A 127.0.0.2", i)));
	judged_look_up(s, &check_dnsbl, d);
	mark = judged_verdict(s, &check_dnsbl).mark;
	assert_in_range(strlen(mark), 600, MARK_TEXT);
	assert_non_null(strstr(mark, "bl.example (127.0.0.2); score=30"));
	false_dns_free(d);
	judged_end(s);
}

/* -- others -- */

static struct verdict
tell_score(const struct request *req, const struct facts *facts)
{
	struct verdict v = verdict_pass();

	(void)req;
	verdict_number(&v, "score", dnsbl_score(facts));
	return v;
}

static void
another_check_can_know_the_score(void **state)
{
	static const struct check other = { .judge = tell_score };
	const char *const lines[LINES] = { L "a.example A 127.0.0.4" };
	struct judged *s = begin("a.example*7 b.example");
	struct false_dns *d = zone(lines);

	(void)state;
	(void)state;
	assert_string_equal(judged_says(s, &other), "pass score=0");
	judged_look_up(s, &check_dnsbl, d);
	assert_string_equal(judged_says(s, &other), "pass score=7");
	false_dns_free(d);
	judged_end(s);
}

int
main(void)
{
	static struct suite suite;

	SUITE_ROWS(&suite, name_rows, asks);
	SUITE_ROWS(&suite, rows, weighs);
	SUITE_TEST(&suite,
	    each_question_names_its_zone_and_is_asked_once_a_transaction);
	SUITE_TEST(&suite, nobody_is_asked_why_somebody_passes);
	SUITE_TEST(&suite, nor_are_those_who_like_the_client);
	SUITE_TEST(&suite, a_sender_of_ours_is_not_asked_about);
	SUITE_TEST(&suite, without_time_to_ask_there_is_no_answer);
	SUITE_TEST(&suite, a_lost_text_costs_nothing);
	SUITE_TEST(&suite, mail_can_be_marked_in_place);
	SUITE_TEST(&suite, but_not_for_too_little);
	SUITE_TEST(&suite, a_mark_is_no_longer_than_a_header_may_be);
	SUITE_TEST(&suite, another_check_can_know_the_score);
	return suite_run(&suite, "dnsbl");
}
