/*
 * route - path, method, token, in this order
 */
#include "http/route.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"

static const struct {
	const char *name;
	enum http_method method;
} methods[] = {
	{ "GET", HTTP_GET },
	{ "HEAD", HTTP_GET },
	{ "POST", HTTP_POST },
	{ "PUT", HTTP_PUT },
	{ "DELETE", HTTP_DELETE },
};

enum { METHODS = sizeof(methods) / sizeof(methods[0]) };

static enum http_method
method_of(const char *name)
{
	for (size_t i = 0; i < METHODS; i++)
		if (strcmp(methods[i].name, name) == 0)
			return methods[i].method;
	return 0;
}

static const char *
names_of(struct arena *a, unsigned wanted)
{
	const char *list = "";

	for (size_t i = 0; i < METHODS; i++)
		if (methods[i].method & wanted)
			list = arena_printf(a, "%s%s%s", list,
			    *list ? ", " : "", methods[i].name);
	return list;
}

/* Takes as long whatever is wrong with `given`. */
static bool
same_token(const char *token, const char *given)
{
	const size_t size = strlen(token), n = strlen(given);
	unsigned char differ = size != n;

	for (size_t i = 0; i < n; i++)
		differ |= (unsigned char)(given[i] ^ token[i % size]);
	return differ == 0;
}

static bool
has_token(const char *token, const char *given)
{
	return given && strncasecmp(given, "Bearer ", 7) == 0 &&
	    same_token(token, given + 7);
}

static struct admission
refuse(struct admission ad, int status, const char *text)
{
	ad.status = status;
	ad.text = text;
	return ad;
}

struct admission
route_admit(struct arena *a, const struct http_route *routes, const char *path,
    const char *method, const char *token, const char *given)
{
	struct admission ad = { .method = method_of(method) };
	const struct http_route *r = routes;

	while (r->path && strcmp(r->path, path) != 0)
		r++;
	if (!r->path)
		return refuse(ad, 404, "there is no such page");
	ad.route = r;
	if (!(r->methods & ad.method)) {
		ad.allow = names_of(a, r->methods);
		return refuse(ad, 405, "another method, please");
	}
	if (r->secret && !*token)
		return refuse(ad, 403, "http.token is not set in policyd.conf");
	if (r->secret && !has_token(token, given))
		return refuse(ad, 401, "who knows the token may");
	return ad;
}
