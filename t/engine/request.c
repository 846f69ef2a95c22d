/*
 * A request's attributes, and what follows from them.
 */
#include "engine/request.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "kit/suite.h"

enum { NOW = 1767225600 };

/* Each domain and mailbox shows itself by its delay. */
static const char configuration[] =
    "trusted = { \"198.51.100.0/24\", \"2001:db8:1::/48\" }\n"
    "allow { clients = { \"192.0.2.7\", \".friend.example\" } }\n"
    "greylist { delay = 1s }\n"
    "domain \"example.com\" { greylist { delay = 2s } }\n"
    "mailbox \"boss@example.com\" { greylist { delay = 3s } }\n";

static void
complain(void *data, const char *file, int line, const char *text)
{
	(void)data;
	print_error("%s:%d: %s\n", file, line, text);
}

static struct conf *
configure(void)
{
	struct conf *c = conf_parse(configuration, "test", complain, NULL);

	assert_non_null(c);
	return c;
}

static const char *
set(struct request *r, const char *line)
{
	return request_set(r, line, strlen(line));
}

/* "name=value ..." to a classified request. */
static struct request *
request_of(const char *text, struct conf *c)
{
	struct arena *a = arena_new();
	struct request *r = request_new(a);
	char *copy = arena_strdup(a, text), *save = NULL;

	for (char *word = strtok_r(copy, " ", &save); word;
	     word = strtok_r(NULL, " ", &save))
		set(r, word);
	request_classify(r, c, NULL, NOW);
	return r;
}

static void
let_go(struct request *r, struct conf *c)
{
	arena_release(r->arena);
	conf_unref(c);
}

struct stage_row {
	const char *name, *state;
	enum stage stage;
};

static const struct stage_row stage_rows[] = {
	{ "CONNECT is the client's", "CONNECT", AT_CONNECT },
	{ "after XCLIENT the client is another one", "XCLIENT", AT_CONNECT },
	{ "EHLO is a greeting", "EHLO", AT_HELO },
	{ "HELO is one too", "HELO", AT_HELO },
	{ "MAIL names the sender", "MAIL", AT_MAIL },
	{ "RCPT names a recipient", "RCPT", AT_RCPT },
	{ "DATA begins the message", "DATA", AT_DATA },
	{ "END-OF-MESSAGE ends it", "END-OF-MESSAGE", AT_END_OF_MESSAGE },
	{ "VRFY asks for an address", "VRFY", AT_VRFY },
	{ "ETRN asks for a queue", "ETRN", AT_ETRN },
	{ "no state is another one", "", AT_OTHER },
	{ "a state of a later Postfix is another one", "AUTH", AT_OTHER },
	{ "letter case matters", "rcpt", AT_OTHER },
};

static void
stages(void **state)
{
	const struct stage_row *row = *state;
	struct conf *c = configure();
	char text[64];
	struct request *r;

	snprintf(text, sizeof(text), "protocol_state=%s", row->state);
	r = request_of(text, c);
	assert_int_equal(r->stage, row->stage);
	let_go(r, c);
}

struct row {
	const char *name, *text;
	enum request_class class;
	bool allowed;
	unsigned family;
};

static const struct row rows[] = {
	{ "a stranger's mail is inbound",
	    "client_address=203.0.113.5 recipient=a@example.net", INBOUND,
	    false, 4 },
	{ "a client of our own is trusted", "client_address=198.51.100.9",
	    TRUSTED, false, 4 },
	{ "over IPv6 too", "client_address=2001:db8:1::9", TRUSTED, false, 6 },
	{ "a mapped address counts as IPv4",
	    "client_address=::ffff:198.51.100.9", TRUSTED, false, 4 },
	{ "who has logged in is authenticated",
	    "client_address=203.0.113.5 sasl_username=eve@example.net",
	    AUTHENTICATED, false, 4 },
	{ "also from a network of our own",
	    "client_address=198.51.100.9 sasl_username=eve@example.net",
	    AUTHENTICATED, false, 4 },
	{ "a method without a name is no login",
	    "client_address=203.0.113.5 sasl_method=PLAIN", INBOUND, false, 4 },
	{ "the sender of AUTH= is no login",
	    "client_address=203.0.113.5 sasl_sender=eve@example.net", INBOUND,
	    false, 4 },
	{ "an address on the list is allowed", "client_address=192.0.2.7",
	    INBOUND, true, 4 },
	{ "so is a verified name",
	    "client_address=203.0.113.5 client_name=mx.friend.example", INBOUND,
	    true, 4 },
	{ "a name that is not verified is not",
	    "client_address=203.0.113.5 client_name=unknown "
	    "reverse_client_name=mx.friend.example",
	    INBOUND, false, 4 },
	{ "nor what the client calls itself",
	    "client_address=203.0.113.5 helo_name=mx.friend.example", INBOUND,
	    false, 4 },
	{ "an unknown client is inbound", "client_address=unknown", INBOUND,
	    false, 0 },
	{ "no client is inbound", "sender=a@example.org", INBOUND, false, 0 },
};

static void
classifies(void **state)
{
	const struct row *row = *state;
	struct conf *c = configure();
	struct request *r = request_of(row->text, c);

	assert_int_equal(r->class, row->class);
	assert_int_equal(r->allowed, row->allowed);
	assert_int_equal(r->client.family, row->family);
	assert_ptr_equal(r->set, &c->settings);
	assert_int_equal(r->unix_time, NOW);
	assert_false(r->dry);
	let_go(r, c);
}

/* All 29 of Postfix 3.7, in its order. */
static const char *const names[] = { "request", "protocol_state",
	"protocol_name", "client_address", "client_name", "client_port",
	"reverse_client_name", "server_address", "server_port", "helo_name",
	"sender", "recipient", "recipient_count", "queue_id", "instance",
	"size", "etrn_domain", "stress", "sasl_method", "sasl_username",
	"sasl_sender", "ccert_subject", "ccert_issuer", "ccert_fingerprint",
	"ccert_pubkey_fingerprint", "encryption_protocol", "encryption_cipher",
	"encryption_keysize", "policy_context" };

enum { NAMES = sizeof(names) / sizeof(names[0]) };

static void
every_place(const struct request *r, const char *(*expected)(const char *))
{
#define IS(name) assert_string_equal(r->name, expected(#name))
	IS(protocol_state);
	IS(protocol_name);
	IS(client_address);
	IS(client_name);
	IS(client_port);
	IS(reverse_client_name);
	IS(server_address);
	IS(server_port);
	IS(helo_name);
	IS(sender);
	IS(recipient);
	IS(recipient_count);
	IS(queue_id);
	IS(instance);
	IS(size);
	IS(stress);
	IS(sasl_method);
	IS(sasl_username);
	IS(sasl_sender);
	IS(ccert_subject);
	IS(ccert_fingerprint);
	IS(encryption_protocol);
	IS(policy_context);
}

static const char *
itself(const char *name)
{
	return name;
}

static const char *
empty(const char *name)
{
	(void)name;
	return "";
}

static void
nothing_is_NULL_before_anything_is_set(void **state)
{
	struct arena *a = arena_new();
	struct request *r = request_new(a);
	(void)state;

	every_place(r, empty);
	assert_ptr_equal(r->arena, a);
	arena_release(a);
}

/* Postfix' order is the quick one; any other must do as well. */
static void
attributes_find_their_places_in_any_order(void **state)
{
	(void)state;
	for (size_t step = 1; step < NAMES; step++)
		for (size_t first = 0; first < NAMES; first++) {
			struct arena *a = arena_new();
			struct request *r = request_new(a);

			/* 29 is prime: each step visits all of them. */
			for (size_t i = 0; i < NAMES; i++) {
				const char *name =
				    names[(first + i * step) % NAMES];

				set(r, arena_printf(a, "%s=%s", name, name));
				set(r, "moon=full");
			}
			every_place(r, itself);
			arena_release(a);
		}
}

static void
a_line_is_a_name_and_a_value(void **state)
{
	struct arena *a = arena_new();
	struct request *r = request_new(a);
	(void)state;

	assert_string_equal(
	    set(r, "sender=a=b@example.net"), "a=b@example.net");
	assert_string_equal(r->sender, "a=b@example.net");
	assert_string_equal(set(r, "sender="), "");
	assert_string_equal(r->sender, "a=b@example.net"); /* the first */
	assert_string_equal(set(r, "moon=full"), "full");
	assert_string_equal(set(r, "recipients=a"), "a");
	assert_string_equal(set(r, "recip=a"), "a");
	assert_string_equal(set(r, "=recipient"), "recipient");
	assert_string_equal(r->recipient, "");
	assert_null(set(r, "recipient"));
	assert_null(set(r, ""));
	assert_string_equal(r->recipient, "");
	arena_release(a);
}

static void
the_configuration_lives_as_long_as_the_request(void **state)
{
	struct conf *c = configure();
	struct request *r = request_of("recipient=boss@example.com", c);
	(void)state;

	conf_unref(c); /* a reload: the request's reference is the last */
	assert_int_equal(r->set->greylist.delay, 1);
	assert_ptr_equal(r->conf, c);
	arena_release(r->arena);
}

static void
each_class_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(class_name(INBOUND), "inbound");
	assert_string_equal(class_name(AUTHENTICATED), "authenticated");
	assert_string_equal(class_name(TRUSTED), "trusted");
}

int
main(void)
{
	struct suite s = { 0 };
	int failed;

	SUITE_ROWS(&s, stage_rows, stages);
	SUITE_ROWS(&s, rows, classifies);
	SUITE_TEST(&s, nothing_is_NULL_before_anything_is_set);
	SUITE_TEST(&s, attributes_find_their_places_in_any_order);
	SUITE_TEST(&s, a_line_is_a_name_and_a_value);
	SUITE_TEST(&s, the_configuration_lives_as_long_as_the_request);
	SUITE_TEST(&s, each_class_has_a_name);
	failed = suite_run(&s, "engine/request");
	arena_pool_clear();
	return failed;
}
