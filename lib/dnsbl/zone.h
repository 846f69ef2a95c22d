/*
 * zone - what is known of one DNS list
 *
 * Whether it may be asked now, and why not; it hears what became of each
 * question, probes itself, and says in the log when that changes.
 */
#ifndef DNSBL_ZONE_H
#define DNSBL_ZONE_H

#include "base/clock.h"
#include "conf/dnsbl.h"
#include "dnsbl/probe.h"
#include "dnsbl/share.h"
#include "dnsbl/zones.h"

enum {
	ZONE_ROW = 10, /* questions without an answer: it is silent */
	ZONE_SILENT_MS = 5 * 1000, /* between probes of such a one */
	ZONE_OFF_MS = 10 * 1000, /* of one that is off; each time twice that */
	ZONE_OFF_MOST_MS = 10 * 60 * 1000
};

/* The same for all lists. */
struct zone_rules {
	struct clock *clock;
	struct store *dns;
	uint64_t seed; /* a number that no stranger knows */
	uint64_t deadline_ms, suspend_ms;
	unsigned suspend_above; /* percent */
};

struct zone {
	struct zone *next;
	const struct zone_rules *rules;
	void (*settled)(struct zone *); /* told: it is ZONE_PROBING no more */
	char *name;
	bool addresses, names; /* what it lists */
	struct dnsbl *entries; /* in the configuration */
	size_t entry_count;
	bool one; /* of them says that 127.0.0.1 is an answer */
	uint64_t probe_ms; /* while it is on; 0: never */
	bool kept; /* it stands there */
	unsigned holds; /* questions that still need it */
	struct passing *waiting; /* for the first probe */

	enum zone_state state;
	int64_t since; /* Unix seconds */
	uint64_t since_ms;
	char why[PROBE_WHY];
	unsigned row; /* of questions that nobody answered in time */
	uint64_t pause_ms; /* between probes while it is off */
	struct timer timer; /* the next probe */
	struct probe probe;
	uint64_t probed_ms;
	struct share share;
	uint64_t asked, listed, lost[LOSS_COUNT];
};

struct zone *zone_new(const char *name, const struct zone_rules *rules,
    void (*settled)(struct zone *));
void zone_free(struct zone *z); /* no probe is under way */

/* It has the entries that stand in the configuration now: what else was known
 * stays. Probed as soon as it must be. */
void zone_configure(struct zone *z);

/* No probe will follow. */
void zone_stop(struct zone *z);

/* What the answer to a question for `name` is worth. Nothing of it may be told
 * to who asked when there is a loss. */
struct ruling {
	enum loss loss;
	bool listed; /* as one of its entries says */
};
struct ruling zone_judge(
    struct zone *z, const struct question *q, const struct answer *answer);

/* Nobody answered a question in time. */
void zone_unheard(struct zone *z);

#endif
