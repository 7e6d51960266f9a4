/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"

#include "model/series.h"

static void apply(struct series_cache *c, const char *run, bool is_all,
		  uint64_t n_total, const struct point *points, size_t n)
{
	struct batch *b = batch_new();

	batch_add_series(b, &(struct series_facts){ .run_id = run,
						    .metric = "auc",
						    .is_all = is_all,
						    .n_total = n_total,
						    .points = points,
						    .n_points = n });
	series_cache_apply(c, b);
	batch_free(b);
}

static void test_new_points_are_merged_in_order(void **state)
{
	static const struct point first[] = { { 1, 10, .1 },
					      { 2, 20, .2 },
					      { 5, 50, .5 } };
	static const struct point next[] = { { 5, 50, .5 },
					     { 6, 60, .6 },
					     { 3, 70, .3 } };
	static const int64_t steps[] = { 1, 2, 3, 5, 6 };
	struct series_cache *c = series_cache_new(1 << 20);
	const struct series *s;
	uint32_t generation;
	size_t i;

	(void)state;
	apply(c, "r", true, 3, first, 3);
	s = series_cache_get(c, 0, "r", "auc");
	generation = s->generation;
	assert_int_equal(s->n, 3);
	apply(c, "r", false, 0, next, 3);
	s = series_cache_get(c, 0, "r", "auc");
	assert_int_equal(s->n, 5);
	assert_int_equal(s->n_total, 5);
	assert_true(s->is_all);
	assert_int_not_equal(s->generation, generation);
	for (i = 0; i < s->n; i++)
		assert_int_equal(s->points[i].step, steps[i]);
	series_cache_free(c);
}

/* Each batch has points before those that came last; what the levels tell is
 * of the points as they lie now. */
static void test_late_points_go_to_their_place(void **state)
{
	struct series_cache *c = series_cache_new(1 << 20);
	const struct series *s;
	struct point p[40];
	struct peaks is, want;

	(void)state;
	for (int64_t k = 0; k < 50; k++) {
		for (int64_t i = 0; i < 40; i++)
			p[i] = (struct point){ k * 30 + 40 - i, k,
					       (double)(i * 7 % 40 - k) };
		apply(c, "r", false, 0, p, 40);
		s = series_cache_get(c, 0, "r", "auc");
		assert_int_equal(s->n, (size_t)(k + 1) * 40);
		assert_int_equal(s->rewritten, k ? s->generation : 0);
		for (size_t i = 1; i < s->n; i++)
			assert_true(s->points[i - 1].step <= s->points[i].step);
		is = levels_peaks(&s->levels, s->points, 3, s->n - 5);
		want = levels_peaks(NULL, s->points, 3, s->n - 5);
		assert_int_equal(is.min_at, want.min_at);
		assert_int_equal(is.max_at, want.max_at);
	}
	p[0].step = 99999;
	apply(c, "r", false, 0, p, 1);
	s = series_cache_get(c, 0, "r", "auc");
	assert_int_not_equal(s->rewritten, s->generation);
	series_cache_free(c);
}

static void test_a_whole_series_replaces(void **state)
{
	static const struct point tail[] = { { 98, 1, 1 }, { 99, 2, 2 } };
	static const struct point whole[] = { { 1, 1, 1 } };
	struct series_cache *c = series_cache_new(1 << 20);
	const struct series *s;

	(void)state;
	apply(c, "r", false, 100, tail, 2);
	s = series_cache_get(c, 0, "r", "auc");
	assert_false(s->is_all);
	assert_int_equal(s->n_total, 100);
	apply(c, "r", true, 1, whole, 1);
	s = series_cache_get(c, 0, "r", "auc");
	assert_true(s->is_all);
	assert_int_equal(s->n, 1);
	assert_int_equal(s->n_total, 1);
	series_cache_free(c);
}

static void test_the_least_used_go_first(void **state)
{
	struct series_cache *c = series_cache_new(60000);
	struct point *points = xcalloc(1000, sizeof(*points));
	size_t i;

	(void)state;
	for (i = 0; i < 1000; i++)
		points[i].step = (int64_t)i;
	apply(c, "a", true, 1000, points, 1000);
	apply(c, "b", true, 1000, points, 1000);
	assert_non_null(series_cache_get(c, 0, "a", "auc"));
	apply(c, "c", true, 1000, points, 1000);
	assert_null(series_cache_get(c, 0, "b", "auc"));
	assert_non_null(series_cache_get(c, 0, "a", "auc"));
	assert_non_null(series_cache_get(c, 0, "c", "auc"));
	free(points);
	series_cache_free(c);
}

/* A long time with other things on the screen. */
static void test_what_nobody_looks_at_goes_early(void **state)
{
	struct series_cache *c = series_cache_new(96u << 20);
	struct point *points = xcalloc(100000, sizeof(*points));
	char id[2] = "a";
	int i;

	(void)state;
	for (i = 0; i < 100000; i++)
		points[i].step = i;
	for (; id[0] < 'e'; id[0]++)
		apply(c, id, true, 100000, points, 100000);
	for (i = 0; i < 300; i++) {
		apply(c, "live", false, 0, points, 1);
		assert_non_null(series_cache_get(c, 0, "b", "auc"));
	}
	assert_null(series_cache_get(c, 0, "a", "auc"));
	assert_non_null(series_cache_get(c, 0, "b", "auc"));
	assert_null(series_cache_get(c, 0, "c", "auc"));
	free(points);
	series_cache_free(c);
}

static void test_sources_are_apart(void **state)
{
	static const struct point p = { 1, 1, 1 };
	struct series_cache *c = series_cache_new(1 << 20);

	(void)state;
	apply(c, "r", true, 1, &p, 1);
	assert_null(series_cache_get(c, 1, "r", "auc"));
	assert_null(series_cache_get(c, 0, "r", "au"));
	series_cache_forget_source(c, 1);
	assert_non_null(series_cache_get(c, 0, "r", "auc"));
	series_cache_forget_source(c, 0);
	assert_null(series_cache_get(c, 0, "r", "auc"));
	series_cache_free(c);
}

static size_t reduce(const struct point *p, size_t n, struct point *out,
		     size_t n_out)
{
	struct series s = { .points = p, .n = n };
	size_t n_with, n_without;

	n_without = series_reduce(&s, out, n_out);
	levels_add(&s.levels, p, n);
	n_with = series_reduce(&s, out, n_out);
	assert_int_equal(n_with, n_without);
	levels_release(&s.levels);
	return n_with;
}

static void test_a_spike_is_never_sampled_away(void **state)
{
	enum { N = 100000, ROOM = 400 };
	struct point *points = xcalloc(N, sizeof(*points));
	struct point *out = xcalloc(ROOM, sizeof(*out));
	size_t i, n;
	double max = 0, min = 0;
	bool has_nan = false;

	(void)state;
	for (i = 0; i < N; i++)
		points[i] = (struct point){ (int64_t)i, (int64_t)i,
					    sin((double)i / 5000) };
	points[54321].value = 9.2;
	points[77777].value = -9.2;
	points[12345].value = NAN;
	n = reduce(points, N, out, ROOM);
	assert_in_range(n, 100, ROOM);
	for (i = 0; i < n; i++) {
		max = fmax(max, out[i].value);
		min = fmin(min, out[i].value);
		has_nan |= isnan(out[i].value);
		assert_true(!i || out[i].step > out[i - 1].step);
	}
	assert_true(max == 9.2 && min == -9.2 && has_nan);
	assert_int_equal(out[0].step, 0);
	assert_int_equal(out[n - 1].step, N - 1);
	free(points);
	free(out);
}

/* As many as were asked for, of curves that are smooth, wild and flat. */
static void test_as_many_points_as_asked_for(void **state)
{
	struct point p[700], out[700];
	size_t i, n, curve, n_out;

	(void)state;
	for (curve = 0; curve < 3; curve++) {
		for (i = 0; i < ARRAY_LEN(p); i++)
			p[i] = (struct point){ (int64_t)(i * i), (int64_t)i,
					       curve == 0 ? (double)i
					       : curve == 1
						       ? sin((double)(i * i))
						       : 1 };
		p[311].value = 9;
		p[312].value = -9;
		for (n = 1; n <= ARRAY_LEN(p); n += 1 + n / 7) {
			n_out = reduce(p, ARRAY_LEN(p), out, n);
			assert_int_equal(n_out, n);
			assert_int_equal(out[n - 1].time_ms, 699);
			for (i = 1; i < n; i++)
				assert_true(out[i].step > out[i - 1].step);
			for (i = 0; i < n && out[i].value != -9; i++)
				;
			assert_true(n < 3 || i < n);
		}
	}
}

static void test_few_points_are_all_kept(void **state)
{
	static const struct point p[] = { { 0, 1, 1 }, { 0, 2, 2 } };
	struct point out[8];

	(void)state;
	assert_int_equal(reduce(p, 2, out, 8), 2);
	assert_memory_equal(out, p, sizeof(p));
	assert_int_equal(reduce(p, 0, out, 8), 0);
}

/* A source may answer with nothing before anything is kept. */
static void test_a_batch_without_series(void **state)
{
	struct series_cache *c = series_cache_new(1 << 20);
	struct batch *b = batch_new();

	(void)state;
	series_cache_apply(c, b);
	assert_null(series_cache_get(c, 0, "r", "auc"));
	batch_free(b);
	series_cache_free(c);
}

/* Steps that were never set: the time tells them apart. */
static void test_one_step_is_reduced_by_time(void **state)
{
	struct point p[1000], out[50];
	size_t i, n;

	(void)state;
	for (i = 0; i < 1000; i++)
		p[i] = (struct point){ 0, (int64_t)i, i == 500 ? 5 : 1 };
	n = reduce(p, 1000, out, 50);
	assert_in_range(n, 10, 50);
	for (i = 0; i < n && out[i].value < 5; i++)
		;
	assert_true(i < n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_points_are_merged_in_order),
		cmocka_unit_test(test_late_points_go_to_their_place),
		cmocka_unit_test(test_a_whole_series_replaces),
		cmocka_unit_test(test_the_least_used_go_first),
		cmocka_unit_test(test_what_nobody_looks_at_goes_early),
		cmocka_unit_test(test_sources_are_apart),
		cmocka_unit_test(test_a_batch_without_series),
		cmocka_unit_test(test_a_spike_is_never_sampled_away),
		cmocka_unit_test(test_as_many_points_as_asked_for),
		cmocka_unit_test(test_few_points_are_all_kept),
		cmocka_unit_test(test_one_step_is_reduced_by_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
