/*
 * policyctl_paper - how an entry is shown, and told to programs
 */
#ifndef POLICYD_POLICYCTL_PAPER_H
#define POLICYD_POLICYCTL_PAPER_H

#include <jansson.h>
#include <stdint.h>

struct arena;
struct entry;

/* One line of a table, under this head. */
void paper_head(void);
void paper_row(const struct entry *e, int64_t now);

/* A block of lines: what, since, until, on what evidence, and the command that
 * takes it off. */
void paper_print(const struct entry *e, int64_t now);

/* What `list --json` tells, and `import` reads back. */
json_t *paper_json(const struct entry *e);

/* "policyctl ban del 192.0.2.1" */
const char *paper_lift(struct arena *a, const struct entry *e);

/* As a shell reads it back: quoted when it must be. */
const char *paper_shell(struct arena *a, const char *word);

/* "permanent", "-" for none, else the moment. */
const char *paper_until(struct arena *a, int64_t until, int64_t now);

/* "  name      text"; nothing when the text is empty. */
void paper_line(const char *name, const char *text);

/* Times in JSON: null for none, and for one without an end. */
json_t *paper_json_time(int64_t t);

#endif
