/*
 * lists - a scene of DNS lists
 */
#include "kit/lists.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "kit/suite.h"

enum { LONG = 10 * 60 * 1000 };

static void
keep_line(enum log_level level, const char *text, void *data)
{
	struct lists_scene *s = data;
	const size_t used = strlen(s->log);

	snprintf(s->log + used, sizeof(s->log) - used, "%s%s\n",
	    level == LEVEL_WARNING ? "warning: " : "", text);
}

unsigned
lists_logged(const struct lists_scene *s, const char *text)
{
	unsigned count = 0;

	for (const char *p = s->log; (p = strstr(p, text)); p++)
		count++;
	return count;
}

static void
add(struct lists_scene *s, struct dnsbls *lists, struct dnsbl *items,
    const char *entry)
{
	assert_null(dnsbl_read(s->arena, entry, &items[lists->count]));
	lists->items = items;
	lists->count++;
}

void
lists_client(struct lists_scene *s, const char *entry)
{
	add(s, &s->conf.settings.dnsbl.clients, s->clients, entry);
}

void
lists_sender(struct lists_scene *s, const char *entry)
{
	add(s, &s->conf.settings.dnsbl.senders, s->senders, entry);
}

void
lists_none(struct lists_scene *s)
{
	s->conf.settings.dnsbl.clients.count = 0;
	s->conf.settings.dnsbl.senders.count = 0;
}

void
lists_configure(struct lists_scene *s)
{
	zones_configure(s->zones, &s->conf);
}

void
lists_one(struct lists_scene *s, const char *entry)
{
	lists_client(s, entry);
	lists_configure(s);
	lists_turn(s, 0);
}

void
lists_names(struct lists_scene *s, const char *format, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	assert_true(false_dns_tell(s->dns, line));
}

void
lists_turn(struct lists_scene *s, uint64_t ms)
{
	clock_turn(s->clock, ms);
}

int
lists_begin(void **state)
{
	struct lists_scene *s = xcalloc(1, sizeof(*s));

	log_redirect(keep_line, s);
	s->clock = clock_new_virtual(LISTS_START);
	s->arena = arena_new();
	s->dns = false_dns_new(s->clock);
	s->zones = zones_new(s->clock, false_dns_store(s->dns));
	s->conf.settings.dnsbl.deadline_ms = LISTS_DEADLINE;
	s->conf.settings.dnsbl.probe = LISTS_PROBE;
	s->conf.settings.dnsbl.suspend_above = 98;
	s->conf.settings.dnsbl.suspend_time = LISTS_SUSPEND;
	lists_names(s, "2.0.0.127.bl.example A 127.0.0.2");
	lists_names(s, "2.0.0.127.other.example A 127.0.0.2");
	lists_names(s, "7.2.0.192.bl.example A 127.0.0.4");
	lists_names(s, "7.2.0.192.bl.example TXT spam came from here");
	*state = s;
	return 0;
}

int
lists_end(void **state)
{
	struct lists_scene *s = *state;

	zones_stop(s->zones);
	lists_turn(s, LONG); /* the DNS answers all */
	zones_free(s->zones);
	false_dns_free(s->dns);
	arena_release(s->arena);
	assert_int_equal(clock_next(s->clock), -1);
	clock_free(s->clock);
	log_redirect(NULL, NULL);
	arena_pool_clear();
	free(s);
	return 0;
}

static void
on_answer(struct ticket *t, const struct answer *answer)
{
	struct list_asker *a = (struct list_asker *)t;

	a->told++;
	a->when_ms = clock_ms(a->scene->clock);
	a->state = answer->state;
	a->loss = answer->loss;
	dns_answer(a->scene->arena, answer, &a->m);
	memset(a->question, 0xff, sizeof(*a->question));
	free(a->question);
}

struct list_asker *
lists_ask(struct lists_scene *s, enum dns_type type, const char *zone,
    const char *name)
{
	struct list_asker *a = arena_alloc(s->arena, sizeof(*a));

	a->ticket.answered = on_answer;
	a->scene = s;
	a->question = xmalloc(sizeof(*a->question));
	*a->question = dns_question(
	    s->arena, type, arena_printf(s->arena, "%s.%s", name, zone));
	a->question->zone = arena_strdup(s->arena, zone);
	store_ask(zones_store(s->zones), a->question, &a->ticket);
	assert_int_equal(a->told, 0); /* never from inside */
	return a;
}

enum loss
lists_loss(struct lists_scene *s, const char *name)
{
	const struct list_asker *a = lists_ask(s, DNS_A, "bl.example", name);

	lists_turn(s, 0);
	assert_int_equal(a->told, 1);
	assert_int_equal(a->state, a->loss == LOSS_NONE ? KNOWN : LOST);
	return a->loss;
}

struct zone_view
lists_view(const struct lists_scene *s, const char *zone)
{
	struct zone_view v = { 0 };

	for (size_t i = 0; zones_view(s->zones, i, &v); i++)
		if (strcmp(v.name, zone) == 0)
			return v;
	fail_msg("no %s", zone);
	return v;
}

void
lists_is(const struct lists_scene *s, enum zone_state wanted)
{
	assert_string_equal(zone_state_name(lists_view(s, "bl.example").state),
	    zone_state_name(wanted));
}
