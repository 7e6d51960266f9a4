/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DRAW_PLOT_H
#define MLTOWER_DRAW_PLOT_H

#include "axis.h"
#include "draw/chart.h"

/* What a chart shows, before anybody draws it: the ranges of its axes, and each
 * curve as one thing a dot column. */
struct span {
	double lo, hi;
	bool has;
};

/* Plain comparisons: this runs over many values. */
static inline void span_widen(struct span *span, double v)
{
	if (v - v != 0) /* NaN, infinite */
		return;
	if (!span->has) {
		span->lo = span->hi = v;
		span->has = true;
	}
	if (v < span->lo)
		span->lo = v;
	if (v > span->hi)
		span->hi = v;
}

/* Where a value stands on the axis: by itself, by its logarithm, or, around
 * zero, by itself up to `unit` and by its logarithm beyond. */
struct scale {
	enum chart_scale kind;
	double unit; /* of a symlog: stands at 1 */
};

double scale_put(const struct scale *s, double v); /* NaN: has no place */
double scale_take(const struct scale *s, double at);

struct plot {
	const struct chart_spec *spec;
	struct span x, y; /* y as on the axis */
	struct scale scale;
	int w; /* dot columns */
};

/* What a dot column holds of a curve; values as on the axis. */
struct plot_column {
	double min, max;
	double first, last;    /* NaN where it has no place: not joined */
	bool has;              /* anything that has a place */
	bool has_lost;         /* NaN, or what a log axis has no place for */
	bool has_up, has_down; /* infinities */
};

/* The points next to what is seen, which lines come from and go to. */
struct plot_end {
	double at, v; /* in dot columns; as on the axis, NaN: none */
};

struct plot_line {
	struct plot_column *columns; /* w of them */
	struct plot_end before, after;
};

/* False: no point has a place. w is yet to be set. */
bool plot_init(struct plot *p, const struct chart_spec *spec);
/* Of one curve: as many steps as there are columns, times the logarithm of the
 * points. Free its columns. */
struct plot_line plot_line_of(const struct plot *p, const struct curve *c);
/* In dot columns; far outside it is no farther than is needed to see that. */
double plot_x(const struct plot *p, double x);
/* The label of a tick of the value axis. */
void plot_tick(const struct plot *p, const struct chart_axis *axis, int i,
	       char out[AXIS_LABEL_MAX]);
/* Two columns, with nothing between, too far apart to be joined? */
bool plot_is_gap(const struct plot *p, double a, double b);

#endif
