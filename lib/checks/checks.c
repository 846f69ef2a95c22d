/*
 * checks - one row a rule; the first refusal in this order is what is said
 */
#include "checks/checks.h"

const struct check *const checks[] = {
	&check_greylist,
	NULL,
};
