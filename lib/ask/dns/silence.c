/*
 * silence - a row of questions without an answer
 */
#include "ask/dns/silence.h"

#include "base/clock.h"
#include "base/log.h"

void
silence_heard(struct silence *s, const char *servers)
{
	s->row = 0;
	if (s->told)
		log_info("dns: the name servers answer again: %s", servers);
	s->told = false;
}

bool
silence_lost(struct silence *s, const struct clock *clock, const char *servers,
    const char *why)
{
	const uint64_t now = clock_ms(clock);

	if (++s->row < SILENCE_AFTER || now < s->next_ms)
		return false;
	s->row = SILENCE_AFTER;
	s->told = true;
	s->next_ms = now + SILENCE_EVERY_MS;
	log_warning(
	    "dns: the name servers do not answer: %s: %s", servers, why);
	return true;
}
