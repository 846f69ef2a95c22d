/*
 * sense - what must be less than what, what needs which table, and what is out
 * of reach
 */
#include "conf/sense.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <strings.h>

#include "base/arena.h"
#include "conf/complaints.h"
#include "conf/conf.h"
#include "conf/dnsbl.h"
#include "conf/lookup.h"
#include "conf/options.h"
#include "conf/value.h"

struct rule {
	const char *section, *name;
	const char *than_section, *than_name;
	const char *why;
	bool preset_may; /* be more: it was not meant */
};

static const struct rule rules[] = {
	{ "greylist", "delay", "greylist", "retry_window",
	    "else nobody ever passes" },
	{ "redis", "deadline", "", "deadline",
	    "else a request ends before its answer is given up" },
	{ "dns", "deadline", "", "deadline",
	    "else a request ends before its answer is given up", true },
	{ "dnsbl", "deadline", "", "deadline",
	    "else a request ends before a list is given up", true },
};

static int64_t
number_of(const struct option *o, const void *base)
{
	return *(const int64_t *)((const char *)base + o->at);
}

static const struct option *
less_of(const struct rule *r)
{
	return option_find(r->section, r->name);
}

static const struct option *
more_of(const struct rule *r)
{
	return option_find(r->than_section, r->than_name);
}

static void
check(const struct rule *r, const struct conf *c, const struct settings *set,
    const int *lines, struct complaints *said)
{
	const struct option *less = less_of(r), *more = more_of(r);
	const void *at_less = less->of == OF_CONF ? (const void *)c : set;
	const void *at_more = more->of == OF_CONF ? (const void *)c : set;
	int line = lines[less - options];
	char name[OPTION_NAME], than[OPTION_NAME];
	struct arena *a;

	if (line == 0 && r->preset_may)
		return;
	if (lines[more - options] > line)
		line = lines[more - options];
	if (line == 0 || number_of(less, at_less) < number_of(more, at_more))
		return;
	a = arena_new();
	complaint(said, line, "%s (%s) must be less than %s (%s), %s",
	    option_name(less, name), option_value(less, at_less, a),
	    option_name(more, than), option_value(more, at_more, a), r->why);
	arena_release(a);
}

/* Who asks for what without the tables or lists that would tell: nothing would
 * ever be refused, and nobody would know why. */
static bool
mailbox_is_on(const struct settings *set)
{
	return set->mailbox.policy.mode != MODE_OFF;
}

static bool
relay_is_on(const struct settings *set)
{
	return set->relay.policy.mode != MODE_OFF;
}

static bool
remote_is_local(const struct settings *set)
{
	return set->remote.policy.mode != MODE_OFF &&
	    set->remote.to == REMOTE_LOCAL;
}

static bool
spoofers_are_told(const struct settings *set)
{
	return set->spoof.policy.mode != MODE_OFF &&
	    set->spoof.who != SPOOF_ANYONE;
}

static bool
dnsbl_is_on(const struct settings *set)
{
	return set->dnsbl.policy.mode != MODE_OFF;
}

static bool
has_mailboxes(const struct conf *c)
{
	return lookups_count(c->mailboxes) > 0;
}

static bool
has_domains(const struct conf *c)
{
	return lookups_count(c->local_domains) > 0;
}

static bool
has_dns_lists(const struct conf *c)
{
	const struct settings *server = &c->settings;

	return server->dnsbl.clients.count > 0 ||
	    server->dnsbl.helos.count > 0 || server->dnsbl.senders.count > 0;
}

static const struct need {
	const char *section, *name;
	bool (*is_wanted)(const struct settings *set);
	bool (*is_there)(const struct conf *c);
	const char *what;
} needs[] = {
	{ "mailbox", "mode", mailbox_is_on, has_mailboxes, "mailboxes" },
	{ "mailbox", "mode", mailbox_is_on, has_domains, "local_domains" },
	{ "relay", "mode", relay_is_on, has_domains, "local_domains" },
	{ "remote", "mode", remote_is_local, has_domains, "local_domains" },
	{ "dnsbl", "mode", dnsbl_is_on, has_dns_lists,
	    "dnsbl.clients, helos or senders" },
	{ "spoof", "who", spoofers_are_told, has_domains, "local_domains" },
};

static void
check_need(const struct need *n, const struct conf *c,
    const struct settings *set, const int *lines, struct complaints *said)
{
	const struct option *o = option_find(n->section, n->name);
	char name[OPTION_NAME];
	struct arena *a;

	if (lines[o - options] == 0 || !n->is_wanted(set) || n->is_there(c))
		return;
	a = arena_new();
	complaint(said, lines[o - options], "%s (%s) needs %s",
	    option_name(o, name),
	    option_value(o, o->of == OF_CONF ? (const void *)c : set, a),
	    n->what);
	arena_release(a);
}

/* What somebody weighs whom all lists of bad clients have. */
static int64_t
heaviest(const struct settings *server)
{
	const struct dnsbls *const all[] = { &server->dnsbl.clients,
		&server->dnsbl.helos, &server->dnsbl.senders };
	int64_t sum = 0;

	for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++)
		for (size_t i = 0; i < all[k]->count; i++)
			if (all[k]->items[i].weight > 0)
				sum += all[k]->items[i].weight;
	return sum;
}

static void
check_threshold(const struct conf *c, const struct settings *set,
    const int *lines, struct complaints *said)
{
	static const char *const names[] = { "mode", "threshold", "clients",
		"helos", "senders" };
	const int64_t most = heaviest(&c->settings);
	int line = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const int at = lines[option_find("dnsbl", names[i]) - options];

		line = at > line ? at : line;
	}
	if (line > 0 && dnsbl_is_on(set) && has_dns_lists(c) &&
	    set->dnsbl.threshold > most)
		complaint(said, line,
		    "dnsbl.threshold (%" PRId64 ") must be at most %" PRId64
		    ", the sum of weights above 0, else nobody is ever listed",
		    set->dnsbl.threshold, most);
}

static bool
is_zone_of(const struct dnsbls *lists, const char *name)
{
	for (size_t i = 0; i < lists->count; i++)
		if (strcasecmp(lists->items[i].zone, name) == 0)
			return true;
	return false;
}

static void
check_unprobed(const struct conf *c, const int *lines, struct complaints *said)
{
	const struct settings *server = &c->settings;
	const struct list *names = &server->dnsbl.unprobed;
	const int line = lines[option_find("dnsbl", "unprobed") - options];

	for (size_t i = 0; line > 0 && i < names->count; i++)
		if (!is_zone_of(&server->dnsbl.clients, names->items[i]) &&
		    !is_zone_of(&server->dnsbl.helos, names->items[i]) &&
		    !is_zone_of(&server->dnsbl.senders, names->items[i]))
			complaint(said, line,
			    "dnsbl.unprobed: '%.64s' is not in dnsbl.clients, "
			    "helos or senders",
			    names->items[i]);
}

void
sense_check(const struct conf *c, const struct settings *set, const int *lines,
    struct complaints *said)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		check(&rules[i], c, set, lines, said);
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		check_need(&needs[i], c, set, lines, said);
	check_threshold(c, set, lines, said);
	check_unprobed(c, lines, said);
}

struct first {
	struct arena *arena;
	const char *text;
};

static void
keep_first(void *data, const char *file, int line, const char *text)
{
	struct first *f = data;

	(void)file, (void)line;
	if (!f->text)
		f->text = arena_strdup(f->arena, text);
}

const char *
sense_idle(struct arena *a, const struct conf *c, const struct settings *set,
    const struct option *o)
{
	struct complaints *said = complaints_new(a, "");
	int *lines = arena_alloc(a, option_count * sizeof(*lines));
	struct first first = { .arena = a };

	lines[o - options] = 1;
	sense_check(c, set, lines, said);
	complaints_tell(said, keep_first, &first);
	return first.text;
}

void
sense_mend(struct settings *set, const struct settings *before)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct option *less = less_of(&rules[i]);
		const struct option *more = more_of(&rules[i]);

		if (less->of != OF_SETTINGS || more->of != OF_SETTINGS ||
		    number_of(less, set) < number_of(more, set))
			continue;
		value_copy(less, set, before);
		value_copy(more, set, before);
	}
}
