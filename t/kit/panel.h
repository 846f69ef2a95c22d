/*
 * panel - what a panel writes to Redis, and what policyd makes of it
 *
 * A book with a memory of scopes: the questions are those of lib/scope, the
 * scripts run in the false Redis, on virtual time.
 */
#ifndef KIT_PANEL_H
#define KIT_PANEL_H

#include "kit/book.h"
#include "scope/scope.h"

struct panel {
	struct ticket ticket; /* first */
	struct book *book;
	struct scopes_known *known;
	const struct answer *answer; /* NULL: not here yet */
	unsigned asked; /* questions of the last panel_find() */
	char log[4096]; /* all lines, each with its end */
};

/* `conf` is the text of a policyd.conf. */
struct panel *panel_begin(const char *conf);
void panel_end(struct panel *p);

/* Another configuration, as after SIGHUP. */
void panel_configure(struct panel *p, const char *conf);

/* The scope of an address, asked for until it is found. It lives as long as the
 * panel, or as `a`. */
const struct scope *panel_find(struct panel *p, const char *address);
const struct scope *panel_find_in(
    struct panel *p, struct arena *a, const char *address);

/* The answer to any question; as one text: "1,0". */
const struct answer *panel_answer(struct panel *p, const struct question *q);
const char *panel_ask(struct panel *p, struct question q);

/* The reply to a command. */
#define PANEL_DO(p, ...) BOOK_DO((p)->book, __VA_ARGS__)

#endif
