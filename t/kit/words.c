/*
 * words - one pass
 */
#include "kit/words.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { WORDS = 64 };

/* `*p` stands behind the backslash. False when it is no escape. */
static bool
unescape(FILE *out, const char **p)
{
	unsigned byte;
	char *end;

	if (**p == 'x' && sscanf(*p + 1, "%2x", &byte) == 1) {
		putc((int)byte, out);
		*p += 3;
		return true;
	}
	if (**p == '{') {
		long times = strtol(*p + 1, &end, 10);

		if (*end != ' ' || end[1] == '\0' || end[2] != '}')
			return false;
		while (times-- > 0)
			putc(end[1], out);
		*p = end + 3;
		return true;
	}
	if (**p != '"' && **p != '\\')
		return false;
	putc(*(*p)++, out);
	return true;
}

/* One word; NULL when it makes no sense. */
static const char *
cut(struct arena *a, const char **p)
{
	bool quoted = false, right = true;
	char *text, *word;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	while (right && **p && (quoted || **p != ' ')) {
		const char c = *(*p)++;

		if (c == '"')
			quoted = !quoted;
		else if (c == '\\')
			right = unescape(out, p);
		else
			putc(c, out);
	}
	fclose(out);
	word = arena_memdup(a, text, size);
	free(text);
	return right && !quoted ? word : NULL;
}

const char *const *
words_cut(struct arena *a, const char *line, size_t *count)
{
	const char **words = arena_alloc(a, (WORDS + 1) * sizeof(*words));

	*count = 0;
	for (;;) {
		line += strspn(line, " ");
		if (!*line)
			return words;
		if (*count == WORDS)
			return NULL;
		words[*count] = cut(a, &line);
		if (!words[(*count)++])
			return NULL;
	}
}
