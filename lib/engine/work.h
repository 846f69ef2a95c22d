/*
 * work - a request being judged; private to the engine
 */
#ifndef ENGINE_WORK_H
#define ENGINE_WORK_H

#include "base/clock.h"
#include "engine/engine.h"

struct engine {
	struct clock *clock;
	const struct check *const *checks;
	size_t check_count;
	struct store *store;
	struct conf *conf;
	struct lists *lists; /* NULL until they were read */
	struct transactions *transactions;
	struct scopes_known *scopes;
	uint64_t number; /* of the next request, for its id */
	unsigned in_work, in_flight;
	struct work *waiting, *last_waiting; /* the earliest due first */
	struct timer deadline; /* of the first, or sooner */
	struct engine_counts counts;
	struct check_counts *check_counts;
	struct choice *choices; /* under this configuration, see choose.c */
	engine_event *watcher; /* NULL: nobody hears of events */
	void *watcher_data;
};

/* One question on its way, shared by all facts that wait for it. */
struct asked {
	struct ticket ticket;
	struct work *work;
	struct asked *next; /* of the same request */
	const struct question *question;
	bool once; /* a known answer is kept with the transaction */
	const struct answer *answer;
};

struct fact {
	struct fact *next;
	unsigned slot;
	struct asked *asked;
	bool ahead; /* the scout's */
};

/* A check that applies to the request, and what it knows. Each request writes
 * a dozen of them. */
struct facts {
	struct work *work;
	const struct check *check;
	struct fact *list;
	const void *left; /* by ask(), for judge() */
	const struct verdict *verdict; /* NULL until judged */
	struct facts *next_telling; /* in table order */
	unsigned short number; /* in the table of checks */
	unsigned char tier;
	bool told; /* ask() has added all it wants */
	bool scouted; /* the scout has, or there is none */
	bool went; /* it has asked something */
	bool judged_late; /* by what had come when the deadline passed */
};

struct charge {
	struct charge *next;
	const struct check *check;
	void *data;
	unsigned number; /* of the check, in their table */
};

/* A scope that is looked for, see scoping.c. */
struct wanted {
	const char *address;
	uint64_t number; /* of that, for scope_expect_more() */
	const struct scope *scope; /* NULL: not found yet */
	const struct question *question; /* to ask for it, NULL: none */
	struct asked *asked; /* for it, NULL: nothing */
};

enum { ADDRESSES = OF_SENDER + 1 }; /* those of enum whose that have one */

struct work {
	struct engine *engine;
	struct request *req;
	struct store *store;
	struct session *session; /* NULL when it has left */
	struct transaction *transaction;
	struct transaction *visit; /* NULL: no check would charge it */
	engine_done *done;
	engine_explained *explained; /* a dry run when not NULL */
	void *data;

	struct wanted wanted[ADDRESSES];
	const struct scope *server; /* for all that have no address */
	uint64_t scoping_ms; /* when that began */
	bool sought; /* they were looked for in memory */
	bool scoped; /* all are found, and the checks chosen */
	bool may_charge; /* one of its checks */
	enum tier tier;
	struct facts *parts, *end; /* by tier, each tier in table order */
	struct facts *first; /* of this tier */
	struct facts *telling; /* the first whose verdict says something */
	struct facts *scouts; /* from here on; NULL until they have begun */
	uint64_t scouting_since_ms;
	struct asked *asked;
	struct charge *charges, *visit_charges;
	unsigned in_flight;
	bool late; /* the deadline passed before all was known */
	bool replied;

	struct work *earlier, *later; /* of those that wait for answers */
	uint64_t due_ms; /* while it `waits` */
	bool waits;
	struct timer patience;
	uint64_t started_us, took_us;
	struct decision decision;
	struct facts *deciding; /* NULL: nobody objected */
};

/* Where questions go: a request's, or an errand's. */
struct questions {
	struct facts *facts; /* NULL on an errand */
	struct errand *errand; /* NULL when asking */
	bool added;
	bool ahead; /* a scout asks */
};

/* What is done about its verdict. */
static inline const struct policy *
facts_policy(const struct facts *f)
{
	return f->verdict && f->verdict->policy
	    ? f->verdict->policy
	    : check_policy(f->check, f->work->req);
}

/* questions.c */
extern const struct answer late_answer; /* what the deadline makes of all */
void facts_ask(struct facts *f); /* ask() until it adds nothing */
void facts_scout(struct facts *f); /* the same of its scout */
/* Asks, unless an equal one was asked. `q` is in the request's arena. */
struct asked *work_ask(struct work *w, const struct question *q);

/* scoping.c: true when it is known what holds for the request, and which checks
 * it meets. Before that it hears of the request once as soon as its attributes
 * are known, and once some time before it is asked. */
bool work_scoped(struct work *w);
void work_expect(struct work *w);
void work_expect_more(struct work *w);

/* engine.c */
void work_choose(struct work *w); /* its checks */

/* choose.c: the checks that may apply to a request, as it begins with them; of
 * the others none does. */
struct choice {
	struct facts *parts; /* in their order */
	unsigned count;
	bool sure; /* they do, unless the client is allowed */
	bool may_charge, may_charge_visits, hears_of_refusals; /* one of them */
};
const struct choice *choice_of(const struct engine *e, const struct request *r);
bool check_applies(const struct check *c, const struct request *r);
bool choose_parts(struct work *w); /* true: one of them charges visits */
void choose_for(struct engine *e); /* its configuration, a new one */

/* walk.c */
void work_walk(struct work *w); /* on, as far as the answers reach */
void work_answered(struct work *w); /* one has come */
void work_late(struct work *w); /* its deadline has passed */
void work_repeat(struct work *w); /* decided as the one before */
void tell_watcher(const struct facts *f, const struct verdict *v);

/* deadline.c: when it passes, work_late() is called. */
void deadline_wait(struct work *w); /* begins, unless it has begun */
void deadline_end(struct work *w); /* it need not wait any more */
void deadline_passed(struct timer *t); /* of some of the engine's */

/* settle.c */
void end_transaction(struct engine *e, struct transaction *t,
    enum outcome outcome, const struct request *end);
void leave_transaction(struct engine *e, struct transaction **place);
/* A request's charges go to its transaction, or back when it was refused. */
void hand_over_charges(struct work *w);

/* When the last answer has come: checks that charge are asked together with
 * the one that refused, and answers may come after the deadline. They are
 * looked at once more for what they took, and whether somebody should hear of
 * it: Redis says so once. */
void find_late_charges(struct work *w);

/* errand.c: of those that are in the list and of this check. */
void errand_settle(struct engine *e, const struct check *check,
    const struct charge *list, const struct ending *ending);
void errand_refused(const struct work *w);
/* `q` is in the errand's arena. */
void errand_ask(struct errand *errand, const struct question *q);
bool errand_need_not_ask(struct errand *errand, const struct question *q);
struct arena *errand_arena(struct errand *errand);

/* report.c: the decision line. */
void report(const struct work *w);

/* scout.c */
void scout_begin(struct work *w); /* those of this tier and behind it */
void scout_ahead(struct work *w); /* all of them, as far as answers are here */
/* The check need not wait for its scout; else the request goes on when it need
 * not. */
bool scout_done(struct work *w, const struct facts *f);
void scout_behind(struct work *w); /* on, after the reply */
void scout_impatient(struct timer *patience);

/* mark.c: keeps those of the request (of a dry run only shows it), and puts the
 * next one of its message into the decision. */
void mark_find(struct work *w);
void mark_give(struct work *w);

/* expand.c: fills w->decision.reply from the reply's template. */
void expand(struct work *w, enum reply_name name);
void expand_id(struct work *w, uint64_t number);

#endif
