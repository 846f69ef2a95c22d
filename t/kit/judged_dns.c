/*
 * judged_dns - a check that asks the DNS step by step
 */
#include "kit/false_dns.h"
#include "kit/judged.h"

static bool
answer_all(struct judged *s, const struct false_dns *d)
{
	bool some = false;

	for (int i = 0; i < JUDGED_SLOTS; i++)
		if (s->answers[i].state == PENDING) {
			s->answers[i] = false_dns_answer(
			    d, s->arena, s->questions[i]);
			some = true;
		}
	return some;
}

unsigned
judged_look_up(
    struct judged *s, const struct check *c, const struct false_dns *d)
{
	unsigned rounds = 0;

	for (judged_ask(s, c); answer_all(s, d); judged_ask(s, c))
		rounds++;
	return rounds;
}
