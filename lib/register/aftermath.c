/*
 * aftermath - a line, an index, a cap
 */
#include "register/aftermath.h"

#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"

/* A question of ours under way. */
struct errand {
	struct ticket ticket; /* first */
	struct arena *arena;
	struct question question;
	struct store *store;
	struct conf *conf;
	enum register_name which;
	unsigned *waiting;
};

static void
conf_undo(void *conf)
{
	conf_unref(conf);
}

static struct errand *
errand_new(struct store *store, const struct conf *conf,
    enum register_name which, unsigned *waiting)
{
	struct arena *a = arena_new();
	struct errand *e = arena_alloc(a, sizeof(*e));

	e->arena = a;
	e->store = store;
	/* A reference counts; the configuration stays as it is. */
	e->conf = conf_ref((struct conf *)(uintptr_t)conf);
	arena_defer(a, conf_undo, e->conf);
	e->which = which;
	e->waiting = waiting;
	return e;
}

static void
send(struct errand *e, struct question q,
    void (*answered)(struct ticket *, const struct answer *))
{
	e->question = q;
	e->ticket.answered = answered;
	if (e->waiting)
		++*e->waiting;
	store_ask(e->store, &e->question, &e->ticket);
}

static void
done(struct ticket *t, const struct answer *a)
{
	struct errand *e = (struct errand *)t;

	(void)a; /* an entry that is not lifted ends by itself */
	if (e->waiting)
		--*e->waiting;
	arena_release(e->arena);
}

/* Those that the index has room for no more. */
static void
indexed(struct ticket *t, const struct answer *a)
{
	struct errand *e = (struct errand *)t;
	struct address client;

	for (unsigned i = 0; a->state == KNOWN && i < a->count; i++) {
		struct errand *lift;

		if (!a->values[i].text ||
		    !register_client_parse(a->values[i].text, &client))
			continue;
		lift = errand_new(e->store, e->conf, e->which, e->waiting);
		send(lift,
		    register_lift(
			lift->arena, e->conf, &client, e->which, "cap"),
		    done);
		log_info("register lifted client=%s register=%s why=cap",
		    a->values[i].text, register_name(e->which));
	}
	done(t, a);
}

static void
put_on_index(struct store *store, const struct conf *conf,
    const struct address *client, enum register_name which, int64_t until,
    unsigned *waiting)
{
	struct errand *e = errand_new(store, conf, which, waiting);

	send(e, register_index(e->arena, conf, which, client, until), indexed);
}

static void
tell(const struct address *client, const char *what, enum register_name which,
    int64_t until, const struct register_result *r, const struct offence *o)
{
	struct arena *a = arena_new();
	const time_t then = (time_t)until;
	struct line l;
	struct tm tm;
	char text[32] = "permanent";

	if (until != FOREVER)
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ",
		    gmtime_r(&then, &tm));
	line_clear(&l);
	line_printf(&l, "register %s", what);
	line_field(&l, "client", register_client(a, client));
	line_field(&l, "register", register_name(which));
	line_field(&l, "why", o->why);
	if (which == REGISTER_BAN)
		line_number(&l, "level", r->level);
	else
		line_number(&l, "failures", r->failures);
	line_field(&l, "until", text);
	line_field(&l, "user", o->user);
	line_field(&l, "by", o->by);
	log_line(LEVEL_INFO, &l);
	arena_release(a);
}

void
aftermath(struct store *store, const struct conf *conf,
    const struct address *client, const struct register_result *r,
    const struct offence *o, unsigned *waiting)
{
	if (r->listed)
		tell(client, "listed", o->which, r->until, r, o);
	if (r->until != 0 && o->which != REGISTER_BAN)
		put_on_index(store, conf, client, o->which, r->until, waiting);
	if (r->banned)
		tell(client, "banned", REGISTER_BAN, r->ban_until, r, o);
	if (r->ban_until != 0)
		put_on_index(
		    store, conf, client, REGISTER_BAN, r->ban_until, waiting);
}
