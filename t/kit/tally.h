/*
 * tally - meters, charged and settled on virtual time
 *
 * The questions are those of lib/rate, the script runs in the false Redis.
 */
#ifndef KIT_TALLY_H
#define KIT_TALLY_H

#include "kit/false_redis.h"
#include "rate/manage.h"
#include "rate/rate.h"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400, NOON = 1732190400 };

struct tally {
	struct ticket ticket; /* first */
	struct arena *arena;
	struct clock *clock;
	struct false_redis *redis;
	struct store *store; /* that is charged and settled: its own */
	struct meter items[METERS];
	struct meters meters;
	int64_t lease; /* of charges: 15 minutes; 0 counts at once */
	bool blind; /* nobody tells questions what time it is */
	bool alone; /* without Redis it may be charged elsewhere */

	/* The last answer. */
	bool told;
	bool answered; /* false: it was lost, or cannot be read */
	enum loss loss;
	struct answer raw; /* its texts are of `arena` */
	struct rate_result did;
	struct rate_state is[METERS];
};

struct tally *tally_begin(void);
void tally_end(struct tally *t);

void tally_wait(struct tally *t, int64_t seconds);
int64_t tally_now(const struct tally *t); /* Redis' */

/* One meter more: of alice@example.com, or of whom `owner` says. Warns at 80
 * percent. Returns its key. */
const char *tally_meter(struct tally *t, enum rate_owner owner,
    enum rate_kind kind, int64_t count, int64_t seconds);

/* Of each kind: messages, recipients, bytes. True when it is charged. */
bool tally_charge(
    struct tally *t, int64_t messages, int64_t recipients, int64_t bytes);
bool tally_try(struct tally *t, const struct amounts *n, const char *network);
bool tally_dry(struct tally *t, const struct amounts *n, const char *network);

/* One message to one recipient, and what is said about it when it is over. */
bool tally_open(struct tally *t);
void tally_commit(struct tally *t, int64_t lease);
void tally_release(struct tally *t, int64_t lease);
bool tally_send(struct tally *t); /* opens and commits at once */

void tally_settle(struct tally *t, const struct amounts *sent,
    const struct rate_open *open, size_t count);

/* The state of the first meter, or of them all in `is`. */
const struct rate_state *tally_look(struct tally *t);
void tally_grant(struct tally *t, unsigned meter, int64_t n, int64_t until);
int64_t tally_reset(struct tally *t, bool all);

/* Waits for the answer, half a second at most. */
void tally_ask(struct tally *t, struct store *store, const struct question *q);

/* The reply to a command, as one text. */
const char *tally_do(struct tally *t, const char *const *words);
#define TALLY_DO(t, ...) tally_do(t, (const char *const[]){ __VA_ARGS__, NULL })

/* A field of a hash, "" when there is none; a key's seconds, as TTL says. */
const char *tally_field(struct tally *t, const char *key, const char *field);
int64_t tally_ttl(struct tally *t, const char *key);

#endif
