/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_BASE_LEVELS_H
#define MLTOWER_BASE_LEVELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/point.h"

/* What a stretch of points holds. Two stretches side by side are one, so that
 * any window of a million points is known from a few dozen of them. */
struct stretch {
	double min, max; /* of the finite values; min > max: there are none */
	double least;    /* the smallest above 0; infinite: none */
	uint32_t n_nan;
	bool has_high, has_low; /* +inf, -inf */
};

/* The stretches of each 16 points, of each 16 of those, and so on: 32 bytes for
 * 16 points and a fifteenth more, 2.1 bytes a point; up to twice that with the
 * room to grow. */
#define LEVELS_MAX 9

struct levels {
	struct stretch *at[LEVELS_MAX];
	size_t cap[LEVELS_MAX];
	size_t n;         /* points known */
	bool is_backward; /* in time, somewhere */
};

/* A zeroed struct is ready. Takes in the points from l->n on; those before it
 * are as they were. */
void levels_extend(struct levels *l, const struct point *points, size_t n);
/* Forgets the points; the memory stays. */
void levels_clear(struct levels *l);
void levels_release(struct levels *l);
/* What they take. */
size_t levels_bytes(const struct levels *l);

/* Points in an order that somebody else keeps, and what is known of them. */
struct trace {
	const struct point *points;
	size_t n;
	const struct levels *levels; /* NULL: they are gone through */
};

/* What [from, to) holds. */
struct stretch levels_of(const struct trace *t, size_t from, size_t to);
/* The first, and the last, point of [from, to) that has a place on an axis: it
 * is finite, and above 0 where the axis asks for that. `to` where none has. */
size_t levels_first(const struct trace *t, size_t from, size_t to,
		    bool above_0);
size_t levels_last(const struct trace *t, size_t from, size_t to, bool above_0);

#endif
