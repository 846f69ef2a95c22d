/*
 * check - what a rule is
 *
 * ask() says what a check must know, judge() turns facts into a verdict.
 * Neither does I/O, reads a clock or keeps state, so a test is a call. ask()
 * is called again as answers come in, until it adds nothing. judge() is called
 * when no question of the check is open, or when the request's deadline has
 * passed and the open ones are LOST.
 */
#ifndef ENGINE_CHECK_H
#define ENGINE_CHECK_H

#include "ask/ask.h"
#include "conf/conf.h"
#include "conf/replies.h"
#include "engine/request.h"

/* Cheapest first; a later tier is asked only when the earlier ones pass. Only
 * COUNTERS may write: Redis holds the earlier ones to it (EVALSHA_RO). */
enum tier { TIER_LOCAL, TIER_REGISTERS, TIER_DNS, TIER_COUNTERS, TIER_COUNT };

const char *tier_name(enum tier t);

enum verdict_kind {
	VERDICT_PASS,
	VERDICT_EXEMPT, /* the rest does not apply */
	VERDICT_REFUSE,
	VERDICT_UNKNOWN /* an answer was lost: on_failure decides */
};

const char *verdict_name(enum verdict_kind k);

/* What the administrator should see about a verdict; `text` NULL: a number. */
struct detail {
	const char *name;
	const char *text;
	int64_t number;
};

enum { VERDICT_DETAILS = 8 };

struct verdict {
	enum verdict_kind kind;
	enum reply_name reply; /* of REFUSE */
	enum loss loss; /* of UNKNOWN */
	bool in_dns; /* of UNKNOWN: not Redis but the DNS lost it */
	const struct policy *policy; /* whom it is of; NULL: check_policy() */
	const char *event; /* "rate_near": somebody should hear of it at once;
			      NULL: nobody */
	const char *mark; /* a header for the message; NULL: none */
	unsigned count;
	struct detail details[VERDICT_DETAILS];
};

struct verdict verdict_pass(void);
struct verdict verdict_exempt(void);
struct verdict verdict_refuse(enum reply_name reply);
struct verdict verdict_unknown(const struct answer *lost);

/* What Redis has of an address (its scope) is not to be had: scope->loss. */
struct verdict verdict_lost(enum loss loss);

/* The same of the DNS. */
struct verdict verdict_not_found_out(enum loss loss);

/* The texts live in the request's arena or for ever. */
void verdict_text(struct verdict *v, const char *name, const char *text);
void verdict_number(struct verdict *v, const char *name, int64_t number);

/*
 * A message of which this is said gets `header`, "Name: value", in printable
 * ASCII: Postfix is told to PREPEND it. Of PASS only. A check marks a message
 * once, however many recipients it has; what the first of them says counts.
 */
enum { MARK_TEXT = 990 }; /* bytes at most; a line has 998 (RFC 5322, 2.1.1) */
void verdict_mark(struct verdict *v, const char *header);

/*
 * Answers so far. A slot is the check's own small number for a question; an
 * unasked one is an answer with state UNASKED. Never NULL.
 */
struct facts;
const struct answer *facts_get(const struct facts *f, unsigned slot);

/*
 * Where ask() puts its questions. A question that stands in a slot already is
 * not asked again, so ask() may simply repeat itself; one that works hard to
 * find its words looks first whether facts_get() is still UNASKED. Equal
 * questions of several checks are asked once. The words must live in the
 * request's arena.
 */
struct questions;
void ask_script(struct questions *qs, unsigned slot, struct question q);

/* The same of one that is in the request's arena itself, as its words are, and
 * not used for anything else: it need not be copied. */
void ask_prepared(struct questions *qs, unsigned slot, struct question *q);

/* In settle() and refused(): true when that was all, since what is asked need
 * not wait for Redis. Its words need not outlive this. */
bool need_not_ask(struct questions *qs, const struct question *q);

/* The same, and a known answer is kept for all requests of the transaction.
 * Not for questions that write. */
void ask_once(struct questions *qs, unsigned slot, struct question q);

/* For a question that several checks have, whose words follow from the request:
 * true when one of them asked `script` already, and then its answer is that in
 * this slot, too. Saves finding the words again. */
bool ask_shared(
    struct questions *qs, unsigned slot, const struct script *script);

/* What ask() found out on its way, and judge() would have to find again: one
 * thing, in the request's arena. NULL: nothing was left. */
struct check;
void facts_leave(struct questions *qs, const void *found);
const void *facts_left(const struct facts *f);

/* And what another check's ask() left for the same request: NULL when it does
 * not apply, or has not asked yet. */
const void *facts_left_by(const struct facts *f, const struct check *other);

/* For words of questions: lives until they are answered. */
struct arena *questions_arena(struct questions *qs);

/* What became of what was charged. */
enum outcome {
	COMMITTED, /* END-OF-MESSAGE passed */
	RELEASED, /* without: new instance, closed connection, shutdown */
	REFUSED, /* the request that charged it was, and nothing has ended */
	OUTCOMES
};

struct ending {
	enum outcome outcome;
	const struct request *by; /* that committed it; NULL when none did, or
				     the charge came late */
	bool repeated; /* facts_repeated() */
};

/*
 * Called from judge() when the facts say that something was charged:
 * remembers `data`, which must live in charge_arena(), until the check's
 * settle() is told. That is once at the end of the transaction, for all that
 * its requests charged, or at once when a request was refused after all, for
 * what that one did: refused attempts cost nothing. A check that charges is
 * therefore judged even when another one has decided, and its judge() must do
 * no more than look.
 */
struct arena *charge_arena(const struct facts *f);
void charge(const struct facts *f, void *data);

/* Calls `each` for what earlier requests of the transaction charged for this
 * check, the newest first, until it is false. What was refused is not among
 * them. */
void charged_each(
    const struct facts *f, bool (*each)(void *ctx, void *data), void *ctx);

/* True when a request of the transaction was answered like the one before it:
 * Postfix has several lists, or a recipient was named twice. How many
 * recipients Postfix counts in the end may be too many then. */
bool facts_repeated(const struct facts *f);

/* The same for what lasts as long as the SMTP session: a refusal does not give
 * it back, and it is always RELEASED. `data` lives in visit_arena(). Sessions
 * are followed for checks with CHARGES_VISITS only. */
struct arena *visit_arena(const struct facts *f);
void charge_visit(const struct facts *f, void *data);

/* What an earlier request of the session charged for this check; NULL: none
 * did. */
const void *visit_charged(const struct facts *f);

/* How many sessions have charged what is `wanted` for this check, of those
 * heard of in the last `within_ms`. */
unsigned visits_charged(const struct facts *f, uint64_t within_ms,
    bool (*wanted)(const void *data));

enum check_flags {
	SKIPS_ALLOWED = 1 << 0, /* a client on the allow list is not asked */
	CHARGES_VISITS = 1 << 1, /* only one that says so may charge_visit() */
	OWN_POLICY = 1 << 2 /* goes by several scopes: is judged whatever its
			       mode is, and a verdict says whose counts */
};

struct check {
	const char *name; /* in config, log, metrics and replies alike */
	unsigned stages; /* enum stage, or-ed */
	unsigned classes; /* enum request_class, or-ed */
	enum tier tier;
	unsigned flags;
	enum whose whose; /* settings say what it does */
	size_t policy; /* offsetof(struct settings, NAME.policy) */
	void (*ask)(const struct request *req, const struct facts *facts,
	    struct questions *qs); /* NULL: judges by the request alone */
	struct verdict (*judge)(
	    const struct request *req, const struct facts *facts);

	/* Told what became of what it charged: of `count` charges, the newest
	 * first. Nobody waits for the answers; what is lost must end by itself
	 * in Redis. Words of its questions go to questions_arena(). NULL when
	 * nobody need be told. */
	void (*settle)(void *const *data, size_t count,
	    const struct ending *end, struct questions *qs);

	/* Told of each recipient that `by` (itself, maybe) refused, whichever
	 * tier that was, when the check applies to the request. Not in dry
	 * runs, not again for one that is repeated, and not when an answer was
	 * lost: then nobody knows what is wrong with it. Nobody waits for the
	 * answers. NULL when it does not mind. */
	void (*refused)(const struct request *req, const struct check *by,
	    struct questions *qs);

	const struct script *const *scripts; /* NULL-terminated, or NULL */

	/*
	 * Goes ahead: asks like ask(), but already beside TIER_DNS, and again
	 * as its answers come in, until it adds nothing. Only then ask() is
	 * called, in its own tier; or when `patience` (an offset like `policy`,
	 * of milliseconds) is over since the scout was first asked, because
	 * nobody waits longer for it: what is known by then must do. If the
	 * check was judged, what comes later, even after the reply, is told to
	 * the scout as well, until the request's deadline; then it may ask what
	 * writes, too. Not so in dry runs, nor when it has asked nothing
	 * before. Its slots are its own, what was left (facts_leave()) is
	 * shared. NULL: it has none.
	 */
	void (*scout)(const struct request *req, const struct facts *facts,
	    struct questions *qs);
	size_t patience;
};

static inline const struct policy *
check_policy_in(const struct check *c, const struct settings *set)
{
	return (const struct policy *)((const char *)set + c->policy);
}

/* What the check does about this request. */
static inline const struct policy *
check_policy(const struct check *c, const struct request *r)
{
	return check_policy_in(c, r->sets[c->whose]);
}

#endif
