/* SPDX-License-Identifier: GPL-3.0-or-later */

/* bench_chart [POINTS ..]: what it costs to take in the points of a curve, to
 * follow it and to draw it, beside one pass over its values. Without operands
 * 1,000 to 10,000,000 points. Best of five. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "draw/chart.h"

#define TRIES    5
#define DRAWS    50
#define N_LIVE   100000u /* points a second that are followed */
#define WIDTH    80
#define HEIGHT   16
#define N_CHARTS 6

struct bench {
	struct point *points;
	size_t n;
	struct levels levels;
	struct surface *s;
	double sum;
};

static double ms_since(int64_t began_us)
{
	return (double)(clock_mono_us() - began_us) / 1000;
}

static void make_points(struct bench *b)
{
	uint64_t seed = 1;

	b->points = xcalloc(b->n + N_LIVE, sizeof(*b->points));
	for (size_t i = 0; i < b->n + N_LIVE; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		b->points[i] = (struct point){
			.step = (int64_t)i,
			.time_ms = (int64_t)i * 100,
			.value = sin((double)i / 5000) +
				 (double)(seed >> 40) / (1 << 25),
		};
	}
}

/* What nothing that looks at every point can beat. */
static void pass_over(struct bench *b)
{
	double min = INFINITY, max = -INFINITY;

	for (size_t i = 0; i < b->n; i++) {
		min = b->points[i].value < min ? b->points[i].value : min;
		max = b->points[i].value > max ? b->points[i].value : max;
	}
	b->sum += max - min;
}

static void take_in(struct bench *b)
{
	levels_cut(&b->levels, 0);
	levels_add(&b->levels, b->points, b->n);
}

/* A second's points, in ten parts. */
static void follow(struct bench *b)
{
	levels_cut(&b->levels, b->n);
	for (size_t i = 1; i <= 10; i++)
		levels_add(&b->levels, b->points, b->n + N_LIVE * i / 10);
}

static void draw(struct bench *b, bool is_part)
{
	struct chart_series series = {
		.curve = { .points = b->points,
			   .n = b->n,
			   .levels = &b->levels },
		.role = ROLE_SERIES_A,
	};
	struct chart_spec spec = { .series = &series,
				   .n_series = 1,
				   .has_x_labels = true,
				   .x_to = NAN,
				   .has_window = is_part,
				   .window_from = (double)b->n / 3,
				   .window_to = (double)b->n / 2 };

	for (int i = 0; i < DRAWS; i++)
		chart_draw(b->s, (struct rect){ 0, 0, WIDTH, HEIGHT }, &spec,
			   glyphs_get(LINES_BRAILLE));
}

static void draw_all(struct bench *b)
{
	draw(b, false);
}

static void draw_part(struct bench *b)
{
	draw(b, true);
}

static double best_ms(struct bench *b, void (*f)(struct bench *b))
{
	double best = INFINITY;

	for (int i = 0; i < TRIES; i++) {
		int64_t began_us = clock_mono_us();

		f(b);
		best = fmin(best, ms_since(began_us));
	}
	return best;
}

static void measure(size_t n)
{
	struct bench b = { .n = n, .s = surface_new(WIDTH, HEIGHT) };
	double pass, take, live, all, part, bytes;

	make_points(&b);
	pass = best_ms(&b, pass_over);
	take = best_ms(&b, take_in);
	bytes = (double)levels_bytes(&b.levels) / (double)n;
	live = best_ms(&b, follow);
	all = best_ms(&b, draw_all) / DRAWS;
	part = best_ms(&b, draw_part) / DRAWS;
	printf("%10zu %9.3f %9.3f %8.1f %8.2f %9.3f %8.3f %8.3f %8.3f\n", n,
	       pass, take, take > 0 ? (double)n / take / 1000 : 0, bytes, live,
	       all, part, all * N_CHARTS);
	levels_release(&b.levels);
	free(b.points);
	surface_free(b.s);
}

int main(int argc, char **argv)
{
	printf("%10s %9s %9s %8s %8s %9s %8s %8s %8s\n", "points", "pass ms",
	       "take ms", "M pts/s", "B/point", "live ms/s", "draw ms",
	       "part ms", "six ms");
	for (int i = 1; i < argc; i++)
		measure((size_t)strtoull(argv[i], NULL, 10));
	for (size_t n = 1000; argc == 1 && n <= 10000000; n *= 10)
		measure(n);
	return 0;
}
