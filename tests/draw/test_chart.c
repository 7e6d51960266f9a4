/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "draw/chart.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "golden.h"

#define N_CURVE 420

/* An AUC that rises to .98, point by point; and its loss. */
static double rising(size_t i)
{
	return .98 - .06 * exp(-(double)i / 60) + .001 * sin((double)i);
}

static struct point *curve(size_t n, double (*f)(size_t))
{
	struct point *p = xcalloc(n, sizeof(*p));

	for (size_t i = 0; i < n; i++)
		p[i] = (struct point){ (int64_t)i,
				       1764000000000 + (int64_t)i * 60000,
				       f(i) };
	return p;
}

static struct chart_series series_of(const struct point *p, size_t n,
				     enum role role, struct shown label)
{
	return (struct chart_series){ .curve = { .points = p, .n = n },
				      .role = role,
				      .label = label };
}

static void draw(struct surface *s, const struct chart_series *series,
		 size_t n_series, enum line_set set)
{
	struct chart_spec spec = { .series = series,
				   .n_series = n_series,
				   .has_x_labels = true,
				   .x_to = NAN };

	chart_draw(s, (struct rect){ 0, 0, s->w, s->h }, &spec,
		   glyphs_get(set));
}

static void one_curve(const char *name, int w, int h, enum line_set set)
{
	struct surface *s = surface_new(w, h);
	struct point *p = curve(N_CURVE, rising);
	struct chart_series series =
		series_of(p, N_CURVE, ROLE_SERIES_A, SHOWN(""));

	draw(s, &series, 1, set);
	assert_golden(s, "draw", name);
	surface_free(s);
	free(p);
}

static void test_curve_in_each_glyph_set(void **state)
{
	(void)state;
	one_curve("curve-braille", 50, 12, LINES_BRAILLE);
	one_curve("curve-block", 50, 12, LINES_BLOCK);
	one_curve("curve-ascii", 50, 12, LINES_ASCII);
}

static void test_curve_in_little_room(void **state)
{
	struct surface *s = surface_new(9, 2);
	struct point *p = curve(9, rising);
	struct chart_series series = series_of(p, 9, ROLE_TEXT, SHOWN(""));
	struct buf text = BUF_INIT(1000);

	(void)state;
	one_curve("curve-small", 16, 5, LINES_BRAILLE);
	draw(s, &series, 1, LINES_BRAILLE);
	surface_text(s, &text);
	assert_string_equal(buf_str(&text), "\n\n");
	buf_release(&text);
	surface_free(s);
	free(p);
}

static double falling(size_t i)
{
	return 1 - rising(i);
}

static double higher(size_t i)
{
	return rising(i) + .01;
}

static void test_series_are_named_at_their_ends(void **state)
{
	struct surface *s = surface_new(60, 14);
	struct point *a = curve(N_CURVE, rising), *b = curve(300, higher);
	struct chart_series series[] = {
		series_of(a, N_CURVE, ROLE_SERIES_A, SHOWN("val")),
		series_of(b, 300, ROLE_SERIES_B, SHOWN("train")),
	};

	(void)state;
	series[1].dash = 1;
	draw(s, series, 2, LINES_BRAILLE);
	assert_golden(s, "draw", "two-series");
	surface_free(s);
	free(a);
	free(b);
}

/* The x labels of a curve of so many points, a space between them. */
static void check_x_labels(size_t n, int w, const char *want)
{
	struct surface *s = surface_new(w, 7);
	struct point *p = curve(n, rising);
	struct chart_series series = series_of(p, n, ROLE_SERIES_A, SHOWN(""));
	char got[200] = "";
	size_t len = 0;

	draw(s, &series, 1, LINES_BRAILLE);
	for (int x = 0; x < w; x++) {
		char c = surface_at(s, x, 6)->utf8[0];

		if (c != ' ' || (len && got[len - 1] != ' '))
			got[len++] = c;
	}
	while (len && got[len - 1] == ' ')
		len--;
	got[len] = 0;
	assert_string_equal(got, want);
	surface_free(s);
	free(p);
}

static void test_x_ticks_at_all_lengths(void **state)
{
	(void)state;
	check_x_labels(2, 30, "0 1");
	check_x_labels(9, 30, "0 2 4 6 8");
	check_x_labels(100, 30, "0 20 40 60 80");
	check_x_labels(1000, 30, "0 250 500 750");
	check_x_labels(1000, 78, "0 200 400 600 800");
	check_x_labels(100000, 48, "0 20 k 40 k 60 k 80 k");
	check_x_labels(100000, 30, "0 50 k");
}

static double never_finite(size_t i)
{
	return i ? NAN : INFINITY;
}

static void test_points_without_a_place_are_told(void **state)
{
	struct surface *s = surface_new(40, 6);
	struct point *p = curve(3, never_finite);
	struct chart_series series = series_of(p, 3, ROLE_SERIES_A, SHOWN(""));
	struct buf text = BUF_INIT(1 << 16);

	(void)state;
	draw(s, &series, 1, LINES_BRAILLE);
	surface_text(s, &text);
	assert_non_null(
		strstr(buf_str(&text), "no finite point, 2 NaN, 1 inf"));
	buf_release(&text);
	surface_free(s);
	free(p);
}

static void test_time_threshold_marks_and_crosshair(void **state)
{
	struct surface *s = surface_new(70, 12);
	struct point *p = curve(N_CURVE, falling);
	struct chart_series series =
		series_of(p, N_CURVE, ROLE_SERIES_A, SHOWN(""));
	struct chart_mark marks[] = {
		{ (double)p[100].time_ms, SHOWN("△"), ROLE_WARN },
		{ (double)p[200].time_ms, SHOWN("▲"), ROLE_ALARM },
		{ (double)p[0].time_ms - 1e15, SHOWN("◆"), ROLE_TEXT },
	};
	struct chart_spec spec = { .series = &series,
				   .n_series = 1,
				   .has_x_labels = true,
				   .x_to = NAN,
				   .has_threshold = true,
				   .threshold = .05,
				   .threshold_label = SHOWN("limit 0.05"),
				   .marks = marks,
				   .n_marks = 3,
				   .has_crosshair = true,
				   .crosshair = (double)p[300].time_ms };

	(void)state;
	series.curve.x = CURVE_TIME;
	chart_draw(s, (struct rect){ 0, 0, 70, 12 }, &spec,
		   glyphs_get(LINES_BRAILLE));
	assert_golden(s, "draw", "time-threshold");
	surface_free(s);
	free(p);
}

static void test_log_axis_draws_what_is_above_zero(void **state)
{
	struct surface *s = surface_new(50, 12);
	struct point p[] = { { 0, 0, 1 },    { 1, 0, 10 },  { 2, 0, 0 },
			     { 3, 0, 1000 }, { 4, 0, 100 }, { 5, 0, -5 } };
	struct chart_series series = series_of(p, 6, ROLE_SERIES_A, SHOWN(""));
	struct chart_spec spec = { .series = &series,
				   .n_series = 1,
				   .scale = SCALE_LOG,
				   .has_x_labels = true,
				   .x_to = NAN };

	(void)state;
	chart_draw(s, (struct rect){ 0, 0, 50, 12 }, &spec,
		   glyphs_get(LINES_BRAILLE));
	assert_golden(s, "draw", "log");
	surface_free(s);
}

static void test_nan_is_a_gap_and_a_mark(void **state)
{
	struct surface *s = surface_new(50, 10);
	struct point *p = curve(90, rising);
	struct chart_series series = series_of(p, 90, ROLE_SERIES_A, SHOWN(""));

	(void)state;
	for (size_t i = 30; i < 40; i++)
		p[i].value = NAN;
	p[60].value = INFINITY;
	draw(s, &series, 1, LINES_BRAILLE);
	assert_golden(s, "draw", "nan");
	surface_free(s);
	free(p);
}

/* None of these may crash, hang or draw outside; the label of the value that
 * there is must be readable. */
static void test_strange_values(void **state)
{
	static const double odd[] = { 0,         -0.0,  1e300,  -1e300,
				      5e-324,    1e308, -1e308, INFINITY,
				      -INFINITY, NAN };
	const struct glyphs *g = glyphs_get(LINES_BRAILLE);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
		for (size_t k = 0; k < ARRAY_LEN(odd); k++) {
			struct surface *s = surface_new(40, 9);
			struct point p[] = { { INT64_MIN, 0, odd[i] },
					     { 0, 0, odd[k] },
					     { INT64_MAX, 0, 1 } };
			struct chart_series series =
				series_of(p, 3, ROLE_SERIES_A, SHOWN("a"));
			struct chart_spec spec = { .series = &series,
						   .n_series = 1,
						   .has_x_labels = true,
						   .x_to = NAN,
						   .scale = (enum chart_scale)(
							   k % 3) };

			chart_draw(s, (struct rect){ 2, 1, 36, 7 }, &spec, g);
			for (int x = 0; x < 40; x++) {
				assert_int_equal(surface_at(s, x, 0)->utf8[0],
						 ' ');
				assert_int_equal(surface_at(s, x, 8)->utf8[0],
						 ' ');
			}
			for (int y = 0; y < 9; y++)
				assert_int_equal(surface_at(s, 39, y)->utf8[0],
						 ' ');
			surface_free(s);
		}
	}
}

static void test_one_point_and_a_constant(void **state)
{
	struct surface *s = surface_new(40, 18);
	struct point p[] = { { 7, 0, .5 }, { 8, 0, .5 }, { 9, 0, .5 } };
	struct chart_series series = series_of(p, 1, ROLE_SERIES_A, SHOWN(""));
	struct chart_spec spec = { .series = &series,
				   .n_series = 1,
				   .has_x_labels = true,
				   .x_to = NAN };

	(void)state;
	chart_draw(s, (struct rect){ 0, 0, 40, 9 }, &spec,
		   glyphs_get(LINES_BRAILLE));
	series.curve.n = 3;
	chart_draw(s, (struct rect){ 0, 9, 40, 9 }, &spec,
		   glyphs_get(LINES_BRAILLE));
	assert_golden(s, "draw", "constant");
	surface_free(s);
}

static double flat(size_t i)
{
	(void)i;
	return 0;
}

/* The spike has to reach the top row, among a million points. */
static void test_spike_in_a_million_is_seen(void **state)
{
	const size_t n = 1000000;
	struct surface *s = surface_new(80, 12);
	struct point *p = curve(n, flat);
	struct chart_series series = series_of(p, n, ROLE_SERIES_A, SHOWN(""));

	(void)state;
	p[654321].value = 1;
	draw(s, &series, 1, LINES_BRAILLE);
	assert_golden(s, "draw", "spike");
	surface_free(s);
	free(p);
}

/* However far into it one looks: the top row has a dot of it. */
static void test_spike_is_seen_at_every_zoom(void **state)
{
	const size_t n = 1000000, at = 654321;
	struct point *p = curve(n, flat);
	struct levels levels = { 0 };
	struct chart_series series = series_of(p, n, ROLE_SERIES_A, SHOWN(""));

	(void)state;
	p[at].value = 1;
	levels_add(&levels, p, n);
	series.curve.levels = &levels;
	for (double half = 1 << 20; half >= 1; half /= 2) {
		struct surface *s = surface_new(60, 10);
		struct chart_spec spec = { .series = &series,
					   .n_series = 1,
					   .has_window = true,
					   .window_from = (double)at - half,
					   .window_to = (double)at + half * 2,
					   .x_to = NAN };
		size_t n_seen = 0;

		chart_draw(s, (struct rect){ 0, 0, 60, 10 }, &spec,
			   glyphs_get(LINES_BRAILLE));
		for (int i = 0; i < 60 * 3; i++)
			n_seen += s->cells[i].role == ROLE_SERIES_A;
		assert_true(n_seen);
		surface_free(s);
	}
	levels_release(&levels);
	free(p);
}

/* With the levels or without them: the same picture, of points of all kinds in
 * any window. */
static void test_levels_change_nothing(void **state)
{
	const size_t n = 5000;
	struct point *p = curve(n, rising);
	struct levels levels = { 0 };
	struct surface *s[2] = { surface_new(70, 12), surface_new(70, 12) };
	uint64_t seed = 3;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		p[i].value += (double)(seed >> 50) / 1e5 - .1;
		if (i % 701 == 0)
			p[i].value = i % 2 ? NAN : INFINITY;
	}
	levels_add(&levels, p, n);
	for (int i = 0; i < 60; i++) {
		for (int k = 0; k < 2; k++) {
			struct chart_series series =
				series_of(p, n, ROLE_SERIES_A, SHOWN("a"));
			struct chart_spec spec = {
				.series = &series,
				.n_series = 1,
				.scale = (enum chart_scale)(i % 3),
				.has_x_labels = true,
				.has_window = i > 2,
				.window_from = i * 37 - 100,
				.window_to = i * 37 - 90 + i * i,
				.x_to = NAN,
			};

			series.curve.levels = k ? &levels : NULL;
			surface_clear(s[k]);
			chart_draw(s[k], (struct rect){ 0, 0, 70, 12 }, &spec,
				   glyphs_get(LINES_BRAILLE));
		}
		assert_memory_equal(s[0]->cells, s[1]->cells,
				    70 * 12 * sizeof(*s[0]->cells));
	}
	surface_free(s[0]);
	surface_free(s[1]);
	levels_release(&levels);
	free(p);
}

static void draw_window(struct surface *s, const struct chart_series *series,
			enum chart_scale scale, double from, double to,
			enum line_set set)
{
	struct chart_spec spec = { .series = series,
				   .n_series = 1,
				   .scale = scale,
				   .has_x_labels = true,
				   .has_window = !isnan(from),
				   .window_from = from,
				   .window_to = to,
				   .x_to = NAN };

	surface_clear(s);
	chart_draw(s, (struct rect){ 0, 0, s->w, s->h }, &spec,
		   glyphs_get(set));
}

/* Lines come in from the left and go out to the right. */
static void test_a_window_cuts_lines_at_its_edges(void **state)
{
	static const struct point p[] = { { 0, 0, 0 },
					  { 100, 0, 10 },
					  { 200, 0, -10 } };
	struct chart_series series = series_of(p, 3, ROLE_SERIES_A, SHOWN(""));
	struct surface *s = surface_new(50, 10);

	(void)state;
	draw_window(s, &series, SCALE_LINEAR, 75, 150, LINES_BRAILLE);
	assert_golden(s, "draw", "window");
	draw_window(s, &series, SCALE_LINEAR, 120, 130, LINES_BRAILLE);
	assert_golden(s, "draw", "window-between-points");
	draw_window(s, &series, SCALE_LINEAR, 300, 400, LINES_BRAILLE);
	assert_golden(s, "draw", "window-beyond");
	surface_free(s);
}

/* Both signs, zero, and thousandths beside thousands. */
static double swinging(size_t i)
{
	double x = ((double)i - 210) / 20;

	return x * x * x;
}

static void test_symlog_has_both_signs(void **state)
{
	struct point *p = curve(N_CURVE, swinging);
	struct chart_series series =
		series_of(p, N_CURVE, ROLE_SERIES_A, SHOWN(""));
	struct surface *s = surface_new(60, 13);

	(void)state;
	p[100].value = -INFINITY;
	p[200].value = INFINITY;
	p[300].value = NAN;
	draw_window(s, &series, SCALE_SYMLOG, NAN, 0, LINES_BRAILLE);
	assert_golden(s, "draw", "symlog-braille");
	draw_window(s, &series, SCALE_SYMLOG, NAN, 0, LINES_BLOCK);
	assert_golden(s, "draw", "symlog-block");
	draw_window(s, &series, SCALE_SYMLOG, NAN, 0, LINES_ASCII);
	assert_golden(s, "draw", "symlog-ascii");
	surface_free(s);
	free(p);
}

/* The largest and the smallest double in one chart. */
static void test_extreme_values_on_each_scale(void **state)
{
	static const struct point p[] = { { -20, 0, 5e-324 },
					  { -10, 0, 1e300 },
					  { 0, 0, 1 },
					  { 10, 0, -1e300 },
					  { 20, 0, 1e-300 } };
	struct chart_series series = series_of(p, 5, ROLE_SERIES_A, SHOWN(""));
	struct surface *s = surface_new(50, 9);

	(void)state;
	draw_window(s, &series, SCALE_LINEAR, NAN, 0, LINES_BRAILLE);
	assert_golden(s, "draw", "extreme-linear");
	draw_window(s, &series, SCALE_LOG, NAN, 0, LINES_BRAILLE);
	assert_golden(s, "draw", "extreme-log");
	draw_window(s, &series, SCALE_SYMLOG, NAN, 0, LINES_BRAILLE);
	assert_golden(s, "draw", "extreme-symlog");
	surface_free(s);
}

/* Over the time since the start, and over the values of another metric. */
static void test_x_by_age_and_by_value(void **state)
{
	struct point *p = curve(N_CURVE, rising);
	double xs[N_CURVE];
	struct chart_series series =
		series_of(p, N_CURVE, ROLE_SERIES_A, SHOWN(""));
	struct surface *s = surface_new(60, 9);

	(void)state;
	series.curve.x = CURVE_AGE;
	series.curve.x_zero = (double)p[0].time_ms;
	draw_window(s, &series, SCALE_LINEAR, NAN, 0, LINES_BRAILLE);
	assert_golden(s, "draw", "x-age");
	for (size_t i = 0; i < N_CURVE; i++)
		xs[i] = (double)i / 1000;
	series.curve.x = CURVE_VALUE;
	series.curve.xs = xs;
	draw_window(s, &series, SCALE_LINEAR, NAN, 0, LINES_BRAILLE);
	assert_golden(s, "draw", "x-value");
	surface_free(s);
	free(p);
}

/* Steps that count down to zero from below, and steps that are all the same. */
static void test_negative_and_equal_steps(void **state)
{
	struct point p[5];
	struct chart_series series = series_of(p, 5, ROLE_SERIES_A, SHOWN(""));
	struct surface *s = surface_new(40, 8);

	(void)state;
	for (int i = 0; i < 5; i++)
		p[i] = (struct point){ (i - 4) * 1000, i, i };
	draw_window(s, &series, SCALE_LINEAR, NAN, 0, LINES_BRAILLE);
	assert_golden(s, "draw", "steps-negative");
	for (int i = 0; i < 5; i++)
		p[i].step = 7;
	draw_window(s, &series, SCALE_LINEAR, NAN, 0, LINES_BRAILLE);
	assert_golden(s, "draw", "steps-equal");
	surface_free(s);
}

static double barely_rising(size_t i)
{
	return .8933 + (double)i * 1e-10;
}

/* Ticks that lie a hundred-millionth apart are told apart. */
static void test_labels_of_a_small_range_differ(void **state)
{
	struct surface *s = surface_new(50, 10);
	struct point *p = curve(N_CURVE, barely_rising);
	struct chart_series series =
		series_of(p, N_CURVE, ROLE_SERIES_A, SHOWN(""));

	(void)state;
	draw(s, &series, 1, LINES_BRAILLE);
	assert_golden(s, "draw", "small-range");
	surface_free(s);
	free(p);
}

static void test_axis_steps_are_nice_and_on_whole_rows(void **state)
{
	static const double ranges[][2] = { { 0, 1 },         { .92, .9806 },
					    { -3, 17 },       { 1e-9, 2e-9 },
					    { 0, 123456789 }, { -1e300, 1e300 },
					    { 5, 5 },         { 0, 0 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
		for (int h = 2; h < 40; h++) {
			int rows = h;
			struct chart_axis a = chart_axis_for(
				ranges[i][0], ranges[i][1], &rows);
			double mantissa =
				a.step / pow(10, floor(log10(a.step) + 1e-9));

			assert_in_range(rows, 2, h);
			assert_in_range(a.n_intervals, 1, 5);
			assert_int_equal((rows - 1) % a.n_intervals, 0);
			assert_true(a.from <= ranges[i][0] * (1 - 1e-9) ||
				    a.from <= ranges[i][0] + 1e-9 * a.step);
			assert_true(a.to >= ranges[i][1] - 1e-9 * a.step);
			assert_true(fabs(mantissa - 1) < 1e-6 ||
				    fabs(mantissa - 2) < 1e-6 ||
				    fabs(mantissa - 2.5) < 1e-6 ||
				    fabs(mantissa - 5) < 1e-6);
		}
	}
}

static void test_sparkline_keeps_spikes(void **state)
{
	struct surface *s = surface_new(12, 5);
	double values[1000] = { 0 };
	double few[] = { 1, NAN, 3 };

	(void)state;
	values[333] = 1;
	values[777] = -1;
	for (enum line_set set = LINES_BRAILLE; set <= LINES_ASCII; set++)
		chart_sparkline(s, (struct rect){ 0, (int)set, 12, 1 }, values,
				1000, ROLE_TEXT, glyphs_get(set));
	chart_sparkline(s, (struct rect){ 0, 3, 12, 1 }, few, 3, ROLE_TEXT,
			glyphs_get(LINES_BRAILLE));
	few[0] = few[2] = NAN;
	chart_sparkline(s, (struct rect){ 0, 4, 12, 1 }, few, 3, ROLE_TEXT,
			glyphs_get(LINES_BRAILLE));
	assert_golden(s, "draw", "sparkline");
	surface_free(s);
}

static void test_histogram_pair(void **state)
{
	static const double baseline[] = {
		.02, .08, .2, .3, .2, .12, .06, .02
	};
	static const double window[] = { 0, .02, .05, .13, .2, .3, .2, .1 };
	static const double edges[] = { 0, 10, 20, 30, 40, 50, 60, 70, 80 };
	static const struct shown labels[] = {
		{ "DE", 2, 2 }, { "RO", 2, 2 }, { "FR", 2, 2 }, { "IT", 2, 2 },
		{ "ES", 2, 2 }, { "PL", 2, 2 }, { "AT", 2, 2 }, { "CH", 2, 2 },
	};
	struct chart_hist h = { .n_bins = 8,
				.baseline = baseline,
				.window = window,
				.edges = edges };
	struct surface *s = surface_new(60, 12);

	(void)state;
	chart_histogram(s, (struct rect){ 0, 0, 60, 12 }, &h,
			glyphs_get(LINES_BRAILLE));
	assert_golden(s, "draw", "histogram-edges");
	surface_clear(s);
	h.edges = NULL;
	h.labels = labels;
	chart_histogram(s, (struct rect){ 0, 0, 60, 12 }, &h,
			glyphs_get(LINES_ASCII));
	assert_golden(s, "draw", "histogram-labels-ascii");
	surface_free(s);
}

/* Watched for two hours, then not for three, then again; and not any more. */
static void test_a_gap_is_not_drawn_through(void **state)
{
	const int64_t minute = 60000;
	struct point points[180];
	struct chart_series series = {
		.curve = { .points = points,
			   .n = ARRAY_LEN(points),
			   .x = CURVE_TIME },
		.role = ROLE_WINDOW,
	};
	struct chart_spec spec = { .series = &series,
				   .n_series = 1,
				   .has_x_labels = true,
				   .x_to = 480.0 * 60000,
				   .gap = 150000,
				   .gap_label = SHOWN("not evaluated") };
	struct surface *s = surface_new(70, 8);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(points); i++) {
		int64_t at = (int64_t)i + (i < 120 ? 0 : 180);

		points[i] = (struct point){ .time_ms = at * minute,
					    .value = i < 120 ? .1 : .4 };
	}
	setenv("TZ", "UTC", 1);
	chart_draw(s, (struct rect){ 0, 0, 70, 8 }, &spec,
		   glyphs_get(LINES_BRAILLE));
	assert_golden(s, "draw", "time-gap");
	surface_free(s);
}

/* Of both kinds, and where not all categories have room. */
static void test_missing_values_have_their_row(void **state)
{
	static const double baseline[] = { .4, .3, .2, .06, .04 };
	static const double window[] = { .38, .32, .2, .05, .05 };
	static const double edges[] = { 0, 10, 20, 30, 40, 50 };
	static const struct shown labels[] = {
		{ "DE", 2, 2 }, { "RO", 2, 2 }, { "FR", 2, 2 },
		{ "IT", 2, 2 }, { "ES", 2, 2 },
	};
	struct chart_hist h = { .n_bins = 5,
				.baseline = baseline,
				.window = window,
				.edges = edges,
				.has_missing = true,
				.missing_baseline = .03,
				.missing_window = .28 };
	struct surface *s = surface_new(50, 13);

	(void)state;
	chart_histogram(s, (struct rect){ 0, 0, 50, 8 }, &h,
			glyphs_get(LINES_BRAILLE));
	h.edges = NULL;
	h.labels = labels;
	chart_histogram(s, (struct rect){ 0, 9, 50, 4 }, &h,
			glyphs_get(LINES_BRAILLE));
	assert_golden(s, "draw", "histogram-missing");
	surface_free(s);
}

/* Each number is named below its bin; of many, some. */
static void test_whole_numbers_have_their_ticks(void **state)
{
	double shares[24], edges[25];
	struct chart_hist h = { .n_bins = 6,
				.baseline = shares,
				.window = shares,
				.edges = edges };
	struct surface *s = surface_new(50, 16);

	(void)state;
	for (int i = 0; i < 25; i++)
		edges[i] = i - .5;
	for (int i = 0; i < 24; i++)
		shares[i] = (i % 6 + 1) / 21.0;
	chart_histogram(s, (struct rect){ 0, 0, 50, 8 }, &h,
			glyphs_get(LINES_BRAILLE));
	h.n_bins = 24;
	chart_histogram(s, (struct rect){ 0, 8, 50, 8 }, &h,
			glyphs_get(LINES_BRAILLE));
	assert_golden(s, "draw", "histogram-whole");
	surface_free(s);
}

static void test_outline_keeps_the_ground_of_the_fill(void **state)
{
	static const double baseline[] = { .1, .9 }, window[] = { .9, .1 };
	struct chart_hist h = { .n_bins = 2,
				.baseline = baseline,
				.window = window };
	struct surface *s = surface_new(40, 12);
	size_t n_over = 0, n_plain = 0;

	(void)state;
	chart_histogram(s, (struct rect){ 0, 0, 40, 12 }, &h,
			glyphs_get(LINES_BRAILLE));
	for (int i = 0; i < 40 * 12; i++) {
		n_over += s->cells[i].role == ROLE_BASELINE_OVER;
		n_plain += s->cells[i].role == ROLE_BASELINE;
	}
	assert_true(n_over >= 10);
	assert_true(n_plain >= 10);
	surface_free(s);
}

static void test_small_histogram_stays_below_the_top(void **state)
{
	static const double shares[] = { 0, .1, .4, .3, .15, .05 };
	struct surface *s = surface_new(12, 2);
	struct buf text = BUF_INIT(1000);

	(void)state;
	chart_small_histogram(s, (struct rect){ 0, 0, 12, 1 }, shares, 6, .4,
			      ROLE_AXIS, glyphs_get(LINES_BRAILLE));
	chart_small_histogram(s, (struct rect){ 0, 1, 12, 1 }, shares, 6, .4,
			      ROLE_AXIS, glyphs_get(LINES_ASCII));
	surface_text(s, &text);
	assert_string_equal(buf_str(&text), "  ▂▂▆▆▅▅▃▃▁▁\n  ##########\n");
	buf_release(&text);
	surface_free(s);
}

/* Steps may be times in nanoseconds, which doubles do not count one by one. */
static void test_steps_too_large_to_count(void **state)
{
	struct surface *s = surface_new(60, 10);
	struct point p[] = { { 1764000000000000000, 0, .5 },
			     { 1764000000000000300, 1, .6 } };
	struct chart_series series = series_of(p, 1, ROLE_SERIES_A, SHOWN(""));

	(void)state;
	alarm(5);
	draw(s, &series, 1, LINES_BRAILLE);
	series.curve.n = 2;
	draw(s, &series, 1, LINES_BRAILLE);
	alarm(0);
	surface_free(s);
}

/* A year of more than four digits is no time that can be written. */
static void test_times_beyond_the_calendar(void **state)
{
	struct surface *s = surface_new(60, 10);
	struct point p[] = { { 0, 900000000000000000, .5 },
			     { 1, 900000000000060000, .6 },
			     { 2, INT64_MAX, .7 } };
	struct chart_series series = series_of(p, 2, ROLE_SERIES_A, SHOWN(""));
	struct chart_spec spec = { .series = &series,
				   .n_series = 1,
				   .has_x_labels = true,
				   .x_to = NAN };
	struct buf text = BUF_INIT(10000);

	(void)state;
	series.curve.x = CURVE_TIME;
	chart_draw(s, (struct rect){ 0, 0, 60, 10 }, &spec,
		   glyphs_get(LINES_BRAILLE));
	surface_text(s, &text);
	assert_non_null(strstr(buf_str(&text), "\n      -  "));
	series.curve.n = 3;
	chart_draw(s, (struct rect){ 0, 0, 60, 10 }, &spec,
		   glyphs_get(LINES_BRAILLE));
	buf_release(&text);
	surface_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_curve_in_each_glyph_set),
		cmocka_unit_test(test_curve_in_little_room),
		cmocka_unit_test(test_series_are_named_at_their_ends),
		cmocka_unit_test(test_x_ticks_at_all_lengths),
		cmocka_unit_test(test_points_without_a_place_are_told),
		cmocka_unit_test(test_time_threshold_marks_and_crosshair),
		cmocka_unit_test(test_log_axis_draws_what_is_above_zero),
		cmocka_unit_test(test_nan_is_a_gap_and_a_mark),
		cmocka_unit_test(test_strange_values),
		cmocka_unit_test(test_steps_too_large_to_count),
		cmocka_unit_test(test_times_beyond_the_calendar),
		cmocka_unit_test(test_one_point_and_a_constant),
		cmocka_unit_test(test_spike_in_a_million_is_seen),
		cmocka_unit_test(test_spike_is_seen_at_every_zoom),
		cmocka_unit_test(test_levels_change_nothing),
		cmocka_unit_test(test_a_window_cuts_lines_at_its_edges),
		cmocka_unit_test(test_symlog_has_both_signs),
		cmocka_unit_test(test_extreme_values_on_each_scale),
		cmocka_unit_test(test_x_by_age_and_by_value),
		cmocka_unit_test(test_negative_and_equal_steps),
		cmocka_unit_test(test_labels_of_a_small_range_differ),
		cmocka_unit_test(test_axis_steps_are_nice_and_on_whole_rows),
		cmocka_unit_test(test_sparkline_keeps_spikes),
		cmocka_unit_test(test_histogram_pair),
		cmocka_unit_test(test_a_gap_is_not_drawn_through),
		cmocka_unit_test(test_missing_values_have_their_row),
		cmocka_unit_test(test_whole_numbers_have_their_ticks),
		cmocka_unit_test(test_outline_keeps_the_ground_of_the_fill),
		cmocka_unit_test(test_small_histogram_stays_below_the_top),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
