/*
 * suite - cmocka's tables, filled in at run time
 */
#include "kit/suite.h"

#include <stdlib.h>
#include <string.h>

#include "kit/aloud.h"

static void
add(struct suite *s, struct CMUnitTest test)
{
	if (s->count == SUITE_TESTS)
		abort(); /* raise SUITE_TESTS */
	s->tests[s->count++] = test;
}

void
suite_add(struct suite *s, const char *name, CMUnitTestFunction test)
{
	suite_add_scene(s, name, test, NULL, NULL);
}

void
suite_add_scene(struct suite *s, const char *name, CMUnitTestFunction test,
    CMFixtureFunction setup, CMFixtureFunction teardown)
{
	char *sentence = strdup(name);

	for (char *p = sentence; *p; p++)
		if (*p == '_')
			*p = ' ';
	add(s,
	    (struct CMUnitTest){ .name = sentence,
		.test_func = test,
		.setup_func = setup,
		.teardown_func = teardown });
}

void
suite_add_rows(struct suite *s, const void *rows, size_t count, size_t size,
    CMUnitTestFunction test, CMFixtureFunction setup,
    CMFixtureFunction teardown)
{
	for (size_t i = 0; i < count; i++) {
		const char *row = (const char *)rows + i * size;

		add(s,
		    (struct CMUnitTest){
			.name = strdup(*(const char *const *)row),
			.test_func = test,
			.setup_func = setup,
			.teardown_func = teardown,
			.initial_state = (void *)(uintptr_t)row,
		    });
	}
}

int
suite_run(struct suite *s, const char *name)
{
	int failed;

	aloud();
	failed = _cmocka_run_group_tests(name, s->tests, s->count, NULL, NULL);
	for (size_t i = 0; i < s->count; i++)
		free((void *)(uintptr_t)s->tests[i].name);
	return failed;
}
