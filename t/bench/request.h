/*
 * request - what Postfix would send, number by number
 *
 * All 29 attributes of Postfix 3.7 in its order, about 600 bytes. A request is
 * a function of its number, so that a triplet can be sent again by anybody who
 * knows the number. Each number is a client in a /24 of its own.
 */
#ifndef BENCH_REQUEST_H
#define BENCH_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REQUEST_SIZE = 2048, NETWORKS = 1 << 20, SENDING_DOMAINS = 50 };

/* Numbers from NETWORKS on come from the networks of the first ones again.
 * `serial` makes the SMTP transaction a new one. Returns the length. */
size_t request_write(char out[REQUEST_SIZE], uint64_t number, uint64_t serial);

/* The same of somebody who has logged in; at the end of the message, too. */
size_t request_write_sent(
    char out[REQUEST_SIZE], uint64_t number, uint64_t serial, bool at_end);

#endif
