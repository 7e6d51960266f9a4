/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "demo/script.h"
#include "demo/world.h"

#define N 4000

static size_t column_of(const struct world *w, const char *name)
{
	for (size_t i = 0; i < w->n_columns; i++)
		if (!strcmp(w->columns[i].name, name))
			return i;
	fail_msg("no column %s", name);
	return 0;
}

static void draw(struct frame *f, enum world_id world,
		 const struct drift *drift)
{
	frame_draw(f, world_get(world), 77, N, drift, 1, true);
}

static bool is_same(const struct frame *a, const struct frame *b, size_t column)
{
	for (size_t i = 0; i < N; i++) {
		double x = a->rows[i].shown[column];
		double y = b->rows[i].shown[column];

		if (isnan(x) != isnan(y) || (!isnan(x) && x != y))
			return false;
	}
	return true;
}

/* Each line of the script moves the column that it names, and leaves those
 * that have no part in it as they were, value by value. */
static void test_script_moves_its_column(void **state)
{
	(void)state;
	for (size_t i = 0; i < script_n_lines; i++) {
		const struct script_line *l = &script_lines[i];
		const struct world *w = world_get(l->world);
		struct drift drift = { 0 };
		struct frame quiet, moved;
		size_t n_same = 0;

		draw(&quiet, l->world, &drift);
		drift.size[l->what] = l->size;
		draw(&moved, l->world, &drift);
		for (size_t c = 0; c < w->n_columns; c++)
			n_same += is_same(&quiet, &moved, c);
		if (*l->column)
			assert_false(is_same(&quiet, &moved,
					     column_of(w, l->column)));
		assert_true(n_same + 2 >= w->n_columns);
		frame_release(&quiet);
		frame_release(&moved);
	}
}

static void test_amounts_rise(void **state)
{
	struct drift drift = { 0 };
	struct frame quiet, moved;
	double sum = 0;

	(void)state;
	draw(&quiet, WORLD_FRAUD, &drift);
	drift.size[DRIFT_AMOUNT] = 1;
	draw(&moved, WORLD_FRAUD, &drift);
	for (size_t i = 0; i < N; i++)
		sum += log(moved.rows[i].shown[0] / quiet.rows[i].shown[0]);
	assert_true(fabs(sum / N - 1) < .01);
	frame_release(&quiet);
	frame_release(&moved);
}

static void test_digest_tells_frames_apart(void **state)
{
	const struct world *w = world_get(WORLD_SOLAR);
	struct drift quiet = { 0 };
	struct frame a, b, c;

	(void)state;
	frame_draw(&a, w, 1, 50, &quiet, 0, false);
	frame_draw(&b, w, 1, 50, &quiet, 0, true);
	frame_draw(&c, w, 2, 50, &quiet, 0, false);
	assert_int_equal(strlen(a.digest), 8);
	assert_string_equal(a.digest, b.digest);
	assert_string_not_equal(a.digest, c.digest);
	frame_release(&a);
	frame_release(&b);
	frame_release(&c);
}

static void test_rows_fit_the_head(void **state)
{
	struct drift quiet = { 0 };

	(void)state;
	for (int i = 0; i < WORLD_N; i++) {
		const struct world *w = world_get((enum world_id)i);
		struct buf head = BUF_INIT(4096), row = BUF_INIT(4096);
		size_t n_head = 0, n_row = 0;
		struct frame f;

		frame_draw(&f, w, 5, 1, &quiet, 0, true);
		world_add_header(w, &head);
		world_add_fields(w, &f.rows[0], &row);
		for (const char *s = buf_str(&head); *s; s++)
			n_head += *s == ',';
		for (const char *s = buf_str(&row); *s; s++)
			n_row += *s == ',';
		assert_int_equal(n_head, w->n_columns);
		assert_int_equal(n_row, w->n_columns);
		assert_ptr_equal(world_find(w->name), w);
		assert_non_null(strstr(w->what, "synthetic"));
		frame_release(&f);
		buf_release(&head);
		buf_release(&row);
	}
}

static void test_script_in_time(void **state)
{
	struct drift d;

	(void)state;
	script_at(WORLD_FRAUD, 39, &d);
	assert_true(d.size[DRIFT_AMOUNT] == 0);
	script_at(WORLD_FRAUD, 45, &d);
	assert_true(fabs(d.size[DRIFT_AMOUNT] - .5) < 1e-9);
	script_at(WORLD_FRAUD, 120, &d);
	assert_true(d.size[DRIFT_AMOUNT] == 1);
	script_at(WORLD_SOLAR, 120, &d);
	assert_true(d.size[DRIFT_AMOUNT] == 0);
	script_at(WORLD_FRAUD, SCRIPT_PERIOD_S + 120, &d);
	assert_true(d.size[DRIFT_AMOUNT] == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_script_moves_its_column),
		cmocka_unit_test(test_amounts_rise),
		cmocka_unit_test(test_digest_tells_frames_apart),
		cmocka_unit_test(test_rows_fit_the_head),
		cmocka_unit_test(test_script_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
