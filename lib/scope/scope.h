/*
 * scope - what holds for an address: the server, its domain, its mailbox
 *
 * Every setting that a domain or a mailbox may have can stand in policyd.conf
 * and in Redis, where panels, webmail and policyctl write it:
 *
 *     policyd:domain:{DOMAIN}        hash OPTION -> VALUE, "greylist.mode" off
 *     policyd:mailbox:{DOMAIN}:USER  the same, and `alias` -> other addresses
 *     policyd:deny:{DOMAIN}          hash SENDER -> "TIME [allow] [forced]"
 *     policyd:deny:{DOMAIN}:USER     the same
 *
 * That such a key exists says besides that the domain is ours, or that the
 * address exists, where local_domains, mailboxes and aliases have "redis:".
 *
 * An address is looked up as "user@domain" in lower case, without a dot behind
 * the domain and without +extension. An alias that leads to one address of
 * ours has the settings and the deny lists of the mailbox there.
 */
#ifndef SCOPE_SCOPE_H
#define SCOPE_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ask/ask.h"
#include "conf/layers.h"

struct arena;
struct clock;
struct conf;

/* Does not change; as long as the arena it was found for. */
struct scope {
	const struct settings *set; /* all layers; never NULL */
	const struct settings *domain_set; /* without those of the mailbox */

	bool local; /* the domain is ours */
	bool known; /* and the address exists: a mailbox, an alias, or the
		       table has all of the domain */
	bool is_alias;

	/* That Redis has such a list, of the domain and of the mailbox. */
	bool domain_denies, mailbox_denies;

	/* LOSS_NONE, or why nobody could say what Redis has: then only the file
	 * counts. A last copy that is older than it should be is better. */
	enum loss loss : 8;

	const char *address; /* "" when there is none */
	const char *user, *domain; /* its parts; a domain alone has no user */
	const char *mailbox; /* whose settings these are: `address`, or where
				an alias leads; "user@domain" */

	size_t target_count;
	const char *const *targets; /* of an alias, in lower case */

	const struct layer *layers[LAYERS];
};

/* The server's settings; no address. In `a`. */
const struct scope *scope_server(struct arena *a, const struct conf *conf);

/* True when the domain of `address`, or a domain alone, may be ours; what
 * local_domains says without Redis. */
bool scope_may_be_local(const struct conf *conf, const char *address);

/* "User+x@Example.COM." as "user@example.com", with `realm` behind one that has
 * no domain. In `a`. */
const char *scope_address(
    struct arena *a, const char *address, const char *realm);

/*
 * What is known of domains and mailboxes: a copy in memory of those that were
 * asked for, each half a second old at most; while Redis tells of changes, of
 * those that have not changed. As many as 25 MB hold, some hundred thousand:
 * the longest unused goes first. When Redis does not answer, an older copy
 * stays in force.
 */
struct scopes_known;

struct scopes_known *scopes_known_new(struct clock *clock);
void scopes_known_free(struct scopes_known *k); /* NULL is fine */

/* Hears of changes from `store` from now on, which must live until this is
 * called with another one. NULL: from nobody. Keys begin with `prefix`. */
void scopes_known_watch(
    struct scopes_known *k, struct store *store, const char *prefix);

/* After a reload: the settings are merged anew, what Redis said stays. */
void scopes_known_configure(struct scopes_known *k);

/*
 * The scope of an address (as scope_address() gives it; "": the server's).
 * False when Redis must be asked before: then `q` is what to ask, with words in
 * `a`; hand the answer to scope_learn() and look again. That ends: an alias is
 * followed at most SCOPE_HOPS times, and what was asked after `since_ms` is not
 * asked again. That is the clock's, when whoever asks began to: a copy that was
 * good then is good for him, however long Redis takes.
 */
enum { SCOPE_HOPS = 4 };
bool scope_find(struct scopes_known *k, struct arena *a, struct conf *conf,
    const char *address, uint64_t since_ms, const struct scope **out,
    struct question *q);

/*
 * Who knows some work ahead that he will call scope_find() need not wait for
 * memory: scope_expect() has what is known of an address looked for, and, with
 * the number it returned, scope_expect_more() has it fetched. Both take no
 * time; something else should be done between them, and behind them.
 */
uint64_t scope_expect(const struct scopes_known *k, const char *address);
void scope_expect_more(const struct scopes_known *k, uint64_t number);

/* True when a copy as good as that says that the domain of `address` is none of
 * ours. False says nothing. */
bool scope_is_strange(const struct scopes_known *k, struct conf *conf,
    const char *address, uint64_t since_ms);

/* `q` is one from scope_find(). */
void scope_learn(struct scopes_known *k, const struct question *q,
    const struct answer *answer);

struct scopes_counts {
	uint64_t hits, misses, stale; /* looked up */
	unsigned size; /* domains and mailboxes in memory */
};
struct scopes_counts scopes_known_counts(const struct scopes_known *k);

/* -- deny lists -- */

/*
 * The entries of a sender in the lists that `recipient` has in Redis. One is an
 * address, its domain, also as "@domain", a parent of it as ".example" or a
 * user as "user@"; the first of these that a list has is its word. `script` is
 * NULL when there is nothing to ask: no list, none that decided_by lets speak,
 * or no sender.
 */
struct question deny_read(struct arena *a, const struct conf *conf,
    const struct scope *recipient, const char *sender);

/* One match: of which level, and what stands there. */
struct deny_match {
	enum level level;
	bool allow, forced;
	const char *entry; /* as it stands there; in the arena */
	int64_t since; /* 0: unknown */
};

/* There is no list at all, neither in the file nor, as far as is known, in
 * Redis: nobody is denied or allowed. */
bool deny_is_empty(const struct conf *conf, const struct scope *recipient);

/*
 * The entry that decides about `sender`: of the server's and the domain's and
 * the mailbox' tables in the file and, in `answer` (NULL: nothing was asked),
 * of those in Redis. Forced ones of the server, forced ones of the domain,
 * then mailbox, domain, server; of one level Redis' before the file's. False
 * when there is none. Nothing matches the null sender.
 *
 * `asks` is the mode of the check that wants to know: the lists of one that
 * only observes say nothing to one that is enforced.
 */
bool deny_decide(struct arena *a, const struct conf *conf,
    const struct scope *recipient, const char *sender,
    const struct answer *answer, enum mode asks, struct deny_match *out);

/* -- changing them, for policyctl and HTTP -- */

/* All addresses are as scope_address() gives them. */

/* Sets and unsets options of a domain ("example.com") or mailbox: `count`
 * pairs, SCOPE_SET at most; a value NULL takes the option away. The key exists
 * afterwards. Answer: 1 when it did not before, else 0; how many changed. */
enum { SCOPE_SET = 15 };
struct question scope_set(struct arena *a, const struct conf *conf,
    const char *address, const char *const *names, const char *const *values,
    size_t count);

/* And its deny list. Of a domain the mailboxes stay. Answer: 1 when it had
 * settings. */
struct question scope_delete(
    struct arena *a, const struct conf *conf, const char *address);

/* NULL when this option may have this value there, else what is wrong. */
const char *scope_check(
    struct arena *a, const char *address, const char *name, const char *value);

/* An entry of a deny list as it is kept; NULL when it cannot be one. */
const char *deny_entry(struct arena *a, const char *sender);

/* What a list has of an entry. Answer: 1 and what stands at it, or 0. */
struct question deny_get(struct arena *a, const struct conf *conf,
    const char *address, const char *entry);

/* What it has at all. Answer: how many entries, and DENY_LIST of them at most,
 * by name, a line "ENTRY TAB WHAT STANDS AT IT" each. */
enum { DENY_LIST = 1000 };
struct question deny_list(
    struct arena *a, const struct conf *conf, const char *address);

/* What stands at it. */
struct deny_match deny_says(
    struct arena *a, enum level level, const char *entry, const char *says);

/* `entry` is from deny_entry(). Answer: 1 when that changed something. */
struct question deny_add(struct arena *a, const struct conf *conf,
    const char *address, const char *entry, bool allow, bool forced);
struct question deny_del(struct arena *a, const struct conf *conf,
    const char *address, const char *entry);

extern const struct script *const scope_scripts[];

#endif
