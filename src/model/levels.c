/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/levels.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

#define BRANCH 16u

static const struct peaks nothing = { PEAK_NONE, PEAK_NONE, PEAK_NONE,
				      PEAK_NONE, PEAK_NONE, PEAK_NONE };

void levels_release(struct levels *l)
{
	for (size_t i = 0; i < LEVELS_MAX; i++)
		free(l->at[i].of);
	*l = (struct levels){ 0 };
}

static void add_point(struct peaks *k, const struct point *p, uint32_t i)
{
	double v = p[i].value;

	if (v - v != 0) {
		*(isnan(v) ? &k->nan : v > 0 ? &k->up : &k->down) = i;
		return;
	}
	if (k->min == PEAK_NONE || v < p[k->min].value)
		k->min = i;
	if (k->max == PEAK_NONE || v > p[k->max].value)
		k->max = i;
	if (v > 0 && (k->low == PEAK_NONE || v < p[k->low].value))
		k->low = i;
}

static void add_peaks(struct peaks *k, const struct point *p,
		      const struct peaks *more)
{
	if (more->min != PEAK_NONE) {
		add_point(k, p, more->min);
		add_point(k, p, more->max);
	}
	if (more->low != PEAK_NONE)
		add_point(k, p, more->low);
	if (more->nan != PEAK_NONE)
		k->nan = more->nan;
	if (more->up != PEAK_NONE)
		k->up = more->up;
	if (more->down != PEAK_NONE)
		k->down = more->down;
}

/* Item i of what lies below the level: a point, or the peaks of a stretch. */
static void add_item(struct peaks *k, const struct levels *l, size_t level,
		     const struct point *points, size_t i)
{
	if (level)
		add_peaks(k, points, &l->at[level - 1].of[i]);
	else
		add_point(k, points, (uint32_t)i);
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
