/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_EXPORT_H
#define MLTOWER_UI_EXPORT_H

#include <stdbool.h>

#include "ui_internal.h"

/* Runs written to a file by its ending, as `mltower runs` prints them: .csv,
 * .json, .jsonl or .md. They are read afresh, on a thread of their own; what
 * came of it is said when it is there. One at a time. */
struct export_ask {
	const char *path; /* "~/" is the home folder */
	bool may_replace; /* else a file that exists is left alone */
	const uint32_t *rows;
	size_t n_rows;
	bool is_tree; /* below their parents */
	/* Columns as in --columns, of groups the metrics among them; none:
	 * those of `mltower runs`. JSON has runs whole. */
	const char *const *picks;
	size_t n_picks;
	const char *metric; /* of all rows; NULL: each its own */
	/* The rows as groups, by what and in which order; "" as runs. */
	const char *group_by, *group_sort;
};

/* Copies what was asked for. */
void export_runs(struct ui *ui, const struct export_ask *ask);
/* False: there is none under way. */
bool export_give_up(struct ui *ui);
/* "writing runs.csv: 430,000 of 1,000,000"; empty where nothing is written. */
struct shown export_progress(struct ui *ui);

#endif
