/*
 * value_dnsbls - lists of DNS lists
 */
#include "conf/kind.h"

#include "base/arena.h"
#include "conf/dnsbl.h"

/* False after a complaint. */
static bool
take(const struct setting *s, struct dnsbl *items, size_t i)
{
	const char *wrong = dnsbl_read(s->arena, s->words[i], &items[i]);

	for (size_t j = 0; !wrong && j < i; j++)
		if (dnsbl_same(&items[j], &items[i]))
			wrong = "has zone and answers of another one";
	if (wrong)
		kind_wrong_word(s, s->words[i], wrong);
	return !wrong;
}

static void
set_dnsbls(const struct setting *s, void *at)
{
	struct dnsbl *items = arena_alloc(
	    s->arena, (s->count + 1) * sizeof(*items));
	bool all = kind_not_too_many(s);

	for (size_t i = 0; all && i < s->count; i++)
		all = take(s, items, i);
	if (all)
		*(struct dnsbls *)at = (struct dnsbls){ s->count, items };
}

static const char *
show_dnsbls(const struct option *o, const void *at, struct arena *a)
{
	const struct dnsbls *d = at;
	const char *text = "";

	(void)o;
	for (size_t i = 0; i < d->count; i++)
		text = kind_show_item(a, text, d->items[i].text);
	return *text ? arena_printf(a, "{ %s }", text) : "{}";
}

const struct kind kind_dnsbls = { sizeof(struct dnsbls), true, set_dnsbls,
	show_dnsbls, kind_range_list };
