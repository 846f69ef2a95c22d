/*
 * door - the door to the name servers, and those who ask there
 *
 * Over real UDP and TCP, to a name server of ours (nameserver.py).
 */
#ifndef KIT_DOOR_H
#define KIT_DOOR_H

#include "ask/dns/dns.h"
#include "ask/dns/message.h"
#include "kit/nameserver.h"

enum { DOOR_PATIENT = 5000, DOOR_HASTY = 400 }; /* ms to a deadline */
enum { DOOR_IN_FLIGHT = 100, DOOR_CACHE = 1 << 20 };

/* Start it before all. */
extern struct nameserver door_server;

struct door {
	uv_loop_t loop;
	struct clock *clock;
	struct ticker *ticker;
	struct arena *arena;
	const char *servers[1]; /* of `conf` */
	struct conf_dns conf;
	struct dns *dns;
	unsigned answered; /* questions */
	bool closed;
};

/* For a test of a scene. */
int door_begin(void **state);
int door_end(void **state);
void door_close(struct door *s); /* before its end */

/* What somebody who asked was told; lives as long as the door. */
struct asked {
	struct ticket ticket;
	struct door *scene;
	unsigned told;
	unsigned place; /* among all that were answered */
	enum answer_state state;
	enum loss loss;
	bool remembered;
	struct dns_message m;
};

/* `q` must live until it is told. */
struct asked *door_put(
    struct door *s, struct store *store, const struct question *q);

/* The same of the DNS. */
struct asked *door_ask(struct door *s, enum dns_type type, const char *name);
void door_wait(struct door *s, const struct asked *a);
struct asked *door_look(struct door *s, enum dns_type type, const char *name);

void door_must_be(const struct asked *a, size_t i, const char *address);
void door_must_lose(const struct asked *a, enum loss loss);

void door_run_ms(struct door *s, uint64_t ms);

/* The deadline from now on; DOOR_PATIENT until then. */
void door_deadline(struct door *s, unsigned ms);

/* From now on a socket that nobody reads is asked. */
int door_dead_server(struct door *s, char address[32]);

#endif
