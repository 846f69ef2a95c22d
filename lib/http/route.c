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

/* -- paths -- */

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The first `size` bytes; NULL when a %NN is none, or a NUL. */
static const char *
decode(struct arena *a, const char *text, size_t size)
{
	char *out = arena_alloc(a, size + 1), *to = out;

	for (size_t i = 0; i < size; i++) {
		int high, low;

		if (text[i] != '%') {
			*to++ = text[i];
			continue;
		}
		high = i + 2 < size ? hex_digit(text[i + 1]) : -1;
		low = high >= 0 ? hex_digit(text[i + 2]) : -1;
		if (low < 0 || (high == 0 && low == 0))
			return NULL;
		*to++ = (char)(16 * high + low);
		i += 2;
	}
	return out;
}

/* Segment by segment; a part that cannot be decoded is NULL. */
static bool
matches(struct arena *a, const char *wanted, const char *path,
    const char *parts[HTTP_PARTS])
{
	size_t n = 0;

	while (*wanted == '/' && *path == '/') {
		const size_t size = strcspn(++wanted, "/");
		const size_t given = strcspn(++path, "/");
		const char *text = decode(a, path, given);

		if (size == 1 && *wanted == '*')
			parts[n++] = text;
		else if (!text || strlen(text) != size ||
		    memcmp(text, wanted, size) != 0)
			return false;
		wanted += size;
		path += given;
	}
	return *wanted == '\0' && *path == '\0';
}

static bool
has_broken_part(const struct http_route *r, const char *const *parts)
{
	size_t n = 0;

	for (const char *p = r->path; (p = strchr(p, '*')); p++)
		if (!parts[n++])
			return true;
	return false;
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

	while (r->path && !matches(a, r->path, path, ad.parts))
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
	if (has_broken_part(r, ad.parts))
		return refuse(ad, 400, "a wrong %NN in the path");
	return ad;
}
