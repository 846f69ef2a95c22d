/*
 * options - copied, because a reload frees the configuration
 */
#include "ask/redis/options.h"

#include <string.h>

#include "base/arena.h"

static const char *
copy_text(struct arena *a, const char *text)
{
	return arena_strdup(a, text ? text : "");
}

static struct list
copy_list(struct arena *a, const struct list *list)
{
	const char **items = arena_alloc(a, list->count * sizeof(items[0]));

	for (size_t i = 0; i < list->count; i++)
		items[i] = copy_text(a, list->items[i]);
	return (struct list){ list->count, items };
}

/* A server of our own knows no users and has one database. */
static void
need_no_login(struct conf_redis *redis)
{
	redis->user = redis->password = redis->password_file = "";
	redis->database = 0;
}

struct options *
options_copy(struct arena *a, const struct conf *conf)
{
	struct options *o = arena_alloc(a, sizeof(*o));

	o->redis = conf->redis;
	o->redis.servers = copy_list(a, &conf->redis.servers);
	o->redis.user = copy_text(a, conf->redis.user);
	o->redis.password = copy_text(a, conf->redis.password);
	o->redis.password_file = copy_text(a, conf->redis.password_file);
	if (o->redis.servers.count == 0)
		need_no_login(&o->redis);
	o->prefix = copy_text(a, conf->prefix);
	o->state_directory = copy_text(a, conf->state_directory);
	return o;
}

static bool
same_list(const struct list *a, const struct list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	return true;
}

bool
options_same(const struct options *a, const struct options *b)
{
	return same_list(&a->redis.servers, &b->redis.servers) &&
	    strcmp(a->redis.user, b->redis.user) == 0 &&
	    strcmp(a->redis.password, b->redis.password) == 0 &&
	    strcmp(a->redis.password_file, b->redis.password_file) == 0 &&
	    a->redis.database == b->redis.database &&
	    strcmp(a->state_directory, b->state_directory) == 0;
}
