/*
 * alias - one target after the other
 */
#include "scope/alias.h"

#include <string.h>

#include "base/arena.h"
#include "scope/scope.h"

static const char separators[] = ", \t\r\n";

static size_t
count_words(const char *text)
{
	size_t n = 0;

	for (text += strspn(text, separators); *text;
	     text += strspn(text, separators)) {
		text += strcspn(text, separators);
		n++;
	}
	return n;
}

static const char *
target(struct arena *a, const char *address, const char *word)
{
	const char *at = strrchr(address, '@');

	if (!at)
		return scope_address(a, word, "");
	if (*word == '@')
		word = arena_printf(
		    a, "%.*s%s", (int)(at - address), address, word);
	return scope_address(a, word, at + 1);
}

struct targets
alias_targets(struct arena *a, const char *address, const char *text)
{
	const char **items = arena_alloc(
	    a, (count_words(text) + 1) * sizeof(*items));
	struct targets t = { .items = items };
	size_t size;

	for (text += strspn(text, separators); *text;
	     text += size + strspn(text + size, separators)) {
		size = strcspn(text, separators);
		items[t.count] = target(
		    a, address, arena_memdup(a, text, size));
		if (size > 0 && strcmp(items[t.count], address) != 0)
			t.count++;
	}
	return t;
}
