/*
 * auth_policy - what Dovecot asks before a login, and tells after it
 *
 * POST ?command=allow wants {"status":0} or {"status":-1,"msg":"..."}; the text
 * reaches the client. A status above 0 would make Dovecot wait so many seconds,
 * twice for a good login: never ours. ?command=report says how it ended; a
 * failure fills the abuse register, and the lockout of the mailbox.
 *
 * What is not known is no reason to keep anybody out: without Redis the answer
 * is 0.
 */
#include "http/site.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "conf/conf.h"
#include "engine/engine.h"
#include "http/body.h"
#include "http/seek.h"
#include "register/account.h"
#include "register/aftermath.h"
#include "register/lists.h"
#include "register/refusals.h"
#include "scope/scope.h"

enum { LOGIN_MOST = 512 }; /* bytes of a login; a longer one is nobody's */
enum { HASH_MOST = 64 };

/* A question about the login, or something to be written. */
struct asked {
	struct ticket ticket;
	struct login *login;
	struct question question;
	void (*heard)(struct login *, const struct answer *);
};

struct login {
	struct http_request *req;
	const struct site *site;
	struct conf *conf; /* as long as the request */
	struct lists *lists;
	const char *user, *hash;
	const char *protocol;
	enum register_service service;
	struct address client; /* family 0: none that we could know */
	bool immune; /* nothing is held against the address */

	struct asked address, account;
	struct seek seek;
	const struct scope *scope; /* of the mailbox that logs in */
	unsigned open; /* not heard yet */
	void (*finish)(struct login *);
	struct register_entry entry;
	struct account_state state;
};

/* -- what the request says -- */

/* Dovecot's names of its services. Others (doveadm, lmtp) count with IMAP:
 * what is not SMTP is reading mail. */
static enum register_service
service_of(const char *protocol)
{
	if (strcmp(protocol, "smtp") == 0 ||
	    strcmp(protocol, "submission") == 0)
		return SERVICE_SMTP;
	return strcmp(protocol, "pop3") == 0 ? SERVICE_POP3 : SERVICE_IMAP;
}

/* It becomes a word in a value of Redis. */
static const char *
hash_of(const char *text)
{
	const size_t size = strspn(text, "0123456789abcdefABCDEF");

	return text[size] || size > HASH_MOST ? "" : text;
}

static void
let_go_conf(void *conf)
{
	conf_unref(conf);
}

static void
let_go_lists(void *lists)
{
	lists_unref(lists);
}

/* A reload meanwhile is none of its business. */
static void
hold(struct login *l)
{
	struct engine *e = l->site->engine;

	l->conf = conf_ref(engine_conf(e));
	arena_defer(l->req->arena, let_go_conf, l->conf);
	if (!engine_known_lists(e))
		return;
	l->lists = lists_ref(engine_known_lists(e));
	arena_defer(l->req->arena, let_go_lists, l->lists);
}

static struct login *
login_of(struct http_request *req, const struct site *site,
    const struct json_t *body)
{
	struct login *l = arena_alloc(req->arena, sizeof(*l));

	l->req = req;
	l->site = site;
	hold(l);
	l->user = text_lower(req->arena, body_text(body, "login"));
	l->hash = hash_of(body_text(body, "pwhash"));
	l->protocol = body_text(body, "protocol");
	l->service = service_of(l->protocol);
	body_address(body, "remote", &l->client);
	l->immune = l->client.family == 0 ||
	    lists_immune(
		l->lists, l->conf, &l->client, "", clock_unix(site->clock));
	return l;
}

/* -- asking -- */

static void
reply_status(struct login *l, int status, const char *msg)
{
	http_reply(l->req, 200, BODY_TYPE,
	    arena_printf(l->req->arena, "{\"status\":%d,\"msg\":\"%s\"}\n",
		status, msg));
}

static void
answered(struct ticket *ticket, const struct answer *a)
{
	struct asked *asked = (struct asked *)ticket;
	struct login *l = asked->login;

	asked->heard(l, a);
	if (--l->open == 0)
		l->finish(l);
}

static void
ask(struct login *l, struct asked *asked, struct question q,
    void (*heard)(struct login *, const struct answer *))
{
	asked->ticket.answered = answered;
	asked->login = l;
	asked->question = q;
	asked->heard = heard;
	l->open++;
	store_ask(
	    engine_store(l->site->engine), &asked->question, &asked->ticket);
}

static void
hear_account(struct login *l, const struct answer *a)
{
	account_state(a, &l->state);
}

/* -- allow -- */

/* Why it is refused. The texts are the client's to read; none of them holds
 * anything that the client has sent but its address. */
struct refusal {
	const char *reason; /* NULL: it is not */
	const char *msg;
	int64_t until;
	bool observed; /* only the log hears of it */
};

static struct refusal
about_address(const struct login *l)
{
	const struct settings *set = &l->conf->settings;
	const struct register_entry *e = &l->entry;
	struct list_entry network;

	if (l->immune)
		return (struct refusal){ NULL };
	if (set->ban.policy.mode != MODE_OFF &&
	    (e->banned ||
		lists_find(l->lists, LIST_BANS, &l->client, "",
		    clock_unix(l->site->clock), &network)))
		return (struct refusal){ "ban", login_refusals[LOGIN_BANNED],
			e->banned ? e->ban_until : network.until,
			set->ban.policy.mode == MODE_OBSERVE };
	if (set->abuse.policy.mode != MODE_OFF && e->abuse_until != 0)
		return (struct refusal){ "abuse", login_refusals[LOGIN_LISTED],
			e->abuse_until,
			set->abuse.policy.mode == MODE_OBSERVE };
	return (struct refusal){ NULL };
}

/* As the check `account` has it. */
static struct refusal
about_scope(const struct login *l)
{
	const struct settings *set = l->scope->set;
	const bool observed = set->account.policy.mode == MODE_OBSERVE;

	if (set->account.policy.mode == MODE_OFF ||
	    set->account.state == ACCOUNT_ENABLED)
		return (struct refusal){ NULL };
	if (set->account.state == ACCOUNT_DENIED)
		return (struct refusal){ "denied", login_refusals[LOGIN_LOCKED],
			0, observed };
	return (struct refusal){ "disabled", login_refusals[LOGIN_DISABLED], 0,
		observed };
}

static struct refusal
about_account(const struct login *l)
{
	if (l->state.disabled)
		return (struct refusal){ "disabled",
			login_refusals[LOGIN_DISABLED] };
	if (l->state.locked_until > 0 && l->conf->account.lockout > 0)
		return (struct refusal){ "locked", login_refusals[LOGIN_LOCKED],
			l->state.locked_until };
	return (struct refusal){ NULL };
}

static void
log_refusal(const struct login *l, const struct refusal *r)
{
	struct line line;
	char text[ADDRESS_TEXT];

	line_clear(&line);
	line_add(&line, "login refused=");
	line_add(&line, r->observed ? "observed" : "yes");
	line_field(&line, "reason", r->reason);
	line_field(&line, "client", address_text(&l->client, text));
	line_field(&line, "user", l->user);
	line_field(&line, "service", l->protocol);
	if (r->until > 0)
		line_number(&line, "until", (long long)r->until);
	log_line(LEVEL_INFO, &line);
}

/* The first of them counts; of those that are only observed each is logged. */
static void
finish_allow(struct login *l)
{
	static struct refusal (*const about[])(const struct login *) = {
		about_address, about_account, about_scope
	};
	struct refusal r = { NULL };

	for (size_t i = 0; i < sizeof(about) / sizeof(about[0]); i++) {
		r = about[i](l);
		if (r.reason)
			log_refusal(l, &r);
		if (r.reason && !r.observed)
			break;
	}
	if (r.reason && !r.observed)
		reply_status(l, -1, r.msg);
	else
		reply_status(l, 0, "");
}

static void
hear_address(struct login *l, const struct answer *a)
{
	register_entry(a, &l->entry);
}

static void
found(struct seek *seek, const struct scope *scope)
{
	struct login *l = (struct login *)((char *)seek -
	    offsetof(struct login, seek));

	l->scope = scope;
	if (--l->open == 0)
		l->finish(l);
}

/* In memory as a rule; then another question is open still. */
static void
seek(struct login *l)
{
	l->seek = (struct seek){ l->req, l->site, l->conf,
		scope_address(l->req->arena, l->user, l->conf->realm), found };
	l->open++;
	seek_scope(&l->seek);
}

static void
allow(struct login *l)
{
	struct arena *a = l->req->arena;

	l->finish = finish_allow;
	if (!l->immune)
		ask(l, &l->address,
		    register_read_for(a, l->conf, &l->client, "", l->service),
		    hear_address);
	ask(l, &l->account, account_read(a, l->conf, l->user, &l->client),
	    hear_account);
	seek(l);
}

/* -- report -- */

static void
hear_failure(struct login *l, const struct answer *a)
{
	const struct offence o = { .which = REGISTER_ABUSE,
		.why = "failed logins",
		.by = "auth-policy",
		.user = l->user };
	struct register_result r;

	if (register_result(a, &r))
		aftermath(engine_store(l->site->engine), l->conf, &l->client,
		    &r, &o, NULL);
}

static void
finish_report(struct login *l)
{
	struct line line;
	char text[ADDRESS_TEXT];

	if (l->state.changed) {
		line_clear(&line);
		line_add(&line, "account locked=yes");
		line_field(&line, "user", l->user);
		line_field(&line, "client", address_text(&l->client, text));
		line_field(&line, "service", l->protocol);
		line_number(&line, "until", (long long)l->state.locked_until);
		log_line(LEVEL_WARNING, &line);
	}
	reply_status(l, 0, "");
}

static void
report_failure(struct login *l)
{
	struct arena *a = l->req->arena;
	const struct failure f = { l->user, l->hash, l->service, 1 };

	if (!l->immune)
		ask(l, &l->address,
		    register_failure(a, l->conf, &l->client, &f), hear_failure);
	if (l->conf->account.lockout > 0)
		ask(l, &l->account,
		    account_failed(a, l->conf, l->user, &l->client, l->hash),
		    hear_account);
}

/* What we have refused ourselves is no new failure: it would never end. */
static void
report(struct login *l, const struct json_t *body)
{
	l->finish = finish_report;
	if (body_false(body, "success") && !body_true(body, "policy_reject"))
		report_failure(l);
	else if (body_true(body, "success") && l->conf->account.lockout > 0 &&
	    l->client.family != 0)
		ask(l, &l->account,
		    account_good(l->req->arena, l->conf, l->user, &l->client),
		    hear_account);
	if (l->open == 0)
		reply_status(l, 0, "");
}

void
serve_auth_policy(struct http_request *req, void *site)
{
	const char *command = http_query(req, "command");
	const struct json_t *body = body_object(req);
	struct login *l;

	if (!body)
		return;
	l = login_of(req, site, body);
	if (!*l->user || strlen(l->user) > LOGIN_MOST)
		body_refuse(req, "login is missing, or too long");
	else if (strcmp(command, "allow") == 0)
		allow(l);
	else if (strcmp(command, "report") == 0)
		report(l, body);
	else
		body_refuse(req, "command is neither allow nor report");
}
