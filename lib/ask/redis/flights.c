/*
 * flights - a list by deadline, with one timer for its head
 *
 * All questions have the same time, so the list is in the order of asking. The
 * timer is not moved when the head is answered: it finds the next one when it
 * fires, which is at most twice in a deadline.
 */
#include "ask/redis/flights.h"

#include <hiredis/hiredis.h>
#include <stdlib.h>
#include <string.h>

#include "ask/redis/connection.h"
#include "ask/redis/reply.h"
#include "base/arena.h"

/* Nobody asks but ourselves: there are few. */
struct command {
	redis_replied *done;
	void *data;
	struct buffer words; /* kept while it waits */
};

/* One line of the processor's caches: it has left them when its reply comes. */
struct flight {
	struct flight *next, *prev;
	struct flights *flights;
	struct ticket *ticket; /* of a question */
	const struct question *question;
	struct command *command; /* NULL: it is a question */
	uint64_t due;
	unsigned short replies; /* still to come */
	enum loss loss : 8; /* of one that was refused */
	bool plain; /* a question of plain commands */
	bool waiting; /* not sent */
	bool told;
	bool begun; /* to be answered, in `gathered` */
	bool again; /* sent a second time, the script having been loaded */
};

_Static_assert(sizeof(struct flight) <= CACHE_LINE, "see above");

static struct flight *
take(struct flights *fs)
{
	struct flight *f = pool_take(&fs->pool);

	*f = (struct flight){ .flights = fs };
	return f;
}

static void
append(struct flights *fs, struct flight *f)
{
	f->due = clock_ms(fs->clock) + fs->deadline_ms;
	f->prev = fs->last;
	*(fs->last ? &fs->last->next : &fs->first) = f;
	fs->last = f;
	if (!timer_running(&fs->deadline) || fs->deadline.due > f->due)
		timer_start(&fs->deadline, fs->clock, fs->deadline_ms);
}

static void
unlink_flight(struct flights *fs, struct flight *f)
{
	*(f->prev ? &f->prev->next : &fs->first) = f->next;
	*(f->next ? &f->next->prev : &fs->last) = f->prev;
	f->next = f->prev = NULL;
}

static void
tell_command(struct flights *fs, struct command *c, const redisReply *reply,
    enum loss loss)
{
	*(reply ? &fs->answered : &fs->lost[loss]) += 1;
	c->done(c->data, reply, loss);
	free(c->words.bytes);
	free(c);
}

/* The flight itself may be given back before this is called. */
static void
tell(struct flights *fs, const struct flight *f, const redisReply *reply,
    enum loss loss)
{
	struct answer answer;

	if (f->command) {
		tell_command(fs, f->command, reply, loss);
		return;
	}
	if (reply && f->begun) {
		fs->answered++;
		f->ticket->answered(f->ticket, &fs->gathered.answer);
		return;
	}
	answer.state = LOST;
	answer.loss = loss;
	answer.remembered = false;
	answer.count = 0;
	if (reply)
		reply_answer(reply, &answer);
	if (answer.state == KNOWN)
		fs->answered++;
	else
		fs->lost[answer.loss]++;
	f->ticket->answered(f->ticket, &answer);
}

/* One that has not left, or will never come back: nobody else knows it. */
static void
lose(struct flight *f, enum loss loss)
{
	const struct flight copy = *f;

	f->flights->in_flight--;
	pool_give(&copy.flights->pool, f);
	tell(copy.flights, &copy, NULL, loss);
}

static void
refuse(struct flights *fs, struct flight *f, enum loss loss)
{
	f->loss = loss;
	f->next = NULL;
	*fs->refused_end = f;
	fs->refused_end = &f->next;
	if (!timer_running(&fs->moment))
		timer_start(&fs->moment, fs->clock, 0);
}

/* Those refused meanwhile come the next time. */
static void
tell_refused(struct timer *t)
{
	struct flights *fs = (void *)((char *)t -
	    offsetof(struct flights, moment));
	struct flight *f = fs->refused, *next;

	fs->refused = NULL;
	fs->refused_end = &fs->refused;
	for (; f; f = next) {
		next = f->next;
		lose(f, f->loss);
	}
}

static void
end_of_time(struct flight *f)
{
	struct flights *fs = f->flights;

	unlink_flight(fs, f);
	if (f->waiting) {
		lose(f, LOSS_TIMEOUT);
		return;
	}
	f->told = true;
	tell(fs, f, NULL, LOSS_TIMEOUT);
	fs->timed_out(fs);
}

static void
on_deadline(struct timer *t)
{
	struct flights *fs = (void *)((char *)t -
	    offsetof(struct flights, deadline));
	const uint64_t now = clock_ms(fs->clock);

	while (fs->first && fs->first->due <= now)
		end_of_time(fs->first);
	/* Moves it when somebody has asked anew meanwhile. */
	if (fs->first)
		timer_start(t, fs->clock, fs->first->due - now);
}

static void on_reply(void *flight, const redisReply *reply);

/* LOSS_NONE: it is on its way. */
static enum loss
send_flight(struct flight *f)
{
	struct flights *fs = f->flights;
	const struct buffer *out = &fs->buffer;
	const struct loaded *script;

	f->replies = 1;
	if (f->command) {
		out = &f->command->words;
	} else if (f->question->script == &plain_commands) {
		f->plain = true;
		f->replies = (unsigned short)question_commands(f->question);
		format_commands(&fs->buffer, f->question);
	} else {
		script = scripts_find(fs->scripts, f->question->script);
		if (!script)
			return LOSS_SCRIPT; /* redis_open() was not told of it
					     */
		format_question(&fs->buffer, script, f->question);
	}
	return connection_send(fs->connection, out, f->replies, on_reply, f)
	    ? LOSS_NONE
	    : LOSS_DOWN;
}

static void
on_load(void *data, const redisReply *reply)
{
	struct loaded *script = data;
	(void)reply; /* an error: then the question ends with NOSCRIPT */

	script->loading = false;
}

/* Redis lost its scripts (SCRIPT FLUSH, a restart behind a proxy). Load this
 * one, once for all who find out, and ask right behind it. */
static bool
ask_again(struct flight *f)
{
	struct flights *fs = f->flights;
	struct loaded *l = scripts_find(fs->scripts, f->question->script);
	const struct word load[] = { { "SCRIPT", 6 }, { "LOAD", 4 },
		{ l->script->source, strlen(l->script->source) } };

	if (f->again)
		return false;
	f->again = true;
	if (!l->loading) {
		format_words(&fs->buffer, load, 3);
		l->loading = connection_send(
		    fs->connection, &fs->buffer, 1, on_load, l);
	}
	return l->loading && send_flight(f) == LOSS_NONE;
}

/* One at a time: looking at the clock twice for each would be dear. */
static void
begin_sample(struct flights *fs, struct flight *f)
{
	if (fs->sample)
		return;
	fs->sample = f;
	fs->sample_us = clock_us(fs->clock);
}

static void
end_sample(struct flights *fs, const redisReply *reply)
{
	fs->sample = NULL;
	if (!reply)
		return;
	fs->latency_us = clock_us(fs->clock) - fs->sample_us;
	histogram_add(&fs->times, fs->latency_us);
}

static void
report_error(struct flights *fs, const redisReply *reply)
{
	if (reply && reply->type == REDIS_REPLY_ERROR)
		fs->failed(
		    fs, reply_loss(reply), reply->str, reply_leave(reply));
}

/* The rest of an answer will not come. */
static enum loss
loss_of(const struct flight *f)
{
	const struct gathered *g = &f->flights->gathered;

	return f->begun && g->loss ? g->loss : LOSS_BROKEN;
}

/* It was the last one, or NULL. */
static void
end_flight(struct flight *f, const redisReply *reply)
{
	struct flights *fs = f->flights;
	struct flight copy = *f;

	fs->in_flight--;
	if (!f->told)
		unlink_flight(fs, f);
	pool_give(&copy.flights->pool, f);
	if (!copy.told && reply)
		fs->in_time(fs);
	report_error(fs, reply);
	if (!copy.told)
		tell(fs, &copy, reply, reply ? LOSS_NONE : loss_of(&copy));
}

static void
gather_reply(struct flight *f, const redisReply *reply)
{
	struct gathered *g = &f->flights->gathered;

	if (!f->begun)
		gather_begin(g);
	f->begun = true;
	gather(g, reply, f->replies == 1);
}

static void
on_reply(void *flight, const redisReply *reply)
{
	struct flight *f = flight;
	struct flights *fs = f->flights;

	if (f == fs->sample)
		end_sample(fs, reply);
	if (reply && !f->told && !f->command && !f->plain &&
	    reply_noscript(reply) && ask_again(f))
		return;
	if (reply && !f->told && f->plain)
		gather_reply(f, reply);
	if (reply && --f->replies > 0)
		report_error(fs, reply);
	else
		end_flight(f, reply);
}

/* Where it cannot go, or LOSS_NONE. */
static enum loss
stopped_by(const struct flights *fs)
{
	if (fs->mode == FLIGHTS_DOWN)
		return LOSS_DOWN;
	if (fs->in_flight >= fs->max_in_flight)
		return LOSS_BUSY;
	if (fs->mode == FLIGHTS_OPEN &&
	    connection_unsent(fs->connection) > fs->max_bytes)
		return LOSS_BUSY;
	return LOSS_NONE;
}

static void
start(struct flights *fs, struct flight *f)
{
	enum loss loss = stopped_by(fs);

	fs->asked++;
	fs->in_flight++;
	f->waiting = fs->mode == FLIGHTS_WAIT;
	if (loss == LOSS_NONE && !f->waiting)
		loss = send_flight(f);
	if (loss != LOSS_NONE) {
		refuse(fs, f, loss);
		return;
	}
	append(fs, f);
	if (!f->waiting)
		begin_sample(fs, f);
}

void
flights_ask(struct flights *fs, const struct question *q, struct ticket *t)
{
	struct flight *f = take(fs);

	f->question = q;
	f->ticket = t;
	start(fs, f);
}

void
flights_command(struct flights *fs, const struct word *words, size_t count,
    redis_replied *done, void *data)
{
	struct flight *f = take(fs);

	f->command = xcalloc(1, sizeof(*f->command));
	f->command->done = done;
	f->command->data = data;
	format_words(&f->command->words, words, count);
	start(fs, f);
}

void
flights_probe(struct flights *fs, struct connection *c,
    const struct question *q, struct ticket *t)
{
	struct flight *f = take(fs);
	enum loss loss;

	f->question = q;
	f->ticket = t;
	fs->connection = c;
	fs->asked++;
	fs->in_flight++;
	loss = send_flight(f);
	if (loss == LOSS_NONE)
		append(fs, f);
	else
		refuse(fs, f, loss);
}

/* Sends what waited, or refuses it. */
static void
end_waiting(struct flights *fs)
{
	struct flight *f, *next;
	enum loss loss;

	for (f = fs->first; f; f = next) {
		next = f->next;
		if (!f->waiting)
			continue;
		f->waiting = false;
		loss = fs->mode == FLIGHTS_OPEN ? send_flight(f) : LOSS_DOWN;
		if (loss == LOSS_NONE)
			continue;
		unlink_flight(fs, f);
		refuse(fs, f, loss);
	}
}

void
flights_open(struct flights *fs, struct connection *c)
{
	fs->connection = c;
	fs->mode = FLIGHTS_OPEN;
	end_waiting(fs);
}

void
flights_down(struct flights *fs)
{
	fs->connection = NULL;
	fs->mode = FLIGHTS_DOWN;
	end_waiting(fs);
}

void
flights_init(struct flights *fs)
{
	fs->pool.size = sizeof(struct flight);
	fs->refused_end = &fs->refused;
	fs->deadline.fire = on_deadline;
	fs->moment.fire = tell_refused;
}

bool
flights_idle(const struct flights *fs)
{
	return fs->in_flight == 0;
}

void
flights_clear(struct flights *fs)
{
	timer_stop(&fs->deadline);
	timer_stop(&fs->moment);
	pool_clear(&fs->pool);
	gather_clear(&fs->gathered);
	free(fs->buffer.bytes);
}
