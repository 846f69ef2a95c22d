/*
 * What is told of an event: one line, and one object.
 */
#include "event/event.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "kit/suite.h"

enum { NOON = 1767268800 };

static const struct check alarm_check = { .name = "alarm" };

static char line[5000];

static void
take_line(enum log_level level, const char *text, void *data)
{
	(void)data;
	assert_int_equal(level, LEVEL_WARNING);
	snprintf(line, sizeof(line), "%s", text);
}

struct world {
	struct arena *arena;
	struct conf *conf;
	struct request *request;
	struct verdict verdict;
	enum mode mode;
};

static void
set(struct world *w, const char *name, const char *value)
{
	const char *text = arena_printf(w->arena, "%s=%s", name, value);

	assert_non_null(request_set(w->request, text, strlen(text)));
}

static int
setup(void **state)
{
	static struct world w;

	log_redirect(take_line, NULL);
	w = (struct world){ .arena = arena_new(), .mode = MODE_ENFORCE };
	w.conf = conf_parse("host = \"mx.example.org\"", "test", NULL, NULL);
	w.request = request_new(w.arena);
	w.verdict = verdict_pass();
	w.verdict.event = "rate_near";
	set(&w, "protocol_state", "RCPT");
	set(&w, "client_address", "192.0.2.1");
	set(&w, "instance", "i.1");
	*state = &w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	log_redirect(NULL, NULL);
	conf_unref(w->conf);
	arena_release(w->arena);
	arena_pool_clear();
	return 0;
}

static struct event
event_of(struct world *w)
{
	request_classify(w->request, w->conf, NULL, NOON);
	return (struct event){ w->request, &alarm_check, &w->verdict, w->mode };
}

static void
logs(struct world *w, const char *expect)
{
	const struct event e = event_of(w);

	event_log(&e);
	assert_string_equal(line, expect);
}

static const char *
json(struct world *w)
{
	const struct event e = event_of(w);

	return event_json(&e, w->arena);
}

static void
tells(struct world *w, const char *expect)
{
	assert_string_equal(json(w), expect);
}

/* What a program reads in the field of an object that it has parsed. */
static const char *
field(struct world *w, const char *name)
{
	json_t *o = json_loads(json(w), 0, NULL);
	const char *text;

	assert_non_null(o);
	text = json_string_value(json_object_get(o, name));
	text = text ? arena_strdup(w->arena, text) : NULL;
	json_decref(o);
	return text;
}

static void
a_line_says_what_why_and_who(void **state)
{
	struct world *w = *state;

	set(w, "sasl_username", "alice@example.com");
	set(w, "sender", "alice@example.com");
	set(w, "recipient", "bob@example.net");
	verdict_text(&w->verdict, "meter", "messages/1h");
	verdict_number(&w->verdict, "used", 160);
	logs(w,
	    "event kind=rate_near check=alarm mode=enforce verdict=pass "
	    "meter=messages/1h used=160 class=authenticated client=192.0.2.1 "
	    "user=alice@example.com sender=alice@example.com "
	    "recipient=bob@example.net instance=i.1");
}

static void
a_line_leaves_out_what_nobody_knows(void **state)
{
	struct world *w = *state;

	w->mode = MODE_OBSERVE;
	logs(w,
	    "event kind=rate_near check=alarm mode=observe verdict=pass "
	    "class=inbound client=192.0.2.1 sender=<> instance=i.1");
}

static void
bytes_of_strangers_are_escaped_in_a_line(void **state)
{
	struct world *w = *state;

	set(w, "sender", "a\033[2J \xff\"@example.com");
	verdict_text(&w->verdict, "owner", "x y\r");
	event_log(
	    &(struct event){ w->request, &alarm_check, &w->verdict, w->mode });
	assert_non_null(strstr(line, " owner=\"x y\\x0d\""));
	assert_non_null(
	    strstr(line, " sender=\"a\\x1b[2J \\xff\\\"@example.com\""));
	assert_true(text_sound(line));
}

static void
an_object_has_all_names_always(void **state)
{
	struct world *w = *state;

	tells(w,
	    "{\"event\":\"rate_near\",\"time\":\"2026-01-01T12:00:00Z\","
	    "\"host\":\"mx.example.org\",\"check\":\"alarm\","
	    "\"mode\":\"enforce\",\"verdict\":\"pass\","
	    "\"class\":\"inbound\",\"login\":\"\",\"sender\":\"\","
	    "\"client\":\"192.0.2.1\",\"recipient\":\"\","
	    "\"instance\":\"i.1\"}\n");
}

static void
of_a_refusal_it_has_the_reply(void **state)
{
	struct world *w = *state;

	w->verdict.kind = VERDICT_REFUSE;
	w->verdict.reply = REPLY_GREYLISTED;
	assert_string_equal(field(w, "verdict"), "refuse");
	assert_string_equal(field(w, "reply"), "451 4.7.1");
}

static void
details_follow_numbers_as_numbers(void **state)
{
	struct world *w = *state;

	verdict_text(&w->verdict, "meter", "messages/1h");
	verdict_number(&w->verdict, "limit", 200);
	verdict_number(&w->verdict, "next", -1);
	assert_non_null(strstr(json(w),
	    "\"instance\":\"i.1\",\"meter\":\"messages/1h\","
	    "\"limit\":200,\"next\":-1}\n"));
}

static void
a_detail_does_not_take_the_place_of_what_all_have(void **state)
{
	struct world *w = *state;

	verdict_text(&w->verdict, "client", "somebody else");
	verdict_text(&w->verdict, "time", "some other time");
	assert_string_equal(field(w, "client"), "192.0.2.1");
	assert_string_equal(field(w, "time"), "2026-01-01T12:00:00Z");
}

static const struct hostile_row {
	const char *name, *sender, *read;
} hostile_rows[] = {
	{ "quotes and backslashes come through", "\"a\\b\"@example.com",
	    "\"a\\b\"@example.com" },
	{ "so do braces and a new object", "\"},{\"event\":\"x",
	    "\"},{\"event\":\"x" },
	{ "so do control bytes", "a\r\033[2J\177b", "a\r\033[2J\177b" },
	{ "so do letters of all the world",
	    "\xc3\xa4\xe2\x82\xac\xf0\x9f\x93"
	    "\xa7@example.com",
	    "\xc3\xa4\xe2\x82\xac\xf0\x9f\x93\xa7@example.com" },
	{ "what is no UTF-8 is told as bytes", "a\xff\xc3(b", "a\\xff\\xc3(b" },
	{ "so is an overlong slash", "\xc0\xaf", "\\xc0\\xaf" },
	{ "so is half a pair of UTF-16", "\xed\xa0\x80", "\\xed\\xa0\\x80" },
};

static void
is_read(void **state)
{
	const struct hostile_row *row = *state;
	struct world *w;
	void *made;

	setup(&made);
	w = made;
	set(w, "sender", row->sender);
	assert_string_equal(field(w, "sender"), row->read);
	for (const char *p = json(w); *p != '\n'; p++)
		assert_true(*p >= ' '); /* one line, and ASCII */
	teardown(&made);
}

static void
long_texts_are_cut(void **state)
{
	struct world *w = *state;
	char text[8000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	set(w, "sender", text);
	assert_int_equal(strlen(field(w, "sender")), EVENT_TEXT);
	text[EVENT_TEXT] = '\0';
	w->request->sender = arena_strdup(w->arena, text);
	assert_string_equal(field(w, "sender"), text);
}

static void
but_not_within_a_character(void **state)
{
	struct world *w = *state;
	char text[EVENT_TEXT + 10];

	memset(text, 'x', sizeof(text) - 1);
	strcpy(text + EVENT_TEXT - 3, "\xf0\x9f\x93\xa7");
	set(w, "sender", text);
	text[EVENT_TEXT - 3] = '\0';
	assert_string_equal(field(w, "sender"), text);
}

static void
bytes_that_only_look_like_one_are_cut_all_the_same(void **state)
{
	struct world *w = *state;
	char text[2 * EVENT_TEXT];

	memset(text, 0x80, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	set(w, "sender", text);
	assert_in_range(
	    strlen(field(w, "sender")), 4 * (EVENT_TEXT - 3), 4 * EVENT_TEXT);
}

int
main(void)
{
	static struct suite s;

#define SCENE(test) suite_add_scene(&s, #test, test, setup, teardown)
	SCENE(a_line_says_what_why_and_who);
	SCENE(a_line_leaves_out_what_nobody_knows);
	SCENE(bytes_of_strangers_are_escaped_in_a_line);
	SCENE(an_object_has_all_names_always);
	SCENE(of_a_refusal_it_has_the_reply);
	SCENE(details_follow_numbers_as_numbers);
	SCENE(a_detail_does_not_take_the_place_of_what_all_have);
	SUITE_ROWS(&s, hostile_rows, is_read);
	SCENE(long_texts_are_cut);
	SCENE(but_not_within_a_character);
	SCENE(bytes_that_only_look_like_one_are_cut_all_the_same);
	return suite_run(&s, "event/event");
}
