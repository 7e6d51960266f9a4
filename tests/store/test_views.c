/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/views.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "io/gate.h"
#include "state_dir.h"
#include "store/typed.h"

struct fixture {
	char *dir;
	struct state *state;
	struct arena arena;
	struct err err;
};

static int set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));

	gate_reset_for_tests();
	f->dir = scratch_make();
	BUG_ON(state_open(f->dir, &f->state, &f->err));
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	state_close(f->state);
	arena_release(&f->arena);
	scratch_remove(f->dir);
	free(f);
	return 0;
}

static void save(struct fixture *f, const char *name, int key,
		 const char *filter)
{
	struct run_view v = { .name = name, .key = key };

	v.parts[VIEW_FILTER] = filter;
	v.parts[VIEW_GROUP] = "repeats";
	v = run_view_copy(&v, &f->arena);
	assert_int_equal(views_save(f->state, &v, &f->err), ERR_OK);
}

/* "3 night: age < 1d; ..." of all. */
static const char *list(struct fixture *f)
{
	const struct run_view *all = NULL;
	const char *text = "";
	size_t n;

	assert_int_equal(views_list(f->state, &f->arena, &all, &n, &f->err),
			 ERR_OK);
	for (size_t i = 0; i < n; i++)
		text = arena_printf(&f->arena, "%s%d %s: %s; ", text,
				    all[i].key, all[i].name,
				    all[i].parts[VIEW_FILTER]);
	return text;
}

static void test_they_come_by_key_then_name(void **state)
{
	struct fixture *f = *state;

	save(f, "b", 0, "");
	save(f, "night", 3, "age < 1d");
	save(f, "a", 0, "it's");
	save(f, "first", 1, "");
	assert_string_equal(list(f),
			    "1 first: ; 3 night: age < 1d; 0 a: it's; 0 b: ; ");
}

static void test_a_key_is_of_one_and_a_name_too(void **state)
{
	struct fixture *f = *state;

	save(f, "a", 3, "x");
	save(f, "b", 3, "y");
	assert_string_equal(list(f), "3 b: y; 0 a: x; ");
	save(f, "b", 0, "z");
	assert_string_equal(list(f), "0 a: x; 0 b: z; ");
}

static void test_all_parts_are_kept(void **state)
{
	struct fixture *f = *state;
	const struct run_view *all;
	struct run_view v = { .name = "all" };
	size_t n;

	for (size_t i = 0; i < N_VIEW_PARTS; i++)
		v.parts[i] = run_view_part_name((enum run_view_part)i);
	assert_int_equal(views_save(f->state, &v, &f->err), ERR_OK);
	assert_int_equal(views_list(f->state, &f->arena, &all, &n, &f->err),
			 ERR_OK);
	assert_int_equal(n, 1);
	assert_true(run_view_shows_same(&v, &all[0]));
}

static void test_what_is_forgotten_is_gone(void **state)
{
	struct fixture *f = *state;

	save(f, "a", 0, "");
	save(f, "b", 0, "");
	assert_int_equal(views_forget(f->state, "a", &f->err), ERR_OK);
	assert_int_equal(views_forget(f->state, "nobody", &f->err), ERR_OK);
	assert_string_equal(list(f), "0 b: ; ");
}

/* ---- what was typed ---- */

static void add(struct fixture *f, const char *kind, const char *text)
{
	assert_int_equal(typed_add(f->state, kind, text, &f->err), ERR_OK);
}

static size_t typed(struct fixture *f, const char *kind,
		    const char *const **all)
{
	size_t n;

	assert_int_equal(
		typed_list(f->state, kind, &f->arena, all, &n, &f->err),
		ERR_OK);
	return n;
}

static void test_a_line_typed_again_is_the_newest(void **state)
{
	struct fixture *f = *state;
	const char *const *all;

	add(f, "filter", "a");
	add(f, "filter", "b");
	add(f, "command", "sources");
	add(f, "filter", "a");
	assert_int_equal(typed(f, "filter", &all), 2);
	assert_string_equal(all[0], "b");
	assert_string_equal(all[1], "a");
	assert_int_equal(typed(f, "command", &all), 1);
}

static void test_the_oldest_lines_go(void **state)
{
	struct fixture *f = *state;
	const char *const *all;
	char text[20];

	add(f, "command", "stays");
	for (int i = 0; i < TYPED_MAX + 5; i++) {
		snprintf(text, sizeof(text), "%d", i);
		add(f, "filter", text);
	}
	assert_int_equal(typed(f, "filter", &all), TYPED_MAX);
	assert_string_equal(all[0], "5");
	assert_int_equal(typed(f, "command", &all), 1);
}

/* ---- names and keys ---- */

static void test_a_name_may_have_a_key_behind_it(void **state)
{
	static const struct {
		const char *text, *name;
		int key;
	} all[] = {
		{ "night", "night", 0 },
		{ "night 3", "night", 3 },
		{ "last week", "last week", 0 },
		{ "last week  7", "last week", 7 },
		{ "3", "", 3 },
		{ "v2", "v2", 0 },
		{ "run 12", "run 12", 0 },
		{ "", "", 0 },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		const char *name;
		int key;

		assert_true(
			run_view_split(all[i].text, &f->arena, &name, &key));
		assert_string_equal(name, all[i].name);
		assert_int_equal(key, all[i].key);
	}
}

static void test_the_first_that_fits_is_found(void **state)
{
	static const struct run_view all[] = {
		{ .name = "night", .key = 3 },
		{ .name = "night", .key = 4 },
		{ .name = "other", .key = 3 },
		{ .name = "none" },
	};

	(void)state;
	assert_ptr_equal(run_view_find(all, 4, "night"), &all[0]);
	assert_ptr_equal(run_view_find(all, 4, "3"), &all[0]);
	assert_ptr_equal(run_view_find(all, 4, "other"), &all[2]);
	assert_null(run_view_find(all, 4, "0"));
	assert_null(run_view_find(all, 4, "nobody"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
		T(test_they_come_by_key_then_name),
		T(test_a_key_is_of_one_and_a_name_too),
		T(test_all_parts_are_kept),
		T(test_what_is_forgotten_is_gone),
		T(test_a_line_typed_again_is_the_newest),
		T(test_the_oldest_lines_go),
		T(test_a_name_may_have_a_key_behind_it),
		T(test_the_first_that_fits_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
