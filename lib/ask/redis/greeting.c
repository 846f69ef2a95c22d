/*
 * greeting - a command and who reads its answer, one after the other
 *
 * Answers come in the order of the commands, so a reader needs no memory of
 * where it is; the last one, mostly of a script, knows that all were good.
 */
#include "ask/redis/greeting.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask/redis/connection.h"
#include "ask/redis/reply.h"

enum { PASSWORD = 512, DIGITS = 24 };

static void
end(struct greeter *g, const char *command, const char *error)
{
	char text[160];

	if (g->failed)
		return;
	g->failed = true;
	snprintf(text, sizeof(text), "%s: %s", command, error);
	g->done(g, text);
}

/* False: a step before failed, or this one did. */
static bool
good(struct greeter *g, const char *command, const redisReply *reply)
{
	if (!reply || g->failed)
		return false;
	if (reply->type != REDIS_REPLY_ERROR)
		return true;
	end(g, command, reply->str);
	return false;
}

static void
on_auth(void *data, const redisReply *reply)
{
	good(data, "AUTH", reply);
}

static void
on_select(void *data, const redisReply *reply)
{
	good(data, "SELECT", reply);
}

/* A name helps who reads CLIENT LIST; without the right to one we do. Other
 * errors are of the server, which may close behind the first. */
static void
on_setname(void *data, const redisReply *reply)
{
	if (reply && reply_loss(reply) == LOSS_REFUSED && !reply_leave(reply))
		return;
	good(data, "CLIENT SETNAME", reply);
}

/* Scripts write: a replica would refuse them, and a master that has become a
 * replica says so here. */
static void
on_role(void *greeter, const redisReply *reply)
{
	struct greeter *g = greeter;

	if (!good(g, "ROLE", reply))
		return;
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements == 0 ||
	    !reply->element[0]->str ||
	    strcmp(reply->element[0]->str, "master") != 0)
		end(g, "ROLE", "not a master");
	else if (!g->greeting->scripts)
		g->done(g, NULL);
}

static void
on_load(void *greeter, const redisReply *reply)
{
	struct greeter *g = greeter;
	struct scripts *s = g->greeting->scripts;

	if (!good(g, "SCRIPT LOAD", reply))
		return;
	if (reply->type != REDIS_REPLY_STRING || reply->len != DIGEST_SIZE) {
		end(g, "SCRIPT LOAD", "not a digest");
		return;
	}
	loaded_as(&s->list[g->loaded], reply->str);
	if (++g->loaded == s->count)
		g->done(g, NULL);
}

/* Words up to a NULL. */
static void
say(struct connection *c, struct greeter *g, connection_replied *replied, ...)
{
	struct word words[4];
	struct buffer b = { 0 };
	size_t count = 0;
	const char *text;
	va_list ap;

	va_start(ap, replied);
	while ((text = va_arg(ap, const char *)) != NULL)
		words[count++] = (struct word){ text, strlen(text) };
	va_end(ap);
	format_words(&b, words, count);
	connection_send(c, &b, 1, replied, g);
	free(b.bytes);
}

/* The first line; NULL, or why there is none. */
static const char *
read_password(const char *path, char text[PASSWORD])
{
	FILE *file = fopen(path, "re");

	if (!file)
		return strerror(errno);
	if (!fgets(text, PASSWORD, file))
		text[0] = '\0';
	fclose(file);
	text[strcspn(text, "\r\n")] = '\0';
	return *text ? NULL : "no password in this file";
}

static bool
given(const char *text)
{
	return text && *text;
}

/* The file is read for each connection, so that it can be changed; when it
 * cannot be, being root's perhaps, what the configuration found in it holds. */
static void
authenticate(struct connection *c, struct greeter *g)
{
	const struct greeting *how = g->greeting;
	const char *password = how->password, *error = NULL;
	char text[PASSWORD];

	if (given(how->password_file))
		error = read_password(how->password_file, text);
	if (error && !given(password)) {
		end(g, how->password_file, error);
		return;
	}
	if (given(how->password_file) && !error)
		password = text;
	if (given(how->user))
		say(c, g, on_auth, "AUTH", how->user, password ? password : "",
		    NULL);
	else if (given(password))
		say(c, g, on_auth, "AUTH", password, NULL);
}

void
greeter_start(struct greeter *g, const struct greeting *how,
    struct connection *c, void (*done)(struct greeter *, const char *error))
{
	char database[DIGITS];

	*g = (struct greeter){ .done = done, .greeting = how };
	authenticate(c, g);
	if (g->failed)
		return;
	snprintf(database, sizeof(database), "%lld", (long long)how->database);
	if (how->database != 0)
		say(c, g, on_select, "SELECT", database, NULL);
	say(c, g, on_setname, "CLIENT", "SETNAME", "policyd", NULL);
	say(c, g, on_role, "ROLE", NULL);
	for (size_t i = 0; how->scripts && i < how->scripts->count; i++)
		say(c, g, on_load, "SCRIPT", "LOAD",
		    how->scripts->list[i].script->source, NULL);
}
