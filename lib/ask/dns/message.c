/*
 * message - a reader that is always within its bytes
 */
#include "ask/dns/message.h"

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"

enum {
	HEADER = 12,
	NAME = 255, /* bytes of a name on the wire */
	LABEL = 63,
	CNAME = 5,
	SOA = 6,
	INTERNET = 1,
	RESPONSE = 0x8000, /* flags */
	OPCODE = 0x7800,
	CODE = 0x000f,
	NXDOMAIN = 3
};

/* `left` is false as soon as more was wanted than there is. */
struct reader {
	const unsigned char *data;
	size_t size, at;
	bool sound;
};

struct name {
	char text[NAME + 1]; /* lower case, dots between labels */
	bool odd; /* a byte in it that nobody asks for: `text` is cut there */
};

struct rr {
	struct name owner;
	unsigned type, class;
	uint32_t ttl;
	size_t at, size; /* of its data */
};

static unsigned
take8(struct reader *r)
{
	if (!r->sound || r->at >= r->size) {
		r->sound = false;
		return 0;
	}
	return r->data[r->at++];
}

static unsigned
take16(struct reader *r)
{
	const unsigned high = take8(r);

	return high << 8 | take8(r);
}

static uint32_t
take32(struct reader *r)
{
	const uint32_t high = take16(r);

	return high << 16 | take16(r);
}

static void
skip(struct reader *r, size_t size)
{
	if (!r->sound || r->size - r->at < size)
		r->sound = false;
	else
		r->at += size;
}

/* -- names -- */

static void
add_byte(struct name *n, size_t *used, unsigned byte)
{
	if (byte < ' ' || byte > '~' || byte == '.')
		n->odd = true;
	if (byte >= 'A' && byte <= 'Z')
		byte += 'a' - 'A';
	if (*used < NAME && !n->odd)
		n->text[(*used)++] = (char)byte;
}

static void
add_label(struct reader *r, struct name *n, size_t *used, size_t size)
{
	if (*used > 0 && *used < NAME && !n->odd)
		n->text[(*used)++] = '.';
	while (size-- > 0 && r->sound)
		add_byte(n, used, take8(r));
}

/* Pointers lead back only (4.1.4), so none can lead in circles. */
static struct name
take_name(struct reader *r)
{
	struct reader from = *r;
	struct name n = { .odd = false };
	size_t used = 0, total = 0, before = r->at;
	bool jumped = false;

	for (;;) {
		const unsigned size = take8(&from);

		if (size >= 0xc0) {
			const size_t to = (size & 0x3f) << 8 | take8(&from);

			if (!jumped)
				r->at = from.at;
			jumped = true;
			if (to >= before)
				from.sound = false;
			before = from.at = to;
		} else if (size > LABEL) {
			from.sound = false;
		} else {
			total += size + 1;
			if (size == 0 || total > NAME)
				break;
			add_label(&from, &n, &used, size);
		}
		if (!from.sound)
			break;
	}
	if (!jumped)
		r->at = from.at;
	r->sound = from.sound && total <= NAME;
	n.text[used] = '\0';
	return n;
}

static bool
same_name(const struct name *n, const char *name)
{
	return !n->odd && strcmp(n->text, name) == 0;
}

/* -- records -- */

static struct rr
take_rr(struct reader *r)
{
	struct rr rr = { .owner = take_name(r) };

	rr.type = take16(r);
	rr.class = take16(r);
	rr.ttl = take32(r);
	if (rr.ttl > INT32_MAX)
		rr.ttl = 0; /* RFC 2181, 8 */
	rr.size = take16(r);
	rr.at = r->at;
	skip(r, rr.size);
	return rr;
}

/* The data of `rr`, and nothing behind it; names in it may point back. */
static struct reader
data_of(const struct reader *r, const struct rr *rr)
{
	return (struct reader){ r->data, rr->at + rr->size, rr->at, true };
}

static bool
read_bytes(
    struct arena *a, struct reader *d, size_t size, struct dns_record *out)
{
	if (d->size - d->at != size)
		return false;
	out->data = arena_memdup(a, d->data + d->at, size);
	out->size = size;
	return true;
}

static bool
read_text(struct arena *a, struct reader *d, struct dns_record *out)
{
	char *text = arena_take(a, d->size - d->at + 1);

	out->data = text;
	out->size = 0;
	while (d->at < d->size) {
		const size_t size = take8(d), at = d->at;

		skip(d, size);
		if (!d->sound)
			return false;
		memcpy(text + out->size, d->data + at, size);
		out->size += size;
	}
	text[out->size] = '\0';
	return true;
}

static bool
read_host(struct arena *a, struct reader *d, struct dns_record *out)
{
	const struct name n = take_name(d);

	if (!d->sound || n.odd || strpbrk(n.text, " \\"))
		return false;
	out->data = arena_strdup(a, n.text);
	out->size = strlen(n.text);
	return true;
}

/* False for one that is left out. */
static bool
read_record(struct arena *a, const struct reader *r, const struct rr *rr,
    struct dns_record *out)
{
	struct reader d = data_of(r, rr);

	*out = (struct dns_record){ 0 };
	switch (rr->type) {
	case DNS_A:
		return read_bytes(a, &d, 4, out);
	case DNS_AAAA:
		return read_bytes(a, &d, 16, out);
	case DNS_TXT:
		return read_text(a, &d, out);
	case DNS_MX:
		out->preference = (uint16_t)take16(&d);
		return read_host(a, &d, out);
	default:
		return read_host(a, &d, out);
	}
}

/* -- the message -- */

struct section {
	size_t count;
	struct rr *items;
};

static struct section
take_section(struct arena *a, struct reader *r, size_t count)
{
	struct section s = { 0 };

	if (count > r->size / 11) /* the smallest has 11 bytes */
		r->sound = false;
	if (!r->sound)
		return s;
	s.items = arena_take(a, (count + 1) * sizeof(*s.items));
	while (s.count < count && r->sound)
		s.items[s.count++] = take_rr(r);
	return s;
}

static void
least(uint32_t *ttl, uint32_t other)
{
	if (other < *ttl)
		*ttl = other;
}

static const struct rr *
find(const struct section *s, const char *name, unsigned type)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->items[i].type == type && s->items[i].class == INTERNET &&
		    same_name(&s->items[i].owner, name))
			return &s->items[i];
	return NULL;
}

/* Where the CNAMEs of `name` end; NULL when they do not, or in nonsense. */
static const char *
follow(struct arena *a, const struct reader *r, const struct section *s,
    const char *name, uint32_t *ttl)
{
	for (int i = 0; i <= DNS_CNAMES; i++) {
		const struct rr *rr = find(s, name, CNAME);
		struct reader d;
		struct name to;

		if (!rr)
			return name;
		least(ttl, rr->ttl);
		d = data_of(r, rr);
		to = take_name(&d);
		if (!d.sound || to.odd)
			return NULL;
		name = arena_strdup(a, to.text);
	}
	return NULL;
}

static void
collect(struct arena *a, const struct reader *r, const struct section *s,
    const char *name, unsigned type, struct dns_message *out)
{
	struct dns_record *records = arena_take(
	    a, (s->count + 1) * sizeof(*records));

	for (size_t i = 0; i < s->count && out->count < DNS_RECORDS; i++) {
		const struct rr *rr = &s->items[i];

		if (rr->type != type || rr->class != INTERNET ||
		    !same_name(&rr->owner, name))
			continue;
		least(&out->ttl, rr->ttl);
		if (read_record(a, r, rr, &records[out->count]))
			out->count++;
	}
	out->records = records;
}

/* RFC 2308, 5: how long it holds that there is nothing. */
static uint32_t
negative_ttl(const struct reader *r, const struct section *authority)
{
	uint32_t ttl = DNS_NEGATIVE;

	for (size_t i = 0; i < authority->count; i++) {
		const struct rr *rr = &authority->items[i];
		struct reader d = data_of(r, rr);

		if (rr->type != SOA)
			continue;
		least(&ttl, rr->ttl);
		take_name(&d);
		take_name(&d);
		skip(&d, 16); /* serial, refresh, retry, expire */
		least(&ttl, take32(&d));
		return d.sound ? ttl : 0;
	}
	return 0;
}

static enum dns_outcome
read_answer(struct arena *a, struct reader *r, enum dns_type type,
    const char *name, const unsigned counts[3], unsigned code,
    struct dns_message *out)
{
	const struct section answers = take_section(a, r, counts[1]);
	const struct section authority = take_section(a, r, counts[2]);

	/* Cut short: what is there is not all. */
	if (!r->sound)
		return DNS_NONSENSE;
	out->ttl = UINT32_MAX;
	name = follow(a, r, &answers, name, &out->ttl);
	if (!name) {
		out->ttl = 0;
		return DNS_NONSENSE;
	}
	collect(a, r, &answers, name, type, out);
	if (out->count > 0)
		return DNS_FOUND;
	least(&out->ttl, negative_ttl(r, &authority));
	return code == NXDOMAIN ? DNS_NO_NAME : DNS_NO_DATA;
}

/* That it is an answer, and to this question. */
static bool
take_question(
    struct reader *r, unsigned count, enum dns_type type, const char *name)
{
	const struct name asked = take_name(r);
	const unsigned asked_type = take16(r), class = take16(r);

	return r->sound && count == 1 && asked_type == (unsigned)type &&
	    class == INTERNET && same_name(&asked, name);
}

void
dns_message(struct arena *a, const unsigned char *data, size_t size,
    enum dns_type type, const char *name, struct dns_message *out)
{
	struct reader r = { data, size, 0, true };
	unsigned flags, code, counts[3];

	*out = (struct dns_message){ .outcome = DNS_NONSENSE };
	skip(&r, 2); /* its number is c-ares' to compare */
	flags = take16(&r);
	code = flags & CODE;
	for (int i = 0; i < 3; i++)
		counts[i] = take16(&r);
	skip(&r, 2);
	if (!r.sound || !(flags & RESPONSE) || (flags & OPCODE))
		return;
	if (code != 0 && code != NXDOMAIN)
		out->outcome = DNS_FAILED;
	else if (take_question(&r, counts[0], type, name))
		out->outcome = read_answer(
		    a, &r, type, name, counts, code, out);
}

const char *
dns_type_name(enum dns_type t)
{
	switch (t) {
	case DNS_A:
		return "A";
	case DNS_PTR:
		return "PTR";
	case DNS_MX:
		return "MX";
	case DNS_TXT:
		return "TXT";
	case DNS_AAAA:
		return "AAAA";
	default:
		return "none";
	}
}
