/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/levels.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

/* Numbers to choose by, the same in every run. */
static uint64_t random_next(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}

static double odd_value(uint64_t *seed)
{
	switch (random_next(seed) % 12) {
	case 0:
		return NAN;
	case 1:
		return INFINITY;
	case 2:
		return -INFINITY;
	case 3:
		return 0;
	default:
		return (double)random_next(seed) - (double)(1u << 30);
	}
}

static struct point *odd_points(size_t n)
{
	struct point *p = xcalloc(n, sizeof(*p));
	uint64_t seed = 7;

	for (size_t i = 0; i < n; i++) {
		bool is_void = i % 5000 > 3000;

		p[i] = (struct point){ (int64_t)i, (int64_t)i,
				       is_void ? NAN : odd_value(&seed) };
	}
	return p;
}

/* With levels as without them. */
static void check_window(const struct trace *t, size_t from, size_t to)
{
	struct trace plain = { .points = t->points, .n = t->n };
	struct stretch got = levels_of(t, from, to);
	struct stretch want = levels_of(&plain, from, to);

	assert_true(got.min == want.min && got.max == want.max);
	assert_true(got.least == want.least);
	assert_int_equal(got.n_nan, want.n_nan);
	assert_int_equal(got.has_high, want.has_high);
	assert_int_equal(got.has_low, want.has_low);
	for (int above_0 = 0; above_0 < 2; above_0++) {
		assert_int_equal(levels_first(t, from, to, above_0),
				 levels_first(&plain, from, to, above_0));
		assert_int_equal(levels_last(t, from, to, above_0),
				 levels_last(&plain, from, to, above_0));
	}
}

static void test_any_window_is_as_if_gone_through(void **state)
{
	enum { N = 70001 };
	struct levels l = { 0 };
	struct point *p = odd_points(N);
	struct trace t = { p, N, &l };
	uint64_t seed = 1;

	(void)state;
	levels_extend(&l, p, N);
	for (int i = 0; i < 3000; i++) {
		size_t a = random_next(&seed) % (N + 1);
		size_t b = random_next(&seed) % (N + 1);

		check_window(&t, MIN(a, b), MAX(a, b));
	}
	check_window(&t, 0, N);
	check_window(&t, 5, 5);
	levels_release(&l);
	free(p);
}

/* Whatever the pieces in which points come, and after a fresh start. */
static void test_points_come_in_pieces(void **state)
{
	enum { N = 5000 };
	struct levels l = { 0 };
	struct point *p = odd_points(N);
	struct trace t = { p, 0, &l };
	uint64_t seed = 3;

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (t.n = 0; t.n < N;) {
			t.n = MIN(N, t.n + random_next(&seed) %
						     (round ? 400 : 17));
			levels_extend(&l, p, t.n);
			check_window(&t, 0, t.n);
			check_window(&t, t.n / 3, t.n);
		}
		levels_clear(&l);
	}
	levels_release(&l);
	free(p);
}

static void test_what_a_point_costs(void **state)
{
	enum { N = 1 << 20 };
	struct levels l = { 0 };
	struct point *p = odd_points(N);

	(void)state;
	levels_extend(&l, p, N);
	assert_in_range(levels_bytes(&l), N * 2, N * 23 / 10);
	assert_false(l.is_backward);
	p[9].time_ms = 0;
	levels_clear(&l);
	levels_extend(&l, p, N);
	assert_true(l.is_backward);
	levels_release(&l);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_window_is_as_if_gone_through),
		cmocka_unit_test(test_points_come_in_pieces),
		cmocka_unit_test(test_what_a_point_costs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
