/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_CHART_GRID_H
#define MLTOWER_UI_CHART_GRID_H

#include "chart_view.h"
#include "ui_internal.h"

/* A metric of one run or several, drawn with its title into a rectangle: the
 * charts of the Tower, of a run and of a comparison. */
struct chart_run {
	uint16_t source;
	const char *run_id;
	const char *letter; /* "A"; "" when it is alone */
	enum role role;
};

struct chart_ask {
	const char *metric;
	const struct chart_run *runs;
	size_t n_runs;
	struct chart_view *view;
	bool has_focus;
	int goal;     /* +1 max, -1 min: what "best" is */
	bool in_pane; /* the title is a plain line, not a rule */
};

/* Writes which histories these charts need: append to a wish list. */
void chart_wish(struct app_series_wish *wishes, size_t *n,
		const struct chart_ask *ask);
/* The first row is the title (value, best or letters and values), the rest the
 * chart; from three rows. Says so where the history is not here yet. */
void chart_panel(struct ui *ui, struct surface *s, struct rect r,
		 const struct chart_ask *ask);
/* One row: name, value, sparkline. */
void chart_row(struct ui *ui, struct surface *s, struct rect row,
	       const char *metric, double value, const struct chart_run *run);
/* Tells the view what there is to see; for each chart, before the first is
 * drawn, and before a command. */
void chart_see(struct ui *ui, const struct chart_ask *ask);
/* And then the range of its values, for an axis that all share. */
void chart_see_range(struct ui *ui, const struct chart_ask *ask);
/* Metrics worth a chart of a run: main first, then val/eval/test, the others,
 * system/ last; a metric logged once is no curve and is left out where
 * others are. In the arena. */
size_t chart_choose(struct ui *ui, const struct run_detail *d, uint32_t main,
		    struct arena *a, const char ***out);

#endif
