/*
 * policyctl_feed_tables - as policyd/tables.c, for the feed
 */
#include "policyctl_feed_tables.h"

#include "base/log.h"
#include "conf/conf.h"
#include "conf/watch.h"
#include "feed/feed.h"
#include "policyctl.h"

enum { LOOK_MS = 1000 };

static void
complain(void *data, const char *file, int line, const char *text)
{
	(void)data;
	if (line > 0)
		log_error("%s:%d: %s", file, line, text);
	else
		log_error("%s: %s", file, text);
}

static void
read_anew(struct feed_tables *t, const char *changed)
{
	struct conf *conf = conf_again(t->ctl->conf, complain, NULL);

	if (!conf) {
		log_error("'%s' has changed, but not all tables can be used: "
			  "those of before stay",
		    changed);
		return;
	}
	log_info("'%s' has changed, the tables are read anew", changed);
	feed_configure(t->feed, conf);
	conf_unref(t->ctl->conf);
	t->ctl->conf = conf;
	watch_free(t->watch);
	t->watch = watch_new(conf);
}

/* What is in flight still looks into the configuration that it began with. */
static void
look(struct timer *timer)
{
	struct feed_tables *t = (struct feed_tables *)timer;
	const char *changed = feed_waiting(t->feed) == 0 ? watch_look(t->watch)
							 : NULL;

	if (changed)
		read_anew(t, changed);
	timer_start(timer, t->clock, LOOK_MS);
}

void
feed_tables_watch(struct feed_tables *t, struct clock *clock, struct ctl *ctl,
    struct feed *feed)
{
	*t = (struct feed_tables){ .look.fire = look,
		.clock = clock,
		.ctl = ctl,
		.feed = feed,
		.watch = watch_new(ctl->conf) };
	timer_start(&t->look, clock, LOOK_MS);
}

void
feed_tables_close(struct feed_tables *t)
{
	timer_stop(&t->look);
	watch_free(t->watch);
}
