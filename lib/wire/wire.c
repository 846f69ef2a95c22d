/*
 * wire - which listeners there are, and how many clients
 */
#include "wire/inner.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/arena.h"
#include "base/log.h"
#include "conf/conf.h"

/* Descriptors that are not clients': listeners, Redis, the log, files that a
 * reload reads. */
enum { RESERVED = 32 };

struct wire *
wire_new(uv_loop_t *loop, struct clock *clock, struct engine *engine)
{
	struct wire *w = xcalloc(1, sizeof(*w));

	w->loop = loop;
	w->clock = clock;
	w->engine = engine;
	return w;
}

const struct wire_counts *
wire_counts(const struct wire *w)
{
	return &w->counts;
}

/* The listener of that item, or of that descriptor when it was handed over. */
static struct listener *
find(struct wire *w, const char *item, int inherited)
{
	struct listener *l = w->listeners;

	while (l &&
	    (l->inherited != inherited ||
		(inherited < 0 && strcmp(l->item, item) != 0)))
		l = l->next;
	return l;
}

static int
want(struct wire *w, const char *item, int inherited, const struct conf *conf)
{
	struct listener *l = find(w, item, inherited);
	int rc = 0;

	if (l) {
		rc = listener_keep(l, conf);
	} else {
		l = listener_open(w, item, inherited, conf, &rc);
		if (l)
			l->fresh = true;
	}
	if (l)
		l->wanted = true;
	return rc;
}

/* "systemd" is all that was handed over, "systemd:NAME" all of that name. */
static int
want_inherited(struct wire *w, const char *item, const struct conf *conf)
{
	const char *name = item + strlen("systemd");
	const int end = INHERITED_FIRST + socket_inherited_count();
	int rc = UV_ENOENT;

	name += *name == ':';
	for (int fd = INHERITED_FIRST; fd < end; fd++) {
		if (!socket_inherited_is(fd, name))
			continue;
		rc = want(w, item, fd, conf);
		if (rc < 0)
			return rc;
	}
	if (rc < 0)
		log_error(
		    "cannot listen on '%s': no socket was handed over", item);
	return rc;
}

static int
want_item(struct wire *w, const char *item, const struct conf *conf)
{
	if (strcmp(item, "systemd") == 0 || strncmp(item, "systemd:", 8) == 0)
		return want_inherited(w, item, conf);
	return want(w, item, -1, conf);
}

/* After a failure what is fresh goes, else what is not wanted any more. */
static void
sweep(struct wire *w, bool failed)
{
	struct listener *l, *next;

	for (l = w->listeners; l; l = next) {
		next = l->next;
		if (failed ? l->fresh : !l->wanted)
			listener_close(l);
		l->fresh = false;
	}
}

/* How many files may be open: `wanted`, if the limit can be raised so far. */
static rlim_t
raise_limit(rlim_t wanted)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur >= wanted)
		return wanted;
	files.rlim_cur = files.rlim_max < wanted ? files.rlim_max : wanted;
	setrlimit(RLIMIT_NOFILE, &files);
	return files.rlim_cur;
}

/* As many clients as were asked for, or as there can be descriptors for. */
static unsigned
client_limit(const struct conf *conf)
{
	const rlim_t wanted = (rlim_t)conf->max_clients + RESERVED;
	const rlim_t files = raise_limit(wanted);
	unsigned limit = (unsigned)(files - RESERVED);

	if (files >= wanted)
		return (unsigned)conf->max_clients;
	if (files <= 2 * RESERVED)
		limit = (unsigned)files / 2;
	log_warning("max_clients is %lld, but the limit of open files (%llu) "
		    "allows only %u",
	    (long long)conf->max_clients, (unsigned long long)files, limit);
	return limit;
}

int
wire_listen(struct wire *w, const struct conf *conf)
{
	int rc = 0;

	for (struct listener *l = w->listeners; l; l = l->next)
		l->wanted = false;
	for (size_t i = 0; i < conf->listen.count && rc == 0; i++)
		rc = want_item(w, conf->listen.items[i], conf);
	sweep(w, rc < 0);
	way_end(w, rc < 0, conf);
	if (rc == 0)
		w->max_clients = client_limit(conf);
	return rc;
}

bool
wire_enter(struct wire *w)
{
	if (w->counts.clients >= w->max_clients) {
		if (!w->full)
			log_warning("%u clients are connected, the most there "
				    "may be; others are refused",
			    w->counts.clients);
		w->full = true;
		w->counts.refused++;
		return false;
	}
	w->counts.clients++;
	w->counts.accepted++;
	return true;
}

/* Full until an eighth is free, or the log would tell of each who comes and
 * goes at the limit. */
void
wire_leave(struct wire *w)
{
	w->counts.clients--;
	if (w->full &&
	    w->counts.clients < w->max_clients - w->max_clients / 8) {
		w->full = false;
		log_info("there is room for clients again");
	}
}

static void
finish(struct wire *w)
{
	void (*closed)(void *) = w->closed;
	void *data = w->data;

	free(w);
	closed(data);
}

void
wire_handle_closed(struct wire *w)
{
	if (--w->handles == 0 && w->closing)
		finish(w);
}

void
wire_close(struct wire *w, void (*closed)(void *data), void *data)
{
	w->closing = true;
	w->closed = closed;
	w->data = data;
	while (w->listeners)
		listener_close(w->listeners);
	client_finish_all(w);
	if (w->handles == 0)
		finish(w);
}
