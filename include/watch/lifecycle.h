/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_WATCH_LIFECYCLE_H
#define MLTOWER_WATCH_LIFECYCLE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/alert.h"
#include "model/drift.h"
#include "watch/monitor_conf.h"

/* The life of alerts, as Prometheus has it: a condition that is true makes an
 * alert pending, and firing once it was true for `for`; false ends a pending
 * one without a trace and resolves a firing one. A new version supersedes the
 * alerts of the old. */
struct lifecycle_fact {
	const char *rule; /* "drift", "no_rows" */
	bool is_true;
	bool is_unknown;  /* nothing can be said: what is open stays as it is */
	struct alert now; /* what it says now; strings borrowed; id, state and
			   * times are not looked at */
};

/* What became of it: to be stored and told. */
enum lifecycle_change {
	LIFE_NOTHING,
	LIFE_UPDATED, /* numbers moved */
	LIFE_PENDING,
	LIFE_FIRING,
	LIFE_RESOLVED,
	LIFE_GONE, /* a pending one that did not last */
};

/* How long a condition is true before its alert fires, and false before a
 * firing one is resolved; ms. */
struct lifecycle_patience {
	int64_t for_ms, keep_ms;
};

/* open: the alert of this monitor and rule that is not over, or NULL. *out is
 * what it is now (alert_release), also for LIFE_GONE. */
enum lifecycle_change lifecycle_step(const struct alert *open,
				     const struct lifecycle_fact *fact,
				     struct lifecycle_patience patience,
				     int64_t now_ms, struct alert *out);
/* Since when each column of the report drifts, and fires: as the report before
 * it (NULL: none; of another version it does not count) says of those that
 * did already. */
void lifecycle_columns(struct drift_report *r,
		       const struct drift_report *before, int64_t for_ms);
/* The drift rule of a report: one alert a monitor, of its worst column. text
 * of the alert is written to room. */
struct lifecycle_fact lifecycle_drift(const struct monitor_conf *conf,
				      const struct drift_report *r,
				      char room[240]);
/* No row for no_rows_ms. */
struct lifecycle_fact lifecycle_no_rows(const struct monitor_conf *conf,
					int64_t last_row_ms, int64_t now_ms,
					char room[240]);

#endif
