/*
 * policyctl_request - a policy request from a file or from words
 */
#ifndef POLICYD_POLICYCTL_REQUEST_H
#define POLICYD_POLICYCTL_REQUEST_H

struct ctl;
struct request;

/* From "name=value" words, or from the one word that is a file's name ("-":
 * standard input; no word at all: the same). 0 and a request with an arena of
 * its own, or a status of sysexits(3) when it has said what is wrong. */
int request_read(struct ctl *ctl, int argc, char **argv, struct request **out);

#endif
