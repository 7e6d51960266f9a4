/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_LEVELS_H
#define MLTOWER_MODEL_LEVELS_H

#include <stddef.h>
#include <stdint.h>

#include "base/point.h"

/* What a picture of a stretch of points cannot do without. Values lie beside
 * their indices so that nobody has to look at the points for them. */
#define PEAK_NONE UINT32_MAX

struct peaks {
	double min, max; /* of the finite values */
	double low;      /* the smallest above zero: a log axis begins there */
	uint32_t min_at, max_at, low_at; /* PEAK_NONE: there is none. Of equal
					  * values the first */
	uint32_t nan_at, up_at,
		down_at; /* a NaN, an infinity, a negative one */
};

/* The peaks of every 16 points, of every 16 of those, and so on: those of any
 * stretch are found in steps that grow with the logarithm of its length.
 * 3.2 bytes a point. Starts zeroed. */
#define LEVELS_MAX 7

struct levels {
	struct level {
		struct peaks *of;
		size_t n, cap;
	} at[LEVELS_MAX];
};

void levels_release(struct levels *l);
/* There are n points now, of which those seen before are as they were. */
void levels_add(struct levels *l, const struct point *points, size_t n);
/* Forgets what is told of points from this one on: they change. */
void levels_cut(struct levels *l, size_t from);
size_t levels_bytes(const struct levels *l);
/* Of the points [from, to). Those that no level tells of are looked at one by
 * one; l may be NULL. */
struct peaks levels_peaks(const struct levels *l, const struct point *points,
			  size_t from, size_t to);

#endif
