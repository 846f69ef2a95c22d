/*
 * page - the text format of Prometheus, version 0.0.4
 *
 * Families of samples: a HELP and a TYPE line, then a line for each sample
 * with its labels. A text that grows; the arena has it.
 */
#ifndef HTTP_PAGE_H
#define HTTP_PAGE_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct histogram;
struct page;

#define PAGE_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct page *page_new(struct arena *a);
const char *page_text(const struct page *p);

/* `type` is counter, gauge or histogram. Names and help are ours. */
void page_family(
    struct page *p, const char *name, const char *type, const char *help);

/* A sample of the last family. Behind `value` come names and values of labels,
 * and NULL. */
void page_sample(struct page *p, int64_t value, ...) __attribute__((sentinel));

/* The whole family of a histogram, in seconds. */
void page_histogram(struct page *p, const char *name, const char *help,
    const struct histogram *h);

#endif
