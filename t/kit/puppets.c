/*
 * puppets - the checks, the store, and the strings they hang on
 */
#include "kit/puppets.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"

struct puppets puppets;

/* -- a store that answers when it is told to -- */

static void
take(struct store *s, const struct question *q, struct ticket *t)
{
	(void)s;
	assert_true(puppets.asked < PUPPETS_QUESTIONS);
	puppets.questions[puppets.asked] = q;
	puppets.tickets[puppets.asked++] = t;
}

const char *
puppets_word(unsigned question, unsigned i)
{
	return puppets.questions[question]->words[i].text;
}

void
puppets_answer(unsigned question, int64_t number)
{
	const struct answer a = { .state = KNOWN,
		.count = 1,
		.values = { { .is_number = true, .number = number } } };

	puppets.answered++;
	puppets.tickets[question]->answered(puppets.tickets[question], &a);
}

void
puppets_lose(unsigned question, enum loss loss)
{
	const struct answer a = { .state = LOST, .loss = loss };

	puppets.answered++;
	puppets.tickets[question]->answered(puppets.tickets[question], &a);
}

/* -- checks whose questions and verdicts the test chooses -- */

enum { AHEAD = 10 }; /* slot of the scout's first */

static const struct script script = { "test", "return 0" };

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
		if (p->shared && ask_shared(qs, i, &script))
			continue;
		if (p->once)
			ask_once(qs, i, question(p->words[i]));
		else
			ask_script(qs, i, question(p->words[i]));
	}
}

/* The last one only when the check is judged. */
static void
scout_plan(const struct plan *p, const struct facts *f, struct questions *qs)
{
	for (unsigned i = 0; i < 3 && p->ahead[i]; i++) {
		if ((i > 0 && facts_get(f, AHEAD + i - 1)->state != KNOWN) ||
		    (i == 2 && p->judged == 0))
			return;
		ask_script(qs, AHEAD + i, question(p->ahead[i]));
	}
}

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
	v.event = p->event;
	if (p->mark)
		verdict_mark(&v, p->mark);
	verdict_number(&v, "wait", 300);
	return v;
}

#define MADE_UP(n)                                                             \
	static void ask_##n(const struct request *r, const struct facts *f,    \
	    struct questions *qs)                                              \
	{                                                                      \
		(void)r;                                                       \
		ask_plan(&puppets.plans[n], f, qs);                            \
	}                                                                      \
	static struct verdict judge_##n(                                       \
	    const struct request *r, const struct facts *f)                    \
	{                                                                      \
		(void)r;                                                       \
		return judge_plan(&puppets.plans[n], f);                       \
	}

MADE_UP(0)
MADE_UP(1)
MADE_UP(2)
MADE_UP(3)

static void
scout(const struct request *r, const struct facts *f, struct questions *qs)
{
	(void)r;
	scout_plan(&puppets.plans[2], f, qs);
}

/* The newest is named. */
static void
settle(void *const *data, size_t count, const struct ending *end,
    struct questions *qs)
{
	assert_int_equal(end->outcome == COMMITTED, end->by != NULL);
	puppets.settled[end->outcome] += (unsigned)count;
	puppets.settlements++;
	puppets.repeated = end->repeated;
	ask_script(qs, 0,
	    question(arena_printf(questions_arena(qs), "%s %s",
		end->outcome == COMMITTED ? "keep" : "back",
		(const char *)data[0])));
}

static void
note_refusal(
    const struct request *req, const struct check *by, struct questions *qs)
{
	if (!puppets.hears)
		return;
	ask_script(qs, 0,
	    question(arena_printf(questions_arena(qs), "%s refused %s",
		by->name, req->recipient)));
}

/* The last check's policy stands where the greylist has its delay, so that it
 * can differ from the others'. */
enum {
	POLICY = offsetof(struct settings, greylist.policy),
	LAST_POLICY = offsetof(struct settings, greylist.delay),
	PATIENCE = offsetof(struct settings, greylist.memory)
};

#define STAGES (AT_MAIL | AT_RCPT | AT_DATA | AT_END_OF_MESSAGE)

static const struct check first = { "first", STAGES, INBOUND, TIER_REGISTERS, 0,
	OF_RECIPIENT, POLICY, ask_0, judge_0, NULL, NULL, NULL };
static const struct check second = { "second", STAGES, INBOUND, TIER_REGISTERS,
	SKIPS_ALLOWED, OF_RECIPIENT, POLICY, ask_1, judge_1, NULL, NULL, NULL };
static const struct check charging = { "charging", STAGES, INBOUND,
	TIER_COUNTERS, 0, OF_RECIPIENT, POLICY, ask_2, judge_2, settle, NULL,
	NULL, scout, PATIENCE };
static const struct check last = { "last", STAGES, INBOUND, TIER_COUNTERS, 0,
	OF_RECIPIENT, LAST_POLICY, ask_3, judge_3, settle, note_refusal, NULL };

static const struct check *const table[] = { &first, &second, &charging, &last,
	NULL };

/* -- the scene -- */

void
puppets_complain(void *data, const char *file, int line, const char *text)
{
	(void)data;
	fail_msg("%s:%d: %s", file, line, text);
}

void
puppets_policy(enum puppet which, enum mode mode, enum on_failure failure)
{
	const struct policy p = { mode, failure };
	const size_t at = which == THE_LAST ? LAST_POLICY : POLICY;

	memcpy((char *)&puppets.conf->settings + at, &p, sizeof(p));
	if (puppets.engine) /* as a reload would */
		engine_configure(puppets.engine, puppets.conf, &puppets.store);
}

int
puppets_begin(void **state)
{
	static const char *const words[] = { "one", "two", "three", "four" };

	(void)state;
	memset(&puppets, 0, sizeof(puppets));
	puppets.store.ask = take;
	log_open("t", LOG_TO_NOWHERE, LEVEL_INFO);
	puppets.clock = clock_new_virtual(1732204800);
	/* Nobody asks Redis what it has of somebody else's domains. */
	puppets.conf = conf_parse("local_domains = nobody.example\n"
				  "trusted = { \"198.51.100.0/24\" }\n"
				  "allow { clients = { \"192.0.2.66\" } }\n",
	    "test", puppets_complain, NULL);
	assert_non_null(puppets.conf);
	puppets.conf->settings.greylist.memory = PUPPETS_PATIENCE;
	puppets_policy(MOST, MODE_ENFORCE, FAILURE_ACCEPT);
	puppets_policy(THE_LAST, MODE_OFF, FAILURE_ACCEPT);
	for (unsigned i = 0; i < 4; i++) {
		puppets.plans[i].words[0] = words[i];
		puppets.plans[i].charges = i >= 2;
	}
	puppets.engine = engine_new(
	    puppets.clock, table, &puppets.store, puppets.conf);
	return 0;
}

int
puppets_end(void **state)
{
	(void)state;
	engine_leave(puppets.engine, &puppets.session);
	while (puppets.answered < puppets.asked)
		puppets_answer(puppets.answered, 0);
	assert_int_equal(engine_in_work(puppets.engine), 0);
	assert_int_equal(engine_in_flight(puppets.engine), 0);
	assert_int_equal(clock_next(puppets.clock), -1);
	engine_free(puppets.engine);
	conf_unref(puppets.conf);
	clock_free(puppets.clock);
	arena_pool_clear();
	return 0;
}

void
puppets_heard(void *data, const struct decision *d)
{
	(void)data;
	puppets.replies++;
	memset(&puppets.got, 0, sizeof(puppets.got));
	puppets.got.refused = d->refused;
	puppets.got.repeated = d->repeated;
	snprintf(puppets.got.id, sizeof(puppets.got.id), "%s", d->id);
	if (d->mark)
		snprintf(
		    puppets.got.mark, sizeof(puppets.got.mark), "%s", d->mark);
	if (d->check)
		snprintf(puppets.got.check, sizeof(puppets.got.check), "%s",
		    d->check->name);
	if (!d->refused)
		return;
	puppets.got.code = d->reply.code;
	snprintf(puppets.got.enhanced, sizeof(puppets.got.enhanced), "%s",
	    d->reply.enhanced);
	snprintf(
	    puppets.got.text, sizeof(puppets.got.text), "%s", d->reply.text);
}

void
puppets_explained(void *data, const struct request *r, const struct decision *d,
    const struct finding *findings, size_t count)
{
	(void)data;
	(void)r;
	(void)d;
	(void)findings;
	(void)count;
	puppets.replies++;
}

void
puppets_set(struct request *r, const char *name, const char *value)
{
	const char *line = arena_printf(r->arena, "%s=%s", name, value);

	request_set(r, line, strlen(line));
}

struct request *
puppets_request(const char *stage, const char *instance, const char *recipient)
{
	struct request *r = request_new(arena_new());

	puppets_set(r, "protocol_state", stage);
	puppets_set(r, "client_address", "192.0.2.1");
	puppets_set(r, "client_port", "40025");
	puppets_set(r, "sender", "a@example.org");
	puppets_set(r, "recipient", recipient);
	puppets_set(r, "instance", instance);
	return r;
}

void
puppets_ask_as(struct session *s, const char *stage, const char *instance,
    const char *recipient)
{
	engine_ask(puppets.engine, s,
	    puppets_request(stage, instance, recipient), puppets_heard, NULL);
}

void
puppets_ask(const char *stage, const char *instance, const char *recipient)
{
	puppets_ask_as(&puppets.session, stage, instance, recipient);
}

void
puppets_rcpt(void)
{
	puppets_ask("RCPT", "i.1", "b@example.net");
}

void
puppets_play(void **state)
{
	const struct act *act = *state;

	act->play();
}
