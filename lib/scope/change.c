/*
 * change - the questions that write settings
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "conf/layers.h"
#include "conf/syntax.h"
#include "scope/alias.h"
#include "scope/keys.h"
#include "scope/limits.h"
#include "scope/scope.h"

extern const struct script script_scope_set, script_scope_delete;

struct question
scope_set(struct arena *a, const struct conf *conf, const char *address,
    const char *const *names, const char *const *values, size_t count)
{
	struct question q = { .script = &script_scope_set };
	size_t set = 0;

	for (size_t i = 0; i < count; i++)
		set += values[i] != NULL;
	keys_settings(&q, a, conf, address);
	keys_number(&q, a, set);
	for (size_t i = 0; i < count; i++)
		if (values[i]) {
			keys_word(&q, names[i]);
			keys_word(&q, values[i]);
		}
	for (size_t i = 0; i < count; i++)
		if (!values[i])
			keys_word(&q, names[i]);
	return q;
}

struct question
scope_delete(struct arena *a, const struct conf *conf, const char *address)
{
	struct question q = { .script = &script_scope_delete };

	keys_all(&q, a, conf, address);
	return q;
}

/* -- what may be written -- */

enum { COMPLAINT = 512 };

static const char *
check_alias(struct arena *a, const char *address, const char *value)
{
	const struct targets targets = alias_targets(a, address, value);

	if (targets.count == 0)
		return "alias: leads nowhere else";
	for (size_t i = 0; i < targets.count; i++)
		if (syntax_mailbox(targets.items[i]))
			return arena_printf(a, "alias: '%.64s' %s",
			    targets.items[i], syntax_mailbox(targets.items[i]));
	return NULL;
}

static void
keep(void *data, const char *text)
{
	char *out = data;

	snprintf(out, COMPLAINT, "%s", text);
}

static const char *
check_option(
    struct arena *a, enum level level, const char *name, const char *value)
{
	char *wrong = arena_alloc(a, COMPLAINT);

	layer_read(a, level, &name, &value, 1, keep, wrong);
	return *wrong ? wrong : NULL;
}

const char *
scope_check(
    struct arena *a, const char *address, const char *name, const char *value)
{
	const bool mailbox = strchr(address, '@') != NULL;
	const char *wrong = mailbox ? syntax_mailbox(address)
				    : syntax_domain(address);

	if (wrong)
		return arena_printf(a, "'%.64s' %s", address, wrong);
	if (!value)
		return NULL; /* whatever stands there may go */
	if (strlen(value) > VALUE_SIZE)
		return arena_printf(
		    a, "has more than %d bytes", (int)VALUE_SIZE);
	if (mailbox && strcmp(name, "alias") == 0)
		return check_alias(a, address, value);
	return check_option(
	    a, mailbox ? LEVEL_MAILBOX : LEVEL_DOMAIN, name, value);
}
