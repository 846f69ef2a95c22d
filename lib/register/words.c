/*
 * words - made fit for a question
 */
#include "register/words.h"

#include <string.h>

#include "base/arena.h"

void
words_add(struct question *q, const char *word)
{
	q->words[q->count++] = (struct word){ word, strlen(word) };
}

void
words_number(struct question *q, struct arena *a, int64_t n)
{
	words_add(q, arena_printf(a, "%lld", (long long)n));
}

static char *
clean(struct arena *a, const char *text, size_t most)
{
	char *out = arena_memdup(a, text, strnlen(text, most));

	for (char *p = out; *p; p++)
		if (*p < ' ' || *p > '~' || *p == ';')
			*p = '?';
	return out;
}

const char *
words_clean(struct arena *a, const char *text, const char *otherwise)
{
	const char *out = clean(a, text, WORDS_SOME);

	return *out ? out : otherwise;
}

const char *
words_clean_one(struct arena *a, const char *text)
{
	char *out = clean(a, text, WORDS_ONE);

	for (char *p = out; *p; p++)
		if (*p == ' ')
			*p = '_';
	return *out ? out : "unknown";
}
