/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "base/mem.h"
#include "draw/chart.h"
#include "plot.h"
#include "raster.h"

/* Smallest and greatest value of a dot column; where there are fewer values
 * than columns, a value stands in several. */
static bool spark_column(const double *values, size_t n, int x, int w,
			 struct span *out)
{
	size_t from = (size_t)x * n / (size_t)w;
	size_t to = MAX(from + 1, (size_t)(x + 1) * n / (size_t)w);

	out->has = false;
	for (size_t i = from; i < to; i++)
		span_widen(out, values[i]);
	return out->has;
}

static int spark_y(const struct span *all, double v, const struct raster *ra)
{
	int y = ra->h / 2;

	if (all->hi > all->lo)
		y = (int)lround((all->hi - v) / (all->hi - all->lo) *
				(ra->h - 1));
	/* Blocks stay under the row's top, that rows do not grow together. */
	return ra->set == LINES_BLOCK ? MAX(y, 2) : y;
}

/* One value a cell: the one farther from the middle, so that a spike either
 * way is seen. */
static double outermost(const struct span *all, const struct span *column)
{
	double middle = all->lo / 2 + all->hi / 2;

	return column->hi - middle >= middle - column->lo ? column->hi
							  : column->lo;
}

void chart_sparkline(struct surface *s, struct rect row, const double *values,
		     size_t n, enum role role, const struct glyphs *g)
{
	struct span all = { 0 }, column = { 0 };
	struct raster ra;
	int prev_top = -1, prev_low = -1;

	for (size_t i = 0; i < n; i++)
		span_widen(&all, values[i]);
	if (!all.has || row.w < 1)
		return;
	raster_init(&ra, s, row, g);
	for (int x = 0; x < ra.w; x++) {
		int top, low;

		if (!spark_column(values, n, x, ra.w, &column)) {
			prev_top = prev_low = -1;
			continue;
		}
		if (g->lines != LINES_BRAILLE)
			column.lo = column.hi = outermost(&all, &column);
		top = spark_y(&all, column.hi, &ra);
		low = spark_y(&all, column.lo, &ra);
		raster_column(&ra, x, top, low);
		/* Joined to the column before it. */
		if (prev_low >= 0 && g->lines == LINES_BRAILLE) {
			if (top > prev_low + 1)
				raster_column(&ra, x, prev_low + 1, top);
			if (low < prev_top - 1)
				raster_column(&ra, x, low, prev_top - 1);
		}
		prev_top = top;
		prev_low = low;
	}
	raster_flush(&ra, role);
	raster_release(&ra);
}
