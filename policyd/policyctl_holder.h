/*
 * policyctl_holder - domains and mailboxes, and what Redis holds for them
 *
 * A domain is named as "example.com", a mailbox as "bob@example.com". The keys
 * are those of scope/scope.h: `name` is "domain", "mailbox" or "deny", which
 * is of both.
 */
#ifndef POLICYD_POLICYCTL_HOLDER_H
#define POLICYD_POLICYCTL_HOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct ctl;
struct door;
struct scope;

struct field {
	const char *name, *value;
};

/* One key: a hash. */
struct holder {
	const char *address;
	const char *key;
	bool there; /* else Redis has no such key */
	bool unreadable; /* somebody else's value */
	size_t count;
	struct field *fields; /* by name */
};

/* NULL when it has none. */
const char *holder_field(const struct holder *h, const char *name);

/* When the first setting was made; 0: nobody said. */
int64_t holder_since(const struct holder *h);

/* "domain" or "mailbox": what the group's commands are about. */
const char *holder_kind(const struct ctl *ctl);

/* As it is kept; EX_OK, or it was said what is wrong. holder_read() takes what
 * the group is about, holder_any() either. */
int holder_read(struct ctl *ctl, const char *text, const char **address);
int holder_any(struct ctl *ctl, const char *text, const char **address);

/* With all scripts of scopes. */
struct door *holder_door(struct ctl *ctl);

/* What Redis has under this name (NULL: of settings) of `count` addresses.
 * False without Redis. */
bool holders_fetch(struct ctl *ctl, struct door *d, struct arena *a,
    const char *name, const char *const *addresses, struct holder *out,
    size_t count);

/* Tells of each whose address matches a glob pattern (NULL: of all); one
 * without "@" is compared with the domain. It ends when `told` says false. A
 * holder lives as long as `told` runs. False without Redis. */
typedef bool holder_told(void *data, const struct holder *h);
bool holders_walk(struct ctl *ctl, struct door *d, const char *name,
    const char *pattern, holder_told *told, void *data);

/* What holds for an address, as policyd would find it; and for several. */
const struct scope *holder_scope(
    struct ctl *ctl, struct door *d, struct arena *a, const char *address);
void holder_scopes(struct ctl *ctl, struct door *d, struct arena *a,
    const char *const *addresses, const struct scope **out, size_t count);

/* False when policyd knows that a mailbox is none. */
bool holder_exists(
    const struct ctl *ctl, const struct scope *scope, const char *address);

/* Why what stands in Redis for an address does not hold; NULL when it does, or
 * when nobody can say. */
const char *holder_idle(const struct ctl *ctl, struct arena *a,
    const struct scope *scope, const char *address, const struct field *f);

int holder_list(struct ctl *ctl, int argc, char **argv);
int holder_show(struct ctl *ctl, int argc, char **argv);
int holder_set(struct ctl *ctl, int argc, char **argv);
int holder_unset(struct ctl *ctl, int argc, char **argv);
int holder_del(struct ctl *ctl, int argc, char **argv);

#endif
