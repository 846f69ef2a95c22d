/*
 * echo - the pieces of the replies that do not change
 */
#include "feed/echo.h"

#include "feed/span.h"

enum { LEAST = 8 }; /* bytes; shorter ones are in too many others' texts */

static struct span
longest_piece(const char *text)
{
	struct span best = { text, text }, piece;

	for (;;) {
		const char *name = strstr(text, "%{");

		piece.at = text;
		piece.end = name ? name : text + strlen(text);
		if (span_size(piece) > span_size(best))
			best = piece;
		if (!name || !(text = strchr(name, '}')))
			return best;
		text++;
	}
}

void
echo_init(struct echo *e, const struct conf *conf)
{
	for (int i = 0; i < REPLY_COUNT; i++)
		e->of[i] = longest_piece(conf->replies[i].text);
	for (int i = 0; i < LOGIN_REFUSALS; i++)
		e->of[REPLY_COUNT + i] = longest_piece(login_refusals[i]);
}

bool
echo_heard(const struct echo *e, struct span reply)
{
	for (int i = 0; i < REPLY_COUNT + LOGIN_REFUSALS; i++) {
		const size_t size = span_size(e->of[i]);

		if (size >= LEAST && span_size(reply) >= size &&
		    memmem(reply.at, span_size(reply), e->of[i].at, size))
			return true;
	}
	return false;
}
