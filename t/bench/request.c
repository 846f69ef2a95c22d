/*
 * request - one RCPT of a transaction with one recipient
 */
#include "request.h"

#include <stdio.h>

static const char form[] = "request=smtpd_access_policy\n"
			   "protocol_state=RCPT\n"
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
			   "recipient_count=0\n"
			   "queue_id=\n"
			   "instance=%x.%x.%x.0\n"
			   "size=%u\n"
			   "etrn_domain=\n"
			   "stress=\n"
			   "sasl_method=\n"
			   "sasl_username=\n"
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

size_t
request_write(char out[REQUEST_SIZE], uint64_t number, uint64_t serial)
{
	const unsigned network = (unsigned)(number % NETWORKS);
	const unsigned n = (unsigned)number, s = (unsigned)serial;
	char address[16];

	write_address(address, network, 1 + n / NETWORKS);
	return (size_t)snprintf(out, REQUEST_SIZE, form, address, n,
	    1024 + s % 64000, n, n, n, n % 5000, 0x1000 + s % 1000,
	    0x6b000000 + s / 1000, s % 1000000, 2000 + n % 30000);
}
