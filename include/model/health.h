/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_MODEL_HEALTH_H
#define MLTOWER_MODEL_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "model/series.h"

/* How long a running run may say nothing: ten times the usual gap between its
 * points (the median of the last ones), and never less than a minute.
 * INT64_MAX where fewer than three points tell of no gap. Milliseconds. */
int64_t health_patience_ms(const struct series *s);
/* A RUNNING run whose last point is older than its patience. s may be NULL:
 * not known, so not silent. */
bool health_is_silent(const struct series *s, int64_t now_ms);

#endif
