/*
 * expand - a reply's template becomes the text a client reads
 *
 * One pass: what a name expands to is never looked at again, so no sender can
 * smuggle in a template. What comes out is printable ASCII on one line, at
 * most REPLY_TEXT bytes: Postfix puts its own prefix before it, and an SMTP
 * reply has 512 bytes.
 */
#include "engine/work.h"

#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/text.h"

struct text {
	char bytes[REPLY_TEXT + 1];
	size_t used, limit;
};

static void
add(struct text *t, const char *s)
{
	for (; *s && t->used < t->limit; s++)
		t->bytes[t->used++] = *s >= ' ' && *s <= '~' ? *s : '?';
}

/* Of a template: printable, lib/conf has looked at it. */
static void
add_plain(struct text *t, const char *s, size_t size)
{
	if (size > t->limit - t->used)
		size = t->limit - t->used;
	memcpy(t->bytes + t->used, s, size);
	t->used += size;
}

static void
add_decimal(struct text *t, int64_t number)
{
	char digits[TEXT_DIGITS];
	const char *end = text_number(
	    digits, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);

	if (number < 0)
		add_plain(t, "-", 1);
	add_plain(t, digits, (size_t)(end - digits));
}

/* "5 minutes", "1 hour": the largest unit that divides it, or seconds. */
static void
add_duration(struct text *t, int64_t seconds)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = { { 86400, " day" }, { 3600, " hour" }, { 60, " minute" },
		{ 1, " second" } };
	size_t i = 0;

	while (seconds % units[i].seconds != 0 || seconds < units[i].seconds)
		if (units[++i].seconds == 1)
			break;
	seconds /= units[i].seconds;
	add_decimal(t, seconds);
	add(t, units[i].name);
	if (seconds != 1)
		add(t, "s");
}

static void
add_number(struct text *t, const char *name, int64_t number)
{
	if (strcmp(name, "wait") == 0)
		add_duration(t, number);
	else
		add_decimal(t, number);
}

/* MailEnable's form; its readers are used to it. */
static const char *
now_text(const struct work *w)
{
	char s[32];
	time_t now = (time_t)w->req->unix_time;
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(s, sizeof(s), "%m/%d/%y %H:%M:%S", &tm);
	return arena_strdup(w->req->arena, s);
}

static void
add_value(struct text *t, const struct work *w, const char *name)
{
	const struct verdict *v = w->decision.verdict;

	for (unsigned i = 0; i < v->count; i++)
		if (strcmp(v->details[i].name, name) == 0) {
			if (v->details[i].text)
				add(t, v->details[i].text);
			else
				add_number(t, name, v->details[i].number);
			return;
		}
	if (strcmp(name, "ip") == 0)
		add(t, w->req->client_address);
	else if (strcmp(name, "time") == 0)
		add(t, now_text(w));
	else if (strcmp(name, "host") == 0)
		add(t, w->req->conf->host);
	else if (strcmp(name, "service") == 0)
		add(t, w->req->conf->service);
	else if (strcmp(name, "version") == 0)
		add(t, VERSION);
	else if (strcmp(name, "check") == 0 && w->decision.check)
		add(t, w->decision.check->name);
	else if (strcmp(name, "id") == 0)
		add(t, w->decision.id);
}

/* Where the next name begins, NULL when there is none. */
static const char *
find_name(const char *text)
{
	const char *p = strchr(text, '%');

	while (p && p[1] != '{')
		p = strchr(p + 1, '%');
	return p;
}

static char *
expand_text(const struct work *w, const char *text)
{
	const char *tail = w->req->conf->reply_ids
	    ? arena_printf(w->req->arena, " (%s)", w->decision.id)
	    : "";
	struct text t;
	const char *p, *from, *end;

	t.used = 0;
	t.limit = REPLY_TEXT - strlen(tail);
	for (p = text; (from = find_name(p)) && (end = strchr(from, '}'));
	     p = end + 1) {
		add_plain(&t, p, (size_t)(from - p));
		add_value(&t, w,
		    arena_memdup(
			w->req->arena, from + 2, (size_t)(end - from - 2)));
	}
	add_plain(&t, p, strlen(p));
	t.limit = REPLY_TEXT;
	add(&t, tail);
	return arena_memdup(w->req->arena, t.bytes, t.used);
}

/* Most texts name nothing, and are said as they were written. */
void
expand(struct work *w, enum reply_name name)
{
	const struct conf *conf = w->req->conf;
	struct reply *r = &w->decision.reply;

	*r = conf->replies[name];
	if (conf->reply_ids || find_name(r->text))
		r->text = expand_text(w, r->text);
}

/* Eight letters that are not mistaken for one another, from a number that no
 * two requests of a process share. The multiplier is odd, so that the step is
 * a permutation of 40 bits, and neighbours look unlike. */
void
expand_id(struct work *w, uint64_t number)
{
	static const char letters[] = "23456789abcdefghjkmnpqrstuvwxyz0";
	char *id = w->decision.id; /* cleared with all of it */

	number = (number * 0x9e3779b97f4a7c15u) & ((UINT64_C(1) << 40) - 1);
	for (int i = 0; i < DECISION_ID - 1; i++) {
		id[i] = letters[number & 31];
		number >>= 5;
	}
}
