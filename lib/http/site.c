/*
 * site - one row a route
 */
#include "http/site.h"

#include "http/sizes.h"

const struct http_route site_routes[] = {
	{ "/metrics", HTTP_GET, false, serve_metrics },
	{ "/healthz", HTTP_GET, false, serve_alive },
	{ "/readyz", HTTP_GET, false, serve_ready },
	{ NULL },
};

const struct script *const site_scripts[] = { &script_sizes, NULL };
