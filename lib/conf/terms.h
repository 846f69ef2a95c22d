/*
 * terms - the numbers of greylisting as its script takes them
 *
 * All but three of the words that greylist.lua reads follow from the settings
 * alone. They are written when the settings are made: to write seven numbers
 * of a width for each request is a fortieth of all it takes.
 */
#ifndef CONF_TERMS_H
#define CONF_TERMS_H

#include <stdint.h>

struct settings;

/* Writes set->greylist.terms, "KNOWN_AFTER DELAY FRESH_LIMIT STEP MEMORY
 * KNOWN_MEMORY RETRY_WINDOW". What makes no sense there is made sane: no time
 * is negative, and a window that closes before the delay is over, which would
 * let nobody in, is longer than the delay. */
void terms_write(struct settings *set);

/* STEP: of so many new records one is counted, for all of them; 0: none. */
int64_t terms_step(const struct settings *set);

#endif
