/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_CHART_VIEW_H
#define MLTOWER_UI_CHART_VIEW_H

#include "draw/chart.h"
#include "ui_internal.h"

/* How the charts of a page are looked at: all of them alike. Starts zeroed:
 * everything, by step, on a linear axis. */
struct chart_view {
	enum curve_x x;
	char by[160]; /* of CURVE_VALUE: the metric */
	enum chart_scale scale;
	unsigned smoothing; /* 0: none; else how strong, see smooth */
	bool has_window;    /* only [from, to] is seen */
	double from, to;
	bool is_following; /* the window ends where the last point is */
	bool has_crosshair;
	double crosshair;
	bool is_shared; /* one value axis for all */
	int across;     /* charts side by side; 0: as many as look well */

	/* What the charts have, of all of them: told anew for each frame and
	 * each command. */
	bool has_span;
	double first, last; /* x */
	bool has_range;
	double low, high; /* values in the window */
};

/* Before the charts tell what they have. */
void chart_view_begin(struct chart_view *v);
void chart_view_add_span(struct chart_view *v, double first, double last);
void chart_view_add_range(struct chart_view *v, double low, double high);
/* The part of x that is seen; false: all. */
bool chart_view_window(const struct chart_view *v, double *from, double *to);
/* The weight of what came before; 0: not smoothed. */
double chart_view_smooth(const struct chart_view *v);
/* "symlog"; "" where it is linear. */
struct shown chart_view_scale(const struct chart_view *v);
/* "by time, smooth 0.9, at 402": what else is not as it is at first. */
struct shown chart_view_text(const struct chart_view *v, struct arena *a);
/* False: not a command for charts. The charts have told what they have. */
bool chart_view_command(struct chart_view *v, struct ui *ui,
			enum command_id cmd, const char *arg);

#endif
