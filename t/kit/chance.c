/*
 * chance - two words of the environment
 */
#include "kit/chance.h"

#include <stdlib.h>

#include "kit/suite.h"

enum { USUAL_SEED = 1795383420 };

static unsigned
number(const char *name, unsigned usual)
{
	const char *given = getenv(name);

	return given ? (unsigned)strtoul(given, NULL, 10) : usual;
}

unsigned
chance_seed(void)
{
	const unsigned seed = number("SEED", USUAL_SEED);

	print_message("# SEED=%u\n", seed);
	return seed;
}

unsigned
chance_stories(unsigned usual)
{
	return number("STORIES", usual);
}
