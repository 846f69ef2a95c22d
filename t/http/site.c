/*
 * Metrics and health: the format, to the letter, and what is in it.
 */
#include "http/site.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "checks/checks.h"
#include "engine/engine.h"
#include "http/page.h"
#include "kit/suite.h"
#include "kit/town.h"
#include "register/lists_build.h"

static int
setup(void **state)
{
	*state = town_open("");
	return 0;
}

static int
teardown(void **state)
{
	town_close(*state);
	return 0;
}

/* -- the format: what promtool would say -- */

enum { FAMILIES = 100 };

struct format {
	char families[FAMILIES][96];
	size_t count;
	char type[16]; /* of the last one */
	bool helped; /* its HELP line was read, its TYPE not yet */
	double bucket; /* of a histogram: the last one's value */
	unsigned samples;
};

static size_t
name_size(const char *p)
{
	size_t n = 0;

	if (isdigit((unsigned char)*p))
		return 0;
	while (isalnum((unsigned char)p[n]) || p[n] == '_' || p[n] == ':')
		n++;
	return n;
}

static const char *
last_family(const struct format *f)
{
	return f->count ? f->families[f->count - 1] : "";
}

static void
read_help(struct format *f, const char *line)
{
	const size_t n = name_size(line);

	assert_false(f->helped);
	assert_true(n > 0 && line[n] == ' ' && line[n + 1]);
	assert_true(f->count < FAMILIES);
	snprintf(f->families[f->count++], 96, "%.*s", (int)n, line);
	for (size_t i = 0; i + 1 < f->count; i++)
		assert_string_not_equal(f->families[i], last_family(f));
	f->helped = true;
}

static void
read_type(struct format *f, const char *line)
{
	const size_t n = name_size(line);

	assert_true(f->helped);
	assert_int_equal(strncmp(line, last_family(f), n), 0);
	snprintf(f->type, sizeof(f->type), "%s", line + n + 1);
	assert_true(strcmp(f->type, "counter") == 0 ||
	    strcmp(f->type, "gauge") == 0 || strcmp(f->type, "histogram") == 0);
	if (strcmp(f->type, "counter") == 0)
		assert_int_equal(strncmp(line + n - 6, "_total", 6), 0);
	f->helped = false;
	f->bucket = 0;
}

/* {name="value",...}; returns what is behind it. */
static const char *
read_labels(const char *p)
{
	do {
		p++;
		assert_true(name_size(p) > 0);
		p += name_size(p);
		assert_int_equal(strncmp(p, "=\"", 2), 0);
		for (p += 2; *p != '"'; p++) {
			assert_true(*p);
			if (*p == '\\')
				assert_non_null(strchr("\\n\"", *++p));
		}
		p++;
	} while (*p == ',');
	assert_int_equal(*p, '}');
	return p + 1;
}

static void
read_sample(struct format *f, const char *line)
{
	const char *family = last_family(f), *p = line + name_size(line);
	const bool histogram = strcmp(f->type, "histogram") == 0;
	char *end;
	double value;

	assert_false(f->helped);
	assert_int_equal(strncmp(line, family, strlen(family)), 0);
	if (!histogram)
		assert_int_equal(p - line, strlen(family));
	if (*p == '{')
		p = read_labels(p);
	assert_int_equal(*p, ' ');
	value = strtod(p + 1, &end);
	assert_true(end > p + 1 && !*end);
	if (histogram && strncmp(line + strlen(family), "_bucket", 7) == 0) {
		assert_true(value >= f->bucket);
		f->bucket = value;
	}
	if (histogram && strncmp(line + strlen(family), "_count", 6) == 0)
		assert_true(value == f->bucket);
	f->samples++;
}

static struct format *
read_page(const char *text)
{
	struct format *f = xcalloc(1, sizeof(*f));
	char *copy = xstrdup(text), *line, *next = copy;

	assert_int_equal(text[strlen(text) - 1], '\n');
	while ((line = strsep(&next, "\n")) && next) {
		if (strncmp(line, "# HELP ", 7) == 0)
			read_help(f, line + 7);
		else if (strncmp(line, "# TYPE ", 7) == 0)
			read_type(f, line + 7);
		else
			read_sample(f, line);
	}
	assert_false(f->helped);
	free(copy);
	return f;
}

static void
the_metrics_are_well_formed(void **state)
{
	struct town *t = *state;
	struct format *f;

	town_mail(t, "192.0.2.1", "carol@example.net");
	web_once(t->web, "GET", "/nowhere", NULL, "");
	assert_int_equal(web_once(t->web, "GET", "/metrics", NULL, ""), 200);
	assert_non_null(strstr(t->web->heard,
	    "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
	f = read_page(t->web->body);
	assert_true(f->count > 20 && f->samples > 60);
	free(f);
}

/* -- what is in them -- */

static void
has(struct town *t, const char *line)
{
	char wanted[256];

	assert_int_equal(web_once(t->web, "GET", "/metrics", NULL, ""), 200);
	snprintf(wanted, sizeof(wanted), "\n%s\n", line);
	if (!strstr(t->web->body, wanted))
		print_error("no line %s, but%s\n", line,
		    strstr(t->web->body, "policyd_register"));
	assert_non_null(strstr(t->web->body, wanted));
}

static void
a_request_is_counted_with_all_that_became_of_it(void **state)
{
	struct town *t = *state;

	town_mail(t, "192.0.2.1", "carol@example.net");
	has(t, "policyd_requests_total{class=\"inbound\",stage=\"RCPT\"} 1");
	has(t,
	    "policyd_verdicts_total{check=\"greylist\",mode=\"enforce\","
	    "verdict=\"refuse\"} 1");
	has(t,
	    "policyd_refusals_total{check=\"greylist\","
	    "reply=\"greylisted\",code=\"451\"} 1");
	has(t, "policyd_request_duration_seconds_count 1");
	has(t, "policyd_build_info{version=\"" VERSION "\"} 1");
}

static void
what_is_only_observed_is_told_apart(void **state)
{
	struct town *t = *state;

	town_reload(t, "greylist { mode = observe }");
	town_mail(t, "192.0.2.1", "carol@example.net");
	has(t,
	    "policyd_verdicts_total{check=\"greylist\",mode=\"observe\","
	    "verdict=\"refuse\"} 1");
	assert_null(strstr(t->web->body, "policyd_refusals_total{"));
}

static void
a_changed_code_is_shown(void **state)
{
	struct town *t = *state;

	town_reload(
	    t, "reply \"greylisted\" { code = 450 enhanced = \"4.7.0\" }");
	town_mail(t, "192.0.2.1", "carol@example.net");
	has(t,
	    "policyd_refusals_total{check=\"greylist\","
	    "reply=\"greylisted\",code=\"450\"} 1");
}

static const char *
hash_of(struct town *t)
{
	static char hash[32];

	web_once(t->web, "GET", "/metrics", NULL, "");
	snprintf(hash, sizeof(hash), "%.16s",
	    strstr(t->web->body, "policyd_config_info{hash=\"") + 26);
	return hash;
}

static void
two_configurations_have_two_hashes(void **state)
{
	struct town *t = *state;
	char before[32];

	strcpy(before, hash_of(t));
	town_reload(t, "");
	assert_string_equal(hash_of(t), before);
	town_reload(t, "greylist { delay = 6m }");
	assert_string_not_equal(hash_of(t), before);
}

static void
the_configuration_tells_when_it_was_read_and_whether_a_reload_failed(
    void **state)
{
	struct town *t = *state;

	t->site.conf = (struct site_files){ 1700000000, false };
	web_once(t->web, "GET", "/metrics", NULL, "");
	has(t, "policyd_config_read_time_seconds 1700000000");
	has(t, "policyd_reload_failed 0");
	t->site.conf.broken = true;
	web_once(t->web, "GET", "/metrics", NULL, "");
	has(t, "policyd_reload_failed 1");
}

static void
tables_tell_when_they_were_read_and_whether_they_still_can_be(void **state)
{
	struct town *t = *state;

	web_once(t->web, "GET", "/metrics", NULL, "");
	has(t, "policyd_tables_read_time_seconds 0");
	has(t, "policyd_tables_broken 0");
	t->site.tables = (struct site_files){ 1700000000, true };
	web_once(t->web, "GET", "/metrics", NULL, "");
	has(t, "policyd_tables_read_time_seconds 1700000000");
	has(t, "policyd_tables_broken 1");
}

static void
registers_are_counted_without_those_that_have_ended(void **state)
{
	struct town *t = *state;
	struct arena *a = arena_new();
	const char *const words[] = { "ZADD", "policyd:index:ban",
		arena_printf(
		    a, "%lld", (long long)clock_unix(t->web->clock) + 3600),
		"192.0.2.1",
		arena_printf(
		    a, "%lld", (long long)clock_unix(t->web->clock) - 1),
		"192.0.2.2", "inf", "192.0.2.3", NULL };

	web_turn(t->web);
	has(t, "policyd_register_entries{register=\"ban\"} 0");
	false_redis_command(t->redis, a, words);
	has(t, "policyd_register_entries{register=\"ban\"} 0");
	web_later(t->web, 15 * 1000);
	web_later(t->web, 1);
	has(t, "policyd_register_entries{register=\"ban\"} 2");
	false_redis_lose(t->redis, LOSS_DOWN);
	web_later(t->web, 15 * 1000);
	web_once(t->web, "GET", "/metrics", NULL, "");
	assert_null(strstr(t->web->body, "register=\"ban\""));
	arena_release(a);
}

static void
no_scrape_asks_redis(void **state)
{
	struct town *t = *state;
	unsigned asked;

	web_turn(t->web);
	asked = false_redis_asked(t->redis);
	for (int i = 0; i < 10; i++)
		web_once(t->web, "GET", "/metrics", NULL, "");
	assert_int_equal(false_redis_asked(t->redis), asked);
}

static void
lists_are_counted_and_have_an_age(void **state)
{
	struct town *t = *state;
	const struct list_record records[] = { { "192.0.2.1", "since=1" },
		{ "198.51.100.0/24", "since=1" } };
	struct lists *l = lists_new(clock_unix(t->web->clock) - 7);

	has(t, "policyd_list_entries{list=\"allow\"} 0");
	has(t, "policyd_store_tells_changes 0");
	assert_null(strstr(t->web->body, "policyd_lists_age_seconds"));
	lists_fill(l, LIST_ALLOW, records, 2, clock_unix(t->web->clock));
	engine_lists(t->engine, l);
	has(t, "policyd_list_entries{list=\"allow\"} 2");
	has(t, "policyd_lists_age_seconds 7");
}

static void
addresses_whose_settings_are_looked_up_are_counted(void **state)
{
	struct town *t = *state;

	has(t, "policyd_scopes_total{from=\"memory\"} 0");
	town_mail(t, "192.0.2.7", "anna@example.org");
	town_mail(t, "192.0.2.8", "bert@example.org");
	has(t, "policyd_scopes_total{from=\"redis\"} 1");
	has(t, "policyd_scopes_total{from=\"memory\"} 2");
	has(t, "policyd_scopes_total{from=\"stale\"} 0");
	has(t, "policyd_scopes_entries 2"); /* the domain and the mailbox */
}

static void
records_of_the_greylist_that_are_looked_up_are_counted(void **state)
{
	struct town *t = *state;

	has(t, "policyd_greylist_records_total{from=\"redis\"} 0");
	town_mail(t, "192.0.2.7", "anna@example.org");
	clock_turn(t->web->clock, 300 * 1000);
	for (int i = 0; i < 4; i++)
		town_mail(t, "192.0.2.7", "anna@example.org");
	has(t, "policyd_greylist_records_total{from=\"redis\"} 3");
	has(t, "policyd_greylist_records_total{from=\"memory\"} 2");
}

static void
labels_cannot_be_escaped_from(void **state)
{
	struct arena *a = arena_new();
	struct page *p = page_new(a);
	(void)state;

	page_family(p, "test", "gauge", "A test.");
	page_sample(p, -1, "name", "a\"b\\c\nd", NULL);
	assert_string_equal(page_text(p),
	    "# HELP test A test.\n"
	    "# TYPE test gauge\ntest{name=\"a\\\"b\\\\c\\nd\"} -1\n");
	arena_release(a);
}

/* -- health -- */

static void
well_health(const struct store *s, struct store_health *h)
{
	(void)s;
	*h = (struct store_health){
		.state = "ready", .where = "nowhere", .error = ""
	};
}

static void
connecting_health(const struct store *s, struct store_health *h)
{
	(void)s;
	*h = (struct store_health){ .state = "connecting",
		.where = "192.0.2.10:6379",
		.error = "connection refused" };
}

static void
away_health(const struct store *s, struct store_health *h)
{
	connecting_health(s, h);
	h->state = "open";
}

struct row {
	const char *name;
	const char *conf;
	void (*redis)(const struct store *s, struct store_health *h);
	bool stopping;
	int status;
	const char *says;
};

static const struct row rows[] = {
	{ "with Redis it is ready", "greylist { on_failure = defer }",
	    well_health, false, 200, "ready\n" },
	{ "without, when all checks accept, it still is", "", connecting_health,
	    false, 200,
	    "ready without: redis at 192.0.2.10:6379 is connecting: "
	    "connection refused\n" },
	{ "without, when one defers, it is not, and says why",
	    "greylist { on_failure = defer }", connecting_health, false, 503,
	    "not ready: redis at 192.0.2.10:6379 is connecting: "
	    "connection refused, and greylist defers\n" },
	{ "between two attempts Redis is away", "", away_health, false, 200,
	    "ready without: redis at 192.0.2.10:6379 is away: " },
	{ "a check that only observes defers nobody",
	    "greylist { mode = observe on_failure = defer }", away_health,
	    false, 200, "ready without" },
	{ "one that stops is not ready", "", well_health, true, 503,
	    "stopping\n" },
};

static void
a_row(void **state)
{
	const struct row *r = *state;
	struct town *t = town_open(r->conf);
	struct store *s = false_redis_store(t->redis);

	s->health = r->redis;
	t->site.stopping = r->stopping;
	assert_int_equal(
	    web_once(t->web, "GET", "/readyz", NULL, ""), r->status);
	assert_int_equal(strncmp(t->web->body, r->says, strlen(r->says)), 0);
	assert_int_equal(web_once(t->web, "GET", "/healthz", NULL, ""), 200);
	assert_string_equal(t->web->body, "alive\n");
	town_close(t);
}

#define SCENE(s, test) suite_add_scene(s, #test, test, setup, teardown)

int
main(void)
{
	static struct suite s;

	SCENE(&s, the_metrics_are_well_formed);
	SCENE(&s, a_request_is_counted_with_all_that_became_of_it);
	SCENE(&s, what_is_only_observed_is_told_apart);
	SCENE(&s, a_changed_code_is_shown);
	SCENE(&s, two_configurations_have_two_hashes);
	SCENE(&s,
	    the_configuration_tells_when_it_was_read_and_whether_a_reload_failed);
	SCENE(
	    &s, tables_tell_when_they_were_read_and_whether_they_still_can_be);
	SCENE(&s, registers_are_counted_without_those_that_have_ended);
	SCENE(&s, no_scrape_asks_redis);
	SCENE(&s, lists_are_counted_and_have_an_age);
	SCENE(&s, addresses_whose_settings_are_looked_up_are_counted);
	SCENE(&s, records_of_the_greylist_that_are_looked_up_are_counted);
	SUITE_TEST(&s, labels_cannot_be_escaped_from);
	SUITE_ROWS(&s, rows, a_row);
	return suite_run(&s, "site");
}
