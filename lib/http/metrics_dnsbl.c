/*
 * metrics_dnsbl - how each DNS list fares
 */
#include "http/metrics_dnsbl.h"

#include "dnsbl/zones.h"
#include "http/page.h"

static void
add_state(struct page *p, const struct zone_view *v)
{
	for (int i = 0; i < ZONE_STATES; i++)
		page_sample(p, v->state == (enum zone_state)i, "zone", v->name,
		    "state", zone_state_name((enum zone_state)i), NULL);
}

static void
add_since(struct page *p, const struct zone_view *v)
{
	page_sample(p, v->since, "zone", v->name, NULL);
}

static void
add_asked(struct page *p, const struct zone_view *v)
{
	page_sample(p, (int64_t)v->asked, "zone", v->name, NULL);
}

static void
add_listed(struct page *p, const struct zone_view *v)
{
	page_sample(p, (int64_t)v->listed, "zone", v->name, NULL);
}

/* Those that do happen: there are many reasons, and may be many lists. */
static void
add_lost(struct page *p, const struct zone_view *v)
{
	for (int i = LOSS_NONE + 1; i < LOSS_COUNT; i++)
		if (v->lost[i] > 0)
			page_sample(p, (int64_t)v->lost[i], "zone", v->name,
			    "reason", loss_name((enum loss)i), NULL);
}

static const struct family {
	const char *name, *type, *help;
	void (*add)(struct page *p, const struct zone_view *v);
} families[] = {
	{ "policyd_dnsbl_state", "gauge",
	    "Whether a DNS list is in this state; it is believed in one, on.",
	    add_state },
	{ "policyd_dnsbl_since_seconds", "gauge",
	    "Since when a DNS list is in its state, Unix time.", add_since },
	{ "policyd_dnsbl_questions_total", "counter",
	    "Questions of checks to a DNS list.", add_asked },
	{ "policyd_dnsbl_listed_total", "counter",
	    "Such whose answer was that somebody is listed.", add_listed },
	{ "policyd_dnsbl_lost_total", "counter",
	    "Such without an answer that can be believed, by reason.",
	    add_lost },
};

void
metrics_dnsbl(struct page *p, const struct zones *zones)
{
	struct zone_view v;

	if (!zones || !zones_view(zones, 0, &v))
		return;
	for (size_t f = 0; f < sizeof(families) / sizeof(families[0]); f++) {
		page_family(
		    p, families[f].name, families[f].type, families[f].help);
		for (size_t i = 0; zones_view(zones, i, &v); i++)
			families[f].add(p, &v);
	}
}
