/*
 * policyctl_register_history - offences, bans and their lifting
 */
#include <stdio.h>
#include <sysexits.h>

#include "base/arena.h"
#include "policyctl.h"
#include "policyctl_change.h"
#include "policyctl_out.h"
#include "policyctl_redis.h"
#include "policyctl_register.h"
#include "policyctl_shelf.h"
#include "policyctl_strikes.h"
#include "policyctl_terms.h"

/* Of a client: a network has none. */
static int
read_client(struct ctl *ctl, const char *text, struct subject *who)
{
	const int status = subject_read(who, ctl->shelf, ctl->arena, text);

	if (status != EX_OK || who->client)
		return status;
	return fail(
	    EX_USAGE, "'%s' is no address: networks have no history", text);
}

int
register_history(struct ctl *ctl, int argc, char **argv)
{
	struct terms t;
	struct subject who;
	struct strikes s;
	struct out_array array = { 0 };
	struct door *d;
	int status = terms_read(&t, 0, &argc, &argv);

	if (status == EX_OK && argc == 0)
		status = fail(
		    EX_USAGE, "%s history: of whom?", ctl->shelf->name);
	for (int i = 0; i < argc && status == EX_OK; i++)
		status = read_client(ctl, argv[i], &who);
	if (status != EX_OK)
		return status;
	d = register_door(ctl);
	for (int i = 0; i < argc; i++) {
		read_client(ctl, argv[i], &who);
		if (!strikes_fetch(&s, ctl, d, who.name))
			break;
		if (ctl->json)
			out_array_add(&array, strikes_json(&s));
		else
			strikes_print(&s, door_now(d));
	}
	if (ctl->json)
		out_array_end(&array);
	status = register_status(d);
	door_close(d);
	return status;
}
