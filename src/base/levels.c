/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/levels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SHIFT 4u
#define EACH  ((size_t)1 << SHIFT)

static const struct stretch nothing = { .min = INFINITY,
					.max = -INFINITY,
					.least = INFINITY };

/* Plain comparisons: this runs over every point once. */
static void add_value(struct stretch *s, double v)
{
	if (v - v != 0) {
		s->n_nan += v != v;
		s->has_high |= v > 0;
		s->has_low |= v < 0;
		return;
	}
	if (v < s->min)
		s->min = v;
	if (v > s->max)
		s->max = v;
	if (v > 0 && v < s->least)
		s->least = v;
}

static void add_stretch(struct stretch *s, const struct stretch *more)
{
	if (more->min < s->min)
		s->min = more->min;
	if (more->max > s->max)
		s->max = more->max;
	if (more->least < s->least)
		s->least = more->least;
	s->n_nan += more->n_nan;
	s->has_high |= more->has_high;
	s->has_low |= more->has_low;
}

static size_t n_stretches(size_t n)
{
	return (n + EACH - 1) / EACH;
}

/* The stretches from the one that holds `from`, of the points or stretches
 * below. */
static void extend_level(struct levels *l, int k, const struct point *points,
			 size_t from, size_t n)
{
	size_t i = from / EACH;

	l->at[k] =
		xgrow(l->at[k], &l->cap[k], n_stretches(n), sizeof(*l->at[k]));
	for (; i < n_stretches(n); i++) {
		struct stretch *s = &l->at[k][i];
		size_t end = MIN((i + 1) * EACH, n);

		*s = nothing;
		for (size_t j = i * EACH; j < end; j++) {
			if (k)
				add_stretch(s, &l->at[k - 1][j]);
			else
				add_value(s, points[j].value);
		}
	}
}

void levels_extend(struct levels *l, const struct point *points, size_t n)
{
	size_t from = l->n, n_below = n;

	for (size_t i = MAX(from, (size_t)1); i < n && !l->is_backward; i++)
		l->is_backward = points[i].time_ms < points[i - 1].time_ms;
	for (int k = 0; k < LEVELS_MAX && n_below > EACH; k++) {
		/* A level that was not there before starts at its first. */
		extend_level(l, k, points, from > EACH ? from : 0, n_below);
		from /= EACH;
		n_below = n_stretches(n_below);
	}
	l->n = n;
}

void levels_clear(struct levels *l)
{
	l->n = 0;
	l->is_backward = false;
}

void levels_release(struct levels *l)
{
	for (size_t k = 0; k < LEVELS_MAX; k++)
		free(l->at[k]);
	memset(l, 0, sizeof(*l));
}

size_t levels_bytes(const struct levels *l)
{
	size_t n = 0;

	for (size_t k = 0; k < LEVELS_MAX; k++)
		n += l->cap[k] * sizeof(*l->at[k]);
	return n;
}

static size_t points_of(int k)
{
	return k < 0 ? 1 : EACH << SHIFT * (unsigned)k;
}

/* The level of the largest stretch of at most n points that has an edge at
 * point i; -1: the point alone. */
static int level_at(const struct levels *l, size_t i, size_t n)
{
	int k = -1;

	while (l && k + 1 < LEVELS_MAX && l->n > points_of(k + 1) &&
	       !(i & (points_of(k + 1) - 1)) && points_of(k + 1) <= n)
		k++;
	return k;
}

struct stretch levels_of(const struct trace *t, size_t from, size_t to)
{
	struct stretch s = nothing;

	for (size_t i = from; i < to;) {
		int k = level_at(t->levels, i, to - i);

		if (k < 0)
			add_value(&s, t->points[i].value);
		else
			add_stretch(&s, &t->levels->at[k][i / points_of(k)]);
		i += points_of(k);
	}
	return s;
}

/* Is there a point with a place on the axis in the stretch at i? */
static bool has_place(const struct trace *t, size_t i, int k, bool above_0)
{
	struct stretch s = nothing;

	if (k < 0)
		add_value(&s, t->points[i].value);
	else
		s = t->levels->at[k][i / points_of(k)];
	return above_0 ? s.least < INFINITY : s.min <= s.max;
}

size_t levels_first(const struct trace *t, size_t from, size_t to, bool above_0)
{
	size_t i = from, end = to;

	while (i < end) {
		int k = level_at(t->levels, i, end - i);

		if (!has_place(t, i, k, above_0))
			i += points_of(k);
		else if (k < 0)
			return i;
		else
			end = i + points_of(k) - 1; /* in it, or its last */
	}
	return end < to ? end : to;
}

size_t levels_last(const struct trace *t, size_t from, size_t to, bool above_0)
{
	size_t end = to, start = from;

	while (end > start) {
		int k = level_at(t->levels, end, end - start);
		size_t i = end - points_of(k);

		if (!has_place(t, i, k, above_0))
			end = i;
		else if (k < 0)
			return i;
		else
			start = i + 1; /* in it, or its first */
	}
	return start > from ? start - 1 : to;
}
