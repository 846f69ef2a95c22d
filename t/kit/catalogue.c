/*
 * catalogue - the decisions, in the order of their numbers
 */
#include "kit/catalogue.h"

#include <string.h>

#include "engine/request.h"

// clang-format off
#define POSTFIX(number) { .name = number, .by = BY_POSTFIX }
#define MILTER(number) { .name = number, .by = BY_MILTER }

#define OURS_ONLY \
	"This mail server requires authentication before sending mail from " \
	"a locally hosted domain. Please reconfigure your mail client to " \
	"authenticate before sending mail."

#define NO_MX \
	"Your domain does not seem to be valid, Could not find MX record for " \
	"your domain."

const struct decision_entry catalogue[] = {
	POSTFIX("1"), POSTFIX("2"), POSTFIX("3"), POSTFIX("4"),
	{ "5", BY_POLICYD, 421, "4.3.2",
	    "Service not available, closing transmission channel",
	    REPLY_COUNT, "" },
	{ "6", BY_POLICYD, 451, "4.3.0",
	    "Requested action aborted: error in processing",
	    REPLY_BROKEN, "" },
	{ "7", BY_POLICYD, 451, "4.3.0",
	    "Temporary server error. Please try again later.",
	    REPLY_AWAY, "" },
	{ "8", BY_POLICYD, 451, "4.7.1",
	    "Requested action aborted: This mail account has sent too many "
	    "messages in a short amount of time. Please try later.",
	    REPLY_RATE, "rate" },
	{ "9", BY_POLICYD, 451, "4.7.1",
	    "This server employs greylisting as a means of reducing spam. "
	    "Please resend e-mail shortly",
	    REPLY_GREYLISTED, "greylist" },
	{ "10", BY_POLICYD, 451, "4.7.1",
	    "The IP Address you are sending from was reported as a source of "
	    "spam. Please contact your e-mail administrator.",
	    REPLY_SPAM_SOURCE, "spam_source" },
	{ "11", BY_POLICYD, 451, "4.3.2",
	    "{service} temporarily refused connection at {time} from IP [{ip}] "
	    "because the server is too busy",
	    REPLY_BUSY, "connections" },
	{ "12", BY_POLICYD, 451, "4.7.0",
	    "{service} temporarily refused connection at {time} from IP ({ip}) "
	    "because of policy violation",
	    REPLY_ABUSE, "abuse" },
	{ "13", BY_POLICYD, 452, "4.5.3", "Too many recipients",
	    REPLY_RECIPIENTS, "recipients" },
	{ "14", BY_POLICYD, 452, "4.7.1",
	    "You are not permitted to send to remote domains",
	    REPLY_REMOTE, "remote" },
	MILTER("15"),
	POSTFIX("16"), POSTFIX("17"),
	{ "18 sender", BY_POLICYD, 501, "5.1.7", "Invalid Address",
	    REPLY_ADDRESS_SENDER, "address" },
	{ "18 recipient", BY_POLICYD, 501, "5.1.3", "Invalid Address",
	    REPLY_ADDRESS_RECIPIENT, "address" },
	{ "19", BY_POLICYD, 501, "5.1.8", NO_MX,
	    REPLY_SENDER_DOMAIN, "sender_domain" },
	{ "19 null-mx", BY_POLICYD, 501, "5.7.27", NO_MX,
	    REPLY_NULL_MX, "sender_domain" },
	{ "19 lookup", BY_POLICYD, 451, "4.4.3",
	    "Temporary server error. Please try again later.",
	    REPLY_LOOKUP, "sender_domain" },
	POSTFIX("20"), POSTFIX("21"), POSTFIX("22"), POSTFIX("23"),
	POSTFIX("24"),
	{ "25", BY_POLICYD, 503, "5.7.1",
	    "This mail server requires authentication when attempting to send "
	    "to a non-local e-mail address. Please check your mail client "
	    "settings or contact your administrator to verify that the domain "
	    "or address is defined for this server.",
	    REPLY_RELAY, "relay" },
	POSTFIX("26"),
	{ "27", BY_POLICYD, 504, "5.7.13",
	    "Access to this user account has been denied by the mail "
	    "administrator",
	    REPLY_ACCOUNT_DENIED, "account" },
	{ "28", BY_POLICYD, 504, "5.7.13",
	    "User account has been disabled by the mail administrator",
	    REPLY_ACCOUNT_DISABLED, "account" },
	{ "29", BY_POLICYD, 550, "5.1.1",
	    "Requested action not taken: mailbox unavailable or not local",
	    REPLY_MAILBOX, "mailbox" },
	{ "30", BY_POLICYD, 550, "5.7.1",
	    "Requested action not taken. The domain you are sending from is "
	    "not permitted to access this",
	    REPLY_DENY_DOMAIN, "deny_domain" },
	{ "31", BY_POLICYD, 550, "5.7.1",
	    "A user policy is preventing you from sending e-mail to this "
	    "address. Please contact your e-mail administrator.",
	    REPLY_DENY_USER, "deny_user" },
	{ "32", BY_POLICYD, 550, "5.7.1",
	    "This mail server requires authentication ({rule}) when attempting "
	    "to send via this SMTP (submission) port",
	    REPLY_SUBMISSION, "submission" },
	{ "33", BY_POLICYD, 551, "5.7.1", OURS_ONLY, REPLY_SPOOF, "spoof" },
	{ "34", BY_POLICYD, 551, "5.7.1", OURS_ONLY,
	    REPLY_SENDER_DISABLED, "spoof" },
	{ "35", BY_POLICYD, 551, "5.7.1",
	    "Sender address is not valid for your login. Check your email "
	    "program settings",
	    REPLY_LOGIN, "login" },
	{ "36", BY_POLICYD, 552, "5.3.4",
	    "Message size exceeds fixed maximum message size",
	    REPLY_SIZE, "size" },
	{ "37", BY_POLICYD, 554, "5.7.1",
	    "The IP address of the sender ({ip}) was found in a DNS blacklist "
	    "database and was therefore refused",
	    REPLY_DNSBL, "dnsbl" },
	{ "37 domain", BY_POLICYD, 554, "5.7.1",
	    "The domain of the sender ({domain}) was found in a DNS blacklist "
	    "database and was therefore refused",
	    REPLY_DNSBL_DOMAIN, "dnsbl" },
	{ "38", BY_POLICYD, 554, "5.7.23",
	    "The IP address of the sender ({ip}) does not match the SPF record "
	    "for the sender domain",
	    REPLY_SPF, "spf" },
	{ "38 temperror", BY_POLICYD, 451, "4.7.24",
	    "The SPF record for the sender domain could not be looked up. "
	    "Please try again later.",
	    REPLY_SPF_TEMPERROR, "spf" },
	{ "38 permerror", BY_POLICYD, 550, "5.7.24",
	    "The SPF record for the sender domain is not valid",
	    REPLY_SPF_PERMERROR, "spf" },
	{ "39", BY_POLICYD, 530, "5.7.1",
	    "{host} {service}, Version: {version}--{version} denied access at "
	    "{time}",
	    REPLY_ACCESS, "access" },
	{ "40", BY_POLICYD, 554, "5.3.2", "ESMTP not accepting connections",
	    REPLY_BAN, "ban" },
	{ "40 permanent", BY_POLICYD, 554, "5.7.1",
	    "ESMTP not accepting connections",
	    REPLY_BAN_PERMANENT, "ban" },
};

enum {
	OF_ALL_HERE = 1 << LEVEL_SERVER,
	SCOPED = 1 << LEVEL_SERVER | 1 << LEVEL_DOMAIN | 1 << LEVEL_MAILBOX
};

enum { ANYBODY = INBOUND | AUTHENTICATED | TRUSTED };

const struct decision_check catalogue_checks[] = {
	{ "access", OF_ALL_HERE, INBOUND, MODE_ENFORCE },
	{ "ban", OF_ALL_HERE, INBOUND, MODE_ENFORCE, { "allowed" } },
	{ "abuse", OF_ALL_HERE, INBOUND, MODE_ENFORCE, { "allowed" } },
	{ "connections", OF_ALL_HERE, INBOUND, MODE_OFF, { "allowed" } },
	{ "account", SCOPED, AUTHENTICATED, MODE_ENFORCE },
	{ "submission", SCOPED, INBOUND, MODE_ENFORCE },
	{ "address", OF_ALL_HERE, INBOUND | AUTHENTICATED, MODE_ENFORCE,
	    { "allowed", "null-sender", "postmaster" } },
	{ "login", SCOPED, AUTHENTICATED, MODE_OFF,
	    { "null-sender", "exempt" } },
	{ "spoof", SCOPED, INBOUND | TRUSTED, MODE_ENFORCE,
	    { "null-sender", "this-host", "privileged" } },
	{ "size", SCOPED, ANYBODY, MODE_OFF },
	{ "mailbox", SCOPED, ANYBODY, MODE_OFF,
	    { "catch-all", "postmaster" } },
	{ "relay", OF_ALL_HERE, INBOUND, MODE_OFF },
	{ "remote", SCOPED, AUTHENTICATED, MODE_OFF },
	{ "deny_domain", SCOPED, INBOUND, MODE_ENFORCE,
	    { "null-sender" } },
	{ "deny_user", SCOPED, INBOUND, MODE_ENFORCE, { "null-sender" } },
	{ "recipients", SCOPED, ANYBODY, MODE_OFF },
	{ "spam_source", SCOPED, INBOUND, MODE_ENFORCE, { "allowed" } },
	{ "dnsbl", SCOPED, INBOUND, MODE_OFF,
	    { "allowed", "null-sender", "ours", "literal", "this-host",
		"private" } },
	{ "sender_domain", OF_ALL_HERE, INBOUND, MODE_OFF,
	    { "allowed", "null-sender", "ours", "literal" } },
	{ "spf", SCOPED, INBOUND, MODE_OFF,
	    { "allowed", "this-host", "forwarders", "local-policy" } },
	{ "greylist", SCOPED, INBOUND, MODE_ENFORCE,
	    { "allowed", "its-own-lists", "known" } },
	{ "rate", SCOPED, ANYBODY, MODE_OFF },
	{ 0 },
};
// clang-format on

const size_t catalogue_count = sizeof(catalogue) / sizeof(catalogue[0]);

const struct decision_entry *
catalogue_find(const char *name)
{
	for (size_t i = 0; i < catalogue_count; i++)
		if (strcmp(catalogue[i].name, name) == 0)
			return &catalogue[i];
	return NULL;
}

const struct decision_check *
catalogue_check(const char *name)
{
	for (const struct decision_check *c = catalogue_checks; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}
