/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_LEVELS_H
#define MLTOWER_MODEL_LEVELS_H

#include <stddef.h>
#include <stdint.h>

#include "base/point.h"

/* Which points of a stretch a picture of it cannot do without: indices of the
 * points, or PEAK_NONE. Of equals, any. */
#define PEAK_NONE UINT32_MAX

struct peaks {
	uint32_t min, max; /* of the finite values */
	uint32_t low; /* the smallest above zero: a log axis begins there */
	uint32_t nan, up, down; /* a NaN, an infinity, a negative one */
};

/* The peaks of every 16 points, of every 16 of those, and so on: those of any
 * stretch are found in steps that grow with the logarithm of its length.
 * 1.6 bytes a point. Starts zeroed. */
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
