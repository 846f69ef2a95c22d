/*
 * A URL with https: who must prove itself, and to whom.
 */
#include "event/hook.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "kit/suite.h"
#include "kit/web.h"

/* Takes whatever is posted, and says where it does that. */
static const char server[] =
    "import http.server, ssl, sys\n"
    "class Office(http.server.BaseHTTPRequestHandler):\n"
    "    def do_POST(self):\n"
    "        self.rfile.read(int(self.headers['Content-Length']))\n"
    "        self.send_response(204)\n"
    "        self.end_headers()\n"
    "    def log_message(self, *_):\n"
    "        pass\n"
    "s = http.server.HTTPServer(('127.0.0.1', 0), Office)\n"
    "c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n"
    "c.load_cert_chain(sys.argv[1])\n"
    "s.socket = c.wrap_socket(s.socket, server_side=True)\n"
    "print(s.server_port, flush=True)\n"
    "s.serve_forever()\n";

/* Made once, for all scenes. */
static char certificate[64] = "/tmp/policyd-test.XXXXXX";
static unsigned port;
static pid_t office;

struct scene {
	struct web *web;
	struct outlet *outlet;
	unsigned told[TOLD_RESULTS];
	bool closed;
};

static void
make_certificate(void)
{
	char command[600];

	close(mkstemp(certificate));
	snprintf(command, sizeof(command),
	    "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=office"
	    " -addext subjectAltName=DNS:localhost -keyout %s.key -out %s"
	    " 2>/dev/null && cat %s.key >>%s && rm %s.key",
	    certificate, certificate, certificate, certificate, certificate);
	assert_int_equal(system(command), 0);
}

static void
open_office(void)
{
	int fds[2];
	FILE *said;

	make_certificate();
	assert_int_equal(pipe(fds), 0);
	office = fork();
	if (office == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(fds[1], STDOUT_FILENO);
		close_range(STDERR_FILENO + 1, ~0u, 0);
		execlp("python3", "python3", "-c", server, certificate, NULL);
		_exit(127);
	}
	close(fds[1]);
	said = fdopen(fds[0], "r");
	assert_int_equal(fscanf(said, "%u%*c", &port), 1);
	fclose(said);
}

static void
close_office(void)
{
	kill(office, SIGKILL);
	waitpid(office, NULL, 0);
	unlink(certificate);
}

static void
count(void *data, const struct outlet *o, const char *event, enum told how)
{
	struct scene *s = data;

	(void)o;
	(void)event;
	s->told[how]++;
}

static void
note_closed(void *data)
{
	((struct scene *)data)->closed = true;
}

/* What becomes of an event that is posted to that host. */
static struct scene
posted(const char *host, const char *authorities)
{
	const uint64_t until = uv_hrtime() + 60 * 1000000000ull;
	struct scene s = { .web = web_open() };
	char url[80];

	snprintf(url, sizeof(url), "https://%s:%u/", host, port);
	s.outlet = hook_new(&s.web->loop, s.web->clock, authorities, NULL);
	s.outlet->count = count;
	s.outlet->count_data = &s;
	hook_configure(s.outlet, url, 10);
	outlet_tell(s.outlet, "rate_near", "{}\n");
	while (s.told[TOLD] + s.told[TOLD_FAILED] == 0 && uv_hrtime() < until)
		web_turn(s.web);
	outlet_close(s.outlet, 0, note_closed, &s);
	while (!s.closed && uv_hrtime() < until)
		web_turn(s.web);
	assert_true(s.closed);
	return s;
}

static const struct row {
	const char *name, *host;
	bool trusted, told;
	const char *log;
} rows[] = {
	{ "a server that somebody trusted stands for is told", "localhost",
	    true, true, NULL },
	{ "one that nobody stands for is not", "localhost", false, false,
	    "events: cannot post rate_near: SSL certificate problem" },
	{ "nor one whose certificate is another's", "127.0.0.1", true, false,
	    "events: cannot post rate_near: SSL: " },
};

static void
a_server(void **state)
{
	const struct row *row = *state;
	struct scene s = posted(row->host, row->trusted ? certificate : NULL);

	assert_int_equal(s.told[TOLD], row->told);
	assert_int_equal(s.told[TOLD_FAILED], !row->told);
	if (row->log)
		assert_int_equal(web_logged(s.web, row->log), 1);
	web_close(s.web);
}

int
main(void)
{
	static struct suite s;
	int failed;

	open_office();
	SUITE_ROWS(&s, rows, a_server);
	failed = suite_run(&s, "event/https");
	close_office();
	return failed;
}
