/*
 * bill - what a transaction has charged, until it is settled
 *
 * Its meters are those of the first charge, whatever a reload makes of the
 * limits meanwhile. What counts in the end is what Postfix has then: so many
 * recipients, so many bytes.
 */
#ifndef CHECKS_BILL_H
#define CHECKS_BILL_H

#include "engine/check.h"
#include "rate/rate.h"

struct named;

struct bill {
	struct meters meters;
	const char *context; /* the policy_context of the first charge */
	bool at_once; /* counted when charged: settle = rcpt */
	bool twice; /* a recipient was named twice */
	bool over; /* one was over a limit, and passed: observed */
};

/* What the requests before have charged. */
struct billed {
	struct bill *bill; /* NULL: there was none */
	struct named *named; /* the recipients */
	struct amounts sum;
};
struct billed bill_before(const struct facts *f);

/* Whose charge there is already. `again` when the same list asked about him
 * before: then he was named twice, else several lists ask. */
bool bill_has(const struct billed *before, const struct facts *f,
    const char *name, const char *context, bool *again);

/* One charge more; the first begins a bill. `name` is the recipient, NULL when
 * it is about none. A lease of 0 is what this policyd counts alone. */
void bill_charge(const struct facts *f, const struct billed *before,
    const struct bill *begin, const char *name, const char *context,
    const struct rate_open *open);

/* How many recipients a message has at its end. Postfix counts those that were
 * named twice twice; it delivers to them once. */
int64_t bill_recipients(const struct bill *b, const struct named *named,
    const struct request *end, bool repeated);

/* A number of Postfix' that fits a meter. */
int64_t bill_number(const char *text);

/* What the check says then. */
void bill_settle(void *const *data, size_t count, const struct ending *end,
    struct questions *qs);

#endif
