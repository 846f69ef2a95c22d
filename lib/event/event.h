/*
 * event - what somebody should hear of at once: a line, and JSON
 *
 * A verdict that carries the name of an event is one: a login that nears a
 * limit, say. Which events there are is for the checks to know.
 */
#ifndef EVENT_EVENT_H
#define EVENT_EVENT_H

#include "engine/check.h"

struct event {
	const struct request *request;
	const struct check *check;
	const struct verdict *verdict; /* with an event */
	enum mode mode; /* of the check, about this request */
};

/* One line at level warning. */
void event_log(const struct event *e);

/*
 * One object, on one line of ASCII with its end: flat, and the same names
 * whatever check it comes from (policyd(8) has them), then the details of the
 * verdict. Texts of strangers are cut at EVENT_TEXT bytes; what is no UTF-8 in
 * them is told as \xNN. Lives in `a`.
 */
enum { EVENT_TEXT = 512 };
const char *event_json(const struct event *e, struct arena *a);

#endif
