/*
 * seek - what holds for an address, for routes that ask about one
 */
#ifndef HTTP_SEEK_H
#define HTTP_SEEK_H

#include <stdint.h>

#include "ask/ask.h"

struct conf;
struct http_request;
struct scope;
struct site;

/* Begin with these five filled in; it lives as long as the request. */
struct seek {
	struct http_request *req;
	const struct site *site;
	struct conf *conf;
	const char *address; /* as scope_address() has it */
	void (*found)(struct seek *, const struct scope *);

	struct ticket ticket;
	struct question question;
	uint64_t since_ms;
};

/* `found` is told once: now, when it is in memory, or later. */
void seek_scope(struct seek *s);

#endif
