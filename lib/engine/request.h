/*
 * request - the attributes of one policy request (SMTPD_POLICY_README)
 */
#ifndef ENGINE_REQUEST_H
#define ENGINE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

struct arena;
struct conf;
struct lists;
struct scope;
struct settings;

/* protocol_state; a bit each, as checks list several. */
enum stage {
	AT_OTHER = 1 << 0, /* none, or one we do not know: no check applies */
	AT_CONNECT = 1 << 1, /* XCLIENT too: the client is another one now */
	AT_HELO = 1 << 2, /* EHLO and HELO */
	AT_MAIL = 1 << 3,
	AT_RCPT = 1 << 4,
	AT_DATA = 1 << 5,
	AT_END_OF_MESSAGE = 1 << 6,
	AT_VRFY = 1 << 7,
	AT_ETRN = 1 << 8,
	AT_ANY = 0x1fe /* all but AT_OTHER: as early as Postfix asks */
};
enum { STAGE_COUNT = 9 };

/* Whose mail it is; a bit each. */
enum request_class {
	INBOUND = 1 << 0, /* neither of these */
	AUTHENTICATED = 1 << 1, /* sasl_username is not empty */
	TRUSTED = 1 << 2 /* from a network of `trusted` */
};

/* Whose settings a check goes by. */
enum whose { OF_RECIPIENT, OF_LOGIN, OF_SENDER, OF_SERVER };
enum { WHOSE_COUNT = 4 };

/* No pointer is NULL: an attribute that was not sent is "". All live as long
 * as the arena, which lives as long as the request. */
struct request {
	struct arena *arena;

	const char *request;
	const char *protocol_state;
	const char *protocol_name;
	const char *client_address;
	const char *client_name;
	const char *client_port;
	const char *reverse_client_name;
	const char *server_address;
	const char *server_port;
	const char *helo_name;
	const char *sender;
	const char *recipient;
	const char *recipient_count;
	const char *queue_id;
	const char *instance;
	const char *size;
	const char *stress;
	const char *sasl_method;
	const char *sasl_username;
	const char *sasl_sender;
	const char *ccert_subject;
	const char *ccert_fingerprint;
	const char *encryption_protocol;
	const char *policy_context;
	const char *ignored; /* the place of those that nobody asks for */

	/* What request_classify() made of them. */
	enum stage stage;
	enum request_class class;
	struct address client; /* family 0 when client_address is none */
	bool allowed; /* on an allow list: SKIPS_ALLOWED in check.h */
	bool dry; /* explain: ask without writing anything */
	int64_t unix_time; /* when it came, by our own clock */
	int64_t server_time; /* and by Redis'; 0: not known */
	uint64_t number; /* one after the other, beginning anywhere */

	struct conf *conf; /* referenced until the arena is released */

	/* What holds for the addresses it has; see scope/scope.h. Never NULL
	 * when checks are asked: where there is no such address (or no login)
	 * it is the server's. */
	const struct scope *recipient_scope, *login_scope, *sender_scope;
	const struct settings *sets[WHOSE_COUNT]; /* their settings */
	const struct settings *set; /* of the mailbox it is about: the login's
				       when there is one, else the recipient's
				     */
	const struct lists *lists; /* of the cluster; as long as the arena */
};

/* All attributes empty, in `a`. */
struct request *request_new(struct arena *a);

/* Sets the attribute that a "name=value" line of `size` bytes names; there is a
 * NUL behind it, and it must live in the request's arena. The first of two
 * equal names counts; unknown ones are ignored. Returns the value, NULL when
 * the line has no "=". */
const char *request_set(struct request *r, const char *line, size_t size);

/* Fills in what follows from the attributes under `conf` and `lists`, which
 * may be NULL. The settings are the server's until the engine has found what
 * holds for the addresses. */
void request_classify(struct request *r, struct conf *conf, struct lists *lists,
    int64_t unix_time);

const char *class_name(enum request_class c);
const char *stage_name(unsigned i); /* of the stage 1 << i */
enum stage stage_of(const char *protocol_state);

#endif
