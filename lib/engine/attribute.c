/*
 * attribute - those that Postfix sends
 */
#include "engine/attribute.h"

#include "engine/request.h"

const char attribute_missing[] = "";

// clang-format off
/* PLACE those that somebody asks for; the others stand here to keep step. */
#define ATTRIBUTES(PLACE, NO_PLACE) \
	PLACE(request) \
	PLACE(protocol_state) \
	PLACE(protocol_name) \
	PLACE(client_address) \
	PLACE(client_name) \
	PLACE(client_port) \
	PLACE(reverse_client_name) \
	PLACE(server_address) \
	PLACE(server_port) \
	PLACE(helo_name) \
	PLACE(sender) \
	PLACE(recipient) \
	PLACE(recipient_count) \
	PLACE(queue_id) \
	PLACE(instance) \
	PLACE(size) \
	NO_PLACE(etrn_domain) \
	PLACE(stress) \
	PLACE(sasl_method) \
	PLACE(sasl_username) \
	PLACE(sasl_sender) \
	PLACE(ccert_subject) \
	NO_PLACE(ccert_issuer) \
	PLACE(ccert_fingerprint) \
	NO_PLACE(ccert_pubkey_fingerprint) \
	PLACE(encryption_protocol) \
	NO_PLACE(encryption_cipher) \
	NO_PLACE(encryption_keysize) \
	PLACE(policy_context)

#define ROW(name, place) \
	{ #name "=", sizeof(#name), offsetof(struct request, place) },
#define PLACED(name) ROW(name, name)
#define IGNORED(name) ROW(name, ignored)
#define MISSING(name) .name = attribute_missing,
#define NOTHING(name)

const struct attribute attributes[] = {
	ATTRIBUTES(PLACED, IGNORED)
	{ "\n", UINT16_MAX, 0 },
};

const struct request attributes_missing = {
	ATTRIBUTES(MISSING, NOTHING)
	.ignored = attribute_missing,
};
// clang-format on

const struct attribute *
attribute_find(const char *line, size_t size)
{
	for (const struct attribute *a = attributes; !attribute_is_last(a); a++)
		if (size >= a->size && memcmp(line, a->begin, a->size) == 0)
			return a;
	return NULL;
}
