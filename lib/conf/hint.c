/*
 * hint - the nearest name, or where the name belongs
 */
#include "conf/hint.h"

#include <stdbool.h>
#include <string.h>

#include "conf/complaints.h"
#include "conf/near.h"
#include "conf/options.h"

/* Where a name was looked for. Domains and mailboxes hold sections, not
 * options. */
struct place {
	const char *section;
	bool scope;
};

static struct place
place(const char *section, bool titled)
{
	return (
	    struct place){ section, titled && strcmp(section, "reply") != 0 };
}

static struct near
nearest(const struct place *p, const char *name)
{
	struct near n = near_to(name);

	for (size_t i = 0; i < option_count; i++) {
		const struct option *o = &options[i];

		if (!p->scope && strcmp(o->section, p->section) == 0)
			near_try(&n, o->name);
		if (p->scope ? o->of == OF_SETTINGS : !*p->section)
			near_try(&n, o->section);
	}
	if (!*p->section) {
		near_try(&n, "domain");
		near_try(&n, "mailbox");
	}
	return n;
}

/* An option of that name in some section that may stand here. */
static const struct option *
option_named(const struct place *p, const char *name)
{
	for (size_t i = 0; i < option_count; i++)
		if (strcmp(options[i].name, name) == 0 &&
		    (!p->scope || options[i].of == OF_SETTINGS))
			return &options[i];
	return NULL;
}

/* The option that the log and policyctl call so: greylist.mode. NULL where its
 * section must not stand. */
static const struct option *
named_in_full(const struct place *p, const char *name)
{
	char full[OPTION_NAME];

	for (size_t i = 0; i < option_count; i++) {
		const struct option *o = &options[i];

		if (*o->section && o->of != OF_REPLY &&
		    (p->scope ? o->of == OF_SETTINGS : !*p->section) &&
		    strcmp(option_name(o, full), name) == 0)
			return o;
	}
	return NULL;
}

/* True for a section that only the server has. */
static bool
only_of_server(const char *name)
{
	bool found = false;

	for (size_t i = 0; i < option_count; i++) {
		if (!*name || strcmp(options[i].section, name) != 0)
			continue;
		if (options[i].of == OF_SETTINGS)
			return false;
		found = true;
	}
	return found;
}

void
hint_no_such(struct complaints *said, int line, const char *section,
    bool titled, const char *name)
{
	const struct place p = place(section, titled);
	const struct near meant = nearest(&p, name);
	const struct option *elsewhere = option_named(&p, name);
	const struct option *full = named_in_full(&p, name);
	const bool slip = *p.section && !p.scope && meant.distance == 1;

	if (!titled && option_find(section, name))
		complaint(said, line, "'%s.%s' is the server's to set", section,
		    name);
	else if (p.scope && only_of_server(name))
		complaint(
		    said, line, "'%s' is not for a %s to set", name, section);
	else if (full)
		complaint(said, line,
		    "no such option '%s', did you mean '%s { %s = ... }'?",
		    name, full->section, full->name);
	else if (elsewhere && *elsewhere->section && !slip)
		complaint(said, line,
		    "no such option '%s' here, did you mean that of '%s'?",
		    name, elsewhere->section);
	else if (elsewhere && !slip)
		complaint(said, line,
		    "no such option '%s' here, it stands outside of sections",
		    name);
	else if (*meant.name)
		complaint(said, line,
		    "no such option '%.64s', did you mean '%s'?", name,
		    meant.name);
	else
		complaint(said, line, "no such option '%.64s'", name);
}

void
hint_of_domains(struct complaints *said, int line, const struct option *o)
{
	char name[OPTION_NAME];

	complaint(said, line, "'%s' is not for a mailbox to set",
	    option_name(o, name));
}

void
hint_no_such_reply(struct complaints *said, int line, const char *name)
{
	struct near n = near_to(name);

	for (size_t i = 0; i < REPLY_COUNT; i++)
		near_try(&n, reply_rows[i].name);
	if (*n.name)
		complaint(said, line,
		    "no such reply '%.64s', did you mean '%s'?", name, n.name);
	else
		complaint(said, line, "no such reply '%.64s'", name);
}

void
hint_no_such_value(
    struct complaints *said, int line, const char *reply, const char *value)
{
	struct near n = near_to(value);

	for (const char *const *v = reply_values; *v; v++)
		near_try(&n, *v);
	if (*n.name)
		complaint(said, line,
		    "reply '%s': nothing is called %%{%.64s}, did you mean "
		    "%%{%s}?",
		    reply, value, n.name);
	else
		complaint(said, line, "reply '%s': nothing is called %%{%.64s}",
		    reply, value);
}
