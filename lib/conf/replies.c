/*
 * replies - the table
 */
#include "conf/replies.h"

#include <string.h>

const struct reply_row reply_rows[REPLY_COUNT] = {
	[REPLY_ACCESS] = { "access",
	    { 530, "5.7.1",
		"%{host} %{service}, Version: %{version}--%{version} denied "
		"access at %{time}" },
	    "The access list denies the client, or does not grant it." },
	[REPLY_BAN] = { "ban",
	    { 554, "5.3.2", "ESMTP not accepting connections" },
	    "The client is banned for a time." },
	[REPLY_BAN_PERMANENT] = { "ban_permanent",
	    { 554, "5.7.1", "ESMTP not accepting connections" },
	    "The client is banned for good." },
	[REPLY_ABUSE] = { "abuse",
	    { 451, "4.7.0",
		"%{service} temporarily refused connection at %{time} from IP "
		"(%{ip}) because of policy violation" },
	    "The client had too many failed logins." },
	[REPLY_BUSY] = { "busy",
	    { 451, "4.3.2",
		"%{service} temporarily refused connection at %{time} from IP "
		"[%{ip}] because the server is too busy" },
	    "The server, or the client, has too many sessions." },
	[REPLY_ACCOUNT_DENIED] = { "account_denied",
	    { 504, "5.7.13",
		"Access to this user account has been denied by the mail "
		"administrator" },
	    "The mailbox that logged in may not, or it is locked." },
	[REPLY_ACCOUNT_DISABLED] = { "account_disabled",
	    { 504, "5.7.13",
		"User account has been disabled by the mail administrator" },
	    "The mailbox that logged in is disabled, or its domain is." },
	[REPLY_SUBMISSION] = { "submission",
	    { 550, "5.7.1",
		"This mail server requires authentication (%{rule}) when "
		"attempting to send via this SMTP (submission) port" },
	    "Who comes through a port for users (rule 1), or writes to a "
	    "domain that asks for it (rule 2), has not logged in." },
	[REPLY_ADDRESS_SENDER] = { "address_sender",
	    { 501, "5.1.7", "Invalid Address" },
	    "The sender's address cannot be right." },
	[REPLY_ADDRESS_RECIPIENT] = { "address_recipient",
	    { 501, "5.1.3", "Invalid Address" },
	    "The recipient's address cannot be right." },
	[REPLY_LOGIN] = { "login",
	    { 551, "5.7.1",
		"Sender address is not valid for your login. Check your email "
		"program settings" },
	    "The sender does not belong to the login." },
	[REPLY_SPOOF] = { "spoof",
	    { 551, "5.7.1",
		"This mail server requires authentication before sending mail "
		"from a locally hosted domain. Please reconfigure your mail "
		"client to authenticate before sending mail." },
	    "A stranger sends from one of our domains." },
	[REPLY_SENDER_DISABLED] = { "sender_disabled",
	    { 551, "5.7.1",
		"This mail server requires authentication before sending mail "
		"from a locally hosted domain. Please reconfigure your mail "
		"client to authenticate before sending mail." },
	    "The sender's mailbox is disabled." },
	[REPLY_SIZE] = { "size",
	    { 552, "5.3.4", "Message size exceeds fixed maximum message size" },
	    "The message is too large." },
	[REPLY_MAILBOX] = { "mailbox",
	    { 550, "5.1.1",
		"Requested action not taken: mailbox unavailable or not "
		"local" },
	    "The recipient does not exist." },
	[REPLY_RELAY] = { "relay",
	    { 503, "5.7.1",
		"This mail server requires authentication when attempting to "
		"send to a non-local e-mail address. Please check your mail "
		"client settings or contact your administrator to verify that "
		"the domain or address is defined for this server." },
	    "A stranger writes to others than us." },
	[REPLY_REMOTE] = { "remote",
	    { 452, "4.7.1", "You are not permitted to send to remote domains" },
	    "The login may only write to us." },
	[REPLY_DENY_DOMAIN] = { "deny_domain",
	    { 550, "5.7.1",
		"Requested action not taken. The domain you are sending from "
		"is not permitted to access this" },
	    "The recipient's domain, or the server, denies the sender." },
	[REPLY_DENY_USER] = { "deny_user",
	    { 550, "5.7.1",
		"A user policy is preventing you from sending e-mail to this "
		"address. Please contact your e-mail administrator." },
	    "The recipient denies the sender." },
	[REPLY_RECIPIENTS] = { "recipients",
	    { 452, "4.5.3", "Too many recipients" },
	    "The message has too many recipients." },
	[REPLY_SPAM_SOURCE] = { "spam_source",
	    { 451, "4.7.1",
		"The IP Address you are sending from was reported as a source "
		"of spam. Please contact your e-mail administrator." },
	    "Users have reported spam from the client." },
	[REPLY_DNSBL] = { "dnsbl",
	    { 554, "5.7.1",
		"The IP address of the sender (%{ip}) was found in a DNS "
		"blacklist database and was therefore refused" },
	    "DNS lists have the client." },
	[REPLY_DNSBL_DOMAIN] = { "dnsbl_domain",
	    { 554, "5.7.1",
		"The domain of the sender (%{domain}) was found in a DNS "
		"blacklist database and was therefore refused" },
	    "They have the name it greets with, or the sender's domain, and "
	    "not the client." },
	[REPLY_SENDER_DOMAIN] = { "sender_domain",
	    { 501, "5.1.8",
		"Your domain does not seem to be valid, Could not find MX "
		"record for your domain." },
	    "The domain of the sender cannot receive mail." },
	[REPLY_NULL_MX] = { "null_mx",
	    { 501, "5.7.27",
		"Your domain does not seem to be valid, Could not find MX "
		"record for your domain." },
	    "It says so itself (RFC 7505)." },
	[REPLY_SPF] = { "spf",
	    { 554, "5.7.23",
		"The IP address of the sender (%{ip}) does not match the SPF "
		"record for the sender domain" },
	    "The sender's domain does not let the client send." },
	[REPLY_SPF_TEMPERROR] = { "spf_temperror",
	    { 451, "4.7.24",
		"The SPF record for the sender domain could not be looked up. "
		"Please try again later." },
	    "The DNS does not answer, and spf.temperror is defer." },
	[REPLY_SPF_PERMERROR] = { "spf_permerror",
	    { 550, "5.7.24",
		"The SPF record for the sender domain is not valid" },
	    "The domain's record is wrong, and spf.permerror is refuse." },
	[REPLY_GREYLISTED] = { "greylisted",
	    { 451, "4.7.1",
		"This server employs greylisting as a means of reducing spam. "
		"Please resend e-mail shortly" },
	    "A stranger is put off until it comes back." },
	[REPLY_RATE] = { "rate",
	    { 451, "4.7.1",
		"Requested action aborted: This mail account has sent too many "
		"messages in a short amount of time. Please try later." },
	    "A limit of rate is reached." },
	[REPLY_BROKEN] = { "broken",
	    { 451, "4.3.0", "Requested action aborted: error in processing" },
	    "This one request could not be judged, and on_failure is "
	    "defer." },
	[REPLY_AWAY] = { "away",
	    { 451, "4.3.0", "Temporary server error. Please try again later." },
	    "Redis is not to be had, and on_failure is defer." },
	[REPLY_LOOKUP] = { "lookup",
	    { 451, "4.4.3", "Temporary server error. Please try again later." },
	    "The name servers do not answer, and on_failure is defer." },
};

const char *const reply_values[] = {
	/* the engine's */
	"ip", "time", "host", "service", "version", "check", "id",
	/* what checks tell */
	"address", "answer", "by", "count", "domain", "entry", "failures",
	"forced", "good", "identity", "identity_by", "last", "level", "limit",
	"list", "login", "lookups", "mailbox", "match", "meter", "most", "next",
	"of", "owner", "passes", "problem", "reason", "replaced", "reporters",
	"result", "rule", "scope", "score", "since", "size", "state", "term",
	"text", "to", "tries", "unanswered", "unknown", "until", "used", "wait",
	"which", "who", NULL
};

static bool
is_value(const char *name, size_t size)
{
	for (const char *const *v = reply_values; *v; v++)
		if (strlen(*v) == size && memcmp(*v, name, size) == 0)
			return true;
	return false;
}

const char *
reply_unknown(const char *text, size_t *size)
{
	while ((text = strstr(text, "%{")) != NULL) {
		text += 2;
		*size = strcspn(text, "}");
		if (!is_value(text, *size))
			return text;
	}
	return NULL;
}

/* Digits of a number that RFC 3463 allows: 1-3, no leading zero; 0 if not. */
static size_t
number(const char *text)
{
	const size_t digits = strspn(text, "0123456789");

	if (digits > 3 || (digits > 1 && text[0] == '0'))
		return 0;
	return digits;
}

/* class.subject.detail */
static bool
enhanced(const char *text)
{
	size_t n;

	for (int part = 0; part < 3; part++) {
		if ((n = number(text)) == 0)
			return false;
		text += n;
		if (part < 2 && *text++ != '.')
			return false;
	}
	return *text == '\0';
}

static const char *
check_text(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz_";
	size_t n;

	for (const char *p = text; *p; p++) {
		if (*p < ' ' || *p >= 0x7f)
			return "the text is not printable ASCII";
		if (*p != '%' || p[1] != '{')
			continue;
		n = strspn(p + 2, letters);
		if (n == 0 || p[2 + n] != '}')
			return "the text has a '%{' that is no %{name}";
	}
	return NULL;
}

const char *
reply_check(const struct reply *r)
{
	if (r->code < 400 || r->code > 599)
		return "the code is neither 4xx nor 5xx";
	if (!enhanced(r->enhanced))
		return "the enhanced code is not like 4.7.1";
	if (r->enhanced[0] != '0' + r->code / 100 || r->enhanced[1] != '.')
		return "code and enhanced code are not of the same class";
	if (r->text[strspn(r->text, " ")] == '\0')
		return "the text is empty";
	if (strlen(r->text) > REPLY_TEXT)
		return "the text is longer than 250 bytes";
	return check_text(r->text);
}
