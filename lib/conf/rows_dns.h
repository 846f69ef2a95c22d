/*
 * rows_dns - the options of checks that ask the DNS; within rows_checks.h only
 */
// clang-format off
	SCOPED_POLICY(dnsbl, "off", "accept"),
	{ "dnsbl", "action", OPTION_CHOICE, SETTINGS(dnsbl.action),
	    .words = dnsbl_actions,
	    .preset = "refuse",
	    .text = "What becomes of the mail of who is listed: it is refused, "
		"or marked with a header." },
	{ "dnsbl", "threshold", OPTION_NUMBER, SETTINGS(dnsbl.threshold),
	    .least = 1, .most = 100000,
	    .preset = "1",
	    .text = "From which score on somebody is listed: the sum of the "
		"weights of those that list him." },
	{ "dnsbl", "header", OPTION_STRING, SERVER(dnsbl.header),
	    .least = 1, .most = 64, .check = syntax_header,
	    .preset = "\"X-DNSBL\"",
	    .text = "The name of that header; none that means something else, "
		"such as Subject." },
	{ "dnsbl", "clients", OPTION_DNSBLS, SERVER(dnsbl.clients),
	    .most = 32,
	    .preset = "{}",
	    .text = "Lists of addresses that clients are looked for in, as "
		"ZONE, ZONE=ANSWERS or ZONE=ANSWERS*WEIGHT." },
	{ "dnsbl", "helos", OPTION_DNSBLS, SERVER(dnsbl.helos),
	    .most = 32,
	    .preset = "{}",
	    .text = "Lists of domains that the name is looked for in that a "
		"client greets with." },
	{ "dnsbl", "senders", OPTION_DNSBLS, SERVER(dnsbl.senders),
	    .most = 32,
	    .preset = "{}",
	    .text = "Lists of domains that the domain of a sender is looked "
		"for in." },
	{ "dnsbl", "deadline", OPTION_MILLISECONDS, SERVER(dnsbl.deadline_ms),
	    .least = 100, .most = 10000,
	    .preset = "1s",
	    .text = "How long the answer of a list may take; one that does not "
		"answer lists nobody." },
	{ "dnsbl", "probe", OPTION_SECONDS, SERVER(dnsbl.probe),
	    .most = DAY,
	    .preset = "10m",
	    .text = "How often each list is asked whether it is in its right "
		"mind (RFC 5782, 5); 0 is never." },
	{ "dnsbl", "unprobed", OPTION_LIST, SERVER(dnsbl.unprobed),
	    .most = 32, .check = syntax_domain,
	    .preset = "{}",
	    .text = "The domains of lists for which probe is 0 in any case: "
		"one's own, that do not have the entries of RFC 5782." },
	{ "dnsbl", "suspend_above", OPTION_NUMBER, SERVER(dnsbl.suspend_above),
	    .most = 99,
	    .preset = "98",
	    .text = "A list that has more than so many percent of all clients "
		"is not believed for a time; 0 always believes it." },
	{ "dnsbl", "suspend_time", OPTION_SECONDS, SERVER(dnsbl.suspend_time),
	    .least = 60, .most = 30 * DAY,
	    .preset = "1h",
	    .text = "For how long." },

	POLICY(SERVER, sender_domain, "off", "accept"),
	{ "sender_domain", "require", OPTION_CHOICE,
	    SERVER(sender_domain.require),
	    .words = sender_domains,
	    .preset = "resolvable",
	    .text = "What the domain of a sender must have: an MX record, or "
		"an address without one (RFC 5321, 5.1)." },

	SCOPED_POLICY(spf, "off", "accept"),
	{ "spf", "fail", OPTION_CHOICE, SETTINGS(spf.fail),
	    .words = spf_actions,
	    .preset = "refuse",
	    .text = "What becomes of a client that the sender's domain says "
		"may not send." },
	{ "spf", "softfail", OPTION_CHOICE, SETTINGS(spf.softfail),
	    .words = spf_actions,
	    .preset = "accept",
	    .text = "And of one that it says probably may not." },
	{ "spf", "permerror", OPTION_CHOICE, SETTINGS(spf.permerror),
	    .words = spf_actions,
	    .preset = "accept",
	    .text = "When the domain's record is wrong." },
	{ "spf", "temperror", OPTION_CHOICE, SETTINGS(spf.temperror),
	    .words = spf_temperrors,
	    .preset = "accept",
	    .text = "When the DNS does not answer." },
	{ "spf", "forwarders", OPTION_LOOKUPS, SETTINGS(spf.forwarders),
	    .most = 10000,
	    .preset = "{}",
	    .text = "Clients that forward mail of others." },
	{ "spf", "local_policy", OPTION_STRING, SETTINGS(spf.local_policy),
	    .most = 500, .check = syntax_spf,
	    .preset = "\"\"",
	    .text = "An SPF record of our own that may let pass what the "
		"domain's refuses." },
	{ "spf", "guess", OPTION_STRING, SETTINGS(spf.guess),
	    .most = 500, .check = syntax_spf,
	    .preset = "\"\"",
	    .text = "An SPF record of our own for domains without one; only "
		"its pass counts, as in \"v=spf1 a/24 mx/24 ptr ?all\"." },
    // clang-format on
