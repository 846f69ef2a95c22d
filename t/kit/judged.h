/*
 * judged - a check as a function: a request and facts in, a verdict out
 *
 * The engine and the registers are played: what a check asks is written down,
 * and what the registers would say is put into `entry` and `load`. The lists
 * are real ones, and scopes are made by hand. Linking this takes the place of
 * the engine.
 */
#ifndef KIT_JUDGED_H
#define KIT_JUDGED_H

#include "engine/check.h"
#include "register/lists_build.h"
#include "register/register.h"
#include "scope/scope.h"

struct false_dns;
struct judged_charge; /* one */

enum { JUDGED_NOW = 1732190400, JUDGED_SLOTS = 256 };

struct judged {
	struct arena *arena;
	struct conf conf; /* empty but for the prefix, and that there are
			     tables of domains and mailboxes */
	struct settings set; /* everybody's */
	struct lists *lists; /* read just now, and empty */
	struct request req; /* RCPT from 192.0.2.7, port 40000 */

	/* What holds for jo@example.net, who is ours and exists; for the login,
	 * and for the sender, who are nobody. */
	struct scope recipient, login, sender;

	/* What is known. An answer says what `entry` and `load` say. */
	struct answer answers[JUDGED_SLOTS];
	const struct question *questions[JUDGED_SLOTS];
	struct register_entry entry;
	struct register_load load;
	unsigned served; /* sessions that visits_charged() knows */
	bool repeated; /* facts_repeated() */
	bool at_once; /* need_not_ask() */

	/* What was asked and charged; NULL, 0: nothing. */
	const char *asked; /* "SCRIPT WORD..." or "TYPE NAME" of each, "; "
			      between them */
	const char *asked_once;
	unsigned asks;
	const void *left; /* by ask(), for judge() */
	const struct check *left_by;
	void *charged; /* by this session */
	struct judged_charge *charges; /* by this transaction */
	struct judged_charge *new_charges; /* and by this request */
};

struct judged *judged_begin(void);
void judged_end(struct judged *s);

/* Of "user@domain", under the settings of all; not ours. */
struct scope judged_scope(struct judged *s, const char *address);

/* A table of one item, as in policyd.conf. */
const struct lookups *judged_table(struct judged *s, const char *item);

/* Puts a record into a list; see register/lists.h. */
void judged_list(struct judged *s, enum list_name which, const char *pattern,
    const char *record);

/* Everything asked so far is answered, or lost. */
void judged_answered(struct judged *s);
void judged_told(struct judged *s, const struct answer *a);
void judged_lost(struct judged *s, enum loss loss);

/* The request was accepted: what it charged is the transaction's. Otherwise it
 * gets it back. */
void judged_accepted(struct judged *s);
void judged_refused(struct judged *s);

/* ask(), until it adds nothing. */
void judged_ask(struct judged *s, const struct check *c);

/* The same, and all that it asks of the DNS is answered. Returns how often
 * there was something to answer. */
unsigned judged_look_up(
    struct judged *s, const struct check *c, const struct false_dns *d);

struct verdict judged_verdict(struct judged *s, const struct check *c);

/* "VERDICT [REPLY] [LOSS] NAME=VALUE...". */
const char *judged_says(struct judged *s, const struct check *c);

/* Another request: nothing was asked yet. */
void judged_anew(struct judged *s);

/* What settle() asks of the session's charge. */
const char *judged_settles(struct judged *s, const struct check *c);

/* And of what the transaction, or the request that was refused, charged. */
const char *judged_ends(
    struct judged *s, const struct check *c, const struct ending *ending);

/* What it asks when another check refused the request. */
const char *judged_hears(
    struct judged *s, const struct check *c, const struct check *by);

#endif
