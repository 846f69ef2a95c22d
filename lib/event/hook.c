/*
 * hook - a name to look up, a request, an answer
 */
#include "event/hook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask/dns/resolve.h"
#include "base/arena.h"
#include "base/log.h"
#include "event/multi.h"

struct post {
	struct hook *hook;
	const struct notice *notice; /* NULL: nothing is posted here */
	struct lookup lookup;
	struct timer timer;
	char *host, *port; /* of the URL, by libcurl */
	CURL *easy;
	struct curl_slist *where, *headers;
	size_t got; /* bytes of the answer */
	char error[CURL_ERROR_SIZE];
};

struct hook {
	struct outlet outlet; /* first */
	uv_loop_t *loop;
	const char *authorities, *servers;
	char *url;
	uint64_t timeout_ms;
	struct libcurl *curl; /* these three NULL until there is a URL */
	struct multi *multi;
	struct resolver *resolver;
	unsigned parts; /* of it, that are not closed yet */
	struct post posts[OUTLET_AT_ONCE];
};

#define OF(member, p)                                                          \
	((struct post *)((char *)(p)-offsetof(struct post, member)))

/* -- its end -- */

static void
clear(struct post *p)
{
	const struct libcurl *c = p->hook->curl;

	timer_stop(&p->timer);
	lookup_cancel(&p->lookup);
	c->easy_cleanup(p->easy);
	c->slist_free_all(p->where);
	c->slist_free_all(p->headers);
	c->free(p->host);
	c->free(p->port);
	p->easy = NULL;
	p->where = p->headers = NULL;
	p->host = p->port = NULL;
}

/* `wrong` NULL: it was told. */
static void
end(struct post *p, const char *wrong)
{
	const struct notice *n = p->notice;

	if (wrong)
		log_warning("events: cannot post %s: %s", n->event, wrong);
	clear(p);
	p->notice = NULL;
	outlet_done(&p->hook->outlet, n, !wrong);
}

static void
ended(void *data, CURL *easy, CURLcode how)
{
	struct post *p = data;
	const struct libcurl *c = p->hook->curl;
	char text[CURL_ERROR_SIZE + 32];
	long status = 0;

	c->easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	if (p->got > HOOK_ANSWER)
		snprintf(text, sizeof(text), "the answer does not end");
	else if (how != CURLE_OK)
		snprintf(text, sizeof(text), "%s",
		    *p->error ? p->error : c->easy_strerror(how));
	else
		snprintf(text, sizeof(text), "the answer was %ld", status);
	end(p, how == CURLE_OK && status / 100 == 2 ? NULL : text);
}

static void
end_early(struct post *p, const char *why)
{
	if (!p->lookup.work)
		multi_remove(p->hook->multi, p->easy);
	end(p, why);
}

static void
time_is_over(struct timer *t)
{
	end_early(OF(timer, t), "no answer in time");
}

/* -- its way -- */

/* Nobody reads it. */
static size_t
take_answer(char *bytes, size_t one, size_t size, void *data)
{
	struct post *p = data;

	(void)bytes;
	p->got += one * size;
	return p->got > HOOK_ANSWER ? 0 : one * size;
}

/* "host:port:address,address", as CURLOPT_RESOLVE has it. */
static void
say_where(struct post *p, const struct address *addresses, size_t count)
{
	const struct libcurl *c = p->hook->curl;
	char text[ADDRESS_TEXT], *line;
	struct arena *a = arena_new();

	line = arena_printf(a, "%s:%s:", p->host, p->port);
	for (size_t i = 0; i < count; i++) {
		line = arena_printf(a,
		    addresses[i].family == 6 ? "%s%s[%s]" : "%s%s%s", line,
		    i > 0 ? "," : "", address_text(&addresses[i], text));
	}
	p->where = c->slist_append(NULL, line);
	c->easy_setopt(p->easy, CURLOPT_RESOLVE, p->where);
	arena_release(a);
}

static void
found(struct lookup *l, const struct address *addresses, size_t count,
    const char *error)
{
	struct post *p = OF(lookup, l);

	if (count == 0) {
		end(p, error);
		return;
	}
	if (*p->host != '[')
		say_where(p, addresses, count);
	multi_add(p->hook->multi, p->easy);
}

/* The system has its authorities twice. Its file of all is read anew for each
 * connection, which takes 60 ms that everybody would wait; in its directory
 * the one that is needed is found by its name. */
static void
trust(struct post *p)
{
	const struct libcurl *c = p->hook->curl;
	const char *file = p->hook->authorities;
	char *directory = NULL;

	c->easy_getinfo(p->easy, CURLINFO_CAPATH, &directory);
	if (file || directory)
		c->easy_setopt(p->easy, CURLOPT_CAINFO, file);
}

/* What libcurl's defaults do not say as we want it, or not for ever. */
static void
set_manners(struct post *p)
{
	const struct libcurl *c = p->hook->curl;
	CURL *easy = p->easy;

	c->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	c->easy_setopt(easy, CURLOPT_PROXY, "");
	c->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	c->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	c->easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	c->easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	trust(p);
	c->easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	c->easy_setopt(easy, CURLOPT_USERAGENT, "policyd/" VERSION);
	c->easy_setopt(easy, CURLOPT_ERRORBUFFER, p->error);
	c->easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
	c->easy_setopt(easy, CURLOPT_WRITEDATA, p);
	c->easy_setopt(easy, CURLOPT_PRIVATE, p);
}

static void
set_request(struct post *p)
{
	const struct libcurl *c = p->hook->curl;
	const struct notice *n = p->notice;
	const char *text = n->text;

	p->headers = c->slist_append(
	    p->headers, "Content-Type: application/json");
	p->headers = c->slist_append(p->headers, "Expect:");
	c->easy_setopt(p->easy, CURLOPT_URL, p->hook->url);
	c->easy_setopt(p->easy, CURLOPT_HTTPHEADER, p->headers);
	c->easy_setopt(p->easy, CURLOPT_POST, 1L);
	c->easy_setopt(p->easy, CURLOPT_POSTFIELDS, text);
	c->easy_setopt(p->easy, CURLOPT_POSTFIELDSIZE, (long)n->size);
}

/* Its host without the brackets of an IPv6 address, and the port. */
static bool
read_url(const struct libcurl *c, const char *url, char **host, char **port)
{
	CURLU *u = c->url();
	bool fine;

	*host = *port = NULL;
	fine = c->url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    c->url_get(u, CURLUPART_HOST, host, 0) == CURLUE_OK &&
	    c->url_get(u, CURLUPART_PORT, port, CURLU_DEFAULT_PORT) ==
		CURLUE_OK;
	c->url_cleanup(u);
	return fine;
}

static void
look_up(struct post *p)
{
	const bool bracketed = *p->host == '[';
	char *host = xstrdup(p->host + bracketed);

	host[strcspn(host, "]")] = '\0';
	resolver_lookup(
	    p->hook->resolver, &p->lookup, host, p->hook->timeout_ms);
	free(host);
}

/* Its deadline and that of the lookup are the same: whichever comes first
 * tells that there was no answer. */
static void
start(struct outlet *o, const struct notice *n)
{
	struct hook *h = (struct hook *)o;
	struct post *p = h->posts;

	while (p->notice)
		p++;
	*p = (struct post){ .hook = h, .notice = n };
	p->lookup.found = found;
	p->timer.fire = time_is_over;
	p->easy = h->curl->easy_init();
	if (!p->easy || !read_url(h->curl, h->url, &p->host, &p->port)) {
		end(p, "libcurl cannot be set up");
		return;
	}
	set_manners(p);
	set_request(p);
	timer_start(&p->timer, o->clock, h->timeout_ms);
	look_up(p);
}

/* Those that end make room for nobody: nothing waits any more. */
static void
stop(struct outlet *o)
{
	struct hook *h = (struct hook *)o;
	struct post *posts[OUTLET_AT_ONCE];
	size_t count = 0;

	for (size_t i = 0; i < OUTLET_AT_ONCE; i++)
		if (h->posts[i].notice)
			posts[count++] = &h->posts[i];
	while (count > 0)
		end_early(posts[--count], "policyd stops");
}

static void
part_closed(void *data)
{
	struct hook *h = data;
	void (*closed)(void *) = h->outlet.closed;
	void *closed_data = h->outlet.closed_data;

	if (--h->parts > 0)
		return;
	libcurl_close(h->curl);
	free(h->url);
	free(h);
	closed(closed_data);
}

static void
free_hook(struct outlet *o)
{
	struct hook *h = (struct hook *)o;

	h->parts = 1;
	if (h->multi) {
		h->parts += 2;
		multi_free(h->multi, part_closed, h);
		resolver_free(h->resolver, part_closed, h);
	}
	part_closed(h); /* ours */
}

struct outlet *
hook_new(uv_loop_t *loop, struct clock *clock, const char *authorities,
    const char *servers)
{
	struct hook *h = xcalloc(1, sizeof(*h));

	h->outlet.name = "url";
	h->outlet.clock = clock;
	h->outlet.start = start;
	h->outlet.stop = stop;
	h->outlet.free = free_hook;
	h->loop = loop;
	h->authorities = authorities;
	h->servers = servers;
	h->url = xstrdup("");
	outlet_init(&h->outlet);
	return &h->outlet;
}

static void
set_up(struct hook *h)
{
	struct libcurl *c = libcurl_open();

	if (!c)
		return;
	h->multi = multi_new(c, h->loop, h->outlet.clock, ended);
	if (!h->multi) {
		libcurl_close(c);
		return;
	}
	h->curl = c;
	h->resolver = resolver_new(h->loop, h->outlet.clock, h->servers);
}

void
hook_configure(struct outlet *o, const char *url, int64_t timeout_seconds)
{
	struct hook *h = (struct hook *)o;

	free(h->url);
	h->url = xstrdup(url);
	h->timeout_ms = (uint64_t)timeout_seconds * 1000;
	if (*url && !h->multi)
		set_up(h);
	outlet_switch(o, *url && h->multi);
}

const char *
hook_check(const char *url)
{
	struct libcurl *c = libcurl_open();
	char *host, *port;
	bool fine;

	if (!c)
		return "needs libcurl, which is not here: install libcurl4";
	fine = read_url(c, url, &host, &port);
	c->free(host);
	c->free(port);
	libcurl_close(c);
	return fine ? NULL : "is no URL";
}
