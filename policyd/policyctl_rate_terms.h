/*
 * policyctl_rate_terms - what the words of `rate` mean
 */
#ifndef POLICYD_POLICYCTL_RATE_TERMS_H
#define POLICYD_POLICYCTL_RATE_TERMS_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"

struct gauge;

/* "messages", "messages/1h"; {0}: any. */
struct meter_wish {
	bool by_kind, by_window;
	enum rate_kind kind;
	int64_t seconds;
};

struct rate_terms {
	struct meter_wish meter;
	bool grants;
	bool users, domains, clients;
	long long over; /* percent; -1: whatever */
	long long limit; /* of lines; -1: not said */
	int64_t seconds; /* --for; 0: not said */
	const char *until; /* NULL: not said */
};

/* Options a command knows, or-ed. */
enum {
	RATE_TERMS_METER = 1 << 0,
	RATE_TERMS_LIST = 1 << 1, /* --over --limit */
	RATE_TERMS_TOP = 1 << 2, /* --users --domains --clients -n */
	RATE_TERMS_RESET = 1 << 3, /* --grants */
	RATE_TERMS_GRANT = 1 << 4 /* --until --for */
};

/* EX_OK, and what is left in argc and argv; or what is wrong was said. */
int rate_terms_read(
    struct rate_terms *t, unsigned known, int *argc, char ***argv);

/* False when `text` names no meter; or that is said, and EX_OK is not returned.
 */
bool meter_wish_parse(struct meter_wish *w, const char *text);
int meter_wish_read(struct meter_wish *w, const char *text);
bool meter_wish_means(const struct meter_wish *w, const struct gauge *g);

#endif
