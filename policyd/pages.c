/*
 * pages - the HTTP server of the daemon: opened, configured again, closed
 *
 * Mail does not depend on it: when its address cannot be had, that is told and
 * all else works.
 */
#include "checks/checks.h"
#include "engine/engine.h"
#include "http/sizes.h"

#include "daemon.h"

void
pages_open(struct daemon *d)
{
	d->site = (struct site){ .clock = d->clock,
		.engine = d->engine,
		.checks = checks,
		.wire = d->wire,
		.events = d->events,
		.dns = d->dns,
		.zones = d->zones,
		.local = d->local,
		.recent = d->recent,
		.started = d->started,
		.conf = { .read = d->started } };
	d->http = http_new(&d->loop, d->clock, site_routes, &d->site);
	if (!d->http)
		return;
	d->site.http = d->http;
	d->sizes = sizes_new(&d->site);
	d->site.sizes = d->sizes;
	http_listen(d->http, d->conf);
}

int
pages_configure(struct daemon *d)
{
	return d->http ? http_listen(d->http, d->conf) : 0;
}

static void
closed(void *data)
{
	struct daemon *d = data;

	d->http = NULL;
}

void
pages_close(struct daemon *d)
{
	d->site.stopping = true;
	d->site.sizes = NULL;
	sizes_free(d->sizes);
	d->sizes = NULL;
	if (d->http)
		http_close(d->http, closed, d);
}
