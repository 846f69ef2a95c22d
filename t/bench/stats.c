/*
 * stats - every answer is kept: a tail cannot be told from a histogram
 */
#include "stats.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void
fail(const char *what)
{
	fprintf(stderr, "load: ");
	perror(what);
	exit(1);
}

uint64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void
stats_begin(struct stats *s)
{
	s->count = 0;
	s->began = now_ns();
}

void
stats_add(struct stats *s, struct waits *w, uint64_t ns)
{
	if (s->count == s->room) {
		s->room = s->room ? 2 * s->room : 1 << 20;
		s->ns = realloc(s->ns, s->room * sizeof(*s->ns));
		if (!s->ns)
			fail("memory");
	}
	s->ns[s->count++] = ns < UINT32_MAX ? (uint32_t)ns : UINT32_MAX;
	w->sum += ns;
	w->count++;
}

static int
by_size(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Of a sorted `s`; `share` 1 is the longest. */
static double
quantile_us(const struct stats *s, double share)
{
	return s->ns[(size_t)(share * (double)(s->count - 1))] / 1e3;
}

static double
worst_mean_us(const struct waits *waits, unsigned count)
{
	double worst = 0;

	for (unsigned i = 0; i < count; i++) {
		const double mean = waits[i].count
		    ? (double)waits[i].sum / (double)waits[i].count / 1e3
		    : 0;

		worst = mean > worst ? mean : worst;
	}
	return worst;
}

void
stats_print(struct stats *s, const struct waits *waits, unsigned count)
{
	const double seconds = (double)(s->ended - s->began) / 1e9;
	double p50;

	if (!s->count)
		return;
	qsort(s->ns, s->count, sizeof(*s->ns), by_size);
	p50 = quantile_us(s, 0.5);
	printf("requests=%zu rate=%.0f p50=%.1f p99=%.1f p999=%.1f max=%.1f "
	       "worst_wait=%.1f worst_mean=%.2f",
	    s->count, (double)s->count / seconds, p50, quantile_us(s, 0.99),
	    quantile_us(s, 0.999), quantile_us(s, 1), quantile_us(s, 1) / p50,
	    worst_mean_us(waits, count) / p50);
}

static uint64_t
task_ns(pid_t pid, const char *task)
{
	char path[64];
	unsigned long long ns = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%.20s/schedstat", (int)pid,
	    task);
	if (!(f = fopen(path, "r")))
		return 0; /* a thread that has just ended */
	if (fscanf(f, "%llu", &ns) != 1)
		ns = 0;
	fclose(f);
	return ns;
}

uint64_t
cpu_ns(pid_t pid)
{
	char path[32];
	const struct dirent *e;
	uint64_t ns = 0;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	if (!(d = opendir(path)))
		fail(path);
	while ((e = readdir(d)))
		if (e->d_name[0] != '.')
			ns += task_ns(pid, e->d_name);
	closedir(d);
	return ns;
}

long
rss_kib(pid_t pid)
{
	char path[32], line[128];
	long kib = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if (!(f = fopen(path, "r")))
		fail(path);
	while (kib < 0 && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmRSS: %ld", &kib) != 1)
			kib = -1;
	fclose(f);
	return kib;
}
