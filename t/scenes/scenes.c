/*
 * The whole daemon plays the scenes of t/scenes/NAME.scene, on virtual time;
 * t/scenes/README tells the language.
 */
#include <glob.h>

#include "base/arena.h"
#include "kit/scene.h"
#include "kit/suite.h"

enum { SCENES = 1000 };

int
main(void)
{
	static struct scene scenes[SCENES];
	static struct suite suite;
	struct arena *a = arena_new();
	size_t count = 0;
	glob_t files;
	int failed = 1;

	if (glob("t/scenes/*.scene", 0, NULL, &files) == 0) {
		for (size_t i = 0; i < files.gl_pathc; i++)
			count = scene_read(
			    a, files.gl_pathv[i], scenes, count, SCENES);
		suite_add_rows(&suite, scenes, count, sizeof(scenes[0]),
		    scene_play, NULL, NULL);
		failed = suite_run(&suite, "scenes");
		globfree(&files);
	}
	arena_release(a);
	arena_pool_clear();
	return failed;
}
