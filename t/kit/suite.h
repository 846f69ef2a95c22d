/*
 * suite - the tests of one program: functions, and rows of tables
 *
 * A row is a struct whose first member is `const char *name`: a sentence that
 * is true of the program. Its test finds the row in *state.
 */
#ifndef KIT_SUITE_H
#define KIT_SUITE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { SUITE_TESTS = 1000 };

struct suite {
	struct CMUnitTest tests[SUITE_TESTS];
	size_t count;
};

/* A function's name becomes its sentence, underscores become blanks. A scene
 * has a setup and a teardown. */
void suite_add(struct suite *s, const char *name, CMUnitTestFunction test);
void suite_add_scene(struct suite *s, const char *name, CMUnitTestFunction test,
    CMFixtureFunction setup, CMFixtureFunction teardown);
void suite_add_rows(struct suite *s, const void *rows, size_t count,
    size_t size, CMUnitTestFunction test, CMFixtureFunction setup,
    CMFixtureFunction teardown);

#define SUITE_TEST(s, test) suite_add(s, #test, test)
#define SUITE_ROWS(s, rows, test) SUITE_SCENES(s, rows, test, NULL, NULL)
#define SUITE_SCENES(s, rows, test, setup, teardown)                           \
	suite_add_rows(s, rows, sizeof(rows) / sizeof((rows)[0]),              \
	    sizeof((rows)[0]), test, setup, teardown)

/* Runs them all; returns what main() returns. */
int suite_run(struct suite *s, const char *name);

#endif
