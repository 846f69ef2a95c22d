/*
 * policyctl_probe - is the daemon of this host there, and does it answer
 */
#ifndef POLICYD_POLICYCTL_PROBE_H
#define POLICYD_POLICYCTL_PROBE_H

#include <stdbool.h>
#include <stdint.h>

struct probe {
	bool well; /* it said what it must */
	int64_t us; /* until it did */
	char error[256]; /* else why not */
};

/* Asks what no check applies to, and waits `timeout_ms` at most. `listen` is
 * an item of the configuration: "inet:HOST:PORT" or "unix:PATH". */
void probe_daemon(struct probe *p, const char *listen, int64_t timeout_ms);

#endif
