/*
 * value - words of a configuration to what they mean, and back
 */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct complaints;
struct option;
struct stamps;

/* What setting a value needs to know. */
struct setting {
	const struct option *option;
	int line;
	size_t count;
	const char *const *words; /* live as long as `arena` */
	struct stamps *files; /* that tables are read from; NULL: none may */
	struct arena *arena; /* of the configuration */
	struct complaints *said;
};

/* Sets the option's field in `base`, the struct of option->of. Leaves it
 * alone after a complaint. */
void value_set(const struct setting *s, void *base);

/* Sets it in `to` as it is in `from`. */
void value_copy(const struct option *o, void *to, const void *from);

/* True when both have the very same value; two equal lists may differ. */
bool value_same(const struct option *o, const void *a, const void *b);

/* True when it takes any number of words. */
bool value_is_list(const struct option *o);

#endif
