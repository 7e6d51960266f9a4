/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_DERIVED_H
#define MLTOWER_MODEL_DERIVED_H

#include "model/series.h"

/* A curve of points of its own, made of a series: what cannot be drawn from
 * the series as it lies there. Starts zeroed. */
struct derived {
	struct curve_look look;    /* `by` is its own copy */
	uint32_t made_of, made_by; /* generations; 0: not yet */
	size_t n_taken;            /* points of the series */
	struct point *points;
	double *xs; /* of CURVE_VALUE */
	size_t n, cap, cap_xs;
	struct levels levels;
	double sum, weight; /* of the smoothing so far */
};

/* Can the series itself be drawn so? */
bool derived_is_needed(const struct series *s, const struct curve_look *look);
bool derived_is_of(const struct derived *d, const struct curve_look *look);
/* Another look: forgets what was made. */
void derived_set(struct derived *d, const struct curve_look *look);
/* Brings it up to the series: what came behind is added, anything else makes it
 * anew. by: the series that CURVE_VALUE names, or NULL. */
void derived_update(struct derived *d, const struct series *s,
		    const struct series *by);
void derived_release(struct derived *d);
size_t derived_bytes(const struct derived *d);

#endif
