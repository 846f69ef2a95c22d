/*
 * single - servers from the configuration, tried in turn
 *
 * With one server it is always that one. With several, the first that turns
 * out to be a master keeps us until it is lost.
 */
#include "ask/redis/topology.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "conf/conf.h"

enum { PORT = 6379 };

struct single {
	struct topology topology;
	struct arena *arena;
	struct place *places;
	size_t count, next;
};

static void
find(struct topology *t, topology_found *found, void *data)
{
	struct single *s = (struct single *)t;
	struct place *place = &s->places[s->next];

	s->next = (s->next + 1) % s->count;
	place->turn++;
	found(data, place);
}

static void
cancel(struct topology *t)
{
	(void)t; /* find() is never under way */
}

static void
single_free(struct topology *t)
{
	struct single *s = (struct single *)t;

	arena_release(s->arena);
	free(s);
}

static bool
parse_port(const char *text, unsigned *port)
{
	char *end;
	const unsigned long n = strtoul(text, &end, 10);

	*port = (unsigned)n;
	return *text >= '0' && *text <= '9' && *end == '\0' && n > 0 &&
	    n <= 65535;
}

/* "host", "host:port", "[2001:db8::1]:port", "2001:db8::1", "unix:/path". */
static bool
parse(struct place *p, struct arena *a, const char *text)
{
	char *host = arena_strdup(a, text), *port = NULL, *end;

	p->name = arena_strdup(a, text);
	p->port = PORT;
	p->turn = -1u; /* the first is number 0 */
	if (strncmp(text, "unix:", 5) == 0) {
		p->path = p->name + 5;
		return *p->path == '/';
	}
	if (*host == '[') {
		if (!(end = strchr(++host, ']')))
			return false;
		*end = '\0';
		if (end[1] == ':')
			port = end + 2;
		else if (end[1])
			return false;
	} else if ((end = strchr(host, ':')) != NULL && !strchr(end + 1, ':')) {
		*end = '\0';
		port = end + 1;
	}
	p->host = host;
	return *host && (!port || parse_port(port, &p->port));
}

struct topology *
topology_single(const struct list *servers)
{
	struct single *s = xcalloc(1, sizeof(*s));

	s->topology = (struct topology){ find, cancel, single_free };
	s->arena = arena_new();
	s->count = servers->count;
	s->places = arena_alloc(s->arena, s->count * sizeof(s->places[0]));
	for (size_t i = 0; i < s->count; i++)
		if (!parse(&s->places[i], s->arena, servers->items[i])) {
			log_error("redis: '%s' is no server: HOST:PORT or "
				  "unix:/PATH",
			    servers->items[i]);
			single_free(&s->topology);
			return NULL;
		}
	return &s->topology;
}
