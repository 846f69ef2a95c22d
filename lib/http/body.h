/*
 * body - a JSON object that came as a request's body
 */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include <stdbool.h>

#include "base/address.h"

struct http_request;
struct json_t;

/* NULL when it is none, and then the request was answered. It is let go with
 * the request. */
struct json_t *body_object(struct http_request *req);

/* A member that is a string, "" when it is missing or something else. */
const char *body_text(const struct json_t *body, const char *name);

/* Whether the member is `true`, and whether it is `false`: one that is missing
 * is neither. */
bool body_true(const struct json_t *body, const char *name);
bool body_false(const struct json_t *body, const char *name);

/* False, and family 0, when the member is no address. */
bool body_address(
    const struct json_t *body, const char *name, struct address *out);

/* Answers 400 with the reason. */
void body_refuse(struct http_request *req, const char *why);

#define BODY_TYPE "application/json"

#endif
