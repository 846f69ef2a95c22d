/*
 * body - jansson, told to be strict
 */
#include "http/body.h"

#include <jansson.h>

#include "base/arena.h"
#include "http/http.h"

static void
let_go(void *json)
{
	json_decref(json);
}

void
body_refuse(struct http_request *req, const char *why)
{
	http_reply(req, 400, BODY_TYPE,
	    arena_printf(req->arena, "{\"error\":\"%s\"}\n", why));
}

struct json_t *
body_object(struct http_request *req)
{
	json_t *json = json_loadb(
	    req->body, req->size, JSON_REJECT_DUPLICATES, NULL);

	if (json)
		arena_defer(req->arena, let_go, json);
	if (json_is_object(json))
		return json;
	body_refuse(req, "not a JSON object");
	return NULL;
}

const char *
body_text(const struct json_t *body, const char *name)
{
	const char *text = json_string_value(json_object_get(body, name));

	return text ? text : "";
}

bool
body_true(const struct json_t *body, const char *name)
{
	return json_is_true(json_object_get(body, name));
}

bool
body_false(const struct json_t *body, const char *name)
{
	return json_is_false(json_object_get(body, name));
}

bool
body_address(const struct json_t *body, const char *name, struct address *out)
{
	return address_parse(out, body_text(body, name));
}
