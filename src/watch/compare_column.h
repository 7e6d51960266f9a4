/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_WATCH_COMPARE_COLUMN_H
#define MLTOWER_WATCH_COMPARE_COLUMN_H

#include "base/arena.h"
#include "watch/compare.h"

/* One column of both sides, bc in the baseline and wc in the window, both of
 * numbers or both of categories: fills in what was found, with the strings in
 * the arena. Returns the p-value to be judged, which takes missing values in
 * too; NaN where there is nothing to compare. */
double compare_numbers(const struct drift_ask *ask, size_t bc, size_t wc,
		       struct arena *a, struct drift_column *c);
double compare_levels(const struct drift_ask *ask, size_t bc, size_t wc,
		      struct arena *a, struct drift_column *c);
/* After the values, whose p is p_values: missing ones as a test of their own,
 * and whether they are what moved; the change then says so. The p-value to be
 * judged, of both: the smaller of two counts twice. */
double compare_missing(const struct drift_ask *ask, double p_values,
		       struct arena *a, struct drift_column *c);
/* What PSI must exceed over these k bins: large enough to tell, and more than
 * chance brings over the filled ones. n and m: rows of both sides. */
double compare_psi_limit(const struct drift_ask *ask, const int64_t *p,
			 const int64_t *q, size_t k, double n, double m);

#endif
