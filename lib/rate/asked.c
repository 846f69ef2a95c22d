/*
 * asked - read back
 */
#include "rate/asked.h"

#include <string.h>

#include "base/text.h"

enum { STEPS_OF_A_LEASE = 15 };

extern const struct script script_rate;

int64_t
asked_end(int64_t now, int64_t lease)
{
	const int64_t step = lease < 2 * STEPS_OF_A_LEASE
	    ? 1
	    : lease / STEPS_OF_A_LEASE;

	return (now + lease + step - 1) / step * step;
}

/* The next of the numbers in a text, behind a blank or not. They are ours, a
 * few of them in each question: strtoll() takes five times as long. */
static bool
take(const char **at, int64_t *n)
{
	const char *c = *at + (**at == ' ');
	const bool less = *c == '-';
	const char *first = c += less;
	uint64_t sum = 0;

	for (; *c >= '0' && *c <= '9'; c++)
		sum = sum * 10 + (uint64_t)(*c - '0');
	*n = less ? -(int64_t)sum : (int64_t)sum;
	*at = c;
	return c > first && c - first < TEXT_DIGITS;
}

/* What a line is about, and what stands before its meters. */
static enum asked_what
read_what(const char **at, struct asked *out)
{
	static const struct {
		const char *word;
		enum asked_what what;
	} rows[] = {
		{ "charge ", ASKED_CHARGE },
		{ "charge-alone ", ASKED_ALONE },
		{ "settle ", ASKED_SETTLE },
	};
	size_t i = 0;

	while (strncmp(*at, rows[i].word, strlen(rows[i].word)) != 0)
		if (++i == sizeof(rows) / sizeof(rows[0]))
			return ASKED_OTHER;
	*at += strlen(rows[i].word);
	if ((rows[i].what != ASKED_SETTLE && !take(at, &out->end)) ||
	    !take(at, &out->now) ||
	    (rows[i].what != ASKED_SETTLE && !take(at, &out->lease)))
		return ASKED_OTHER;
	return rows[i].what;
}

static bool
read_charge(const char **at, struct asked_meter *m)
{
	return take(at, &m->amount) && take(at, &m->warn) &&
	    take(at, &m->limit) && take(at, &m->seconds);
}

/* "SENT SECONDS END=N,END=N" or "SENT SECONDS -". */
static bool
read_settlement(const char **at, struct asked_meter *m)
{
	if (!take(at, &m->amount) || !take(at, &m->seconds))
		return false;
	if (strncmp(*at, " -", 2) == 0) {
		*at += 2;
		return true;
	}
	do {
		struct asked_lease *l = &m->leases[m->count];

		if (m->count == ASKED_LEASES || !take(at, &l->end) ||
		    *(*at)++ != '=' || !take(at, &l->n))
			return false;
		m->count++;
	} while (*(*at)++ == ',');
	(*at)--;
	return true;
}

bool
asked_read(const struct question *q, struct asked *out)
{
	const char *at;

	memset(out, 0, offsetof(struct asked, meters));
	if (q->script != &script_rate || q->count == q->keys)
		return false;
	at = q->words[q->keys].text;
	out->what = read_what(&at, out);
	if (out->what == ASKED_OTHER)
		return true;
	while (*at) {
		struct asked_meter *m = &out->meters[out->count];

		if (out->count == q->keys || out->count == METERS)
			return false;
		memset(m, 0, offsetof(struct asked_meter, leases));
		m->key = q->words[out->count++];
		if (out->what == ASKED_SETTLE ? !read_settlement(&at, m)
					      : !read_charge(&at, m))
			return false;
	}
	return true;
}
