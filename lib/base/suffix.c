/*
 * suffix - libpsl, which knows lower case only and takes anything for a name
 */
#include "base/suffix.h"

#include <libpsl.h>
#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

enum { LONGEST_LABEL = 63, LONGEST_NAME = 253 };

struct suffixes {
	psl_ctx_t *list; /* NULL: it could not be read */
};

static void
let_go(void *list)
{
	psl_free(list);
}

const struct suffixes *
suffixes_open(struct arena *a)
{
	struct suffixes *s = arena_alloc(a, sizeof(*s));

	s->list = psl_latest(NULL);
	arena_defer(a, let_go, s->list);
	return s;
}

/* The last label is none of digits only: that is an address. */
static bool
is_host(const char *name)
{
	bool letter = false;
	size_t label = 0;

	if (strlen(name) > LONGEST_NAME)
		return false;
	for (; *name; name++)
		if (*name == '.') {
			if (label == 0)
				return false;
			label = 0;
			letter = false;
		} else {
			if (!text_of_label(*name) || ++label > LONGEST_LABEL)
				return false;
			letter |= *name < '0' || *name > '9';
		}
	return label > 0 && letter;
}

const char *
suffixes_organisation(
    const struct suffixes *s, struct arena *a, const char *name)
{
	const psl_ctx_t *list = s && s->list ? s->list : psl_builtin();

	name = text_lower(a, name);
	return is_host(name) ? psl_registrable_domain(list, name) : NULL;
}
