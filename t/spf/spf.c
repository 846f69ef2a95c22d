/*
 * RFC 7208, section by section: t/spf/cases.
 */
#include "spf/spf.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/text.h"
#include "kit/suite.h"

static const char directory[] = "t/spf/cases";

enum { RECORDS = 400, CASES = 1000, ANSWERS = 64 };

struct known {
	const char *name, *type, *data;
};

struct zone {
	struct known records[RECORDS];
	size_t count;
};

struct row {
	const char *name; /* first */
	const struct zone *zone;
	struct spf_client client;
	const char *record; /* of t.example.org, or NULL */
	const char *result, *problem;
};

static struct arena *arena;
static struct row rows[CASES];
static size_t row_count;

/* -- answers -- */

struct finding {
	const struct row *row;
	struct spf_record records[ANSWERS];
	struct spf_answer answer;
	const struct spf_question *wanted; /* NULL: all is known */
	struct spf_question asked[200];
	size_t asked_count;
};

static bool
stands_for(const char *known, const char *name)
{
	const size_t size = strlen(known), whole = strlen(name);

	if (known[0] != '*')
		return strcmp(known, name) == 0;
	return whole > size - 1 &&
	    strcmp(name + whole - (size - 1), known + 1) == 0;
}

/* \xNN and \t. */
static struct spf_record
unescape(const char *text)
{
	char *bytes = arena_alloc(arena, strlen(text) + 1);
	size_t used = 0;

	while (*text)
		if (text[0] == '\\' && text[1] == 'x') {
			const char hex[] = { text[2], text[3], '\0' };

			bytes[used++] = (char)strtol(hex, NULL, 16);
			text += 4;
		} else if (text[0] == '\\' && text[1] == 't') {
			bytes[used++] = '\t';
			text += 2;
		} else
			bytes[used++] = *text++;
	return (struct spf_record){ bytes, used };
}

static struct spf_record
data_of(const struct known *k)
{
	struct spf_record r = { k->data, strlen(k->data) };
	unsigned char *bytes = arena_alloc(arena, 16);

	if (strcmp(k->type, "A") == 0 || strcmp(k->type, "AAAA") == 0) {
		const bool v4 = k->type[1] == '\0';

		assert_int_equal(
		    inet_pton(v4 ? AF_INET : AF_INET6, k->data, bytes), 1);
		return (struct spf_record){ (char *)bytes, v4 ? 4 : 16 };
	}
	if (strcmp(k->type, "MX") == 0) {
		r.data = strchr(k->data, ' ') + 1;
		r.size = strcmp(r.data, ".") == 0 ? 0 : strlen(r.data);
		return r;
	}
	return strcmp(k->type, "TXT") == 0 ? unescape(k->data) : r;
}

static void
search(struct finding *f, const char *type, const char *name, int hops)
{
	const struct zone *z = f->row->zone;
	const char *alias = NULL;
	bool exact = false;

	for (size_t i = 0; i < z->count; i++)
		exact = exact || strcmp(z->records[i].name, name) == 0;
	for (size_t i = 0; i < z->count; i++) {
		const struct known *k = &z->records[i];

		if (exact ? strcmp(k->name, name) != 0
			  : !stands_for(k->name, name))
			continue;
		if (k->data[0] == '!')
			f->answer.found = SPF_LOST;
		else if (strcmp(k->type, "CNAME") == 0)
			alias = k->data;
		else if (strcmp(k->type, type) == 0)
			f->records[f->answer.count++] = data_of(k);
	}
	if (alias && hops > 0)
		search(f, type, alias, hops - 1);
}

static const struct spf_answer *
find(void *data, const struct spf_question *q)
{
	struct finding *f = data;
	struct finding *found;
	bool known = false;

	for (size_t i = 0; i < f->asked_count; i++)
		known = known ||
		    (f->asked[i].type == q->type &&
			strcmp(f->asked[i].name, q->name) == 0);
	if (!known)
		return NULL;
	found = arena_alloc(arena, sizeof(*found));
	found->row = f->row;
	found->answer.found = SPF_VOID;
	found->answer.records = found->records;
	if (f->row->record && q->type == SPF_TXT &&
	    strcmp(q->name, "t.example.org") == 0) {
		found->records[0] = (struct spf_record){ f->row->record,
			strlen(f->row->record) };
		found->answer.count = 1;
	} else
		search(found, spf_type_name(q->type), q->name, 8);
	if (found->answer.count > 0)
		found->answer.found = SPF_RECORDS;
	return &found->answer;
}

/* Step by step, as a check asks. */
static struct spf_verdict
evaluate(const struct row *row)
{
	struct finding *f = arena_alloc(arena, sizeof(*f));
	const struct spf_dns dns = { find, f };
	const struct spf_question *questions;
	struct spf_verdict v;
	size_t count;

	f->row = row;
	while (!spf_check(arena, &row->client, &dns, &v, &questions, &count)) {
		assert_true(count > 0);
		for (size_t i = 0; i < count; i++) {
			assert_true(f->asked_count < 200);
			f->asked[f->asked_count++] = questions[i];
		}
	}
	return v;
}

static void
a_case(void **state)
{
	const struct row *row = *state;
	const struct spf_verdict v = evaluate(row);

	if (strcmp(spf_result_name(v.result), row->result) != 0 ||
	    !strstr(v.problem, row->problem)) {
		for (const struct spf_step *s = v.steps; s; s = s->next)
			print_message("%u %s %s: %s\n", s->depth, s->domain,
			    s->term, s->outcome);
		fail_msg("%s (%s) by %s, not %s", spf_result_name(v.result),
		    v.problem, v.by, row->result);
	}
}

/* -- reading -- */

static char *
word(char **line)
{
	char *begin = *line, *end = begin + strcspn(begin, " ");

	*line = end + (*end != '\0');
	*end = '\0';
	return begin;
}

static void
add_record(struct zone *z, char *line)
{
	struct known *k = &z->records[z->count++];
	const char *name = word(&line);

	assert_true(z->count < RECORDS);
	k->name = text_lower(arena, unescape(name).data);
	k->type = word(&line);
	k->data = line;
}

static void
add_case(const struct zone *z, const char *name, char *line)
{
	struct row *row = &rows[row_count++];
	const bool record = strcmp(word(&line), "record") == 0;

	assert_true(row_count < CASES);
	row->name = name;
	row->zone = z;
	row->problem = "";
	assert_true(address_parse(&row->client.address, word(&line)));
	if (record) {
		row->client.helo = "mail.example.net";
		row->client.sender = "strong-bad@t.example.org";
		row->result = word(&line);
		row->record = line;
		return;
	}
	row->client.helo = word(&line);
	row->client.sender = word(&line);
	if (strcmp(row->client.sender, "<>") == 0)
		row->client.sender = "";
	row->result = word(&line);
	row->problem = line;
}

static void
read_file(const char *name)
{
	struct zone *z = arena_alloc(arena, sizeof(*z));
	char path[512], line[4096], *sentence = NULL;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		char *text = arena_memdup(arena, line, strcspn(line, "\n"));

		if (*text == '\0' || *text == '#')
			continue;
		if (strncmp(text, "case ", 5) == 0)
			sentence = arena_printf(
			    arena, "%.2s %s", name, text + 5);
		else if (sentence &&
		    (strncmp(text, "ask ", 4) == 0 ||
			strncmp(text, "record ", 7) == 0))
			add_case(z, sentence, text);
		else
			add_record(z, text);
	}
	fclose(f);
}

static int
texts(const struct dirent *e)
{
	const char *dot = strrchr(e->d_name, '.');

	return dot && strcmp(dot, ".txt") == 0;
}

/* So many bytes of "ip4:198.51.100.1 ", then `end`. */
static const char *
long_record(size_t size, const char *end)
{
	static const char term[] = " ip4:198.51.100.1";
	char *record = arena_alloc(arena, size + strlen(end) + 8), *to;

	to = stpcpy(record, "v=spf1");
	while ((size_t)(to - record) + strlen(term) <= size)
		to = stpcpy(to, term);
	stpcpy(to, end);
	return record;
}

static struct spf_verdict
evaluate_record(const char *record)
{
	static const struct zone nobody;
	struct row row = { .zone = &nobody, .record = record };

	assert_true(address_parse(&row.client.address, "192.0.2.1"));
	row.client.helo = "mail.example.net";
	row.client.sender = "strong-bad@t.example.org";
	return evaluate(&row);
}

static void
a_record_may_be_as_long_as_an_answer(void **state)
{
	(void)state;
	assert_int_equal(
	    evaluate_record(long_record(65000, " ip4:192.0.2.1 -all")).result,
	    SPF_PASS);
	assert_int_equal(
	    evaluate_record(long_record(65000, " -all")).result, SPF_FAIL);
}

static void
all_records_together_have_no_more_than_64_kb(void **state)
{
	(void)state;
	assert_int_equal(
	    evaluate_record(long_record(20000, " include:t.example.org -all"))
		.result,
	    SPF_PERMERROR);
	assert_string_equal(
	    evaluate_record(long_record(20000, " include:t.example.org -all"))
		.problem,
	    "records of more than 64 kB");
}

/* Of what strangers may be long, the end counts. */
static void
names_of_nothing_but_macros_end_as_others(void **state)
{
	static const char *const specs[] = { "%{s}", "%{h}", "%{d}", "%{i}" };
	static const struct zone nobody;
	struct row row = { .zone = &nobody };
	char *helo = arena_alloc(arena, 10000);

	(void)state;
	memset(helo, 'h', 9999);
	assert_true(address_parse(&row.client.address, "2001:db8::1"));
	row.client.helo = helo;
	row.client.sender = "strong-bad@t.example.org";
	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
		char *record = arena_alloc(arena, 60100);
		char *to = stpcpy(record, "v=spf1 exists:");

		while (to - record < 60000)
			to = stpcpy(to, specs[i]);
		stpcpy(to, ".example.org -all");
		row.record = record;
		assert_int_equal(evaluate(&row).result, SPF_FAIL);
	}
}

static void
there_are_at_least_250_cases(void **state)
{
	(void)state;
	assert_true(row_count >= 250);
}

int
main(void)
{
	static struct suite suite;
	struct dirent **files;
	int count, failed;

	arena = arena_new();
	count = scandir(directory, &files, texts, alphasort);
	for (int i = 0; i < count; i++) {
		read_file(files[i]->d_name);
		free(files[i]);
	}
	if (count > 0)
		free(files);
	suite_add_rows(
	    &suite, rows, row_count, sizeof(rows[0]), a_case, NULL, NULL);
	SUITE_TEST(&suite, a_record_may_be_as_long_as_an_answer);
	SUITE_TEST(&suite, all_records_together_have_no_more_than_64_kb);
	SUITE_TEST(&suite, names_of_nothing_but_macros_end_as_others);
	SUITE_TEST(&suite, there_are_at_least_250_cases);
	failed = suite_run(&suite, "spf");
	arena_release(arena);
	arena_pool_clear();
	return failed;
}
