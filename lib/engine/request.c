/*
 * request - what follows from its attributes
 */
#include "engine/request.h"

#include <string.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "conf/lookup.h"
#include "engine/attribute.h"
#include "register/lists.h"

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

struct request *
request_new(struct arena *a)
{
	struct request *r = arena_take(a, sizeof(*r));

	*r = attributes_missing;
	r->arena = a;
	r->stage = AT_OTHER;
	r->class = INBOUND;
	return r;
}

const char *
request_set(struct request *r, const char *line, size_t size)
{
	const struct attribute *a = attribute_find(line, size);
	const char *equals;

	if (a) {
		attribute_set(a, r, line + a->size);
		return line + a->size;
	}
	equals = memchr(line, '=', size);
	return equals ? equals + 1 : NULL;
}

enum stage
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
	if (lists_trust(
		r->lists, r->conf, &r->client, r->client_name, r->unix_time))
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
	for (int i = 0; i < WHOSE_COUNT; i++)
		r->sets[i] = &conf->settings;
	r->set = &conf->settings;
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
