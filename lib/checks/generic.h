/*
 * generic - is it the name of a line, not of a mail server?
 *
 * Providers give every address of theirs a name, 7.2.0.192.dyn.example.net or
 * host-192-0-2-7.example.net. Such a name says whose network it is, and nothing
 * about who sends: customers of one provider are not one sender.
 */
#ifndef CHECKS_GENERIC_H
#define CHECKS_GENERIC_H

#include <stdbool.h>

struct address;

/*
 * Whether `name`, in lower case, holds the address, in one of the forms that
 * providers use; or one of their words (dyn, dsl, pool ...) stands in front of
 * `organisation`, which is the end of `name`, or NULL.
 */
bool generic_name(
    const char *name, const char *organisation, const struct address *client);

#endif
