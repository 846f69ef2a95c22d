/*
 * write - a question that writes to a register, and what follows from it
 *
 * A listing or a ban is put on its index, a lifted one taken off, and a client
 * over abuse.cap is lifted. All of that may be lost with Redis and does no
 * harm then: an index is for those who look, and the next write tries again.
 */
#ifndef REGISTER_WRITE_H
#define REGISTER_WRITE_H

#include "register/register.h"

/* Told once, when all of it is answered. `r` is NULL when the write itself was
 * lost. */
typedef void register_written(
    void *data, const struct register_result *r, enum loss loss);

/* `a` is taken over: the words of `q` live in it. `which` is the register that
 * `q` is about. The configuration is referenced until the end; `done` may be
 * NULL. */
void register_write(struct store *store, struct conf *conf, struct arena *a,
    const struct address *client, const struct question *q,
    enum register_name which, register_written *done, void *data);

#endif
