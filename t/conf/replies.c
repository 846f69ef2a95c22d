/*
 * Every reply can be sent, and what cannot be sent is found.
 */
#include "conf/replies.h"

#include <glob.h>
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "conf/file.h"
#include "kit/suite.h"

#define A10 "aaaaaaaaaa"
#define A50 A10 A10 A10 A10 A10
#define A250 A50 A50 A50 A50 A50

struct row {
	const char *name;
	struct reply reply;
	const char *wrong; /* NULL: nothing is */
};

static const struct row rows[] = {
	{ "a 4xx with a 4.x.x status can be sent", { 450, "4.2.0", "a" },
	    NULL },
	{ "a 5xx with a 5.x.x status can be sent", { 554, "5.7.1", "a" },
	    NULL },
	{ "the numbers of a status have up to three digits",
	    { 554, "5.123.999", "a" }, NULL },
	{ "a text may hold names", { 451, "4.7.1", "%{ip}: wait %{wait}" },
	    NULL },
	{ "a percent sign alone is one", { 451, "4.7.1", "100% {sure}" },
	    NULL },
	{ "250 bytes of text are enough", { 451, "4.7.1", A250 }, NULL },
	{ "251 are too many", { 451, "4.7.1", A250 "a" },
	    "the text is longer than 250 bytes" },
	{ "a 2xx cannot be sent: Postfix would make it a 451",
	    { 250, "2.0.0", "a" }, "the code is neither 4xx nor 5xx" },
	{ "a 6xx cannot be sent", { 600, "6.0.0", "a" },
	    "the code is neither 4xx nor 5xx" },
	{ "a code of two digits cannot be sent", { 45, "4.7.1", "a" },
	    "the code is neither 4xx nor 5xx" },
	{ "a 4xx cannot have a 5.x.x status", { 451, "5.7.1", "a" },
	    "code and enhanced code are not of the same class" },
	{ "a 5xx cannot have a 4.x.x status", { 551, "4.7.1", "a" },
	    "code and enhanced code are not of the same class" },
	{ "a class has one digit", { 451, "45.7.1", "a" },
	    "code and enhanced code are not of the same class" },
	{ "a status has three numbers, not two", { 451, "4.7", "a" },
	    "the enhanced code is not like 4.7.1" },
	{ "and not four", { 451, "4.7.1.1", "a" },
	    "the enhanced code is not like 4.7.1" },
	{ "none has four digits", { 451, "4.7.1000", "a" },
	    "the enhanced code is not like 4.7.1" },
	{ "none has a leading zero", { 451, "4.07.1", "a" },
	    "the enhanced code is not like 4.7.1" },
	{ "none is missing", { 451, "4..1", "a" },
	    "the enhanced code is not like 4.7.1" },
	{ "nothing follows a status", { 451, "4.7.1 ", "a" },
	    "the enhanced code is not like 4.7.1" },
	{ "no status is none", { 451, "", "a" },
	    "the enhanced code is not like 4.7.1" },
	{ "no text: Postfix would say what it said before",
	    { 451, "4.7.1", "" }, "the text is empty" },
	{ "blanks are no text", { 451, "4.7.1", "  " }, "the text is empty" },
	{ "a line end cannot be sent", { 451, "4.7.1", "a\naction=OK" },
	    "the text is not printable ASCII" },
	{ "nor UTF-8", { 451, "4.7.1", "gr\xc3\xbc\xc3\x9f" },
	    "the text is not printable ASCII" },
	{ "nor a delete", { 451, "4.7.1", "a\x7f" },
	    "the text is not printable ASCII" },
	{ "a name is closed", { 451, "4.7.1", "wait %{wait" },
	    "the text has a '%{' that is no %{name}" },
	{ "a name is not empty", { 451, "4.7.1", "wait %{}" },
	    "the text has a '%{' that is no %{name}" },
	{ "a name has no blanks", { 451, "4.7.1", "wait %{wait }" },
	    "the text has a '%{' that is no %{name}" },
};

static void
check(void **state)
{
	const struct row *row = *state;
	const char *wrong = reply_check(&row->reply);

	if (row->wrong) {
		assert_non_null(wrong);
		assert_string_equal(wrong, row->wrong);
	} else {
		assert_null(wrong);
	}
}

static void
each_reply_of_the_table_can_be_sent(void **state)
{
	size_t size;
	(void)state;

	for (size_t i = 0; i < REPLY_COUNT; i++) {
		assert_null(reply_check(&reply_rows[i].preset));
		assert_null(reply_unknown(reply_rows[i].preset.text, &size));
	}
}

/*
 * Names within a text
 */

static void
a_name_that_nobody_tells_is_found(void **state)
{
	const char *text = "%{ip}: 100% {x} %{wait} %{weight} %{y}";
	size_t size = 0;
	(void)state;

	assert_ptr_equal(reply_unknown(text, &size), strstr(text, "weight"));
	assert_int_equal(size, 6);
	assert_null(reply_unknown("%{ip} %{wait}%{of}", &size));
	assert_null(reply_unknown("", &size));
	assert_non_null(reply_unknown("%{wai}", &size));
	assert_non_null(reply_unknown("%{waits}", &size));
}

static bool
is_value(const char *name)
{
	for (const char *const *v = reply_values; *v; v++)
		if (strcmp(*v, name) == 0)
			return true;
	return false;
}

/* Every name that `pattern` finds in these sources; how many. */
static unsigned
names_in(const char *path, const char *pattern)
{
	struct arena *a = arena_new();
	unsigned count = 0;
	regmatch_t m[2];
	size_t size;
	regex_t re;
	char *text, name[32];

	assert_int_equal(regcomp(&re, pattern, REG_EXTENDED), 0);
	assert_int_equal(file_read(a, path, 1 << 20, &text, &size), 0);
	for (; regexec(&re, text, 2, m, 0) == 0; text += m[0].rm_eo) {
		snprintf(name, sizeof(name), "%.*s",
		    (int)(m[1].rm_eo - m[1].rm_so), text + m[1].rm_so);
		if (!is_value(name))
			fail_msg("%s tells '%s', which no reply may name", path,
			    name);
		count++;
	}
	regfree(&re);
	arena_release(a);
	return count;
}

static void
whatever_a_check_tells_a_reply_may_name(void **state)
{
	static const char told[] =
	    "verdict_[a-z]*\\([^,;]*,[ \t\n]*\"([^\"]*)\"";
	unsigned count = 0;
	glob_t g;
	(void)state;

	assert_int_equal(glob("lib/checks/*.c", 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++)
		count += names_in(g.gl_pathv[i], told);
	globfree(&g);
	assert_in_range(count, 10, 1000);
}

static void
so_it_may_what_the_engine_tells(void **state)
{
	(void)state;
	assert_int_equal(
	    names_in("lib/engine/expand.c", "strcmp\\(name, \"([^\"]*)\""), 8);
}

static void
each_reply_has_a_name_of_its_own_and_a_sentence(void **state)
{
	(void)state;
	for (size_t i = 0; i < REPLY_COUNT; i++) {
		const char *about = reply_rows[i].about;

		assert_true(about[strlen(about) - 1] == '.');
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(
			    reply_rows[i].name, reply_rows[j].name);
	}
}

/* What other mail systems and their administrators know by heart. */
struct known {
	const char *name;
	enum reply_name which;
	struct reply says;
};

static const struct known known[] = {
	{ "greylisting says what it always said", REPLY_GREYLISTED,
	    { 451, "4.7.1",
		"This server employs greylisting as a means of reducing spam. "
		"Please resend e-mail shortly" } },
	{ "so does a ban", REPLY_BAN,
	    { 554, "5.3.2", "ESMTP not accepting connections" } },
	{ "a permanent one has another status", REPLY_BAN_PERMANENT,
	    { 554, "5.7.1", "ESMTP not accepting connections" } },
	{ "the abuse register has its parentheses", REPLY_ABUSE,
	    { 451, "4.7.0",
		"%{service} temporarily refused connection at %{time} from IP "
		"(%{ip}) because of policy violation" } },
	{ "a busy server has its brackets", REPLY_BUSY,
	    { 451, "4.3.2",
		"%{service} temporarily refused connection at %{time} from IP "
		"[%{ip}] because the server is too busy" } },
	{ "a source of spam is told whom to ask", REPLY_SPAM_SOURCE,
	    { 451, "4.7.1",
		"The IP Address you are sending from was reported as a source "
		"of spam. Please contact your e-mail administrator." } },
	{ "the access list says who denies", REPLY_ACCESS,
	    { 530, "5.7.1",
		"%{host} %{service}, Version: %{version}--%{version} denied "
		"access at %{time}" } },
};

static void
says(void **state)
{
	const struct known *row = *state;
	const struct reply *r = &reply_rows[row->which].preset;

	assert_int_equal(r->code, row->says.code);
	assert_string_equal(r->enhanced, row->says.enhanced);
	assert_string_equal(r->text, row->says.text);
}

int
main(void)
{
	struct suite s = { 0 };

	SUITE_ROWS(&s, rows, check);
	SUITE_TEST(&s, each_reply_of_the_table_can_be_sent);
	SUITE_TEST(&s, a_name_that_nobody_tells_is_found);
	SUITE_TEST(&s, whatever_a_check_tells_a_reply_may_name);
	SUITE_TEST(&s, so_it_may_what_the_engine_tells);
	SUITE_TEST(&s, each_reply_has_a_name_of_its_own_and_a_sentence);
	SUITE_ROWS(&s, known, says);
	return suite_run(&s, "conf/replies");
}
