/*
 * near - two letters may be wrong, of a short name one
 */
#include "conf/near.h"

#include <string.h>

#include "base/text.h"

struct near
near_to(const char *meant)
{
	return (struct near){ meant, strlen(meant) > 4 ? 3 : 2, "" };
}

void
near_try(struct near *n, const char *name)
{
	const unsigned d = text_distance(name, n->meant);

	if (!*name || strlen(name) >= sizeof(n->name) || d >= n->distance)
		return;
	strcpy(n->name, name);
	n->distance = d;
}
