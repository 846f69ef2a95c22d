/*
 * puppets - an engine whose checks, store and time are moved by the test
 *
 * Four made-up checks stand in its table: `first` and `second` are registers,
 * `charging` and `last` counters. Each asks what its plan says, and judges by
 * the number it is answered: 1 refuses, 2 exempts, any other passes. The store
 * answers when it is told to; time is virtual. cmocka runs one test after the
 * other, so there is one set of them.
 */
#ifndef KIT_PUPPETS_H
#define KIT_PUPPETS_H

#include "engine/engine.h"
#include "kit/suite.h"

enum { PUPPETS_QUESTIONS = 32, PUPPETS_PATIENCE = 200 /* ms */ };

/* What a check asks: words, one question each, the next when the one before is
 * answered; NULL ends. */
struct plan {
	const char *words[3];
	bool once, shared, charges; /* ask_once(), ask_shared(); charge() */
	const char *ahead[3]; /* what the scout of `charging` asks, in the same
				 way; the last behind it */
	const char *mark;
	const char *event; /* of its verdict, when its answer is known */
	unsigned judged; /* how often */
};

extern struct puppets {
	struct clock *clock;
	struct conf *conf;
	struct engine *engine;
	struct session session;
	struct plan plans[4];

	struct store store;
	const struct question *questions[PUPPETS_QUESTIONS];
	struct ticket *tickets[PUPPETS_QUESTIONS];
	unsigned asked, answered;

	unsigned replies;
	struct {
		bool refused, repeated;
		int code;
		char enhanced[16], text[256], id[16], check[16], mark[64];
	} got; /* the last reply */

	unsigned settled[OUTCOMES]; /* charges */
	unsigned settlements; /* how often a check was told */
	bool repeated; /* what it was told last */
	bool hears; /* the last check asks about each refusal */
} puppets;

/* Every check enforces and accepts failures; `last` is off. */
int puppets_begin(void **state);

/* Leaves, answers whatever is open, and sees that nothing is lost. */
int puppets_end(void **state);

/* The policy of the last check, or that of all others. */
enum puppet { MOST, THE_LAST };
void puppets_policy(enum puppet which, enum mode mode, enum on_failure failure);

/* A request of a stranger; puppets_rcpt() asks for transaction i.1. */
struct request *puppets_request(
    const char *stage, const char *instance, const char *recipient);
void puppets_set(struct request *r, const char *name, const char *value);
void puppets_ask_as(struct session *s, const char *stage, const char *instance,
    const char *recipient);
void puppets_ask(
    const char *stage, const char *instance, const char *recipient);
void puppets_rcpt(void);

/* For engine_ask(), engine_explain() and conf_parse(). */
void puppets_heard(void *data, const struct decision *d);
void puppets_explained(void *data, const struct request *r,
    const struct decision *d, const struct finding *findings, size_t count);
void puppets_complain(void *data, const char *file, int line, const char *text);

/* The store's side; questions are counted from 0. */
void puppets_answer(unsigned question, int64_t number);
void puppets_lose(unsigned question, enum loss loss);
const char *puppets_word(unsigned question, unsigned i);

/* A test: a sentence, and what shows that it is true. */
struct act {
	const char *name;
	void (*play)(void);
};

void puppets_play(void **state);

#define SUITE_ACTS(s, acts)                                                    \
	SUITE_SCENES(s, acts, puppets_play, puppets_begin, puppets_end)

#endif
