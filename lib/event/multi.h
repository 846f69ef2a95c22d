/*
 * multi - libcurl on libuv's loop
 *
 * Its sockets are polled, its time-outs are on our clock. Names it never looks
 * up: who uses it says where a host is (CURLOPT_RESOLVE), as libcurl would do
 * it in a thread and wait for that thread when it is told to stop.
 */
#ifndef EVENT_MULTI_H
#define EVENT_MULTI_H

#include <uv.h>

#include "event/libcurl.h"

struct clock;
struct multi;

/* Told how one ended that was added; it is not any more. `data` is its
 * CURLOPT_PRIVATE. */
typedef void multi_ended(void *data, CURL *easy, CURLcode how);

/* NULL when libcurl cannot be set up. `curl` must live as long. */
struct multi *multi_new(const struct libcurl *curl, uv_loop_t *loop,
    struct clock *clock, multi_ended *ended);

void multi_add(struct multi *m, CURL *easy);

/* `ended` is not told. Not from inside a callback of libcurl. */
void multi_remove(struct multi *m, CURL *easy);

/* None is under way any more; fine from inside `ended`. `closed` is told when
 * all handles are gone, never from inside this. */
void multi_free(struct multi *m, void (*closed)(void *data), void *data);

#endif
