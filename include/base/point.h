/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_BASE_POINT_H
#define MLTOWER_BASE_POINT_H

#include <stdint.h>

/* A value at a step and a time (UTC, milliseconds). */
struct point {
	int64_t step, time_ms;
	double value;
};

/* By step, then time, then value; NaN after all numbers. For qsort(). */
int point_compare(const void *a, const void *b);

#endif
