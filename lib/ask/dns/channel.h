/*
 * channel - c-ares on libuv's loop
 *
 * Its sockets are polled, its time-outs are on our clock. Callbacks of c-ares
 * may come before the call that asks returns, and nothing may be asked or
 * freed from inside one: who uses a channel tells others from a timer.
 */
#ifndef ASK_DNS_CHANNEL_H
#define ASK_DNS_CHANNEL_H

#include <uv.h>

struct ares_channeldata;
struct channel;
struct clock;

/* `servers` are "address:port", with commas; NULL: those of the system. NULL,
 * with the reason in `*error`, when c-ares cannot be set up. */
struct channel *channel_new(uv_loop_t *loop, struct clock *clock,
    const char *servers, const char **error);

/* `heard` is called whenever a server has sent something: c-ares 1.18 does not
 * tell SERVFAIL from nobody there. From inside a callback of libuv. */
void channel_listen(struct channel *c, void (*heard)(void *data), void *data);

/* "address:port" with commas: those that are asked. */
void channel_servers(const struct channel *c, char *out, size_t size);

/* For c-ares' own calls. */
struct ares_channeldata *channel_ares(struct channel *c);

/* To be called behind each question. */
void channel_asked(struct channel *c);

/* Questions under way end with ARES_EDESTRUCTION. `closed` is told when all
 * handles are closed. Not from inside a callback of c-ares. */
void channel_free(struct channel *c, void (*closed)(void *data), void *data);

#endif
