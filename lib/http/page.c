/*
 * page - HELP, TYPE, name{label="value"} number
 */
#include "http/page.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/histogram.h"

struct page {
	struct arena *arena;
	char *text; /* with a NUL behind it */
	size_t used, room;
	const char *family;
};

struct page *
page_new(struct arena *a)
{
	struct page *p = arena_alloc(a, sizeof(*p));

	p->arena = a;
	p->room = 16 * 1024;
	p->text = arena_alloc(a, p->room);
	return p;
}

const char *
page_text(const struct page *p)
{
	return p->text;
}

static void
add_bytes(struct page *p, const char *bytes, size_t size)
{
	if (p->used + size >= p->room) {
		char *bigger = arena_alloc(p->arena, 2 * (p->room + size));

		memcpy(bigger, p->text, p->used);
		p->text = bigger;
		p->room = 2 * (p->room + size);
	}
	memcpy(p->text + p->used, bytes, size);
	p->used += size;
	p->text[p->used] = '\0';
}

static void
add(struct page *p, const char *text)
{
	add_bytes(p, text, strlen(text));
}

/* What would end the value or the line. */
static void
add_escaped(struct page *p, const char *value)
{
	for (; *value; value++)
		if (*value == '\n')
			add(p, "\\n");
		else if (*value == '"' || *value == '\\')
			add_bytes(p, (char[]){ '\\', *value }, 2);
		else
			add_bytes(p, value, 1);
}

void
page_family(
    struct page *p, const char *name, const char *type, const char *help)
{
	p->family = name;
	add(p,
	    arena_printf(p->arena, "# HELP %s %s\n# TYPE %s %s\n", name, help,
		name, type));
}

void
page_sample(struct page *p, int64_t value, ...)
{
	const char *name, *before = "{";
	char number[32];
	va_list ap;

	add(p, p->family);
	va_start(ap, value);
	while ((name = va_arg(ap, const char *))) {
		add(p, before);
		add(p, name);
		add(p, "=\"");
		add_escaped(p, va_arg(ap, const char *));
		add(p, "\"");
		before = ",";
	}
	va_end(ap);
	if (*before == ',')
		add(p, "}");
	snprintf(number, sizeof(number), " %" PRId64 "\n", value);
	add(p, number);
}

static void
add_histogram(struct page *p, const char *name, const struct histogram *h)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < HISTOGRAM_BOUNDS; i++) {
		sum += h->counts[i];
		add(p,
		    arena_printf(p->arena, "%s_bucket{le=\"%g\"} %" PRIu64 "\n",
			name, histogram_bounds[i] / 1e6, sum));
	}
	sum += h->counts[HISTOGRAM_BOUNDS];
	add(p,
	    arena_printf(p->arena,
		"%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum %" PRIu64
		".%06" PRIu64 "\n%s_count %" PRIu64 "\n",
		name, sum, name, h->sum_us / 1000000, h->sum_us % 1000000, name,
		sum));
}

void
page_histogram(struct page *p, const char *name, const char *help,
    const struct histogram *h)
{
	page_family(p, name, "histogram", help);
	add_histogram(p, name, h);
}
