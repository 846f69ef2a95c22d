/*
 * The files of tables: a change is told of once, when it has come to rest; and
 * the configuration that is read anew then.
 */
#include "conf/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "conf/lookup.h"
#include "conf/stamp.h"
#include "kit/suite.h"

struct place {
	struct arena *arena;
	char directory[32];
	const char *conf, *table, *other, *secret;
	struct conf *c;
	struct watch *w;
	char heard[2048];
};

static void
hear(void *data, const char *file, int line, const char *text)
{
	struct place *p = data;
	const size_t used = strlen(p->heard);
	const char *name = strrchr(file, '/');

	snprintf(p->heard + used, sizeof(p->heard) - used, "%s:%d: %s\n",
	    name ? name + 1 : file, line, text);
}

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static const char *
in(struct place *p, const char *name)
{
	return arena_printf(p->arena, "%s/%s", p->directory, name);
}

static int
setup(void **state)
{
	struct arena *a = arena_new();
	struct place *p = arena_alloc(a, sizeof(*p));

	p->arena = a;
	strcpy(p->directory, "/tmp/policyd-watch-XXXXXX");
	if (!mkdtemp(p->directory))
		return -1;
	p->conf = in(p, "policyd.conf");
	p->table = in(p, "table");
	p->other = in(p, "other");
	p->secret = in(p, "secret");
	write_file(p->table, "a@example.com one\n");
	write_file(p->other, "b@example.com one\n");
	write_file(p->secret, "sesame\n");
	write_file(p->conf,
	    arena_printf(a,
		"aliases = \"texthash:%s\"\n"
		"http { token_file = \"%s\" }\n"
		"domain \"example.com\" { deny_user {\n"
		"  senders = { \"texthash:%s\", \"texthash:%s\" } } }\n",
		p->table, p->secret, p->table, p->other));
	p->c = conf_read(p->conf, hear, p);
	assert_string_equal(p->heard, "");
	p->w = watch_new(p->c);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;

	watch_free(p->w);
	conf_unref(p->c);
	unlink(p->conf);
	unlink(p->table);
	unlink(p->other);
	unlink(p->secret);
	rmdir(p->directory);
	arena_release(p->arena);
	return 0;
}

/* -- the watch -- */

static void
assert_looks(struct place *p, const char *first, const char *second)
{
	const char *seen = watch_look(p->w);

	if (first)
		assert_string_equal(seen, first);
	else
		assert_null(seen);
	seen = watch_look(p->w);
	if (second)
		assert_string_equal(seen, second);
	else
		assert_null(seen);
}

static void
each_file_of_a_table_is_known_once_and_no_other(void **state)
{
	struct place *p = *state;
	const struct stamps *files = conf_files(p->c);

	assert_int_equal(files->count, 2);
	assert_string_equal(files->items[0].path, p->table);
	assert_string_equal(files->items[1].path, p->other);
	assert_looks(p, NULL, NULL);
	write_file(p->secret, "open\n");
	write_file(p->conf, "");
	assert_looks(p, NULL, NULL);
}

static void
a_change_is_told_when_it_has_come_to_rest_and_once(void **state)
{
	struct place *p = *state;

	write_file(p->table, "a@example.com one and more\n");
	assert_looks(p, NULL, p->table);
	assert_looks(p, NULL, NULL);
}

static void
one_that_goes_on_is_waited_for(void **state)
{
	struct place *p = *state;

	write_file(p->table, "a@example.com one and more\n");
	assert_null(watch_look(p->w));
	write_file(p->other, "b@example.com one and more\n");
	assert_null(watch_look(p->w));
	write_file(p->table, "a@example.com one and more and more\n");
	assert_looks(p, NULL, p->table);
	assert_looks(p, NULL, NULL);
}

static void
what_was_written_since_it_was_read_is_a_change(void **state)
{
	struct place *p = *state;

	watch_free(p->w);
	write_file(p->other, "b@example.com one and more\n");
	p->w = watch_new(p->c);
	assert_looks(p, NULL, p->other);
}

static void
a_file_of_the_same_length_in_its_place_is_a_change(void **state)
{
	struct place *p = *state;

	write_file(p->secret, "a@example.com two\n");
	rename(p->secret, p->table);
	assert_looks(p, NULL, p->table);
}

static void
one_that_is_gone_is_a_change_and_its_return_another(void **state)
{
	struct place *p = *state;

	unlink(p->table);
	assert_looks(p, NULL, p->table);
	assert_looks(p, NULL, NULL);
	write_file(p->table, "a@example.com one\n");
	assert_looks(p, NULL, p->table);
}

static void
who_may_read_it_is_a_change_too(void **state)
{
	struct place *p = *state;

	chmod(p->table, 0600);
	assert_looks(p, NULL, p->table);
}

/* -- reading anew -- */

static void
tables_are_as_their_files_are_now(void **state)
{
	struct place *p = *state;
	struct conf *c;

	write_file(p->table, "a@example.com two\n");
	c = conf_again(p->c, hear, p);
	assert_non_null(c);
	assert_string_equal(
	    lookups_address(c->aliases, "a@example.com"), "two");
	assert_string_equal(
	    lookups_address(
		conf_settings(c, "x@example.com")->deny_user.senders,
		"a@example.com"),
	    "two");
	assert_string_equal(
	    lookups_address(p->c->aliases, "a@example.com"), "one");
	conf_unref(c);
}

static void
all_else_is_as_it_was_whatever_became_of_its_files(void **state)
{
	struct place *p = *state;
	struct conf *c;

	write_file(p->conf, "http { token_file = ");
	unlink(p->secret);
	c = conf_again(p->c, hear, p);
	assert_non_null(c);
	assert_string_equal(c->path, p->conf);
	assert_string_equal(c->http.token, "sesame");
	assert_string_equal(c->http.token_file, p->secret);
	conf_unref(p->c);
	p->c = conf_again(c, hear, p); /* and once more */
	conf_unref(c);
	assert_non_null(p->c);
	assert_string_equal(p->c->http.token, "sesame");
}

static void
a_wrong_table_is_told_with_file_and_line(void **state)
{
	struct place *p = *state;

	write_file(p->other, "b@example.com one\n*\n");
	assert_null(conf_again(p->c, hear, p));
	assert_string_equal(p->heard,
	    "other:2: '*' is no address, network, domain or mail address\n");
}

static void
without_a_file_nothing_is_looked_at(void **state)
{
	struct place *p = *state;
	struct conf *c;

	watch_free(p->w);
	conf_unref(p->c);
	p->c = conf_read(NULL, hear, p);
	p->w = watch_new(p->c);
	assert_int_equal(conf_files(p->c)->count, 0);
	assert_null(watch_look(p->w));
	c = conf_again(p->c, hear, p);
	assert_non_null(c);
	conf_unref(c);
}

#define SCENE(s, test) suite_add_scene(s, #test, test, setup, teardown)

int
main(void)
{
	struct suite s = { 0 };

	SCENE(&s, each_file_of_a_table_is_known_once_and_no_other);
	SCENE(&s, a_change_is_told_when_it_has_come_to_rest_and_once);
	SCENE(&s, one_that_goes_on_is_waited_for);
	SCENE(&s, what_was_written_since_it_was_read_is_a_change);
	SCENE(&s, a_file_of_the_same_length_in_its_place_is_a_change);
	SCENE(&s, one_that_is_gone_is_a_change_and_its_return_another);
	SCENE(&s, who_may_read_it_is_a_change_too);
	SCENE(&s, tables_are_as_their_files_are_now);
	SCENE(&s, all_else_is_as_it_was_whatever_became_of_its_files);
	SCENE(&s, a_wrong_table_is_told_with_file_and_line);
	SCENE(&s, without_a_file_nothing_is_looked_at);
	return suite_run(&s, "conf/watch");
}
