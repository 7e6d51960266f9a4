/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"

#include "model/levels.h"

#define N_POINTS 9000u

static uint64_t next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

static double value(uint64_t *seed)
{
	switch (next(seed) % 50) {
	case 0:
		return NAN;
	case 1:
		return INFINITY;
	case 2:
		return -INFINITY;
	default:
		return (double)(next(seed) % 1000) - 500;
	}
}

static bool is_same(const struct point *p, uint32_t a, uint32_t b)
{
	if (a == PEAK_NONE || b == PEAK_NONE)
		return a == b;
	return p[a].value == p[b].value ||
	       (isnan(p[a].value) && isnan(p[b].value));
}

/* What the levels tell is what a look at every point tells. */
static void check(const struct levels *l, const struct point *p, size_t from,
		  size_t to)
{
	struct peaks is = levels_peaks(l, p, from, to);
	struct peaks want = levels_peaks(NULL, p, from, to);

	assert_true(is_same(p, is.min_at, want.min_at));
	assert_true(is_same(p, is.max_at, want.max_at));
	assert_true(is_same(p, is.low_at, want.low_at));
	assert_true(is_same(p, is.nan_at, want.nan_at));
	assert_true(is_same(p, is.up_at, want.up_at));
	assert_true(is_same(p, is.down_at, want.down_at));
}

static void check_all(const struct levels *l, const struct point *p, size_t n,
		      uint64_t *seed)
{
	check(l, p, 0, n);
	for (int i = 0; i < 300; i++) {
		size_t from = next(seed) % n;

		check(l, p, from, from + next(seed) % (n - from + 1));
	}
}

static void test_any_stretch_while_points_come_and_change(void **state)
{
	struct point *p = xcalloc(N_POINTS, sizeof(*p));
	struct levels l = { 0 };
	uint64_t seed = 7;
	size_t n = 0;

	(void)state;
	while (n < N_POINTS) {
		size_t n_new = 1 + next(&seed) % 400;
		size_t n_back = next(&seed) % 600;

		/* Sometimes a few that were there change, too. */
		if (next(&seed) % 3 == 0) {
			n -= MIN(n, n_back);
			levels_cut(&l, n);
			n_new += n_back;
		}
		for (; n < N_POINTS && n_new; n++, n_new--)
			p[n].value = value(&seed);
		levels_add(&l, p, n);
		check_all(&l, p, n, &seed);
	}
	levels_release(&l);
	free(p);
}

static void test_one_spike_of_each_kind_in_a_million(void **state)
{
	const size_t n = 1000000;
	struct point *p = xcalloc(n, sizeof(*p));
	struct levels l = { 0 };
	struct peaks k;

	(void)state;
	p[1].value = -1;
	p[65536].value = 5e-324;
	p[654321].value = 1e300;
	p[999999].value = NAN;
	levels_add(&l, p, n);
	k = levels_peaks(&l, p, 0, n);
	assert_int_equal(k.min_at, 1);
	assert_int_equal(k.low_at, 65536);
	assert_int_equal(k.max_at, 654321);
	assert_int_equal(k.nan_at, 999999);
	assert_int_equal(k.up_at, PEAK_NONE);
	assert_int_equal(k.down_at, PEAK_NONE);
	levels_release(&l);
	free(p);
}

/* A tenth of what the points take, and little more while it grows. */
static void test_it_is_small(void **state)
{
	struct point *p = xcalloc(1 << 16, sizeof(*p));
	struct levels l = { 0 };

	(void)state;
	levels_add(&l, p, 1 << 16);
	assert_in_range(levels_bytes(&l), 1, (1 << 16) * 33 / 10);
	levels_release(&l);
	assert_int_equal(levels_bytes(&l), 0);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_stretch_while_points_come_and_change),
		cmocka_unit_test(test_one_spike_of_each_kind_in_a_million),
		cmocka_unit_test(test_it_is_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
