/*
 * rows_checks - the options of checks and replies; within options.c only
 *
 * In the order of lib/checks/checks.c. See options.c for the macros.
 */
// clang-format off
	POLICY(SERVER, access, "enforce", "accept"),
	{ "access", "default", OPTION_CHOICE, SERVER(access.preset),
	    .words = defaults, .preset = "grant",
	    .text = "What becomes of clients that are not on the access list: "
		"the list denies, or it grants." },

	POLICY(SERVER, ban, "enforce", "accept"),

	POLICY(SERVER, abuse, "enforce", "accept"),
	{ "abuse", "failures", OPTION_NUMBER, SERVER(abuse.failures),
	    .least = 1, .most = 1000,
	    .preset = "10",
	    .text = "How many failed logins a client may have; more list "
		"it." },
	{ "abuse", "window", OPTION_SECONDS, SERVER(abuse.window),
	    .least = 1, .most = 30 * DAY,
	    .preset = "1h",
	    .text = "The time within which they count." },
	{ "abuse", "listed", OPTION_SECONDS, SERVER(abuse.listed),
	    .least = 1, .most = 30 * DAY,
	    .preset = "1h",
	    .text = "How long after its last failed login a client is "
		"listed." },
	{ "abuse", "services", OPTION_CHOICE, SERVER(abuse.services),
	    .words = services, .preset = "together",
	    .text = "Whether failed logins at SMTP, IMAP and POP3 count "
		"together, or each service has a register of its own." },
	{ "abuse", "cap", OPTION_NUMBER, SERVER(abuse.cap),
	    .most = 100000000,
	    .preset = "0",
	    .text = "How many clients are listed at a time; one more takes "
		"off the one that would end first; 0 is no limit." },

	POLICY(SERVER, connections, "off", "accept"),
	{ "connections", "server", OPTION_NUMBER, SERVER(connections.server),
	    .most = 1000000,
	    .preset = "32",
	    .text = "How many sessions of strangers this host serves at a "
		"time; 0 is no limit." },
	{ "connections", "address", OPTION_NUMBER, SERVER(connections.address),
	    .most = 1000000,
	    .preset = "0",
	    .text = "How many sessions a client may have at a time, on all "
		"hosts; 0 is no limit." },
	{ "connections", "rate", OPTION_RATE, SERVER(connections.rate),
	    .most = 1000000,
	    .preset = "\"200/1m\"",
	    .text = "How many sessions a client may begin within a time; more "
		"are an offence; 0 is no limit." },
	{ "connections", "lease", OPTION_SECONDS, SERVER(connections.lease),
	    .least = 10, .most = DAY,
	    .preset = "15m",
	    .text = "How long a session counts of which nobody told that it "
		"is over." },

	SCOPED_POLICY(account, "enforce", "accept"),
	{ "account", "state", OPTION_CHOICE, SETTINGS(account.state),
	    .words = account_states,
	    .preset = "enabled",
	    .text = "Whether the mailbox may log in: yes, no, or it is "
		"disabled altogether." },
	{ "account", "lockout", OPTION_NUMBER, CONF(account.lockout),
	    .most = 1000000,
	    .preset = "0",
	    .text = "How many failed logins lock a mailbox; 0 is never." },
	{ "account", "window", OPTION_SECONDS, CONF(account.window),
	    .least = 1, .most = 30 * DAY,
	    .preset = "1h",
	    .text = "The time within which they count." },
	{ "account", "locked", OPTION_SECONDS, CONF(account.locked),
	    .least = 1, .most = 30 * DAY,
	    .preset = "1h",
	    .text = "How long a mailbox is locked." },

	SCOPED_POLICY(submission, "enforce", "accept"),
	{ "submission", "ports", OPTION_LIST, SERVER(submission.ports),
	    .most = 64, .check = syntax_port,
	    .preset = "{ \"587\", \"465\" }",
	    .text = "The ports for users." },
	{ "submission", "contexts", OPTION_LIST, SERVER(submission.contexts),
	    .most = 64,
	    .preset = "{ \"submission\", \"submissions\", \"smtps\" }",
	    .text = "The same for Postfix before 3.2, which does not tell the "
		"port: each value of smtpd_policy_service_policy_context that "
		"stands for one." },
	{ "submission", "required", OPTION_CHOICE,
	    SETTINGS(submission.required),
	    .words = submission_required,
	    .preset = "ports",
	    .text = "Where a client must log in that writes to this domain: "
		"on those ports, or always." },

	POLICY(SERVER, address, "enforce", "accept"),
	{ "address", "literals", OPTION_YESNO, SERVER(address.literals),
	    .preset = "no",
	    .text = "Whether a domain may be an address, as in "
		"user@[192.0.2.1]." },
	{ "address", "smtputf8", OPTION_YESNO, SERVER(address.smtputf8),
	    .preset = "yes",
	    .text = "Whether an address may be in UTF-8 (RFC 6531)." },

	SCOPED_POLICY(login, "off", "accept"),
	{ "login", "match", OPTION_CHOICE, SETTINGS(login.match),
	    .words = login_matches,
	    .preset = "mailbox",
	    .text = "What a sender must be of: the mailbox that logged in, or "
		"only its domain." },
	{ "login", "addresses", OPTION_LOOKUPS, SETTINGS(login.addresses),
	    .most = 10000,
	    .preset = "{}",
	    .text = "Further senders that the logins of this scope may use, on "
		"the server's level all of them; @example.com stands for all "
		"of a domain." },
	{ "login", "owners", OPTION_LOOKUPS, SERVER(login.owners),
	    .most = 10000,
	    .preset = "{}",
	    .text = "For each sender, as user@domain or @domain, the logins "
		"that may use it, as in Postfix' smtpd_sender_login_maps; "
		"group:NAME stands for those of a group." },
	{ "login", "groups", OPTION_LOOKUPS, SERVER(login.groups),
	    .most = 10000,
	    .preset = "{}",
	    .text = "For each group its logins." },
	{ "login", "exempt", OPTION_LOOKUPS, SERVER(login.exempt),
	    .most = 10000,
	    .preset = "{}",
	    .text = "Logins that may send as anybody." },
	{ "login", "null_sender", OPTION_YESNO, SERVER(login.null_sender),
	    .preset = "yes",
	    .text = "Whether a login may send without a sender, as bounces "
		"are." },

	SCOPED_POLICY(spoof, "enforce", "accept"),
	{ "spoof", "who", OPTION_CHOICE, SETTINGS(spoof.who),
	    .words = spoofers,
	    .preset = "anyone",
	    .text = "Who may: anyone, only who has logged in, or trusted "
		"clients too." },

	SCOPED_POLICY(size, "off", "accept"),
	{ "size", "inbound", OPTION_SIZE, SETTINGS(size.inbound),
	    .most = INT64_C(1) << 40,
	    .preset = "0",
	    .text = "The most bytes of a message to this mailbox; 0 is no "
		"limit." },
	{ "size", "outbound", OPTION_SIZE, SETTINGS(size.outbound),
	    .most = INT64_C(1) << 40,
	    .preset = "0",
	    .text = "The most bytes of a message that this login sends; 0 is "
		"no limit." },

	SCOPED_POLICY(mailbox, "off", "accept"),
	{ "mailbox", "catch_all", OPTION_YESNO, SETTINGS(mailbox.catch_all),
	    .domains = true,
	    .preset = "no",
	    .text = "Whether a domain takes mail for every address; not for a "
		"mailbox to set." },

	POLICY(SERVER, relay, "off", "accept"),
	{ "relay", "unknown", OPTION_YESNO, SERVER(relay.unknown),
	    .preset = "yes",
	    .text = "Whether that is also said of an address of our domains "
		"that does not exist." },

	SCOPED_POLICY(remote, "off", "accept"),
	{ "remote", "to", OPTION_CHOICE, SETTINGS(remote.to),
	    .words = remote_to,
	    .preset = "local",
	    .text = "Whom these logins may write to: anybody, our domains, or "
		"their own domain." },

	SCOPED_POLICY(deny_domain, "enforce", "accept"),
	{ "deny_domain", "senders", OPTION_LOOKUPS,
	    SETTINGS(deny_domain.senders),
	    .most = 10000, .domains = true,
	    .preset = "{}",
	    .text = "Senders that are refused; not for a mailbox to set, which "
		"has deny_user.senders." },

	SCOPED_POLICY(deny_user, "enforce", "accept"),
	{ "deny_user", "senders", OPTION_LOOKUPS, SETTINGS(deny_user.senders),
	    .most = 10000,
	    .preset = "{}",
	    .text = "Senders that are refused." },

	SCOPED_POLICY(recipients, "off", "accept"),
	{ "recipients", "limit", OPTION_NUMBER, SETTINGS(recipients.limit),
	    .most = 1000000,
	    .preset = "100",
	    .text = "The most recipients of a message; 0 is no limit." },

	SCOPED_POLICY(spam_source, "enforce", "accept"),
	{ "spam_source", "reporters", OPTION_NUMBER,
	    SETTINGS(spam_source.reporters),
	    .least = 1, .most = 100,
	    .preset = "3",
	    .text = "How many users must report a client." },
	{ "spam_source", "window", OPTION_SECONDS,
	    SETTINGS(spam_source.window),
	    .least = 60, .most = 30 * DAY,
	    .preset = "24h",
	    .text = "The time within which they count." },
	{ "spam_source", "listed", OPTION_SECONDS,
	    SETTINGS(spam_source.listed),
	    .least = 60, .most = 30 * DAY,
	    .preset = "24h",
	    .text = "How long a client is listed." },
	{ "spam_source", "domains", OPTION_NUMBER,
	    SETTINGS(spam_source.domains),
	    .least = 1, .most = 100,
	    .preset = "2",
	    .text = "Of how many domains the users must be to list a client "
		"for everybody; fewer list it for their own domain." },

	SCOPED_POLICY(greylist, "enforce", "accept"),
	{ "greylist", "key", OPTION_CHOICE, SETTINGS(greylist.key),
	    .words = greylist_keys, .preset = "triplet",
	    .text = "What is remembered: the network with sender and recipient, "
		"with the sender, or alone." },
	{ "greylist", "delay", OPTION_SECONDS, SETTINGS(greylist.delay),
	    .least = 1, .most = DAY,
	    .preset = "5m",
	    .text = "How long a stranger is put off." },
	{ "greylist", "retry_window", OPTION_SECONDS,
	    SETTINGS(greylist.retry_window),
	    .least = 2, .most = 30 * DAY,
	    .preset = "24h",
	    .text = "How long after the first attempt a retry is still one; "
		"later it counts as a new first attempt." },
	{ "greylist", "memory", OPTION_SECONDS, SETTINGS(greylist.memory),
	    .least = 1, .most = 1000 * DAY,
	    .preset = "36d",
	    .text = "How long one that has passed is remembered after its last "
		"mail." },
	{ "greylist", "known_memory", OPTION_SECONDS,
	    SETTINGS(greylist.known_memory),
	    .least = 1, .most = 1000 * DAY,
	    .preset = "36d",
	    .text = "How long a known network is remembered after its last "
		"mail." },
	{ "greylist", "ipv4_bits", OPTION_NUMBER, SETTINGS(greylist.ipv4_bits),
	    .least = 8, .most = 32,
	    .preset = "24",
	    .text = "How many bits of an IPv4 address make its network." },
	{ "greylist", "ipv6_bits", OPTION_NUMBER, SETTINGS(greylist.ipv6_bits),
	    .least = 16, .most = 128,
	    .preset = "64",
	    .text = "How many bits of an IPv6 address make its network." },
	{ "greylist", "known_after", OPTION_NUMBER,
	    SETTINGS(greylist.known_after),
	    .most = 1000,
	    .preset = "5",
	    .text = "How often a network must have passed, counted at most "
		"once an hour, to be known and not put off any more; 0 is "
		"never." },
	{ "greylist", "fresh_limit", OPTION_NUMBER,
	    SETTINGS(greylist.fresh_limit),
	    .most = 1000000,
	    .preset = "1000",
	    .text = "How many new records a network may cause in an hour; "
		"further strangers are put off and not remembered; 0 is no "
		"limit. From 100 on a sample is counted, from one of 2 to one "
		"of 16, so that the limit is met on average." },
	{ "greylist", "allow_clients", OPTION_LOOKUPS,
	    SETTINGS(greylist.allow_clients),
	    .most = 10000,
	    .preset = "{}",
	    .text = "Clients that are not put off." },
	{ "greylist", "allow_senders", OPTION_LOOKUPS,
	    SETTINGS(greylist.allow_senders),
	    .most = 10000,
	    .preset = "{}",
	    .text = "Senders that are not put off." },
	{ "greylist", "allow_recipients", OPTION_LOOKUPS,
	    SETTINGS(greylist.allow_recipients),
	    .most = 10000,
	    .preset = "{}",
	    .text = "Recipients for whose mail nobody is put off." },

	{ "reply", "code", OPTION_CODE, REPLY(code),
	    .least = 400, .most = 599,
	    .text = "The code: 4xx to be tried again, 5xx for good." },
	{ "reply", "enhanced", OPTION_STRING, REPLY(enhanced),
	    .least = 5, .most = 9,
	    .text = "The enhanced status code (RFC 3463); its first number is "
		"that of the code." },
	{ "reply", "text", OPTION_STRING, REPLY(text),
	    .least = 1, .most = REPLY_TEXT,
	    .text = "The text." },
    // clang-format on
