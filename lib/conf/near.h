/*
 * near - of many names the one that was meant
 */
#ifndef CONF_NEAR_H
#define CONF_NEAR_H

/* The best name so far, a copy; "": none is near. */
struct near {
	const char *meant; /* what was written */
	unsigned distance;
	char name[64];
};

struct near near_to(const char *meant);
void near_try(struct near *n, const char *name);

#endif
