/*
 * What greylisting asks, and what it makes of the answer. The checks' doors
 * to the engine and to the lookup tables are played here, so that a test is
 * a call.
 */
#include "checks/checks.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "checks/dnsbl.h"
#include "checks/spf.h"
#include "conf/lookup.h"
#include "conf/terms.h"
#include "kit/suite.h"
#include "spf/spf.h"

extern const struct script script_greylist;

/* -- the engine and the tables, played -- */

enum { RECORD, NETWORK, LINK, SLOTS }; /* its own questions */

struct facts {
	struct answer answers[SLOTS];
	const void *left;
};

struct questions {
	struct facts *facts;
	unsigned count;
	const struct question *question; /* the last one */
};

/* A list with one entry. */
struct lookups {
	const char *entry;
};

const struct answer *
facts_get(const struct facts *f, unsigned slot)
{
	assert_in_range(slot, 0, SLOTS - 1);
	return &f->answers[slot];
}

void
ask_prepared(struct questions *qs, unsigned slot, struct question *q)
{
	assert_in_range(slot, 0, SLOTS - 1);
	qs->facts->answers[slot].state = PENDING;
	qs->count++;
	qs->question = q;
}

void
facts_leave(struct questions *qs, const void *found)
{
	qs->facts->left = found;
}

const void *
facts_left(const struct facts *f)
{
	return f->left;
}

/* -- what other checks have found -- */

static struct {
	bool spf; /* applies */
	struct spf_verdict verdict;
	int64_t score; /* of DNS lists */
} found;

bool
spf_found(const struct facts *f, const struct spf_verdict **verdict)
{
	(void)f;
	*verdict = found.spf ? &found.verdict : NULL;
	return found.spf;
}

int64_t
dnsbl_score(const struct facts *f)
{
	(void)f;
	return found.score;
}

/* What nobody asks here. */
void
ask_once(struct questions *qs, unsigned slot, struct question q)
{
	(void)qs;
	(void)slot;
	(void)q;
	fail();
}

struct arena *
questions_arena(struct questions *qs)
{
	(void)qs;
	fail();
	return NULL;
}

/* -- tables, played -- */

const char *
lookups_client(
    const struct lookups *l, const struct address *a, const char *name)
{
	char text[ADDRESS_TEXT];

	if (!l)
		return NULL;
	return strcmp(l->entry, address_text(a, text)) == 0 ||
		strcmp(l->entry, name) == 0
	    ? ""
	    : NULL;
}

const char *
lookups_address(const struct lookups *l, const char *address)
{
	return l && strcmp(l->entry, address) == 0 ? "" : NULL;
}

/* -- a request that a test changes -- */

struct stage_set {
	struct arena *arena;
	struct conf conf;
	struct settings set;
	struct request req;
	struct facts facts;
	struct questions questions;
};

static struct stage_set *
begin(void)
{
	struct arena *a = arena_new();
	struct stage_set *s = arena_alloc(a, sizeof(*s));

	s->arena = a;
	memset(&found, 0, sizeof(found));
	s->conf.prefix = "policyd:";
	s->set.greylist.delay = 300;
	s->set.greylist.retry_window = 86400;
	s->set.greylist.memory = 3110400;
	s->set.greylist.known_memory = 3110401;
	s->set.greylist.known_after = 5;
	s->set.greylist.fresh_limit = 100;
	s->set.greylist.ipv4_bits = 24;
	s->set.greylist.ipv6_bits = 64;
	s->req.arena = a;
	s->req.conf = &s->conf;
	s->req.set = &s->set;
	s->req.client_name = "mx.example.org";
	s->req.sender = "anna@example.org";
	s->req.recipient = "jo@example.net";
	s->req.server_time = 1732204800;
	s->req.number = 8;
	address_parse(&s->req.client, "192.0.2.7");
	return s;
}

static void
end(struct stage_set *s)
{
	arena_release(s->arena);
}

static const char *
word(const struct stage_set *s, unsigned i)
{
	const struct word w = s->questions.question->words[i];

	return arena_memdup(s->arena, w.text, w.size);
}

static void
ask(struct stage_set *s)
{
	memset(&s->facts, 0, sizeof(s->facts));
	s->questions.facts = &s->facts;
	s->questions.count = 0;
	terms_write(&s->set);
	check_greylist.ask(&s->req, &s->facts, &s->questions);
}

/* -- keys -- */

struct key_row {
	const char *name;
	enum greylist_key key;
	const char *client, *sender, *recipient;
	const char *record;
};

static const struct key_row key_rows[] = {
	{ "a triplet is network, sender and recipient", GREYLIST_TRIPLET,
	    "192.0.2.7", "anna@example.org", "jo@example.net",
	    "policyd:grey:{192.0.2.0/24}:anna@example.org:jo@example.net" },
	{ "a pair goes without the recipient", GREYLIST_PAIR, "192.0.2.7",
	    "anna@example.org", "jo@example.net",
	    "policyd:grey:{192.0.2.0/24}:anna@example.org" },
	{ "a client goes without both", GREYLIST_CLIENT, "192.0.2.7",
	    "anna@example.org", "jo@example.net",
	    "policyd:grey:{192.0.2.0/24}" },
	{ "a bounce is kept by its recipient", GREYLIST_TRIPLET, "192.0.2.7",
	    "", "jo@example.net",
	    "policyd:grey:{192.0.2.0/24}:<>:jo@example.net" },
	{ "also among pairs", GREYLIST_PAIR, "192.0.2.7", "", "jo@example.net",
	    "policyd:grey:{192.0.2.0/24}:<>:jo@example.net" },
	{ "also among clients", GREYLIST_CLIENT, "192.0.2.7", "",
	    "jo@example.net", "policyd:grey:{192.0.2.0/24}:<>:jo@example.net" },
	{ "an IPv6 client counts as its /64", GREYLIST_CLIENT,
	    "2001:db8:1:2:3::4", "a@example.org", "jo@example.net",
	    "policyd:grey:{2001%3adb8%3a1%3a2%3a%3a/64}" },
	{ "a client without an address is one of a kind", GREYLIST_CLIENT,
	    "unknown", "a@example.org", "jo@example.net",
	    "policyd:grey:{unknown}" },
	{ "letter case does not matter", GREYLIST_TRIPLET, "192.0.2.7",
	    "Anna@Example.ORG", "Jo@Example.NET",
	    "policyd:grey:{192.0.2.0/24}:anna@example.org:jo@example.net" },
	{ "the sender is unwrapped and folded", GREYLIST_PAIR, "192.0.2.7",
	    "prvs=1234abcdef=anna+7@example.org", "jo@example.net",
	    "policyd:grey:{192.0.2.0/24}:anna@example.org" },
	{ "no sender can write a separator", GREYLIST_TRIPLET, "192.0.2.7",
	    "a:{b}@example.org", "jo@example.net",
	    "policyd:grey:{192.0.2.0/24}:a%3a%7bb%7d@example.org:"
	    "jo@example.net" },
	{ "no recipient can write a control byte", GREYLIST_TRIPLET,
	    "192.0.2.7", "a@example.org", "j\x1b[2Jo@example.net",
	    "policyd:grey:{192.0.2.0/24}:a@example.org:j%1b[2jo@example.net" },
};

static void
key_is(void **state)
{
	const struct key_row *row = *state;
	struct stage_set *s = begin();

	s->set.greylist.key = row->key;
	address_parse(&s->req.client, row->client);
	s->req.sender = row->sender;
	s->req.recipient = row->recipient;
	ask(s);
	assert_int_equal(s->questions.count, 1);
	assert_string_equal(word(s, 0), row->record);
	end(s);
}

static void
networks_are_as_wide_as_configured(void **state)
{
	struct stage_set *s = begin();

	(void)state;
	s->set.greylist.key = GREYLIST_CLIENT;
	s->set.greylist.ipv4_bits = 32;
	ask(s);
	assert_string_equal(word(s, 0), "policyd:grey:{192.0.2.7/32}");
	s->set.greylist.ipv6_bits = 48;
	address_parse(&s->req.client, "2001:db8:1:2::3");
	ask(s);
	assert_string_equal(
	    word(s, 0), "policyd:grey:{2001%3adb8%3a1%3a%3a/48}");
	end(s);
}

static void
one_question_has_all_that_is_to_be_known(void **state)
{
	static const char *const words[] = {
		"policyd:grey:{192.0.2.0/24}:anna@example.org:jo@example.net",
		("last=1732201201 1732204800 1 0005 00300 0000100 02 03110400 "
		 "03110401 86400"),
	};
	struct stage_set *s = begin();

	(void)state;
	ask(s);
	assert_ptr_equal(s->questions.question->script, &script_greylist);
	assert_false(s->questions.question->read_only);
	assert_int_equal(s->questions.question->keys, 1);
	assert_int_equal(
	    s->questions.question->count, sizeof(words) / sizeof(words[0]));
	for (unsigned i = 0; i < s->questions.question->count; i++)
		assert_string_equal(word(s, i), words[i]);
	end(s);
}

static void
the_prefix_of_keys_is_an_option(void **state)
{
	struct stage_set *s = begin();

	(void)state;
	s->conf.prefix = "mx:";
	ask(s);
	assert_string_equal(word(s, 0),
	    "mx:grey:{192.0.2.0/24}:anna@example.org:jo@example.net");
	end(s);
}

static void
a_dry_run_asks_for_no_write(void **state)
{
	struct stage_set *s = begin();

	(void)state;
	s->req.dry = true;
	ask(s);
	assert_true(s->questions.question->read_only);
	assert_string_equal(word(s, 1),
	    "last=1732201201 1732204800 2 0005 00300 0000100 02 03110400 "
	    "03110401 86400");
	end(s);
}

/* -- settings nobody means -- */

struct odd_row {
	const char *name;
	int64_t delay, window, memory;
	const char *settings;
};

static const struct odd_row odd_rows[] = {
	{ "without a delay nobody waits", 0, 86400, 100000,
	    "last=1732201201 1732204800 3 0005 00000 0000100 02 00100000 "
	    "03110401 86400" },
	{ "a window shorter than the delay is made longer", 600, 300, 100000,
	    "last=1732201201 1732204800 1 0005 00600 0000100 02 00100000 "
	    "03110401 1201" },
	{ "a window as long as the delay too", 600, 600, 100000,
	    "last=1732201201 1732204800 1 0005 00600 0000100 02 00100000 "
	    "03110401 1201" },
	{ "with a short memory all are looked at", 0, 60, 7199,
	    "last=9999999999 1732204800 3 0005 00000 0000100 02 00007199 "
	    "03110401 60" },
	{ "no times at all are no error", 0, 0, 0,
	    "last=9999999999 1732204800 3 0005 00000 0000100 02 00000001 "
	    "03110401 1" },
	{ "negative times count as none", -1, -1, -1,
	    "last=9999999999 1732204800 3 0005 00000 0000100 02 00000001 "
	    "03110401 1" },
	{ "a number too long for its place is the highest there", 1000000, 0,
	    10000000000,
	    "last=1732201201 1732204800 1 0005 99999 0000100 02 99999999 "
	    "03110401 2000001" },
};

static void
odd_settings_are_made_sane(void **state)
{
	const struct odd_row *row = *state;
	struct stage_set *s = begin();

	s->set.greylist.delay = row->delay;
	s->set.greylist.retry_window = row->window;
	s->set.greylist.memory = row->memory;
	ask(s);
	assert_string_equal(word(s, 1), row->settings);
	end(s);
}

static void
without_the_servers_time_all_are_looked_at(void **state)
{
	struct stage_set *s = begin();

	(void)state;
	s->req.server_time = 0;
	ask(s);
	assert_string_equal(word(s, 1),
	    "last=9999999999 0000000000 1 0005 00300 0000100 02 03110400 "
	    "03110401 86400");
	end(s);
}

static void
zero_passes_to_be_known_are_never(void **state)
{
	struct stage_set *s = begin();

	(void)state;
	s->set.greylist.known_after = 0;
	ask(s);
	assert_string_equal(word(s, 1),
	    "last=1732201201 1732204800 1 9999 00300 0000100 02 03110400 "
	    "03110401 86400");
	end(s);
}

/* -- how strangers are counted -- */

struct step_row {
	const char *name;
	int64_t limit, step;
};

static const struct step_row step_rows[] = {
	{ "without a limit none is counted", 0, 0 },
	{ "a limit of one counts each", 1, 1 },
	{ "a limit of 99 counts each", 99, 1 },
	{ "a limit of 100 counts every second", 100, 2 },
	{ "a limit of 799 counts one of 15", 799, 15 },
	{ "a limit of 800 counts one of 16", 800, 16 },
	{ "a limit of a million too", 1000000, 16 },
};

static void
counts_one_of(void **state)
{
	const struct step_row *row = *state;
	int64_t counted = 0, step = 0;

	for (int i = 0; i < 480; i++) {
		struct stage_set *s = begin();

		s->set.greylist.fresh_limit = row->limit;
		s->req.number = 1000 + (uint64_t)i;
		ask(s);
		sscanf(word(s, 1), "%*s %*s %*s %*s %*s %*s %" SCNd64, &step);
		assert_int_equal(step, row->step);
		counted += word(s, 1)[27] == '1';
		end(s);
	}
	if (step == 0)
		assert_int_equal(counted, 0);
	else
		assert_in_range(counted, 480 / step - 1, 480 / step + 1);
}

/* -- verdicts -- */

/* Details as text, "name=value ...", in their order. */
static const char *
details(struct arena *a, const struct verdict *v)
{
	const char *text = "";

	for (unsigned i = 0; i < v->count; i++) {
		const struct detail *d = &v->details[i];
		const char *space = *text ? " " : "";

		text = d->text ? arena_printf(a, "%s%s%s=%s", text, space,
				     d->name, d->text)
			       : arena_printf(a, "%s%s%s=%lld", text, space,
				     d->name, (long long)d->number);
	}
	return text;
}

struct answer_row {
	const char *name, *text;
	enum verdict_kind kind;
	const char *details;
};

static const struct answer_row answer_rows[] = {
	{ "a stranger is put off for the delay", "new", VERDICT_REFUSE,
	    "state=new identity=192.0.2.0/24 identity_by=network wait=300 "
	    "tries=1" },
	{ "also of an identity that has passed", "new 2 0", VERDICT_REFUSE,
	    "state=new identity=192.0.2.0/24 identity_by=network wait=300 "
	    "tries=1 passes=2" },
	{ "who is back too early waits for the rest", "early 1 0 20 3",
	    VERDICT_REFUSE,
	    "state=early identity=192.0.2.0/24 identity_by=network wait=20 "
	    "tries=3 passes=1" },
	{ "who has waited passes", "passed 1 0 0 2", VERDICT_PASS,
	    "state=passed identity=192.0.2.0/24 identity_by=network tries=2 "
	    "passes=1" },
	{ "who has passed lately passes", "passed", VERDICT_PASS,
	    "state=passed identity=192.0.2.0/24 "
	    "identity_by=network" },
	{ "who is known passes", "known", VERDICT_PASS,
	    "state=known identity=192.0.2.0/24 "
	    "identity_by=network" },
	{ "one stranger too many is put off", "capped", VERDICT_REFUSE,
	    "state=capped identity=192.0.2.0/24 identity_by=network wait=300" },
	{ "a replaced record is told about", "new 0 1", VERDICT_REFUSE,
	    "state=new identity=192.0.2.0/24 identity_by=network wait=300 "
	    "tries=1 "
	    "replaced=unreadable" },
	{ "another word is no answer", "welcome", VERDICT_UNKNOWN, "" },
	{ "half a word is no answer", "pass", VERDICT_UNKNOWN, "" },
	{ "a longer word is no answer", "passed.", VERDICT_UNKNOWN, "" },
	{ "nothing is no answer", "", VERDICT_UNKNOWN, "" },
	{ "words for numbers are no answer", "early 0 0 five 1",
	    VERDICT_UNKNOWN, "" },
	{ "a number too many is no answer", "early 0 0 300 1 0",
	    VERDICT_UNKNOWN, "" },
};

static void
answered(struct stage_set *s, const char *text)
{
	ask(s);
	s->facts.answers[RECORD] = (struct answer){ .state = KNOWN,
		.count = 1,
		.values = { { .text = text, .size = strlen(text) } } };
}

static void
answer_means(void **state)
{
	const struct answer_row *row = *state;
	struct stage_set *s = begin();
	struct verdict v;

	answered(s, row->text);
	v = check_greylist.judge(&s->req, &s->facts);
	assert_int_equal(v.kind, row->kind);
	assert_string_equal(details(s->arena, &v), row->details);
	if (v.kind == VERDICT_REFUSE)
		assert_int_equal(v.reply, REPLY_GREYLISTED);
	if (v.kind == VERDICT_UNKNOWN)
		assert_int_equal(v.loss, LOSS_SHAPE);
	end(s);
}

static void
a_lost_answer_is_unknown_whatever_lost_it(void **state)
{
	struct stage_set *s = begin();

	(void)state;
	ask(s);
	for (enum loss loss = LOSS_TIMEOUT; loss < LOSS_COUNT; loss++) {
		struct verdict v;

		s->facts.answers[RECORD] = (struct answer){ .state = LOST,
			.loss = loss };
		v = check_greylist.judge(&s->req, &s->facts);
		assert_int_equal(v.kind, VERDICT_UNKNOWN);
		assert_int_equal(v.loss, loss);
	}
	end(s);
}

static void
an_answer_of_another_form_is_unknown(void **state)
{
	struct stage_set *s = begin();

	(void)state;
	answered(s, "passed");
	s->facts.answers[RECORD].count = 2;
	assert_int_equal(
	    check_greylist.judge(&s->req, &s->facts).kind, VERDICT_UNKNOWN);
	s->facts.answers[RECORD].count = 0;
	assert_int_equal(
	    check_greylist.judge(&s->req, &s->facts).kind, VERDICT_UNKNOWN);
	s->facts.answers[RECORD].count = 1;
	s->facts.answers[RECORD].values[0] = (struct value){ .number = 3,
		.is_number = true };
	assert_int_equal(
	    check_greylist.judge(&s->req, &s->facts).loss, LOSS_SHAPE);
	end(s);
}

/* -- two records -- */

struct two_row {
	const char *name;
	const char *record, *network; /* the answers; NULL: lost */
	enum verdict_kind kind;
	const char *details;
};

#define BY_NAME "identity=example.org identity_by=name"
#define BY_NETWORK "identity=192.0.2.0/24 identity_by=network"

static const struct two_row two_rows[] = {
	{ "of two strangers the better one is told", "new", "new",
	    VERDICT_REFUSE, "state=new " BY_NAME " wait=300 tries=1" },
	{ "who has passed as a network passes", "new", "passed", VERDICT_PASS,
	    "state=passed " BY_NETWORK },
	{ "so does one who is known as a network", "early 0 0 9 2", "known",
	    VERDICT_PASS, "state=known " BY_NETWORK },
	{ "also when there are too many strangers", "capped", "passed",
	    VERDICT_PASS, "state=passed " BY_NETWORK },
	{ "who may come back sooner as a network is told so", "new",
	    "early 0 0 20 2", VERDICT_REFUSE,
	    "state=early " BY_NETWORK " wait=20 tries=2" },
	{ "and who may not is not", "early 0 0 10 2", "early 0 0 20 2",
	    VERDICT_REFUSE, "state=early " BY_NAME " wait=10 tries=2" },
	{ "a network nobody knows of is no reason to refuse", "new", NULL,
	    VERDICT_UNKNOWN, "" },
	{ "nor is one that makes no sense", "new", "welcome", VERDICT_UNKNOWN,
	    "" },
};

static struct answer
says(const char *text)
{
	return text ? (struct answer){ .state = KNOWN,
		.count = 1,
		.values = { { .text = text, .size = strlen(text) } } }
		    : (struct answer){ .state = LOST, .loss = LOSS_DOWN };
}

static void
again(struct stage_set *s)
{
	s->questions.count = 0;
	check_greylist.ask(&s->req, &s->facts, &s->questions);
}

static void
two_records_mean(void **state)
{
	const struct two_row *row = *state;
	struct stage_set *s = begin();
	struct verdict v;

	s->set.greylist.identity = IDENTITY_NAME;
	ask(s);
	assert_string_equal(word(s, 0),
	    "policyd:grey:{example.org}:anna@example.org:jo@example.net");
	assert_false(s->questions.question->read_only);
	s->facts.answers[RECORD] = says(row->record);
	again(s);
	assert_int_equal(s->questions.count, 1);
	assert_string_equal(word(s, 0),
	    "policyd:grey:{192.0.2.0/24}:anna@example.org:jo@example.net");
	assert_true(s->questions.question->read_only);
	assert_int_equal(word(s, 1)[27], '2'); /* it writes nothing */
	s->facts.answers[NETWORK] = says(row->network);
	again(s);
	assert_int_equal(s->questions.count, 0);
	v = check_greylist.judge(&s->req, &s->facts);
	assert_int_equal(v.kind, row->kind);
	assert_string_equal(details(s->arena, &v), row->details);
	end(s);
}

static void
one_is_enough(void **state)
{
	static const char *const answers[] = { "passed", "known", NULL,
		"welcome" };
	struct stage_set *s = begin();

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		s->set.greylist.identity = IDENTITY_NAME;
		ask(s);
		s->facts.answers[RECORD] = says(answers[i]);
		again(s);
		assert_int_equal(s->questions.count, 0);
	}
	s->set.greylist.identity = IDENTITY_NETWORK;
	ask(s);
	s->facts.answers[RECORD] = says("new");
	again(s);
	assert_int_equal(s->questions.count, 0);
	end(s);
}

/* -- a domain vouches for the client -- */

static void
vouch(const char *domain)
{
	found.spf = true;
	found.verdict = (struct spf_verdict){ .result = SPF_PASS,
		.domain = domain };
}

static void
the_domain_that_vouches_is_asked_about(void **state)
{
	struct stage_set *s = begin();

	(void)state;
	s->set.greylist.identity = IDENTITY_SPF;
	vouch("example.com");
	ask(s);
	assert_string_equal(word(s, 0),
	    "policyd:grey:{example.com}:anna@example.org:jo@example.net");
	s->set.greylist.identity = IDENTITY_NAME;
	ask(s);
	assert_string_equal(word(s, 0),
	    "policyd:grey:{example.org}:anna@example.org:jo@example.net");
	end(s);
}

/* Until the scout is called after the answer. */
static void
put_off(struct stage_set *s, const char *record)
{
	s->set.greylist.identity = IDENTITY_SPF;
	s->req.client_name = "unknown";
	found.spf = true;
	ask(s);
	s->facts.answers[RECORD] = says(record);
	again(s);
	check_greylist.judge(&s->req, &s->facts);
	vouch("example.com");
	s->questions.count = 0;
	check_greylist.scout(&s->req, &s->facts, &s->questions);
}

static void
one_that_comes_late_is_given_a_record(void **state)
{
	struct stage_set *s = begin();

	(void)state;
	put_off(s, "new");
	assert_int_equal(s->questions.count, 1);
	assert_false(s->questions.question->read_only);
	assert_string_equal(word(s, 0),
	    "policyd:grey:{example.com}:anna@example.org:jo@example.net");
	check_greylist.scout(&s->req, &s->facts, &s->questions);
	assert_int_equal(s->questions.count, 1);
	end(s);
}

static void
not_for_one_who_passed(void **state)
{
	struct stage_set *s = begin();

	(void)state;
	put_off(s, "passed");
	assert_int_equal(s->questions.count, 0);
	end(s);
}

static void
not_in_a_dry_run(void **state)
{
	struct stage_set *s = begin();

	(void)state;
	s->req.dry = true;
	put_off(s, "new");
	assert_int_equal(s->questions.count, 0);
	end(s);
}

static void
one_that_is_no_better_is_not(void **state)
{
	struct stage_set *s = begin();

	(void)state;
	found.spf = true;
	s->set.greylist.identity = IDENTITY_SPF;
	ask(s);
	s->facts.answers[RECORD] = says("new");
	again(s);
	s->facts.answers[NETWORK] = says("new");
	check_greylist.judge(&s->req, &s->facts);
	vouch("example.org"); /* its name is of it, too */
	s->questions.count = 0;
	check_greylist.scout(&s->req, &s->facts, &s->questions);
	assert_int_equal(s->questions.count, 0);
	end(s);
}

/* -- options that let pass -- */

struct option_row {
	const char *name;
	bool bypass_spf, only_suspicious;
	const char *domain; /* that vouches, or NULL */
	const char *client_name;
	int64_t score;
	const char *details; /* NULL: it is asked */
};

static const struct option_row option_rows[] = {
	{ "who passes SPF passes where that is enough", true, false,
	    "example.org", "unknown", 0, "state=allowed by=bypass_spf" },
	{ "and nobody else", true, false, NULL, "mx.example.org", 0, NULL },
	{ "nowhere else", false, false, "example.org", "unknown", 0, NULL },
	{ "who is not suspicious passes where that is enough", false, true,
	    NULL, "mx.example.org", 0, "state=allowed by=only_suspicious" },
	{ "also with a score that speaks for it", false, true, NULL,
	    "mx.example.org", -2, "state=allowed by=only_suspicious" },
	{ "but not with one against it", false, true, NULL, "mx.example.org", 1,
	    NULL },
	{ "nor without a name", false, true, NULL, "unknown", 0, NULL },
	{ "nor with that of a line", false, true, NULL, "dsl-7.example.org", 0,
	    NULL },
	{ "SPF is no word for it", false, true, "example.org", "unknown", 0,
	    NULL },
};

static void
option_allows(void **state)
{
	const struct option_row *row = *state;
	struct stage_set *s = begin();
	struct verdict v;

	s->set.greylist.bypass_spf = row->bypass_spf;
	s->set.greylist.only_suspicious = row->only_suspicious;
	s->req.client_name = row->client_name;
	found.score = row->score;
	if (row->domain)
		vouch(row->domain);
	ask(s);
	assert_int_equal(s->questions.count, row->details == NULL);
	if (row->details) {
		v = check_greylist.judge(&s->req, &s->facts);
		assert_int_equal(v.kind, VERDICT_PASS);
		assert_string_equal(details(s->arena, &v), row->details);
	}
	end(s);
}

/* -- allow lists -- */

struct allow_row {
	const char *name;
	const char *clients, *senders, *recipients; /* one entry, or NULL */
	const char *details; /* NULL: it is asked */
};

static const struct allow_row allow_rows[] = {
	{ "an address of allow_clients is not asked", "192.0.2.7", NULL, NULL,
	    "state=allowed by=allow_clients" },
	{ "a verified name of allow_clients is not asked", "mx.example.org",
	    NULL, NULL, "state=allowed by=allow_clients" },
	{ "a sender of allow_senders is not asked", NULL, "anna@example.org",
	    NULL, "state=allowed by=allow_senders" },
	{ "a recipient of allow_recipients is not asked", NULL, NULL,
	    "jo@example.net", "state=allowed by=allow_recipients" },
	{ "the first list is named", "192.0.2.7", "anna@example.org",
	    "jo@example.net", "state=allowed by=allow_clients" },
	{ "whom the lists do not name is asked", "192.0.2.8", "jo@example.net",
	    "anna@example.org", NULL },
};

static void
list_allows(void **state)
{
	const struct allow_row *row = *state;
	const struct lookups clients = { row->clients },
			     senders = { row->senders },
			     recipients = { row->recipients };
	struct stage_set *s = begin();
	struct verdict v;

	s->set.greylist.allow_clients = row->clients ? &clients : NULL;
	s->set.greylist.allow_senders = row->senders ? &senders : NULL;
	s->set.greylist.allow_recipients = row->recipients ? &recipients : NULL;
	ask(s);
	assert_int_equal(s->questions.count, row->details == NULL);
	if (row->details) {
		v = check_greylist.judge(&s->req, &s->facts);
		assert_int_equal(v.kind, VERDICT_PASS);
		assert_string_equal(details(s->arena, &v), row->details);
	}
	end(s);
}

/* -- its row in the table -- */

static void
only_strangers_recipients_are_its_business(void **state)
{
	(void)state;
	assert_int_equal(check_greylist.stages, AT_RCPT);
	assert_int_equal(check_greylist.classes, INBOUND);
	assert_int_equal(check_greylist.tier, TIER_COUNTERS);
	assert_true(check_greylist.flags & SKIPS_ALLOWED);
	assert_null(check_greylist.settle);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, key_rows, key_is);
	SUITE_TEST(&s, networks_are_as_wide_as_configured);
	SUITE_TEST(&s, one_question_has_all_that_is_to_be_known);
	SUITE_TEST(&s, the_prefix_of_keys_is_an_option);
	SUITE_TEST(&s, a_dry_run_asks_for_no_write);
	SUITE_ROWS(&s, odd_rows, odd_settings_are_made_sane);
	SUITE_TEST(&s, without_the_servers_time_all_are_looked_at);
	SUITE_TEST(&s, zero_passes_to_be_known_are_never);
	SUITE_ROWS(&s, step_rows, counts_one_of);
	SUITE_ROWS(&s, answer_rows, answer_means);
	SUITE_TEST(&s, a_lost_answer_is_unknown_whatever_lost_it);
	SUITE_TEST(&s, an_answer_of_another_form_is_unknown);
	SUITE_ROWS(&s, two_rows, two_records_mean);
	SUITE_TEST(&s, one_is_enough);
	SUITE_TEST(&s, the_domain_that_vouches_is_asked_about);
	SUITE_TEST(&s, one_that_comes_late_is_given_a_record);
	SUITE_TEST(&s, not_for_one_who_passed);
	SUITE_TEST(&s, not_in_a_dry_run);
	SUITE_TEST(&s, one_that_is_no_better_is_not);
	SUITE_ROWS(&s, option_rows, option_allows);
	SUITE_ROWS(&s, allow_rows, list_allows);
	SUITE_TEST(&s, only_strangers_recipients_are_its_business);
	return suite_run(&s, "greylist");
}
