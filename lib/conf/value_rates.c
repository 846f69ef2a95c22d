/*
 * value_rates - so many within a time, and lists of these
 */
#include "conf/kind.h"

#include <string.h>

#include "base/arena.h"

/* "200/1h", or "0", which has no time. */
static bool
read_rate(
    struct arena *a, const char *word, const struct unit *units, struct rate *r)
{
	const char *slash = strchr(word, '/');
	const char *count = slash
	    ? arena_memdup(a, word, (size_t)(slash - word))
	    : word;

	if (!kind_read_number(count, units, &r->count))
		return false;
	if (slash)
		return kind_read_time(slash + 1, &r->seconds);
	r->seconds = 1;
	return r->count == 0;
}

/* False after a complaint. */
static bool
take_rate(const struct setting *s, const char *word, struct rate *r)
{
	const struct kind *k = kind_of(s->option);

	if (!read_rate(s->arena, word, k->units, r)) {
		kind_wrong_word(s, word,
		    arena_printf(
			s->arena, "is no rate such as %s, nor 0", k->is));
		return false;
	}
	if (r->count > s->option->most) {
		kind_wrong_word(s, word,
		    arena_printf(s->arena, "is more than %s at a time",
			kind_number_text(s->arena, k->units, s->option->most)));
		return false;
	}
	return true;
}

static const char *
show_one(const struct rate *r, const struct unit *units, struct arena *a)
{
	return arena_printf(a, "%s/%s", kind_number_text(a, units, r->count),
	    kind_time_text(a, r->seconds));
}

static const char *
range_rate(const struct option *o, struct arena *a)
{
	return arena_printf(a, "0 to %s, per 1s to %s",
	    kind_number_text(a, kind_of(o)->units, o->most),
	    kind_time_text(a, KIND_LONGEST));
}

static void
set_rate(const struct setting *s, void *at)
{
	struct rate r;

	if (take_rate(s, s->words[0], &r))
		memcpy(at, &r, sizeof(r));
}

static const char *
show_rate(const struct option *o, const void *at, struct arena *a)
{
	const struct rate *r = at;

	if (r->count == 0)
		return "0";
	return kind_show_item(a, "", show_one(r, kind_of(o)->units, a));
}

/*
 * Lists
 */

/* Each time has its own counter in Redis. False after a complaint. */
static bool
fits(const struct setting *s, const char *word, const struct rate *items,
    size_t count)
{
	const struct rate *r = &items[count];

	if (r->count == 0) {
		kind_wrong_word(s, word, "is no limit, and stands alone");
		return false;
	}
	for (size_t i = 0; i < count; i++)
		if (items[i].seconds == r->seconds) {
			kind_wrong_word(
			    s, word, "is the second limit for the same time");
			return false;
		}
	return true;
}

static void
set_rates(const struct setting *s, void *at)
{
	struct rate *items = arena_alloc(
	    s->arena, (s->count + 1) * sizeof(*items));

	if (s->count > RATES) {
		kind_wrong(s,
		    arena_printf(s->arena, "more than %d limits", (int)RATES));
		return;
	}
	for (size_t i = 0; i < s->count; i++) {
		if (!take_rate(s, s->words[i], &items[i]))
			return;
		if (s->count == 1 && items[0].count == 0) {
			*(struct rates *)at = (struct rates){ 0 };
			return;
		}
		if (!fits(s, s->words[i], items, i))
			return;
	}
	*(struct rates *)at = (struct rates){ s->count, items };
}

static const char *
show_rates(const struct option *o, const void *at, struct arena *a)
{
	const struct rates *r = at;
	const char *text = "";

	for (size_t i = 0; i < r->count; i++)
		text = kind_show_item(
		    a, text, show_one(&r->items[i], kind_of(o)->units, a));
	if (r->count > 1)
		return arena_printf(a, "{ %s }", text);
	return r->count == 1 ? text : "0";
}

static const char *
range_rates(const struct option *o, struct arena *a)
{
	return arena_printf(a, "%s; at most %d", range_rate(o, a), (int)RATES);
}

const struct kind kind_rate = { sizeof(struct rate), false, set_rate, show_rate,
	range_rate, .is = "200/1m", .units = kind_number_units };
const struct kind kind_rates = { sizeof(struct rates), true, set_rates,
	show_rates, range_rates, .is = "200/1h", .units = kind_number_units };
const struct kind kind_volumes = { sizeof(struct rates), true, set_rates,
	show_rates, range_rates, .is = "1G/1d", .units = kind_size_units };
