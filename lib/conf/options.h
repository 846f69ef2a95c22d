/*
 * options - everything an administrator can set
 *
 * One row an option. A new one is a row here, a field in conf.h and its words
 * in conf/policyd.conf and conf/policyd.conf.5; t/conf/options.c tells when
 * one of them is missing.
 */
#ifndef CONF_OPTIONS_H
#define CONF_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"

struct arena;

enum option_type {
	OPTION_CHOICE, /* one of some words; an enum */
	OPTION_SECONDS, /* 30s, 5m, 1h, 36d, 2w; a number alone is seconds */
	OPTION_MILLISECONDS, /* 500ms, 5s, 1m */
	OPTION_SIZE, /* 64K, 10M, 1G; a number alone is bytes */
	OPTION_NUMBER,
	OPTION_RATE, /* 200/1m, or 0; a struct rate */
	OPTION_RATES, /* a list of these; a struct rates */
	OPTION_VOLUMES, /* the same of bytes: 1G/1d */
	OPTION_MODE, /* octal, of a file */
	OPTION_YESNO, /* a bool */
	OPTION_STRING,
	OPTION_SECRET, /* a string that is never shown */
	OPTION_TIMES, /* as seconds, or "permanent"; a struct times */
	OPTION_LIST, /* of strings; a struct list */
	OPTION_LOOKUPS, /* of conf/lookup.h; a struct lookups * */
	OPTION_CODE, /* of a reply; an int */
	OPTION_DNSBLS /* of conf/dnsbl.h; a struct dnsbls */
};

/* In which struct an option has its field. */
enum option_of {
	OF_CONF, /* the server's own */
	OF_SETTINGS, /* the server's; a domain may set it too, and a mailbox
			when the row does not say otherwise */
	OF_REPLY /* a reply's, within reply "NAME" { } */
};

struct option {
	const char *section; /* "" for those outside of any */
	const char *name;
	enum option_type type;
	enum option_of of;
	size_t at; /* offset of the field, int64_t where nothing else is said */
	int64_t least, most; /* of a value; of a list, how many items */
	const char *const *words; /* of a choice, in the order of its enum */
	const char *(*check)(const char *word); /* NULL, or what is wrong */
	bool redis; /* of lookups: "redis:" may be an item */
	bool domains; /* of OF_SETTINGS: mailboxes may not set it */
	const char *preset; /* as in a file; NULL when the table of replies
			     * knows it */
	const char *text; /* the manual's sentence */
};

extern const struct option options[];
extern const size_t option_count;

/* "greylist.delay", or "listen". */
enum { OPTION_NAME = 64 };
const char *option_name(const struct option *o, char out[OPTION_NAME]);

/* NULL when there is none. */
const struct option *option_find(const char *section, const char *name);

/* "greylist.delay", if domains or mailboxes may set that; else NULL. */
const struct option *option_of_scope(const char *name);

/* The struct of `c` that has the option's field: `c`, or its settings. Not
 * for OF_REPLY. */
const void *option_base(const struct option *o, const struct conf *c);

/* A value as it would stand in a file; a secret only whether it is set.
 * `base` is the struct of o->of. Lives in `a` or for ever. */
const char *option_value(
    const struct option *o, const void *base, struct arena *a);

/* Which values are right: "1s to 1d", "off, observe, enforce". */
const char *option_range(const struct option *o, struct arena *a);

/* All presets as one configuration: the rows until those of replies. */
char *option_presets(struct arena *a);

#endif
