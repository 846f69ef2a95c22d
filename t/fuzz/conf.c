/*
 * The configuration reader: any text. What is refused was complained about,
 * and leaves nothing behind that changes how the next text is read; what is
 * taken can be shown, and what is shown is taken with the same meaning.
 *
 * conf_parse() reads no other file, whatever the text names. The same bytes are
 * a value that somebody wrote into Redis, of each option in turn: it makes a
 * layer or is complained about, in words that can be printed.
 */
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "conf/conf.h"
#include "conf/layers.h"
#include "conf/options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
count(void *data, const char *file, int line, const char *text)
{
	if (strcmp(file, "c") != 0 || line < 0 || !*text)
		abort();
	++*(unsigned *)data;
}

static const char *
shown(const struct option *o, const struct conf *c, struct arena *a)
{
	return option_value(o, option_base(o, c), a);
}

/* All values as a configuration. A password is not shown. */
static char *
show(const struct conf *c, struct arena *a)
{
	size_t size;
	char *text, *copy;
	FILE *f = open_memstream(&text, &size);

	for (size_t i = 0; i < option_count; i++) {
		const struct option *o = &options[i];
		const char *before = i > 0 ? options[i - 1].section : "";

		if (o->of == OF_REPLY || o->type == OPTION_SECRET)
			continue;
		if (strcmp(o->section, before) != 0)
			fprintf(
			    f, "%s%s {\n", *before ? "}\n" : "", o->section);
		fprintf(f, "%s = %s\n", o->name, shown(o, c, a));
	}
	fprintf(f, "}\n");
	fclose(f);
	copy = arena_memdup(a, text, size);
	free(text);
	return copy;
}

static void
taken(const struct conf *c)
{
	struct arena *a = arena_new();
	unsigned complaints = 0;
	struct conf *again = conf_parse(show(c, a), "c", count, &complaints);

	if (!again || complaints)
		abort();
	for (size_t i = 0; i < option_count; i++) {
		const struct option *o = &options[i];

		if (o->of == OF_REPLY || o->type == OPTION_SECRET)
			continue;
		if (strcmp(shown(o, c, a), shown(o, again, a)) != 0)
			abort();
	}
	for (size_t i = 0; i < REPLY_COUNT; i++)
		if (reply_check(&c->replies[i]))
			abort();
	conf_unref(again);
	arena_release(a);
}

static void
refused(unsigned complaints)
{
	struct conf *c;

	if (complaints == 0)
		abort();
	c = conf_parse("max_clients = 7", "c", count, &complaints);
	if (!c || c->max_clients != 7)
		abort();
	conf_unref(c);
}

static void
count_words(void *data, const char *text)
{
	/* A character may be cut in two where a word is too long to repeat. */
	for (const char *p = text; *p; p++)
		if (iscntrl((unsigned char)*p) && *p != '\t')
			abort();
	++*(unsigned *)data;
}

static void
word_of_redis(const struct option *o, const char *value)
{
	struct arena *a = arena_new();
	char option[OPTION_NAME];
	const char *name = option_name(o, option);
	unsigned complaints = 0;
	const struct layer *l = layer_read(
	    a, LEVEL_DOMAIN, &name, &value, 1, count_words, &complaints);

	if ((l != NULL) == (complaints > 0))
		abort();
	if (l && !text_sound(option_value(o, &l->set, a)))
		abort();
	arena_release(a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = memcpy(xmalloc(size + 1), data, size);
	unsigned complaints = 0;
	struct conf *c;

	text[size] = '\0';
	c = conf_parse(text, "c", count, &complaints);
	if (c) {
		conf_settings(c, "a+b@example.com");
		taken(c);
	} else {
		refused(complaints);
	}
	conf_unref(c);
	word_of_redis(&options[size % option_count], text);
	free(text);
	return 0;
}
