/*
 * sense - values that are right alone and wrong together
 */
#ifndef CONF_SENSE_H
#define CONF_SENSE_H

struct arena;
struct complaints;
struct conf;
struct option;
struct settings;

/*
 * Complains about `c` with `set` as its settings. `lines` has the line of each
 * row of options, 0 when it was not set here: what was set nowhere here is
 * somebody else's mistake.
 */
void sense_check(const struct conf *c, const struct settings *set,
    const int *lines, struct complaints *said);

/* Why what `set` has for `o` is in vain under `c`, in `a`; NULL when it is not.
 * For what no file has: Redis may be told anything of a scope. */
const char *sense_idle(struct arena *a, const struct conf *c,
    const struct settings *set, const struct option *o);

/* Takes back from `set` what is wrong together, as it was in `before`. */
void sense_mend(struct settings *set, const struct settings *before);

#endif
