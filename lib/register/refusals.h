/*
 * refusals - what is said to a login that Dovecot asked us about
 *
 * The text comes back in Postfix' log as the reason of a failed login. The feed
 * knows it by these, and does not count it: one refusal would make the next.
 */
#ifndef REGISTER_REFUSALS_H
#define REGISTER_REFUSALS_H

enum login_refusal {
	LOGIN_BANNED, /* the address */
	LOGIN_LISTED,
	LOGIN_DISABLED, /* the account */
	LOGIN_LOCKED,
	LOGIN_REFUSALS
};

/* Without bytes that JSON escapes. */
extern const char *const login_refusals[LOGIN_REFUSALS];

#endif
