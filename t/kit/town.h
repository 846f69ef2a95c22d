/*
 * town - all that the pages look at: engine, store, wire, and the server
 *
 * The store is the false Redis, so that what is asked over HTTP is answered by
 * the very scripts.
 */
#ifndef KIT_TOWN_H
#define KIT_TOWN_H

#include "http/site.h"
#include "kit/false_redis.h"
#include "kit/web.h"

struct lists;
struct local;
struct quick;
struct recent;

struct town {
	struct web *web;
	struct false_redis *redis;
	struct local *local;
	struct quick *quick;
	struct recent *recent;
	struct conf *conf;
	struct engine *engine;
	struct wire *wire;
	struct sizes *sizes;
	struct site site;
};

/* `conf` is the text of a policyd.conf; the token is "sesame" in any case. */
struct town *town_open(const char *conf);
void town_close(struct town *t);

/* Another configuration. */
void town_reload(struct town *t, const char *conf);

/* One request over the engine; waits for its end. */
void town_mail(struct town *t, const char *client, const char *sender);

#endif
