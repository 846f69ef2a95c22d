/*
 * syntax - what the words of some options must look like
 *
 * Each returns NULL, or what is wrong: the end of "listen: 'x' ...".
 */
#ifndef CONF_SYNTAX_H
#define CONF_SYNTAX_H

/* inet:ADDRESS:PORT, unix:PATH, systemd:NAME, systemd */
const char *syntax_listener(const char *text);
const char *syntax_http(const char *text); /* ADDRESS:PORT, or nothing */
const char *syntax_server(const char *text); /* HOST:PORT, unix:PATH */
const char *syntax_name_server(const char *text); /* ADDRESS, ADDRESS:PORT */
const char *syntax_path(const char *text); /* from the root */
const char *syntax_program(const char *text); /* the same, or nothing */
const char *syntax_url(const char *text); /* http: or https:, or nothing */
const char *syntax_prefix(const char *text); /* of keys */
const char *syntax_printable(const char *text); /* ASCII */
const char *syntax_port(const char *text);
const char *syntax_spf(const char *text); /* an SPF record, or nothing */
const char *syntax_realm(const char *text); /* a domain, or nothing */
const char *syntax_domain(const char *text);
const char *syntax_header(const char *text); /* the name of one */
const char *syntax_mailbox(const char *text);
const char *syntax_listed(const char *text); /* user@domain, @domain */

#endif
