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

#include "model/series.h"

static void apply(struct series_cache *c, const char *metric,
		  const struct point *points, size_t n)
{
	struct batch *b = batch_new();

	batch_add_series(b, &(struct series_facts){ .run_id = "r",
						    .metric = metric,
						    .points = points,
						    .n_points = n });
	series_cache_apply(c, b);
	batch_free(b);
}

static struct curve look(struct series_cache *c, enum curve_x x, const char *by,
			 double smooth)
{
	struct curve_look how = { .x = x, .by = by, .smooth = smooth };
	struct curve curve;

	assert_true(series_cache_curve(c, 0, "r", "loss", &how, &curve));
	return curve;
}

/* A constant stays one from its first point, and a step is closed by the part
 * that was asked for. */
static void test_smoothing_is_corrected_for_its_start(void **state)
{
	static const struct point p[] = {
		{ 0, 0, 5 }, { 1, 1, 5 }, { 2, 2, NAN }, { 3, 3, 9 }
	};
	struct series_cache *c = series_cache_new(1 << 20);
	struct curve curve;

	(void)state;
	apply(c, "loss", p, 4);
	curve = look(c, CURVE_STEP, NULL, .5);
	assert_int_equal(curve.n, 4);
	assert_true(curve.points[0].value == 5);
	assert_true(curve.points[1].value == 5);
	assert_true(isnan(curve.points[2].value));
	assert_true(fabs(curve.points[3].value - (5 * .375 + 9 * .5) / .875) <
		    1e-12);
	/* What it is made of stays as it is. */
	assert_true(look(c, CURVE_STEP, NULL, 0).points[3].value == 9);
	series_cache_free(c);
}

/* Point by point, all at once, and with some that come late. */
static void test_it_goes_on_with_its_series(void **state)
{
	struct series_cache *c = series_cache_new(1 << 20);
	struct series_cache *whole = series_cache_new(1 << 20);
	struct point p[600];
	struct curve a, b;

	(void)state;
	for (int i = 0; i < 600; i++)
		p[i] = (struct point){ i, i * 1000, sin(i) };
	for (size_t i = 0; i < 600; i += 3) {
		if (i == 300)
			continue;
		apply(c, "loss", p + i, 3);
		look(c, CURVE_STEP, NULL, .9);
	}
	apply(c, "loss", p + 300, 3);
	apply(whole, "loss", p, 600);
	a = look(c, CURVE_STEP, NULL, .9);
	b = look(whole, CURVE_STEP, NULL, .9);
	assert_int_equal(a.n, 600);
	assert_memory_equal(a.points, b.points, 600 * sizeof(*p));
	series_cache_free(c);
	series_cache_free(whole);
}

/* A run that was resumed from step 2 logged steps 2 and 3 again. */
static void test_times_out_of_order(void **state)
{
	static const struct point p[] = { { 1, 10, 1 }, { 2, 20, 2 },
					  { 2, 50, 5 }, { 3, 30, 3 },
					  { 3, 60, 6 }, { 4, 70, 7 } };
	static const double want[] = { 1, 2, 3, 5, 6, 7 };
	struct series_cache *c = series_cache_new(1 << 20);
	struct curve curve;

	(void)state;
	apply(c, "loss", p, 5);
	look(c, CURVE_TIME, NULL, 0);
	apply(c, "loss", p + 5, 1);
	curve = look(c, CURVE_TIME, NULL, 0);
	assert_int_equal(curve.n, 6);
	for (size_t i = 0; i < 6; i++)
		assert_true(curve.points[i].value == want[i]);
	assert_true(curve_x_at(&curve, 5) == 70);
	series_cache_free(c);
}

static void test_over_another_metric(void **state)
{
	static const struct point loss[] = { { 0, 0, .9 },
					     { 1, 1, .8 },
					     { 2, 2, .7 },
					     { 3, 3, .6 },
					     { 4, 4, .5 } };
	static const struct point epoch[] = {
		{ 1, 1, 2 }, { 2, 2, 3 }, { 3, 3, NAN }, { 4, 4, 1 }
	};
	static const double want_x[] = { 1, 2, 3 }, want[] = { .5, .8, .7 };
	struct series_cache *c = series_cache_new(1 << 20);
	struct curve_look how = { .x = CURVE_VALUE, .by = "epoch" };
	struct curve curve;

	(void)state;
	apply(c, "loss", loss, 5);
	assert_false(series_cache_curve(c, 0, "r", "loss", &how, &curve));
	apply(c, "epoch", epoch, 4);
	curve = look(c, CURVE_VALUE, "epoch", 0);
	assert_int_equal(curve.n, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_true(curve_x_at(&curve, i) == want_x[i]);
		assert_true(curve.points[i].value == want[i]);
	}
	series_cache_free(c);
}

/* What is made counts against the cache's memory, and more looks than have a
 * place take turns. */
static void test_many_looks_in_turn(void **state)
{
	struct series_cache *c = series_cache_new(1 << 20);
	struct point p[100];

	(void)state;
	for (int i = 0; i < 100; i++)
		p[i] = (struct point){ i, 100 - i, i };
	apply(c, "loss", p, 100);
	for (int i = 0; i < 20; i++) {
		struct curve curve =
			look(c, (enum curve_x)(i % 3), NULL, i / 3 / 10.);

		assert_int_equal(curve.n, 100);
		for (size_t k = 1; k < 100; k++)
			assert_true(curve_x_at(&curve, k - 1) <=
				    curve_x_at(&curve, k));
	}
	series_cache_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_smoothing_is_corrected_for_its_start),
		cmocka_unit_test(test_it_goes_on_with_its_series),
		cmocka_unit_test(test_times_out_of_order),
		cmocka_unit_test(test_over_another_metric),
		cmocka_unit_test(test_many_looks_in_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
