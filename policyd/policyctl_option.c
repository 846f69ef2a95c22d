/*
 * policyctl_option - reading options, and what to say about a wrong one
 */
#include "policyctl_option.h"

#include <assert.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "policyctl.h"

static int
wrong_option(const struct option *options, const char *word)
{
	const char *hint = nearest(
	    word + strspn(word, "-"), options, sizeof(*options));

	for (; options->name; options++)
		if (!strcmp(options->name, word + strspn(word, "-")) ||
		    (word[1] == options->val && !word[2]))
			return fail(EX_USAGE, "%s: its value is missing", word);
	if (hint)
		return fail(EX_USAGE,
		    "unknown option '%s': did you mean '--%s'?", word, hint);
	return fail(EX_USAGE, "unknown option '%s'", word);
}

/* As getopt(3) wants them. */
static void
add_letter(char *letters, const struct option_row *r)
{
	const char more[] = { r->letter, r->has_value ? ':' : '\0', '\0' };

	strcat(letters, more);
}

static int
place_of(const struct option *options, int letter)
{
	int at = 0;

	while (options[at].val != letter)
		at++;
	return at;
}

int
options_read(const struct option_row *rows, unsigned known, void *into,
    int *argc, char ***argv)
{
	struct option options[OPTION_ROWS + 1] = { 0 };
	const struct option_row *row_of[OPTION_ROWS];
	char letters[2 * OPTION_ROWS + 1] = "";
	int count = 0, option, at = 0, status;

	for (const struct option_row *r = rows; r->name; r++)
		if (r->of & known) {
			assert(count < OPTION_ROWS);
			row_of[count] = r;
			options[count++] = (struct option){ r->name,
				r->has_value, NULL, r->letter ? r->letter : 1 };
			add_letter(letters, r);
		}
	optind = 0; /* main has read options too */
	opterr = 0;
	while (
	    (option = getopt_long(*argc, *argv, letters, options, &at)) != -1) {
		if (option == '?')
			return wrong_option(options, (*argv)[optind - 1]);
		if (option != 1)
			at = place_of(options, option);
		status = row_of[at]->read(into, optarg);
		if (status != EX_OK)
			return status;
	}
	*argc -= optind;
	*argv += optind;
	return EX_OK;
}

int
option_number(const char *name, const char *text, long long *out)
{
	char *end;

	*out = strtoll(text, &end, 10);
	if (end == text || *end || *out < 0)
		return fail(EX_USAGE, "--%s: '%s' is no number", name, text);
	return EX_OK;
}
