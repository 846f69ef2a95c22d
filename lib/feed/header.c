/*
 * header - times, hosts and programs
 *
 *     Nov 21 16:27:15 mx postfix/smtpd[18598]: MESSAGE
 *     2026-11-21T16:27:15.123+01:00 mx postfix/smtpd[18598]: MESSAGE
 *     <22>1 2026-11-21T16:27:15Z mx postfix/smtpd 18598 - - MESSAGE
 *     Nov 21 16:27:15 imap-login: Info: MESSAGE
 *
 * A header is believed only when all of it is as it should be: words that a
 * client chose must not be taken for one that stands further on.
 */
#include "feed/header.h"

#include <time.h>

#include "feed/span.h"

#define DIGITS "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

static const char host_bytes[] = LETTERS DIGITS "._:-";
static const char program_bytes[] = LETTERS DIGITS "._/+-";
static const char zone_bytes[] = DIGITS "+:-Z";

/* A letter of the pattern stands for any letter, 0 for a digit, _ for a digit
 * or a blank; the rest for itself. */
static bool
take_shape(struct span *s, const char *shape)
{
	const char *p = s->at;

	for (; *shape; shape++, p++) {
		if (p == s->end)
			return false;
		if (*shape == '0' || *shape == '_') {
			if (!(*p >= '0' && *p <= '9') &&
			    !(*shape == '_' && *p == ' '))
				return false;
		} else if (*shape == 'a') {
			if (!((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z'))
				return false;
		} else if (*p != *shape) {
			return false;
		}
	}
	s->at = p;
	return true;
}

/* A time and the blank behind it. */
static bool
take_time(struct span *s, struct span *time)
{
	struct span rest = *s;

	*time = rest;
	if (take_shape(&rest, "aaa _0 00:00:00")) {
		if (take(&rest, "."))
			take_all(&rest, DIGITS);
	} else if (take_shape(&rest, "0000-00-00T00:00:00") ||
	    take_shape(&rest, "0000-00-00 00:00:00")) {
		if (take(&rest, ".") || take(&rest, ","))
			take_all(&rest, DIGITS);
		take_all(&rest, zone_bytes);
	} else {
		return false;
	}
	time->end = rest.at;
	if (!take(&rest, " "))
		return false;
	*s = rest;
	return true;
}

/* "postfix/smtpd[18598]: ", "dovecot: ", "auth-worker(77): " */
static bool
take_tag(struct span *s, struct header *h)
{
	struct span rest = *s;

	h->pid = 0;
	h->program = take_all(&rest, program_bytes);
	if (h->program.at == h->program.end)
		return false;
	if (take(&rest, "[")) {
		if (!take_number(&rest, &h->pid) || !take(&rest, "]"))
			return false;
	} else if (take(&rest, "(")) {
		if (!take_number(&rest, &h->pid) || !take(&rest, ")"))
			return false;
	}
	if (!take(&rest, ": "))
		return false;
	*s = rest;
	return true;
}

static bool
take_host(struct span *s, struct span *host)
{
	struct span rest = *s;

	*host = take_all(&rest, host_bytes);
	if (host->at == host->end || !take(&rest, " "))
		return false;
	*s = rest;
	return true;
}

/* [name key="value" ...] of RFC 5424, any number of them; or "-". */
static bool
take_structured(struct span *s)
{
	bool quoted = false;

	if (take(s, "-"))
		return true;
	while (take(s, "[")) {
		for (; s->at < s->end && (quoted || *s->at != ']'); s->at++) {
			if (*s->at == '"')
				quoted = !quoted;
			else if (*s->at == '\\' && s->at + 1 < s->end)
				s->at++;
		}
		if (s->at >= s->end)
			return false;
		s->at++;
	}
	return true;
}

/* All that follows the version in RFC 5424; the message may have a BOM. */
static bool
take_5424(struct span *s, struct header *h)
{
	struct span rest = *s, id;

	if (!take_time(&rest, &h->time) || !take_host(&rest, &h->host))
		return false;
	h->program = take_all(&rest, program_bytes);
	if (!take(&rest, " "))
		return false;
	if (!take_number(&rest, &h->pid) && !take(&rest, "-"))
		return false;
	if (!take(&rest, " ") || !take_until(&rest, " ", &id) ||
	    !take_structured(&rest) || !take(&rest, " "))
		return false;
	take(&rest, "\xef\xbb\xbf");
	*s = rest;
	return true;
}

/* Dovecot's own log has no host. */
static bool
take_classic(struct span *s, struct header *h)
{
	struct span rest = *s;

	if (!take_time(&rest, &h->time))
		return false;
	if (!take_tag(&rest, h)) {
		if (!take_host(&rest, &h->host) || !take_tag(&rest, h))
			return false;
	}
	*s = rest;
	return true;
}

void
header_take(struct span *line, struct header *out)
{
	const struct span none = { line->at, line->at };
	const struct header empty = { none, none, none, 0 };
	struct span rest = *line;
	unsigned priority;
	bool well;

	*out = empty;
	if (take(&rest, "<") && take_number(&rest, &priority) &&
	    take(&rest, ">")) {
		well = take(&rest, "1 ") ? take_5424(&rest, out)
					 : take_classic(&rest, out);
	} else {
		rest = *line;
		well = take_classic(&rest, out);
	}
	if (well)
		*line = rest;
	else
		*out = empty;
}

/* -- times -- */

static int
number_at(const char *at, int digits)
{
	int number = 0;

	for (; digits > 0; digits--, at++)
		number = number * 10 + (*at == ' ' ? 0 : *at - '0');
	return number;
}

/* "+01:00", "+0100", "Z"; seconds to be taken off. False without a zone. */
static bool
zone_of(struct span rest, int *seconds)
{
	int sign = 1;

	if (take(&rest, ".") || take(&rest, ","))
		take_all(&rest, DIGITS);
	*seconds = 0;
	if (span_is(rest, "Z"))
		return true;
	if (take(&rest, "-"))
		sign = -1;
	else if (!take(&rest, "+"))
		return false;
	if (span_size(rest) == 5 && rest.at[2] == ':')
		*seconds = number_at(rest.at + 3, 2) * 60;
	else if (span_size(rest) == 4)
		*seconds = number_at(rest.at + 2, 2) * 60;
	else
		return false;
	*seconds = sign * (*seconds + number_at(rest.at, 2) * 3600);
	return true;
}

static int64_t
iso_time(struct span time)
{
	struct tm tm = {
		.tm_year = number_at(time.at, 4) - 1900,
		.tm_mon = number_at(time.at + 5, 2) - 1,
		.tm_mday = number_at(time.at + 8, 2),
		.tm_hour = number_at(time.at + 11, 2),
		.tm_min = number_at(time.at + 14, 2),
		.tm_sec = number_at(time.at + 17, 2),
		.tm_isdst = -1,
	};
	int zone;

	if (zone_of((struct span){ time.at + 19, time.end }, &zone))
		return (int64_t)timegm(&tm) - zone;
	return mktime(&tm);
}

/* "Nov 21 16:27:15" of the year in which that was last. */
static int64_t
classic_time(struct span time, int64_t now)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	enum { DAY = 86400 };
	const time_t then = (time_t)now;
	struct tm tm;
	int64_t found;
	int month = 0, year;

	while (month < 12 && memcmp(months + 3 * month, time.at, 3) != 0)
		month++;
	if (month == 12)
		return 0;
	localtime_r(&then, &tm);
	for (year = tm.tm_year + 1;; year--) {
		tm = (struct tm){
			.tm_year = year,
			.tm_mon = month,
			.tm_mday = number_at(time.at + 4, 2),
			.tm_hour = number_at(time.at + 7, 2),
			.tm_min = number_at(time.at + 10, 2),
			.tm_sec = number_at(time.at + 13, 2),
			.tm_isdst = -1,
		};
		found = mktime(&tm);
		if (found <= now + DAY)
			return found;
	}
}

int64_t
header_time(struct span time, int64_t now)
{
	if (span_size(time) < 15)
		return 0;
	if (*time.at >= '0' && *time.at <= '9')
		return iso_time(time);
	return classic_time(time, now);
}
