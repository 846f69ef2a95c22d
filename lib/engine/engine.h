/*
 * engine - a request walks the tiers
 *
 * LOCAL, REGISTERS, DNS, COUNTERS: in each tier every check that applies is
 * asked at once; the first refusal in table order wins, whichever answer came
 * first. A request has one deadline; when it passes, lost answers are UNKNOWN
 * and the reply leaves. Answers that come later are taken and forgotten.
 *
 * Nothing here knows sockets: bytes come through lib/wire, time from a clock,
 * answers from a store.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/histogram.h"
#include "engine/check.h"

struct engine;
struct clock;
struct lists;
struct scopes_counts;
struct scopes_known;
struct transaction;
struct work;

/* What one policy connection is in the middle of. Embed it, zeroed; only the
 * engine looks inside. */
struct session {
	struct transaction *transaction;
	struct transaction *visit; /* the SMTP session */
	struct work *work; /* the request in work, NULL when none */
};

enum { DECISION_ID = 8 + 1 };

/* What was said, and why. Lives as long as the request's arena. */
struct decision {
	const struct check *check; /* that decided; NULL: nobody objected */
	const struct verdict *verdict; /* its word; NULL without one */
	struct reply reply; /* of a refusal: expanded, one printable line */
	enum reply_name name; /* which one that is, unless repeated */
	bool refused;
	const char *mark; /* when not refused: a header to PREPEND; or NULL */
	bool repeated; /* asked again by another Postfix list: same answer */
	char id[DECISION_ID]; /* in the log and by option in the reply */
};

/* One check's part in a decision, for explain. */
struct finding {
	const struct check *check;
	enum mode mode;
	bool applies; /* stage, class, mode and allow list */
	bool judged; /* never one whose mode is off */
	struct verdict verdict;
};

/* Told once; may be called before engine_ask() returns. The request and all
 * of it are gone when `done` returns, unless answers are still on their way,
 * which is not the caller's concern. */
typedef void engine_done(void *data, const struct decision *d);

/*
 * `checks` is NULL-terminated, in the order in which verdicts count. `store`
 * and `conf` may be changed later; requests under way keep what they began
 * with. The engine holds a reference to `conf`.
 */
struct engine *engine_new(struct clock *clock,
    const struct check *const *checks, struct store *store, struct conf *conf);
void engine_configure(struct engine *e, struct conf *conf, struct store *store);
struct conf *engine_conf(const struct engine *e);
struct store *engine_store(const struct engine *e);

/* The cluster's lists, from now on; takes the reference over. */
void engine_lists(struct engine *e, struct lists *lists);
struct lists *engine_known_lists(const struct engine *e); /* or NULL */

/* Takes over the request and its arena. */
void engine_ask(struct engine *e, struct session *s, struct request *r,
    engine_done *done, void *data);

/* The policy connection is gone: its transaction ends, a request of it still
 * in work is judged to its end, but `done` is not called any more. */
void engine_leave(struct engine *e, struct session *s);

/* Told of every verdict with an event, whatever is decided in the end; not in
 * dry runs. All of it is gone when `told` returns. */
typedef void engine_event(void *data, const struct request *r,
    const struct check *c, const struct verdict *v, enum mode mode);
void engine_watch(struct engine *e, engine_event *told, void *data);

/* A dry run: nothing is written, nothing logged; `findings` has `count` rows,
 * one for each check, and lives as long as the request. */
typedef void engine_explained(void *data, const struct request *r,
    const struct decision *d, const struct finding *findings, size_t count);
void engine_explain(
    struct engine *e, struct request *r, engine_explained *done, void *data);

/* Requests not answered, and questions not answered. */
unsigned engine_in_work(const struct engine *e);
unsigned engine_in_flight(const struct engine *e);

/* Frees it; everything in work must have ended (engine_in_flight() == 0). */
void engine_free(struct engine *e);

struct engine_counts {
	uint64_t requests;
	uint64_t by_class[3]; /* inbound, authenticated, trusted */
	uint64_t by_stage[3][STAGE_COUNT]; /* of each class */
	struct histogram times; /* from request to reply */
	uint64_t late; /* requests whose deadline passed */
	uint64_t repeated; /* answered as the same request just before */
	uint64_t transactions, committed, released;
};
const struct engine_counts *engine_counts(const struct engine *e);

/* Of the addresses whose settings were looked up. */
/* Domains and mailboxes, for those who ask about them without a request. */
struct scopes_known *engine_scopes(const struct engine *e);
struct scopes_counts engine_scopes_counts(const struct engine *e);

/* Of check number `i`: verdicts by kind, for each mode. */
struct check_counts {
	uint64_t verdicts[4]; /* enum verdict_kind, enforced */
	uint64_t observed[4]; /* the same under observe */
	uint64_t refused; /* replies sent, on_failure = defer included */
	uint64_t replies[REPLY_COUNT]; /* which ones */
	uint64_t committed, released; /* transactions that it charged */
	uint64_t marked; /* messages */
};
const struct check_counts *engine_check_counts(
    const struct engine *e, size_t i);

#endif
