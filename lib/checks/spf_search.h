/*
 * spf_search - what the DNS says about a client's right to a domain
 *
 * lib/spf goes step by step: it says what is missing, and goes on when it is
 * there. Here its questions become a check's.
 */
#ifndef CHECKS_SPF_SEARCH_H
#define CHECKS_SPF_SEARCH_H

#include "checks/names.h"
#include "spf/spf.h"

/* What the DNS calls it, by enum spf_type. */
extern const enum dns_type spf_dns_types[];

/* What stays from one call to the next. */
struct spf_search {
	struct spf_client client;
	struct names names;
};

/*
 * Evaluates the domain's record, or `record` of ours in its place when that is
 * not NULL. False: more has been asked for. Without `qs` nothing can be asked
 * any more, what is not known is lost, and it is never false. Texts of the
 * verdict live as long as the request.
 */
bool spf_search(struct spf_search *s, const struct request *req,
    const struct facts *facts, struct questions *qs, const char *record,
    struct spf_verdict *out);

#endif
