/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_CURVE_H
#define MLTOWER_MODEL_CURVE_H

#include "model/levels.h"

/* Points as a chart sees them: values over an x that never falls. Borrows what
 * it points to. */
enum curve_x {
	CURVE_STEP,
	CURVE_TIME, /* UTC, milliseconds */
	CURVE_AGE,  /* milliseconds since x_zero */
	CURVE_VALUE /* of another metric */
};

struct curve {
	const struct point *points;
	size_t n;
	const struct levels *levels; /* NULL: each point is looked at */
	enum curve_x x;
	const double *xs; /* of CURVE_VALUE, one a point */
	double x_zero;    /* of CURVE_AGE */
};

double curve_x_at(const struct curve *c, size_t i);
/* How many points have an x below this one. */
size_t curve_find(const struct curve *c, double x);
/* Of the points [from, to). */
struct peaks curve_peaks(const struct curve *c, size_t from, size_t to);

#endif
