/*
 * account - the words of its questions, the numbers of their answers
 */
#include "register/account.h"

#include <inttypes.h>
#include <string.h>

#include "ask/key.h"
#include "base/address.h"
#include "base/arena.h"
#include "conf/conf.h"

enum { IPV4_BITS = 24 };
enum { UNTIL, FAILURES, KNOWN_NETWORK, DISABLED, CHANGED, NUMBERS };
enum { REASON = NUMBERS, BY, VALUES };

static const char *const changes[] = {
	[ACCOUNT_UNLOCK] = "unlock",
	[ACCOUNT_FORGET] = "forget",
	[ACCOUNT_DISABLE] = "disable",
	[ACCOUNT_ENABLE] = "enable",
};

static struct word
word_of(const char *text)
{
	return (struct word){ text, strlen(text) };
}

static struct word
word_of_number(struct arena *a, int64_t number)
{
	return word_of(arena_printf(a, "%" PRId64, number));
}

/* One login has one entry, in whichever way it was typed. */
static const char *
full_name(struct arena *a, const struct conf *conf, const char *user)
{
	return strchr(user, '@') || !*conf->realm
	    ? user
	    : arena_printf(a, "%s@%s", user, conf->realm);
}

static struct question
put_together(struct arena *a, const struct conf *conf, const char *what,
    const char *user, const char *network, const char *hash)
{
	return (struct question){ .script = &script_account,
		.read_only = strcmp(what, "read") == 0,
		.keys = 1,
		.count = 7,
		.words = {
		    key_make(a, conf->prefix, "account",
			full_name(a, conf, user), NULL, 0),
		    word_of(what),
		    word_of(network),
		    word_of(hash),
		    word_of_number(a, conf->account.lockout),
		    word_of_number(a, conf->account.window),
		    word_of_number(a, conf->account.locked),
		} };
}

static struct question
ask(struct arena *a, const struct conf *conf, const char *what,
    const char *user, const struct address *client, const char *hash)
{
	const struct network n = network_of(client,
	    client->family == 4 ? IPV4_BITS : address_client_bits(client));
	char text[NETWORK_TEXT];

	return put_together(
	    a, conf, what, user, arena_strdup(a, network_text(&n, text)), hash);
}

struct question
account_read(struct arena *a, const struct conf *conf, const char *user,
    const struct address *client)
{
	return ask(a, conf, "read", user, client, "");
}

struct question
account_failed(struct arena *a, const struct conf *conf, const char *user,
    const struct address *client, const char *hash)
{
	return ask(a, conf, "failed", user, client, hash);
}

struct question
account_good(struct arena *a, const struct conf *conf, const char *user,
    const struct address *client)
{
	return ask(a, conf, "good", user, client, "");
}

const char *
account_change_name(enum account_change change)
{
	return changes[change];
}

struct question
account_change(struct arena *a, const struct conf *conf,
    enum account_change change, const char *user, const char *reason,
    const char *by)
{
	struct question q = put_together(
	    a, conf, changes[change], user, "", "");

	q.words[q.count++] = word_of(reason);
	q.words[q.count++] = word_of(by);
	return q;
}

bool
account_state(const struct answer *answer, struct account_state *out)
{
	const struct value *v = answer->values;

	if (answer->state != KNOWN || answer->count != VALUES)
		return false;
	for (int i = 0; i < VALUES; i++)
		if (i < NUMBERS ? !v[i].is_number : !v[i].text)
			return false;
	*out = (struct account_state){ .locked_until = v[UNTIL].number,
		.failures = v[FAILURES].number,
		.known = v[KNOWN_NETWORK].number == 1,
		.disabled = v[DISABLED].number == 1,
		.changed = v[CHANGED].number == 1 };
	return true;
}

const char *
account_reason(const struct answer *answer)
{
	return answer->values[REASON].text;
}

const char *
account_by(const struct answer *answer)
{
	return answer->values[BY].text;
}
