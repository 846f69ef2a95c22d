/*
 * aloud - of a test that fails stderr hears, too
 *
 * prove(1) keeps what a test prints to itself and shows the numbers of those
 * that failed: whoever has only its output could not tell why.
 */
#ifndef KIT_ALOUD_H
#define KIT_ALOUD_H

/* From now on, until the program ends. */
void aloud(void);

#endif
