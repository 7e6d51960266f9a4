/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "derived.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

bool derived_is_needed(const struct series *s, const struct curve_look *look)
{
	bool is_time = look->x == CURVE_TIME || look->x == CURVE_AGE;

	return look->smooth > 0 || look->x == CURVE_VALUE ||
	       (is_time && !s->is_by_time);
}

/* Age is time, counted from elsewhere. */
static enum curve_x order_of(enum curve_x x)
{
	return x == CURVE_AGE ? CURVE_TIME : x;
}

bool derived_is_of(const struct derived *d, const struct curve_look *look)
{
	return order_of(d->look.x) == order_of(look->x) &&
	       d->look.smooth == look->smooth && !d->look.by == !look->by &&
	       (!look->by || !strcmp(d->look.by, look->by));
}

static void forget(struct derived *d)
{
	levels_cut(&d->levels, 0);
	d->n = d->n_taken = 0;
	d->made_of = d->made_by = 0;
	d->sum = d->weight = 0;
}

void derived_set(struct derived *d, const struct curve_look *look)
{
	derived_release(d);
	d->look = *look;
	if (look->by)
		d->look.by = xstrdup(look->by);
}

void derived_release(struct derived *d)
{
	levels_release(&d->levels);
	free(d->points);
	free(d->xs);
	free((char *)d->look.by);
	*d = (struct derived){ 0 };
}

size_t derived_bytes(const struct derived *d)
{
	return d->cap * sizeof(*d->points) + d->cap_xs * sizeof(*d->xs) +
	       levels_bytes(&d->levels);
}

/* ---- taking points over ---- */

static void add_point(struct derived *d, const struct point *p)
{
	d->points = xgrow(d->points, &d->cap, d->n + 1, sizeof(*d->points));
	d->points[d->n++] = *p;
}

/* Those that the other metric has a number for at the same step: the last one,
 * where it has several. */
static void join_by_step(struct derived *d, const struct series *s,
			 const struct series *by)
{
	size_t k = 0;

	for (size_t i = 0; by && i < s->n; i++) {
		int64_t step = s->points[i].step;

		while (k + 1 < by->n && by->points[k + 1].step <= step)
			k++;
		if (k >= by->n || by->points[k].step != step ||
		    !isfinite(by->points[k].value))
			continue;
		d->xs = xgrow(d->xs, &d->cap_xs, d->n + 1, sizeof(*d->xs));
		d->xs[d->n] = by->points[k].value;
		add_point(d, &s->points[i]);
	}
}

struct placed {
	double x;
	struct point point;
};

static int by_x(const void *pa, const void *pb)
{
	const struct placed *a = pa, *b = pb;

	if (a->x != b->x)
		return a->x < b->x ? -1 : 1;
	return (a->point.step > b->point.step) -
	       (a->point.step < b->point.step);
}

static double x_of(const struct derived *d, size_t i)
{
	if (d->look.x == CURVE_VALUE)
		return d->xs[i];
	return d->look.x == CURVE_STEP ? (double)d->points[i].step
				       : (double)d->points[i].time_ms;
}

static bool is_in_order(const struct derived *d, size_t from)
{
	for (size_t i = MAX(from, (size_t)1); i < d->n; i++)
		if (x_of(d, i - 1) > x_of(d, i))
			return false;
	return true;
}

static void put_in_order(struct derived *d)
{
	struct placed *all = xreallocarray(NULL, d->n, sizeof(*all));

	for (size_t i = 0; i < d->n; i++)
		all[i] = (struct placed){ x_of(d, i), d->points[i] };
	qsort(all, d->n, sizeof(*all), by_x);
	for (size_t i = 0; i < d->n; i++) {
		d->points[i] = all[i].point;
		if (d->look.x == CURVE_VALUE)
			d->xs[i] = all[i].x;
	}
	free(all);
}

/* An average in which what came before weighs less and less, corrected for its
 * beginning at nothing. */
static void smooth(struct derived *d, size_t from)
{
	double keep = d->look.smooth;

	for (size_t i = from; i < d->n; i++) {
		double v = d->points[i].value;

		if (!isfinite(v))
			continue;
		d->sum = keep * d->sum + (1 - keep) * v;
		d->weight = keep * d->weight + (1 - keep);
		d->points[i].value = d->sum / d->weight;
	}
}

static void make(struct derived *d, const struct series *s,
		 const struct series *by)
{
	forget(d);
	if (d->look.x == CURVE_VALUE) {
		join_by_step(d, s, by);
	} else {
		for (size_t i = 0; i < s->n; i++)
			add_point(d, &s->points[i]);
	}
	if (!is_in_order(d, 0))
		put_in_order(d);
	smooth(d, 0);
}

/* False: not everything came behind what was taken before. */
static bool extend(struct derived *d, const struct series *s)
{
	size_t had = d->n;

	if (!d->made_of || s->rewritten > d->made_of ||
	    d->look.x == CURVE_VALUE)
		return false;
	for (size_t i = d->n_taken; i < s->n; i++)
		add_point(d, &s->points[i]);
	if (!is_in_order(d, had))
		return false;
	smooth(d, had);
	return true;
}

void derived_update(struct derived *d, const struct series *s,
		    const struct series *by)
{
	uint32_t made_by = by ? by->generation : 0;

	if (d->made_of == s->generation && d->made_by == made_by)
		return;
	if (!extend(d, s))
		make(d, s, by);
	levels_add(&d->levels, d->points, d->n);
	d->n_taken = s->n;
	d->made_of = s->generation;
	d->made_by = made_by;
}
