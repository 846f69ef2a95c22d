/*
 * dnsbl - what other checks may know of it
 */
#ifndef CHECKS_DNSBL_H
#define CHECKS_DNSBL_H

#include <stdint.h>

struct facts;

/* The score of the request, by what DNS lists have answered so far; `f` are
 * another check's facts. 0 when none was asked. */
int64_t dnsbl_score(const struct facts *f);

#endif
