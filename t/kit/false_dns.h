/*
 * false_dns - the DNS without a server, on a clock turned by hand
 *
 * What it was told is all there is: another name does not exist. Its answers
 * come from timers of the clock, at the same moment at the earliest, never
 * from inside the asking; and names can be told to be any kind of unwell.
 */
#ifndef KIT_FALSE_DNS_H
#define KIT_FALSE_DNS_H

#include "ask/dns/words.h"

struct clock;
struct false_dns;

struct false_dns *false_dns_new(struct clock *clock);

/* Every question must have been answered. */
void false_dns_free(struct false_dns *d);

struct store *false_dns_store(struct false_dns *d);

/* A line of a scene: "NAME TYPE DATA" adds a record, "NAME !servfail" loses the
 * questions for a name, see t/scenes/README. False when it makes no sense. */
bool false_dns_tell(struct false_dns *d, const char *line);

/* At once, without the clock; in `a`. */
struct answer false_dns_answer(
    const struct false_dns *d, struct arena *a, const struct question *q);

/* Each answer takes this long; one that takes longer than the deadline (2 s
 * unless set) is LOSS_TIMEOUT. */
void false_dns_delay(struct false_dns *d, uint64_t ms);
void false_dns_deadline(struct false_dns *d, uint64_t ms);

unsigned false_dns_asked(const struct false_dns *d); /* questions */

#endif
