/*
 * silence - a row of questions without an answer, then a row of probes
 */
#include "ask/dns/silence.h"

#include <stddef.h>

#include "base/log.h"

static void
tell(struct silence *s)
{
	const uint64_t now = clock_ms(s->clock);

	if (now < s->next_ms)
		return;
	s->told = true;
	s->next_ms = now + SILENCE_EVERY_MS;
	log_warning(
	    "dns: the name servers do not answer: %s: %s", s->servers, s->why);
}

static void
step(struct timer *t)
{
	struct silence *s = (void *)((char *)t -
	    offsetof(struct silence, timer));

	if (s->probed) {
		s->silent = true;
		tell(s);
	}
	s->probed = true;
	timer_start(t, s->clock, s->probe_ms);
	s->probe(s);
}

void
silence_heard(struct silence *s)
{
	silence_end(s);
	if (s->told)
		log_info("dns: the name servers answer again: %s", s->servers);
	s->told = false;
}

void
silence_lost(struct silence *s, const char *why)
{
	s->why = why;
	if (++s->row < SILENCE_AFTER || timer_running(&s->timer))
		return;
	s->timer.fire = step;
	timer_start(&s->timer, s->clock, 0); /* not within c-ares */
}

void
silence_end(struct silence *s)
{
	s->row = 0;
	s->probed = s->silent = false;
	timer_stop(&s->timer);
}
