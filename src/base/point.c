/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/point.h"

#include <math.h>

int point_compare(const void *pa, const void *pb)
{
	const struct point *a = pa, *b = pb;

	if (a->step != b->step)
		return a->step < b->step ? -1 : 1;
	if (a->time_ms != b->time_ms)
		return a->time_ms < b->time_ms ? -1 : 1;
	if (isnan(a->value) || isnan(b->value))
		return !!isnan(a->value) - !!isnan(b->value);
	return (a->value > b->value) - (a->value < b->value);
}
