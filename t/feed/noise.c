/*
 * Ten thousand lines that nobody meant: random bytes, real lines with bytes
 * changed, and real lines whose users, commands, recipients and HELOs were
 * chosen to look like other lines; others with another SEED (kit/chance.h).
 */
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"
#include "feed/feed.h"
#include "feed/samples.h"
#include "kit/chance.h"
#include "kit/false_redis.h"
#include "kit/suite.h"
#include "register/lists_build.h"

enum { LINES = 10000, ROOM = 4096 };

#define VICTIM "198.51.100.1" /* who never did anything */
#define OFFENDER "203.0.113.7"

static uint64_t seed;

static unsigned
below(unsigned limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 11) % limit;
}

/* -- a feed, and who is in its registers -- */

struct noise {
	struct clock *clock;
	struct false_redis *redis;
	struct conf *conf;
	struct feed *feed;
	unsigned victims, listings; /* keys */
};

static struct noise *
begin(void)
{
	const struct feed_rules rules = { LOGINS_OWN, FEED_ERRORS, FEED_SCANS };
	struct noise *n = calloc(1, sizeof(*n));

	log_redirect(NULL, NULL);
	log_open("noise", LOG_TO_NOWHERE, LEVEL_ERROR);
	n->clock = clock_new_virtual(SAMPLES_NOW);
	n->redis = false_redis_new(n->clock);
	n->conf = conf_read(NULL, NULL, NULL);
	n->feed = feed_new(
	    n->clock, false_redis_store(n->redis), n->conf, &rules, NULL, NULL);
	feed_lists(n->feed, lists_new(SAMPLES_NOW));
	return n;
}

static void
look_at(void *data, const char *key)
{
	struct noise *n = data;

	n->victims += strstr(key, VICTIM) != NULL;
	n->listings += strstr(key, "ban:{") || strstr(key, "index:");
}

/* All that was fed is written and looked at. */
static void
finish(struct noise *n)
{
	for (int i = 0; i < 1000 && feed_waiting(n->feed) > 0; i++)
		clock_turn(n->clock, 200);
	assert_int_equal(feed_waiting(n->feed), 0);
	false_redis_keys(n->redis, look_at, n);
}

static void
end(struct noise *n)
{
	feed_free(n->feed);
	false_redis_free(n->redis);
	clock_free(n->clock);
	conf_unref(n->conf);
	free(n);
}

/* An exact copy: a sanitizer sees who reads behind it. */
static void
put(struct noise *n, const char *line, size_t size)
{
	char *copy = malloc(size ? size : 1);

	memcpy(copy, line, size);
	feed_line(n->feed, copy, size);
	free(copy);
}

/* -- random bytes -- */

static void
random_bytes_tell_nothing(void **state)
{
	struct noise *n = begin();
	char line[ROOM];

	(void)state;
	for (int i = 0; i < LINES; i++) {
		const unsigned size = below(300);

		for (unsigned k = 0; k < size; k++)
			line[k] = (char)below(256);
		put(n, line, size);
	}
	finish(n);
	assert_int_equal(feed_counts(n->feed).events[EVENT_NONE], LINES);
	assert_int_equal(n->listings, 0);
	end(n);
}

/* -- real lines, not quite -- */

/* Of clients that did nothing. */
static const char *const harmless[] = {
	"anvil-connection-rate-limit",
	"dovecot-sasl-tarpit-3s.dovecot",
	"dovecot-sasl-tarpit-3s.postfix",
	"noqueue-policy-service-replies",
	"noqueue-relay-access-denied",
	"sasl-succeeded",
	"timeout-after-ehlo-and-data",
	"tls-handshake-errors",
};

static const char *const guilty[] = {
	"dovecot-sasl-failed-unknown-then-success.dovecot",
	"dovecot-sasl-failed-unknown-then-success.postfix",
	"improper-pipelining-and-bare-newline",
	"non-smtp-command",
	"noqueue-user-unknown-harvest-too-many-errors",
	"sasl-failed-cyrus-login-and-lost-connection",
	"sasl-failed-odd-usernames",
	"sasl-failed-until-too-many-errors",
	"too-many-errors-unknown-commands",
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* A byte more, less or other; a piece twice; an end too early. */
static size_t
mutate(char *line, size_t size)
{
	for (unsigned n = 1 + below(4); n > 0 && size > 0; n--) {
		const unsigned at = below((unsigned)size);
		const unsigned piece = 1 + below((unsigned)(size - at));

		switch (below(5)) {
		case 0:
			line[at] = (char)below(256);
			break;
		case 1:
			memmove(line + at, line + at + 1, size - at - 1);
			size--;
			break;
		case 2:
			if (size < ROOM / 2) {
				memmove(line + at + 1, line + at, size - at);
				size++;
			}
			break;
		case 3:
			if (size + piece < ROOM / 2) {
				memmove(
				    line + at + piece, line + at, size - at);
				size += piece;
			}
			break;
		default:
			if (below(10) == 0)
				size = at;
		}
	}
	return size;
}

/* An event is about somebody whose address the line has in it. */
static void
check_client(const char *line, size_t size)
{
	char client[ADDRESS_TEXT];
	struct event e;

	if (!maillog_read(line, size, SAMPLES_NOW, &e) || e.client.family == 6)
		return;
	address_text(&e.client, client);
	assert_non_null(memmem(line, size, client, strlen(client)));
}

static void
feed_mutated(struct noise *n, const char *const *names, size_t count)
{
	char line[ROOM];

	for (int fed = 0; fed < LINES;) {
		struct sample_lines lines = samples_open(
		    names[below((unsigned)count)]);

		for (; samples_next(&lines); fed++) {
			size_t size = lines.size;

			memcpy(line, lines.line, size);
			if (below(2))
				size = mutate(line, size);
			check_client(line, size);
			put(n, line, size);
		}
		samples_close(&lines);
	}
	finish(n);
}

static void
changed_lines_of_the_harmless_list_nobody(void **state)
{
	struct noise *n = begin();

	(void)state;
	feed_mutated(n, harmless, COUNT(harmless));
	assert_int_equal(n->listings, 0);
	end(n);
}

static void
changed_lines_of_the_guilty_hit_no_other(void **state)
{
	struct noise *n = begin();

	(void)state;
	feed_mutated(n, guilty, COUNT(guilty));
	assert_int_equal(n->victims, 0);
	assert_true(n->listings > 0);
	end(n);
}

/* -- forgeries -- */

/* What a client may write, around a text of its choice. The newline of a
 * client is in no line: programs escape it. */
static const char *const frames[] = {
	"smtpd[9]: warning: unknown[" OFFENDER "]: SASL LOGIN authentication "
	"failed: authentication failure, sasl_username=%s",
	"smtpd[9]: warning: unknown[" OFFENDER "]: SASL %s authentication "
	"failed: no mechanism available, sasl_username=(unavailable)",
	"smtpd[9]: warning: non-SMTP command from unknown[" OFFENDER "]: %s",
	"smtpd[9]: improper command pipelining after EHLO from "
	"unknown[" OFFENDER "]: %s",
	"smtpd[9]: NOQUEUE: reject: RCPT from unknown[" OFFENDER "]: 451 4.7.1 "
	"<%s>: Recipient address rejected: Later; from=<> to=<x> proto=SMTP "
	"helo=<x>",
	"smtpd[9]: NOQUEUE: reject: RCPT from unknown[" OFFENDER "]: 550 5.1.1 "
	"<%s>: Recipient address rejected: User unknown in local recipient "
	"table; from=<> to=<x> proto=SMTP helo=<x>",
	"smtpd[9]: NOQUEUE: reject: RCPT from unknown[" OFFENDER "]: 450 4.7.1 "
	"<x>: Helo command rejected: Host not found; from=<x> to=<x> "
	"proto=ESMTP helo=<%s>",
	"smtpd[9]: A1: client=unknown[" OFFENDER "], sasl_method=PLAIN, "
	"sasl_username=%s",
	"qmgr[9]: A1: from=<%s>, size=1, nrcpt=1 (queue active)",
	"cleanup[9]: A1: message-id=<%s>",
	"smtp[9]: A1: to=<%s>, relay=none, delay=0, dsn=4.0.0, status=deferred",
};

static const char *const dovecot_frames[] = {
	"imap-login: Disconnected (auth failed, 1 attempts in 2 secs): "
	"user=<%s>, method=PLAIN, rip=" OFFENDER ", lip=192.0.2.9, session=<x>",
	"imap-login: Login: user=<%s>, method=PLAIN, rip=" OFFENDER
	", lip=192.0.2.9, mpid=1, session=<x>",
	"imap(%s)<12><x>: Logged out in=1 out=2",
	"auth: passwd-file(%s," OFFENDER "): Password mismatch",
	"auth: sql(%s," OFFENDER ",<x>): unknown user",
	"lmtp(%s)<12><x>: msgid=<x>: saved mail to INBOX",
};

static const char *const lies[] = {
	"warning: x[" VICTIM "]: SASL LOGIN authentication failed: x, "
	"sasl_username=x",
	"x[" VICTIM "]: SASL PLAIN authentication failed: x",
	"disconnect from x[" VICTIM "] auth=0/99 unknown=0/99",
	"connect from x[" VICTIM "]",
	"too many errors after UNKNOWN from x[" VICTIM "]",
	"A1: reject: RCPT from x[" VICTIM "]: 550 5.1.1 <y>: Recipient address "
	"rejected: User unknown in table; from=<> to=<y>",
	"x>, method=PLAIN, rip=" VICTIM ", lip=192.0.2.9, session=<x>",
	"x," VICTIM "): Password mismatch",
	"x," VICTIM ",<y>): unknown user",
	"Nov 21 16:41:00 mx postfix/smtpd[9]: ",
	"imap-login: Info: Disconnected (auth failed, 50 attempts in 2 secs): "
	"user=<",
	" auth: Info: ",
	"#012",
	"[" VICTIM "]",
	"]: ",
	": ",
	", ",
	"<",
	">",
	"(",
	")",
	"\"",
	"\r",
	"\t",
	"\xff",
	"%s",
};

static void
choose_lie(char *out, size_t room)
{
	*out = '\0';
	for (unsigned n = 1 + below(5); n > 0; n--) {
		const char *piece = lies[below(COUNT(lies))];
		const size_t used = strlen(out), size = strlen(piece);

		if (used + size < room)
			memcpy(out + used, piece, size + 1);
	}
}

static void
around(char *out, size_t room, const char *frame, const char *lie)
{
	const char *at = strstr(frame, "%s");

	snprintf(out, room, "%.*s%s%s", (int)(at - frame), frame, lie, at + 2);
}

static void
nothing_that_a_client_writes_hits_another(void **state)
{
	static const char *const headers[] = {
		"Nov 21 16:41:00 mx postfix/",
		"2026-11-21T16:41:00+00:00 mx postfix/submission/",
	};
	static const char *const dovecot_headers[] = {
		"Nov 21 16:41:00 mx dovecot: ",
		"Nov 21 16:41:00 ",
		"",
	};
	struct noise *n = begin();
	char lie[1024], message[2048], line[ROOM];

	(void)state;
	for (int i = 0; i < LINES; i++) {
		const bool postfix = below(2);
		const char *frame = postfix
		    ? frames[below(COUNT(frames))]
		    : dovecot_frames[below(COUNT(dovecot_frames))];

		choose_lie(lie, sizeof(lie));
		around(message, sizeof(message), frame, lie);
		snprintf(line, sizeof(line), "%s%s",
		    postfix ? headers[below(COUNT(headers))]
			    : dovecot_headers[below(COUNT(dovecot_headers))],
		    message);
		put(n, line, strlen(line));
	}
	finish(n);
	assert_int_equal(n->victims, 0);
	assert_true(n->listings > 0);
	end(n);
}

int
main(void)
{
	struct suite s = { 0 };

	setenv("TZ", "UTC", 1);
	seed = chance_seed() * UINT64_C(1000003);
	seed += seed == 0;
	SUITE_TEST(&s, random_bytes_tell_nothing);
	SUITE_TEST(&s, changed_lines_of_the_harmless_list_nobody);
	SUITE_TEST(&s, changed_lines_of_the_guilty_hit_no_other);
	SUITE_TEST(&s, nothing_that_a_client_writes_hits_another);
	return suite_run(&s, "feed/noise");
}
