/*
 * topology - which server is the one to talk to
 *
 * Whatever stands behind the door of redis.h (one server, several of which one
 * is the master, Sentinels that must be asked first), a connection needs one
 * address to try, and the next one when that was no good.
 */
#ifndef ASK_REDIS_TOPOLOGY_H
#define ASK_REDIS_TOPOLOGY_H

/* An address as configured. Either `path` or `host` and `port`. */
struct place {
	const char *name; /* "127.0.0.1:6379", "unix:/run/redis/redis.sock" */
	const char *path;
	const char *host; /* a name or an address without brackets */
	unsigned port;
	unsigned turn; /* times it was tried: of several addresses, which */
};

/* `found` may be called before find() returns, and is called once; the place
 * lives until the next find(). find() is called for every new connection. */
typedef void topology_found(void *data, const struct place *place);

struct topology {
	void (*find)(struct topology *, topology_found *found, void *data);
	/* The search is off; `found` will not be called. */
	void (*cancel)(struct topology *);
	void (*free)(struct topology *);
};

/* single.c: the servers of a list, one after the other. NULL when one cannot
 * be understood, and logged. */
struct list;
struct topology *topology_single(const struct list *servers);

#endif
