/*
 * tables - files of lookup tables are read anew when they have changed
 *
 * A look costs a stat(2) a file. Only the engine is told of the configuration
 * that comes of it: all but the tables is as it was.
 */
#include "base/log.h"
#include "conf/conf.h"
#include "conf/watch.h"
#include "engine/engine.h"

#include "daemon.h"

enum { LOOK_MS = 1000 };

static void
read_anew(struct daemon *d, const char *changed)
{
	struct conf *conf = conf_again(d->conf, daemon_complain, NULL);

	d->site.tables.broken = !conf;
	if (!conf) {
		log_error("'%s' has changed, but not all tables can be used: "
			  "those of before stay",
		    changed);
		return;
	}
	log_info("'%s' has changed, the tables are read anew", changed);
	engine_configure(d->engine, conf, &d->fork.store);
	conf_unref(d->conf);
	d->conf = conf;
	tables_watch(d);
}

static void
look(struct timer *t)
{
	struct daemon *d = (struct daemon *)((char *)t -
	    offsetof(struct daemon, look));
	const char *changed = watch_look(d->watch);

	if (changed)
		read_anew(d, changed);
	timer_start(&d->look, d->clock, LOOK_MS);
}

void
tables_watch(struct daemon *d)
{
	watch_free(d->watch);
	d->watch = watch_new(d->conf);
	d->site.tables.read = clock_unix(d->clock);
	d->site.tables.broken = false;
	d->look.fire = look;
	timer_start(&d->look, d->clock, LOOK_MS);
}

void
tables_close(struct daemon *d)
{
	timer_stop(&d->look);
	watch_free(d->watch);
	d->watch = NULL;
}
