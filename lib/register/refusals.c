/*
 * refusals - the texts
 */
#include "register/refusals.h"

const char *const login_refusals[LOGIN_REFUSALS] = {
	[LOGIN_BANNED] = "not accepting connections from your address",
	[LOGIN_LISTED] = "temporarily refused because of policy violation",
	[LOGIN_DISABLED] =
	    "User account has been disabled by the mail administrator",
	[LOGIN_LOCKED] = ("Access to this user account has been denied by the "
			  "mail administrator"),
};
