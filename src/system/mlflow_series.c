/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A series on its way into a batch: put in order, and reduced where it is
 * longer than anybody can look at. */
#include "config.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/point.h"
#include "mlflow.h"

#define MAX_POINTS 250000u
#define FOLD_FROM  (2 * MAX_POINTS)

/* Keeps, of every eight points, the smallest, the greatest and a NaN: a spike
 * is never lost, however often this is done. */
static void fold(struct mlflow_points *pts)
{
	size_t from, i, kept = 0;

	for (from = 0; from < pts->n; from += 8) {
		size_t to = MIN(from + 8, pts->n);
		size_t min = SIZE_MAX, max = SIZE_MAX, nan = SIZE_MAX;

		for (i = from; i < to; i++) {
			double v = pts->p[i].value;

			if (isnan(v))
				nan = i;
			else if (min == SIZE_MAX)
				min = max = i;
			else if (v < pts->p[min].value)
				min = i;
			else if (v > pts->p[max].value)
				max = i;
		}
		for (i = from; i < to; i++)
			if (i == min || i == max || i == nan || !i ||
			    i + 1 == pts->n)
				pts->p[kept++] = pts->p[i];
	}
	pts->n = kept;
}

void mlflow_points_add(struct mlflow_points *pts, struct point p)
{
	pts->p = xgrow(pts->p, &pts->cap, pts->n + 1, sizeof(*pts->p));
	pts->p[pts->n++] = p;
	pts->n_total++;
	if (pts->n >= FOLD_FROM)
		fold(pts);
}

static void sort_points(struct mlflow_points *pts)
{
	size_t i;

	for (i = 1; i < pts->n; i++) {
		if (point_compare(&pts->p[i - 1], &pts->p[i]) <= 0)
			continue;
		qsort(pts->p, pts->n, sizeof(*pts->p), point_compare);
		return;
	}
}

void mlflow_points_give(struct mlflow_points *pts, const struct series_ask *ask,
			struct batch *b)
{
	struct series_facts facts = { .run_id = ask->run_id,
				      .metric = ask->metric };

	while (pts->n > MAX_POINTS)
		fold(pts);
	sort_points(pts);
	facts.n_points = pts->n;
	if (ask->max_points)
		facts.n_points = MIN(pts->n, ask->max_points);
	facts.points = pts->n ? pts->p + (pts->n - facts.n_points) : NULL;
	facts.n_total = pts->n_total;
	facts.is_all = !ask->max_points || facts.n_points == pts->n_total;
	batch_add_series(b, &facts);
}
