/*
 * wire - the Postfix policy protocol on sockets (SMTPD_POLICY_README)
 *
 * "name=value" lines, an empty line at the end; one "action=..." line and an
 * empty line back. One request of a client is in work at a time; what it sends
 * meanwhile waits. Idle clients are never closed: Postfix would sleep for a
 * second before its next request. Who breaks the protocol is logged once and
 * closed. SIGPIPE must be ignored.
 */
#ifndef WIRE_WIRE_H
#define WIRE_WIRE_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct clock;
struct conf;
struct engine;
struct wire;

enum {
	WIRE_VALUE = 8 * 1024, /* bytes of one value */
	WIRE_REQUEST = 64 * 1024, /* bytes of one request */
	WIRE_ATTRIBUTES = 200, /* lines of one request */
	WIRE_PARTIAL_MS = 10 * 1000 /* time for the rest of a request */
};

struct wire *wire_new(
    uv_loop_t *loop, struct clock *clock, struct engine *engine);

/*
 * Opens what `conf` lists and is not open yet, closes what it does not list;
 * clients that came through it stay. Raises the limit of open files if need be.
 * 0, or a negative UV_E... when a listener could not be opened: then it was
 * logged, and the ones open before still are, or again.
 */
int wire_listen(struct wire *w, const struct conf *conf);

/* Stops accepting; clients whose request is in work are answered, then closed;
 * all others are closed. `closed` is told when all are gone, and so is `w`. */
void wire_close(struct wire *w, void (*closed)(void *data), void *data);

struct wire_counts {
	unsigned clients; /* now */
	uint64_t accepted, refused; /* connections; refused: over the limit */
	uint64_t requests, protocol_errors, slow; /* slow: half a request */
};
const struct wire_counts *wire_counts(const struct wire *w);

#endif
