/*
 * write - one question, then its index, then those over the cap
 */
#include "register/write.h"

#include <string.h>

#include "base/arena.h"

struct job {
	struct arena *arena; /* this is in it */
	struct store *store;
	struct conf *conf;
	struct address client;
	enum register_name which;
	bool lifts;
	unsigned open; /* steps under way */

	bool known;
	struct register_result result;
	enum loss loss;
	register_written *done;
	void *data;
};

/* One question of a job. */
struct step {
	struct ticket ticket;
	struct job *job;
	struct question question;
};

static void
end(struct job *j)
{
	struct conf *conf = j->conf;

	if (j->done)
		j->done(j->data, j->known ? &j->result : NULL, j->loss);
	arena_release(j->arena);
	conf_unref(conf);
}

static void
ended(struct job *j)
{
	if (--j->open == 0)
		end(j);
}

static void
ask(struct job *j, const struct question *q,
    void (*answered)(struct ticket *, const struct answer *))
{
	struct step *s = arena_alloc(j->arena, sizeof(*s));

	s->ticket.answered = answered;
	s->job = j;
	s->question = *q;
	j->open++;
	store_ask(j->store, &s->question, &s->ticket);
}

static void
lifted(struct ticket *t, const struct answer *a)
{
	(void)a;
	ended(((struct step *)t)->job);
}

/* What is over the cap. */
static void
indexed(struct ticket *t, const struct answer *a)
{
	struct job *j = ((struct step *)t)->job;
	struct address client;

	for (unsigned i = 0; a->state == KNOWN && i < a->count; i++)
		if (a->values[i].text &&
		    register_client_parse(a->values[i].text, &client)) {
			const struct question q = register_lift(
			    j->arena, j->conf, &client, REGISTER_ABUSE, "cap");

			ask(j, &q, lifted);
		}
	ended(j);
}

static void
keep_index(struct job *j, enum register_name which, int64_t until)
{
	const struct question q = register_index(
	    j->arena, j->conf, which, &j->client, until);

	ask(j, &q, indexed);
}

static void
written(struct ticket *t, const struct answer *a)
{
	struct job *j = ((struct step *)t)->job;
	const struct register_result *r = &j->result;

	j->loss = a->state == LOST ? a->loss : LOSS_SHAPE;
	j->known = register_result(a, &j->result);
	if (j->known) {
		j->loss = LOSS_NONE;
		if (j->lifts)
			keep_index(j, j->which, 0);
		else if (j->which != REGISTER_BAN && r->until != 0)
			keep_index(j, j->which, r->until);
		if (r->ban_until != 0)
			keep_index(j, REGISTER_BAN, r->ban_until);
	}
	ended(j);
}

void
register_write(struct store *store, struct conf *conf, struct arena *a,
    const struct address *client, const struct question *q,
    enum register_name which, register_written *done, void *data)
{
	struct job *j = arena_alloc(a, sizeof(*j));

	*j = (struct job){
		.arena = a,
		.store = store,
		.conf = conf_ref(conf),
		.client = *client,
		.which = which,
		.lifts = strcmp(q->words[q->keys].text, "lift") == 0,
		.done = done,
		.data = data,
	};
	ask(j, q, written);
}
