/*
 * policyctl_change - a heap of questions, then what the indexes must know
 */
#include "policyctl_change.h"

#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "policyctl.h"
#include "policyctl_entry.h"
#include "policyctl_log.h"
#include "policyctl_redis.h"
#include "policyctl_shelf.h"
#include "rate/rate.h"
#include "register/put.h"
#include "scope/scope.h"

/* A mail waits for half a second, whoever clears a register waits longer; and
 * sends as much at a time as he likes. */
enum { PATIENCE_MS = 5000, IN_FLIGHT = 4096, UNSENT = 256 << 20 };

enum { SCRIPTS = 64 };

struct door *
patient_door(struct ctl *ctl, const struct script *const *scripts)
{
	struct conf patient = *ctl->conf;
	struct ctl own = *ctl;

	if (patient.redis.deadline_ms < PATIENCE_MS)
		patient.redis.deadline_ms = PATIENCE_MS;
	if (patient.redis.max_in_flight < IN_FLIGHT)
		patient.redis.max_in_flight = IN_FLIGHT;
	if (patient.redis.max_bytes < UNSENT)
		patient.redis.max_bytes = UNSENT;
	own.conf = &patient;
	return door_open(&own, scripts);
}

struct door *
register_door(struct ctl *ctl)
{
	static const struct script *const own[] = { &script_put, NULL };
	static const struct script *const *const all[] = { register_scripts,
		scope_scripts, rate_scripts, own };
	const struct script **list = arena_alloc(
	    ctl->arena, SCRIPTS * sizeof(*list));
	size_t n = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		for (size_t s = 0; all[i][s] && n + 1 < SCRIPTS; s++)
			list[n++] = all[i][s];
	return patient_door(ctl, list);
}

int
register_status(const struct door *d)
{
	if (!door_trouble(d))
		return EX_OK;
	return fail(
	    EX_UNAVAILABLE, "Redis %s: %s", door_where(d), door_trouble(d));
}

void
changes_start(struct changes *c, struct ctl *ctl, struct door *d)
{
	*c = (struct changes){ .ctl = ctl,
		.door = d,
		.by = author(ctl->arena),
		.arena = arena_new() };
}

void
changes_end(struct changes *c)
{
	arena_release(c->arena);
}

struct change *
changes_next(struct changes *c)
{
	if (c->used == CHANGES)
		changes_do(c);
	c->list[c->used] = (struct change){ 0 };
	return &c->list[c->used++];
}

void
changes_lift_client(
    struct changes *c, enum register_name kept, const struct address *address)
{
	struct change *one = changes_next(c);

	one->question = register_lift(
	    c->arena, c->ctl->conf, address, kept, c->by);
	one->indexed = true;
	one->kept = kept;
	one->address = *address;
}

/* A key that somebody else made under our name. */
static void
delete_key(struct changes *c, const char *key)
{
	struct order o = { 0 };

	order_words(&o, "DEL", key, NULL);
	if (door_ask(c->door, c->arena, &o, 1))
		c->made += o.reply.number;
}

void
changes_lift(struct changes *c, const struct entry *e)
{
	struct address address;
	struct change *one;

	if (e->key && register_client_parse(e->client, &address)) {
		changes_lift_client(c, e->shelf->kept, &address);
	} else if (e->key) {
		delete_key(c, e->key);
	} else {
		one = changes_next(c);
		one->question = list_del(
		    c->arena, c->ctl->conf, e->shelf->list, e->client);
	}
}

/* An index that is over its cap answers who must go. */
static void
lift_over(struct changes *c, enum register_name kept, const struct answer *over)
{
	struct arena *a = arena_new();
	struct question qs[ANSWER_VALUES] = { 0 };
	struct answer answers[ANSWER_VALUES];
	size_t n = 0;

	for (unsigned i = 0; i < over->count; i++) {
		struct address address;

		if (over->values[i].text &&
		    register_client_parse(over->values[i].text, &address))
			qs[n++] = register_lift(
			    a, c->ctl->conf, &address, kept, c->by);
	}
	door_question(c->door, a, qs, answers, n);
	arena_release(a);
}

/* False when an index need not know. Who is not in a register need not be on
 * its index, whoever took him off. */
static bool
for_index(const struct change *one, int64_t *until)
{
	struct register_result r;

	*until = one->until;
	if (!one->until_told)
		return one->indexed && (one->made || one->until == 0);
	*until = register_result(&one->answer, &r) ? r.until : 0;
	return *until != 0;
}

static bool
tell_indexes(struct changes *c)
{
	struct question qs[CHANGES] = { 0 };
	struct answer answers[CHANGES];
	enum register_name kept[CHANGES];
	int64_t until;
	size_t n = 0;

	for (size_t i = 0; i < c->used; i++) {
		const struct change *one = &c->list[i];

		if (!for_index(one, &until))
			continue;
		kept[n] = one->kept;
		qs[n++] = register_index(
		    c->arena, c->ctl->conf, one->kept, &one->address, until);
	}
	if (!door_question(c->door, c->arena, qs, answers, n))
		return false;
	for (size_t i = 0; i < n; i++)
		lift_over(c, kept[i], &answers[i]);
	return true;
}

/* Every script of ours says first whether something is different now. */
static bool
ask_all(struct changes *c)
{
	struct question qs[CHANGES] = { 0 };
	struct answer answers[CHANGES] = { 0 };
	bool whole;

	for (size_t i = 0; i < c->used; i++)
		qs[i] = c->list[i].question;
	whole = door_question(c->door, c->arena, qs, answers, c->used);
	for (size_t i = 0; i < c->used; i++) {
		struct change *one = &c->list[i];

		one->answer = answers[i];
		one->made = answers[i].state == KNOWN && answers[i].count > 0 &&
		    answers[i].values[0].number != 0;
		c->made += one->made && !one->part;
	}
	return whole;
}

bool
changes_do(struct changes *c)
{
	const bool whole = ask_all(c) && tell_indexes(c);

	arena_release(c->arena);
	c->arena = arena_new();
	c->used = 0;
	return whole;
}
