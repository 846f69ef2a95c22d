/*
 * policyctl_register - the commands of registers and lists
 *
 * Each works on the shelf of the group it was called in.
 */
#ifndef POLICYD_POLICYCTL_REGISTER_H
#define POLICYD_POLICYCTL_REGISTER_H

struct ctl;

int register_list(struct ctl *, int argc, char **argv);
int register_show(struct ctl *, int argc, char **argv);
int register_add(struct ctl *, int argc, char **argv);
int register_report(struct ctl *, int argc, char **argv);
int register_del(struct ctl *, int argc, char **argv);
int register_clear(struct ctl *, int argc, char **argv);
int register_history(struct ctl *, int argc, char **argv);
int register_export(struct ctl *, int argc, char **argv);
int register_import(struct ctl *, int argc, char **argv);

#endif
