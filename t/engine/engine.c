/*
 * The engine: tiers, questions, verdicts, the deadline, transactions. Checks
 * are made up here; the store answers when the test says so; time is virtual.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "engine/engine.h"

/* -- a store that answers when it is told to -- */

enum { QUEUE = 32 };

static struct {
	struct store store;
	const struct question *questions[QUEUE];
	struct ticket *tickets[QUEUE];
	unsigned asked, answered;
} redis;

static void
take(struct store *s, const struct question *q, struct ticket *t)
{
	(void)s;
	assert_true(redis.asked < QUEUE);
	redis.questions[redis.asked] = q;
	redis.tickets[redis.asked++] = t;
}

static const char *
word(unsigned question, unsigned i)
{
	return redis.questions[question]->words[i].text;
}

static void
answer_number(unsigned question, int64_t number)
{
	const struct answer a = { .state = KNOWN,
		.count = 1,
		.values = { { .is_number = true, .number = number } } };

	redis.answered++;
	redis.tickets[question]->answered(redis.tickets[question], &a);
}

static void
lose(unsigned question, enum loss loss)
{
	const struct answer a = { .state = LOST, .loss = loss };

	redis.answered++;
	redis.tickets[question]->answered(redis.tickets[question], &a);
}

/* -- checks whose questions and verdicts the test chooses -- */

static const struct script script = { "test", "return 0" };

/* What a made-up check asks: words, one question each; NULL ends. */
struct plan {
	const char *words[3];
	bool once, charges;
	unsigned judged;
};

static struct plan plans[4];
static unsigned settled[2];
static const char *settled_word;

static struct question
question(const char *w)
{
	return (struct question){ .script = &script,
		.keys = 1,
		.count = 1,
		.words = { { w, strlen(w) } } };
}

static void
ask_plan(const struct plan *p, const struct facts *f, struct questions *qs)
{
	for (unsigned i = 0; i < 3 && p->words[i]; i++) {
		if (i > 0 && facts_get(f, i - 1)->state != KNOWN)
			return;
		if (p->once)
			ask_once(qs, i, question(p->words[i]));
		else
			ask_script(qs, i, question(p->words[i]));
	}
}

/* 0 passes, 1 refuses, 2 exempts; 3 charges and passes, 4 charges and refuses.
 */
static struct verdict
judge_plan(struct plan *p, const struct facts *f)
{
	unsigned last = 0;
	const struct answer *a;
	struct verdict v = verdict_pass();

	p->judged++;
	while (last < 2 && p->words[last + 1])
		last++;
	a = facts_get(f, last);
	if (a->state != KNOWN)
		return verdict_unknown(a);
	if (p->charges)
		charge(f, arena_strdup(charge_arena(f), p->words[0]));
	if (a->values[0].number == 1)
		v = verdict_refuse(REPLY_GREYLISTED);
	else if (a->values[0].number == 2)
		v = verdict_exempt();
	verdict_number(&v, "wait", 300);
	return v;
}

#define MADE_UP(n)                                                             \
	static void ask_##n(const struct request *r, const struct facts *f,    \
	    struct questions *qs)                                              \
	{                                                                      \
		(void)r;                                                       \
		ask_plan(&plans[n], f, qs);                                    \
	}                                                                      \
	static struct verdict judge_##n(                                       \
	    const struct request *r, const struct facts *f)                    \
	{                                                                      \
		(void)r;                                                       \
		return judge_plan(&plans[n], f);                               \
	}

MADE_UP(0)
MADE_UP(1)
MADE_UP(2)
MADE_UP(3)

static void
settle(void *data, enum outcome outcome, const struct request *end,
    struct questions *qs)
{
	assert_true(outcome == COMMITTED || !end);
	settled[outcome]++;
	settled_word = data;
	ask_script(qs, 0,
	    question(arena_printf(questions_arena(qs), "%s %s",
		outcome == COMMITTED ? "keep" : "back", (char *)data)));
}

/* The last check's policy stands where the greylist has its delay, so that it
 * can differ from the others'. */
enum {
	POLICY = offsetof(struct settings, greylist.policy),
	LAST_POLICY = offsetof(struct settings, greylist.delay)
};

#define STAGES (AT_MAIL | AT_RCPT | AT_DATA | AT_END_OF_MESSAGE)

static const struct check first = { "first", STAGES, INBOUND, TIER_REGISTERS, 0,
	POLICY, ask_0, judge_0, NULL, NULL };
static const struct check second = { "second", STAGES, INBOUND, TIER_REGISTERS,
	SKIPS_ALLOWED, POLICY, ask_1, judge_1, NULL, NULL };
static const struct check charging = { "charging", STAGES, INBOUND,
	TIER_COUNTERS, 0, POLICY, ask_2, judge_2, settle, NULL };
static const struct check last = { "last", STAGES, INBOUND, TIER_COUNTERS, 0,
	LAST_POLICY, ask_3, judge_3, settle, NULL };

static const struct check *const table[] = { &first, &second, &charging, &last,
	NULL };

/* -- the scene -- */

static struct clock *clock_;
static struct engine *engine;
static struct conf *conf;
static struct session session;
static unsigned replies;
static struct {
	bool refused, repeated;
	int code;
	char enhanced[16], text[256], id[16], check[16];
} got;

static void
no_complaint(void *data, const char *file, int line, const char *text)
{
	(void)data;
	fail_msg("%s:%d: %s", file, line, text);
}

static void
set_policy(size_t at, enum mode mode, enum on_failure on_failure)
{
	const struct policy p = { mode, on_failure };

	memcpy((char *)&conf->settings + at, &p, sizeof(p));
}

static int
begin(void **state)
{
	(void)state;
	memset(&redis, 0, sizeof(redis));
	memset(plans, 0, sizeof(plans));
	memset(settled, 0, sizeof(settled));
	memset(&got, 0, sizeof(got));
	memset(&session, 0, sizeof(session));
	replies = 0;
	redis.store.ask = take;
	log_open("t", LOG_TO_NOWHERE, LEVEL_INFO);
	clock_ = clock_new_virtual(1732204800);
	conf = conf_parse("trusted = { \"198.51.100.0/24\" }\n"
			  "allow { clients = { \"192.0.2.66\" } }\n",
	    "test", no_complaint, NULL);
	assert_non_null(conf);
	set_policy(POLICY, MODE_ENFORCE, FAILURE_ACCEPT);
	set_policy(LAST_POLICY, MODE_OFF, FAILURE_ACCEPT);
	plans[0].words[0] = "one";
	plans[1].words[0] = "two";
	plans[2].words[0] = "three";
	plans[2].charges = true;
	plans[3].words[0] = "four";
	plans[3].charges = true;
	engine = engine_new(clock_, table, &redis.store, conf);
	return 0;
}

/* Whatever a test leaves open is answered here: nothing may be lost. */
static int
end(void **state)
{
	(void)state;
	engine_leave(engine, &session);
	while (redis.answered < redis.asked)
		answer_number(redis.answered, 0);
	assert_int_equal(engine_in_work(engine), 0);
	assert_int_equal(engine_in_flight(engine), 0);
	assert_int_equal(clock_next(clock_), -1);
	engine_free(engine);
	conf_unref(conf);
	clock_free(clock_);
	arena_pool_clear();
	return 0;
}

static void
done(void *data, const struct decision *d)
{
	(void)data;
	replies++;
	memset(&got, 0, sizeof(got));
	got.refused = d->refused;
	got.repeated = d->repeated;
	snprintf(got.id, sizeof(got.id), "%s", d->id);
	if (d->check)
		snprintf(got.check, sizeof(got.check), "%s", d->check->name);
	if (!d->refused)
		return;
	got.code = d->reply.code;
	snprintf(got.enhanced, sizeof(got.enhanced), "%s", d->reply.enhanced);
	snprintf(got.text, sizeof(got.text), "%s", d->reply.text);
}

static void
set(struct request *r, const char *name, const char *value)
{
	const char *line = arena_printf(r->arena, "%s=%s", name, value);

	request_set(r, line, strlen(line));
}

static struct request *
request(const char *stage, const char *instance, const char *recipient)
{
	struct request *r = request_new(arena_new());

	set(r, "protocol_state", stage);
	set(r, "client_address", "192.0.2.1");
	set(r, "client_port", "40025");
	set(r, "sender", "a@example.org");
	set(r, "recipient", recipient);
	set(r, "instance", instance);
	return r;
}

static void
ask_as(struct session *s, const char *stage, const char *instance,
    const char *recipient)
{
	engine_ask(engine, s, request(stage, instance, recipient), done, NULL);
}

static void
ask(const char *stage, const char *instance, const char *recipient)
{
	ask_as(&session, stage, instance, recipient);
}

static void
rcpt(void)
{
	ask("RCPT", "i.1", "b@example.net");
}

/* -- tiers and verdicts -- */

static void
no_check_applies(void **state)
{
	(void)state;
	ask("VRFY", "", "b@example.net");
	assert_int_equal(replies, 1);
	assert_false(got.refused);
	assert_int_equal(redis.asked, 0);
}

static void
all_pass(void **state)
{
	(void)state;
	rcpt();
	assert_int_equal(redis.asked, 2); /* both registers at once */
	answer_number(0, 0);
	assert_int_equal(replies, 0);
	answer_number(1, 0);
	assert_int_equal(redis.asked, 3); /* then the counter */
	answer_number(2, 0);
	assert_int_equal(replies, 1);
	assert_false(got.refused);
}

static void
table_order_wins(void **state)
{
	(void)state;
	rcpt();
	answer_number(1, 1);
	assert_int_equal(replies, 0); /* the first has not answered yet */
	answer_number(0, 1);
	assert_string_equal(got.check, "first");
	assert_int_equal(got.code, 451);
	assert_string_equal(got.enhanced, "4.7.1");
}

static void
refusal_need_not_wait(void **state)
{
	(void)state;
	rcpt();
	answer_number(0, 1);
	assert_int_equal(replies, 1); /* what the second says cannot matter */
	answer_number(1, 1);
	assert_int_equal(replies, 1);
}

static void
refusal_stops_later_tiers(void **state)
{
	(void)state;
	rcpt();
	answer_number(1, 1);
	answer_number(0, 0);
	assert_true(got.refused);
	assert_int_equal(redis.asked, 2);
}

static void
exempt_stops_later_tiers(void **state)
{
	(void)state;
	rcpt();
	answer_number(1, 0);
	answer_number(0, 2);
	assert_int_equal(replies, 1);
	assert_false(got.refused);
	assert_int_equal(redis.asked, 2);
}

static void
observe_never_refuses(void **state)
{
	(void)state;
	set_policy(POLICY, MODE_OBSERVE, FAILURE_DEFER);
	rcpt();
	answer_number(0, 1);
	lose(1, LOSS_DOWN);
	answer_number(2, 1);
	assert_int_equal(replies, 1);
	assert_false(got.refused);
	assert_int_equal(
	    engine_check_counts(engine, 0)->observed[VERDICT_REFUSE], 1);
	assert_int_equal(
	    engine_check_counts(engine, 0)->verdicts[VERDICT_REFUSE], 0);
}

static void
off_is_not_asked(void **state)
{
	(void)state;
	set_policy(POLICY, MODE_OFF, FAILURE_ACCEPT);
	rcpt();
	assert_int_equal(redis.asked, 0);
	assert_int_equal(replies, 1);
}

static void
trusted_and_authenticated(void **state)
{
	struct request *r;

	(void)state;
	r = request("RCPT", "i.1", "b@example.net");
	set(r, "sasl_username", "b@example.net");
	engine_ask(engine, &session, r, done, NULL);
	r = request_new(arena_new());
	set(r, "protocol_state", "RCPT");
	set(r, "client_address", "198.51.100.7");
	engine_ask(engine, &session, r, done, NULL);
	assert_int_equal(replies, 2);
	assert_int_equal(redis.asked, 0);
	assert_int_equal(engine_counts(engine)->by_class[1], 1);
	assert_int_equal(engine_counts(engine)->by_class[2], 1);
}

static void
allowed_skips_marked_checks(void **state)
{
	struct request *r = request_new(arena_new());

	(void)state;
	set(r, "protocol_state", "RCPT");
	set(r, "client_address", "192.0.2.66");
	engine_ask(engine, &session, r, done, NULL);
	assert_int_equal(redis.asked, 1);
	assert_string_equal(word(0, 0), "one");
}

/* -- questions -- */

static void
asked_until_nothing_is_added(void **state)
{
	(void)state;
	plans[0].words[1] = "one again";
	rcpt();
	answer_number(1, 0);
	answer_number(0, 0);
	assert_int_equal(replies, 0);
	assert_string_equal(word(2, 0), "one again");
	answer_number(2, 1);
	assert_true(got.refused);
	assert_int_equal(plans[0].judged, 1);
}

static void
equal_questions_once(void **state)
{
	(void)state;
	plans[1].words[0] = "one";
	rcpt();
	assert_int_equal(redis.asked, 1);
	answer_number(0, 0);
	assert_int_equal(plans[0].judged + plans[1].judged, 2);
}

static void
early_tiers_read_only(void **state)
{
	(void)state;
	rcpt();
	assert_true(redis.questions[0]->read_only);
	answer_number(0, 0);
	answer_number(1, 0);
	assert_false(redis.questions[2]->read_only);
}

static void
facts_of_the_transaction(void **state)
{
	(void)state;
	plans[0].once = true;
	rcpt();
	answer_number(0, 0);
	answer_number(1, 0);
	answer_number(2, 0);
	ask("RCPT", "i.1", "c@example.net"); /* asks only what is not known */
	assert_int_equal(redis.asked, 4);
	assert_string_equal(word(3, 0), "two");
	answer_number(3, 0);
	answer_number(4, 0);
	assert_int_equal(replies, 2);
	ask("RCPT", "i.2", "c@example.net"); /* another transaction: anew */
	assert_int_equal(redis.asked, 5 + 2 + 2); /* and two charges go back */
}

/* -- losses and the deadline -- */

static const struct loss_row {
	const char *name;
	enum loss loss;
	enum on_failure on_failure;
	const char *text; /* NULL: passes */
} loss_rows[] = {
	{ "a timeout passes when accept is chosen", LOSS_TIMEOUT,
	    FAILURE_ACCEPT, NULL },
	{ "a timeout is the store's absence", LOSS_TIMEOUT, FAILURE_DEFER,
	    "Temporary server error. Please try again later." },
	{ "so is an open breaker", LOSS_DOWN, FAILURE_DEFER,
	    "Temporary server error. Please try again later." },
	{ "a script's error is ours", LOSS_SCRIPT, FAILURE_DEFER,
	    "Requested action aborted: error in processing" },
	{ "so is a value of another type", LOSS_WRONG_TYPE, FAILURE_DEFER,
	    "Requested action aborted: error in processing" },
};

static void
losses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(loss_rows) / sizeof(loss_rows[0]); i++) {
		const struct loss_row *row = &loss_rows[i];
		const unsigned at = redis.asked;
		char instance[8];

		set_policy(POLICY, MODE_ENFORCE, row->on_failure);
		snprintf(instance, sizeof(instance), "i.%zu", i);
		ask("RCPT", instance, "b@example.net");
		lose(at, row->loss);
		if (row->text) {
			assert_int_equal(got.code, 451);
			assert_string_equal(got.enhanced, "4.3.0");
			assert_string_equal(got.text, row->text);
			redis.tickets[at + 1]->answered(redis.tickets[at + 1],
			    &(struct answer){ .state = LOST });
		} else {
			redis.tickets[at + 1]->answered(redis.tickets[at + 1],
			    &(struct answer){ .state = LOST });
			redis.tickets[at + 2]->answered(redis.tickets[at + 2],
			    &(struct answer){ .state = LOST });
			assert_false(got.refused);
		}
		assert_int_equal(replies, i + 1);
	}
	redis.answered = redis.asked;
}

static void
deadline(void **state)
{
	(void)state;
	rcpt();
	answer_number(0, 0);
	clock_turn(clock_, 4999);
	assert_int_equal(replies, 0);
	clock_turn(clock_, 1);
	assert_int_equal(replies, 1);
	assert_false(got.refused);
	assert_int_equal(redis.asked, 2); /* nothing more was asked */
	assert_int_equal(engine_counts(engine)->late, 1);
	answer_number(1, 1); /* too late to matter */
	assert_int_equal(replies, 1);
}

static void
deadline_defers(void **state)
{
	(void)state;
	set_policy(POLICY, MODE_ENFORCE, FAILURE_DEFER);
	rcpt();
	clock_turn(clock_, 5000);
	assert_true(got.refused);
	assert_string_equal(got.check, "first");
}

static void
late_refusal_in_hand(void **state)
{
	(void)state;
	rcpt();
	answer_number(1, 1); /* refuses, but the first may still exempt */
	clock_turn(clock_, 5000);
	assert_true(got.refused);
	assert_string_equal(got.check, "second");
}

/* -- the same request again -- */

static void
repeated(void **state)
{
	(void)state;
	rcpt();
	answer_number(0, 1);
	answer_number(1, 0);
	rcpt();
	assert_int_equal(replies, 2);
	assert_true(got.repeated);
	assert_true(got.refused);
	assert_int_equal(redis.asked, 2);
	ask("RCPT", "i.1", "c@example.net");
	assert_int_equal(redis.asked, 4); /* another recipient is judged */
	answer_number(2, 1);
	answer_number(3, 0);
	clock_turn(clock_, 6000);
	ask("RCPT", "i.1", "c@example.net");
	assert_int_equal(redis.asked, 6); /* so is one after a while */
}

/* -- transactions and charges -- */

static void
accept_one(const char *instance, const char *recipient)
{
	const unsigned at = redis.asked;

	ask("RCPT", instance, recipient);
	answer_number(at, 0);
	answer_number(at + 1, 0);
	answer_number(at + 2, 0);
	redis.answered = redis.asked;
}

static void
committed(void **state)
{
	(void)state;
	accept_one("i.1", "b@example.net");
	accept_one("i.1", "c@example.net");
	assert_int_equal(settled[COMMITTED] + settled[RELEASED], 0);
	accept_one("i.1", ""); /* DATA is judged as any other request here */
	set_policy(POLICY, MODE_OFF, FAILURE_ACCEPT);
	ask("END-OF-MESSAGE", "i.1", "");
	assert_int_equal(settled[COMMITTED], 3);
	ask("RCPT", "i.2", "b@example.net");
	assert_int_equal(settled[RELEASED], 0); /* settled once only */
	assert_int_equal(engine_counts(engine)->committed, 1);
}

static void
released_by_new_instance(void **state)
{
	(void)state;
	accept_one("i.1", "b@example.net");
	set_policy(POLICY, MODE_OFF, FAILURE_ACCEPT);
	ask("RCPT", "i.2", "b@example.net");
	assert_int_equal(settled[RELEASED], 1);
	assert_string_equal(word(redis.asked - 1, 0), "back three");
}

static void
released_by_mail_without_instance(void **state)
{
	(void)state;
	accept_one("i.1", "b@example.net");
	set_policy(POLICY, MODE_OFF, FAILURE_ACCEPT);
	ask("VRFY", "", "b@example.net");
	assert_int_equal(settled[RELEASED], 0); /* VRFY ends nothing */
	ask("MAIL", "", "");
	assert_int_equal(settled[RELEASED], 1);
}

static void
released_by_leaving(void **state)
{
	(void)state;
	accept_one("i.1", "b@example.net");
	engine_leave(engine, &session);
	assert_int_equal(settled[RELEASED], 1);
}

static void
two_connections_one_transaction(void **state)
{
	struct session other = { 0 };

	(void)state;
	accept_one("i.1", "b@example.net");
	set_policy(POLICY, MODE_OFF, FAILURE_ACCEPT);
	ask_as(&other, "DATA", "i.1", "");
	engine_leave(engine, &session);
	assert_int_equal(settled[RELEASED], 0);
	engine_leave(engine, &other);
	assert_int_equal(settled[RELEASED], 1);
}

static void
refused_costs_nothing(void **state)
{
	(void)state;
	set_policy(LAST_POLICY, MODE_ENFORCE, FAILURE_ACCEPT);
	rcpt();
	answer_number(0, 0);
	answer_number(1, 0);
	assert_int_equal(redis.asked, 4);
	answer_number(3, 0); /* the last has charged */
	answer_number(2, 1); /* the one before it refuses */
	assert_true(got.refused);
	assert_int_equal(settled[RELEASED], 2);
}

static void
late_charge_goes_back(void **state)
{
	(void)state;
	set_policy(POLICY, MODE_ENFORCE, FAILURE_DEFER);
	rcpt();
	answer_number(0, 0);
	answer_number(1, 0);
	clock_turn(clock_, 5000);
	assert_true(got.refused);
	assert_int_equal(settled[RELEASED], 0);
	answer_number(2, 0); /* it did run */
	assert_int_equal(settled[RELEASED], 1);
}

static void
charged_once_at_the_deadline(void **state)
{
	(void)state;
	set_policy(LAST_POLICY, MODE_ENFORCE, FAILURE_DEFER);
	rcpt();
	answer_number(0, 0);
	answer_number(1, 0);
	answer_number(3, 0); /* charged in time, judged at the deadline */
	clock_turn(clock_, 5000);
	assert_false(got.refused);
	answer_number(2, 0); /* charged, and known only now */
	engine_leave(engine, &session);
	assert_int_equal(settled[RELEASED], 2);
}

static void
charged_and_left_before_all_is_known(void **state)
{
	(void)state;
	set_policy(LAST_POLICY, MODE_ENFORCE, FAILURE_ACCEPT);
	rcpt();
	answer_number(0, 0);
	answer_number(1, 0);
	answer_number(2, 0); /* has charged; the last one is still open */
	engine_leave(engine, &session);
	assert_int_equal(settled[RELEASED], 0);
	answer_number(3, 0);
	assert_int_equal(settled[RELEASED], 2);
	assert_string_equal(word(redis.asked - 1, 0), "back three");
}

static void
refused_at_the_end(void **state)
{
	(void)state;
	accept_one("i.1", "b@example.net");
	ask("END-OF-MESSAGE", "i.1", "b@example.net");
	answer_number(redis.asked - 2, 1);
	assert_true(got.refused);
	assert_int_equal(settled[RELEASED], 1);
	assert_int_equal(settled[COMMITTED], 0);
	answer_number(redis.asked - 2, 0);
	redis.answered = redis.asked - 1;
}

/* -- leaving, reloading, explaining -- */

static void
leaving_in_work(void **state)
{
	(void)state;
	rcpt();
	engine_leave(engine, &session);
	answer_number(0, 1);
	answer_number(1, 1);
	assert_int_equal(replies, 0);
	assert_int_equal(engine_in_work(engine), 0);
}

static void
reload_keeps_requests(void **state)
{
	struct conf *fresh;

	(void)state;
	rcpt();
	fresh = conf_parse(
	    "greylist { mode = off }\n", "fresh", no_complaint, NULL);
	engine_configure(engine, fresh, &redis.store);
	conf_unref(fresh);
	answer_number(0, 1); /* judged by the configuration it began with */
	assert_true(got.refused);
}

static struct {
	unsigned count, judged, refusals;
	bool refused;
} explained;

static void
take_findings(void *data, const struct request *r, const struct decision *d,
    const struct finding *findings, size_t count)
{
	(void)data;
	assert_true(r->dry);
	explained.refused = d->refused;
	explained.count = (unsigned)count;
	for (size_t i = 0; i < count; i++) {
		explained.judged += findings[i].judged;
		explained.refusals += findings[i].judged &&
		    findings[i].verdict.kind == VERDICT_REFUSE;
	}
}

static void
explaining(void **state)
{
	(void)state;
	memset(&explained, 0, sizeof(explained));
	engine_explain(engine, request("RCPT", "i.1", "b@example.net"),
	    take_findings, NULL);
	answer_number(0, 1);
	answer_number(1, 1);
	assert_int_equal(redis.asked, 3); /* every tier is looked at */
	assert_true(redis.questions[2]->read_only);
	answer_number(2, 0);
	assert_int_equal(explained.count, 4);
	assert_int_equal(explained.judged, 3); /* one is off */
	assert_int_equal(explained.refusals, 2);
	assert_true(explained.refused);
	assert_int_equal(settled[RELEASED], 0);
	assert_int_equal(engine_check_counts(engine, 0)->refused, 0);
}

/* -- replies -- */

static void
reply_with_id(void **state)
{
	char tail[24];

	(void)state;
	conf->reply_ids = true;
	rcpt();
	answer_number(0, 1);
	snprintf(tail, sizeof(tail), " (%s)", got.id);
	assert_string_equal(got.text + strlen(got.text) - strlen(tail), tail);
}

static const struct text_row {
	const char *name, *template, *expect;
} text_rows[] = {
	{ "a number is written out", "Wait %{wait}.", "Wait 5 minutes." },
	{ "the client's address is known", "%{ip}", "192.0.2.1" },
	{ "so are service and check", "%{service} %{check}",
	    "ESMTP Service first" },
	{ "an unknown name is left out", "a%{nothing}b", "ab" },
	{ "a lone percent sign stays", "100%", "100%" },
};

static void
expansion(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(text_rows) / sizeof(text_rows[0]); i++) {
		char instance[8];

		conf->replies[REPLY_GREYLISTED].text = text_rows[i].template;
		snprintf(instance, sizeof(instance), "i.%zu", i);
		ask("RCPT", instance, "b@example.net");
		answer_number(redis.asked - 2, 1);
		assert_string_equal(got.text, text_rows[i].expect);
		answer_number(redis.asked - 1, 0);
	}
}

static void
expansion_is_bounded(void **state)
{
	char template[600] = "";

	(void)state;
	for (int i = 0; i < 40; i++)
		strcat(template, "%{service} ");
	conf->replies[REPLY_GREYLISTED].text = template;
	conf->reply_ids = true;
	rcpt();
	answer_number(0, 1);
	assert_int_equal(strlen(got.text), REPLY_TEXT);
	assert_int_equal(got.text[REPLY_TEXT - 1], ')');
}

/* -- the decision line -- */

static char line[5000];

static void
take_line(enum log_level level, const char *text, void *data)
{
	(void)level;
	(void)data;
	snprintf(line, sizeof(line), "%s", text);
}

static void
decision_line(void **state)
{
	struct request *r = request_new(arena_new());

	(void)state;
	log_redirect(take_line, NULL);
	set(r, "protocol_state", "RCPT");
	set(r, "recipient", "b\n\x01@example.net");
	engine_ask(engine, &session, r, done, NULL);
	answer_number(0, 1);
	log_redirect(NULL, NULL);
	assert_non_null(strstr(line, " action=451 reply=\"451 4.7.1\""));
	assert_non_null(strstr(line,
	    " check=first mode=enforce "
	    "verdict=refuse wait=300 "));
	assert_non_null(strstr(line, " sender=<> "));
	assert_non_null(
	    strstr(line, " recipient=\"b\\x0a\\x01@example.net\" "));
	assert_null(strchr(line, '\n'));
}

#define T(name, text)                                                          \
	{                                                                      \
		text, name, begin, end, NULL                                   \
	}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(no_check_applies,
		    "a request no check applies to is answered DUNNO at once"),
		T(all_pass, "a tier is asked at once, the next when it passed"),
		T(table_order_wins,
		    "the first refusal in table order wins, whichever answer "
		    "comes first"),
		T(refusal_need_not_wait,
		    "a refusal does not wait for checks behind it"),
		T(refusal_stops_later_tiers,
		    "a refusal spares the later tiers"),
		T(exempt_stops_later_tiers, "so does an exemption"),
		T(observe_never_refuses,
		    "observe judges and counts and never refuses"),
		T(off_is_not_asked, "off is not even asked"),
		T(trusted_and_authenticated,
		    "trusted and authenticated clients meet no inbound check"),
		T(allowed_skips_marked_checks,
		    "an allowed client skips the marked checks only"),
		T(asked_until_nothing_is_added,
		    "a check is asked until it adds nothing"),
		T(equal_questions_once, "equal questions are asked once"),
		T(early_tiers_read_only,
		    "only the counters may write, whatever a check says"),
		T(facts_of_the_transaction,
		    "facts kept for the transaction are not asked again"),
		T(losses, "each loss becomes what on_failure says"),
		T(deadline,
		    "the deadline answers, and late answers are "
		    "harmless"),
		T(deadline_defers, "the deadline defers where that is chosen"),
		T(late_refusal_in_hand,
		    "at the deadline a refusal in hand counts"),
		T(repeated,
		    "the same request right behind is answered the "
		    "same and not judged"),
		T(committed, "charges are settled at END-OF-MESSAGE, once"),
		T(released_by_new_instance, "a new instance gives them back"),
		T(released_by_mail_without_instance,
		    "so does MAIL, which has no instance yet"),
		T(released_by_leaving, "so does a closed connection"),
		T(two_connections_one_transaction,
		    "a transaction over two connections ends with the last"),
		T(refused_costs_nothing,
		    "what was charged beside a refusal goes back at once"),
		T(late_charge_goes_back,
		    "a charge that comes after the refusal goes back"),
		T(charged_once_at_the_deadline,
		    "what was charged in time is charged once at the deadline"),
		T(charged_and_left_before_all_is_known,
		    "a charge is given back when its client left before the "
		    "reply"),
		T(refused_at_the_end,
		    "a message refused at its end gives all back"),
		T(leaving_in_work,
		    "a request whose client left is judged in silence"),
		T(reload_keeps_requests,
		    "a request ends with the configuration it began with"),
		T(explaining,
		    "explain looks at every check and writes "
		    "nothing"),
		T(reply_with_id, "reply_ids puts the id behind the text"),
		T(expansion, "a reply's names are expanded"),
		T(expansion_is_bounded, "a reply keeps its limit, and its id"),
		T(decision_line, "the decision line tells all, escaped"),
	};

	return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
