/*
 * Answers of name servers: any bytes, asked for each type. What comes out is
 * what the header says: hosts that can be printed, addresses of their size, a
 * TTL within its bounds; packed and unpacked it is the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ask/dns/message.h"
#include "ask/dns/words.h"
#include "base/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_host(const struct dns_record *r)
{
	if (strlen(r->data) != r->size || r->size > 253)
		abort();
	for (const char *p = r->data; *p; p++)
		if (*p <= ' ' || *p > '~' || (*p >= 'A' && *p <= 'Z'))
			abort();
}

static void
check_record(enum dns_type type, const struct dns_record *r)
{
	if (r->data[r->size] != '\0')
		abort();
	if ((type == DNS_A && r->size != 4) ||
	    (type == DNS_AAAA && r->size != 16))
		abort();
	if (type == DNS_MX || type == DNS_PTR)
		check_host(r);
}

static void
check_packed(struct arena *a, const struct dns_message *m)
{
	const struct word packed = dns_pack(a, m);
	struct answer answer = { .state = KNOWN, .count = 2 };
	struct dns_message again;

	answer.values[0].is_number = true;
	answer.values[0].number = m->outcome;
	answer.values[1].text = packed.text;
	answer.values[1].size = packed.size;
	if (!dns_answer(a, &answer, &again) || again.outcome != m->outcome ||
	    again.count != m->count)
		abort();
	for (size_t i = 0; i < m->count; i++)
		if (again.records[i].size != m->records[i].size ||
		    again.records[i].preference != m->records[i].preference ||
		    memcmp(again.records[i].data, m->records[i].data,
			m->records[i].size + 1) != 0)
			abort();
}

static void
check(const uint8_t *data, size_t size, enum dns_type type)
{
	struct arena *a = arena_new();
	struct dns_message m;

	dns_message(a, data, size, type, "www.example.com", &m);
	if ((m.outcome == DNS_FOUND) != (m.count > 0) ||
	    m.count > DNS_RECORDS || m.ttl > INT32_MAX)
		abort();
	for (size_t i = 0; i < m.count; i++)
		check_record(type, &m.records[i]);
	if (m.outcome <= DNS_NO_NAME)
		check_packed(a, &m);
	arena_release(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum dns_type types[] = { DNS_A, DNS_PTR, DNS_MX, DNS_TXT,
		DNS_AAAA };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		check(data, size, types[i]);
	return 0;
}
