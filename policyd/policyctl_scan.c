/*
 * policyctl_scan - SCAN and HSCAN
 */
#include "policyctl_scan.h"

#include <stdio.h>
#include <string.h>

#include "policyctl_redis.h"
#include "policyctl_seen.h"

/* Keys Redis looks at for one page: a fraction of a millisecond of its time. */
static const char *const page_keys = "500";

void
scan_start(struct scan *s, struct door *d, const char *pattern)
{
	*s = (struct scan){ .door = d, .seen = seen_new(), .pattern = pattern };
	s->cursor = strcpy(s->cursor_text, "0");
}

void
scan_start_hash(struct scan *s, struct door *d, const char *key)
{
	scan_start(s, d, NULL);
	s->key = key;
}

void
scan_end(struct scan *s)
{
	seen_free(s->seen);
}

/* A field is two of the items. */
static void
drop_seen(const struct scan *s, struct node *page)
{
	const size_t step = s->key ? 2 : 1;
	size_t kept = 0;

	for (size_t i = 0; i + step <= page->count; i += step) {
		if (seen_before(s->seen, page->items[i].text))
			continue;
		memmove(&page->items[kept], &page->items[i],
		    step * sizeof(*page->items));
		kept += step;
	}
	page->count = kept;
}

static void
refuse(struct scan *s, const struct node *reply)
{
	if (!s->optional)
		door_spoil(s->door,
		    reply->kind == NODE_ERROR ? reply->text
					      : "odd answer to SCAN");
}

bool
scan_next(struct scan *s, struct arena *a, struct node *keys)
{
	struct order o = { 0 };
	const char *next;

	if (!s->cursor)
		return false;
	if (s->key)
		order_words(
		    &o, "HSCAN", s->key, s->cursor, "COUNT", page_keys, NULL);
	else
		order_words(&o, "SCAN", s->cursor, "MATCH", s->pattern, "COUNT",
		    page_keys, NULL);
	s->cursor = NULL;
	if (!door_ask(s->door, a, &o, 1))
		return false;
	if (o.reply.kind != NODE_LIST || o.reply.count != 2) {
		refuse(s, &o.reply);
		return false;
	}
	next = o.reply.items[0].text;
	*keys = o.reply.items[1];
	drop_seen(s, keys);
	s->whole = strcmp(next, "0") == 0;
	if (!s->whole) {
		snprintf(s->cursor_text, sizeof(s->cursor_text), "%s", next);
		s->cursor = s->cursor_text;
	}
	return true;
}
