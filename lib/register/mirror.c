/*
 * mirror - keeps a copy of the lists fresh
 *
 * One small question each half second, and one for the lists when its answer
 * is another than before. No second question is asked before the first is
 * answered, so a slow Redis is asked less often.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "register/lists_build.h"

extern const struct script script_lists, script_version;

enum {
	LOOK_MS = 500,
	READ_MS = 30 * 1000, /* whatever the version says; */
	READ_ENTRIES = 10000, /* once more for each so many: Redis waits */
	RECORD_LINES = 3,
	OLD_MS = 2 * 1000, /* silence that is worth a line */
	SAY_MS = 60 * 1000
};

/* A question under way. It outlives a mirror that does not wait for it. */
struct look {
	struct ticket ticket;
	struct mirror *mirror; /* NULL: nobody waits */
	struct arena *arena; /* this is in it */
	struct question question;
};

struct mirror {
	struct clock *clock;
	struct store *store;
	char *prefix;
	void (*fresh)(void *data, struct lists *l);
	void *data;

	struct timer timer;
	struct look *look; /* NULL: none */
	char *version; /* of the last copy; NULL: whatever Redis has is new */
	bool has_copy;
	uint64_t again_ms; /* when Redis is asked for another, whatever */
	uint64_t well_ms; /* when Redis answered last */
	uint64_t said_ms; /* when its silence was logged; 0: it was not */
};

/* -- what Redis says -- */

/* Cuts a line off; NULL when none is left. */
static char *
next_line(char **text)
{
	return *text ? strsep(text, "\n") : NULL;
}

/* The number of its list, its pattern, its record; false when it is none. */
static bool
read_record(char **text, struct list_record *r, int *which)
{
	const char *number = next_line(text);

	r->pattern = next_line(text);
	r->record = next_line(text);
	if (!r->record)
		return false;
	*which = atoi(number);
	return *which >= 0 && *which < LIST_COUNT;
}

static size_t
count_lines(const char *text)
{
	size_t n = 1;

	for (; text && *text; text++)
		n += *text == '\n';
	return n;
}

/* The lists of `text`, which is cut up. */
static struct lists *
build(struct mirror *m, struct arena *a, char *text, bool changed)
{
	const int64_t now = clock_unix(m->clock);
	const size_t room = count_lines(text) / RECORD_LINES + 1;
	struct lists *l = lists_new(now);
	struct list_record *records[LIST_COUNT], r;
	size_t counts[LIST_COUNT] = { 0 };
	const char *wrong;
	int which;

	for (int i = 0; i < LIST_COUNT; i++)
		records[i] = arena_alloc(a, room * sizeof(r));
	while (text)
		if (read_record(&text, &r, &which))
			records[which][counts[which]++] = r;
	for (int i = 0; i < LIST_COUNT; i++) {
		wrong = lists_fill(
		    l, (enum list_name)i, records[i], counts[i], now);
		if (wrong && changed)
			log_warning(
			    "list %s: %s", list_name((enum list_name)i), wrong);
	}
	lists_look_around(l);
	return l;
}

static bool
same_version(const struct mirror *m, const char *version)
{
	return m->version && strcmp(m->version, version) == 0;
}

static uint64_t
count_entries(const struct lists *l)
{
	uint64_t n = 0;

	for (int i = 0; i < LIST_COUNT; i++)
		n += lists_size(l, (enum list_name)i);
	return n;
}

static void
take_lists(struct mirror *m, const struct value *v)
{
	struct arena *a = arena_new();
	char *text = arena_memdup(a, v->text, v->size);
	char *version = next_line(&text);
	const bool changed = !same_version(m, version);
	struct lists *l = build(m, a, text, changed);

	free(m->version);
	m->version = xstrdup(version);
	m->has_copy = true;
	m->again_ms = clock_ms(m->clock) +
	    READ_MS * (1 + count_entries(l) / READ_ENTRIES);
	arena_release(a);
	if (changed)
		log_debug(
		    "lists: %u allowed, %u of access, %u banned networks, "
		    "%u trusted",
		    lists_size(l, LIST_ALLOW), lists_size(l, LIST_ACCESS),
		    lists_size(l, LIST_BANS), lists_size(l, LIST_TRUSTED));
	m->fresh(m->data, l);
}

/* -- asking -- */

static void answered(struct ticket *t, const struct answer *a);

static void
look(struct mirror *m, const struct script *script, bool read_only)
{
	struct arena *a = arena_new();
	struct look *k = arena_alloc(a, sizeof(*k));

	k->ticket.answered = answered;
	k->mirror = m;
	k->arena = a;
	k->question = (struct question){ .script = script,
		.read_only = read_only,
		.keys = 1 + LIST_COUNT,
		.count = 1 + LIST_COUNT };
	lists_keys(a, m->prefix, k->question.words);
	m->look = k;
	store_ask(m->store, &k->question, &k->ticket);
}

/* Not read-only: what is over is taken off by whoever sees it. */
static void
read_lists(struct mirror *m)
{
	look(m, &script_lists, false);
}

static void
say_old(struct mirror *m)
{
	const uint64_t now = clock_ms(m->clock);

	if (now - m->well_ms < OLD_MS ||
	    (m->said_ms != 0 && now - m->said_ms < SAY_MS))
		return;
	m->said_ms = now;
	if (m->has_copy)
		log_warning("lists: Redis is silent, the copy in use is %llu s "
			    "old",
		    (unsigned long long)(now - m->well_ms) / 1000);
	else
		log_warning("lists: Redis is silent, none was read yet");
}

static void
take(struct mirror *m, const struct question *q, const struct answer *a)
{
	const struct value *v = a->values;

	if (a->state != KNOWN || a->count != 1 || !v->text) {
		say_old(m);
		return;
	}
	m->well_ms = clock_ms(m->clock);
	if (m->said_ms != 0)
		log_info("lists: Redis answers again");
	m->said_ms = 0;
	if (q->script == &script_lists)
		take_lists(m, v);
	else if (!same_version(m, v->text))
		read_lists(m);
}

static void
answered(struct ticket *t, const struct answer *a)
{
	struct look *k = (struct look *)t;
	struct mirror *m = k->mirror;

	if (m) {
		m->look = NULL;
		take(m, &k->question, a);
	}
	arena_release(k->arena);
}

static void
fire(struct timer *t)
{
	struct mirror *m = (struct mirror *)((char *)t -
	    offsetof(struct mirror, timer));

	timer_start(t, m->clock, LOOK_MS);
	if (m->look)
		return;
	if (!m->version || clock_ms(m->clock) >= m->again_ms)
		read_lists(m);
	else
		look(m, &script_version, true);
}

static void
forget_look(struct mirror *m)
{
	if (m->look)
		m->look->mirror = NULL;
	m->look = NULL;
}

/* -- from outside -- */

struct mirror *
mirror_new(struct clock *clock, struct store *store, const char *prefix,
    void (*fresh)(void *data, struct lists *l), void *data)
{
	struct mirror *m = xcalloc(1, sizeof(*m));

	m->clock = clock;
	m->fresh = fresh;
	m->data = data;
	m->timer.fire = fire;
	m->well_ms = clock_ms(clock);
	mirror_configure(m, store, prefix);
	return m;
}

void
mirror_configure(struct mirror *m, struct store *store, const char *prefix)
{
	forget_look(m);
	m->store = store;
	free(m->prefix);
	m->prefix = xstrdup(prefix);
	free(m->version);
	m->version = NULL;
	timer_start(&m->timer, m->clock, 0);
}

void
mirror_free(struct mirror *m)
{
	if (!m)
		return;
	forget_look(m);
	timer_stop(&m->timer);
	free(m->prefix);
	free(m->version);
	free(m);
}
