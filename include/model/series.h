/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_SERIES_H
#define MLTOWER_MODEL_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/batch.h"
#include "model/curve.h"

/* Histories of metrics, fetched for what is visible, kept under a cap of
 * memory; the least recently used go first, and early what nobody looks at. */
struct series {
	const struct point *points; /* by step, time, value */
	size_t n;
	struct levels levels;
	bool is_by_time;     /* later steps have no earlier times */
	uint64_t n_total;    /* in the store */
	bool is_all;         /* else the last ones only */
	uint32_t generation; /* changes with the points */
	uint32_t rewritten;  /* the generation in which points changed and did
			      * not only come behind the last one */
};

struct series_cache;

struct series_cache *series_cache_new(size_t max_bytes);
void series_cache_free(struct series_cache *c);
/* Takes in what a batch says of series: whole ones replace, others are merged
 * in order (a point that stands already is kept once). */
void series_cache_apply(struct series_cache *c, const struct batch *b);
/* NULL if not held. Valid until the next apply. Marks it used. */
const struct series *series_cache_get(struct series_cache *c, uint16_t source,
				      const char *run_id, const char *metric);
/* How a chart looks at a series. */
struct curve_look {
	enum curve_x x;
	const char *by; /* of CURVE_VALUE: the metric, joined by step */
	double smooth;  /* the weight of what came before; 0: as it is */
	double x_zero;  /* of CURVE_AGE */
};

/* The series as a curve; what has to be made for it is kept and goes on with
 * the series. False if the series, or the other metric, is not held. Valid as
 * long as the series. */
bool series_cache_curve(struct series_cache *c, uint16_t source,
			const char *run_id, const char *metric,
			const struct curve_look *look, struct curve *out);
void series_cache_forget_source(struct series_cache *c, uint16_t source);

/* The points reduced to n (all, where there are no more) by keeping, per bucket
 * of x, the first, smallest, greatest and last, as many buckets as there is
 * room for, and others evenly between: a spike is never sampled away. Of fewer
 * than five the last, greatest, smallest and first come first, in this order.
 * Returns how many were written to out (room for n; n >= 1). */
size_t series_reduce(const struct series *s, struct point *out, size_t n);

#endif
