/*
 * keys - all of a domain's have its tag
 */
#include "scope/keys.h"

#include <string.h>

#include "ask/key.h"
#include "base/arena.h"
#include "base/text.h"
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

static const char denied[] = "deny";

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
	add(q, a, conf, denied, denied, address);
}

void
keys_all(struct question *q, struct arena *a, const struct conf *conf,
    const char *address)
{
	keys_settings(q, a, conf, address);
	q->words[q->count] = key_twin(
	    a, conf->prefix, denied, q->words[q->count - 1]);
	q->count++;
	q->keys++;
}

void
keys_word(struct question *q, const char *word)
{
	q->words[q->count++] = (struct word){ word, strlen(word) };
}

void
keys_number(struct question *q, struct arena *a, uint64_t number)
{
	char *text = arena_take(a, TEXT_DIGITS + 1);

	*text_number(text, number) = '\0';
	keys_word(q, text);
}
