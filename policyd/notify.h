/*
 * notify - tells systemd what we are doing (sd_notify(3)'s datagram)
 *
 * Does nothing when NOTIFY_SOCKET is not set.
 */
#ifndef POLICYD_NOTIFY_H
#define POLICYD_NOTIFY_H

#include <stdint.h>

/* "READY=1", "RELOADING=1", "STOPPING=1", "WATCHDOG=1" */
void notify(const char *state);

/* Half of the watchdog's time in milliseconds, 0 when nobody watches. */
uint64_t notify_watchdog_ms(void);

#endif
