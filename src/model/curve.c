/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/curve.h"

double curve_x_at(const struct curve *c, size_t i)
{
	switch (c->x) {
	case CURVE_STEP:
		return (double)c->points[i].step;
	case CURVE_TIME:
		return (double)c->points[i].time_ms;
	case CURVE_AGE:
		return (double)c->points[i].time_ms - c->x_zero;
	default:
		return c->xs[i];
	}
}

size_t curve_find(const struct curve *c, double x)
{
	size_t lo = 0, hi = c->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (curve_x_at(c, mid) < x)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct peaks curve_peaks(const struct curve *c, size_t from, size_t to)
{
	return levels_peaks(c->levels, c->points, from, to);
}
