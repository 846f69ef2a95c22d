/*
 * deny - the deny list of a mailbox, for webmail and panels
 *
 *     GET    /mailboxes/bob%40example.com/deny
 *     GET    /mailboxes/bob%40example.com/deny/news%40example.org
 *     PUT    the same   {"allow":false}, or nothing
 *     DELETE the same
 *
 * Each address is one part of the path, percent-encoded where it must be. A
 * change is logged as policyctl's are.
 */
#include "http/site.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "conf/conf.h"
#include "engine/engine.h"
#include "http/body.h"
#include "scope/scope.h"

struct denial {
	struct ticket ticket;
	struct http_request *req;
	const struct site *site;
	struct conf *conf;
	const char *address, *entry;
	bool allow;
	struct question question;
	void (*heard)(struct denial *, const struct answer *);
};

/* -- replies -- */

/* Takes the object over. In ASCII: some reader may show it. */
static void
reply(struct denial *d, int status, json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);

	json_decref(object);
	http_reply(d->req, status, BODY_TYPE,
	    arena_printf(d->req->arena, "%s\n", text));
	free(text);
}

static json_t *
text_json(struct arena *a, const char *text)
{
	return json_string(text_as_utf8(a, text));
}

static json_t *
match_json(struct arena *a, const struct deny_match *m)
{
	return json_pack("{s:o, s:b, s:b, s:o}", "sender",
	    text_json(a, m->entry), "allow", m->allow, "forced", m->forced,
	    "since", m->since ? json_integer(m->since) : json_null());
}

static void
add_address(struct denial *d, json_t *object)
{
	json_object_set_new(
	    object, "address", text_json(d->req->arena, d->address));
}

/* -- asking -- */

static void
answered(struct ticket *ticket, const struct answer *answer)
{
	struct denial *d = (struct denial *)ticket;

	if (answer->state == KNOWN)
		d->heard(d, answer);
	else
		http_reply(d->req, 503, BODY_TYPE,
		    arena_printf(d->req->arena, "{\"error\":\"redis: %s\"}\n",
			loss_name(answer->loss)));
}

static void
ask(struct denial *d, struct question q,
    void (*heard)(struct denial *, const struct answer *))
{
	d->question = q;
	d->heard = heard;
	d->ticket.answered = answered;
	store_ask(engine_store(d->site->engine), &d->question, &d->ticket);
}

static void
let_go_conf(void *conf)
{
	conf_unref(conf);
}

/* NULL when the address is none, and then that was answered. */
static struct denial *
denial_of(struct http_request *req, const struct site *site)
{
	struct denial *d = arena_alloc(req->arena, sizeof(*d));

	d->req = req;
	d->site = site;
	d->conf = conf_ref(engine_conf(site->engine));
	arena_defer(req->arena, let_go_conf, d->conf);
	d->address = scope_address(req->arena, req->parts[0], "");
	if (strchr(d->address, '@') &&
	    !scope_check(req->arena, d->address, "", NULL))
		return d;
	body_refuse(req, "the address is no user@domain");
	return NULL;
}

/* -- the list -- */

static void
add_line(struct denial *d, json_t *entries, char *line)
{
	char *says = strchr(line, '\t');
	struct deny_match m;

	if (!says)
		return;
	*says++ = '\0';
	m = deny_says(d->req->arena, LEVEL_MAILBOX, line, says);
	json_array_append_new(entries, match_json(d->req->arena, &m));
}

static void
hear_list(struct denial *d, const struct answer *answer)
{
	json_t *entries = json_array(), *object;
	char *rest = NULL, *line;

	if (answer->count == 2 && answer->values[1].text)
		rest = arena_strdup(d->req->arena, answer->values[1].text);
	while ((line = strsep(&rest, "\n")))
		add_line(d, entries, line);
	object = json_pack("{s:b, s:I, s:o}", "complete",
	    (int64_t)json_array_size(entries) >= answer->values[0].number,
	    "count", (json_int_t)answer->values[0].number, "entries", entries);
	add_address(d, object);
	reply(d, 200, object);
}

void
serve_deny_list(struct http_request *req, void *site)
{
	struct denial *d = denial_of(req, site);

	if (d)
		ask(d, deny_list(req->arena, d->conf, d->address), hear_list);
}

/* -- one entry -- */

static void
hear_entry(struct denial *d, const struct answer *answer)
{
	struct deny_match m;
	json_t *object;

	if (answer->count != 2 || answer->values[0].number == 0) {
		http_reply(d->req, 404, BODY_TYPE,
		    "{\"error\":\"it is not on the list\"}\n");
		return;
	}
	m = deny_says(d->req->arena, LEVEL_MAILBOX, d->entry,
	    answer->values[1].text ? answer->values[1].text : "");
	object = match_json(d->req->arena, &m);
	add_address(d, object);
	reply(d, 200, object);
}

static void
log_change(const struct denial *d, const char *action)
{
	struct line l;

	line_clear(&l);
	line_add(&l, "change register=deny action=");
	line_add(&l, action);
	line_field(&l, "by", "http");
	line_field(&l, "address", d->address);
	line_field(&l, "sender", d->entry);
	if (strcmp(action, "add") == 0)
		line_field(&l, "is", d->allow ? "allowed" : "denied");
	log_line(LEVEL_INFO, &l);
}

static void
hear_change(struct denial *d, const struct answer *answer)
{
	const bool put = d->req->method == HTTP_PUT;
	const bool changed = answer->count > 0 && answer->values[0].number != 0;
	json_t *object = json_pack("{s:o, s:b}", "sender",
	    text_json(d->req->arena, d->entry), "changed", changed);

	if (changed)
		log_change(d, put ? "add" : "del");
	if (put)
		json_object_set_new(object, "allow", json_boolean(d->allow));
	add_address(d, object);
	reply(d, 200, object);
}

/* False when the body is wrong, and then that was answered. A name that is
 * misspelt is: it would deny whom somebody wants to allow. */
static bool
read_body(struct denial *d)
{
	const json_t *body, *allow;

	if (d->req->size == 0)
		return true;
	body = body_object(d->req);
	if (!body)
		return false;
	allow = json_object_get(body, "allow");
	d->allow = json_is_true(allow);
	if (json_object_size(body) > (allow ? 1 : 0))
		body_refuse(d->req, "only allow may be told");
	else if (allow && !json_is_boolean(allow))
		body_refuse(d->req, "allow is neither true nor false");
	else
		return true;
	return false;
}

void
serve_deny_entry(struct http_request *req, void *site)
{
	struct denial *d = denial_of(req, site);
	struct arena *a = req->arena;

	if (!d)
		return;
	d->entry = deny_entry(a, req->parts[1]);
	if (!d->entry)
		body_refuse(
		    req, "the sender is no address, domain, .domain or user@");
	else if (req->method == HTTP_GET)
		ask(d, deny_get(a, d->conf, d->address, d->entry), hear_entry);
	else if (req->method == HTTP_DELETE)
		ask(d, deny_del(a, d->conf, d->address, d->entry), hear_change);
	else if (read_body(d))
		ask(d,
		    deny_add(a, d->conf, d->address, d->entry, d->allow, false),
		    hear_change);
}
