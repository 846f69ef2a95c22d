/*
 * request - RCPT and END-OF-MESSAGE of a transaction with one recipient
 */
#include "request.h"

#include <stdio.h>

static const char form[] = "request=smtpd_access_policy\n"
			   "protocol_state=%s\n"
			   "protocol_name=ESMTP\n"
			   "client_address=%s\n"
			   "client_name=mail%u.example.net\n"
			   "client_port=%u\n"
			   "reverse_client_name=mail%u.example.net\n"
			   "server_address=192.0.2.25\n"
			   "server_port=25\n"
			   "helo_name=mail%u.example.net\n"
			   "sender=sender%u@example.net\n"
			   "recipient=recipient%u@example.com\n"
			   "recipient_count=%d\n"
			   "queue_id=%s\n"
			   "instance=%x.%x.%x.0\n"
			   "size=%u\n"
			   "etrn_domain=\n"
			   "stress=\n"
			   "sasl_method=%s\n"
			   "sasl_username=%s\n"
			   "sasl_sender=\n"
			   "ccert_subject=\n"
			   "ccert_issuer=\n"
			   "ccert_fingerprint=\n"
			   "ccert_pubkey_fingerprint=\n"
			   "encryption_protocol=TLSv1.3\n"
			   "encryption_cipher=TLS_AES_256_GCM_SHA384\n"
			   "encryption_keysize=256\n"
			   "policy_context=\n"
			   "\n";

/* 240.0.0.0/4 is reserved and nobody's, and has enough networks of 256. */
static void
write_address(char out[16], unsigned network, unsigned host)
{
	snprintf(out, 16, "%u.%u.%u.%u", 240 | (network >> 16 & 15),
	    network >> 8 & 255, network & 255, host & 255);
}

/* What not all requests have. */
struct about {
	const char *state;
	int recipients;
	const char *queue_id;
	const char *method, *login;
};

static size_t
write_one(char out[REQUEST_SIZE], uint64_t number, uint64_t serial,
    const struct about *about)
{
	const unsigned network = (unsigned)(number % NETWORKS);
	const unsigned n = (unsigned)number, s = (unsigned)serial;
	char address[16];

	write_address(address, network, 1 + n / NETWORKS);
	return (size_t)snprintf(out, REQUEST_SIZE, form, about->state, address,
	    n, 1024 + s % 64000, n, n, n, n % 5000, about->recipients,
	    about->queue_id, 0x1000 + s % 1000, 0x6b000000 + s / 1000,
	    s % 1000000, 2000 + n % 30000, about->method, about->login);
}

size_t
request_write(char out[REQUEST_SIZE], uint64_t number, uint64_t serial)
{
	static const struct about stranger = { "RCPT", 0, "", "", "" };

	return write_one(out, number, serial, &stranger);
}

size_t
request_write_sent(
    char out[REQUEST_SIZE], uint64_t number, uint64_t serial, bool at_end)
{
	char login[64];
	struct about about = { "RCPT", 0, "", "PLAIN", login };

	if (at_end)
		about = (struct about){ "END-OF-MESSAGE", 1, "4Fx1Tz0bVqzB9s1",
			"PLAIN", login };
	snprintf(login, sizeof(login), "user%u@domain%u.example",
	    (unsigned)number, (unsigned)(number % SENDING_DOMAINS));
	return write_one(out, number, serial, &about);
}
