/*
 * What is wrong with a configuration, and how the administrator hears of it:
 * every complaint, word for word, in the order of lines.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "kit/suite.h"

struct row {
	const char *name;
	const char *text;
	const char *said; /* "LINE: what" for each */
};

struct ear {
	char heard[8192];
	size_t used;
};

static void
hear(void *data, const char *file, int line, const char *text)
{
	struct ear *e = data;

	assert_string_equal(file, "c");
	e->used += (size_t)snprintf(e->heard + e->used,
	    sizeof(e->heard) - e->used, "%s%d: %s", e->used ? "\n" : "", line,
	    text);
	assert_in_range(e->used, 1, sizeof(e->heard) - 1);
}

// clang-format off
static const struct row names[] = {
	{ "a name with a slip is told the right one",
	    "graylist { mode = off }",
	    "1: no such option 'graylist', did you mean 'greylist'?" },
	{ "so is one within a section",
	    "greylist {\n\tdelya = 5m\n}",
	    "2: no such option 'delya', did you mean 'delay'?" },
	{ "so is a scope",
	    "domian \"example.com\" { }",
	    "1: no such option 'domian', did you mean 'domain'?" },
	{ "a name that is like none is not",
	    "frobnicate = yes",
	    "1: no such option 'frobnicate'" },
	{ "nor is one that is too short to tell",
	    "x = 1",
	    "1: no such option 'x'" },
	{ "of a short one two letters are too many",
	    "ho = x",
	    "1: no such option 'ho'" },
	{ "an option outside of its section is told where it belongs",
	    "delay = 5m",
	    "1: no such option 'delay' here, did you mean that of 'greylist'?" },
	{ "an option in a section that stands outside of any is told so",
	    "redis { listen = {} }",
	    "1: no such option 'listen' here, it stands outside of sections" },
	{ "one letter off is meant here, though another section has that name",
	    "redis {\n\tserver = \"192.0.2.1:6379\"\n}",
	    "2: no such option 'server', did you mean 'servers'?" },
	{ "nor does it stand outside of sections then",
	    "abuse { listen = 2h }",
	    "1: no such option 'listen', did you mean 'listed'?" },
	{ "a name as the log has it is told how it is written here",
	    "greylist.mode = off",
	    "1: no such option 'greylist.mode', did you mean "
	    "'greylist { mode = ... }'?" },
	{ "so it is in a domain",
	    "domain \"example.com\" { rate.messages = 200/1h }",
	    "1: no such option 'rate.messages', did you mean "
	    "'rate { messages = ... }'?" },
	{ "but not where that section cannot stand",
	    "domain \"example.com\" { rate.lease = 1h }",
	    "1: no such option 'rate.lease'" },
	{ "a domain has no settings of the server",
	    "domain \"example.com\" { redis { } }",
	    "1: 'redis' is not for a domain to set" },
	{ "nor has a mailbox",
	    "mailbox \"a@example.com\" { log { } }",
	    "1: 'log' is not for a mailbox to set" },
	{ "a domain's options stand within their section",
	    "domain \"example.com\" { delay = 1m }",
	    "1: no such option 'delay' here, did you mean that of 'greylist'?" },
	{ "and in one that a domain may have",
	    "domain \"example.com\" { mode = off }",
	    "1: no such option 'mode' here, did you mean that of "
	    "'account'?" },
	{ "nor an option of the server in a section that a domain may have",
	    "domain \"example.com\" { account { lockout = 3 } }",
	    "1: 'account.lockout' is the server's to set" },
	{ "a check that is called as a scope has the section without a title",
	    "mailbox { catchall = yes }",
	    "1: no such option 'catchall', did you mean 'catch_all'?" },
	{ "and no other name for it", "Mailbox { catch_all = yes }",
	    "1: 'Mailbox': names are in lower case" },
	{ "who may connect is not a domain's to say",
	    "domain \"example.com\" { abuse { mode = off } }",
	    "1: 'abuse' is not for a domain to set" },
	{ "a domain alone is no mailbox, and does not stand for all of its own",
	    "mailboxes = { \"a@example.com\", \"example.com\" }",
	    "1: mailboxes: 'example.com' is not user@domain, nor @domain for "
	    "all of a domain" },
	{ "nor is a user of any domain one", "mailboxes = { \"a@\" }",
	    "1: mailboxes: 'a@' is not user@domain, nor @domain for all of a "
	    "domain" },
	{ "what a domain takes is not for a mailbox to say",
	    "mailbox \"a@example.com\" {\n mailbox { catch_all = yes }\n}",
	    "2: 'mailbox.catch_all' is not for a mailbox to set" },
	{ "nor whom a domain denies",
	    "mailbox \"a@example.com\" { deny_domain { senders = { \"x\" } } }",
	    "1: 'deny_domain.senders' is not for a mailbox to set" },
	{ "a way into another section is none",
	    "greylist|delay = 5m",
	    "1: '|' is not expected here; quote a value that holds it" },
	{ "nor in quotes",
	    "\"greylist|delay\" = 5m",
	    "1: a name is expected here, without quotes" },
	{ "include is no option",
	    "include(\"/etc/passwd\")",
	    "1: '(' is not expected here; quote a value that holds it\n"
	    "1: ')' is not expected here; quote a value that holds it" },
	{ "comments and blank lines count as lines",
	    "# a\n\n/* b\n c */\n// d\ngreylist {\n\t# e\n\tx = 1 # f\n}",
	    "8: no such option 'x'" },
};

static const struct row values[] = {
	{ "a word that is no choice is told the choices",
	    "greylist { mode = on }",
	    "1: greylist.mode: 'on' is none of off, observe, enforce" },
	{ "words of a choice are in lower case",
	    "log { level = INFO }",
	    "1: log.level: 'INFO' is none of error, warning, info, debug" },
	{ "a time has a known unit",
	    "greylist { delay = 5y }",
	    "1: greylist.delay: '5y' is not a time such as 30s, 5m, 1h or 36d" },
	{ "a time is no fraction",
	    "greylist { delay = 1.5h }",
	    "1: greylist.delay: '1.5h' is not a time such as 30s, 5m, 1h or 36d" },
	{ "a time has its unit at once",
	    "greylist { delay = \"5 m\" }",
	    "1: greylist.delay: '5 m' is not a time such as 30s, 5m, 1h or 36d" },
	{ "a time is not negative",
	    "greylist { delay = -5m }",
	    "1: greylist.delay: '-5m' is not a time such as 30s, 5m, 1h or 36d" },
	{ "a time is not empty",
	    "greylist { delay = \"\" }",
	    "1: greylist.delay: '' is not a time such as 30s, 5m, 1h or 36d" },
	{ "a number that is too large for any time is none",
	    "greylist { delay = 99999999999999999999 }",
	    "1: greylist.delay: '99999999999999999999' is not a time such as "
	    "30s, 5m, 1h or 36d" },
	{ "also when it is the first that is too large",
	    "max_clients = 9223372036854775808",
	    "1: max_clients: '9223372036854775808' is not a number" },
	{ "so is one that its unit makes too large",
	    "greylist { delay = 9223372036854775807w }",
	    "1: greylist.delay: '9223372036854775807w' is not a time such as "
	    "30s, 5m, 1h or 36d" },
	{ "a time below its range is told the range",
	    "greylist { delay = 0 }",
	    "1: greylist.delay: must be 1s to 1d, not 0" },
	{ "so is one above",
	    "greylist { delay = 25h }",
	    "1: greylist.delay: must be 1s to 1d, not 25h" },
	{ "a deadline has a unit",
	    "deadline = 5",
	    "1: deadline: '5' is not a time such as 500ms or 5s" },
	{ "Redis has tables for some lists only",
	    "allow { clients = \"redis:\" }",
	    "1: allow.clients: redis: is only for trusted, local_domains, "
	    "mailboxes, aliases" },
	{ "a size has a known unit",
	    "redis { max_bytes = 2MB }",
	    "1: redis.max_bytes: '2MB' is not a size such as 512K, 10M or 1G" },
	{ "a number has no unit",
	    "max_clients = 20K",
	    "1: max_clients: '20K' is not a number" },
	{ "a number is not hexadecimal",
	    "max_clients = 0x10",
	    "1: max_clients: '0x10' is not a number" },
	{ "a mode is octal",
	    "socket_mode = 0680",
	    "1: socket_mode: must be octal, from 0000 to 0777" },
	{ "a mode has no more than permissions",
	    "socket_mode = 4755",
	    "1: socket_mode: must be octal, from 0000 to 0777" },
	{ "yes is yes and nothing else is",
	    "reply_ids = true",
	    "1: reply_ids: must be yes or no" },
	{ "a rate has a number and a time",
	    "connections { rate = 200 }",
	    "1: connections.rate: '200' is no rate such as 200/1m, nor 0" },
	{ "the time is one",
	    "connections { rate = 200/m }",
	    "1: connections.rate: '200/m' is no rate such as 200/1m, nor 0" },
	{ "and not none",
	    "connections { rate = 200/0s }",
	    "1: connections.rate: '200/0s' is no rate such as 200/1m, nor 0" },
	{ "nothing follows a rate",
	    "connections { rate = 200/1m/2 }",
	    "1: connections.rate: '200/1m/2' is no rate such as 200/1m, nor 0" },
	{ "a rate has a most",
	    "connections { rate = 1000001/1m }",
	    "1: connections.rate: '1000001/1m' is more than 1000000 at a time" },
	{ "a DNS list is told what is wrong with it",
	    "dnsbl {\nclients = { bl.example, 'wl.example*4000' }\n}",
	    "2: dnsbl.clients: 'wl.example*4000' has no weight from -1000 to "
	    "1000 behind its '*'" },
	{ "it does not stand there twice",
	    "dnsbl { clients = { 'bl.example*2', bl.example } }",
	    "1: dnsbl.clients: 'bl.example' has zone and answers of another one" },
	{ "it is the server's",
	    "domain \"example.com\" { dnsbl { clients = { bl.example } } }",
	    "1: 'dnsbl.clients' is the server's to set" },
	{ "a header has a name of letters",
	    "dnsbl { header = 'X DNSBL' }",
	    "1: dnsbl.header: 'X DNSBL' is not the name of a header" },
	{ "and is not one of the message's own",
	    "dnsbl {\n\theader = \"Subject\"\n}",
	    "2: dnsbl.header: 'Subject' is a header that has another meaning" },
	{ "a ladder has a step",
	    "strikes { ladder = {} }",
	    "0: strikes.ladder: must not be empty" },
	{ "nothing is above a permanent one",
	    "strikes { ladder = { permanent, 1h } }",
	    "1: strikes.ladder: 'permanent' has no end, and nothing follows it" },
	{ "no step is nothing",
	    "strikes { ladder = { 15m, 0 } }",
	    "1: strikes.ladder: '0' is neither a time such as 15m, up to 1000d, "
	    "nor permanent" },
	{ "HTTP is served at an address",
	    "http { listen = \"localhost:80\" }",
	    "1: http.listen: 'localhost:80' is not ADDRESS:PORT" },
	{ "a token is either here or there",
	    "http {\n\ttoken = a\n\ttoken_file = \"/x\"\n}",
	    "3: http.token_file: token is set too" },
	{ "a listener has a type",
	    "listen = { \"127.0.0.1:10040\" }",
	    "1: listen: '127.0.0.1:10040' is neither inet:ADDRESS:PORT, "
	    "unix:/PATH nor systemd:NAME" },
	{ "a listener has a port that can be",
	    "listen = { \"inet:127.0.0.1:65536\", \"inet:[::1]:10040\" }",
	    "1: listen: 'inet:127.0.0.1:65536' is neither inet:ADDRESS:PORT, "
	    "unix:/PATH nor systemd:NAME" },
	{ "a listener's path begins at the root",
	    "listen = unix:policy",
	    "1: listen: 'unix:policy' is neither inet:ADDRESS:PORT, unix:/PATH nor systemd:NAME" },
	{ "an IPv6 address stands in brackets",
	    "redis { servers = { \"::1:6379\" } }",
	    "1: redis.servers: '::1:6379' is neither HOST:PORT nor unix:/PATH" },
	{ "a directory begins at the root",
	    "state_directory = \"policyd\"",
	    "1: state_directory: 'policyd' does not begin with /" },
	{ "a prefix fits into redis-cli",
	    "prefix = \"p{x} \"",
	    "1: prefix: 'p{x} ' holds more than letters, digits and : . _ - /" },
	{ "a prefix is not empty: the keys would be anybody's",
	    "prefix = \"\"",
	    "1: prefix: must not be empty" },
	{ "what replies say is printable",
	    "service = \"Gr\xc3\xbc\xc3\x9f\"",
	    "1: service: 'Gr\xc3\xbc\xc3\x9f' is not printable ASCII" },
	{ "one server is all there is",
	    "redis { servers = { \"a:1\", \"b:1\" } }",
	    "1: redis.servers: takes at most 1, not 2" },
	{ "a network has no bits behind its prefix",
	    "trusted = { \"192.0.2.1/24\" }",
	    "1: trusted: '192.0.2.1/24' is no address, network, domain or mail "
	    "address" },
	{ "a table has a known type",
	    "allow { clients = { \"hash:/etc/postfix/x\" } }",
	    "1: allow.clients: no tables 'hash:', only cidr:, texthash:, "
	    "inline: and redis:" },
	{ "a text in memory names no tables in files",
	    "allow { clients = { \"cidr:/etc/passwd\" } }",
	    "1: allow.clients: no file is read from here" },
	{ "nor a password",
	    "redis {\n\tpassword_file = \"/etc/passwd\"\n}",
	    "2: redis.password_file: no file is read from here" },
	{ "a password is either here or there",
	    "redis {\n\tpassword = secret\n\tpassword_file = \"/x\"\n}",
	    "3: redis.password_file: password is set too" },
	{ "all that is wrong is told at once, from the top",
	    "greylist {\n\tdelay = x\n\tmode = y\n}\nmax_clients = 0\n"
	    "listen = z\nnonsense = 1\n",
	    "2: greylist.delay: 'x' is not a time such as 30s, 5m, 1h or 36d\n"
	    "3: greylist.mode: 'y' is none of off, observe, enforce\n"
	    "5: max_clients: must be 1 to 1000000, not 0\n"
	    "6: listen: 'z' is neither inet:ADDRESS:PORT, unix:/PATH nor systemd:NAME\n"
	    "7: no such option 'nonsense'" },
	{ "but nothing behind a name that is none",
	    "nonsense = 1\nmax_clients = 0\n",
	    "1: no such option 'nonsense'" },
};

static const struct row twice[] = {
	{ "an option stands once",
	    "max_clients = 1\nmax_clients = 2",
	    "1: max_clients: is set a second time further down" },
	{ "a list too",
	    "trusted = { \"::1\", \"::2\" }\ntrusted = {}",
	    "1: trusted: is set a second time further down" },
	{ "a section too",
	    "log { level = info }\n\nlog { target = syslog }",
	    "3: a second section 'log', the first is in line 1" },
	{ "a domain too",
	    "domain \"example.com\" { }\ndomain \"example.com\" { }",
	    "2: found duplicate title 'example.com'" },
	{ "also in other letters",
	    "domain \"example.com\" { }\ndomain \"Example.COM\" { }",
	    "2: domain 'Example.COM' stands twice" },
	{ "a section of a domain too",
	    "domain \"example.com\" {\n greylist { }\n greylist { }\n}",
	    "3: a second section 'greylist', the first is in line 2" },
	{ "a list is set and not added to",
	    "trusted += { \"192.0.2.1\" }",
	    "1: a list is set as a whole, with '='" },
};

static const struct row scopes[] = {
	{ "a domain is a domain",
	    "\ndomain \"a b\" {\n\n}",
	    "2: domain 'a b' is not a domain" },
	{ "a domain is not a mailbox",
	    "domain \"a@example.com\" { }",
	    "1: domain 'a@example.com' is not a domain" },
	{ "a domain has no empty parts",
	    "domain \"example..com\" { }",
	    "1: domain 'example..com' is not a domain" },
	{ "a mailbox has a domain",
	    "mailbox \"boss\" { }",
	    "1: mailbox 'boss' is not a mailbox, user@domain" },
	{ "a mailbox has a user",
	    "mailbox \"@example.com\" { }",
	    "1: mailbox '@example.com' is not a mailbox, user@domain" },
	{ "and no more of them",
	    "mailbox \"boss@@example.com\" { }",
	    "1: mailbox 'boss@@example.com' has a second '@'" },
	{ "a mailbox has no extension: it holds for all of them",
	    "mailbox \"boss+x@example.com\" { }",
	    "1: mailbox 'boss+x@example.com' must stand without its +extension" },
	{ "a domain has a name",
	    "domain { greylist { mode = off } }",
	    "1: missing title for section 'domain'" },
	{ "what is wrong within a wrong domain is told too",
	    "domain \"a b\" {\n\tgreylist { mode = on }\n}",
	    "1: domain 'a b' is not a domain\n"
	    "2: greylist.mode: 'on' is none of off, observe, enforce" },
	{ "a reply that there is not",
	    "reply \"greylist\" { code = 450 }",
	    "1: no such reply 'greylist', did you mean 'greylisted'?" },
	{ "a reply has a code that can be sent",
	    "reply \"greylisted\" { code = 250 }",
	    "1: reply.code: must be 400 to 599, not 250" },
	{ "a reply's code fits its enhanced one",
	    "\nreply \"greylisted\" {\n\tcode = 550\n}",
	    "2: reply 'greylisted': code and enhanced code are not of the same "
	    "class" },
	{ "a reply's text is ASCII",
	    "reply \"broken\" { text = \"Gr\xc3\xbc\xc3\x9f\" }",
	    "1: reply 'broken': the text is not printable ASCII" },
	{ "a reply's names are closed",
	    "reply \"broken\" { text = \"at %{time\" }",
	    "1: reply 'broken': the text has a '%{' that is no %{name}" },
	{ "a name with a slip is told the right one",
	    "reply \"greylisted\" { text = \"Wait %{wiat}, %{ip}\" }",
	    "1: reply 'greylisted': nothing is called %{wiat}, did you mean "
	    "%{wait}?" },
	{ "one that is like none is not",
	    "reply \"greylisted\" { text = \"Wait for %{godot_himself}\" }",
	    "1: reply 'greylisted': nothing is called %{godot_himself}" },
};

static const struct row grammar[] = {
	{ "a section that is not closed is found where it begins",
	    "log {\n}\ngreylist {\n\tmode = off\n",
	    "3: the '{' of this line is never closed" },
	{ "so is a list",
	    "trusted = {\n\t\"::1\",\n",
	    "1: the '{' of this line is never closed" },
	{ "a string that is not closed ends with its line",
	    "redis {\n\tuser = \"a\n\tdatabase = 1\n}",
	    "2: this string is not closed" },
	{ "also in single quotes",
	    "redis {\n\tuser = 'a\n}",
	    "2: this string is not closed" },
	{ "a comment that is not closed is found where it begins",
	    "\n/* a\nmax_clients = 1\n",
	    "2: this comment is never closed" },
	{ "a brace too many is found",
	    "log { }\n}",
	    "2: '}' without '{'" },
	{ "a value has an equals sign before it",
	    "max_clients 5",
	    "1: missing equal sign after option 'max_clients'" },
	{ "an option has a value",
	    "max_clients =",
	    "1: premature end of file" },
	{ "and not that of the next line",
	    "log {\n\tlevel =\n}",
	    "3: unexpected token '}'" },
	{ "a section has braces",
	    "greylist = off",
	    "1: missing opening brace for section 'greylist'" },
	{ "an option has none",
	    "max_clients { }",
	    "1: missing equal sign after option 'max_clients'" },
	{ "one value is no list",
	    "max_clients = { 5 }",
	    "1: unexpected token '{'" },
	{ "a list has commas",
	    "trusted = { \"::1\" \"::2\" }",
	    "1: unexpected token '::2'; items of a list have commas between "
	    "them" },
	{ "and braces",
	    "trusted = \"::1\", \"::2\", \"::3\"\nservice = a,b",
	    "1: ',' stands only within the braces of a list; quote a value "
	    "that holds it\n"
	    "2: ',' stands only within the braces of a list; quote a value "
	    "that holds it" },
	{ "variables are not expanded",
	    "redis { user = \"${HOME}\" }",
	    "1: variables are not expanded; write \\${ for ${" },
	{ "nor in a word",
	    "state_directory = ${HOME}/x",
	    "1: variables are not expanded" },
	{ "escapes that libconfuse knows are none here",
	    "service = \"a\\nb\\x41\"",
	    "1: in a string \\ stands only before \", \\ or $" },
	{ "nor in single quotes",
	    "service = 'a\\\"b'",
	    "1: in a string \\ stands only before ' or \\" },
	{ "a string has no control characters",
	    "service = \"a\tb\"",
	    "1: a string holds a control character or is not UTF-8" },
	{ "nor bytes that are no text",
	    "service = \"a\xff\x62\"",
	    "1: a string holds a control character or is not UTF-8" },
	{ "bytes that are no text stand nowhere else either",
	    "service = a\x01",
	    "1: only strings in quotes may hold such a byte: 0x01" },
	{ "a word ends at a comment only with a blank before it",
	    "redis { password = abc#def\n}",
	    "1: '#' is not expected here; quote a value that holds it" },
	{ "sections are not nested without end",
	    "a { b { c { d { e { f { } } } } } }",
	    "1: sections are nested too deeply" },
};

static const struct row secrets[] = {
	{ "a password with a blank is not told",
	    "redis {\n\tpassword = correct horse\n}",
	    "2: no option follows the password; one that holds blanks needs quotes" },
	{ "nor one with a bar behind the blank",
	    "redis {\n\tpassword = correct ho|rse\n}",
	    "2: '|' is not expected here; quote a value that holds it" },
	{ "nor a second one",
	    "redis { password = secret1\npassword = secret2 }",
	    "1: redis.password: is set a second time further down" },
	{ "nor one that is not closed",
	    "redis { password = \"secret\n}",
	    "1: this string is not closed" },
	{ "nor one with a quote in it",
	    "redis { password = sec\"ret\" }",
	    "1: a name is expected here, without quotes" },
	{ "nor one without its equals sign",
	    "redis { password \"secret\" }",
	    "1: missing equal sign after option 'password'" },
	{ "nor one with a comma",
	    "redis { password = sec,ret }",
	    "1: ',' stands only within the braces of a list; quote a value "
	    "that holds it" },
	{ "nor one in braces",
	    "redis { password = { \"secret\" } }",
	    "1: unexpected token '{'" },
};
// clang-format on

static void
says(void **state)
{
	const struct row *row = *state;
	struct ear e = { 0 };

	assert_null(conf_parse(row->text, "c", hear, &e));
	assert_string_equal(e.heard, row->said);
}

/* libconfuse's scanner stays where an error left it. */
static void
a_right_text_after_a_wrong_one_is_right(void **state)
{
	static const struct row *const all[] = { names, values, twice, scopes,
		grammar, secrets };
	(void)state;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct ear e = { 0 };
		struct conf *c;

		assert_null(conf_parse(all[i]->text, "c", hear, &e));
		c = conf_parse("max_clients = 7", "c", hear, &e);
		assert_non_null(c);
		assert_int_equal(c->max_clients, 7);
		conf_unref(c);
	}
}

/* `n` times `piece`. */
static char *
many(struct arena *a, const char *piece, size_t n)
{
	const size_t size = strlen(piece);
	char *text = arena_alloc(a, n * size + 1);

	for (size_t i = 0; i < n; i++)
		memcpy(text + i * size, piece, size);
	return text;
}

static void
errors_without_end_are_cut(void **state)
{
	struct arena *a = arena_new();
	struct ear e = { 0 };
	(void)state;

	assert_null(conf_parse(many(a, ")", 10000), "c", hear, &e));
	assert_in_range(e.used, 1, 4000);
	arena_release(a);
}

static void
what_is_too_large_is_refused(void **state)
{
	struct arena *a = arena_new();
	struct ear e = { 0 };
	(void)state;

	assert_null(conf_parse(many(a, "# \n", 1398102), "c", hear, &e));
	assert_null(conf_parse(many(a, "log {} ", 20001), "c", hear, &e));
	assert_null(conf_parse(many(a, "a", 4097), "c", hear, &e));
	assert_string_equal(e.heard,
	    "0: larger than 4194304 bytes\n"
	    "1: more than 20000 sections\n"
	    "1: a value is longer than 4096 bytes");
	arena_release(a);
}

int
main(void)
{
	struct suite s = { 0 };

	SUITE_ROWS(&s, names, says);
	SUITE_ROWS(&s, values, says);
	SUITE_ROWS(&s, twice, says);
	SUITE_ROWS(&s, scopes, says);
	SUITE_ROWS(&s, grammar, says);
	SUITE_ROWS(&s, secrets, says);
	SUITE_TEST(&s, a_right_text_after_a_wrong_one_is_right);
	SUITE_TEST(&s, errors_without_end_are_cut);
	SUITE_TEST(&s, what_is_too_large_is_refused);
	return suite_run(&s, "conf/errors");
}
