/*
 * What a panel may do to a domain, by chance: a real Redis and the false one
 * say the same to every script, and have the same keys afterwards.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "kit/suite.h"
#include "kit/twins.h"
#include "scope/scope.h"

extern const struct script script_scope_set, script_deny_set;

enum { STEPS = 2500 };

/* A key's value as one text, in an order of its own. */
static const struct script value_of = { "value_of",
	"local kind = redis.call('TYPE', KEYS[1]).ok\n"
	"if kind ~= 'hash' then return kind end\n"
	"local l, t = redis.call('HGETALL', KEYS[1]), {}\n"
	"for i = 1, #l, 2 do t[#t + 1] = l[i] .. '=' .. l[i + 1] end\n"
	"table.sort(t)\n"
	"return table.concat(t, ' ')\n" };

static const char *const addresses[] = { "example.com", "bob@example.com",
	"A+b:{x}@Example.com" };
static const char *const keys[] = { "policyd:domain:{example.com}",
	"policyd:deny:{example.com}", "policyd:mailbox:{example.com}:bob",
	"policyd:deny:{example.com}:bob", "policyd:mailbox:{example.com}:a",
	"policyd:deny:{example.com}:a" };
static const char *const names[] = { "greylist.mode", "alias", "x\n=y", "",
	"since" };
static const char *const values[] = { "off", "", "al, cy", "a\nb\x01\xff", NULL,
	"1" };
static const char *const senders[] = { "al@example.org", "example.org", ".org",
	"\xff\x01", "" };

#define ANY(t, list) list[twins_dice(t, sizeof(list) / sizeof(list[0]))]

struct story {
	struct twins *twins;
	struct arena *arena; /* of one step */
	struct conf *conf;
	struct scopes_known *known;
	struct scope recipient;
	struct script still[2]; /* the scripts that ask for the time, without */
};

static void
ask(struct story *s, struct question q)
{
	const char *name = q.script->name;

	for (int i = 0; i < 2; i++)
		if (strcmp(s->still[i].name, name) == 0) {
			q.script = &s->still[i];
			twins_add(&q, "1732190400");
		}
	assert_string_not_equal(twins_same(s->twins, name, &q), "error");
}

static struct question
find(struct story *s, const char *address)
{
	const struct scope *found;
	struct question q;

	assert_false(scope_find(
	    s->known, s->arena, s->conf, address, UINT64_MAX, &found, &q));
	return q;
}

static struct question
something(struct story *s, const char *address)
{
	struct twins *t = s->twins;
	struct arena *a = s->arena;
	const char *some_names[3], *some_values[3];

	switch (twins_dice(t, 7)) {
	case 0:
		return scope_delete(a, s->conf, address);
	case 1:
		return deny_add(a, s->conf, address, ANY(t, senders),
		    twins_dice(t, 2), twins_dice(t, 2));
	case 2:
		return deny_del(a, s->conf, address, ANY(t, senders));
	case 3:
		return deny_read(a, s->conf, &s->recipient,
		    twins_dice(t, 2) ? "al+x@example.org" : "b@a.org");
	case 4:
		return find(s, address);
	default:
		for (int i = 0; i < 3; i++) {
			some_names[i] = ANY(t, names);
			some_values[i] = ANY(t, values);
		}
		return scope_set(a, s->conf, address, some_names, some_values,
		    1 + twins_dice(t, 3));
	}
}

/* Somebody writes what does not belong there. */
static void
disturb(struct story *s)
{
	struct question q = { &twins_one_command, .keys = 1 };
	const char *key = ANY(s->twins, keys);

	twins_add(&q, key);
	twins_add(&q, "SET");
	twins_add(&q, key);
	twins_add(&q, "nonsense");
	twins_same(s->twins, "nonsense", &q);
}

static void
the_same_is_left(struct story *s)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct question q = { &value_of, true, .keys = 1 };

		twins_add(&q, keys[i]);
		twins_same(s->twins, keys[i], &q);
	}
}

static void
fail_with(void *data, const char *file, int line, const char *text)
{
	(void)data;
	fail_msg("%s:%d: %s", file, line, text);
}

static void
they_say_the_same_to_everything(void **state)
{
	const struct script *scripts[] = { &script_scope_set,
		&script_deny_set };
	struct arena *a = arena_new();
	struct clock *clock = clock_new_virtual(TWINS_NOON);
	struct story s = { .twins = twins_begin(3) };

	(void)state;
	s.conf = conf_parse("", "twins", fail_with, NULL);
	s.known = scopes_known_new(clock);
	for (int i = 0; i < 2; i++)
		s.still[i] = (struct script){ scripts[i]->name,
			arena_printf(
			    a, "%s%s", twins_still_clock, scripts[i]->source) };
	for (int i = 0; i < STEPS; i++) {
		const char *address;

		s.arena = arena_new();
		s.recipient = *scope_server(s.arena, s.conf);
		s.recipient.mailbox = "bob@example.com";
		s.recipient.domain_denies = true;
		s.recipient.mailbox_denies = true;
		address = scope_address(s.arena, ANY(s.twins, addresses), "");
		ask(&s, something(&s, address));
		if (twins_dice(s.twins, 20) == 0)
			disturb(&s);
		if (i % 20 == 0)
			the_same_is_left(&s);
		arena_release(s.arena);
	}
	twins_end(s.twins);
	scopes_known_free(s.known);
	clock_free(clock);
	conf_unref(s.conf);
	arena_release(a);
	arena_pool_clear();
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, they_say_the_same_to_everything);
	return suite_run(&s, "settings in a false Redis and a real one");
}
