/*
 * policyctl_when - reading spans and moments
 */
#include "policyctl_when.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LONGEST = 1000 * 86400 }; /* as for options */

bool
when_span(const char *text, int64_t *seconds)
{
	static const struct {
		const char *name;
		int64_t seconds;
	} units[] = { { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 } };
	const size_t digits = strspn(text, "0123456789");
	const int64_t n = digits && digits < 10 ? atoll(text) : 0;

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(text + digits, units[i].name)) {
			*seconds = n * units[i].seconds;
			return *seconds > 0 && *seconds <= LONGEST;
		}
	return false;
}

static bool
read_unix(const char *text, int64_t *unix_time)
{
	const size_t digits = strspn(text, "0123456789");

	*unix_time = digits && digits < 13 ? atoll(text) : 0;
	return *unix_time > 0 && text[digits] == '\0';
}

static bool
read_date(const char *text, int64_t *unix_time)
{
	static const char *const forms[] = { "%Y-%m-%d %H:%M:%S",
		"%Y-%m-%d %H:%M", "%Y-%m-%d" };

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm tm = { .tm_isdst = -1 };
		const char *end = strptime(text, forms[i], &tm);

		if (end && !*end) {
			*unix_time = (int64_t)mktime(&tm);
			return *unix_time > 0;
		}
	}
	return false;
}

bool
when_moment(const char *text, int64_t now, int64_t *unix_time)
{
	int64_t span;

	if (*text == '@')
		return read_unix(text + 1, unix_time);
	if (when_span(text, &span)) {
		*unix_time = now - span;
		return true;
	}
	return read_date(text, unix_time);
}

/* The next time that a clock shows it. */
static bool
read_clock(const char *text, int64_t now, int64_t *unix_time)
{
	static const char *const forms[] = { "%H:%M:%S", "%H:%M" };
	const time_t t = (time_t)now;
	struct tm tm;

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		const char *end;

		localtime_r(&t, &tm);
		tm.tm_sec = 0;
		end = strptime(text, forms[i], &tm);
		if (!end || *end)
			continue;
		tm.tm_isdst = -1;
		*unix_time = (int64_t)mktime(&tm);
		if (*unix_time <= now) {
			tm.tm_mday++;
			tm.tm_isdst = -1;
			*unix_time = (int64_t)mktime(&tm);
		}
		return true;
	}
	return false;
}

bool
when_until(const char *text, int64_t now, int64_t *unix_time)
{
	if (read_clock(text, now, unix_time))
		return true;
	if (*text == '@')
		return read_unix(text + 1, unix_time) && *unix_time > now;
	return read_date(text, unix_time) && *unix_time > now;
}
