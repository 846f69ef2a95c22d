/*
 * sender - what is left of a sender when the changing parts are folded
 */
#include "checks/sender.h"

#include <string.h>

#include "base/arena.h"
#include "kit/suite.h"

struct row {
	const char *name, *sender, *canonical;
};

// clang-format off
static const struct row rows[] = {
	/* Ordinary people */
	{ "an ordinary address stays", "anna@example.org", "anna@example.org" },
	{ "letter case does not matter", "Anna.Berg@Example.ORG", "anna.berg@example.org" },
	{ "a dot behind the domain does not matter", "anna@example.org.", "anna@example.org" },
	{ "a name of hex digits alone is a name", "abba@example.org", "abba@example.org" },
	{ "a long name without digits stays", "bartholomaeus.feldmann@example.org", "bartholomaeus.feldmann@example.org" },
	{ "a long name of hex letters stays", "deadbeefcafe@example.org", "deadbeefcafe@example.org" },
	{ "the year of birth behind a name is folded, the name stays", "anna1985@example.org", "anna#@example.org" },
	{ "a long name with a year is still a name", "johannasebastian1985@example.org", "johannasebastian#@example.org" },
	{ "digits within a name are folded in place", "peter2paul@example.org", "peter#paul@example.org" },
	{ "short words with a digit are words", "b2b.sales@example.org", "b#b.sales@example.org" },
	{ "a mailbox that is a number stays", "281330800@example.cn", "281330800@example.cn" },
	{ "a telephone number stays", "015112345678@example.net", "015112345678@example.net" },
	{ "a longer number is no mailbox", "20240101123456789@example.net", "#@example.net" },
	{ "letters of other scripts are letters", "j\xc3\xb6rg@example.org", "j\xc3\xb6rg@example.org" },
	{ "a domain of another script is the one in ASCII", "anna@B\xc3\x9c" "cher.example.", "anna@xn--bcher-kva.example" },
	{ "also behind what forwarded it", "srs0=a1b2=cd=b\xc3\xbc" "cher.example=anna@example.net", "anna@xn--bcher-kva.example" },
	{ "bytes that are no UTF-8 stay", "anna@b\xff.example", "anna@b\xff.example" },
	{ "a hyphen is part of a name", "anne-marie@example.org", "anne-marie@example.org" },
	{ "a name that begins with bounce is a name", "bouncer@example.org", "bouncer@example.org" },
	{ "digits of the domain stay", "anna@mail7.example.org", "anna@mail7.example.org" },

	/* Odd ones */
	{ "the null sender", "", "<>" },
	{ "the null sender, written out", "<>", "<>" },
	{ "without a domain", "MAILER-DAEMON", "mailer-daemon" },
	{ "without a local part", "@example.org", "@example.org" },
	{ "with an empty domain", "anna@", "anna@" },
	{ "the last @ splits", "a@b@Example.org", "a@b@example.org" },
	{ "only @", "@", "@" },
	{ "blanks stay", "a b@example.org", "a b@example.org" },
	{ "an equals sign stays", "a=b@example.org", "a=b@example.org" },
	{ "a percent sign stays", "%{wait}@example.org", "%{wait}@example.org" },
	{ "control bytes stay, for whoever writes them to escape", "a\x01\x1b@example.org", "a\x01\x1b@example.org" },

	/* Extensions */
	{ "an extension is cut", "anna+shop@example.org", "anna@example.org" },
	{ "all of it", "anna+shop+2@example.org", "anna@example.org" },
	{ "a leading plus is a name", "+anna@example.org", "+anna@example.org" },
	{ "a recipient in the extension is cut with it", "list-bounces+jo=example.com@lists.example.org", "list-bounces@lists.example.org" },
	{ "a forwarding mailbox (+caf_=)", "anna+caf_=jo=example.com@example.org", "anna@example.org" },
	{ "a campaign's token in the extension", "bounces+1234567-d4f1-jo=example.com@em.example.org", "bounces@em.example.org" },
	{ "a group's token in the extension", "group+bncBDA4Z5XQ3EIRBQ7V2@example.org", "group@example.org" },
	{ "a tracker's list (~user/list)", "~anna/devel+bounces@lists.example.org", "~anna/devel@lists.example.org" },
	{ "two equals signs in the extension", "bounce+jo==example.com==news@lists.example.org", "bounce@lists.example.org" },

	/* Bounce Address Tag Validation */
	{ "BATV", "prvs=1234abcdef=anna@example.org", "anna@example.org" },
	{ "BATV in capitals", "PRVS=1234ABCDEF=Anna@example.org", "anna@example.org" },
	{ "BATV with its halves swapped", "prvs=anna=1234abcdef@example.org", "anna@example.org" },
	{ "BATV with a slash for the first sign", "prvs/1234abcdef=anna@example.org", "anna@example.org" },
	{ "BATV with a slash between the halves", "prvs=anna/1234abcdef@example.org", "anna@example.org" },
	{ "BATV of a name that looks like a tag", "prvs=anna2000x=1234abcdef@example.org", "anna#x@example.org" },
	{ "BATV of a name with an equals sign", "prvs=1234abcdef=an=na@example.org", "an=na@example.org" },
	{ "BATV of a name with one, swapped", "prvs=an=na=1234abcdef@example.org", "an=na@example.org" },
	{ "BATV with a tag of another length", "prvs=01234abcdef89=anna@example.org", "anna@example.org" },
	{ "BATV with doubled signs", "btv1==123abcdef45==anna@example.org", "anna@example.org" },
	{ "BATV of a mailing service", "msprvs1=17865XabCdeF3=bounces-1234-7@example.org", "bounces-#@example.org" },
	{ "BATV around an extension", "prvs=1234abcdef=anna+shop@example.org", "anna@example.org" },
	{ "what only begins like BATV", "prvs=anna@example.org", "prvs=anna@example.org" },
	{ "BATV without a tag", "prvs=anna=berg@example.org", "prvs=anna=berg@example.org" },
	{ "BATV with a word for a tag is none", "prvs=abcdefgh=anna@example.org", "prvs=abcdefgh=anna@example.org" },
	{ "BATV around nobody", "prvs=1234abcdef=@example.org", "prvs=#=@example.org" },

	/* Sender Rewriting Scheme */
	{ "BATV around SRS around BATV", "prvs=1234abcdef=SRS0=abCd=7X=example.com=prvs=4321fedcba=anna@forwarder.example", "anna@example.com" },
	{ "SRS0", "SRS0=abCd=7X=example.com=anna@forwarder.example", "anna@example.com" },
	{ "SRS0 with plus", "SRS0+abCd=7X=example.com=anna@forwarder.example", "anna@example.com" },
	{ "SRS0 with minus", "SRS0-abCd=7X=example.com=anna@forwarder.example", "anna@example.com" },
	{ "SRS0 with a plus in the signature", "SRS0=a+/d=7X=example.com=anna@forwarder.example", "anna@example.com" },
	{ "SRS0 of a name with an equals sign", "srs0=abcd=7x=example.com=an=na@forwarder.example", "an=na@example.com" },
	{ "SRS0 of a sender with BATV", "SRS0=abCd=7X=example.com=prvs=1234abcdef=anna@forwarder.example", "anna@example.com" },
	{ "SRS1", "SRS1=efGh=first.example==abCd=7X=example.com=anna@second.example", "anna@example.com" },
	{ "SRS1 around plus", "SRS1=efGh=first.example=+abCd=7X=example.com=anna@second.example", "anna@example.com" },
	{ "SRS1 around minus", "SRS1+efGh=first.example=-abCd=7X=example.com=anna@second.example", "anna@example.com" },
	{ "SRS in an extension (Exchange)", "bounces+SRS=44ldt=IX=example.com=anna@example.org", "anna@example.com" },
	{ "BATV around SRS", "prvs=1234abcdef=SRS0=abCd=7X=example.com=anna@forwarder.example", "anna@example.com" },
	{ "what only begins like SRS", "SRS0@forwarder.example", "srs#@forwarder.example" },
	{ "SRS without its end", "SRS0=abCd=7X=example.com@forwarder.example", "srs#=abcd=#x=example.com@forwarder.example" },
	{ "SRS around nobody", "SRS0=abCd=7X=example.com=@forwarder.example", "srs#=abcd=#x=example.com=@forwarder.example" },

	/* Numbered and tokened return addresses */
	{ "ezmlm numbers its messages", "list-return-1234-jo=example.com@lists.example.org", "list-return-#-jo=example.com@lists.example.org" },
	{ "a group mailer numbers lists, messages and people", "sentto-123-45-1678901234-jo=example.com@returns.example.org", "sentto-#-jo=example.com@returns.example.org" },
	{ "SES: a time, a UUID, a counter", "0102018c2e4b5a6f-1a2b3c4d-5e6f-7a8b-9c0d-ef0123456789-000000@mail.example.org", "#@mail.example.org" },
	{ "SES: a UUID with groups of letters", "0102018c2e4b5a6f-1a2b3c4d-abcd-efab-cdef-ef0123456789-000000@mail.example.org", "#@mail.example.org" },
	{ "a UUID alone", "9B2F1C1E-7A50-4C0F-BEEF-D0A5E2F6C811@example.org", "#@example.org" },
	{ "what is longer than a UUID is none", "anna9b2f1c1e-cafe@example.org", "#-cafe@example.org" },
	{ "a mailer's token in every attempt", "bounce-md_10612303.5adf1f70.v1-0f662aa357fe4841@alerts.example.org", "bounce-#@alerts.example.org" },
	{ "a campaign's token", "bounce-mc.us12_34567890.1234567-abcdef0123@mail.example.org", "bounce-#@mail.example.org" },
	{ "bounces with a dot", "bounces.7dh3kq@example.org", "bounces.#@example.org" },
	{ "bounce with nothing behind it", "bounce-@example.org", "bounce-@example.org" },
	{ "a token with the recipient behind it", "n01361f1607-0fe582ccfc934393-jo===example.com@bounce.example.org", "#-jo===example.com@bounce.example.org" },
	{ "a token in base 64", "m-Dx7Qk2Lw9ZsT4vB8@bounce.example.org", "m-#@bounce.example.org" },
	{ "a token with one digit, but long", "kqzbzwsqbqacdmyxe2gopr@trix.example.org", "#@trix.example.org" },
	{ "a token with few digits, but long", "3kqzbzwsqbqacdmyxe2gopr@trix.example.org", "#@trix.example.org" },
	{ "a long hex number", "msg.6f1ed002ab5595859014ebf0951522d9@example.org", "msg.#@example.org" },
	{ "a number of eight hex digits", "5adf1f70.news@example.org", "#.news@example.org" },
	{ "a counter behind a word", "newsletter-00017@example.org", "newsletter-#@example.org" },
	{ "a counter joined to a word", "news0017@example.org", "news#@example.org" },
	{ "dates and times", "report_2024-11-21_17.45@example.org", "report_#@example.org" },
	{ "several tokens are one", "x.1.2.3.4@example.org", "x.#@example.org" },
};
// clang-format on

static void
row_is_true(void **state)
{
	const struct row *row = *state;
	struct arena *a = arena_new();

	assert_string_equal(sender_canonical(a, row->sender), row->canonical);
	arena_release(a);
}

static void
folding_twice_is_folding_once(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(
		    sender_canonical(a, rows[i].canonical), rows[i].canonical);
	arena_release(a);
}

static void
two_attempts_are_the_same_sender(void **state)
{
	// clang-format off
	static const char *const pairs[][2] = {
		{ "bounce-md_10612303.5adf1f70.v1-0f662aa357fe4841@example.org",
		  "bounce-md_10612303.5adf2a9c.v1-9955c0ffee17a301@example.org" },
		{ "prvs=1234abcdef=anna@example.org",
		  "prvs=1235fedcba=anna@example.org" },
		{ "SRS0=abCd=7X=example.com=anna@forwarder.example",
		  "SRS0=x9Yz=7Y=example.com=anna@forwarder.example" },
		{ "list-return-1234-jo=example.com@lists.example.org",
		  "list-return-99-jo=example.com@lists.example.org" },
		{ "0102018c2e4b5a6f-1a2b3c4d-5e6f-7a8b-9c0d-ef0123456789-000000@example.org",
		  "0102018caaaaaaaa-deadbeef-cafe-babe-face-feedfacebeef-000001@example.org" },
	};
	// clang-format on
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		assert_string_equal(sender_canonical(a, pairs[i][0]),
		    sender_canonical(a, pairs[i][1]));
	arena_release(a);
}

/* Bytes from a stranger: of any kind, and many. */
static void
nothing_a_stranger_writes_does_harm(void **state)
{
	static const char *const pieces[] = { "prvs=", "srs0=", "srs1=", "=",
		"/", "+srs=", "1234abcdef=", "@", "a", "7", "-", "+", "bounce-",
		"\xff", "\xc3", " ", "9b2f1c1e-7a50-4c0f-" };
	char sender[2048];
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct arena *a = arena_new();
		size_t used = 0;

		for (;;) {
			const char *piece;

			seed = seed * 1103515245 + 12345;
			piece = pieces[(seed >> 16) %
			    (sizeof(pieces) / sizeof(pieces[0]))];
			if (used + strlen(piece) >= sizeof(sender) ||
			    (seed >> 8) % 40 == 0)
				break;
			memcpy(sender + used, piece, strlen(piece));
			used += strlen(piece);
		}
		sender[used] = '\0';
		assert_true(strlen(sender_canonical(a, sender)) <= used + 2);
		arena_release(a);
	}
}

int
main(void)
{
	static struct suite s;

	SUITE_ROWS(&s, rows, row_is_true);
	SUITE_TEST(&s, folding_twice_is_folding_once);
	SUITE_TEST(&s, two_attempts_are_the_same_sender);
	SUITE_TEST(&s, nothing_a_stranger_writes_does_harm);
	return suite_run(&s, "sender");
}
