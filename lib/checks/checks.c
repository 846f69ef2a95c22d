/*
 * checks - one row a rule; the first refusal in this order is what is said
 */
#include "checks/checks.h"

const struct check *const checks[] = {
	&check_access,
	&check_ban,
	&check_abuse,
	&check_connections,
	&check_account,
	&check_submission,
	&check_address,
	&check_login,
	&check_spoof,
	&check_size,
	&check_mailbox,
	&check_relay,
	&check_remote,
	&check_deny_domain,
	&check_deny_user,
	&check_recipients,
	&check_spam_source,
	&check_dnsbl,
	&check_sender_domain,
	&check_spf,
	&check_greylist,
	&check_rate,
	NULL,
};
