/*
 * Whose limits a message meets, and how large it may be in the end.
 */
#include "checks/checks.h"

#include "base/arena.h"
#include "kit/judged.h"
#include "kit/suite.h"

enum { KB = 1000 };

/* Settings of three: the server, the recipient jo@example.net, and the login
 * anna@example.org. Each observes or enforces its own. */
struct play {
	struct judged *s;
	struct settings of_recipient, of_login;
};

static struct play *begin(enum request_class class)
{
	struct judged *s = judged_begin();
	struct play *p = arena_alloc(s->arena, sizeof(*p));

	p->s = s;
	p->of_login.size.policy.mode = MODE_ENFORCE;
	p->of_recipient.size.policy.mode = MODE_ENFORCE;
	s->set.size.policy.mode = MODE_ENFORCE;
	s->set.size.policy.decided_by = LEVEL_MAILBOX;
	s->recipient.set = &p->of_recipient;
	s->req.class = class;
	if (class == AUTHENTICATED) {
		s->login = judged_scope(s, "anna@example.org");
		s->login.set = &p->of_login;
	}
	return p;
}

/* Another recipient; "" for none, or several. */
static void
to(struct play *p, const char *recipient, bool local)
{
	struct judged *s = p->s;

	s->req.recipient = recipient;
	s->recipient = judged_scope(s, recipient);
	s->recipient.local = local;
	if (local)
		s->recipient.set = &p->of_recipient;
}

static const char *
at(struct play *p, enum stage stage, const char *size)
{
	p->s->req.stage = stage;
	p->s->req.size = size;
	return judged_says(p->s, &check_size);
}

#define TO_JO "refuse size size=1001 limit=1000 which=inbound of=jo@example.net"
#define BY_ANNA                                                                \
	"refuse size size=1001 limit=1000 which=outbound of=anna@example.org"
#define INWARDS "refuse size size=1001 limit=1000 which=inbound"
#define OUTWARDS "refuse size size=1001 limit=1000 which=outbound"

struct row {
	const char *name;
	enum request_class class;
	int64_t to_jo, by_anna, server_in, server_out;
	bool elsewhere; /* to jo@example.com, who is not ours */
	const char *size, *says;
};

static const struct row rows[] = {
	{ "a message of the size that jo allows passes", INBOUND, KB,
	    .size = "1000", .says = "pass" },
	{ "a larger one is refused", INBOUND, KB, .size = "1001",
	    .says = TO_JO },
	{ "jo's limit counts, and not the server's", INBOUND, 0,
	    .server_in = KB, .size = "1001", .says = "pass" },
	{ "who writes to others as a stranger meets the server's", INBOUND,
	    .server_in = KB, .elsewhere = true, .size = "1001",
	    .says = INWARDS " of=jo@example.com" },
	{ "a login's limit counts too", AUTHENTICATED, .by_anna = KB,
	    .size = "1001", .says = BY_ANNA },
	{ "wherever she writes to", AUTHENTICATED, .by_anna = KB,
	    .elsewhere = true, .size = "1001", .says = BY_ANNA },
	{ "to jo both count", AUTHENTICATED, KB, 2 * KB, .size = "1001",
	    .says = TO_JO },
	{ "and the stricter is named", AUTHENTICATED, 2 * KB, KB,
	    .size = "2001",
	    .says = "refuse size size=2001 limit=1000 which=outbound "
		    "of=anna@example.org" },
	{ "to others the inbound limits do not", AUTHENTICATED, KB, 0, KB,
	    .elsewhere = true, .size = "1001", .says = "pass" },
	{ "a trusted client's mail to jo is inbound", TRUSTED, KB,
	    .size = "1001", .says = TO_JO },
	{ "not outbound", TRUSTED, .server_out = KB, .size = "1001",
	    .says = "pass" },
	{ "and to others outbound", TRUSTED, .server_out = KB,
	    .elsewhere = true, .size = "1001", .says = OUTWARDS },
	{ "not inbound", TRUSTED, KB, .server_in = KB, .elsewhere = true,
	    .size = "1001", .says = "pass" },
	{ "what is not declared passes", INBOUND, KB, .size = "",
	    .says = "pass" },
	{ "nor is a size of 0 declared", INBOUND, KB, .size = "0",
	    .says = "pass" },
	{ "nor is one that is no number", INBOUND, KB, .size = "-1",
	    .says = "pass" },
	{ "an absurd one is too large", INBOUND, KB,
	    .size = "99999999999999999999",
	    .says = "refuse size size=9223372036854775807 limit=1000 "
		    "which=inbound of=jo@example.net" },
};

static struct play *
of_row(const struct row *row)
{
	struct play *p = begin(row->class);

	p->of_recipient.size.inbound = row->to_jo;
	p->of_login.size.outbound = row->by_anna;
	p->s->set.size.inbound = row->server_in;
	p->s->set.size.outbound = row->server_out;
	if (row->elsewhere)
		to(p, "jo@example.com", false);
	else
		to(p, "jo@example.net", true);
	return p;
}

static void
declared(void **state)
{
	const struct row *row = *state;
	struct play *p = of_row(row);

	assert_string_equal(at(p, AT_RCPT, row->size), row->says);
	judged_end(p->s);
}

/* A single recipient is told at the end again. */
static void
real(void **state)
{
	const struct row *row = *state;
	struct play *p = of_row(row);

	assert_string_equal(at(p, AT_END_OF_MESSAGE, row->size), row->says);
	assert_string_equal(at(p, AT_DATA, row->size), row->says);
	assert_null(p->s->new_charges);
	judged_end(p->s);
}

/* Or it is one of several. */
static void
remembered(void **state)
{
	const struct row *row = *state;
	struct play *p = of_row(row);

	assert_string_equal(at(p, AT_RCPT, "0"), "pass");
	judged_accepted(p->s);
	to(p, "", false);
	assert_string_equal(at(p, AT_END_OF_MESSAGE, row->size), row->says);
	judged_end(p->s);
}

struct mail_row {
	const char *name;
	enum request_class class;
	enum level decided_by;
	const char *says; /* of 1001 bytes; all limits are 1000 */
};

static const struct mail_row mail_rows[] = {
	{ "at MAIL a login's limit is known", AUTHENTICATED, LEVEL_MAILBOX,
	    BY_ANNA },
	{ "a recipient's is not", INBOUND, LEVEL_MAILBOX, "pass" },
	{ "nor when only domains decide", INBOUND, LEVEL_DOMAIN, "pass" },
	{ "but when the server decides for all", INBOUND, LEVEL_SERVER,
	    INWARDS },
	{ "where a trusted client's mail goes is not", TRUSTED, LEVEL_SERVER,
	    "pass" },
};

static struct play *
of_mail_row(const struct mail_row *row)
{
	struct play *p = begin(row->class);

	p->of_login.size.outbound = KB;
	p->s->set.size.inbound = p->s->set.size.outbound = KB;
	p->s->set.size.policy.decided_by = row->decided_by;
	to(p, "", false);
	return p;
}

static void
at_mail(void **state)
{
	const struct mail_row *row = *state;
	struct play *p = of_mail_row(row);

	assert_string_equal(at(p, AT_MAIL, "1001"), row->says);
	assert_null(p->s->new_charges);
	judged_end(p->s);
}

static void
of_several_the_strictest_limit_counts(void **state)
{
	struct play *p = begin(INBOUND);

	(void)state;
	for (int64_t kb = 5; kb > 0; kb--) {
		p->of_recipient.size.inbound = kb % 3 * KB; /* 2 1 0 2 1 */
		to(p, kb % 3 == 1 ? "jo@example.net" : "xy@example.net", true);
		assert_string_equal(at(p, AT_RCPT, "10"), "pass");
		judged_accepted(p->s);
	}
	to(p, "", false);
	assert_string_equal(at(p, AT_END_OF_MESSAGE, "1000"), "pass");
	assert_string_equal(at(p, AT_END_OF_MESSAGE, "1001"), TO_JO);
	judged_end(p->s);
}

static void
who_was_refused_limits_nobody(void **state)
{
	struct play *p = begin(INBOUND);

	(void)state;
	p->of_recipient.size.inbound = 2 * KB;
	to(p, "xy@example.net", true);
	at(p, AT_RCPT, "1500");
	judged_accepted(p->s);
	p->of_recipient.size.inbound = KB;
	to(p, "jo@example.net", true);
	at(p, AT_RCPT, "1500");
	judged_refused(p->s);
	to(p, "", false);
	assert_string_equal(at(p, AT_END_OF_MESSAGE, "1500"), "pass");
	judged_end(p->s);
}

static void
a_limit_that_is_not_stricter_is_not_kept(void **state)
{
	struct play *p = begin(INBOUND);

	(void)state;
	p->of_recipient.size.inbound = KB;
	for (int i = 0; i < 3; i++) {
		to(p, "jo@example.net", true);
		at(p, AT_RCPT, "10");
		assert_int_equal(p->s->new_charges != NULL, i == 0);
		judged_accepted(p->s);
	}
	judged_end(p->s);
}

static void
nor_is_one_that_binds_nobody(void **state)
{
	struct play *p = begin(INBOUND);

	(void)state;
	to(p, "jo@example.net", true);
	at(p, AT_RCPT, "10");
	assert_null(p->s->new_charges);
	p->of_recipient.size.inbound = KB;
	p->of_recipient.size.policy.mode = MODE_OFF;
	at(p, AT_RCPT, "10");
	assert_null(p->s->new_charges);
	judged_end(p->s);
}

static void
a_dry_run_keeps_none(void **state)
{
	struct play *p = begin(INBOUND);

	(void)state;
	p->s->req.dry = true;
	p->of_recipient.size.inbound = KB;
	assert_string_equal(at(p, AT_RCPT, "1001"), TO_JO);
	assert_null(p->s->new_charges);
	judged_end(p->s);
}

static void
of_several_that_nobody_told_the_servers_limit_holds(void **state)
{
	struct play *p = begin(INBOUND);

	(void)state;
	p->s->set.size.inbound = KB;
	to(p, "", false);
	assert_string_equal(at(p, AT_END_OF_MESSAGE, "1001"), INWARDS);
	judged_end(p->s);
}

static void
but_not_of_several_that_have_none(void **state)
{
	struct play *p = begin(INBOUND);

	(void)state;
	p->s->set.size.inbound = KB;
	to(p, "jo@example.net", true);
	at(p, AT_RCPT, "10");
	judged_accepted(p->s);
	to(p, "", false);
	assert_string_equal(at(p, AT_END_OF_MESSAGE, "1001"), "pass");
	judged_end(p->s);
}

struct mode_row {
	const char *name;
	enum mode to_jo, by_anna;
	const char *size, *says;
	enum mode mode; /* of the verdict */
};

/* jo allows 1000, anna 2000. */
static const struct mode_row mode_rows[] = {
	{ "a limit of a scope that is off is none", MODE_OFF, MODE_OFF, "9999",
	    "pass", 0 },
	{ "one that is observed says that it is", MODE_OBSERVE, MODE_ENFORCE,
	    "1001", TO_JO, MODE_OBSERVE },
	{ "one that is enforced goes before it, if it is exceeded",
	    MODE_OBSERVE, MODE_ENFORCE, "2001",
	    "refuse size size=2001 limit=2000 which=outbound "
	    "of=anna@example.org",
	    MODE_ENFORCE },
	{ "a login's limit needs no mode of the recipient", MODE_OFF,
	    MODE_ENFORCE, "2001",
	    "refuse size size=2001 limit=2000 which=outbound "
	    "of=anna@example.org",
	    MODE_ENFORCE },
	{ "nor a recipient's one of the login", MODE_ENFORCE, MODE_OFF, "1001",
	    TO_JO, MODE_ENFORCE },
};

static void
policy_is(struct play *p, enum mode mode)
{
	const struct verdict v = judged_verdict(p->s, &check_size);

	if (mode == MODE_OFF)
		assert_null(v.policy);
	else
		assert_int_equal(v.policy->mode, mode);
}

static void
each_has_its_mode(void **state)
{
	const struct mode_row *row = *state;
	struct play *p = begin(AUTHENTICATED);

	p->of_recipient.size.policy.mode = row->to_jo;
	p->of_recipient.size.inbound = KB;
	p->of_login.size.policy.mode = row->by_anna;
	p->of_login.size.outbound = 2 * KB;
	to(p, "jo@example.net", true);
	assert_string_equal(at(p, AT_RCPT, row->size), row->says);
	policy_is(p, row->mode);
	judged_accepted(p->s);
	to(p, "", false);
	p->s->set.size.policy.mode = MODE_OFF;
	assert_string_equal(at(p, AT_END_OF_MESSAGE, row->size), row->says);
	policy_is(p, row->mode);
	judged_end(p->s);
}

struct loss_row {
	const char *name;
	struct policy to_jo, by_anna;
	enum loss of_jo, of_anna;
	const char *size, *says;
	enum mode mode; /* of the verdict */
};

#define OFF                                                                    \
	{                                                                      \
		MODE_OFF, FAILURE_DEFER, LEVEL_MAILBOX                         \
	}
#define OBSERVED                                                               \
	{                                                                      \
		MODE_OBSERVE, FAILURE_DEFER, LEVEL_MAILBOX                     \
	}
#define ENFORCED                                                               \
	{                                                                      \
		MODE_ENFORCE, FAILURE_ACCEPT, LEVEL_MAILBOX                    \
	}

/* jo allows 1000, anna 2000, by the file. */
static const struct loss_row loss_rows[] = {
	{ "without Redis a recipient may allow less", ENFORCED, OFF, LOSS_DOWN,
	    0, "1000", "unknown down", MODE_ENFORCE },
	{ "and a login", OFF, ENFORCED, 0, LOSS_DOWN, "1000", "unknown down",
	    MODE_ENFORCE },
	{ "what the file does not allow is too large", ENFORCED, OFF, LOSS_DOWN,
	    0, "1001", TO_JO, MODE_ENFORCE },
	{ "where it is off for both nobody cares", OFF, OFF, LOSS_DOWN,
	    LOSS_DOWN, "9999", "pass", 0 },
	{ "of two that are lost the graver counts", OBSERVED, ENFORCED,
	    LOSS_DOWN, LOSS_TIMEOUT, "1000", "unknown timeout", MODE_ENFORCE },
};

static void
without_Redis(void **state)
{
	const struct loss_row *row = *state;
	struct play *p = begin(AUTHENTICATED);

	p->of_recipient.size.policy = row->to_jo;
	p->of_recipient.size.inbound = KB;
	p->of_login.size.policy = row->by_anna;
	p->of_login.size.outbound = 2 * KB;
	to(p, "jo@example.net", true);
	p->s->recipient.loss = row->of_jo;
	p->s->login.loss = row->of_anna;
	assert_string_equal(at(p, AT_RCPT, row->size), row->says);
	policy_is(p, row->mode);
	judged_end(p->s);
}

static void
it_is_judged_for_everybody_by_the_scopes_of_both_sides(void **state)
{
	(void)state;
	assert_int_equal(
	    check_size.stages, AT_MAIL | AT_RCPT | AT_DATA | AT_END_OF_MESSAGE);
	assert_int_equal(check_size.classes, INBOUND | AUTHENTICATED | TRUSTED);
	assert_int_equal(check_size.tier, TIER_LOCAL);
	assert_int_equal(check_size.flags, OWN_POLICY);
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, declared);
	SUITE_ROWS(&s, rows, real);
	SUITE_ROWS(&s, rows, remembered);
	SUITE_ROWS(&s, mail_rows, at_mail);
	SUITE_TEST(&s, of_several_the_strictest_limit_counts);
	SUITE_TEST(&s, who_was_refused_limits_nobody);
	SUITE_TEST(&s, a_limit_that_is_not_stricter_is_not_kept);
	SUITE_TEST(&s, nor_is_one_that_binds_nobody);
	SUITE_TEST(&s, a_dry_run_keeps_none);
	SUITE_TEST(&s, of_several_that_nobody_told_the_servers_limit_holds);
	SUITE_TEST(&s, but_not_of_several_that_have_none);
	SUITE_ROWS(&s, mode_rows, each_has_its_mode);
	SUITE_ROWS(&s, loss_rows, without_Redis);
	SUITE_TEST(&s, it_is_judged_for_everybody_by_the_scopes_of_both_sides);
	return suite_run(&s, "size");
}
