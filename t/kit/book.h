/*
 * book - the registers, written and read on virtual time
 *
 * The questions are those of lib/register, the scripts run in the false Redis.
 */
#ifndef KIT_BOOK_H
#define KIT_BOOK_H

#include "kit/false_redis.h"
#include "register/register.h"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400, NOON = 1732190400 };

struct book {
	struct ticket ticket; /* first */
	struct arena *arena;
	struct clock *clock;
	struct false_redis *redis;
	struct conf *conf;
	unsigned kind;
	bool answered; /* false: the question was lost */
	enum loss loss;

	/* The last answer, of its kind. */
	struct register_result did;
	struct register_entry is;
	struct register_load load;
	char text[256]; /* of any other: its values, with commas between */
};

/* `conf` is the text of a policyd.conf. */
struct book *book_begin(const char *conf);
void book_end(struct book *b);

void book_wait(struct book *b, int64_t seconds);
int64_t book_now(const struct book *b);

/* One failed login, or as many as `failures` says. */
void book_fail(struct book *b, const char *client);
void book_fail_as(
    struct book *b, const char *client, const char *user, const char *hash);
void book_failure(
    struct book *b, const char *client, const struct failure *failure);

void book_strike(struct book *b, const char *client, const char *reason);
void book_ban(struct book *b, const char *client, int64_t seconds);
void book_lift(struct book *b, const char *client, enum register_name which);
void book_report(struct book *b, const char *client, const char *reporter);
void book_connect(struct book *b, const char *client, const char *lease);
void book_connect_dry(struct book *b, const char *client, const char *lease);
void book_disconnect(struct book *b, const char *client, const char *lease);
void book_index(struct book *b, const char *client, enum register_name which,
    int64_t until);
void book_ask(struct book *b, const struct question *q);

/* What is known of a client, for a recipient's domain. */
const struct register_entry *book_read(
    struct book *b, const char *client, const char *domain);

/* The reply to a command, as one text. */
const char *book_do(struct book *b, const char *const *words);
#define BOOK_DO(b, ...) book_do(b, (const char *const[]){ __VA_ARGS__, NULL })

/* A field of a hash, "" when there is none; a key's seconds, as TTL says. */
const char *book_field(struct book *b, const char *key, const char *field);
int64_t book_ttl(struct book *b, const char *key);

#endif
