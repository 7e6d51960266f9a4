/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_HEALTH_H
#define MLTOWER_MODEL_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "model/model.h"

/* How long a running run may say nothing: ten times the usual gap between its
 * points (the median of the last ones), and never less than a minute.
 * INT64_MAX where fewer than three points tell of no gap. Milliseconds. */
int64_t health_patience_ms(const struct series *s);
/* As many of the last points as it looks at. */
#define HEALTH_POINTS 33
/* A RUNNING run whose last point is older than its patience. s may be NULL:
 * not known, so not silent. */
bool health_is_silent(const struct series *s, int64_t now_ms);
/* The series that tells of the run: of its main metric. NULL if not held. */
const struct series *health_series(const struct model *m, uint32_t row);
/* RUNNING, and silent by this series. */
bool health_run_is_silent(const struct model *m, uint32_t row, int64_t now_ms);

#endif
