/*
 * The mail log: any bytes, line by line, through the parser and through a feed
 * that writes nothing. Whatever an event names lies within its line, and the
 * same line tells the same thing twice.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "conf/conf.h"
#include "feed/feed.h"
#include "register/lists_build.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOW = 1795279300 };

static void
within(struct span s, const char *line, size_t size)
{
	if (s.at < line || s.end < s.at || s.end > line + size)
		abort();
}

static void
check_line(const char *line, size_t size)
{
	struct event e, again;
	const bool told = maillog_read(line, size, NOW, &e);

	if (told != maillog_read(line, size, NOW, &again) ||
	    told != (e.kind != EVENT_NONE) || e.kind != again.kind)
		abort();
	if (!told)
		return;
	if (e.client.family == 0 || e.time > NOW + 86400 * 366LL * 8000 ||
	    e.auth.good > e.auth.all || e.rcpt.good > e.rcpt.all ||
	    e.unknown.good > e.unknown.all)
		abort();
	if ((e.kind == EVENT_LOGIN_FAILED) != (e.attempts > 0))
		abort();
	within(e.name, line, size);
	within(e.host, line, size);
	within(e.user, line, size);
	within(e.reply, line, size);
}

/* Acts are counted, so that none can be made without a line for it. */
static void
count(void *data, const struct feed_act *act, const struct register_result *r)
{
	if (r || strlen(act->user) >= FEED_USER || act->count == 0)
		abort();
	++*(unsigned *)data;
}

static void
feed_all(const char *text, size_t size)
{
	const struct feed_rules rules = { LOGINS_OWN, FEED_ERRORS, FEED_SCANS };
	static struct conf *conf; /* read once: it takes longer than the rest */
	struct clock *clock = clock_new_virtual(NOW);
	unsigned acts = 0;
	struct feed *f;

	if (!conf)
		conf = conf_read(NULL, NULL, NULL);
	f = feed_new(clock, NULL, conf, &rules, count, &acts);

	feed_lists(f, lists_new(NOW));
	for (const char *end = text + size; text < end;) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *stop = newline ? newline : end;

		check_line(text, (size_t)(stop - text));
		feed_line(f, text, (size_t)(stop - text));
		text = newline ? newline + 1 : end;
	}
	while (feed_waiting(f) > 0)
		feed_flush(f);
	if (acts > feed_counts(f).lines * 2)
		abort();
	feed_free(f);
	clock_free(clock);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size ? size : 1);

	memcpy(text, data, size);
	feed_all(text, size);
	free(text);
	return 0;
}
