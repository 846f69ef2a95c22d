/*
 * policyctl_progress - a bar, or lines
 */
#include "policyctl_progress.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	BAR = 30, /* characters */
	BAR_MS = 100, /* between two looks of it */
	LINE_MS = 5000,
	FEW = 255 /* lines for which no clock is read */
};

static uint64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void
progress_begin(struct progress *p, const char *what, FILE *file)
{
	struct stat st;

	*p = (struct progress){ .what = what,
		.unit = "lines",
		.terminal = isatty(STDERR_FILENO),
		.began = now_ms() };
	p->next = p->began + (p->terminal ? BAR_MS : LINE_MS);
	if (file && fstat(fileno(file), &st) == 0 && S_ISREG(st.st_mode))
		p->size = st.st_size;
}

static void
show_bar(struct progress *p, int percent, int64_t lines, int64_t rate)
{
	static const char full[] = "##############################";
	const int done = BAR * percent / 100;

	if (percent < 0)
		fprintf(stderr, "\r%s %" PRId64 " %s, %" PRId64 "/s ", p->what,
		    lines, p->unit, rate);
	else
		fprintf(stderr,
		    "\r%s [%.*s%*s] %3d%%, %" PRId64 " %s, %" PRId64 "/s ",
		    p->what, done, full, BAR - done, "", percent, lines,
		    p->unit, rate);
	p->shown = true;
}

static void
show_line(const struct progress *p, int percent, int64_t lines, int64_t rate)
{
	fprintf(stderr, "policyctl: %s: %" PRId64 " %s, %" PRId64 "/s", p->what,
	    lines, p->unit, rate);
	if (percent >= 0)
		fprintf(stderr, ", %d%%", percent);
	fputc('\n', stderr);
}

void
progress_step(struct progress *p, int64_t bytes, int64_t lines)
{
	const int percent = p->size > 0 && bytes <= p->size
	    ? (int)(100 * bytes / p->size)
	    : -1;
	uint64_t now;
	int64_t rate;

	if (lines - p->seen <= FEW)
		return;
	p->seen = lines;
	if ((now = now_ms()) < p->next)
		return;
	rate = lines * 1000 / (int64_t)(now - p->began + 1);
	p->next = now + (p->terminal ? BAR_MS : LINE_MS);
	if (p->terminal)
		show_bar(p, percent, lines, rate);
	else
		show_line(p, percent, lines, rate);
}

void
progress_hide(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
