/*
 * parser - bytes to requests
 *
 * Pure: bytes in, a request or an error out. Works on any fragmentation; only
 * a request that is not complete yet is kept, in memory of its own, so that
 * an idle client costs nothing.
 */
#ifndef WIRE_PARSER_H
#define WIRE_PARSER_H

#include <stddef.h>

struct request;

struct parser {
	char *kept; /* the beginning of a request, NULL when none */
	unsigned kept_size, kept_room;
	unsigned checked; /* of these, whole lines */
	unsigned lines;
};

enum parsed {
	PARSED_MORE, /* all bytes taken, no request is complete yet */
	PARSED_REQUEST, /* one is; `used` bytes were taken */
	PARSED_ERROR /* the stream is broken: close */
};

/* Embed it, zeroed. parser_clear() forgets what is kept. */
void parser_clear(struct parser *p);

/*
 * Takes bytes up to the end of the first request. On PARSED_REQUEST `*out` is a
 * new request with an arena of its own, the caller's. On PARSED_ERROR `*error`
 * says what is wrong, a constant. NUL bytes, a line without `=`, values, lines
 * and requests over the limits of wire.h, and a request that is not
 * "request=smtpd_access_policy" are errors.
 */
enum parsed parser_take(struct parser *p, const char *bytes, size_t size,
    size_t *used, struct request **out, const char **error);

#endif
