/*
 * zones - DNS lists, as far as they can be trusted
 *
 * A store in front of the DNS, for questions that have a zone. A list that lies
 * costs mail, and a dead one time; so what a list answers, and whether it does,
 * decides what becomes of the next question:
 *
 *     probing     after the start, until the first probe is answered: questions
 *                 wait for it, within their deadline
 *     on          they go to the DNS
 *     off         it gave an answer that no sane list gives, or failed a probe:
 *                 lost, until a probe finds it sane
 *     silent      ZONE_ROW questions in a row, or the first probe, had no
 *                 answer in time: lost at once, until a probe has one
 *     suspended   it lists more of our clients than it may: lost for a while,
 *                 then it is probed
 *
 * A question is answered within the lists' deadline, or that of the DNS if it
 * is shorter; a later answer fills the cache of the DNS. An answer that no sane
 * list gives is lost, whatever the state. LOSS_LIST is a list that cannot be
 * trusted, LOSS_DOWN one that is silent.
 *
 * Each change is logged once. What is known stays over a reload.
 */
#ifndef DNSBL_ZONES_H
#define DNSBL_ZONES_H

#include "ask/ask.h"

struct clock;
struct conf;
struct zones;

/* Asks `dns`; no list is known yet. */
struct zones *zones_new(struct clock *clock, struct store *dns);
struct store *zones_store(struct zones *z);

/* From now on, the lists of `conf`. Those that are new are probed. */
void zones_configure(struct zones *z, const struct conf *conf);

/* Before the DNS is closed: no more probes, and who waits for one is told
 * LOSS_DOWN, soon. */
void zones_stop(struct zones *z);

/* After it was closed: nothing may be in flight. NULL is fine. */
void zones_free(struct zones *z);

enum zone_state {
	ZONE_PROBING,
	ZONE_ON,
	ZONE_OFF,
	ZONE_SILENT,
	ZONE_SUSPENDED,
	ZONE_STATES
};
const char *zone_state_name(enum zone_state s); /* "suspended" */

/* Questions for TXT are not counted: they follow those that found something. */
struct zone_view {
	const char *name;
	enum zone_state state;
	int64_t since; /* Unix seconds */
	const char *why; /* it is not on; else "" */
	uint64_t asked, listed;
	const uint64_t *lost; /* by enum loss */
};

/* The lists one by one, in the order in which they stand in the configuration:
 * false behind the last. Good until the loop turns. */
bool zones_view(const struct zones *z, size_t i, struct zone_view *out);

#endif
