/*
 * theatre - the whole daemon without a socket, on a clock turned by hand
 *
 * Bytes of clients go through the parser, the engine and its checks and come
 * back as the bytes of an answer; a false Redis, a false DNS and the log are
 * within reach. A client is known by its name and comes into being with its
 * first request.
 */
#ifndef KIT_THEATRE_H
#define KIT_THEATRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/check.h"

struct false_dns;
struct false_redis;
struct theatre;

enum { THEATRE_BEGINS = 1732190400 }; /* Unix seconds at its second 0 */

/* `conf` is the text of a policyd.conf, which can name files when it is put
 * into a directory ("": it is not). NULL when it is wrong; `*error` is what
 * was said about it, the arena's. */
struct theatre *theatre_open(const struct check *const *checks,
    const char *conf, const char *directory, struct arena *a,
    const char **error);

/* False when `conf` is wrong: the old one stays. */
bool theatre_reload(struct theatre *s, const char *conf, const char *directory,
    struct arena *a, const char **error);

/* Clients leave, answers come, and nothing is left over. */
void theatre_close(struct theatre *s);

uint64_t theatre_ms(const struct theatre *s);
void theatre_turn(struct theatre *s, uint64_t ms);

/* Bytes as a client sends them. NULL, or what the parser said of them. */
const char *theatre_send(
    struct theatre *s, const char *client, const char *bytes, size_t size);

/* All that was answered to the client's last request, without the line ends;
 * NULL: nothing yet. */
const char *theatre_reply(const struct theatre *s, const char *client);

/* The connection is closed by the client. */
void theatre_leave(struct theatre *s, const char *client);

/* A dry run of the same bytes; afterwards theatre_reply() has what would have
 * been said, and theatre_findings() one line a check: "NAME VERDICT DETAILS".
 */
const char *theatre_explain(
    struct theatre *s, const char *client, const char *bytes, size_t size);
const char *theatre_findings(const struct theatre *s);

/* Lines of the log since theatre_forget_log(), each with its end. */
const char *theatre_log(const struct theatre *s);
void theatre_forget_log(struct theatre *s);

struct false_redis *theatre_redis(struct theatre *s);
struct false_dns *theatre_dns(struct theatre *s);

/* How many questions the engine has asked Redis for checks. What it asks for
 * the settings of an address is a matter of its memory; t/engine/scoping.c. */
unsigned theatre_asked(const struct theatre *s);

/* One of somebody else, such as policyctl; it is answered at once. */
void theatre_write(struct theatre *s, const struct question *q);

/* From now on the lists are read from Redis as policyd reads them; before, they
 * are empty. That is work for each half second of the clock. */
void theatre_mirror(struct theatre *s);

struct conf *theatre_conf(const struct theatre *s);

#endif
