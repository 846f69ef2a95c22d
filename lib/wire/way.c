/*
 * way - listeners that give way to another one
 *
 * Who listens on 127.0.0.1:P keeps anybody from 0.0.0.0:P, us too. One that a
 * reload takes from the list is closed before its successor is opened, not
 * after; it comes back when that cannot be opened after all.
 */
#include "wire/inner.h"

#include <string.h>

#include "base/log.h"
#include "conf/conf.h"

static bool
is_listed(const struct listener *l, const struct conf *conf)
{
	for (size_t i = 0; i < conf->listen.count; i++)
		if (strcmp(conf->listen.items[i], l->item) == 0)
			return true;
	return false;
}

/* What was handed over stays open with whoever did that. */
static bool
may_give_way(
    const struct listener *l, const char *item, const struct conf *conf)
{
	char name[SOCKET_NAME];

	if (l->inherited >= 0 || is_listed(l, conf))
		return false;
	socket_name(l->fd, name);
	return socket_overlap(name, item);
}

bool
way_clear(struct wire *w, const char *item, const struct conf *conf)
{
	struct listener *l, *next;
	bool any = false;

	for (l = w->listeners; l; l = next) {
		next = l->next;
		if (!may_give_way(l, item, conf))
			continue;
		log_info("'%s' gives way to '%s'", l->item, item);
		l->holders++;
		listener_close(l);
		l->next = w->aside;
		w->aside = l;
		any = true;
	}
	return any;
}

void
way_end(struct wire *w, bool failed, const struct conf *conf)
{
	struct listener *l;
	int rc;

	while ((l = w->aside)) {
		w->aside = l->next;
		if (failed)
			listener_open(w, l->item, -1, conf, &rc);
		listener_drop(l);
	}
}
