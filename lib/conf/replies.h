/*
 * replies - everything policyd can say to an SMTP client
 *
 * One row a reply: its name in policyd.conf (`reply "NAME" { }`), code,
 * enhanced status code (RFC 3463) and text. In a text %{name} stands for a
 * value: of the request and of policyd (ip, time ...), or what the check tells
 * about its verdict (wait ...).
 */
#ifndef CONF_REPLIES_H
#define CONF_REPLIES_H

#include <stdbool.h>
#include <stddef.h>

enum reply_name {
	REPLY_ACCESS,
	REPLY_BAN,
	REPLY_BAN_PERMANENT,
	REPLY_ABUSE,
	REPLY_BUSY,
	REPLY_ACCOUNT_DENIED,
	REPLY_ACCOUNT_DISABLED,
	REPLY_SUBMISSION,
	REPLY_ADDRESS_SENDER,
	REPLY_ADDRESS_RECIPIENT,
	REPLY_LOGIN,
	REPLY_SPOOF,
	REPLY_SENDER_DISABLED,
	REPLY_SIZE,
	REPLY_MAILBOX,
	REPLY_RELAY,
	REPLY_REMOTE,
	REPLY_DENY_DOMAIN,
	REPLY_DENY_USER,
	REPLY_RECIPIENTS,
	REPLY_SPAM_SOURCE,
	REPLY_DNSBL,
	REPLY_DNSBL_DOMAIN,
	REPLY_SENDER_DOMAIN,
	REPLY_NULL_MX,
	REPLY_SPF,
	REPLY_SPF_TEMPERROR,
	REPLY_SPF_PERMERROR,
	REPLY_GREYLISTED,
	REPLY_RATE,
	REPLY_BROKEN, /* this request could not be judged */
	REPLY_AWAY, /* the store is not to be had */
	REPLY_LOOKUP, /* nor the DNS */
	REPLY_COUNT
};

/* Bytes after expansion. A line of SMTP has 512 (RFC 5321), and Postfix puts
 * code, address and a sentence of its own before it. */
enum { REPLY_TEXT = 250 };

struct reply {
	int code; /* 4xx or 5xx */
	const char *enhanced; /* "4.7.1"; its class is the code's */
	const char *text;
};

struct reply_row {
	const char *name; /* in policyd.conf */
	struct reply preset;
	const char *about; /* the manual's sentence */
};

extern const struct reply_row reply_rows[REPLY_COUNT];

/* All names that a text may hold, NULL behind them: the engine's, and those
 * that some check tells its verdict with. A check that does not tell one leaves
 * nothing in its place. */
extern const char *const reply_values[];

/* The first %{name} of a text that is none of them, `*size` bytes; NULL when
 * there is none. The text is one that reply_check() likes. */
const char *reply_unknown(const char *text, size_t *size);

/* NULL when `r` can be sent, else what is wrong with it. */
const char *reply_check(const struct reply *r);

#endif
