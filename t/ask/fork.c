/*
 * Each question finds its door.
 */
#include "ask/fork.h"

#include "kit/suite.h"

static const struct script script = { "one", "return 1" };

/* Notes that it was asked. */
struct door {
	struct store store;
	unsigned asked;
};

struct doors {
	struct door redis, dns, zones;
	struct fork fork;
};

static void
note(struct store *s, const struct question *q, struct ticket *t)
{
	(void)q;
	(void)t;
	((struct door *)s)->asked++;
}

static void
ask(struct doors *d, bool with_zones, const struct question *q)
{
	*d = (struct doors){ { { note } }, { { note } }, { { note } } };
	fork_init(&d->fork, &d->redis.store, &d->dns.store);
	if (with_zones)
		d->fork.zones = &d->zones.store;
	store_ask(&d->fork.store, q, NULL);
	assert_int_equal(d->redis.asked + d->dns.asked + d->zones.asked, 1);
}

static void
a_script_is_for_redis(void **state)
{
	struct doors d;

	(void)state;
	ask(&d, true, &(struct question){ .script = &script });
	assert_int_equal(d.redis.asked, 1);
}

static void
a_type_is_for_the_dns(void **state)
{
	struct doors d;

	(void)state;
	ask(&d, true, &(struct question){ .dns = 1 });
	assert_int_equal(d.dns.asked, 1);
}

static void
a_zone_is_for_what_knows_its_list(void **state)
{
	struct doors d;

	(void)state;
	ask(&d, true, &(struct question){ .dns = 1, .zone = "bl.example" });
	assert_int_equal(d.zones.asked, 1);
}

static void
and_for_the_dns_where_nothing_does(void **state)
{
	struct doors d;

	(void)state;
	ask(&d, false, &(struct question){ .dns = 1, .zone = "bl.example" });
	assert_int_equal(d.dns.asked, 1);
}

int
main(void)
{
	static struct suite s;

	SUITE_TEST(&s, a_script_is_for_redis);
	SUITE_TEST(&s, a_type_is_for_the_dns);
	SUITE_TEST(&s, a_zone_is_for_what_knows_its_list);
	SUITE_TEST(&s, and_for_the_dns_where_nothing_does);
	return suite_run(&s, "ask/fork");
}
