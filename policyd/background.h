/*
 * background - leaving the terminal without leaving its user in the dark
 */
#ifndef POLICYD_BACKGROUND_H
#define POLICYD_BACKGROUND_H

/*
 * Forks. The parent waits until the child calls background_ready() and exits 0,
 * or exits with the child's status when it ends before. Only the child
 * returns, with a descriptor for background_ready(), or -1 when fork failed.
 * Call it before anything is opened that must not be shared with a parent.
 */
int background_fork(void);
void background_ready(int fd); /* -1 is fine */

#endif
