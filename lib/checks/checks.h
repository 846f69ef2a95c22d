/*
 * checks - the rules there are
 *
 * NULL-terminated, in the order in which verdicts count.
 */
#ifndef CHECKS_CHECKS_H
#define CHECKS_CHECKS_H

#include "engine/check.h"

extern const struct check *const checks[];

extern const struct check check_access;
extern const struct check check_ban;
extern const struct check check_abuse;
extern const struct check check_connections;
extern const struct check check_account;
extern const struct check check_submission;
extern const struct check check_address;
extern const struct check check_login;
extern const struct check check_spoof;
extern const struct check check_size;
extern const struct check check_mailbox;
extern const struct check check_relay;
extern const struct check check_remote;
extern const struct check check_deny_domain;
extern const struct check check_deny_user;
extern const struct check check_recipients;
extern const struct check check_spam_source;
extern const struct check check_greylist;
extern const struct check check_rate;
extern const struct check check_dnsbl;
extern const struct check check_sender_domain;
extern const struct check check_spf;

#endif
