/*
 * value_times - so many within a time, and lists of times
 */
#include "conf/kind.h"

#include <string.h>

#include "base/arena.h"
#include "conf/complaints.h"

enum { LONGEST = 1000 * 86400 };

static void
wrong_word(const struct setting *s, const char *word, const char *what)
{
	char name[OPTION_NAME];

	complaint(s->said, s->line, "%s: '%.64s' %s",
	    option_name(s->option, name), word, what);
}

/* A time that can be waited for. */
static bool
read_time(const char *word, int64_t *out)
{
	return kind_read_number(word, kind_seconds_units, out) && *out > 0 &&
	    *out <= LONGEST;
}

static const char *
show_time(struct arena *a, int64_t seconds)
{
	return seconds == PERMANENT
	    ? "permanent"
	    : kind_number_text(a, kind_seconds_units, seconds);
}

/*
 * Rates
 */

static bool
read_rate(struct arena *a, const char *word, struct rate *r)
{
	const char *slash = strchr(word, '/');
	const char *count = slash
	    ? arena_memdup(a, word, (size_t)(slash - word))
	    : word;

	if (!kind_read_number(count, kind_number_units, &r->count))
		return false;
	if (slash)
		return read_time(slash + 1, &r->seconds);
	r->seconds = 1;
	return r->count == 0;
}

static void
set_rate(const struct setting *s, void *at)
{
	struct rate r;

	if (!read_rate(s->arena, s->words[0], &r))
		wrong_word(s, s->words[0], "is no rate such as 200/1m, nor 0");
	else if (r.count > s->option->most)
		wrong_word(s, s->words[0],
		    arena_printf(s->arena, "is more than %lld at a time",
			(long long)s->option->most));
	else
		memcpy(at, &r, sizeof(r));
}

static const char *
show_rate(const struct option *o, const void *at, struct arena *a)
{
	const struct rate *r = at;

	(void)o;
	if (r->count == 0)
		return "0";
	return arena_printf(
	    a, "\"%lld/%s\"", (long long)r->count, show_time(a, r->seconds));
}

static const char *
range_rate(const struct option *o, struct arena *a)
{
	return arena_printf(a, "0 to %lld, per 1s to %s", (long long)o->most,
	    show_time(a, LONGEST));
}

/*
 * Lists of times
 */

/* False after a complaint. */
static bool
read_step(const struct setting *s, size_t i, int64_t *out)
{
	const char *word = s->words[i];

	if (strcmp(word, "permanent") == 0) {
		*out = PERMANENT;
		if (i + 1 == s->count)
			return true;
		wrong_word(s, word, "has no end, and nothing follows it");
		return false;
	}
	if (read_time(word, out))
		return true;
	wrong_word(s, word,
	    "is neither a time such as 15m, up to 1000d, nor permanent");
	return false;
}

static void
set_times(const struct setting *s, void *at)
{
	int64_t *items = arena_alloc(s->arena, (s->count + 1) * sizeof(*items));
	bool all = kind_not_too_many(s);

	if (s->count < (size_t)s->option->least) {
		kind_wrong(s, "must not be empty");
		return;
	}
	for (size_t i = 0; i < s->count; i++)
		all = read_step(s, i, &items[i]) && all;
	if (all)
		*(struct times *)at = (struct times){ s->count, items };
}

static const char *
show_times(const struct option *o, const void *at, struct arena *a)
{
	const struct times *t = at;
	const char *text = "";

	(void)o;
	for (size_t i = 0; i < t->count; i++)
		text = kind_show_item(a, text, show_time(a, t->items[i]));
	return arena_printf(a, "{ %s }", text);
}

const struct kind kind_rate = { sizeof(struct rate), false, set_rate, show_rate,
	range_rate };
const struct kind kind_times = { sizeof(struct times), true, set_times,
	show_times, kind_range_list };
