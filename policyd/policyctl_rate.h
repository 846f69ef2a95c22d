/*
 * policyctl_rate - meters: whose they are, what they say, who set the limits
 *
 * The facts are those of rate/rate.h. A payer is who pays for what is sent: a
 * mailbox, a domain, all who log in, or a client. A gauge is one of its meters,
 * read.
 */
#ifndef POLICYD_POLICYCTL_RATE_H
#define POLICYD_POLICYCTL_RATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "policyctl_origin.h"
#include "rate/manage.h"
#include "rate/rate.h"

struct arena;
struct ctl;
struct door;
struct scope;

struct payer {
	enum rate_owner owner; /* of a client either, when a person named it */
	const char *name; /* "alice@example.com", "example.com", "server",
			     "192.0.2.1"; who has no domain "alice@(none)" */
	const char *domain, *user; /* as rate_key() wants them */
	const char *address; /* whose scope it has; "": the server's */
	const char *alias; /* that leads to it and was named; NULL: none */
	struct address client;
	const struct scope *scope; /* NULL: nobody looked */
};

struct gauge {
	struct meter meter; /* its limit 0: none */
	const char *name; /* of its owner, as a payer's */
	const char *label; /* "messages/1h" */
	struct origin from; /* of the limit, when there is one */
	const char *idle; /* why that does not hold; NULL: it does */

	bool there; /* Redis has it; else all that follows is 0 */
	bool unreadable; /* somebody else's value, which counts for nothing */
	struct rate_state is;
	int64_t at_most; /* is.used is no more */
	int64_t warned, refused; /* 0: never */
};

struct gauges {
	size_t count;
	struct gauge *items;
};

/* -- whose they are (policyctl_rate_who.c) -- */

/* USER@DOMAIN, USER, DOMAIN, @DOMAIN, "server", an address. EX_OK, or it was
 * said what is wrong. */
int payer_read(struct ctl *ctl, const char *text, struct payer *out);

/* Who logs in with that name. */
void payer_login(struct ctl *ctl, const char *text, struct payer *out);

/* As a person has to write it. */
const char *domain_name(struct arena *a, const char *domain);

/* Looks for what holds for them, as policyd would find it. Of a person's word
 * an alias is followed; of a key's owner it is not. */
void payer_find(struct ctl *ctl, struct door *d, struct payer *p);
void payers_scope(struct ctl *ctl, struct door *d, struct arena *a,
    struct payer *list, size_t count);

/* Who pays, and for what, by a key; false when it is none that policyd makes.
 * Several are of one meter of networks. */
bool payer_of_key(const struct ctl *ctl, struct arena *a, const char *key,
    struct payer *p, struct meter *m);

/* -- their meters (policyctl_rate_meters.c) -- */

/* Those with a limit. `all`: of a mailbox also what holds for it of its domain
 * and of the server. */
void gauges_limited(struct ctl *ctl, struct arena *a, const struct payer *p,
    bool all, struct gauges *out);

/* Adds those of its own that Redis has beside them. */
void gauges_scan(struct ctl *ctl, struct door *d, struct arena *a,
    const struct payer *p, struct gauges *list);

/* Of a gauge with a key, what is not read: its limit, if it has one, and who
 * set that. */
void gauge_complete(
    struct ctl *ctl, struct arena *a, const struct payer *p, struct gauge *g);

/* By name, owner, kind, window; those of one payer without the name. */
int gauge_compare(const struct gauge *a, const struct gauge *b);
void gauges_sort(struct gauges *list);

/* -- what they say (policyctl_rate_fetch.c) -- */

/* Reads them all. False without Redis. */
bool gauges_fetch(const struct ctl *ctl, struct door *d, struct arena *a,
    struct gauge *list, size_t count);

/* The same in two steps, as the second one costs Redis ten times the first:
 * all but `is`, which is in `there` as far as it can be seen; and that, of
 * rate_look()'s journal. */
bool gauges_glance(
    struct door *d, struct arena *a, struct gauge *list, size_t count);
bool gauges_look(struct door *d, struct arena *a, struct gauge *list,
    size_t count, struct word journal);

/* What may be sent, with what was granted; 0: no limit holds. */
int64_t gauge_limit(const struct gauge *g);
int64_t gauge_percent(const struct gauge *g); /* -1: no limit */
int64_t gauge_most_percent(const struct gauge *g); /* it is no more */

/* No more of it may be sent. */
bool gauge_is_full(const struct gauge *g);

/* Those of a login that let it send no more: of its own, its domain's and the
 * server's. False without Redis. */
bool gauges_full(struct ctl *ctl, struct door *d, struct arena *a,
    const char *user, struct gauges *out);

/* -- on paper (policyctl_rate_paper.c) -- */

/* One line of a table of meters of many, under this head. */
void gauge_head(void);
void gauge_row(const struct gauge *g);

/* The meters of one payer, and what else is to be said of them. */
void gauges_print(const struct gauges *list, int64_t now);

json_t *gauge_json(const struct gauge *g, int64_t now);
json_t *gauges_json(const struct gauges *list, int64_t now); /* an array */

/* So many, of that kind. */
const char *amount_text(struct arena *a, enum rate_kind kind, int64_t n);

/* -- commands -- */

int rate_show(struct ctl *ctl, int argc, char **argv);
int rate_list(struct ctl *ctl, int argc, char **argv);
int rate_top(struct ctl *ctl, int argc, char **argv);
int rate_change(struct ctl *ctl, int argc, char **argv);

#endif
