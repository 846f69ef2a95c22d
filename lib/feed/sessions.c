/*
 * sessions - two tables, the oldest first in each
 */
#include "feed/sessions.h"

#include <stdlib.h>
#include <uthash.h>

#include "base/arena.h"
#include "base/hash.h"
#include "feed/span.h"

enum { HOUR = 3600 };

/* Known by a hash of its name: two of 2^64 do not meet by chance. */
struct record {
	UT_hash_handle hh;
	uint64_t key;
	struct session session;
	unsigned scans;
	int64_t first_scan, struck;
};

struct sessions {
	struct record *of_processes, *of_clients;
};

struct sessions *
sessions_new(void)
{
	return xcalloc(1, sizeof(struct sessions));
}

static void
drop(struct record **table, struct record *r)
{
	HASH_DEL(*table, r);
	free(r);
}

static void
clear(struct record **table)
{
	while (*table)
		drop(table, *table);
}

void
sessions_free(struct sessions *s)
{
	if (!s)
		return;
	clear(&s->of_processes);
	clear(&s->of_clients);
	free(s);
}

static uint64_t
address_key(const struct address *a)
{
	return hash_bytes(a->family, a->bytes, sizeof(a->bytes));
}

/* An IPv6 client is its network, as in the registers. */
static uint64_t
client_key(const struct address *client)
{
	const struct network net = network_of(
	    client, address_client_bits(client));

	return address_key(&net.base);
}

static uint64_t
process_key(const struct event *e)
{
	if (e->pid == 0)
		return address_key(&e->client);
	return hash_bytes(e->pid, e->host.at, span_size(e->host));
}

/* Found or made, and now the youngest. */
static struct record *
touch(struct record **table, uint64_t key)
{
	struct record *r;

	HASH_FIND(hh, *table, &key, sizeof(key), r);
	if (r) {
		HASH_DEL(*table, r);
	} else {
		if (HASH_COUNT(*table) >= SESSIONS_MOST)
			drop(table, *table);
		r = xcalloc(1, sizeof(*r));
		r->key = key;
	}
	HASH_ADD(hh, *table, key, sizeof(r->key), r);
	return r;
}

struct session *
sessions_of(struct sessions *s, const struct event *e)
{
	struct session *session =
	    &touch(&s->of_processes, process_key(e))->session;

	if (e->kind == EVENT_CONNECT)
		*session = (struct session){ .whole = true };
	return session;
}

void
sessions_end(struct sessions *s, const struct event *e)
{
	const uint64_t key = process_key(e);
	struct record *r;

	HASH_FIND(hh, s->of_processes, &key, sizeof(key), r);
	if (r)
		drop(&s->of_processes, r);
}

unsigned
sessions_scan(struct sessions *s, const struct address *client, int64_t now)
{
	struct record *r = touch(&s->of_clients, client_key(client));

	if (r->scans == 0 || now - r->first_scan > HOUR) {
		r->scans = 0;
		r->first_scan = now;
	}
	return ++r->scans;
}

bool
sessions_may_strike(struct sessions *s, const struct address *client,
    int64_t now, int64_t seconds)
{
	struct record *r = touch(&s->of_clients, client_key(client));

	if (r->struck > 0 && now >= r->struck && now - r->struck < seconds)
		return false;
	r->struck = now;
	r->scans = 0;
	return true;
}
