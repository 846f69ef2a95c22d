/*
 * policyctl_record - cells and brackets
 */
#include "policyctl_record.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/text.h"
#include "conf/hash.h"
#include "conf/syntax.h"
#include "policyctl_origin.h"
#include "scope/scope.h"

enum { COLUMNS = 256 };

/* Of a table; most of its cells are the same, and one was looked at. */
struct column_of {
	const char *name;
	char good[2][64]; /* a value that is right, of a domain, of a mailbox */
};

struct records {
	struct arena *arena;
	enum format format;
	char separator;
	size_t count, address; /* columns, and which has the address */
	struct column_of columns[COLUMNS];
	struct hash *offices; /* of names that are no domain: their domains */
};

struct records *
records_new(struct arena *a, enum format format)
{
	struct records *r = arena_alloc(a, sizeof(*r));

	r->arena = a;
	r->format = format;
	r->offices = hash_new(a);
	return r;
}

/* -- cells -- */

static char *
trim(char *text)
{
	size_t size;

	text += strspn(text, " ");
	for (size = strlen(text); size > 0 && text[size - 1] == ' '; size--)
		text[size - 1] = '\0';
	return text;
}

/* RFC 4180: what is within quotes may have a separator, and a quote twice. */
static char *
quoted_cell(char **rest, char separator, const char **wrong)
{
	char *cell = *rest + 1, *to = cell, *from = cell;

	for (; *from && (*from != '"' || from[1] == '"'); from++) {
		if (*from == '"')
			from++;
		*to++ = *from;
	}
	if (*from != '"')
		*wrong = "a quote does not end";
	else if (from[1] && from[1] != separator)
		*wrong = "something stands behind a quote";
	else
		*rest = from[1] ? from + 2 : NULL;
	*to = '\0';
	return cell;
}

/* The next cell, and moves on; `*rest` NULL at the end. */
static char *
next_cell(char **rest, char separator, const char **wrong)
{
	char *cell, *end;

	*rest += strspn(*rest, " ");
	if (**rest == '"')
		return quoted_cell(rest, separator, wrong);
	cell = *rest;
	end = strchr(cell, separator);
	*rest = end ? end + 1 : NULL;
	if (end)
		*end = '\0';
	return trim(cell);
}

static size_t
cells_of(char *line, char separator, char *cells[COLUMNS], const char **wrong)
{
	size_t n = 0;

	for (char *rest = line; rest && !*wrong; n++) {
		if (n == COLUMNS) {
			*wrong = "it has more than 256 cells";
			break;
		}
		cells[n] = next_cell(&rest, separator, wrong);
	}
	return n;
}

/* -- the head -- */

static const char *
check_column(struct records *r, size_t at)
{
	struct arena *a = r->arena;
	const char *name = r->columns[at].name;

	for (size_t i = 0; i < at; i++)
		if (!strcmp(r->columns[i].name, name))
			return arena_printf(
			    a, "column '%s' is there twice", name);
	if (at == r->address || origin_is_option(name, true))
		return NULL;
	return origin_no_such(a, name, true);
}

static const char *
read_head(struct records *r, char *line)
{
	static const char separators[] = ",;\t";
	const char *wrong = NULL, *at = strpbrk(line, separators);
	char *cells[COLUMNS];

	r->separator = at ? *at : ',';
	r->count = cells_of(line, r->separator, cells, &wrong);
	r->address = COLUMNS;
	for (size_t i = r->count; !wrong && i-- > 0;) {
		r->columns[i].name = text_lower(r->arena, cells[i]);
		if (!strcmp(r->columns[i].name, "address"))
			r->address = i;
	}
	/* Before the others: without it this is no head at all, perhaps. */
	if (!wrong && r->address == COLUMNS)
		wrong = "there is no column 'address' in the head, "
			"which is the first line";
	for (size_t i = 0; i < r->count && !wrong; i++)
		wrong = check_column(r, i);
	return wrong;
}

const char *
records_begin(struct records *r, const char *line, bool *head)
{
	if (r->format == FORMAT_ANY)
		r->format = *line == '[' ? FORMAT_MAILENABLE : FORMAT_CSV;
	*head = r->format == FORMAT_CSV;
	return *head ? read_head(r, arena_strdup(r->arena, line)) : NULL;
}

/* -- a table's line -- */

static const char *
check_address(struct arena *a, const char *address)
{
	return scope_check(a, address, "", NULL);
}

static const char *
check_value(struct arena *a, struct column_of *c, const char *address,
    const char *value)
{
	char *good = c->good[strchr(address, '@') != NULL];
	const size_t size = strlen(value);
	const char *wrong;

	/* What an alias may be depends on whose it is. */
	if (!strcmp(good, value) && strcmp(c->name, "alias") != 0)
		return NULL;
	wrong = scope_check(a, address, c->name, value);
	if (!wrong && size < sizeof(c->good[0]))
		memcpy(good, value, size + 1);
	return wrong;
}

static const char *
read_cells(struct records *r, struct arena *a, char *cells[COLUMNS],
    struct record *out)
{
	const char *wrong;

	out->address = scope_address(a, cells[r->address], "");
	wrong = check_address(a, out->address);
	for (size_t i = 0; i < r->count && !wrong; i++) {
		if (i == r->address || !*cells[i])
			continue;
		out->names[out->count] = r->columns[i].name;
		out->values[out->count] = cells[i];
		if (!strcmp(cells[i], "-"))
			out->values[out->count] = NULL;
		else
			wrong = check_value(
			    a, &r->columns[i], out->address, cells[i]);
		out->count++;
	}
	return wrong;
}

static const char *
read_row(struct records *r, struct arena *a, char *line, struct record *out)
{
	const char *wrong = NULL;
	char *cells[COLUMNS];
	const size_t count = cells_of(line, r->separator, cells, &wrong);

	if (wrong)
		return wrong;
	if (count != r->count)
		return arena_printf(
		    a, "it has %zu cells, the head has %zu", count, r->count);
	out->names = arena_alloc(a, r->count * sizeof(*out->names));
	out->values = arena_alloc(a, r->count * sizeof(*out->values));
	return read_cells(r, a, cells, out);
}

/* -- an address map's line -- */

/* "[SMTP:info@example.com]" as its kind and what is of it; false when it is
 * none. */
static bool
open_bracket(char *text, const char **kind, char **what)
{
	char *colon = strchr(text, ':');
	const size_t size = strlen(text);

	if (*text != '[' || !colon || text[size - 1] != ']')
		return false;
	text[size - 1] = *colon = '\0';
	*kind = text + 1;
	*what = colon + 1;
	return true;
}

/* The domain that a post office' mailboxes have. */
static const char *
domain_of(
    struct records *r, struct arena *a, const char *office, const char *address)
{
	const char *name = text_lower(a, office);
	void **kept;

	if (strchr(name, '.') && !syntax_domain(name))
		return name;
	kept = hash_put(r->offices, name, strlen(name));
	if (!*kept)
		*kept = arena_strdup(r->arena, strrchr(address, '@') + 1);
	return *kept;
}

static void
set(struct record *out, struct arena *a, const char *name, const char *value)
{
	out->count = 1;
	out->names = arena_alloc(a, sizeof(*out->names));
	out->values = arena_alloc(a, sizeof(*out->values));
	out->names[0] = name;
	out->values[0] = value;
}

/* To an address; its own is no alias. */
static const char *
lead_to(struct arena *a, struct record *out, const char *target)
{
	const char *address = scope_address(a, target, "");

	if (!strcmp(address, out->address))
		return NULL;
	set(out, a, "alias", address);
	return scope_check(a, out->address, "alias", address);
}

static const char *
read_target(struct records *r, struct arena *a, struct record *out,
    const char *kind, char *what)
{
	char *slash = strchr(what, '/');

	if (!strcasecmp(kind, "SMTP"))
		return lead_to(a, out, what);
	if (strcasecmp(kind, "SF") != 0)
		return NULL; /* a list, say: the address exists, and no more */
	if (!slash || slash == what || !slash[1])
		return "[SF:...] has no post office and mailbox";
	*slash = '\0';
	return lead_to(a, out,
	    arena_printf(
		a, "%s@%s", slash + 1, domain_of(r, a, what, out->address)));
}

static const char *
read_mapping(struct records *r, struct arena *a, char *line, struct record *out)
{
	char *from = strsep(&line, "\t"), *to = strsep(&line, "\t"), *what;
	const char *kind, *wrong;

	if (!to || !open_bracket(from, &kind, &what))
		return "it is not [SMTP:address] TAB [SF:PostOffice/Mailbox]";
	if (strcasecmp(kind, "SMTP") != 0)
		return NULL;
	out->address = scope_address(a, what + !strncmp(what, "*@", 2), "");
	if (*out->address == '@') {
		out->address++;
		set(out, a, "mailbox.catch_all", "yes");
		return check_address(a, out->address);
	}
	wrong = check_address(a, out->address);
	if (!wrong && !strchr(out->address, '@'))
		wrong = "the address has no user";
	if (!wrong && !open_bracket(to, &kind, &what))
		wrong = "the second column is not [SF:PostOffice/Mailbox]";
	return wrong ? wrong : read_target(r, a, out, kind, what);
}

const char *
records_read(struct records *r, struct arena *a, char *line, struct record *out)
{
	*out = (struct record){ 0 };
	return r->format == FORMAT_CSV ? read_row(r, a, line, out)
				       : read_mapping(r, a, line, out);
}
