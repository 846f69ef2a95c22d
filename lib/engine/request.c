/*
 * request - attributes into their places, and what follows from them
 */
#include "engine/request.h"

#include <string.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "conf/lookup.h"
#include "register/lists.h"

/* What stands where nothing was sent. A value that was sent lives in an arena,
 * so the place itself tells an empty attribute from a missing one. */
static const char missing[] = "";

enum { UNUSED = 0 }; /* the offset of `arena`, which is no attribute */

// clang-format off
#define ROW(name, at) { #name, sizeof(#name) - 1, at }
#define PLACE(name) ROW(name, offsetof(struct request, name))
#define NO_PLACE(name) ROW(name, UNUSED)
// clang-format on

/* In the order in which Postfix sends them; request_set() relies on that for
 * speed only. The ones without a place stand here to keep step. */
static const struct attribute {
	const char *name;
	size_t size;
	size_t at;
} attributes[] = {
	NO_PLACE(request),
	PLACE(protocol_state),
	PLACE(protocol_name),
	PLACE(client_address),
	PLACE(client_name),
	PLACE(client_port),
	PLACE(reverse_client_name),
	PLACE(server_address),
	PLACE(server_port),
	PLACE(helo_name),
	PLACE(sender),
	PLACE(recipient),
	PLACE(recipient_count),
	PLACE(queue_id),
	PLACE(instance),
	PLACE(size),
	NO_PLACE(etrn_domain),
	PLACE(stress),
	PLACE(sasl_method),
	PLACE(sasl_username),
	PLACE(sasl_sender),
	PLACE(ccert_subject),
	NO_PLACE(ccert_issuer),
	PLACE(ccert_fingerprint),
	NO_PLACE(ccert_pubkey_fingerprint),
	PLACE(encryption_protocol),
	NO_PLACE(encryption_cipher),
	NO_PLACE(encryption_keysize),
	PLACE(policy_context),
};

enum { ATTRIBUTES = sizeof(attributes) / sizeof(attributes[0]) };

static const struct {
	const char *state;
	enum stage stage;
} stages[] = {
	{ "RCPT", AT_RCPT }, /* by far the most frequent */
	{ "END-OF-MESSAGE", AT_END_OF_MESSAGE },
	{ "DATA", AT_DATA },
	{ "MAIL", AT_MAIL },
	{ "CONNECT", AT_CONNECT },
	{ "XCLIENT", AT_CONNECT },
	{ "EHLO", AT_HELO },
	{ "HELO", AT_HELO },
	{ "VRFY", AT_VRFY },
	{ "ETRN", AT_ETRN },
};

static const char **
place(struct request *r, const struct attribute *a)
{
	return (const char **)((char *)r + a->at);
}

struct request *
request_new(struct arena *a)
{
	struct request *r = arena_alloc(a, sizeof(*r));

	for (size_t i = 0; i < ATTRIBUTES; i++)
		if (attributes[i].at != UNUSED)
			*place(r, &attributes[i]) = missing;
	r->arena = a;
	r->stage = AT_OTHER;
	r->class = INBOUND;
	return r;
}

static bool
names(const char *line, size_t size, const struct attribute *a)
{
	return size > a->size && line[a->size] == '=' &&
	    memcmp(line, a->name, a->size) == 0;
}

const char *
request_set(struct request *r, const char *line, size_t size)
{
	const char *value;
	size_t row = r->next_row;

	for (size_t i = 0; i < ATTRIBUTES; i++) {
		const struct attribute *a = &attributes[row];

		row = row + 1 < ATTRIBUTES ? row + 1 : 0;
		if (!names(line, size, a))
			continue;
		r->next_row = (unsigned)row;
		value = line + a->size + 1;
		if (a->at != UNUSED && *place(r, a) == missing)
			*place(r, a) = value;
		return value;
	}
	value = memchr(line, '=', size);
	return value ? value + 1 : NULL;
}

const char *
request_attribute(size_t i)
{
	return i < ATTRIBUTES ? attributes[i].name : NULL;
}

static enum stage
stage_of(const char *protocol_state)
{
	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++)
		if (strcmp(protocol_state, stages[i].state) == 0)
			return stages[i].stage;
	return AT_OTHER;
}

const char *
stage_name(unsigned i)
{
	for (size_t n = 0; n < sizeof(stages) / sizeof(stages[0]); n++)
		if ((unsigned)stages[n].stage == 1u << i)
			return stages[n].state;
	return "other";
}

static enum request_class
class_of(const struct request *r)
{
	if (*r->sasl_username)
		return AUTHENTICATED;
	if (lookups_client(r->conf->trusted, &r->client, r->client_name))
		return TRUSTED;
	return INBOUND;
}

static void
let_go_conf(void *conf)
{
	conf_unref(conf);
}

static void
let_go_lists(void *lists)
{
	lists_unref(lists);
}

static bool
is_allowed(const struct request *r)
{
	struct list_entry e;

	return lookups_client(
		   r->conf->allow_clients, &r->client, r->client_name) ||
	    lists_find(r->lists, LIST_ALLOW, &r->client, r->client_name,
		r->unix_time, &e);
}

void
request_classify(struct request *r, struct conf *conf, struct lists *lists,
    int64_t unix_time)
{
	r->conf = conf_ref(conf);
	arena_defer(r->arena, let_go_conf, conf);
	if (lists) {
		r->lists = lists_ref(lists);
		arena_defer(r->arena, let_go_lists, lists);
	}
	r->unix_time = unix_time;
	r->stage = stage_of(r->protocol_state);
	address_parse(&r->client, r->client_address);
	r->class = class_of(r);
	r->allowed = is_allowed(r);
	r->set = conf_settings(
	    conf, r->class == AUTHENTICATED ? r->sasl_username : r->recipient);
}

const char *
class_name(enum request_class c)
{
	switch (c) {
	case AUTHENTICATED:
		return "authenticated";
	case TRUSTED:
		return "trusted";
	case INBOUND:
		break;
	}
	return "inbound";
}
