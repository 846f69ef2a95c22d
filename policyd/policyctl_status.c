/*
 * policyctl_status - Redis, the policyd nodes, the daemon on this host
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/text.h"
#include "policyctl.h"
#include "policyctl_dnsbl.h"
#include "policyctl_health.h"
#include "policyctl_out.h"

static json_t *
fact_json(const struct health *h, size_t i)
{
	if (!h->facts[i] || facts[i].form == FACT_TEXT)
		return out_json_text(h->facts[i]);
	return json_integer(strtoll(h->facts[i], NULL, 10));
}

static json_t *
keys_json(const struct census *c)
{
	json_t *o = json_object();

	for (size_t i = 0; i < c->count; i++)
		json_object_set_new(o, c->registers[i].name,
		    json_integer((json_int_t)c->registers[i].keys));
	return o;
}

static json_t *
redis_json(const struct health *h)
{
	json_t *o = json_pack("{s:b, s:o, s:b, s:o, s:o}", "well",
	    h->trouble == NULL, "where", out_json_text(h->where), "own_child",
	    h->own_child, "error", out_json_text(h->trouble), "ping_us",
	    out_json_number(h->ping_us > 0, h->ping_us));

	for (size_t i = 0; i < FACTS; i++)
		json_object_set_new(o, facts[i].name, fact_json(h, i));
	json_object_set_new(o, "keys", keys_json(&h->census));
	json_object_set_new(
	    o, "keys_complete", json_boolean(h->census.complete));
	return o;
}

static json_t *
holdings_json(const struct health *h)
{
	json_t *o = json_object();

	for (size_t i = 0; i < HOLDINGS; i++)
		json_object_set_new(o, h->holdings[i].name,
		    out_json_number(
			h->holdings[i].known, h->holdings[i].count));
	return o;
}

static const char dns[] = "dns_";

/* Behind it, of a field about the name servers; NULL for any other. */
static const char *
of_dns(const struct node *name)
{
	const size_t size = strlen(dns);

	return strncmp(name->text, dns, size) == 0 ? name->text + size : NULL;
}

static json_t *
nodes_json(const struct health *h)
{
	json_t *list = json_array();

	for (size_t i = 0; i < h->peer_count; i++) {
		const struct node *f = &h->peers[i].fields;
		json_t *o = json_object(), *of = json_object();

		json_object_set_new(o, "host", out_json_text(h->peers[i].host));
		for (size_t k = 0; k + 1 < f->count; k += 2) {
			const char *name = of_dns(&f->items[k]);

			json_object_set_new(name ? of : o,
			    name ? name : f->items[k].text,
			    out_json_text(f->items[k + 1].text));
		}
		json_object_set_new(o, "dns", of);
		json_object_set_new(o, dnsbl_field, dnsbl_of(f));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *
daemon_json(const struct health *h)
{
	const struct probe *p = &h->daemon;

	if (!h->listen)
		return json_null();
	return json_pack("{s:b, s:o, s:o, s:o}", "well", p->well, "listen",
	    out_json_text(h->listen), "us", out_json_number(p->well, p->us),
	    "error", out_json_text(p->well ? NULL : p->error));
}

/* One line a fact: what, and how it is. */
static void
print_line(const char *what, const char *text)
{
	static const struct column columns[] = { { "", 19 }, { "", 1 }, { 0 } };

	out_row(columns, (const char *const[]){ what, text });
}

static const char *
fact_text(struct arena *a, const struct health *h, size_t i)
{
	const int64_t number = strtoll(h->facts[i], NULL, 10);
	const char *wanted = facts[i].wanted;

	if (wanted && strcmp(h->facts[i], wanted) != 0)
		return arena_printf(a, "%s: must be %s", h->facts[i], wanted);
	switch (facts[i].form) {
	case FACT_SPAN:
		return out_span(a, number);
	case FACT_SIZE: /* Redis' 0 is no limit */
		return number ? out_size(a, number) : "none";
	default:
		return h->facts[i];
	}
}

static void
print_redis(struct arena *a, const struct health *h)
{
	print_line("redis",
	    arena_printf(a, "%s%s", h->where,
		h->own_child ? " (policyd's own child)" : ""));
	if (h->trouble)
		print_line("redis trouble", h->trouble);
	if (h->ping_us)
		print_line("redis answers in",
		    arena_printf(a, "%" PRId64 " us", h->ping_us));
	for (size_t i = 0; i < FACTS; i++)
		if (h->facts[i])
			print_line(arena_printf(a, "redis %s", facts[i].name),
			    fact_text(a, h, i));
}

static void
print_holdings(struct arena *a, const struct health *h)
{
	for (size_t i = 0; i < HOLDINGS; i++)
		if (h->holdings[i].known)
			print_line(
			    arena_printf(a, "listed %s", h->holdings[i].name),
			    arena_printf(a, "%" PRId64, h->holdings[i].count));
}

static void
print_keys(struct arena *a, const struct census *c)
{
	const char *bound = c->complete ? "" : "at least ";

	if (c->count == 0 && !c->complete)
		print_line("keys", "not counted");
	for (size_t i = 0; i < c->count; i++)
		print_line(arena_printf(a, "keys %s", c->registers[i].name),
		    arena_printf(a, "%s%" PRIu64, bound, c->registers[i].keys));
}

static void
print_lists(struct arena *a, const char *host, const struct node *fields)
{
	json_t *lists = dnsbl_of(fields), *list;
	struct line l;
	size_t i;

	json_array_foreach(lists, i, list)
	{
		dnsbl_line(&l, list);
		if (l.used)
			print_line(
			    arena_printf(a, "dnsbl %s", host), l.text + 1);
	}
	json_decref(lists);
}

static void
print_peers(struct arena *a, const struct health *h)
{
	for (size_t i = 0; i < h->peer_count; i++) {
		const struct node *f = &h->peers[i].fields;
		struct line l, servers;

		line_clear(&l);
		line_clear(&servers);
		for (size_t k = 0; k + 1 < f->count; k += 2) {
			const char *name = of_dns(&f->items[k]);

			if (strcmp(f->items[k].text, dnsbl_field) == 0)
				continue;
			line_field(name ? &servers : &l,
			    name ? name : f->items[k].text,
			    f->items[k + 1].text);
		}
		print_line(arena_printf(a, "node %s", h->peers[i].host),
		    l.used ? l.text + 1 : "");
		if (servers.used)
			print_line(arena_printf(a, "dns %s", h->peers[i].host),
			    servers.text + 1);
		print_lists(a, h->peers[i].host, f);
	}
}

static void
print_daemon(struct arena *a, const struct health *h)
{
	if (!h->listen) {
		print_line("daemon", "systemd has its sockets: not asked");
		return;
	}
	print_line("daemon", h->listen);
	if (h->daemon.well)
		print_line("daemon answers in",
		    arena_printf(a, "%" PRId64 " us", h->daemon.us));
	else
		print_line("daemon trouble", h->daemon.error);
}

int
run_status(struct ctl *ctl, int argc, char **argv)
{
	struct health *h = arena_alloc(ctl->arena, sizeof(*h));

	if (argc > 1)
		return fail(EX_USAGE, "status: '%s' is too much", argv[1]);
	health_take(h, ctl);
	if (ctl->json) {
		out_json(json_pack("{s:o, s:o, s:o, s:o}", "redis",
		    redis_json(h), "listed", holdings_json(h), "nodes",
		    nodes_json(h), "daemon", daemon_json(h)));
	} else {
		print_redis(ctl->arena, h);
		print_holdings(ctl->arena, h);
		print_keys(ctl->arena, &h->census);
		print_peers(ctl->arena, h);
		print_daemon(ctl->arena, h);
	}
	if (h->trouble || (h->listen && !h->daemon.well))
		return EX_UNAVAILABLE;
	return EX_OK;
}
