/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/human.h"
#include "base/mem.h"
#include "draw/chart.h"
#include "raster.h"

#define LABEL_MAX 24

struct hist_plot {
	struct surface *s;
	const struct glyphs *g;
	const struct chart_hist *h;
	struct rect r;
	double top; /* share at the highest row's upper edge */
};

static double largest(const struct chart_hist *h)
{
	double most = 0;

	for (size_t i = 0; i < h->n_bins; i++)
		most = fmax(most, fmax(h->baseline[i], h->window[i]));
	return most;
}

static size_t bin_at(const struct hist_plot *p, int x, int w)
{
	return (size_t)x * p->h->n_bins / (size_t)w;
}

static void draw_window(struct hist_plot *p)
{
	for (int x = 0; x < p->r.w; x++) {
		double share = p->h->window[bin_at(p, x, p->r.w)] / p->top;
		int eighths = (int)lround(share * p->r.h * 8);

		for (int y = 0; y < p->r.h && eighths > 0; y++) {
			int n = MIN(8, eighths);

			surface_put(p->s, p->r.x + x, p->r.y + p->r.h - 1 - y,
				    p->g->bars[n - 1], 1, ROLE_FILL);
			eighths -= n;
		}
	}
}

/* A step line along the tops of the bins. */
static void draw_baseline(struct hist_plot *p)
{
	struct raster ra;
	int prev = -1;

	raster_init(&ra, p->s, p->r, p->g);
	for (int x = 0; x < ra.w; x++) {
		double share = p->h->baseline[bin_at(p, x, ra.w)] / p->top;
		int y = MIN(ra.h - 1, (int)lround((1 - share) * ra.h));

		if (prev >= 0 && prev != y && p->g->lines == LINES_BRAILLE)
			raster_column(&ra, x, prev, y);
		else
			raster_dot(&ra, x, y);
		prev = y;
	}
	raster_flush(&ra, ROLE_BASELINE);
	raster_release(&ra);
}

static void draw_shares(struct hist_plot *p, int axis_x,
			const struct chart_axis *axis)
{
	for (int y = 0; y < p->r.h; y++)
		surface_put(p->s, axis_x, p->r.y + y, p->g->vline, 1,
			    ROLE_AXIS);
	for (int i = 0; i <= axis->n_intervals; i++) {
		int y = p->r.y + p->r.h - 1 -
			(p->r.h - 1) * i / axis->n_intervals;
		char label[LABEL_MAX];
		int n = snprintf(label, sizeof(label), "%.*f%%",
				 axis->decimals > 2 ? axis->decimals - 2 : 0,
				 100 * (axis->from + i * axis->step));

		surface_put(p->s, axis_x - n, y,
			    shown_literal(label, (size_t)n), n, ROLE_DIM);
		surface_put(p->s, axis_x, y, p->g->tick_y, 1, ROLE_AXIS);
	}
}

static void edge_label(double v, char out[LABEL_MAX])
{
	char human[HUMAN_MAX];

	if (fabs(v) >= 1000 && v == floor(v) && fabs(v) < 1e6)
		snprintf(out, LABEL_MAX, "%.23s",
			 human_count(human, (int64_t)v));
	else if (fabs(v) >= 1000)
		snprintf(out, LABEL_MAX, "%.23s", human_si(human, v));
	else
		snprintf(out, LABEL_MAX, "%.4g", v);
}

/* Edges of equal ratios are those of a logarithmic axis. */
static bool is_log(const struct chart_hist *h)
{
	double a, b;

	if (h->n_bins < 2 || h->edges[0] <= 0)
		return false;
	a = h->edges[1] / h->edges[0];
	b = h->edges[h->n_bins] / h->edges[h->n_bins - 1];
	return a > 1.05 && fabs(a - b) < 1e-6 * a;
}

static double x_share(const struct chart_hist *h, double v)
{
	double lo = h->edges[0], hi = h->edges[h->n_bins];

	return is_log(h) ? log(v / lo) / log(hi / lo) : (v - lo) / (hi - lo);
}

static void edge_tick(struct hist_plot *p, int y, double v, int *free_from)
{
	double share = x_share(p->h, v);
	int at = p->r.x + (int)lround(share * (p->r.w - 1));
	char label[LABEL_MAX];
	int n, from;

	if (share < -1e-9 || share > 1 + 1e-9)
		return;
	edge_label(v, label);
	n = (int)strlen(label);
	from = MIN(at - n / 2, p->r.x + p->r.w - n);
	if (from < *free_from)
		return;
	surface_put(p->s, at, y, p->g->tick_x, 1, ROLE_AXIS);
	surface_put(p->s, from, y + 1, shown_literal(label, (size_t)n), n,
		    ROLE_DIM);
	*free_from = from + n + 2;
}

/* Decades; between few of them 2 and 5, too. */
static void log_ticks(struct hist_plot *p, int y, double lo, double hi,
		      int *free_from)
{
	static const double steps[] = { 1, 2, 5 };
	size_t n = hi / lo < 1000 ? ARRAY_LEN(steps) : 1;

	for (double decade = pow(10, floor(log10(lo))); decade <= hi;
	     decade *= 10)
		for (size_t i = 0; i < n; i++)
			edge_tick(p, y, decade * steps[i], free_from);
}

/* A bin for each whole number. */
static bool is_whole(const struct chart_hist *h)
{
	return h->edges[1] - h->edges[0] == 1 &&
	       h->edges[0] - floor(h->edges[0]) == .5;
}

/* In the middle of their bins: all numbers, or those at steps of 2, 5, 10. */
static void whole_ticks(struct hist_plot *p, int y, double lo, double hi,
			int *free_from)
{
	static const int steps[] = { 1, 2, 5, 10 };
	char first[LABEL_MAX], last[LABEL_MAX];
	size_t i = 0, width;

	edge_label(lo, first);
	edge_label(hi, last);
	width = MAX(strlen(first), strlen(last)) + 2;
	while (i + 1 < ARRAY_LEN(steps) &&
	       (size_t)(p->r.w * steps[i]) < width * p->h->n_bins)
		i++;
	for (double v = ceil(lo / steps[i]) * steps[i]; v <= hi; v += steps[i])
		edge_tick(p, y, v, free_from);
}

static void draw_edges(struct hist_plot *p, int y)
{
	double lo = p->h->edges[0], hi = p->h->edges[p->h->n_bins];
	int free_from = p->r.x - 4, rows = 5;
	struct chart_axis axis;

	if (is_log(p->h)) {
		log_ticks(p, y, lo, hi, &free_from);
		return;
	}
	if (is_whole(p->h)) {
		whole_ticks(p, y, lo + .5, hi - .5, &free_from);
		return;
	}
	axis = chart_axis_for(lo, hi, &rows);
	for (int i = 0; i <= axis.n_intervals * 2; i++)
		edge_tick(p, y, axis.from + i * axis.step / 2, &free_from);
}

/* ---- categories: a row each, so that their names are read ---- */

struct row_plot {
	struct surface *s;
	const struct glyphs *g;
	const struct chart_hist *h;
	struct rect r;
	int bar_x, bar_w;
	double most;
};

#define SHARES_WIDTH 13 /* "  31% → 12%  " */

static void draw_bar(const struct row_plot *p, int y, double baseline,
		     double window)
{
	int eighths = (int)lround(window / p->most * p->bar_w * 8);
	int at = (int)lround(baseline / p->most * (p->bar_w - 1));

	for (int x = 0; x < (eighths + 4) / 8; x++)
		surface_put(p->s, p->bar_x + x, y, p->g->bars[7], 1, ROLE_FILL);
	if (baseline > 0)
		surface_put(p->s, p->bar_x + at, y, p->g->vline, 1,
			    ROLE_BASELINE);
}

static void draw_row(const struct row_plot *p, int y, struct shown name,
		     enum role role, double baseline, double window)
{
	int room = p->bar_x - p->r.x - 2;
	char shares[40];
	int n = snprintf(shares, sizeof(shares), "%3.0f%% → %3.0f%%",
			 100 * baseline, 100 * window);
	struct shown text = shown_literal(shares, (size_t)n);

	surface_put(p->s, p->r.x, y, name, room, role);
	if ((int)name.width > room)
		surface_put(p->s, p->r.x + room - 1, y, SHOWN("…"), 1, role);
	draw_bar(p, y, baseline, window);
	surface_put(p->s, p->r.x + p->r.w - (int)text.width, y, text,
		    (int)text.width, ROLE_DIM);
}

static void draw_missing(const struct row_plot *p, int y)
{
	draw_row(p, y, SHOWN("missing"), ROLE_DIM, p->h->missing_baseline,
		 p->h->missing_window);
}

/* Below an axis, by the hundred. */
static void draw_missing_below(struct surface *s, struct rect r,
			       const struct chart_hist *h,
			       const struct glyphs *g)
{
	struct row_plot p = { .s = s,
			      .g = g,
			      .h = h,
			      .r = { r.x + 1, r.y, r.w - 1, 1 },
			      .bar_x = r.x + 10,
			      .bar_w = r.w - 10 - SHARES_WIDTH,
			      .most = 1 };

	draw_missing(&p, r.y);
}

static int name_width(const struct chart_hist *h, int most)
{
	int width = h->has_missing ? 7 : 0;

	for (size_t i = 0; i < h->n_bins; i++)
		width = MAX(width, (int)h->labels[i].width);
	return MIN(width, most);
}

static void draw_categories(struct surface *s, struct rect r,
			    const struct chart_hist *h, const struct glyphs *g)
{
	struct row_plot p = { .s = s,
			      .g = g,
			      .h = h,
			      .r = { r.x + 1, r.y, r.w - 1, r.h },
			      .most = fmax(fmax(largest(h), .01),
					   fmax(h->missing_baseline,
						h->missing_window)) };
	int rows = r.h - h->has_missing;
	size_t n = MIN(h->n_bins, (size_t)rows);
	char more[40];
	int len;

	p.bar_x = p.r.x + name_width(h, p.r.w / 3) + 2;
	p.bar_w = p.r.x + p.r.w - SHARES_WIDTH - p.bar_x;
	if (n < h->n_bins)
		n--;
	for (size_t i = 0; i < n; i++)
		draw_row(&p, r.y + (int)i, h->labels[i], ROLE_TEXT,
			 h->baseline[i], h->window[i]);
	if (h->has_missing)
		draw_missing(&p, r.y + MIN(rows, (int)h->n_bins));
	if (n == h->n_bins)
		return;
	len = snprintf(more, sizeof(more), "%zu more", h->n_bins - n);
	surface_put(s, p.r.x, r.y + (int)n, shown_literal(more, (size_t)len),
		    len, ROLE_DIM);
}

void chart_histogram(struct surface *s, struct rect r,
		     const struct chart_hist *h, const struct glyphs *g)
{
	struct hist_plot p = { .s = s, .g = g, .h = h };
	int rows = r.h - 2, axis_x = r.x + 6, y;
	struct chart_axis axis;

	if (r.w < 24 || rows < 2 || !h->n_bins)
		return;
	if (!h->edges && h->labels) {
		draw_categories(s, r, h, g);
		return;
	}
	if (h->has_missing && rows > 2) {
		draw_missing_below(
			s, (struct rect){ r.x, r.y + r.h - 1, r.w, 1 }, h, g);
		r.h--;
		rows--;
	}
	axis = chart_axis_for(0, fmax(largest(h), .01), &rows);
	p.r = (struct rect){ axis_x + 1, r.y + r.h - 2 - rows,
			     r.x + r.w - axis_x - 1, rows };
	/* The highest tick is in the middle of the highest row. */
	p.top = axis.to * p.r.h / (p.r.h - .5);
	y = p.r.y + p.r.h;
	draw_shares(&p, axis_x, &axis);
	surface_put(s, axis_x, y, g->axis_corner, 1, ROLE_AXIS);
	for (int x = 0; x < p.r.w; x++)
		surface_put(s, p.r.x + x, y, g->rule, 1, ROLE_AXIS);
	draw_window(&p);
	draw_baseline(&p);
	if (h->edges)
		draw_edges(&p, y);
}

void chart_small_histogram(struct surface *s, struct rect row,
			   const double *shares, size_t n, double max_share,
			   enum role role, const struct glyphs *g)
{
	for (int x = 0; x < row.w && n; x++) {
		double share = shares[(size_t)x * n / (size_t)row.w] /
			       fmax(max_share, 1e-9);
		/* Up to six eighths, so that rows do not grow together. */
		int eighths = (int)ceil(share * 6 - 1e-9);

		if (eighths > 0)
			surface_put(s, row.x + x, row.y,
				    g->bars[MIN(eighths, 6) - 1], 1, role);
	}
}
