/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_WATCH_MONITOR_H
#define MLTOWER_WATCH_MONITOR_H

#include <stdbool.h>
#include <stdint.h>

#include "data/frame.h"
#include "data/predlog.h"
#include "model/drift.h"
#include "watch/monitor_conf.h"

/* One monitor at work: the window of the newest rows of one model version, and
 * that version's baseline. No files and no clock: rows and times are handed
 * in. */
struct monitor;

struct monitor *monitor_new(const struct monitor_conf *conf); /* borrowed */
void monitor_free(struct monitor *m);
const struct monitor_conf *monitor_conf(const struct monitor *m);

/* The window's, "" while no row says a version; another one that takes over
 * needs its baseline. */
const char *monitor_version(const struct monitor *m);
/* What the registry's alias names now, "" nobody. That version takes the window
 * over with half of the newest rows, another one only with nine
 * tenths: two that share the log do not take it from each other. */
void monitor_name_version(struct monitor *m, const char *version);
/* The version that is watched: the window's, else the one that is named; ""
 * where nothing says one. */
const char *monitor_watched(const struct monitor *m);
bool monitor_needs_baseline(const struct monitor *m);
/* Takes the frame; NULL: there is none, and why. */
void monitor_set_baseline(struct monitor *m, struct frame *baseline,
			  const char *why);
const struct frame *monitor_baseline(const struct monitor *m); /* or NULL */
const char *monitor_baseline_error(const struct monitor *m);   /* "" none */

/* The log's columns. Where they are other ones than before, the window begins
 * anew; a log that only goes on in another file keeps it. */
void monitor_set_columns(struct monitor *m,
			 const struct predlog_column *columns, size_t n);
/* The log is read anew: its rows are dropped, the version stays. */
void monitor_restart(struct monitor *m);
/* A row, read at ingested_ms. */
void monitor_add(struct monitor *m, const struct predlog_row *row,
		 int64_t ingested_ms);
/* A row of another version: monitor_add() does it with those it is given. */
void monitor_leave_out(struct monitor *m, const char *version);
/* True once: another version took over; when the first of the newest rows that
 * it scored was predicted. */
bool monitor_take_first_served(struct monitor *m, int64_t *predicted_ms);
int64_t monitor_last_row_ms(const struct monitor *m); /* ingested; TIME_NONE */

/* Compares the window with the baseline; without either, the report has no
 * columns. blind: why the log or the baseline cannot be read, "" they can.
 * Yours. */
struct drift_report *monitor_evaluate(struct monitor *m, int64_t now_ms,
				      int64_t n_bad_rows, const char *blind);
/* Holds the same window against the baseline of a newer version: where it fits
 * better, the report names that version. */
void monitor_try_newer(struct monitor *m, const char *version,
		       const struct frame *baseline, struct drift_report *r);

#endif
