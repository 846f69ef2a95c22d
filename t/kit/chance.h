/*
 * chance - stories that dice tell, the same ones each time unless asked
 *
 * What is checked before every landing must not fail by luck: SEED=N begins
 * with another one, STORIES=N tells so many of each test. `make stories` does,
 * with seeds that nobody has seen.
 */
#ifndef KIT_CHANCE_H
#define KIT_CHANCE_H

/* The seed of the first story, which is printed; the next ones follow it. */
unsigned chance_seed(void);
unsigned chance_stories(unsigned usual);

#endif
