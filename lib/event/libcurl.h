/*
 * libcurl - loaded when there is a URL, and not before
 *
 * Linked, it would bring thirty libraries into every policyd: 4 MB, and 20 ms
 * of each start, most of which speak protocols that nobody here does. So it is
 * looked up at run time, and `c->easy_init()` is curl_easy_init().
 */
#ifndef EVENT_LIBCURL_H
#define EVENT_LIBCURL_H

#define CURL_DISABLE_TYPECHECK /* it knows only what is called by its name */
#include <curl/curl.h>

// clang-format off
#define LIBCURL_FUNCTIONS(F)                                                   \
	F(easy_cleanup) F(easy_getinfo) F(easy_init) F(easy_setopt)            \
	F(easy_strerror) F(free) F(global_cleanup) F(global_init)              \
	F(multi_add_handle) F(multi_assign) F(multi_cleanup)                   \
	F(multi_info_read) F(multi_init) F(multi_remove_handle)                \
	F(multi_setopt) F(multi_socket_action) F(slist_append)                 \
	F(slist_free_all) F(url) F(url_cleanup) F(url_get) F(url_set)

struct libcurl {
#define LIBCURL_FUNCTION(name) __typeof__(&curl_##name) name;
	LIBCURL_FUNCTIONS(LIBCURL_FUNCTION)
#undef LIBCURL_FUNCTION
};
// clang-format on

/* NULL when it is not installed. */
struct libcurl *libcurl_open(void);

/* The library itself stays: what it has registered for exit() would be gone.
 * NULL is fine. */
void libcurl_close(struct libcurl *c);

#endif
