/*
 * libcurl - dlopen() and twenty-two names
 */
#include "event/libcurl.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/arena.h"

static const struct {
	const char *name;
	size_t at;
} functions[] = {
#define ROW(name) { "curl_" #name, offsetof(struct libcurl, name) },
	LIBCURL_FUNCTIONS(ROW)
#undef ROW
};

/* POSIX promises that a function fits where a pointer does. */
static bool
find_all(struct libcurl *c, void *library)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		void **place = (void **)((char *)c + functions[i].at);

		*place = dlsym(library, functions[i].name);
		if (!*place)
			return false;
	}
	return true;
}

struct libcurl *
libcurl_open(void)
{
	void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
	struct libcurl *c = xcalloc(1, sizeof(*c));

	if (library && find_all(c, library))
		return c;
	free(c);
	return NULL;
}

void
libcurl_close(struct libcurl *c)
{
	free(c);
}
