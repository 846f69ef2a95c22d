/*
 * terms - numbers of a width, so that they can be cut out
 */
#include "conf/terms.h"

#include "base/text.h"
#include "conf/conf.h"

enum { MOST_STEP = 16 };
static const int64_t NEVER = 9999; /* more passes than fit are never, too */

static int64_t
at_least(int64_t least, int64_t n)
{
	return n < least ? least : n;
}

/* Writing the new records of an identity down costs as much as the record, so
 * from a limit of 100 on only one of so many is counted. */
int64_t
terms_step(const struct settings *set)
{
	const int64_t limit = set->greylist.fresh_limit, step = limit / 50;

	if (limit <= 0)
		return 0;
	return step > MOST_STEP ? MOST_STEP : at_least(1, step);
}

/* "00300 ". A number that is too long becomes the highest. */
static char *
field(char *out, unsigned width, int64_t n)
{
	out = text_digits(out, width, (uint64_t)n);
	*out = ' ';
	return out + 1;
}

void
terms_write(struct settings *set)
{
	const int64_t after = set->greylist.known_after,
		      delay = at_least(0, set->greylist.delay),
		      window = set->greylist.retry_window;
	struct greylist_terms *t = &set->greylist.terms;
	char *end = t->text;

	end = field(end, 4, after > 0 ? after : NEVER);
	end = field(end, 5, delay);
	end = field(end, 7, at_least(0, set->greylist.fresh_limit));
	end = field(end, 2, terms_step(set));
	end = field(end, 8, at_least(1, set->greylist.memory));
	end = field(end, 8, at_least(1, set->greylist.known_memory));
	end = text_number(
	    end, (uint64_t)(window > delay ? window : 2 * delay + 1));
	t->size = (unsigned)(end - t->text);
}
