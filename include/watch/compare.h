/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_WATCH_COMPARE_H
#define MLTOWER_WATCH_COMPARE_H

#include <stdint.h>

#include "data/frame.h"
#include "model/drift.h"

/* The bins over which PSI of numbers is taken. Those of equal width lie over
 * both samples; values beyond given edges have a bin of their own on each side.
 */
struct drift_bins {
	enum drift_bins_kind {
		BINS_DECILE,  /* of the baseline */
		BINS_STURGES, /* ceil(log2(n + m) + 1) of equal width */
		BINS_COUNT,   /* n of equal width */
		BINS_EDGES,   /* n + 1 edges, [e0,e1) [e1,e2) ... [en-1,en] */
	} kind;
	size_t n;
	const double *edges;
};

#define DRIFT_MAX_BINS 1000

/* Two samples held against each other, column by column: what a monitor and
 * `mltower drift` both do. */
struct drift_ask {
	const struct frame *baseline, *window;
	double alpha;     /* of the tests, corrected over columns; and of the
			   * noise PSI must exceed */
	double psi_floor; /* smaller is not worth telling */
	int64_t min_rows; /* fewer on a side: too few to say */
	struct drift_bins bins;
	/* Is this column compared, and may its values be shown? */
	enum drift_use {
		DRIFT_SKIP,
		DRIFT_SHOW,
		DRIFT_HIDE
	} (*use)(void *ctx, const char *column);
	void *ctx;
};

/* Fills columns, n_columns, n_drifted and n_rows, worst first. Columns that
 * only one side has, or has as numbers, are DRIFT_EMPTY with no statistic, and
 * say so in their reason. */
void drift_compare(const struct drift_ask *ask, struct drift_report *out);

#endif
