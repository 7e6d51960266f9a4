/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DRAW_CHART_H
#define MLTOWER_DRAW_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "draw/surface.h"
#include "model/curve.h"

/* Charts: a pure function of curves and a rectangle. Minimum and maximum are
 * kept in each dot column, so that a spike is seen however many points there
 * are; a NaN is a gap and an x on the axis, an infinity a mark at the edge. */
struct chart_series {
	struct curve curve; /* of one x in all series of a chart */
	enum role role;
	struct shown label; /* at the line's end; empty: none */
	unsigned dash;      /* 0 solid, 1.. as in the table of dashes */
};

enum chart_scale {
	SCALE_LINEAR,
	SCALE_LOG,
	SCALE_SYMLOG /* linear around zero, logarithms beyond: of both signs */
};

struct chart_mark { /* on the x axis */
	double x;
	struct shown glyph;
	enum role role;
};

struct chart_spec {
	const struct chart_series *series;
	size_t n_series;
	enum chart_scale scale;
	bool has_x_labels; /* the two rows of the x axis */
	bool has_window;   /* only this much of x is seen */
	double window_from, window_to;
	bool has_range; /* the value axis holds these, too */
	double range_lo, range_hi;
	double x_to; /* the axis goes at least to here; NaN: the data */
	/* Points farther apart are not joined; 0: all are. Where it fits, the
	 * gap says why. */
	double gap;
	struct shown gap_label;
	bool has_threshold;
	double threshold;
	struct shown threshold_label;
	const struct chart_mark *marks;
	size_t n_marks;
	bool has_crosshair;
	double crosshair; /* x */
};

/* The x of its series. */
enum curve_x chart_x(const struct chart_spec *spec);
/* Needs 10 columns and 3 rows; smaller ones are left blank. Where no point has
 * a place on the axis it says so in words. */
void chart_draw(struct surface *s, struct rect r, const struct chart_spec *spec,
		const struct glyphs *g);
/* The values in the window, those that have a place. False: none has. */
bool chart_range(const struct chart_spec *spec, double *lo, double *hi);
/* One row, scaled to itself: two values a cell in braille. */
void chart_sparkline(struct surface *s, struct rect row, const double *values,
		     size_t n, enum role role, const struct glyphs *g);

/* Two histograms over the same bins, shares of 0 to 1 each of its own n: the
 * window filled, the baseline as an outline over it; axes in per cent. */
struct chart_hist {
	size_t n_bins;
	const double *baseline, *window;
	const double *edges;        /* n_bins + 1, or NULL */
	const struct shown *labels; /* n_bins, of categories; or NULL */
	/* A row below, never folded away: missing values, shares of all. */
	bool has_missing;
	double missing_baseline, missing_window;
};
void chart_histogram(struct surface *s, struct rect r,
		     const struct chart_hist *h, const struct glyphs *g);
/* The same bins in one row of blocks. */
void chart_small_histogram(struct surface *s, struct rect row,
			   const double *shares, size_t n, double max_share,
			   enum role role, const struct glyphs *g);

/* An axis: nice steps of 1, 2, 2.5, 5 x 10^n. */
struct chart_axis {
	double from, to, step;
	int n_intervals;
	int decimals;
};
/* For values in [lo, hi] on `rows` whole rows: 2 to 5 intervals that divide
 * rows - 1; *rows may become smaller so that they do. */
struct chart_axis chart_axis_for(double lo, double hi, int *rows);

#endif
