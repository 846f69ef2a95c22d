/*
 * site - one row a route
 */
#include "http/site.h"

#include "http/sizes.h"

const struct http_route site_routes[] = {
	{ "/metrics", HTTP_GET, false, serve_metrics },
	{ "/healthz", HTTP_GET, false, serve_alive },
	{ "/readyz", HTTP_GET, false, serve_ready },
	{ "/auth-policy", HTTP_POST, true, serve_auth_policy },
	{ "/spam-report", HTTP_POST, true, serve_spam_report },
	{ "/mailboxes/*/deny", HTTP_GET, true, serve_deny_list },
	{ "/mailboxes/*/deny/*", HTTP_GET | HTTP_PUT | HTTP_DELETE, true,
	    serve_deny_entry },
	{ NULL },
};

const struct script *const site_scripts[] = { &script_sizes, NULL };
