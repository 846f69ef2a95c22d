/*
 * What greylisting makes of answers: of one, of two, and of one who is vouched
 * for when it has answered already.
 */
#include "checks/greylisted.h"

/* -- verdicts -- */

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

/* NULL: it is lost. */
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

int
main(void)
{
	static struct suite s;

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
	return suite_run(&s, "greylist_judge");
}
