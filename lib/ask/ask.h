/*
 * ask - what can be asked of the world outside, and what comes back
 *
 * A question is data. Whoever has one hands it to a store (lib/ask/redis, or
 * a false one in a test) together with a ticket, and is told exactly once:
 * never from inside the asking, never twice, never not at all. A timeout, a
 * lost connection and a shutdown are answers too (LOST, with the reason).
 */
#ifndef ASK_ASK_H
#define ASK_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct histogram;

/* A Lua script; lib/X/NAME.lua becomes `script_NAME` when policyd is built. */
struct script {
	const char *name;
	const char *source; /* NULL: none, see below */
};

/*
 * In the place of a script: the words are plain commands, each with its name,
 * and a word without text stands between two. They leave together and run in
 * their order, but what others ask may come in between, and one that fails does
 * not stop the next. All of their keys share one {tag}, too.
 *
 * To Redis they are cheap: an EVALSHA with one GET in it costs more than three
 * of them (t/bench/scripts.py). At most ANSWER_VALUES.
 */
extern const struct script plain_commands;

enum { QUESTION_WORDS = 40 };

/* Bytes with a length; Redis' words may hold anything. */
struct word {
	const char *text;
	size_t size;
};

/*
 * One script with its KEYS and ARGV. All keys of a question share one {tag}
 * or are one key, so that it can be asked of a cluster; those of lib/rate may
 * have several, and say why. The question and its
 * words belong to the asker and must live until the answer.
 */
struct question {
	const struct script *script; /* or `plain_commands`; NULL: the DNS */
	unsigned dns; /* of which this is the type, see dns/words.h */
	const char *zone; /* of the DNS list that its name ends in, or NULL */
	bool fresh; /* what was said before will not do */
	bool read_only; /* EVALSHA_RO: Redis refuses it any write */
	const void *about; /* what stores go by that know its script, in place
			      of its words; mostly NULL */
	unsigned keys; /* the first `keys` words are KEYS, the rest ARGV; 0 with
			  plain commands */
	unsigned count;
	struct word words[QUESTION_WORDS];
};

struct arena;

/* One in `a` with room for so many words, none of which is there yet: it may be
 * read, but not copied as a struct. */
struct question *question_new(
    struct arena *a, const struct script *script, unsigned words);

/* A copy, with room for no more words than there are. The words are the same.
 */
struct question *question_copy(struct arena *a, const struct question *q);

/* Of plain commands how many there are. */
unsigned question_commands(const struct question *q);

/* Same script, same words, same zone, about the same: the answer to one is the
 * answer to the other. */
bool question_equal(const struct question *a, const struct question *b);

enum answer_state { UNASKED, PENDING, KNOWN, LOST };

/* Why an answer was lost. */
enum loss {
	LOSS_NONE,
	LOSS_TIMEOUT, /* nobody answered in time; it may have run */
	LOSS_DOWN, /* not connected, or the breaker is open; it did not run */
	LOSS_BROKEN, /* the connection broke; it may have run */
	LOSS_BUSY, /* too many questions in flight; it did not run */
	LOSS_READ_ONLY, /* READONLY, MASTERDOWN, NOREPLICAS */
	LOSS_FULL, /* OOM, MISCONF: reads work, writes do not */
	LOSS_REFUSED, /* NOAUTH, WRONGPASS, NOPERM */
	LOSS_WRONG_TYPE, /* WRONGTYPE: somebody else's value under our key */
	LOSS_SCRIPT, /* any other error the script ended with */
	LOSS_DNS, /* SERVFAIL, REFUSED, or nonsense of a name server */
	LOSS_LIST, /* of a DNS list that cannot be trusted now */
	LOSS_SHAPE, /* an answer of a form the asker does not understand */
	LOSS_COUNT
};

/* "timeout", "down" ...: one word, for logs and metrics. */
const char *loss_name(enum loss loss);

enum { ANSWER_VALUES = 32 };

/* Either a text or an integer, as Redis said. */
struct value {
	const char *text; /* NULL: nil, or an integer */
	size_t size;
	int64_t number; /* of an integer, else 0 */
	bool is_number;
	enum loss loss; /* of one of several plain commands that failed */
};

struct answer {
	enum answer_state state;
	enum loss loss;
	bool remembered; /* it was known before: nobody was asked now */
	unsigned count; /* of values; a lone value counts 1; of plain commands
			   each has one */
	struct value values[ANSWER_VALUES];
};

/* A copy in `a`, texts and all, with memory for no more values than there
 * are: it may be read, but not copied as a struct. */
const struct answer *answer_copy(struct arena *a, const struct answer *answer);

/* Embed it in what waits. The answer and its texts are the caller's, and gone
 * when `answered` returns. */
struct ticket {
	void (*answered)(struct ticket *, const struct answer *);
};

struct store_health {
	const char *state; /* "ready", "connecting", "open": the breaker's;
			      "silent": name servers */
	const char *where; /* server, as configured */
	const char *error; /* the last one, or "" */
	uint64_t asked, answered, lost[LOSS_COUNT];
	unsigned in_flight;
	uint64_t latency_us; /* of the last answer that was timed */
	const struct histogram *times; /* of all such; NULL: none */
	const struct histogram
	    *lookup_times; /* of the server's name; or NULL */
	uint64_t lookups_lost; /* lookups of it that nobody answered in time */
	bool watching; /* who watches is told of every change */
};

/*
 * Who keeps copies of what stands under some keys, and wants to hear when they
 * change. Embed it; it must live as long as it is watched with.
 */
struct watch {
	const char *const *prefixes; /* the keys begin with one; up to a NULL */

	/* From now on every change is told, or is not any more. A question
	 * that was asked before may still have found what was before. */
	void (*live)(struct watch *, bool live);
	/* While it is live: a change may be told late, or is told at once
	 * again. None is missed, all come in their order. */
	void (*late)(struct watch *, bool late);
	/* A key was written, deleted or is over; a NULL text: all were. */
	void (*changed)(struct watch *, struct word key);
};

/* What answers questions about state. */
struct store {
	void (*ask)(struct store *, const struct question *, struct ticket *);
	void (*health)(const struct store *, struct store_health *);
	int64_t (*time)(const struct store *); /* NULL: never known */
	unsigned (*absences)(const struct store *); /* NULL: never away */
	/* NULL: changes are never told. */
	void (*watch)(struct store *, struct watch *);
	/* NULL: nothing is. */
	bool (*known)(
	    struct store *, const struct question *, struct answer *out);
};

static inline void
store_ask(struct store *s, const struct question *q, struct ticket *t)
{
	s->ask(s, q, t);
}

/* What it need not ask anybody for. False: it must be asked. True: it was, so
 * that a question which changes something has changed it; who looks asks once.
 * The texts of the answer are good until it is asked, or asked for something
 * else. */
static inline bool
store_known(struct store *s, const struct question *q, struct answer *out)
{
	return s->known && s->known(s, q, out);
}

/* Unix seconds by the clock of its server, the one that all nodes share; 0 when
 * it is not known. */
static inline int64_t
store_time(const struct store *s)
{
	return s->time ? s->time(s) : 0;
}

/* How often it was away: since it last was, it may have begun anew with less
 * than it had. */
static inline unsigned
store_absences(const struct store *s)
{
	return s->absences ? s->absences(s) : 0;
}

/* In the place of whoever watched before, who is told no more; NULL: nobody.
 * Not live until it is told so, which is never from inside this. */
static inline void
store_watch(struct store *s, struct watch *w)
{
	if (s->watch)
		s->watch(s, w);
}

#endif
