/*
 * record - the first lines of greylist.lua, in C
 *
 * Records begin with "last=T", ten digits, from the day on that they let in;
 * settings with "last=FROM". Numbers of a width compare as texts do.
 */
#include "checks/record.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "checks/grey.h"

enum { DIGITS = 10, HOUR = 3600 };

static const char last[] = "last=", passes[] = " passes=", grey[] = "grey:",
		  known[] = "known:";

enum { LAST = sizeof(last) - 1, PASSES = sizeof(passes) - 1 };

static const char *
settings(const struct question *q)
{
	return q->words[GREY_SETTINGS].text;
}

bool
record_is_plain(const struct question *q)
{
	return settings(q)[GREY_HOW] == '0' &&
	    memcmp(settings(q) + GREY_NOW, "0000000000", DIGITS) != 0 &&
	    grey_identity_of(q).size < RECORD_KEY;
}

struct word
record_key_of(const struct question *q)
{
	return q->words[GREY_KEY];
}

struct word
record_window_of(const struct question *q)
{
	const struct word all = q->words[GREY_SETTINGS];

	return (struct word){ all.text + GREY_WINDOW, all.size - GREY_WINDOW };
}

static char *
put(char *out, const char *text, size_t size)
{
	memcpy(out, text, size);
	return out + size;
}

size_t
record_of_stranger(const struct question *q, char *line)
{
	const char *now = settings(q) + GREY_NOW;
	char *end = put(line, "first=", 6);

	end = put(end, now, DIGITS);
	end = put(end, " last=", 6);
	end = put(end, now, DIGITS);
	end = put(end, " tries=1 passed=0", 17);
	return (size_t)(end - line);
}

size_t
record_identity_key(const struct question *q, char *key)
{
	const struct word identity = grey_identity_of(q);
	const char *tag = memchr(identity.text, '{', identity.size);
	const size_t before = (size_t)(tag - identity.text) - strlen(grey);
	char *end = put(key, identity.text, before);

	end = put(end, known, sizeof(known) - 1);
	end = put(end, tag, identity.size - (size_t)(tag - identity.text));
	return (size_t)(end - key);
}

/* "last=T...", T not before FROM, and not more digits than a time has. */
bool
record_is_recent(const struct question *q, const struct value *v)
{
	return v->size > LAST + DIGITS && memcmp(v->text, last, LAST) == 0 &&
	    memcmp(v->text + LAST, settings(q) + GREY_FROM, DIGITS) >= 0 &&
	    v->text[LAST] < '9';
}

/* Digits, and behind them `end`; -1: not so, or too many. */
static int64_t
number(const char **at, char end)
{
	int64_t n;
	const char *p = text_read_number(*at, &n);

	if (!p || *p != end)
		return -1;
	*at = p;
	return n;
}

bool
record_is_known(const struct question *q, const struct value *identity)
{
	const char *at = identity->text + LAST + DIGITS;
	const char *after = settings(q) + GREY_AFTER;

	if (!record_is_recent(q, identity) || strncmp(at, passes, PASSES) != 0)
		return false;
	at += PASSES;
	return number(&at, ' ') >= number(&after, ' ');
}

bool
record_has_room(const struct question *q, const struct value *identity)
{
	const char *at = identity->text, *now_at = settings(q) + GREY_NOW,
		   *limit_at = settings(q) + GREY_LIMIT;
	const int64_t now = number(&now_at, ' '),
		      limit = number(&limit_at, ' ');
	int64_t fresh, hour;

	if (strncmp(at, "fresh=", 6) != 0)
		return false;
	at += 6;
	fresh = number(&at, ' ');
	if (fresh < 0 || strncmp(at, " hour=", 6) != 0)
		return false;
	at += 6;
	hour = number(&at, '\0');
	return hour >= 0 &&
	    (limit == 0 || fresh < limit || llabs(now - hour) >= HOUR);
}
