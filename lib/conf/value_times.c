/*
 * value_times - lists of times
 */
#include "conf/kind.h"

#include <string.h>

#include "base/arena.h"
#include "conf/complaints.h"

void
kind_wrong_word(const struct setting *s, const char *word, const char *what)
{
	char name[OPTION_NAME];

	complaint(s->said, s->line, "%s: '%.64s' %s",
	    option_name(s->option, name), word, what);
}

bool
kind_read_time(const char *word, int64_t *out)
{
	return kind_read_number(word, kind_seconds_units, out) && *out > 0 &&
	    *out <= KIND_LONGEST;
}

const char *
kind_time_text(struct arena *a, int64_t seconds)
{
	return seconds == PERMANENT
	    ? "permanent"
	    : kind_number_text(a, kind_seconds_units, seconds);
}

/* False after a complaint. */
static bool
read_step(const struct setting *s, size_t i, int64_t *out)
{
	const char *word = s->words[i];

	if (strcmp(word, "permanent") == 0) {
		*out = PERMANENT;
		if (i + 1 == s->count)
			return true;
		kind_wrong_word(s, word, "has no end, and nothing follows it");
		return false;
	}
	if (kind_read_time(word, out))
		return true;
	kind_wrong_word(s, word,
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
		text = kind_show_item(a, text, kind_time_text(a, t->items[i]));
	return arena_printf(a, "{ %s }", text);
}

const struct kind kind_times = { sizeof(struct times), true, set_times,
	show_times, kind_range_list };
