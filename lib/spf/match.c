/*
 * match - one mechanism of ours for libspf2
 */
#include "spf/match.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <arpa/nameser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spf2/spf.h>
#include <spf2/spf_dns.h>

#include "base/arena.h"

#define NAME "n.example"

struct matcher {
	SPF_dns_server_t dns; /* asked by libspf2, and answers with these */
	SPF_server_t *server; /* NULL: not needed yet */
	const struct address *addresses;
	size_t count;
};

static size_t
count_of(const struct matcher *m, unsigned char family)
{
	size_t n = 0;

	for (size_t i = 0; i < m->count; i++)
		n += m->addresses[i].family == family;
	return n;
}

/* libspf2 calls abort() when it gets NULL, and takes an answer without records
 * for one it cannot tell from an error. */
static SPF_dns_rr_t *
nothing(SPF_dns_server_t *dns, const char *domain)
{
	SPF_dns_rr_t *rr = SPF_dns_rr_new_nxdomain(dns, domain);

	if (!rr)
		abort(); /* as xmalloc() does */
	return rr;
}

static SPF_dns_rr_t *
find(SPF_dns_server_t *dns, const char *domain, ns_type type, int should_cache)
{
	const struct matcher *m = dns->hook;
	const unsigned char family = type == ns_t_a ? 4 : 6;
	const size_t size = family == 4 ? 4 : 16;
	SPF_dns_rr_t *rr;

	(void)should_cache;
	if ((type != ns_t_a && type != ns_t_aaaa) || count_of(m, family) == 0)
		return nothing(dns, domain);
	rr = SPF_dns_rr_new_init(dns, domain, type, 0, NETDB_SUCCESS);
	if (!rr)
		abort();
	for (size_t i = 0; i < m->count; i++) {
		if (m->addresses[i].family != family)
			continue;
		if (SPF_dns_rr_buf_realloc(rr, rr->num_rr, sizeof(**rr->rr)) !=
		    SPF_E_SUCCESS)
			abort();
		memcpy(rr->rr[rr->num_rr++], m->addresses[i].bytes, size);
	}
	return rr;
}

struct matcher *
matcher_new(void)
{
	struct matcher *m = xcalloc(1, sizeof(*m));

	m->dns.lookup = find;
	m->dns.name = "answers";
	m->dns.hook = m;
	return m;
}

void
matcher_free(struct matcher *m)
{
	if (!m)
		return;
	if (m->server)
		SPF_server_free(m->server);
	free(m);
}

static SPF_request_t *
request_of(struct matcher *m, const struct address *client)
{
	SPF_request_t *r;
	struct in_addr a4;
	struct in6_addr a6;

	if (!m->server)
		m->server = SPF_server_new_dns(&m->dns, 0);
	r = m->server ? SPF_request_new(m->server) : NULL;
	if (!r)
		abort();
	memcpy(&a4, client->bytes, sizeof(a4));
	memcpy(&a6, client->bytes, sizeof(a6));
	if (client->family == 4)
		SPF_request_set_ipv4(r, a4);
	else
		SPF_request_set_ipv6(r, a6);
	SPF_request_set_env_from(r, "postmaster@" NAME);
	r->cur_dom = NAME;
	return r;
}

/* Our one mechanism, with the prefix length of the client's family only. */
static bool
passes(struct matcher *m, SPF_request_t *request, unsigned bits)
{
	SPF_response_t *response = SPF_response_new(request);
	SPF_record_t *record = NULL;
	char text[64];
	bool pass = false;

	snprintf(text, sizeof(text), "v=spf1 +a:" NAME "%s%u",
	    request->client_ver == AF_INET ? "/" : "//", bits);
	if (response &&
	    SPF_record_compile(m->server, response, &record, text) ==
		SPF_E_SUCCESS) {
		/* Where an explanation would come from: it has none. */
		response->spf_record_exp = record;
		SPF_record_interpret(record, request, response, 0);
		pass = SPF_response_result(response) == SPF_RESULT_PASS;
	}
	if (record)
		SPF_record_free(record);
	if (response)
		SPF_response_free(response);
	return pass;
}

static bool
any_near(const struct address *client, const struct address *addresses,
    size_t count, unsigned bits)
{
	const struct network around = network_of(client, bits);

	for (size_t i = 0; i < count; i++)
		if (network_has(&around, &addresses[i]))
			return true;
	return false;
}

bool
matcher_has(struct matcher *m, const struct address *client,
    const struct address *addresses, size_t count, unsigned bits)
{
	SPF_request_t *request;
	bool has;

	if (!any_near(client, addresses, count, bits))
		return false;
	if (bits == 0)
		return true; /* which libspf2 finds wrong */
	m->addresses = addresses;
	m->count = count;
	request = request_of(m, client);
	has = passes(m, request, bits);
	SPF_request_free(request);
	return has;
}
