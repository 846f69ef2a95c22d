/*
 * dnsbl_search - what DNS lists have about a request
 *
 * Its client, the name it greets with and the domain of its sender, each
 * looked for in the lists that are for them (RFC 5782). What is found out is
 * weighed; what follows from that is for others to say.
 */
#ifndef CHECKS_DNSBL_SEARCH_H
#define CHECKS_DNSBL_SEARCH_H

#include "conf/dnsbl.h"
#include "engine/check.h"

enum dnsbl_by { BY_CLIENT, BY_HELO, BY_SENDER };

/* A name to ask for. Several items may have it in common. */
struct dnsbl_name {
	const char *name, *zone; /* "7.2.0.192.bl.example", "bl.example" */
	enum dnsbl_by by;
	const char *domain; /* of the greeting or the sender; NULL: none */
};

/* An item of one of the lists in the configuration, and what came of it. */
struct dnsbl_item {
	const struct dnsbl *list;
	const struct dnsbl_name *of;
	const char *answer; /* the first that counts; NULL: none does */
};

struct dnsbl_search {
	size_t name_count, item_count;
	struct dnsbl_name *names;
	struct dnsbl_item *items;

	/* Of all that is known. */
	int64_t score; /* what lost answers might add is not in it */
	int64_t more, less; /* as much as that may be; `less` is negative */
	unsigned lost; /* names */
	enum loss loss; /* of the last of them */
};

/* In the request's arena; nothing is asked yet. */
struct dnsbl_search *dnsbl_search_of(const struct request *req);

/* True when it is for this item that somebody is listed. */
static inline bool
dnsbl_lists(const struct dnsbl_item *item)
{
	return item->answer && item->list->weight >= 0;
}

/* Asks whether they are listed. */
void dnsbl_search_ask(const struct dnsbl_search *s, struct questions *qs);

/* Asks those that list somebody for a text about that. */
void dnsbl_search_ask_why(const struct dnsbl_search *s, struct questions *qs);

/* Weighs the answers that are here; others count as lost. */
void dnsbl_search_weigh(
    struct dnsbl_search *s, struct arena *a, const struct facts *facts);

/* The first text, cut if it is long: any bytes. NULL: there is none. */
const char *dnsbl_search_why(
    const struct dnsbl_search *s, struct arena *a, const struct facts *facts);

#endif
