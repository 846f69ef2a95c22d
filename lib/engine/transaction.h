/*
 * transaction - all requests of one `instance`; private to the engine
 *
 * And, in the same way, all requests of one SMTP session, which is a client's
 * address and port: a visit. It has charges like a transaction, and never
 * commits.
 *
 * Found by instance and client, as the same smtpd process may ask over several
 * policy connections (one for each policy_context). It ends when a request at
 * END-OF-MESSAGE has passed (committed), or when every connection that took
 * part has gone on to another instance or closed (released). An idle client
 * keeps its last one, so it is small until it has something to keep.
 */
#ifndef ENGINE_TRANSACTION_H
#define ENGINE_TRANSACTION_H

#include "engine/work.h"

struct transactions; /* all of an engine */
struct transaction;

/* `seed` is a number that no stranger knows. */
struct transactions *transactions_new(uint64_t seed);
void transactions_free(struct transactions *all);

enum transaction_kind { TRANSACTION, VISIT };

/* The one of the request, a new one if need be; with a reference for the
 * caller. A request without an instance (or a port, which old versions of
 * Postfix do not tell) has one of its own. */
struct transaction *transaction_of(struct transactions *all,
    enum transaction_kind kind, const struct request *req, bool *is_new);

/* False for one of its own: no other request will find it. */
bool transaction_named(const struct transaction *t);

/* Visits and what has no name are not what an administrator would count. */
bool transaction_counts(const struct transaction *t);

/* A request of this visit has come. */
void visit_heard(struct transaction *visit, uint64_t now_ms);

/* How many visits were heard of since then, and have a charge of that check
 * that is `wanted`. */
unsigned visits_heard(const struct transactions *all, uint64_t since_ms,
    const struct check *check, bool (*wanted)(const void *data));

struct transaction *transaction_ref(struct transaction *t);

/* The last one out frees it; charges must have been taken before. */
void transaction_unref(struct transaction *t);

/* How many policy connections are in the middle of it. */
void transaction_join(struct transaction *t);
unsigned transaction_leave(struct transaction *t); /* those that are left */

/* Made at the first call: small for what is kept of answers, with more room
 * for what is charged. */
struct arena *transaction_arena(struct transaction *t);
struct arena *transaction_charge_arena(struct transaction *t);

/* It lives in the transaction's arena. */
void transaction_charge(struct transaction *t, struct charge *c);
struct charge *transaction_take_charges(struct transaction *t);

/* The data of the newest charge of that check, NULL when there is none. */
const void *transaction_charged(
    const struct transaction *t, const struct check *check);

/* And of all of them, the newest first, until `each` is false. */
void transaction_charged_each(const struct transaction *t,
    const struct check *check, bool (*each)(void *ctx, void *data), void *ctx);

/* After the end a charge that comes late is settled in the same way. */
void transaction_end(struct transaction *t, enum outcome outcome);
bool transaction_ended(const struct transaction *t, enum outcome *outcome);

/* Answers kept for all requests of it. */
const struct answer *transaction_recall(
    const struct transaction *t, const struct question *q);
void transaction_keep(
    struct transaction *t, const struct question *q, const struct answer *a);

/*
 * Marks of a message: one of each check, in the order in which they came. One
 * reply to Postfix has room for one, so the others wait for the next request.
 * `check` is told whose it is. NULL: none waits, or it has no name, and the
 * next request would get it again.
 */
void transaction_mark(
    struct transaction *t, const struct check *check, const char *mark);
const char *transaction_next_mark(
    struct transaction *t, const struct check **check);

/* The last decision of a transaction, for the same request by another list. */
bool transaction_repeat(struct transaction *t, const struct request *req,
    uint64_t now_ms, struct decision *d);
bool transaction_repeated(const struct transaction *t); /* it ever was true */
void transaction_decided(struct transaction *t, const struct request *req,
    uint64_t now_ms, const struct decision *d);

#endif
