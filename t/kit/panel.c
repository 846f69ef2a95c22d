/*
 * panel - one address at a time
 */
#include "kit/panel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "kit/suite.h"

static void
take_line(enum log_level level, const char *text, void *data)
{
	struct panel *p = data;

	(void)level;
	snprintf(p->log + strlen(p->log), sizeof(p->log) - strlen(p->log),
	    "%s\n", text);
}

struct panel *
panel_begin(const char *conf)
{
	struct panel *p = xcalloc(1, sizeof(*p));

	p->book = book_begin(conf);
	p->known = scopes_known_new(p->book->clock);
	log_redirect(take_line, p);
	return p;
}

void
panel_end(struct panel *p)
{
	log_redirect(NULL, NULL);
	scopes_known_free(p->known);
	book_end(p->book);
	free(p);
}

static void
wrong_conf(void *data, const char *file, int line, const char *text)
{
	(void)data;
	fail_msg("%s:%d: %s", file, line, text);
}

void
panel_configure(struct panel *p, const char *conf)
{
	conf_unref(p->book->conf);
	p->book->conf = conf_parse(conf, "panel", wrong_conf, NULL);
	assert_non_null(p->book->conf);
	scopes_known_configure(p->known);
}

static void
answered(struct ticket *t, const struct answer *a)
{
	struct panel *p = (struct panel *)t;

	p->answer = answer_copy(p->book->arena, a);
}

const struct answer *
panel_answer(struct panel *p, const struct question *q)
{
	p->answer = NULL;
	p->ticket.answered = answered;
	store_ask(false_redis_store(p->book->redis), q, &p->ticket);
	while (!p->answer)
		clock_turn(p->book->clock, 1);
	return p->answer;
}

const struct scope *
panel_find_in(struct panel *p, struct arena *a, const char *address)
{
	const uint64_t since = clock_ms(p->book->clock);
	const struct scope *found;
	struct question q;

	for (p->asked = 0; !scope_find(
		 p->known, a, p->book->conf, address, since, &found, &q);
	     p->asked++) {
		assert_in_range(p->asked, 0, SCOPE_HOPS);
		scope_learn(p->known, &q, panel_answer(p, &q));
	}
	return found;
}

const struct scope *
panel_find(struct panel *p, const char *address)
{
	return panel_find_in(p, p->book->arena, address);
}

const char *
panel_ask(struct panel *p, struct question q)
{
	book_ask(p->book, &q);
	return p->book->text;
}
