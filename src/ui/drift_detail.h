/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_DRIFT_DETAIL_H
#define MLTOWER_UI_DRIFT_DETAIL_H

#include "ui_internal.h"

/* One column of a monitor in full: what was measured, both histograms, the
 * statistic over time, and what else moved. Where the height has no room for
 * all of it, it goes on, on further pages. */
struct drift_detail {
	struct ui *ui;
	const char *monitor;
	const struct drift_report *report;
	size_t column; /* which one of the report */
	size_t page;
	bool has_focus;
};

/* Pages it takes in such a rectangle; one at least. */
size_t drift_detail_pages(const struct drift_detail *d, struct rect r);
/* Draws d->page, or the last one. */
void drift_detail_draw(const struct drift_detail *d, struct surface *s,
		       struct rect r);

/* A version that the window does not surprise, and the key that helps. */
void drift_way_out(struct ui *ui, struct surface *s, struct rect row,
		   const struct drift_report *report);
/* "PSI 1.25", or why there is none. */
struct shown drift_stat(struct ui *ui, const struct drift_column *c);

#endif
