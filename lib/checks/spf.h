/*
 * spf - what another check may know of it
 */
#ifndef CHECKS_SPF_H
#define CHECKS_SPF_H

#include <stdbool.h>

struct facts;
struct spf_verdict;

/*
 * Whether the check looks at the request, too; `f` are the other's facts. Then
 * `*found` is what the domain's own record says, and NULL while that is not
 * known, when a record of ours had the last word, and when the client is one
 * that is not asked about.
 */
bool spf_found(const struct facts *f, const struct spf_verdict **found);

#endif
