/*
 * login - who may send as whom
 *
 * As one's own mailbox, whatever extension stands behind its name, and as the
 * aliases that lead to it; as the addresses one was given; as those that the
 * table of owners has one's login for. With match = domain, as anybody of
 * one's own domain.
 */
#include "checks/checks.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "conf/lookup.h"
#include "scope/scope.h"

/* Who wants to be whom. */
struct attempt {
	const struct request *req;
	const struct settings *set; /* of the login */
	const struct scope *login;
	const char *sender; /* as scope_address() has it; "" for none */
};

static bool
same(const char *a, const char *b)
{
	return *a && strcmp(a, b) == 0;
}

/* In whichever way the login is written there. */
static bool
is_login(const struct attempt *at, const char *address)
{
	return same(address, at->login->address) ||
	    same(address, at->login->mailbox);
}

/* -- lists of logins, with commas or blanks between them -- */

typedef bool has_word(const struct attempt *at, const char *word);

static bool
any_word(const struct attempt *at, const char *list, has_word *has)
{
	static const char separators[] = ", \t";
	struct arena *a = at->req->arena;
	size_t size;

	for (list += strspn(list, separators); *list;
	     list += size + strspn(list + size, separators)) {
		size = strcspn(list, separators);
		if (has(at, arena_memdup(a, list, size)))
			return true;
	}
	return false;
}

/* A login, or all of a domain. One that names no domain is of none. */
static bool
names_login(const struct attempt *at, const char *word)
{
	if (*word == '@')
		return *at->login->user &&
		    strcasecmp(word + 1, at->login->domain) == 0;
	return is_login(
	    at, scope_address(at->req->arena, word, at->req->conf->realm));
}

static bool
names_owner(const struct attempt *at, const char *word)
{
	static const char group[] = "group:";
	const size_t size = sizeof(group) - 1;
	const char *members;

	if (strncasecmp(word, group, size) != 0)
		return names_login(at, word);
	members = lookups_address(at->set->login.groups, word + size);
	return members && any_word(at, members, names_login);
}

/* -- the ways in which one may -- */

static bool
as_nobody(const struct attempt *at)
{
	return !*at->sender && at->set->login.null_sender;
}

static bool
as_oneself(const struct attempt *at)
{
	return is_login(at, at->sender);
}

/* Also as it came, when the realm was put behind it. */
static bool
exempt(const struct attempt *at)
{
	const struct lookups *logins = at->set->login.exempt;

	return lookups_address(logins, at->login->address) ||
	    lookups_key(logins, at->req->sasl_username);
}

/* As a target of an alias may stand in a table: "jo" is one of its domain. */
static bool
names_target(const struct attempt *at, const char *word)
{
	const char *sign = strrchr(at->sender, '@');

	return is_login(
	    at, scope_address(at->req->arena, word, sign ? sign + 1 : ""));
}

/* A scope has no extension; "jo+shop@" may be an alias where "jo@" is none. */
static bool
as_extended_alias(const struct attempt *at)
{
	const char *targets = strchr(at->req->sender, '+')
	    ? lookups_key(at->req->conf->aliases, at->req->sender)
	    : NULL;

	return targets && any_word(at, targets, names_target);
}

static bool
as_alias(const struct attempt *at)
{
	const struct scope *s = at->req->sender_scope;

	if (!same(s->address, at->sender))
		return false; /* of an address that cannot be ours */
	for (size_t i = 0; i < s->target_count; i++)
		if (is_login(at, s->targets[i]))
			return true;
	return same(s->mailbox, at->login->mailbox);
}

static bool
as_given(const struct attempt *at)
{
	return lookups_address(at->set->login.addresses, at->req->sender);
}

static bool
as_owned(const struct attempt *at)
{
	const char *owners = lookups_address(
	    at->set->login.owners, at->req->sender);

	return owners && any_word(at, owners, names_owner);
}

static bool
as_neighbour(const struct attempt *at)
{
	const char *sign = strrchr(at->sender, '@');

	return at->set->login.match == LOGIN_DOMAIN && *at->login->user &&
	    sign && same(sign + 1, at->login->domain);
}

/* `by` is what the log says; NULL: nothing to speak of. */
static const struct way {
	const char *by;
	bool (*may)(const struct attempt *at);
} ways[] = {
	{ NULL, as_oneself },
	{ NULL, as_nobody },
	{ "exempt", exempt },
	{ "alias", as_alias },
	{ "alias", as_extended_alias },
	{ "addresses", as_given },
	{ "owners", as_owned },
	{ "domain", as_neighbour },
};

enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

static struct verdict
refuse(const struct attempt *at)
{
	static const char *const names[] = { "mailbox", "domain" };
	struct verdict v = verdict_refuse(REPLY_LOGIN);

	verdict_text(&v, "login", at->login->address);
	verdict_text(&v, "match", names[at->set->login.match]);
	return v;
}

/* What Redis might add to that: addresses and settings of the login, and that
 * the sender is an alias. */
static enum loss
loss_of(const struct attempt *at)
{
	return at->login->loss != LOSS_NONE ? at->login->loss
					    : at->req->sender_scope->loss;
}

static struct verdict
judge(const struct request *req, const struct facts *facts)
{
	const struct attempt at = { .req = req,
		.set = req->login_scope->set,
		.login = req->login_scope,
		.sender = *req->sender
		    ? scope_address(req->arena, req->sender, "")
		    : "" };
	struct verdict v = verdict_pass();

	(void)facts;
	for (size_t i = 0; i < WAYS; i++)
		if (ways[i].may(&at)) {
			if (ways[i].by)
				verdict_text(&v, "by", ways[i].by);
			return v;
		}
	return loss_of(&at) != LOSS_NONE ? verdict_lost(loss_of(&at))
					 : refuse(&at);
}

const struct check check_login = {
	.name = "login",
	.stages = AT_MAIL | AT_RCPT,
	.classes = AUTHENTICATED,
	.tier = TIER_REGISTERS,
	.whose = OF_LOGIN,
	.policy = offsetof(struct settings, login.policy),
	.judge = judge,
};
