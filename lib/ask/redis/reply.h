/*
 * reply - what hiredis read, as an answer; an error, as a loss
 */
#ifndef ASK_REDIS_REPLY_H
#define ASK_REDIS_REPLY_H

#include <stdbool.h>

#include "ask/ask.h"

struct redisReply;

/* Fills `answer`, whose texts are the reply's. Values behind `count` are left
 * as they were. An array in an array, or more values than an answer holds, is
 * LOSS_SHAPE. */
void reply_answer(const struct redisReply *reply, struct answer *answer);

/* The same of one of several commands; `text` is the reply's. */
void reply_value(const struct redisReply *reply, struct value *v);

/* LOSS_NONE when it is no error. Errors are told by their first word. */
enum loss reply_loss(const struct redisReply *reply);

/* The server no longer is (or not yet) one to talk to: a replica, loading. */
bool reply_leave(const struct redisReply *reply);

/* Redis forgot the script: it did not run. */
bool reply_noscript(const struct redisReply *reply);

#endif
