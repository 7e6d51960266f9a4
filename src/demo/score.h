/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DEMO_SCORE_H
#define MLTOWER_DEMO_SCORE_H

#include <stddef.h>

#include "demo/world.h"

/* All metrics of the world but the last, in the order of learner_metrics. */
void score_all(const struct world *w, const double *p, const float *y, size_t n,
	       double *out);
double score_rmse(const double *p, const float *y, size_t n);

#endif
