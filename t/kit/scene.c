/*
 * scene - reading and playing
 */
#include "kit/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "checks/checks.h"
#include "kit/suite.h"
#include "kit/theatre.h"
#include "kit/words.h"

enum { LINE = 4096 };

/* -- failures -- */

void
scene_wrong(const struct scene *s, const char *format, ...)
{
	char text[LINE];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	fail_msg("%s:%d: %s", s->file, s->line, text);
	abort();
}

/* An expectation that ends in "..." is the beginning of what it expects. */
static bool
fits(const char *expected, const char *got)
{
	const size_t size = strlen(expected);

	if (size >= 3 && strcmp(expected + size - 3, "...") == 0)
		return strncmp(expected, got, size - 3) == 0;
	return strcmp(expected, got) == 0;
}

void
scene_expect(const struct scene *s, const char *expected, const char *got)
{
	if (!fits(expected, got))
		scene_wrong(s, "expected '%s', got '%s'", expected, got);
}

/* -- words of a line -- */

const char *const *
scene_cut(const struct scene *s, const char *rest, size_t least, size_t *count)
{
	const char *const *words = words_cut(s->arena, rest, count);

	if (!words || *count < least)
		scene_wrong(s, "cannot be understood: '%s'", rest);
	return words;
}

int64_t
scene_time(const struct scene *s, const char *text)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60 * 1000 },
		{ "h", 3600 * 1000 }, { "d", 86400 * 1000 } };
	char *end;
	const int64_t n = strtoll(text, &end, 10);

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (end != text && strcmp(end, units[i].unit) == 0)
			return n * units[i].ms;
	scene_wrong(s, "'%s' is no time", text);
}

struct theatre *
scene_theatre(struct scene *s)
{
	const char *error;

	if (!s->theatre)
		s->theatre = theatre_open(
		    checks, s->conf, s->directory, s->arena, &error);
	if (!s->theatre)
		scene_wrong(s, "%s", error);
	return s->theatre;
}

/* -- playing -- */

static bool
play(struct scene *s, const struct scene_verb *v, const char *line)
{
	for (; v->word; v++) {
		const size_t size = strlen(v->word);

		if (strncmp(line, v->word, size) == 0) {
			line += size;
			v->play(s, line + strspn(line, " "));
			return true;
		}
	}
	return false;
}

void
scene_line(struct scene *s, const char *line)
{
	if (!play(s, scene_acts, line) && !play(s, scene_expectations, line))
		scene_wrong(s, "cannot be understood: '%s'", line);
}

static void
remove_files(const struct scene *s)
{
	if (*s->directory &&
	    system(arena_printf(s->arena, "rm -rf '%s'", s->directory)) != 0)
		print_error("cannot remove %s\n", s->directory);
}

void
scene_play(void **state)
{
	struct scene *s = *state;
	const char *next;

	s->conf = "";
	for (const char *p = s->text; *p; p = next) {
		const char *end = p + strcspn(p, "\n");

		next = *end ? end + 1 : end;
		s->line++;
		p += strspn(p, " \t");
		if (p >= end || *p == '#')
			continue;
		s->client = "A";
		scene_line(s, arena_memdup(s->arena, p, (size_t)(end - p)));
	}
	theatre_close(scene_theatre(s));
	remove_files(s);
}

/* -- reading -- */

static const char *
read_file(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "r");
	char *text;
	long size;

	if (!f)
		return "";
	fseek(f, 0, SEEK_END);
	size = ftell(f);
	rewind(f);
	text = arena_alloc(a, (size_t)size + 1);
	size = (long)fread(text, 1, (size_t)size, f);
	fclose(f);
	return text;
}

/* The lines before the first scene are the beginning of each; that one, which
 * is played first, says in which of them something is wrong. */
static char *
cut_head(struct arena *a, char *text, const char **head, int *lines)
{
	static const char first[] = "\nscene ";
	char *end = strncmp(text, first + 1, strlen(first + 1)) == 0
	    ? text
	    : strstr(text, first);

	*head = "";
	*lines = 0;
	if (!end)
		return text + strlen(text);
	if (end > text)
		end++;
	*head = arena_memdup(a, text, (size_t)(end - text));
	for (const char *p = *head; *p; p++)
		*lines += *p == '\n';
	return end;
}

size_t
scene_read(struct arena *a, const char *path, struct scene *scenes,
    size_t count, size_t room)
{
	const char *file = arena_strdup(a, path), *head;
	int head_lines, line;
	char *text = cut_head(
	    a, (char *)read_file(a, path), &head, &head_lines);
	char *next;

	line = head_lines;
	for (char *p = text; p && *p; p = next) {
		next = strchr(p, '\n');
		if (next)
			*next++ = '\0';
		line++;
		if (strncmp(p, "scene ", 6) == 0 && count < room)
			scenes[count++] = (struct scene){ .name = p + 6,
				.file = file,
				.line = line - head_lines,
				.arena = a,
				.text = head };
		else if (count > 0)
			scenes[count - 1].text = arena_printf(
			    a, "%s%s\n", scenes[count - 1].text, p);
	}
	return count;
}
