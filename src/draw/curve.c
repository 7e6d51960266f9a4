/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "curve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static double place(enum chart_x x, double x_from, const struct point *p)
{
	return (double)(x == CHART_STEP ? p->step : p->time_ms) - x_from;
}

double curve_x(const struct curve *c, size_t i)
{
	return place(c->x, c->series->x_from, &c->t.points[i]);
}

static int by_step(const void *a, const void *b)
{
	int64_t x = ((const struct point *)a)->step;
	int64_t y = ((const struct point *)b)->step;

	return (x > y) - (x < y);
}

static int by_time(const void *a, const void *b)
{
	int64_t x = ((const struct point *)a)->time_ms;
	int64_t y = ((const struct point *)b)->time_ms;

	return (x > y) - (x < y);
}

/* What has levels is by step, and they know of the time. */
static bool is_in_order(const struct chart_series *s, enum chart_x x)
{
	if (s->levels)
		return x == CHART_STEP || !s->levels->is_backward;
	for (size_t i = 1; i < s->n; i++)
		if (place(x, 0, &s->points[i]) < place(x, 0, &s->points[i - 1]))
			return false;
	return true;
}

void curve_init(struct curve *c, const struct chart_series *s, enum chart_x x)
{
	*c = (struct curve){
		.t = { s->points, s->n, s->levels },
		.series = s,
		.x = x,
		.to = s->n,
	};
	if (is_in_order(s, x))
		return;
	c->owned = xreallocarray(NULL, s->n, sizeof(*c->owned));
	memcpy(c->owned, s->points, s->n * sizeof(*c->owned));
	qsort(c->owned, s->n, sizeof(*c->owned),
	      x == CHART_STEP ? by_step : by_time);
	c->t.points = c->owned;
	c->t.levels = NULL;
}

void curve_release(struct curve *c)
{
	free(c->owned);
}

/* The first point of [lo, hi) at x or after it. */
static size_t point_at(const struct curve *c, size_t lo, size_t hi, double x)
{
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (curve_x(c, mid) < x)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

void curve_set_window(struct curve *c, double from, double to)
{
	c->from = point_at(c, 0, c->t.n, from);
	c->to = point_at(c, c->from, c->t.n, nextafter(to, INFINITY));
}

static struct column column_of(const struct trace *t, size_t from, size_t to,
			       bool above_0)
{
	struct stretch s = levels_of(t, from, to);
	struct column c = {
		.min = above_0 ? s.least : s.min,
		.max = s.max,
		.has_nan = s.n_nan || (above_0 && s.min <= 0),
		.has_high = s.has_high,
		.has_low = s.has_low,
	};

	c.has = c.min <= c.max;
	if (!c.has)
		return c;
	c.first = t->points[levels_first(t, from, to, above_0)].value;
	c.last = t->points[levels_last(t, from, to, above_0)].value;
	return c;
}

void curve_columns(const struct curve *c, double from, double to, bool above_0,
		   struct column *columns, size_t n)
{
	double each = (to - from) / (double)(n - 1);
	size_t at = c->from;

	for (size_t i = 0; i < n; i++) {
		double end = from + ((double)i + .5) * each;
		size_t next = i + 1 < n ? point_at(c, at, c->to, end) : c->to;

		columns[i] = (struct column){ .has = false };
		if (next > at)
			columns[i] = column_of(&c->t, at, next, above_0);
		at = next;
	}
}
