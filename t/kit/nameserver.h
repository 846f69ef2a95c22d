/*
 * nameserver - t/kit/nameserver.py as a child
 */
#ifndef KIT_NAMESERVER_H
#define KIT_NAMESERVER_H

#include <stdio.h>
#include <sys/types.h>

struct nameserver {
	char directory[64], address[64]; /* "127.0.0.1:port" */
	pid_t pid;
	int in;
};

/* `zone` is the text of its file. */
void nameserver_start(struct nameserver *n, const char *zone);
void nameserver_stop(struct nameserver *n);

/* How often it was asked so: "udp A www.example.com". */
unsigned nameserver_asked(const struct nameserver *n, const char *question);

#endif
