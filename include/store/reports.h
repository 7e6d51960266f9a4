/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_STORE_REPORTS_H
#define MLTOWER_STORE_REPORTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/point.h"
#include "model/drift.h"
#include "store/state.h"

/* What the monitors found: the newest report of each, and the statistic of
 * every column over time (kept for a week). */
ATTR_NODISCARD enum err_code
reports_save(struct state *s, const struct drift_report *r, struct err *err);
/* All of them; yours: each drift_report_free, then free(). A report that
 * cannot be read is left out. */
ATTR_NODISCARD enum err_code reports_load(struct state *s,
					  struct drift_report ***out, size_t *n,
					  struct err *err);
/* That of one monitor; yours, or NULL: there is none. */
ATTR_NODISCARD enum err_code reports_find(struct state *s, const char *monitor,
					  struct drift_report **out,
					  struct err *err);
/* The statistic of a column, oldest first, at most max of the newest; step is
 * 0. Yours (free()). *limit is the newest one. */
ATTR_NODISCARD enum err_code reports_history(struct state *s,
					     const char *monitor,
					     const char *column, size_t max,
					     struct point **out, size_t *n,
					     double *limit, struct err *err);

#endif
