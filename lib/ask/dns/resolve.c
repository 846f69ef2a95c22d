/*
 * resolve - a lookup, its deadline, and c-ares that cannot be called back
 *
 * c-ares answers when it likes: before it returns, or long after the deadline.
 * So its part is a struct of its own, which outlives the lookup of the caller.
 *
 * c-ares reads resolv.conf once, and a mail server may be started before its
 * network. So a channel whose last lookup found nothing gives way to a new one.
 */
#include "ask/dns/resolve.h"

#include <ares.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "ask/dns/channel.h"
#include "base/arena.h"

struct resolver {
	uv_loop_t *loop;
	struct clock *clock;
	const char *servers;
	struct channel *channel; /* made when there is a name to look up */
	unsigned channels; /* it, those that are being closed, and one for us */
	unsigned waiting; /* lookups that wait for c-ares */
	bool found; /* the last one to be answered found something */
	struct lookup_counts counts;
	bool ending;
	struct timer timer; /* to end it outside of c-ares' callbacks */
	void (*closed)(void *data);
	void *data;
};

struct lookup_work {
	struct resolver *resolver; /* may be gone, unless `asked` */
	struct lookup *lookup; /* NULL: told, or cancelled */
	struct clock *clock;
	struct timer timer; /* the deadline; then, when answered, telling */
	bool asked; /* c-ares has not called back yet */
	uint64_t asked_us; /* when it was */
	struct address addresses[LOOKUP_ADDRESSES];
	size_t count;
	const char *error;
};

static void
unref(struct lookup_work *w)
{
	if (w->lookup || w->asked)
		return;
	timer_stop(&w->timer);
	free(w);
}

/* To be called before either of the two ends. */
static void
wait_no_more(const struct lookup_work *w)
{
	if (w->lookup && w->asked)
		w->resolver->waiting--;
}

/* The lookup may be gone when `found` returns. */
static void
tell(struct lookup_work *w)
{
	struct lookup *l = w->lookup;

	wait_no_more(w);
	w->lookup = NULL;
	timer_stop(&w->timer);
	if (l) {
		l->work = NULL;
		l->found(l, w->addresses, w->count, w->error);
	}
	unref(w);
}

static void
on_timer(struct timer *t)
{
	struct lookup_work *w = (void *)((char *)t -
	    offsetof(struct lookup_work, timer));

	if (w->asked)
		w->resolver->counts.lost++;
	tell(w);
}

static void
add(struct lookup_work *w, const struct sockaddr *sa)
{
	struct address *a = &w->addresses[w->count];

	if (w->count == LOOKUP_ADDRESSES)
		return;
	*a = (struct address){ 0 };
	if (sa->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)sa;

		a->family = 4;
		memcpy(a->bytes, &in->sin_addr, 4);
		w->count++;
	} else if (sa->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)sa;

		a->family = 6;
		memcpy(a->bytes, &in6->sin6_addr, 16);
		w->count++;
	}
}

/* IPv4 first: a server for "localhost" rarely listens on ::1 alone. */
static void
read_addresses(struct lookup_work *w, const struct ares_addrinfo *info)
{
	static const int order[] = { AF_INET, AF_INET6 };

	for (size_t i = 0; i < 2; i++)
		for (const struct ares_addrinfo_node *n = info->nodes; n;
		     n = n->ai_next)
			if (n->ai_family == order[i])
				add(w, n->ai_addr);
}

static void
on_answer(void *data, int status, int timeouts, struct ares_addrinfo *info)
{
	struct lookup_work *w = data;
	(void)timeouts;

	wait_no_more(w);
	w->asked = false;
	w->error = ares_strerror(status);
	if (status != ARES_EDESTRUCTION)
		histogram_add(&w->resolver->counts.times,
		    clock_us(w->clock) - w->asked_us);
	if (info) {
		read_addresses(w, info);
		ares_freeaddrinfo(info);
	}
	w->resolver->found = w->count > 0;
	if (status == ARES_SUCCESS && w->count == 0)
		w->error = ares_strerror(ARES_ENODATA);
	if (!w->lookup)
		unref(w);
	else if (status == ARES_EDESTRUCTION)
		tell(w);
	else
		timer_start(&w->timer, w->clock, 0);
}

static void
channel_closed(void *data)
{
	struct resolver *r = data;
	void (*closed)(void *) = r->closed;
	void *closed_data = r->data;

	if (--r->channels > 0 || !r->ending)
		return;
	free(r);
	if (closed)
		closed(closed_data);
}

/* One that has found something, or for which others wait, stays. */
static void
choose_channel(struct resolver *r, const char **error)
{
	if (r->channel && !r->found && r->waiting == 0) {
		channel_free(r->channel, channel_closed, r);
		r->channel = NULL;
	}
	if (!r->channel) {
		r->channel = channel_new(r->loop, r->clock, r->servers, error);
		r->channels += r->channel != NULL;
	}
}

static void
ask(struct resolver *r, struct lookup_work *w, const char *host)
{
	const struct ares_addrinfo_hints hints = { .ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = ARES_AI_NOSORT };

	choose_channel(r, &w->error);
	if (!r->channel) {
		timer_start(&w->timer, w->clock, 0);
		return;
	}
	w->asked = true;
	w->asked_us = clock_us(w->clock);
	r->waiting++;
	r->found = false;
	ares_getaddrinfo(
	    channel_ares(r->channel), host, NULL, &hints, on_answer, w);
	channel_asked(r->channel);
}

void
resolver_lookup(struct resolver *r, struct lookup *l, const char *host,
    uint64_t deadline_ms)
{
	struct lookup_work *w = xcalloc(1, sizeof(*w));

	w->resolver = r;
	w->lookup = l;
	w->clock = r->clock;
	w->timer.fire = on_timer;
	w->error = "no answer from the name servers in time";
	l->work = w;
	if (address_parse(&w->addresses[0], host)) {
		w->count = 1;
		timer_start(&w->timer, r->clock, 0);
		return;
	}
	timer_start(&w->timer, r->clock, deadline_ms);
	ask(r, w, host);
}

void
lookup_cancel(struct lookup *l)
{
	struct lookup_work *w = l->work;

	if (!w)
		return;
	l->work = NULL;
	wait_no_more(w);
	w->lookup = NULL;
	timer_stop(&w->timer);
	unref(w);
}

const struct lookup_counts *
resolver_counts(const struct resolver *r)
{
	return &r->counts;
}

struct resolver *
resolver_new(uv_loop_t *loop, struct clock *clock, const char *servers)
{
	struct resolver *r = xcalloc(1, sizeof(*r));

	r->loop = loop;
	r->clock = clock;
	r->servers = servers;
	r->channels = 1;
	return r;
}

static void
end(struct timer *t)
{
	struct resolver *r = (void *)((char *)t -
	    offsetof(struct resolver, timer));

	r->ending = true;
	if (r->channel)
		channel_free(r->channel, channel_closed, r);
	channel_closed(r); /* ours */
}

void
resolver_free(struct resolver *r, void (*closed)(void *data), void *data)
{
	r->closed = closed;
	r->data = data;
	r->timer.fire = end;
	timer_start(&r->timer, r->clock, 0);
}
