/*
 * scene_registers - what feeds and administrators write
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "kit/scene.h"
#include "kit/theatre.h"
#include "register/lists.h"
#include "register/register.h"

/* The words behind the verb, and what they are about. */
struct act {
	struct scene *scene;
	struct arena *arena;
	const struct conf *conf;
	struct address client;
	const char *const *words; /* behind the client */
};

static int64_t
seconds(const struct act *a, const char *text)
{
	return strcmp(text, "permanent") == 0
	    ? FOREVER
	    : scene_time(a->scene, text) / 1000;
}

static struct question
failure(const struct act *a)
{
	const struct failure f = { a->words[0], "", SERVICE_SMTP,
		(unsigned)atoi(a->words[1]) };

	return register_failure(a->arena, a->conf, &a->client, &f);
}

static struct question
report(const struct act *a)
{
	return register_spam(a->arena, a->conf, &a->client, a->words[0],
	    conf_settings(a->conf, a->words[0]));
}

static struct question
strike(const struct act *a)
{
	return register_strike(
	    a->arena, a->conf, &a->client, a->words[0], "test");
}

static struct question
ban(const struct act *a)
{
	return register_ban(a->arena, a->conf, &a->client,
	    seconds(a, a->words[0]), a->words[1], "test");
}

static struct question
lift(const struct act *a)
{
	enum register_name n = REGISTER_ABUSE;

	while (n < REGISTER_BAN && strcmp(register_name(n), a->words[0]) != 0)
		n++;
	return register_lift(a->arena, a->conf, &a->client, n, "test");
}

/* Here the client is the name of the list. */
static struct question
list(const struct act *a)
{
	enum list_name which = LIST_ALLOW;

	while (which + 1 < LIST_COUNT &&
	    strcmp(list_name(which), a->words[-1]) != 0)
		which++;
	return list_add(a->arena, a->conf, which, a->words[0],
	    seconds(a, a->words[1]), "test", a->words[2]);
}

static const struct {
	const char *word;
	size_t words;
	struct question (*write)(const struct act *a);
} acts[] = { { "failure", 2, failure }, { "report", 1, report },
	{ "strike", 1, strike }, { "ban", 2, ban }, { "lift", 1, lift },
	{ "list", 3, list } };

void
scene_register(struct scene *s, const char *rest)
{
	size_t count;
	const char *const *words = scene_cut(s, rest, 2, &count);
	struct act a = { .scene = s,
		.arena = s->arena,
		.conf = theatre_conf(scene_theatre(s)),
		.words = words + 2 };

	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(acts[i].word, words[0]) == 0 &&
		    count == acts[i].words + 2) {
			const bool known = address_parse(&a.client, words[1]);
			struct question q;

			if (!known && acts[i].write != list)
				scene_wrong(s, "no address: '%s'", words[1]);
			q = acts[i].write(&a);
			theatre_write(s->theatre, &q);
			return;
		}
	scene_wrong(s, "cannot be understood: 'register %s'", rest);
}
