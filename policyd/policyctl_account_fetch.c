/*
 * policyctl_account_fetch - what Redis keeps of a mailbox, and what it means
 *
 * The fields are read as they are; whether it is locked, and how many failures
 * still count, the script says that policyd asks at a login.
 */
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/arena.h"
#include "policyctl.h"
#include "policyctl_account.h"
#include "policyctl_redis.h"

/* No client comes from here, so its network is never one of the owner's. */
static const struct address nowhere = { .family = 4 };

static const char *
field(const struct node *hash, const char *name)
{
	for (size_t i = 0; i + 1 < hash->count; i += 2)
		if (!strcmp(hash->items[i].text, name))
			return hash->items[i + 1].text;
	return "";
}

static void
take(struct account *who, const struct node *hash)
{
	who->unreadable = hash->kind != NODE_LIST;
	who->known = who->unreadable || hash->count > 0;
	who->reason = field(hash, "disabled");
	who->by = field(hash, "disabled_by");
	who->disabled_at = strtoll(field(hash, "disabled_at"), NULL, 10);
	who->last = strtoll(field(hash, "last"), NULL, 10);
	who->tries = field(hash, "tries");
	who->networks = field(hash, "networks");
}

bool
accounts_fetch(struct ctl *ctl, struct door *d, struct arena *a,
    const char *const *users, struct account *out, size_t count)
{
	struct order *orders = arena_alloc(a, count * sizeof(*orders));
	struct question *qs = arena_alloc(a, count * sizeof(*qs));
	struct answer *answers = arena_alloc(a, count * sizeof(*answers));

	for (size_t i = 0; i < count; i++) {
		qs[i] = account_read(a, ctl->conf, users[i], &nowhere);
		out[i] = (struct account){ .user = users[i],
			.key = qs[i].words[0].text };
		order_words(&orders[i], "HGETALL", out[i].key, NULL);
	}
	if (!door_ask(d, a, orders, count) ||
	    !door_question(d, a, qs, answers, count))
		return false;
	for (size_t i = 0; i < count; i++) {
		take(&out[i], &orders[i].reply);
		account_state(&answers[i], &out[i].is);
	}
	return true;
}
