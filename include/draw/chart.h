/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DRAW_CHART_H
#define MLTOWER_DRAW_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "draw/surface.h"

/* Curves, sparklines and histograms on a surface. Everything is drawn from the
 * caller's arrays in one pass over the points, without allocation; per dot
 * column the smallest and the greatest value are kept, never a mean. */

enum chart_x {
	CHART_STEP, /* counts: 0, 100, 1,000 */
	CHART_TIME, /* UTC milliseconds, shown in the local zone */
};

/* Dot columns on and off; what tells lines apart without colour. */
enum chart_dash { DASH_A, DASH_B, DASH_C, DASH_D };

/* x and y of point i are found stride bytes after those of point i - 1, so
 * that an array of structs is drawn as it is:
 *	.x = &p->step, .y = &p->value, .stride = sizeof(*p)
 * stride 0: plain arrays, one of int64_t and one of double. x NULL: the index.
 * x must not fall. NaN is a gap, and an x on the axis; infinities are drawn at
 * the edge of the plot and never widen the range. */
struct chart_series {
	const int64_t *x;
	const double *y;
	size_t n;
	size_t stride;
	unsigned look;
	struct shown label; /* at the line's end; may be SHOWN("") */
	enum chart_dash dash;
};

/* A level that means something: "limit 0.25". */
struct chart_level {
	double y;
	struct shown label;
	unsigned look;
};

/* Something that happened, on the axis: △ ▲ ◆ ≠. */
struct chart_mark {
	int64_t x;
	struct shown glyph;
	unsigned look;
};

#define CHART_MAX_SERIES 16

struct chart {
	const struct chart_series *series; /* the first is the topmost */
	size_t n_series; /* those after CHART_MAX_SERIES are not drawn */
	const struct chart_level *levels;
	size_t n_levels;
	const struct chart_mark *marks;
	size_t n_marks;
	enum chart_x x_kind;
	bool has_x_range; /* else from the first to the last x */
	int64_t x_from, x_to;
	bool has_now;     /* x_to is labelled "now" */
	bool has_y_range; /* else what the points and the levels need */
	double y_from, y_to;
	bool is_log_y;      /* only values above 0 are drawn */
	bool is_share;      /* y in per cent: 0.05 is "5%" */
	const char *y_unit; /* "ms" after the tick's number, or NULL */
	bool has_cross;
	int64_t cross_x;
};

/* Draws into the whole area. Below 8 columns or 3 rows it is a sparkline of
 * the first series. Without a single value it says "no values yet". */
void chart_draw(struct area a, const struct chart *c);

/* The crosshair's x moved by that many columns of this chart; it stays in the
 * range. Without a cross yet it starts at the last x. */
int64_t chart_move_cross(struct area a, const struct chart *c, int by);
/* The value at x: the last point at or before it. False where there is none.
 * *at may be NULL. */
bool chart_value_at(const struct chart_series *s, int64_t x, double *y,
		    int64_t *at);

/* Ticks 1, 2, 2.5, 5 x 10^n: the first, the step and how many (3 to 6) so that
 * they cover [from, to] and that n_rows - 1 can be divided by their intervals
 * (ticks on whole rows). Pure; exported for tests. */
struct chart_ticks {
	double first, step;
	int n;
	int decimals; /* that tell them apart */
};

struct chart_ticks chart_ticks(double from, double to, int n_rows);

/* One row from (x, y), w columns wide, scaled to itself. */
void spark_draw(struct area a, int x, int y, int w,
		const struct chart_series *s);

/* ---- histograms ----------------------------------------------------------*/

/* Shares of their own n (0 to 1) over common bins. */
struct hist_pair {
	size_t n_bins;
	const double *edges;        /* n_bins + 1, rising; or NULL: labels */
	const struct shown *labels; /* n_bins, where edges is NULL */
	const double *baseline, *window; /* either may be NULL */
	bool is_log_x;                   /* edges on a log axis (all above 0) */
	struct shown unit;               /* after the last tick: "EUR" */
	/* beside the humps, up to three lines each */
	struct shown baseline_note[3], window_note[3];
};

/* Window filled, baseline as a step outline over it, one axis, per cent. */
void hist_draw(struct area a, const struct hist_pair *h);

/* One row of at most w columns in a table: block heights, the greatest share
 * of `max` (so that two stand on one scale; 0: its own) reaching ▆. */
void hist_small(struct area a, int x, int y, int w, const double *share,
		size_t n, double max, unsigned look);

/* Values worst first as bars with a limit line: how many, how badly. */
struct bars {
	const double *values; /* each over its limit: 1 is at the limit */
	size_t n;
	struct shown note; /* beside those above */
};

void bars_draw(struct area a, const struct bars *b);

#endif
