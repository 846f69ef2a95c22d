/*
 * put - the words of the question
 */
#include "register/put.h"

#include "base/arena.h"
#include "register/words.h"

static const char *
clean(struct arena *a, const char *text)
{
	char *out = arena_strdup(a, text);

	for (char *p = out; *p; p++)
		if (*p < ' ' || *p > '~' || *p == ';')
			*p = '?';
	return out;
}

struct question
put_fields(struct arena *a, const char *key, const char *mark, int64_t ends,
    const struct put_field *fields, size_t count)
{
	struct question q = { .script = &script_put, .keys = mark ? 2 : 1 };

	words_add(&q, key);
	if (mark)
		words_add(&q, mark);
	words_number(&q, a, ends);
	for (size_t i = 0; i < count && i < PUT_FIELDS; i++) {
		words_add(&q, clean(a, fields[i].name));
		words_add(&q, clean(a, fields[i].value));
	}
	return q;
}
