/*
 * policyctl_record - what one line of an import says, in either format
 *
 * csv         a head line with names of columns: `address`, and options of
 *             policyd.conf as "greylist.mode", and `alias`. An empty cell says
 *             nothing, "-" takes the option back. Separated by commas,
 *             semicolons or tabs, whichever the head has.
 * mailenable  MailEnable's address map, without a head:
 *             [SMTP:info@example.com] TAB [SF:PostOffice/Mailbox] TAB 0
 *
 * Of the latter, a mailbox' own address is MAILBOX@POSTOFFICE, with the domain
 * of the first address of a post office whose name is no domain itself. Every
 * other address is an alias of that.
 */
#ifndef POLICYD_POLICYCTL_RECORD_H
#define POLICYD_POLICYCTL_RECORD_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct records;

enum format { FORMAT_ANY, FORMAT_CSV, FORMAT_MAILENABLE };

struct record {
	const char *address; /* NULL: the line is not about mail */
	size_t count;
	const char **names, **values; /* a value NULL takes it back */
};

/* Lives in `a`. */
struct records *records_new(struct arena *a, enum format format);

/* The first line: what it is like, and the head if it has one. NULL, or what
 * is wrong; `*head` says that it was one. */
const char *records_begin(struct records *r, const char *line, bool *head);

/* NULL, or what is wrong. The record lives in `a`; addresses are as
 * scope_address() has them, and were checked, as values were. */
const char *records_read(
    struct records *r, struct arena *a, char *line, struct record *out);

#endif
