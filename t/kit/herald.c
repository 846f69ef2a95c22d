/*
 * herald - one request, and whoever is told about it
 */
#include "kit/herald.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "kit/suite.h"

static const struct check alarm_check = { .name = "alarm" };

static void
complain(void *data, const char *file, int line, const char *text)
{
	(void)data;
	print_error("%s:%d: %s\n", file, line, text);
}

static void
set(struct herald *h, const char *text)
{
	request_set(h->request, arena_strdup(h->arena, text), strlen(text));
}

static void
make_request(struct herald *h)
{
	static const char *const attributes[] = { "protocol_state=RCPT",
		"client_address=192.0.2.1", "sasl_username=alice@example.com",
		"sender=alice@example.com", "recipient=bob@example.net",
		"instance=i.1" };

	h->request = request_new(h->arena);
	for (size_t i = 0; i < sizeof(attributes) / sizeof(*attributes); i++)
		set(h, attributes[i]);
	request_classify(h->request, h->conf, NULL, clock_unix(h->web->clock));
}

struct herald *
herald_open(void)
{
	struct herald *h = xcalloc(1, sizeof(*h));

	h->web = web_open();
	h->arena = arena_new();
	strcpy(h->directory, "/tmp/policyd-test.XXXXXX");
	assert_non_null(mkdtemp(h->directory));
	h->events = events_new(&h->web->loop, h->web->clock);
	herald_configure(h, "");
	make_request(h);
	h->verdict = verdict_pass();
	return h;
}

void
herald_configure(struct herald *h, const char *section)
{
	const char *place = strstr(section, "PLACE");
	struct conf *conf;
	char text[1000];

	snprintf(text, sizeof(text),
	    "host = \"mx.example.org\" events { %.*s%s%s }",
	    place ? (int)(place - section) : (int)strlen(section), section,
	    place ? h->directory : "", place ? place + 5 : "");
	conf = conf_parse(text, "test", complain, NULL);
	assert_non_null(conf);
	events_configure(h->events, conf);
	conf_unref(h->conf);
	h->conf = conf;
	if (h->request)
		make_request(h);
}

static void
note_closed(void *data)
{
	struct herald *h = data;

	h->closed = true;
	h->events = NULL;
}

void
herald_stop(struct herald *h, uint64_t ms)
{
	events_close(h->events, ms, note_closed, h);
}

static void
remove_directory(const char *path)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf %s", path);
	assert_int_equal(system(command), 0);
}

void
herald_close(struct herald *h)
{
	if (h->events)
		herald_stop(h, 0);
	HERALD_UNTIL(h, (web_later(h->web, 1000), h->closed));
	remove_directory(h->directory);
	web_close_http(h->web);
	arena_release(h->arena);
	conf_unref(h->conf);
	web_close(h->web);
	free(h);
}

void
herald_raise(struct herald *h, const char *event)
{
	h->verdict.event = event;
	events_tell(
	    h->events, h->request, &alarm_check, &h->verdict, MODE_ENFORCE);
}

static const char *
path_of(struct herald *h, const char *name)
{
	return arena_printf(h->arena, "%s/%s", h->directory, name);
}

void
herald_script(struct herald *h, const char *name, const char *body)
{
	const char *path = path_of(h, name);
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	fprintf(f, "#!/bin/sh\ncd %s\n%s\n", h->directory, body);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0755), 0);
}

const char *
herald_file(struct herald *h, const char *name)
{
	FILE *f = fopen(path_of(h, name), "re");
	char text[16 * 1024];
	size_t size;

	if (!f)
		return NULL;
	size = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	return arena_memdup(h->arena, text, size);
}

uint64_t
herald_told(struct herald *h, const char *event, enum teller by, enum told how)
{
	size_t count;
	const struct event_counts *rows = events_counts(h->events, &count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i].event, event) == 0)
			return rows[i].told[by][how];
	return 0;
}
