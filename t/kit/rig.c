/*
 * rig - an asker and a fake Redis, put together
 */
#include "kit/rig.h"

#include "kit/suite.h"

const struct question rig_question = { .script = &asker_script,
	.keys = 1,
	.count = 2,
	.words = { { "test:count", 10 }, { "x", 1 } } };

void
rig_begin(struct rig *r, bool tcp, const struct fake_rule *rules)
{
	fake_redis_start(&r->redis, tcp, rules);
	asker_init(&r->asker, r->redis.server);
	r->asker.conf.redis.deadline_ms = 1000;
	r->asker.conf.redis.connect_ms = 1500;
}

void
rig_ready(struct rig *r)
{
	rig_begin(r, false, NULL);
	asker_open(&r->asker, NULL, false);
	assert_true(asker_until(&r->asker, "ready"));
}

void
rig_end(struct rig *r)
{
	asker_clear(&r->asker);
	fake_redis_stop(&r->redis);
}
