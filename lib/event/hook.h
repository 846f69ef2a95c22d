/*
 * hook - each event is posted to a URL
 *
 * Connections are kept and used again, no redirection is followed, no proxy
 * asked whatever the environment says, and https must prove itself. Nothing
 * waits: names are looked up by lib/ask/dns.
 */
#ifndef EVENT_HOOK_H
#define EVENT_HOOK_H

#include <uv.h>

#include "event/outlet.h"

enum { HOOK_ANSWER = 64 * 1024 }; /* bytes of an answer are read at most */

/* libcurl is not touched until there is a URL. `authorities` is a file of
 * certificates to trust for https, `servers` those to ask for names, "address:
 * port"; NULL: the system's. Both must live as long. */
struct outlet *hook_new(uv_loop_t *loop, struct clock *clock,
    const char *authorities, const char *servers);

/* From the next one on; "" posts nothing. */
void hook_configure(struct outlet *o, const char *url, int64_t timeout_seconds);

/* NULL, or what is wrong with that URL. */
const char *hook_check(const char *url);

#endif
