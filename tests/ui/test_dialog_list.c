/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "../../src/ui/dialog_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"

#define N 4500

static size_t n_drawn;

/* One to three rows high, told by its number modulo ten. */
static void draw_row(void *ctx, struct dialog *d, size_t i)
{
	static const char digits[] = "0123456789";

	(void)ctx;
	n_drawn++;
	surface_put(d->s, d->r.x, d->y, shown_literal(digits + i % 10, 1), 1,
		    ROLE_TEXT);
	d->y += 1 + (int)(i % 3);
}

/* As the form does it: scrolled to `top`, in twenty rows from the second on. */
static void draw(struct dialog_list *l, struct surface *s, int w, int top)
{
	struct dialog d = { .s = s, .r = { 1, 2, w, 20 } };

	surface_clear(s);
	surface_clip(s, d.r);
	d.y = d.r.y - top;
	n_drawn = 0;
	dialog_list_draw(l, &d, 0, N, draw_row, NULL);
	assert_int_equal(d.y, d.r.y - top + 2 * N);
	surface_unclip(s);
}

static char letter(const struct surface *s, int y)
{
	return surface_at(s, 1, y)->utf8[0];
}

static void test_only_what_is_in_sight_is_drawn(void **state)
{
	struct surface *s = surface_new(40, 24);
	struct dialog_list l;

	(void)state;
	dialog_list_init(&l, N);
	draw(&l, s, 30, 0);
	assert_in_range(n_drawn, N, N + 20); /* counted, this once */
	assert_int_equal(letter(s, 2), '0');
	assert_int_equal(letter(s, 3), '1');
	assert_int_equal(letter(s, 5), '2');
	draw(&l, s, 30, 6000); /* row 3000 is the first */
	assert_in_range(n_drawn, 9, 12);
	assert_int_equal(letter(s, 2), '0');
	assert_int_equal(letter(s, 3), '1');
	assert_int_equal(letter(s, 1), ' ');
	draw(&l, s, 30, 2 * N - 20);
	assert_in_range(n_drawn, 9, 12);
	draw(&l, s, 20, 0); /* narrower: they may be higher */
	assert_in_range(n_drawn, N, N + 20);
	dialog_list_release(&l);
	surface_free(s);
}

/* Nothing is in sight while a form counts its lines. */
static void test_a_part_takes_its_rows(void **state)
{
	struct surface *s = surface_new(40, 24);
	struct dialog d = { .s = s, .r = { 1, 2, 30, 20 } };
	struct dialog_list l;

	(void)state;
	dialog_list_init(&l, N);
	surface_clip(s, (struct rect){ 0, 0, 0, 0 });
	dialog_list_draw(&l, &d, 0, 3, draw_row, NULL);
	assert_int_equal(d.y, 6);
	n_drawn = 0;
	dialog_list_draw(&l, &d, 3, N, draw_row, NULL);
	assert_int_equal(n_drawn, 0);
	assert_int_equal(d.y, 2 * N);
	dialog_list_release(&l);
	surface_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_what_is_in_sight_is_drawn),
		cmocka_unit_test(test_a_part_takes_its_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
