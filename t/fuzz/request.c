/*
 * The request parser: any bytes, in two fragmentations. Both must give the
 * same requests, and an error or none after them; no value may hold what would
 * end it elsewhere.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "engine/request.h"
#include "wire/parser.h"
#include "wire/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All requests of a stream, one below the other. */
struct reading {
	struct parser parser;
	char *text;
	size_t size;
	FILE *out;
	int broken;
};

static void
put(struct reading *to, const char *value)
{
	if (strlen(value) > WIRE_VALUE || strchr(value, '\n'))
		abort();
	fprintf(to->out, "%s\n", value);
}

static void
put_request(struct reading *to, const struct request *r)
{
	put(to, r->protocol_state);
	put(to, r->protocol_name);
	put(to, r->client_address);
	put(to, r->client_name);
	put(to, r->client_port);
	put(to, r->reverse_client_name);
	put(to, r->server_address);
	put(to, r->server_port);
	put(to, r->helo_name);
	put(to, r->sender);
	put(to, r->recipient);
	put(to, r->recipient_count);
	put(to, r->queue_id);
	put(to, r->instance);
	put(to, r->size);
	put(to, r->stress);
	put(to, r->sasl_method);
	put(to, r->sasl_username);
	put(to, r->sasl_sender);
	put(to, r->ccert_subject);
	put(to, r->ccert_fingerprint);
	put(to, r->encryption_protocol);
	put(to, r->policy_context);
}

/* A piece is copied, so that the sanitizer sees its end. */
static void
take(struct reading *to, const uint8_t *bytes, size_t size)
{
	char *piece = memcpy(xmalloc(size), bytes, size);
	struct request *r;
	const char *error;
	size_t at, used;

	for (at = 0; at < size && !to->broken; at += used)
		switch (parser_take(
		    &to->parser, piece + at, size - at, &used, &r, &error)) {
		case PARSED_REQUEST:
			put_request(to, r);
			arena_release(r->arena);
			break;
		case PARSED_MORE:
			if (used != size - at)
				abort();
			break;
		case PARSED_ERROR:
			to->broken = 1;
			break;
		}
	if (to->parser.kept_size > WIRE_REQUEST)
		abort();
	free(piece);
}

/* Pieces of 1 to `largest` bytes. */
static struct reading
read_pieces(const uint8_t *data, size_t size, unsigned seed, size_t largest)
{
	struct reading to = { 0 };

	to.out = open_memstream(&to.text, &to.size);
	while (size > 0 && !to.broken) {
		size_t piece = 1 + (size_t)rand_r(&seed) % largest;

		if (piece > size)
			piece = size;
		take(&to, data, piece);
		data += piece;
		size -= piece;
	}
	parser_clear(&to.parser);
	fclose(to.out);
	return to;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned seed = 1;
	struct reading one, two;

	for (size_t i = 0; i < size; i++)
		seed = seed * 31 + data[i];
	one = read_pieces(data, size, seed, 1 + seed % 9);
	two = read_pieces(data, size, ~seed, 4096);
	if (one.broken != two.broken || one.size != two.size ||
	    memcmp(one.text, two.text, one.size) != 0)
		abort();
	free(one.text);
	free(two.text);
	return 0;
}
