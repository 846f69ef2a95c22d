/*
 * list - the questions that change a list
 */
#include <string.h>

#include "ask/key.h"
#include "base/arena.h"
#include "base/text.h"
#include "conf/conf.h"
#include "register/lists_build.h"
#include "register/words.h"

extern const struct script script_list;

static const char *const names[LIST_COUNT] = { "allow", "access", "bans",
	"trusted" };

const char *
list_name(enum list_name which)
{
	return names[which];
}

static struct word
key(struct arena *a, const char *prefix, const char *name)
{
	return key_make(a, prefix, name, "lists", NULL, 0);
}

void
lists_keys(
    struct arena *a, const char *prefix, struct word keys[1 + LIST_COUNT])
{
	keys[0] = key(a, prefix, "version");
	for (int i = 0; i < LIST_COUNT; i++)
		keys[1 + i] = key(a, prefix, names[i]);
}

static struct question
change(struct arena *a, const struct conf *conf, enum list_name which,
    const char *pattern)
{
	struct question q = { .script = &script_list, .keys = 2, .count = 2 };

	q.words[0] = key(a, conf->prefix, "version");
	q.words[1] = key(a, conf->prefix, names[which]);
	words_add(&q, arena_strdup(a, pattern));
	return q;
}

struct question
list_add(struct arena *a, const struct conf *conf, enum list_name which,
    const char *pattern, int64_t seconds, const char *by, const char *reason)
{
	struct question q = change(a, conf, which, text_lower(a, pattern));

	words_number(&q, a, seconds);
	words_add(&q, words_clean_one(a, by));
	words_add(&q, words_clean(a, reason, ""));
	return q;
}

struct question
list_del(struct arena *a, const struct conf *conf, enum list_name which,
    const char *pattern)
{
	struct question q = change(a, conf, which, pattern);

	words_add(&q, "");
	words_add(&q, "");
	words_add(&q, "");
	return q;
}
