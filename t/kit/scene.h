/*
 * scene - a play in lines, for the whole daemon on virtual time
 *
 * t/scenes/README tells the language.
 */
#ifndef KIT_SCENE_H
#define KIT_SCENE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct decision_entry;
struct theatre;

enum { SCENE_ATTRIBUTES = 32, SCENE_TOLD = 32 };

/* A decision of the catalogue that was told, to a request of which class. */
struct scene_told {
	const struct decision_entry *entry;
	unsigned class;
};

/* A scene in its file, and then in play. */
struct scene {
	const char *name;
	const char *file;
	int line; /* of its name; while it plays, the one that is played */
	const char *text; /* the lines behind its name */

	struct arena *arena;
	struct theatre *theatre; /* NULL until something happens */
	const char *conf;
	const char *client; /* whom expectations are about */
	unsigned asked; /* questions before the last request */
	unsigned looked_up; /* and those to the DNS */
	unsigned instance;
	char directory[32]; /* of the files it writes; "" when none */
	struct attribute {
		const char *name, *value;
	} attributes[SCENE_ATTRIBUTES];

	struct scene_told told[SCENE_TOLD];
	size_t told_count;
	unsigned let_pass; /* answers that were DUNNO, and should be */
};

/* Cuts the file into scenes, behind the `count` that are there; returns how
 * many there are now, `room` at most. Each begins with what stands before the
 * first of the file. */
size_t scene_read(struct arena *a, const char *path, struct scene *scenes,
    size_t count, size_t room);

/* A test of cmocka: *state is the scene. */
void scene_play(void **state);

/* What the parts of a scene have in common. */

/* The test fails, with file and line. */
void scene_wrong(const struct scene *s, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));

/* What is expected may end in "...": then it is only the beginning. */
void scene_expect(const struct scene *s, const char *expected, const char *got);

/* The words of a line, `least` at least. */
const char *const *scene_cut(
    const struct scene *s, const char *rest, size_t least, size_t *count);

/* "300ms", "5m", "36d": milliseconds. */
int64_t scene_time(const struct scene *s, const char *text);

/* register WHAT CLIENT...: see README. */
void scene_register(struct scene *s, const char *rest);

/* told DECISION [NAME=VALUE...]: see README. */
void scene_told(struct scene *s, const char *rest);

/* Opens it with the configuration there is. */
struct theatre *scene_theatre(struct scene *s);

void scene_line(struct scene *s, const char *line);

/* A line is a verb and the rest; NULL ends. Of two that begin alike the longer
 * stands first. */
struct scene_verb {
	const char *word;
	void (*play)(struct scene *s, const char *rest);
};

extern const struct scene_verb scene_acts[]; /* what happens */
extern const struct scene_verb scene_expectations[];

#endif
