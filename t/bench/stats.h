/*
 * stats - how long answers took, and what they cost
 */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct stats {
	uint32_t *ns; /* of each answer */
	size_t count, room;
	uint64_t began; /* both on now_ns()' scale */
	uint64_t ended;
};

/* Of one connection. */
struct waits {
	uint64_t sum, count;
};

uint64_t now_ns(void);

void stats_begin(struct stats *s);
void stats_add(struct stats *s, struct waits *w, uint64_t ns);

/* Sorts, then prints name=value words: requests, rate (a second), p50, p99,
 * p999, max (microseconds), worst_wait (the longest answer, in medians) and
 * worst_mean (of the connection that waited most, in medians). */
void stats_print(struct stats *s, const struct waits *waits, unsigned count);

/* Nanoseconds all threads of a process have run; ends the program when there
 * is none such. */
uint64_t cpu_ns(pid_t pid);

/* Resident memory, KiB. */
long rss_kib(pid_t pid);

#endif
