/*
 * keys - all of a domain's have its tag
 */
#include "scope/keys.h"

#include <string.h>

#include "ask/key.h"
#include "base/arena.h"
#include "conf/conf.h"

static void
add(struct question *q, struct arena *a, const struct conf *conf,
    const char *domain_name, const char *mailbox_name, const char *address)
{
	const char *at = strrchr(address, '@'), *user;

	if (!at) {
		q->words[q->count++] = key_make(
		    a, conf->prefix, domain_name, address, NULL, 0);
	} else {
		user = arena_memdup(a, address, (size_t)(at - address));
		q->words[q->count++] = key_make(
		    a, conf->prefix, mailbox_name, at + 1, &user, 1);
	}
	q->keys++;
}

void
keys_settings(struct question *q, struct arena *a, const struct conf *conf,
    const char *address)
{
	add(q, a, conf, "domain", "mailbox", address);
}

void
keys_denied(struct question *q, struct arena *a, const struct conf *conf,
    const char *address)
{
	add(q, a, conf, "deny", "deny", address);
}

void
keys_word(struct question *q, const char *word)
{
	q->words[q->count++] = (struct word){ word, strlen(word) };
}
