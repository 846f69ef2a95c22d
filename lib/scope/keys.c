/*
 * keys - all of a domain's have its tag
 */
#include "scope/keys.h"

#include <string.h>

#include "ask/key.h"
#include "base/arena.h"
#include "base/text.h"
#include "conf/conf.h"

const char *const keys_beginnings[] = { "d", "m", NULL };

static const char of_domain[] = "domain", of_mailbox[] = "mailbox",
		  denied[] = "deny";

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
	add(q, a, conf, of_domain, of_mailbox, address);
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

/* None is so long without one: in place of its end a hash may stand. */
bool
keys_named(struct word key)
{
	return key.size < KEY_COMPONENT - 16;
}

/* Behind the name and the tag's brace; NULL: it has another name. */
static const char *
behind_name(const char *prefix, const char *key)
{
	static const char *const names[] = { of_domain, of_mailbox, denied };
	const size_t prefix_size = strlen(prefix);
	const char *name = key + prefix_size;

	if (strncmp(key, prefix, prefix_size) != 0)
		return NULL;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const size_t size = strlen(names[i]);

		if (strncmp(name, names[i], size) == 0 &&
		    strncmp(name + size, ":{", 2) == 0)
			return name + size + 2;
	}
	return NULL;
}

const char *
keys_address(struct arena *a, const char *prefix, const char *key)
{
	const char *tag = behind_name(prefix, key);
	const char *end = tag ? strchr(tag, '}') : NULL, *domain;

	if (!end)
		return NULL;
	domain = key_decode(a, arena_memdup(a, tag, (size_t)(end - tag)));
	if (end[1] == '\0')
		return domain;
	if (end[1] != ':')
		return NULL;
	return arena_printf(a, "%s@%s", key_decode(a, end + 2), domain);
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
