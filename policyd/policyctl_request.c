/*
 * policyctl_request - words and files to requests, through policyd's parser
 */
#include "policyctl_request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/address.h"
#include "base/arena.h"
#include "engine/attribute.h"
#include "engine/request.h"
#include "policyctl.h"
#include "wire/parser.h"
#include "wire/wire.h"

/* What is not said. The first of two equal names counts, so these go last. */
static const char defaults[] = "request=smtpd_access_policy\n"
			       "protocol_state=RCPT\n"
			       "protocol_name=ESMTP\n";

enum { ATTRIBUTES = 64 }; /* more than Postfix has names for */

/* One request and its empty line, as text. */
struct source {
	char text[WIRE_REQUEST + 2];
	size_t size;
};

static bool
source_add(struct source *s, const char *text, size_t size)
{
	if (size > sizeof(s->text) - s->size)
		return false;
	memcpy(s->text + s->size, text, size);
	s->size += size;
	return true;
}

/* A slip must not pass for an empty attribute. */
static int
check_name(struct ctl *ctl, const char *word, size_t size)
{
	const char *const name = arena_memdup(ctl->arena, word, size);
	const char *known[ATTRIBUTES] = { 0 }, *hint;

	for (size_t i = 0;
	     i + 1 < ATTRIBUTES && !attribute_is_last(&attributes[i]); i++) {
		known[i] = arena_memdup(
		    ctl->arena, attributes[i].begin, attributes[i].size - 1u);
		if (!strcmp(known[i], name))
			return EX_OK;
	}
	hint = nearest(name, known, sizeof(known[0]));
	if (hint)
		return fail(EX_USAGE,
		    "unknown attribute '%s': did you mean '%s'?", name, hint);
	return fail(EX_USAGE, "unknown attribute '%s'", name);
}

/* Of a stage that there is not no check would be asked, and all be well. */
static int
check_stage(const char *value)
{
	const char *known[STAGE_COUNT + 1] = { 0 }, *hint;

	if (stage_of(value) != AT_OTHER)
		return EX_OK;
	for (unsigned i = 1; i < STAGE_COUNT; i++)
		known[i - 1] = stage_name(i);
	hint = nearest(value, known, sizeof(known[0]));
	if (hint)
		return fail(EX_USAGE,
		    "protocol_state: there is no '%s': did you mean '%s'?",
		    value, hint);
	return fail(EX_USAGE, "protocol_state: there is no '%s'", value);
}

/* Nothing, and what Postfix says where it does not know, are right. */
static int
check_value(struct ctl *ctl, const char *word, const char *value)
{
	const size_t size = (size_t)(value - word);
	const char *const name = arena_memdup(ctl->arena, word, size - 1);
	struct address client;

	if (!*value)
		return EX_OK;
	if (!strcmp(name, "protocol_state"))
		return check_stage(value);
	if (strcmp(name, "client_address") != 0 || !strcmp(value, "unknown") ||
	    address_parse(&client, value))
		return EX_OK;
	return fail(EX_USAGE, "client_address: '%s' is no address", value);
}

static int
from_words(struct ctl *ctl, struct source *s, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		const char *equals = strchr(argv[i], '=');
		int status;

		if (!equals)
			return fail(
			    EX_USAGE, "'%s' is not NAME=VALUE", argv[i]);
		status = check_name(ctl, argv[i], (size_t)(equals - argv[i]));
		if (status == EX_OK)
			status = check_value(ctl, argv[i], equals + 1);
		if (status != EX_OK)
			return status;
		if (strchr(argv[i], '\n'))
			return fail(EX_USAGE,
			    "'%s': a value cannot hold a newline", argv[i]);
		if (!source_add(s, argv[i], strlen(argv[i])) ||
		    !source_add(s, "\n", 1))
			return fail(EX_USAGE, "the request is too long");
	}
	if (!source_add(s, defaults, strlen(defaults)))
		return fail(EX_USAGE, "the request is too long");
	return EX_OK;
}

static int
from_file(struct source *s, const char *name)
{
	const bool standard = !strcmp(name, "-");
	FILE *file = standard ? stdin : fopen(name, "re");
	bool broken;

	if (!file)
		return fail(
		    EX_NOINPUT, "cannot open '%s': %s", name, strerror(errno));
	s->size = fread(s->text, 1, sizeof(s->text), file);
	broken = ferror(file);
	if (!standard)
		fclose(file);
	if (broken)
		return fail(
		    EX_IOERR, "cannot read '%s': %s", name, strerror(errno));
	if (s->size == 0)
		return fail(EX_NOINPUT, "'%s' is empty", name);
	return EX_OK;
}

/* A file may lack the empty line, and even the last line's end. */
static void
close_source(struct source *s)
{
	if (s->text[s->size - 1] != '\n')
		source_add(s, "\n", 1);
	source_add(s, "\n", 1);
}

static int
parse(struct source *s, struct request **out)
{
	struct parser parser = { 0 };
	const char *error = "it does not end";
	size_t used = 0;
	enum parsed parsed;

	close_source(s);
	parsed = parser_take(&parser, s->text, s->size, &used, out, &error);
	parser_clear(&parser);
	if (parsed != PARSED_REQUEST)
		return fail(EX_DATAERR, "this is not a request: %s", error);
	while (used < s->size && s->text[used] == '\n')
		used++;
	if (used == s->size)
		return EX_OK;
	arena_release((*out)->arena);
	return fail(EX_DATAERR, "there is more than one request");
}

int
request_read(struct ctl *ctl, int argc, char **argv, struct request **out)
{
	struct source *s = arena_alloc(ctl->arena, sizeof(*s));
	int status;

	if (argc == 0 && isatty(STDIN_FILENO))
		return fail(EX_USAGE, "no request: name=value, or a file");
	if (argc == 0)
		status = from_file(s, "-");
	else if (argc == 1 && !strchr(argv[0], '='))
		status = from_file(s, argv[0]);
	else
		status = from_words(ctl, s, argc, argv);
	return status == EX_OK ? parse(s, out) : status;
}
