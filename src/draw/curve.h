/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DRAW_CURVE_H
#define MLTOWER_DRAW_CURVE_H

#include "draw/chart.h"

/* A series as its chart sees it: in the order of x, by dot columns. */
struct curve {
	struct trace t;
	const struct chart_series *series;
	enum chart_x x;
	size_t from, to;     /* the points in the window */
	struct point *owned; /* in another order than the series */
};

/* What a dot column holds of a curve; values as they are. */
struct column {
	double min, max, first, last;
	bool has;
	bool has_nan, has_high, has_low; /* no place on the axis; +inf; -inf */
};

/* Points in order are borrowed, others copied. All are in the window. */
void curve_init(struct curve *c, const struct chart_series *s, enum chart_x x);
void curve_release(struct curve *c);
double curve_x(const struct curve *c, size_t i);
void curve_set_window(struct curve *c, double from, double to);
/* n columns from `from` to `to`, both in the middle of theirs. */
void curve_columns(const struct curve *c, double from, double to, bool above_0,
		   struct column *columns, size_t n);

#endif
