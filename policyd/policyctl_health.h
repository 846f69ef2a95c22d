/*
 * policyctl_health - what can be found out within a few seconds
 */
#ifndef POLICYD_POLICYCTL_HEALTH_H
#define POLICYD_POLICYCTL_HEALTH_H

#include "policyctl_census.h"
#include "policyctl_probe.h"
#include "policyctl_redis.h"

/* What of Redis' INFO is worth a look; the names are ours, in JSON too. */
enum fact_form { FACT_TEXT, FACT_NUMBER, FACT_SPAN, FACT_SIZE };

struct fact {
	const char *name, *info;
	enum fact_form form;
	const char *wanted; /* the one good value; NULL: any */
};

enum { FACTS = 7 };
extern const struct fact facts[FACTS];

/* A register or list, and how many stand in it. */
struct holding {
	const char *name;
	bool known;
	int64_t count; /* of a register, those listed at this moment */
};

enum { HOLDINGS = 7 };

/* A policyd somewhere, as it last published itself. */
struct peer {
	const char *host;
	struct node fields; /* names and values in turn */
};

struct health {
	const char *where; /* Redis */
	const char *trouble; /* with it; NULL: none */
	bool own_child;
	int64_t ping_us;
	const char *facts[FACTS]; /* NULL: not known */
	struct census census;
	struct holding holdings[HOLDINGS];
	size_t peer_count;
	struct peer peers[CENSUS_NODES];
	const char *listen; /* of the daemon here; NULL: not known */
	struct probe daemon;
};

void health_take(struct health *h, struct ctl *ctl);

#endif
