/*
 * options - the table
 *
 * Presets and sentences are those of conf/policyd.conf and its manual.
 */
#include "conf/options.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "conf/syntax.h"

enum { MINUTE = 60, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

static const char *const targets[] = { "stderr", "syslog", NULL };
static const char *const levels[] = { "error", "warning", "info", "debug",
	NULL };
static const char *const modes[] = { "off", "observe", "enforce", NULL };
static const char *const failures[] = { "accept", "defer", NULL };
static const char *const defaults[] = { "grant", "deny", NULL };
static const char *const services[] = { "together", "apart", NULL };
static const char *const levels_of_scope[] = { "server", "domain", "mailbox",
	NULL };
static const char *const account_states[] = { "enabled", "denied", "disabled",
	NULL };
static const char *const submission_required[] = { "ports", "always", NULL };
static const char *const login_matches[] = { "mailbox", "domain", NULL };
static const char *const spoofers[] = { "anyone", "authenticated", "privileged",
	NULL };
static const char *const remote_to[] = { "anywhere", "local", "domain", NULL };
static const char *const rate_failures[] = { "accept", "defer", "local", NULL };
static const char *const rate_domains[] = { "overrides", "adds", NULL };
static const char *const rate_settles[] = { "end-of-message", "rcpt", NULL };
static const char *const dnsbl_actions[] = { "refuse", "mark", NULL };
static const char *const sender_domains[] = { "mx", "resolvable", NULL };
static const char *const spf_actions[] = { "accept", "refuse", NULL };
static const char *const spf_temperrors[] = { "accept", "defer", NULL };
static const char *const greylist_keys[] = { "triplet", "pair", "client",
	NULL };
static const char *const greylist_identities[] = { "network", "name", "spf",
	NULL };

// clang-format off
#define CONF(field) .of = OF_CONF, .at = offsetof(struct conf, field)
#define SETTINGS(field) .of = OF_SETTINGS, .at = offsetof(struct settings, field)
#define SERVER(field) CONF(settings.field)
#define REPLY(field) .of = OF_REPLY, .at = offsetof(struct reply, field)

/* What every check has: how far it goes, and what it says without an answer;
 * WHERE is SETTINGS or SERVER. */
#define POLICY(WHERE, check, mode_preset, failure_preset) \
	POLICY_OF(WHERE, check, mode_preset, failures, failure_preset)

#define POLICY_OF(WHERE, check, mode_preset, failure_words, failure_preset) \
	{ #check, "mode", OPTION_CHOICE, WHERE(check.policy.mode), \
	    .words = modes, .preset = mode_preset, \
	    .text = "What the check does: nothing at all, judge and log " \
		"without refusing, or refuse." }, \
	{ #check, "on_failure", OPTION_CHOICE, \
	    WHERE(check.policy.on_failure), \
	    .words = failure_words, .preset = failure_preset, \
	    .text = "What becomes of a request that the check cannot judge " \
		"because Redis or the DNS does not answer." }

/* And of those that domains and mailboxes may set: who has the last word. */
#define SCOPED_POLICY(check, mode_preset, failure_preset) \
	POLICY(SETTINGS, check, mode_preset, failure_preset), \
	DECIDED_BY(check)

#define DECIDED_BY(check) \
	{ #check, "decided_by", OPTION_CHOICE, \
	    SETTINGS(check.policy.decided_by), \
	    .words = levels_of_scope, .preset = "mailbox", \
	    .text = "The narrowest scope whose settings of this check count: " \
		"what mailboxes, or domains too, set is passed over." }

const struct option options[] = {
#include "conf/rows_server.h"
#include "conf/rows_checks.h"
};
// clang-format on

const size_t option_count = sizeof(options) / sizeof(options[0]);

const char *
option_name(const struct option *o, char out[OPTION_NAME])
{
	snprintf(out, OPTION_NAME, "%s%s%s", o->section,
	    o->section[0] ? "." : "", o->name);
	return out;
}

const struct option *
option_find(const char *section, const char *name)
{
	for (size_t i = 0; i < option_count; i++)
		if (strcmp(options[i].section, section) == 0 &&
		    strcmp(options[i].name, name) == 0)
			return &options[i];
	return NULL;
}

const struct option *
option_of_scope(const char *name)
{
	const char *dot = strchr(name, '.');
	char section[OPTION_NAME];
	const struct option *o;

	if (!dot || dot - name >= OPTION_NAME)
		return NULL;
	memcpy(section, name, (size_t)(dot - name));
	section[dot - name] = '\0';
	o = option_find(section, dot + 1);
	return o && o->of == OF_SETTINGS ? o : NULL;
}

const void *
option_base(const struct option *o, const struct conf *c)
{
	return o->of == OF_SETTINGS ? (const void *)&c->settings : c;
}

/* True when row `i` stands in another section than row `j`. */
static bool
apart(size_t i, size_t j)
{
	return j >= option_count ||
	    strcmp(options[i].section, options[j].section) != 0;
}

char *
option_presets(struct arena *a)
{
	size_t size;
	char *text, *copy;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		abort(); /* as xmalloc() does */
	for (size_t i = 0; i < option_count && options[i].preset; i++) {
		if (options[i].section[0] && apart(i, i - 1))
			fprintf(f, "%s {\n", options[i].section);
		fprintf(f, "%s = %s\n", options[i].name, options[i].preset);
		if (options[i].section[0] && apart(i, i + 1))
			fprintf(f, "}\n");
	}
	fclose(f);
	copy = arena_memdup(a, text, size);
	free(text);
	return copy;
}
