/*
 * meters - which meters a request charges
 *
 * Who has logged in charges those of his mailbox, of its domain and of the
 * server; anybody else those of the client, which has no other limits. Where
 * there is no limit, there is no meter.
 */
#ifndef CHECKS_METERS_H
#define CHECKS_METERS_H

#include "engine/request.h"
#include "rate/rate.h"

/* In `a`, all of it. */
struct meters meters_of(struct arena *a, const struct request *req);

/* Those of the mailbox that count one kind. */
struct meters meters_of_login(
    struct arena *a, const struct request *req, enum rate_kind kind);

struct meters meters_copy(struct arena *a, const struct meters *m);

bool meters_have(const struct meters *m, enum rate_kind kind);

/* True when some of them count what is not 0 there. */
bool meters_sum(const struct meters *m, const struct amounts *n);

/* Or at least have a say in it. */
bool meters_count(const struct meters *m, const struct amounts *n);

#endif
