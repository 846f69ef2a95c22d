/*
 * echo - the least a policy service can do, to measure policyd against
 *
 *     echo SOCKET              (a) reads to the empty line, answers DUNNO
 *     echo -r REDIS SOCKET     (b) asks Redis once before it answers
 *
 * Why this is the yardstick: (a) is what the kernel and libuv cost, which no
 * daemon on them can save. (b) adds the one thing every greylisting service
 * that shares its state has to do: tell a store who came, and hear whether it
 * was known. Its script is the least that could be called greylisting, one
 * read and, for a stranger, one write with an end; its glue to hiredis sends
 * what one turn of the loop has asked in one write. It has no limits, no
 * deadline, no log, no configuration, no second check and no defence, and what
 * policyd costs more than (b) is the price of having them.
 *
 * It trusts its clients: one request in flight on each, as Postfix does it.
 */
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

enum { READ_SIZE = 64 * 1024, KEY_SIZE = 1024, BACKLOG = 1024 };

static const char script[] = "local seen = redis.call('GET', KEYS[1])\n"
			     "if not seen then\n"
			     "redis.call('SET', KEYS[1], '1', 'EX', '86400')\n"
			     "end\n"
			     "return seen\n";

/* Our side of hiredis' event hooks. */
struct glue {
	redisAsyncContext *redis;
	uv_poll_t poll;
	uv_prepare_t prepare;
	bool to_write, waiting; /* to send; for the socket to take it */
	char sha[41];
};

struct echo {
	struct glue *glue; /* NULL: (a) */
	char bytes[READ_SIZE]; /* one for all: it is used up in each read */
};

struct client {
	uv_pipe_t pipe;
	struct echo *echo;
	bool asked, closed;
	char *kept; /* the beginning of a request */
	size_t kept_size;
};

static void
fail(const char *what, const char *why)
{
	fprintf(stderr, "echo: %s: %s\n", what, why);
	exit(1);
}

/* Redis' answer may come after the client has gone: the last one frees. */
static void
client_free(struct client *c)
{
	if (c->closed && !c->asked) {
		free(c->kept);
		free(c);
	}
}

static void
on_closed(uv_handle_t *h)
{
	struct client *c = h->data;

	c->closed = true;
	client_free(c);
}

static void
client_close(struct client *c)
{
	if (!uv_is_closing((uv_handle_t *)&c->pipe))
		uv_close((uv_handle_t *)&c->pipe, on_closed);
}

static void
client_answer(struct client *c)
{
	static char answer[] = "action=DUNNO\n\n";
	const uv_buf_t buf = uv_buf_init(answer, sizeof(answer) - 1);

	if (uv_try_write((uv_stream_t *)&c->pipe, &buf, 1) != (int)buf.len)
		client_close(c);
}

static void
on_reply(redisAsyncContext *ac, void *reply, void *data)
{
	struct client *c = data;
	const redisReply *r = reply;

	(void)ac;
	if (!r || r->type == REDIS_REPLY_ERROR)
		fail("redis", r ? r->str : "connection lost");
	c->asked = false;
	if (uv_is_closing((uv_handle_t *)&c->pipe))
		client_free(c);
	else
		client_answer(c);
}

/* "client_address sender recipient": who greylisting remembers. */
static size_t
make_key(char *key, const char *request, const char *end)
{
	static const struct {
		const char *name;
		size_t size;
	} parts[] = { { "client_address=", 15 }, { "sender=", 7 },
		{ "recipient=", 10 } };
	size_t used = 0, part = 0;

	for (const char *line = request, *lf; line < end; line = lf + 1) {
		size_t size;

		lf = memchr(line, '\n', (size_t)(end - line));
		size = (size_t)(lf - line);
		if (part == 3 || size < parts[part].size ||
		    memcmp(line, parts[part].name, parts[part].size) != 0)
			continue;
		size -= parts[part].size;
		if (used + size + 1 > KEY_SIZE)
			break;
		memcpy(key + used, line + parts[part++].size, size);
		used += size;
		key[used++] = ' ';
	}
	return used;
}

static void
client_ask(struct client *c, const char *request, size_t size)
{
	struct glue *g = c->echo->glue;
	char key[KEY_SIZE];
	const char *argv[] = { "EVALSHA", g->sha, "1", key };
	const size_t sizes[] = { 7, 40, 1,
		make_key(key, request, request + size) };

	c->asked = true;
	if (redisAsyncCommandArgv(g->redis, on_reply, c, 4, argv, sizes) != 0)
		fail("redis", "cannot ask");
}

static void
client_request(struct client *c, const char *request, size_t size)
{
	if (!c->echo->glue)
		client_answer(c);
	else if (c->asked)
		client_close(c);
	else
		client_ask(c, request, size);
}

static bool
is_whole(const char *bytes, size_t size)
{
	return size >= 2 && memcmp(bytes + size - 2, "\n\n", 2) == 0;
}

/* Nearly always a read is a request; what is not is put together here. */
static void
client_bytes(struct client *c, const char *bytes, size_t size)
{
	if (c->kept || !is_whole(bytes, size)) {
		c->kept = realloc(c->kept, c->kept_size + size);
		if (!c->kept)
			fail("memory", "none left");
		memcpy(c->kept + c->kept_size, bytes, size);
		bytes = c->kept;
		size = c->kept_size += size;
	}
	if (!is_whole(bytes, size))
		return;
	client_request(c, bytes, size - 1);
	free(c->kept);
	c->kept = NULL;
	c->kept_size = 0;
}

static void
on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *buf)
{
	struct client *c = h->data;

	(void)hint;
	*buf = uv_buf_init(c->echo->bytes, READ_SIZE);
}

static void
on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *buf)
{
	struct client *c = s->data;

	if (n > 0)
		client_bytes(c, buf->base, (size_t)n);
	else if (n < 0)
		client_close(c);
}

static void
on_connection(uv_stream_t *listener, int status)
{
	struct client *c;

	if (status < 0 || !(c = calloc(1, sizeof(*c))))
		return;
	c->echo = listener->data;
	c->pipe.data = c;
	uv_pipe_init(listener->loop, &c->pipe, 0);
	if (uv_accept(listener, (uv_stream_t *)&c->pipe) < 0)
		client_close(c);
	else
		uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read);
}

static void
on_poll(uv_poll_t *p, int status, int events)
{
	struct glue *g = p->data;

	if (status < 0)
		fail("redis", uv_strerror(status));
	if (events & UV_READABLE)
		redisAsyncHandleRead(g->redis);
	if (events & UV_WRITABLE)
		redisAsyncHandleWrite(g->redis);
}

static void
watch(struct glue *g, bool waiting)
{
	const int events = UV_READABLE | (waiting ? UV_WRITABLE : 0);

	g->waiting = waiting;
	uv_poll_start(&g->poll, events, on_poll);
}

/* All that was asked since the loop last waited; only what the socket does
 * not take costs a system call to wait for. */
static void
on_prepare(uv_prepare_t *p)
{
	struct glue *g = p->data;

	if (g->to_write && !g->waiting)
		redisAsyncHandleWrite(g->redis);
	if (g->to_write != g->waiting)
		watch(g, g->to_write);
}

static void
add_write(void *data)
{
	((struct glue *)data)->to_write = true;
}

static void
del_write(void *data)
{
	((struct glue *)data)->to_write = false;
}

static void
load_script(struct glue *g, const char *path)
{
	redisContext *c = redisConnectUnix(path);
	redisReply *r;

	if (!c || c->err)
		fail(path, c ? c->errstr : "no memory");
	r = redisCommand(c, "SCRIPT LOAD %s", script);
	if (!r || r->type != REDIS_REPLY_STRING)
		fail("script", r ? r->str : c->errstr);
	snprintf(g->sha, sizeof(g->sha), "%s", r->str);
	freeReplyObject(r);
	redisFree(c);
}

static struct glue *
glue_open(uv_loop_t *loop, const char *path)
{
	struct glue *g = calloc(1, sizeof(*g));

	if (!g)
		fail("memory", "none left");
	load_script(g, path);
	g->redis = redisAsyncConnectUnix(path);
	if (!g->redis || g->redis->err)
		fail(path, g->redis ? g->redis->errstr : "no memory");
	g->redis->ev.data = g;
	g->redis->ev.addWrite = add_write;
	g->redis->ev.delWrite = del_write;
	g->poll.data = g->prepare.data = g;
	uv_poll_init(loop, &g->poll, g->redis->c.fd);
	uv_prepare_init(loop, &g->prepare);
	uv_prepare_start(&g->prepare, on_prepare);
	watch(g, false);
	return g;
}

int
main(int argc, char **argv)
{
	static struct echo echo;
	uv_loop_t *loop = uv_default_loop();
	uv_pipe_t listener;
	const char *redis = NULL;
	int opt;

	while ((opt = getopt(argc, argv, "r:")) == 'r')
		redis = optarg;
	if (opt != -1 || optind + 1 != argc) {
		fprintf(stderr, "usage: echo [-r redis-socket] socket\n");
		return 64;
	}
	if (redis)
		echo.glue = glue_open(loop, redis);
	uv_pipe_init(loop, &listener, 0);
	listener.data = &echo;
	if (uv_pipe_bind(&listener, argv[optind]) < 0 ||
	    uv_listen((uv_stream_t *)&listener, BACKLOG, on_connection) < 0)
		fail(argv[optind], "cannot listen");
	return uv_run(loop, UV_RUN_DEFAULT);
}
