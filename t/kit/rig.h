/*
 * rig - a door to Redis, and behind it one that does what the test wants
 */
#ifndef KIT_RIG_H
#define KIT_RIG_H

#include "kit/asker.h"
#include "kit/fake_redis.h"

struct rig {
	struct fake_redis redis;
	struct asker asker;
};

// clang-format off
#define RIG_ALWAYS(command, reply)                                             \
	((const struct fake_rule[]){ { command, reply, 0 }, { 0 } })
#define RIG_ONCE(command, reply)                                               \
	((const struct fake_rule[]){ { command, reply, 1 }, { 0 } })
// clang-format on

/* One of asker_script, for asker_do(). */
extern const struct question rig_question;

/* Starts the fake Redis; the door is still to be opened, with deadlines of one
 * second, and one and a half to connect. */
void rig_begin(struct rig *r, bool tcp, const struct fake_rule *rules);

/* The same over a unix socket, and opens it. */
void rig_ready(struct rig *r);

void rig_end(struct rig *r);

#endif
