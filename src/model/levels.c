/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/levels.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

#define BRANCH 16u

static const struct peaks nothing = {
	.min_at = PEAK_NONE,
	.max_at = PEAK_NONE,
	.low_at = PEAK_NONE,
	.nan_at = PEAK_NONE,
	.up_at = PEAK_NONE,
	.down_at = PEAK_NONE,
};

void levels_release(struct levels *l)
{
	for (size_t i = 0; i < LEVELS_MAX; i++)
		free(l->at[i].of);
	*l = (struct levels){ 0 };
}

/* The smallest, or the greatest with a sign of -1; of equals the first. */
static void keep(double *best, uint32_t *best_at, double v, uint32_t at,
		 int sign)
{
	double by = (*best - v) * sign;

	if (*best_at != PEAK_NONE && (by < 0 || (by == 0 && *best_at < at)))
		return;
	*best = v;
	*best_at = at;
}

static void add_point(struct peaks *k, double v, uint32_t i)
{
	if (v - v != 0) {
		*(isnan(v) ? &k->nan_at : v > 0 ? &k->up_at : &k->down_at) = i;
		return;
	}
	keep(&k->min, &k->min_at, v, i, 1);
	keep(&k->max, &k->max_at, v, i, -1);
	if (v > 0)
		keep(&k->low, &k->low_at, v, i, 1);
}

static void add_peaks(struct peaks *k, const struct peaks *more)
{
	if (more->min_at != PEAK_NONE) {
		keep(&k->min, &k->min_at, more->min, more->min_at, 1);
		keep(&k->max, &k->max_at, more->max, more->max_at, -1);
	}
	if (more->low_at != PEAK_NONE)
		keep(&k->low, &k->low_at, more->low, more->low_at, 1);
	if (more->nan_at != PEAK_NONE)
		k->nan_at = more->nan_at;
	if (more->up_at != PEAK_NONE)
		k->up_at = more->up_at;
	if (more->down_at != PEAK_NONE)
		k->down_at = more->down_at;
}

/* Item i of what lies below the level: a point, or the peaks of a stretch. */
static void add_item(struct peaks *k, const struct levels *l, size_t level,
		     const struct point *points, size_t i)
{
	if (level)
		add_peaks(k, &l->at[level - 1].of[i]);
	else
		add_point(k, points[i].value, (uint32_t)i);
}

void levels_add(struct levels *l, const struct point *points, size_t n)
{
	n = MIN(n, (size_t)PEAK_NONE);
	for (size_t i = 0; i < LEVELS_MAX && n >= BRANCH; i++) {
		struct level *level = &l->at[i];

		n /= BRANCH;
		level->of =
			xgrow(level->of, &level->cap, n, sizeof(*level->of));
		for (; level->n < n; level->n++) {
			struct peaks *k = &level->of[level->n];

			*k = nothing;
			for (size_t j = 0; j < BRANCH; j++)
				add_item(k, l, i, points,
					 level->n * BRANCH + j);
		}
	}
}

void levels_cut(struct levels *l, size_t from)
{
	for (size_t i = 0; i < LEVELS_MAX; i++) {
		from /= BRANCH;
		l->at[i].n = MIN(l->at[i].n, from);
	}
}

size_t levels_bytes(const struct levels *l)
{
	size_t n = 0;

	for (size_t i = 0; i < LEVELS_MAX; i++)
		n += l->at[i].cap;
	return n * sizeof(struct peaks);
}

/* The ends that fill no stretch are taken at each level, the middle goes up to
 * the next. */
struct peaks levels_peaks(const struct levels *l, const struct point *points,
			  size_t from, size_t to)
{
	struct peaks k = nothing;
	size_t level = 0;

	for (; l && level < LEVELS_MAX; level++) {
		size_t told = l->at[level].n * BRANCH;

		if (to - from < 2 * BRANCH)
			break;
		while (from % BRANCH || from >= told) {
			if (from == to)
				return k;
			add_item(&k, l, level, points, from++);
		}
		while (to > from && (to % BRANCH || to > told))
			add_item(&k, l, level, points, --to);
		from /= BRANCH;
		to /= BRANCH;
	}
	for (; from < to; from++)
		add_item(&k, l, level, points, from);
	return k;
}
