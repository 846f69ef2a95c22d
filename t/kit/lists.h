/*
 * lists - lib/dnsbl/zones over a false DNS, on a clock turned by hand
 *
 * Of bl.example and other.example 127.0.0.2 is listed, and of bl.example also
 * 192.0.2.7 (with a text); probes take no time unless the DNS is told to.
 */
#ifndef KIT_LISTS_H
#define KIT_LISTS_H

#include "ask/dns/words.h"
#include "base/clock.h"
#include "conf/conf.h"
#include "conf/dnsbl.h"
#include "dnsbl/zones.h"
#include "kit/false_dns.h"

enum {
	LISTS_START = 1700000000,
	LISTS_DEADLINE = 1000, /* of lists; the DNS' own is two seconds */
	LISTS_PROBE = 600, /* seconds */
	LISTS_SUSPEND = 3600, /* seconds */
	LISTS_ENTRIES = 4
};

struct lists_scene {
	struct clock *clock;
	struct false_dns *dns;
	struct zones *zones;
	struct conf conf;
	struct dnsbl clients[LISTS_ENTRIES], senders[LISTS_ENTRIES];
	struct arena *arena;
	char log[16 * 1024]; /* all lines, "warning: " before such */
};

/* Somebody who asks, and forgets his question when he is told. */
struct list_asker {
	struct ticket ticket;
	struct lists_scene *scene;
	struct question *question;
	unsigned told;
	uint64_t when_ms;
	enum answer_state state;
	enum loss loss;
	struct dns_message m;
};

/* Setup and teardown of a test. */
int lists_begin(void **state);
int lists_end(void **state);

/* Entries of the configuration; lists_configure() makes it the one. */
void lists_client(struct lists_scene *s, const char *entry);
void lists_sender(struct lists_scene *s, const char *entry);
void lists_none(struct lists_scene *s);
void lists_configure(struct lists_scene *s);

/* One entry of clients, whose first probe is answered. */
void lists_one(struct lists_scene *s, const char *entry);

/* A line of false_dns_tell(). */
void lists_names(struct lists_scene *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void lists_turn(struct lists_scene *s, uint64_t ms);

struct list_asker *lists_ask(struct lists_scene *s, enum dns_type type,
    const char *zone, const char *name);

/* About bl.example; what was lost is told at once. */
enum loss lists_loss(struct lists_scene *s, const char *name);

struct zone_view lists_view(const struct lists_scene *s, const char *zone);

/* bl.example is so. */
void lists_is(const struct lists_scene *s, enum zone_state wanted);

/* How often `text` stands in the log. */
unsigned lists_logged(const struct lists_scene *s, const char *text);

#endif
