/*
 * policyctl_when - times as people write them
 */
#ifndef POLICYD_POLICYCTL_WHEN_H
#define POLICYD_POLICYCTL_WHEN_H

#include <stdbool.h>
#include <stdint.h>

/* "90s", "5m", "1h", "30d", more than nothing; false when it is no such. */
bool when_span(const char *text, int64_t *seconds);

/* A moment: "1h" is an hour before `now`, "@1795283125" Unix seconds, and
 * "2026-11-21", "2026-11-21 17:45", "2026-11-21 17:45:25" local time. */
bool when_moment(const char *text, int64_t now, int64_t *unix_time);

/* A moment after `now`: "18:00" and "18:00:30" are today's or tomorrow's, local
 * time; else as above but for spans. */
bool when_until(const char *text, int64_t now, int64_t *unix_time);

#endif
