/*
 * The mail log of a busy server: how many lines a second go through a feed.
 * Most tell nothing: four messages are delivered for one failed login. Prints
 * lines a second of one core, best of five; with a FILE it writes the log
 * there instead, its times being now.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "conf/conf.h"
#include "feed/feed.h"
#include "register/lists_build.h"

enum { LINES = 1000000, LINE_ROOM = 400, ROUNDS = 5, PIDS = 100 };
enum { TURN = 64 * 1024 }; /* bytes */

struct log {
	char *text;
	size_t used;
	unsigned lines;
	char when[32];
};

static void
put(struct log *l, const char *format, unsigned number, const char *client)
{
	l->used += (size_t)sprintf(
	    l->text + l->used, "%s mx postfix/", l->when);
	l->used += (size_t)snprintf(l->text + l->used, LINE_ROOM - 64, format,
	    1000 + number % PIDS, client);
	l->text[l->used++] = '\n';
	l->lines++;
}

/* A message on its way, as Postfix tells of it. */
static const char *const delivery[] = {
	"smtpd[%u]: connect from mail.example.net[%s]",
	"smtpd[%u]: 46EF1A72180: client=mail.example.net[%s]",
	"cleanup[%u]: 46EF1A72180: message-id=<1.%s@example.net>",
	"qmgr[%u]: 46EF1A72180: from=<carol@%s.example.net>, size=2424, "
	"nrcpt=1 (queue active)",
	"smtpd[%u]: disconnect from mail.example.net[%s] ehlo=2 starttls=1 "
	"mail=1 rcpt=1 data=1 quit=1 commands=7",
	"lmtp[%u]: 46EF1A72180: to=<alice@example.com>, relay=mx[%s], "
	"delay=0.2, delays=0.1/0/0/0.1, dsn=2.0.0, status=sent (250 2.0.0 Ok)",
	"qmgr[%u]: 46EF1A72180: removed%.0s",
};

static const char *const attack[] = {
	"smtpd[%u]: connect from unknown[%s]",
	"smtpd[%u]: warning: SASL authentication failure: Password "
	"verification failed%.0s",
	"smtpd[%u]: warning: unknown[%s]: SASL LOGIN authentication failed: "
	"authentication failure, sasl_username=admin",
	"smtpd[%u]: lost connection after AUTH from unknown[%s]",
	"smtpd[%u]: disconnect from unknown[%s] ehlo=1 auth=0/1 commands=1/2",
};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static void
make(struct log *l)
{
	const time_t now = time(NULL);
	char client[32];
	struct tm tm;

	l->text = malloc((size_t)LINES * LINE_ROOM);
	if (!l->text)
		exit(1);
	strftime(l->when, sizeof(l->when), "%Y-%m-%dT%H:%M:%SZ",
	    gmtime_r(&now, &tm));
	for (unsigned i = 0; l->lines + COUNT(delivery) < LINES; i++) {
		const bool bad = i % 5 == 4;

		snprintf(client, sizeof(client), "203.0.%u.%u", i / 5 % 250,
		    1 + i / 7 % 250);
		for (size_t k = 0; k < (bad ? COUNT(attack) : COUNT(delivery));
		     k++)
			put(l, bad ? attack[k] : delivery[k], i, client);
	}
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
run(const struct log *l, const struct conf *conf, unsigned *failures)
{
	const struct feed_rules rules = { LOGINS_OWN, FEED_ERRORS, FEED_SCANS };
	struct clock *clock = clock_new();
	struct feed *f = feed_new(clock, NULL, conf, &rules, NULL, NULL);
	const char *at = l->text, *end = l->text + l->used;
	const double begin = seconds();
	double took;

	feed_lists(f, lists_new(0));
	for (const char *stop, *next = at; at < end; at = stop + 1) {
		stop = memchr(at, '\n', (size_t)(end - at));
		feed_line(f, at, (size_t)(stop - at));
		if (at >= next) { /* as often as the reader's loop turns */
			next = at + TURN;
			clock_stale(clock);
			clock_run(clock);
		}
	}
	while (feed_waiting(f) > 0)
		feed_flush(f);
	took = seconds() - begin;
	*failures = (unsigned)feed_counts(f).failures;
	feed_free(f);
	clock_free(clock);
	return took;
}

static int
save(const struct log *l, const char *path)
{
	FILE *file = fopen(path, "w");

	if (!file || fwrite(l->text, 1, l->used, file) != l->used ||
	    fclose(file) != 0) {
		perror(path);
		return 1;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	struct conf *conf = conf_read(NULL, NULL, NULL);
	struct log l = { 0 };
	double best = 0, took;
	unsigned failures = 0;

	make(&l);
	if (argc > 1)
		return save(&l, argv[1]);
	for (int i = 0; i < ROUNDS; i++) {
		took = run(&l, conf, &failures);
		if (best == 0 || took < best)
			best = took;
	}
	printf("feed: %.0f lines a second of one core, %u lines with %u failed "
	       "logins\n",
	    l.lines / best, l.lines, failures);
	free(l.text);
	conf_unref(conf);
	return 0;
}
