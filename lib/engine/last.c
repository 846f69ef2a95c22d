/*
 * last - what was decided, and how it was said
 */
#include "engine/last.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"

struct told {
	unsigned references;
	int code;
	char enhanced[12];
	char text[];
};

void
told_unref(struct told *told)
{
	if (told && --told->references == 0)
		free(told);
}

/* Of what may differ between two requests of a transaction. SMTP lets a session
 * greet, log in or start TLS only outside of one; queue_id is left out, it
 * appears when Postfix accepts the first recipient. */
static uint64_t
digest(uint64_t seed, const struct request *req)
{
	const char *parts[] = { req->protocol_state, req->sender,
		req->recipient, req->recipient_count, req->size,
		req->policy_context };
	uint64_t hash = seed;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		hash = hash_text(hash, parts[i]);
	return hash;
}

bool
last_recall(const struct last *l, uint64_t seed, const struct request *req,
    uint64_t now_ms, struct decision *d)
{
	if (now_ms > l->until_ms || l->of != digest(seed, req))
		return false;
	d->repeated = true;
	d->refused = l->told != NULL;
	if (d->refused) {
		d->reply.code = l->told->code;
		d->reply.enhanced = arena_strdup(req->arena, l->told->enhanced);
		d->reply.text = arena_strdup(req->arena, l->told->text);
	}
	return true;
}

static bool
is_the_same(const struct told *told, const struct reply *r)
{
	return told->code == r->code &&
	    strcmp(told->enhanced, r->enhanced) == 0 &&
	    strcmp(told->text, r->text) == 0;
}

/* With a reference for the caller. */
static struct told *
remember(struct told **latest, const struct reply *r)
{
	struct told *told = *latest;

	if (!told || !is_the_same(told, r)) {
		const size_t size = strlen(r->text) + 1;

		told_unref(told);
		told = *latest = xmalloc(sizeof(*told) + size);
		*told = (struct told){ .references = 1, .code = r->code };
		strncpy(
		    told->enhanced, r->enhanced, sizeof(told->enhanced) - 1);
		memcpy(told->text, r->text, size);
	}
	told->references++;
	return told;
}

void
last_keep(struct last *l, struct told **latest, uint64_t seed,
    const struct request *req, uint64_t now_ms, const struct decision *d)
{
	told_unref(l->told);
	l->of = digest(seed, req);
	l->until_ms = now_ms + REPEAT_MS;
	l->told = d->refused ? remember(latest, &d->reply) : NULL;
}
