/*
 * A configuration as its readers see it: values, files it names, and how long
 * it lives.
 */
#include "conf/conf.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/address.h"
#include "base/arena.h"
#include "conf/lookup.h"
#include "kit/suite.h"

static void
fail_with(void *data, const char *file, int line, const char *text)
{
	(void)data;
	fail_msg("%s:%d: %s", file, line, text);
}

static struct conf *
parsed(const char *text)
{
	struct conf *c = conf_parse(text, "c", fail_with, NULL);

	assert_non_null(c);
	return c;
}

static void
without_a_file_greylisting_is_on(void **state)
{
	struct conf *c = conf_read(NULL, fail_with, NULL);
	(void)state;

	assert_string_equal(c->path, "");
	assert_int_equal(c->listen.count, 1);
	assert_string_equal(c->listen.items[0], "inet:127.0.0.1:10040");
	assert_int_equal(c->socket_mode, 0660);
	assert_int_equal(c->deadline_ms, 5000);
	assert_int_equal(c->redis.servers.count, 0);
	assert_int_equal(c->redis.deadline_ms, 500);
	assert_int_equal(c->redis.max_bytes, 2 << 20);
	assert_int_equal(c->settings.greylist.policy.mode, MODE_ENFORCE);
	assert_int_equal(
	    c->settings.greylist.policy.on_failure, FAILURE_ACCEPT);
	assert_int_equal(c->settings.greylist.key, GREYLIST_TRIPLET);
	assert_int_equal(c->settings.greylist.delay, 300);
	assert_int_equal(c->settings.greylist.retry_window, 86400);
	assert_int_equal(c->settings.greylist.memory, 36 * 86400);
	assert_int_equal(c->replies[REPLY_GREYLISTED].code, 451);
	assert_int_equal(c->log_level, LEVEL_INFO);
	assert_int_equal(c->log_target, LOG_TO_STDERR);
	conf_unref(c);
}

static void
an_empty_file_changes_nothing(void **state)
{
	struct conf *c = parsed("");
	(void)state;

	assert_int_equal(c->settings.greylist.delay, 300);
	conf_unref(c);
}

static void
the_machine_itself_is_trusted(void **state)
{
	struct conf *c = parsed("");
	struct address a;
	(void)state;

	address_parse(&a, "127.0.0.5");
	assert_non_null(lookups_client(c->trusted, &a, "unknown"));
	address_parse(&a, "::1");
	assert_non_null(lookups_client(c->trusted, &a, "unknown"));
	address_parse(&a, "192.0.2.1");
	assert_null(lookups_client(c->trusted, &a, "localhost"));
	conf_unref(c);
}

static void
every_type_of_value_arrives(void **state)
{
	struct conf *c = parsed(
	    "listen = { \"unix:/run/x\", inet:[::1]:1 }\n"
	    "socket_mode = 0600\n"
	    "service = 'it\\'s \"me\"'\n"
	    "deadline = 1m\n"
	    "reply_ids = yes\n"
	    "log { target = syslog level = debug }\n"
	    "redis { max_bytes = 1G password = \"a\\\"\\\\\\${x}\" }\n"
	    "greylist { mode = observe on_failure = defer key = client\n"
	    "  delay = 90 retry_window = 2w memory = 10m }\n");
	(void)state;

	assert_int_equal(c->listen.count, 2);
	assert_string_equal(c->listen.items[1], "inet:[::1]:1");
	assert_int_equal(c->socket_mode, 0600);
	assert_string_equal(c->service, "it's \"me\"");
	assert_int_equal(c->deadline_ms, 60000);
	assert_true(c->reply_ids);
	assert_int_equal(c->log_target, LOG_TO_SYSLOG);
	assert_int_equal(c->log_level, LEVEL_DEBUG);
	assert_int_equal(c->redis.max_bytes, 1 << 30);
	assert_string_equal(c->redis.password, "a\"\\${x}");
	assert_int_equal(c->settings.greylist.policy.mode, MODE_OBSERVE);
	assert_int_equal(c->settings.greylist.policy.on_failure, FAILURE_DEFER);
	assert_int_equal(c->settings.greylist.key, GREYLIST_CLIENT);
	assert_int_equal(c->settings.greylist.delay, 90);
	assert_int_equal(c->settings.greylist.retry_window, 14 * 86400);
	assert_int_equal(c->settings.greylist.memory, 600);
	conf_unref(c);
}

static void
a_list_of_one_needs_no_braces(void **state)
{
	struct conf *c = parsed("listen = \"inet:127.0.0.1:1\"");
	(void)state;

	assert_int_equal(c->listen.count, 1);
	assert_string_equal(c->listen.items[0], "inet:127.0.0.1:1");
	conf_unref(c);
}

static void
a_list_replaces_its_default(void **state)
{
	struct conf *c = parsed("listen = {}\ntrusted = { 192.0.2.1 }");
	struct address a;
	(void)state;

	assert_int_equal(c->listen.count, 0);
	address_parse(&a, "127.0.0.1");
	assert_null(lookups_client(c->trusted, &a, "unknown"));
	conf_unref(c);
}

static void
a_file_with_line_ends_of_windows_is_read(void **state)
{
	struct conf *c = parsed("# a\r\ngreylist {\r\n\tdelay = 1m\r\n}\r\n");
	(void)state;

	assert_int_equal(c->settings.greylist.delay, 60);
	conf_unref(c);
}

static void
a_reply_keeps_what_is_not_set(void **state)
{
	struct conf *c = parsed("reply \"greylisted\" { text = \"Later\" }");
	const struct reply *r = &c->replies[REPLY_GREYLISTED];
	(void)state;

	assert_int_equal(r->code, 451);
	assert_string_equal(r->enhanced, "4.7.1");
	assert_string_equal(r->text, "Later");
	assert_int_equal(c->replies[REPLY_AWAY].code, 451);
	conf_unref(c);
}

/*
 * Files
 */

struct directory {
	char path[32];
};

static void
write_file(const struct directory *d, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", d->path, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static struct directory
directory(void)
{
	struct directory d = { "/tmp/policyd-conf-XXXXXX" };

	assert_non_null(mkdtemp(d.path));
	return d;
}

static void
remove_files(const struct directory *d, const char *const *names)
{
	char path[256];

	for (; *names; names++) {
		snprintf(path, sizeof(path), "%s/%s", d->path, *names);
		unlink(path);
	}
	assert_int_equal(rmdir(d->path), 0);
}

/* All complaints, with the directory's name cut away. */
struct ear {
	const struct directory *directory;
	char heard[2048];
	size_t used;
};

static void
hear(void *data, const char *file, int line, const char *text)
{
	struct ear *e = data;
	const size_t skip = strlen(e->directory->path) + 1;
	const bool within = strlen(file) > skip &&
	    strncmp(file, e->directory->path, skip - 1) == 0;

	e->used += (size_t)snprintf(e->heard + e->used,
	    sizeof(e->heard) - e->used, "%s:%d: %s\n",
	    within ? file + skip : file, line, text);
	assert_in_range(e->used, 1, sizeof(e->heard) - 1);
}

/* Reads `text`, with %s for the directory, as its file "policyd.conf". */
static struct conf *
read_in(struct ear *e, const char *text)
{
	const char *const d = e->directory->path;
	struct arena *a = arena_new();
	char *all = arena_strdup(a, "");
	struct conf *c;

	for (const char *at; (at = strstr(text, "%s")) != NULL; text = at + 2)
		all = arena_printf(
		    a, "%s%.*s%s", all, (int)(at - text), text, d);
	write_file(
	    e->directory, "policyd.conf", arena_printf(a, "%s%s", all, text));
	c = conf_read(arena_printf(a, "%s/policyd.conf", d), hear, e);
	arena_release(a);
	return c;
}

static void
a_password_or_a_token_can_stand_in_a_file(void **state)
{
	const struct directory d = directory();
	struct ear e = { &d };
	struct conf *c;
	(void)state;

	write_file(&d, "password", "se cret\r\nnot this\n");
	c = read_in(&e, "redis { password_file = \"%s/password\" }");
	assert_string_equal(e.heard, "");
	assert_string_equal(c->redis.password, "se cret");
	conf_unref(c);
	c = read_in(&e, "http { token_file = \"%s/password\" }");
	assert_string_equal(e.heard, "");
	assert_string_equal(c->http.token, "se cret");
	conf_unref(c);
	remove_files(&d, (const char *[]){ "password", "policyd.conf", NULL });
}

static void
this_host_has_its_own_name_unless_one_is_set(void **state)
{
	struct conf *c = parsed("");
	char name[256] = "";
	(void)state;

	gethostname(name, sizeof(name) - 1);
	assert_string_equal(c->host, *name ? name : "localhost");
	conf_unref(c);
	c = parsed("host = mx.example.com");
	assert_string_equal(c->host, "mx.example.com");
	conf_unref(c);
}

static void
a_domain_has_its_own_opinion_of_spam_sources(void **state)
{
	struct conf *c = parsed("spam_source { reporters = 5 }\n"
				"domain \"example.com\" {\n"
				"	spam_source { reporters = 1 }\n"
				"}");
	(void)state;

	assert_int_equal(
	    conf_settings(c, "a@example.com")->spam_source.reporters, 1);
	assert_int_equal(
	    conf_settings(c, "a@example.net")->spam_source.reporters, 5);
	conf_unref(c);
}

static void
a_password_that_cannot_be_read_is_an_error(void **state)
{
	const struct directory d = directory();
	struct ear e = { &d };
	(void)state;

	assert_null(
	    read_in(&e, "redis {\n\tpassword_file = \"/nowhere/p\"\n}"));
	assert_string_equal(e.heard,
	    "policyd.conf:2: redis.password_file: '/nowhere/p': No such file "
	    "or directory\n");
	remove_files(&d, (const char *[]){ "policyd.conf", NULL });
}

static void
tables_are_read_from_files(void **state)
{
	const struct directory d = directory();
	struct ear e = { &d };
	struct address a;
	struct conf *c;
	(void)state;

	write_file(&d, "nets", "192.0.2.0/24 OK\n");
	write_file(&d, "mails", "a@example.com OK\n");
	c = read_in(&e,
	    "greylist { allow_clients = \"cidr:%s/nets\"\n"
	    "allow_senders = { \"texthash:%s/mails\" } }\n");
	assert_string_equal(e.heard, "");
	address_parse(&a, "192.0.2.9");
	assert_string_equal(
	    lookups_client(c->settings.greylist.allow_clients, &a, "unknown"),
	    "OK");
	assert_string_equal(lookups_address(c->settings.greylist.allow_senders,
				"A@example.com"),
	    "OK");
	conf_unref(c);
	remove_files(
	    &d, (const char *[]){ "nets", "mails", "policyd.conf", NULL });
}

static void
what_is_wrong_in_a_table_is_told_with_its_line(void **state)
{
	const struct directory d = directory();
	struct ear e = { &d };
	(void)state;

	write_file(&d, "nets", "# a\n192.0.2.0/24 OK\n\n192.0.2.1/24\nif\n");
	write_file(&d, "mails", "not a key\n a@b c@\n\xff\n");
	assert_null(read_in(&e,
	    "max_clients = 0\n"
	    "greylist {\n"
	    "\tallow_clients = \"cidr:%s/nets\"\n"
	    "\tallow_senders = { \"texthash:%s/mails\", \"cidr:/nowhere\" }\n"
	    "}\n"
	    "listen = x\n"));
	assert_string_equal(e.heard,
	    "policyd.conf:1: max_clients: must be 1 to 1000000, not 0\n"
	    "nets:4: '192.0.2.1/24' is not a network\n"
	    "nets:5: if and endif are not known here\n"
	    "mails:3: a control character, or not UTF-8\n"
	    "policyd.conf:4: greylist.allow_senders: '/nowhere' cannot be "
	    "read: No such file or directory\n"
	    "policyd.conf:6: listen: 'x' is neither inet:ADDRESS:PORT, "
	    "unix:/PATH nor systemd:NAME\n");
	remove_files(
	    &d, (const char *[]){ "nets", "mails", "policyd.conf", NULL });
}

static void
a_file_that_is_not_there_is_an_error(void **state)
{
	const struct directory d = directory();
	struct ear e = { &d };
	(void)state;

	assert_null(conf_read("/nowhere/policyd.conf", hear, &e));
	assert_null(conf_read("/tmp", hear, &e));
	assert_string_equal(e.heard,
	    "/nowhere/policyd.conf:0: cannot be read: No such file or "
	    "directory\n"
	    "/tmp:0: cannot be read: Is a directory\n");
	remove_files(&d, (const char *[]){ NULL });
}

/* A null byte would end the text for libconfuse, and the rest be lost. */
static void
a_file_with_a_null_byte_is_an_error(void **state)
{
	const struct directory d = directory();
	struct ear e = { &d };
	char path[64];
	FILE *f;
	(void)state;

	snprintf(path, sizeof(path), "%s/policyd.conf", d.path);
	f = fopen(path, "w");
	fwrite("max_clients = 5\n\0max_clients = x\n", 1, 33, f);
	fclose(f);
	assert_null(conf_read(path, hear, &e));
	assert_string_equal(
	    e.heard, "policyd.conf:0: holds a NUL byte: this is no text\n");
	remove_files(&d, (const char *[]){ "policyd.conf", NULL });
}

static void
a_file_without_end_is_an_error(void **state)
{
	const struct directory d = directory();
	struct ear e = { &d };
	(void)state;

	assert_null(conf_read("/dev/zero", hear, &e));
	assert_string_equal(
	    e.heard, "/dev/zero:0: cannot be read: File too large\n");
	remove_files(&d, (const char *[]){ NULL });
}

/*
 * How long it lives
 */

static void
a_configuration_lives_as_long_as_its_last_reader(void **state)
{
	struct conf *c = parsed("service = x"), *mine = conf_ref(c);
	const char *service = c->service;
	(void)state;

	conf_unref(c);
	assert_string_equal(service, "x");
	conf_unref(mine);
	conf_unref(NULL);
}

int
main(void)
{
	struct suite s = { 0 };

	SUITE_TEST(&s, without_a_file_greylisting_is_on);
	SUITE_TEST(&s, an_empty_file_changes_nothing);
	SUITE_TEST(&s, the_machine_itself_is_trusted);
	SUITE_TEST(&s, every_type_of_value_arrives);
	SUITE_TEST(&s, a_list_of_one_needs_no_braces);
	SUITE_TEST(&s, a_list_replaces_its_default);
	SUITE_TEST(&s, a_file_with_line_ends_of_windows_is_read);
	SUITE_TEST(&s, a_reply_keeps_what_is_not_set);
	SUITE_TEST(&s, a_password_or_a_token_can_stand_in_a_file);
	SUITE_TEST(&s, this_host_has_its_own_name_unless_one_is_set);
	SUITE_TEST(&s, a_domain_has_its_own_opinion_of_spam_sources);
	SUITE_TEST(&s, a_password_that_cannot_be_read_is_an_error);
	SUITE_TEST(&s, tables_are_read_from_files);
	SUITE_TEST(&s, what_is_wrong_in_a_table_is_told_with_its_line);
	SUITE_TEST(&s, a_file_that_is_not_there_is_an_error);
	SUITE_TEST(&s, a_file_with_a_null_byte_is_an_error);
	SUITE_TEST(&s, a_file_without_end_is_an_error);
	SUITE_TEST(&s, a_configuration_lives_as_long_as_its_last_reader);
	return suite_run(&s, "conf/conf");
}
