/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "draw/chart.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "axis.h"
#include "base/mem.h"
#include "plot.h"
#include "raster.h"

#define MIN_WIDTH       10
#define MIN_HEIGHT      3
#define DASH_NOISE_DOTS 3

struct picture {
	struct plot plot;
	const struct chart_spec *spec;
	const struct glyphs *g;
	struct surface *s;
	struct rect r; /* where lines go */
	int axis_x;    /* column of the y axis */
	int label_end; /* names at the lines' ends stand before it */
	struct chart_axis y;
	struct raster ra;
};

enum curve_x chart_x(const struct chart_spec *spec)
{
	return spec->n_series ? spec->series[0].curve.x : CURVE_STEP;
}

/* Marks and crosshairs may be far outside. */
static int dot_x(const struct picture *p, double x)
{
	return (int)lround(
		fmax(-p->ra.w, fmin(2 * p->ra.w, plot_x(&p->plot, x))));
}

/* The axis runs from the middle of the lowest row to that of the highest. */
static int dot_y(const struct picture *p, double y)
{
	double share = (p->y.to - y) / (p->y.to - p->y.from);
	double span = (double)(p->r.h - 1) * p->ra.per_y;
	double at = share * span + (p->ra.per_y - 1) / 2.0;

	return (int)lround(fmax(-1e6, fmin(1e6, at)));
}

/* ---- lines ---- */

static bool is_dash_on(unsigned dash, int x)
{
	switch (dash) {
	case 1:
		return x % 10 < 8;
	case 2:
		return x % 4 < 2;
	case 3:
		return x % 10 < 5 || x % 10 == 7;
	default:
		return true;
	}
}

/* The value of the straight line between two ends, at a dot column. */
static double between(const struct plot_end *a, const struct plot_end *b,
		      double x)
{
	x = fmax(a->at, fmin(b->at, x));
	return a->v + (b->v - a->v) * (x - a->at) / (b->at - a->at);
}

/* That part of the line which is seen; neither end is drawn by it. */
static void join(struct picture *p, const struct plot_end *a,
		 const struct plot_end *b, unsigned dash)
{
	int from = (int)fmax(floor(a->at) + 1, 0);
	int to = (int)fmin(ceil(b->at), p->ra.w - 1);
	int prev = dot_y(p, between(a, b, from - 1));

	for (int x = from; x <= to; x++) {
		int y = dot_y(p, between(a, b, x)), step = prev < y ? 1 : -1;

		if (is_dash_on(dash, x)) {
			if (y == prev)
				raster_dot(&p->ra, x, y);
			else
				raster_column(&p->ra, x, prev + step, y);
		}
		prev = y;
	}
}

/* In the middle of the gap. */
static void name_gap(struct picture *p, double a, double b)
{
	struct shown label = p->spec->gap_label;
	int from = p->r.x + (int)fmax(a, 0) / p->ra.per_x + 1;
	int room = p->r.x + (int)fmin(b, p->ra.w) / p->ra.per_x - from;

	if (label.len && (int)label.width + 2 <= room)
		surface_put(p->s, from + (room - (int)label.width) / 2,
			    p->r.y + p->r.h / 2, label, (int)label.width,
			    ROLE_DIM);
}

static void connect(struct picture *p, const struct plot_end *a,
		    const struct plot_end *b, unsigned dash)
{
	if (isnan(a->v))
		return;
	if (plot_is_gap(&p->plot, a->at, b->at))
		name_gap(p, a->at, b->at);
	else if (!isnan(b->v))
		join(p, a, b, dash);
}

static void draw_line(struct picture *p, const struct plot_line *line,
		      unsigned dash)
{
	struct plot_end before = line->before, here;
	/* A gap that goes on to the edge is named, too. */
	struct plot_end after = isnan(line->after.v)
					? (struct plot_end){ p->ra.w, NAN }
					: line->after;

	for (int x = 0; x < p->ra.w; x++) {
		const struct plot_column *c = &line->columns[x];
		int top, low;

		if (!c->has && (c->has_lost || c->has_up || c->has_down))
			before.v = NAN; /* a gap */
		if (!c->has)
			continue;
		here = (struct plot_end){ x, c->first };
		connect(p, &before, &here, dash);
		top = dot_y(p, c->max);
		low = dot_y(p, c->min);
		/* A spike is seen in the gaps of a dash, too. */
		if (is_dash_on(dash, x) || low - top > DASH_NOISE_DOTS)
			raster_column(&p->ra, x, top, low);
		before = (struct plot_end){ x, c->last };
	}
	connect(p, &before, &after, dash);
}

static void draw_label(struct picture *p, const struct plot_line *line,
		       const struct chart_series *s)
{
	const struct plot_column *columns = line->columns;
	int last = p->ra.w - 1, end, x, y;

	if (!s->label.len)
		return;
	while (last > 0 && !columns[last].has)
		last--;
	if (!columns[last].has)
		return;
	/* A line that goes on has its name behind the chart. */
	end = isnan(line->after.v) ? last : p->ra.w - 1;
	x = MIN(p->r.x + end / p->ra.per_x + 2,
		p->label_end - (int)s->label.width);
	y = p->r.y + dot_y(p, columns[last].last) / p->ra.per_y;
	/* A row already taken by another name: the nearest free one. */
	for (int k = 0; k < p->r.h; k++) {
		int try = y + (k % 2 ? -(k + 1) / 2 : k / 2);
		const struct surface_cell *c = surface_at(p->s, x, try);

		if (try < p->r.y || try >= p->r.y + p->r.h || !c)
			continue;
		if (c->len == 1 && c->utf8[0] != ' ')
			continue;
		surface_put(p->s, x, try, s->label, (int)s->label.width,
			    s->role);
		return;
	}
}

static void mark_column(struct picture *p, int x, int y, struct shown glyph)
{
	surface_put(p->s, p->r.x + x / p->ra.per_x, y, glyph, 1, ROLE_ALARM);
}

static void mark_lost(struct picture *p, const struct plot_column *columns)
{
	for (int x = 0; x < p->ra.w; x++) {
		if (columns[x].has_up)
			mark_column(p, x, p->r.y, p->g->beyond_up);
		if (columns[x].has_down)
			mark_column(p, x, p->r.y + p->r.h - 1,
				    p->g->beyond_down);
		if (columns[x].has_lost)
			mark_column(p, x, p->r.y + p->r.h, SHOWN("x"));
	}
}

/* ---- axes ---- */

static int label_width(struct picture *p)
{
	int width = 0;

	for (int i = 0; i <= p->y.n_intervals; i++) {
		char label[AXIS_LABEL_MAX];

		plot_tick(&p->plot, &p->y, i, label);
		width = MAX(width, (int)strlen(label));
	}
	return width;
}

static void draw_y_axis(struct picture *p)
{
	int rows = p->r.h - 1;

	for (int y = 0; y < p->r.h; y++)
		surface_put(p->s, p->axis_x, p->r.y + y, p->g->vline, 1,
			    ROLE_AXIS);
	for (int i = 0; i <= p->y.n_intervals; i++) {
		int y = p->r.y + rows - rows * i / p->y.n_intervals;
		char label[AXIS_LABEL_MAX];
		int n;

		plot_tick(&p->plot, &p->y, i, label);
		n = (int)strlen(label);
		surface_put(p->s, p->axis_x - n, y,
			    shown_literal(label, (size_t)n), n, ROLE_DIM);
		surface_put(p->s, p->axis_x, y, p->g->tick_y, 1, ROLE_AXIS);
		for (int x = 0; x < p->r.w; x++)
			surface_put(p->s, p->r.x + x, y, p->g->guide, 1,
				    ROLE_GUIDE);
	}
}

static void draw_x_axis(struct picture *p)
{
	int y = p->r.y + p->r.h, free_from = p->axis_x;
	double lo = p->plot.x.lo, hi = p->plot.x.hi;
	double most = fmax(fabs(lo), fabs(hi));
	enum curve_x kind = chart_x(p->spec);
	double step = axis_x_step(kind, lo, hi, p->r.w);

	surface_put(p->s, p->axis_x, y, p->g->axis_corner, 1, ROLE_AXIS);
	for (int x = 0; x < p->r.w; x++)
		surface_put(p->s, p->r.x + x, y, p->g->rule, 1, ROLE_AXIS);
	for (double x = ceil(lo / step) * step; x <= hi + step * 1e-9;
	     x += step) {
		int at = p->r.x + dot_x(p, x) / p->ra.per_x;
		char label[AXIS_LABEL_MAX];
		int n, from;

		axis_x_label(kind, x, step, most, label);
		n = (int)strlen(label);
		from = MAX(free_from, MIN(at - n / 2, p->r.x + p->r.w - n));
		surface_put(p->s, at, y, p->g->tick_x, 1, ROLE_AXIS);
		if (from > at)
			continue;
		surface_put(p->s, from, y + 1, shown_literal(label, (size_t)n),
			    n, ROLE_DIM);
		free_from = from + n + 1;
	}
}

static bool threshold_row(const struct picture *p, int *y)
{
	double v = scale_put(&p->plot.scale, p->spec->threshold);

	if (!p->spec->has_threshold || isnan(v))
		return false;
	*y = p->r.y + dot_y(p, v) / p->ra.per_y;
	return true;
}

static void draw_threshold(struct picture *p)
{
	int y;

	if (!threshold_row(p, &y))
		return;
	for (int x = 0; x < p->r.w; x++)
		surface_put(p->s, p->r.x + x, y, p->g->threshold, 1, ROLE_WARN);
}

static bool is_free(const struct picture *p, int x, int y, int w)
{
	if (y < p->r.y || y >= p->r.y + p->r.h || x < p->r.x ||
	    x + w > p->r.x + p->r.w)
		return false;
	for (; w > 0; w--, x++) {
		const struct surface_cell *c = surface_at(p->s, x, y);

		if (c->role != ROLE_GUIDE && c->role != ROLE_WARN &&
		    (c->len != 1 || c->utf8[0] != ' '))
			return false;
	}
	return true;
}

/* In its line at the left, or beside it where no other line is in the way. */
static void name_threshold(struct picture *p)
{
	static const int rows[] = { 0, -1, 1 };
	struct shown label = p->spec->threshold_label;
	int w = (int)label.width, y;

	if (!label.len || !threshold_row(p, &y))
		return;
	for (int x = p->r.x + 1; x + w < p->r.x + p->r.w; x++) {
		for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
			if (!is_free(p, x - 1, y + rows[i], w + 2))
				continue;
			surface_put(p->s, x - 1, y + rows[i], SHOWN(" "), 1,
				    ROLE_TEXT);
			surface_put(p->s, x, y + rows[i], label, w, ROLE_WARN);
			surface_put(p->s, x + w, y + rows[i], SHOWN(" "), 1,
				    ROLE_TEXT);
			return;
		}
	}
}

static void draw_crosshair(struct picture *p)
{
	int x = p->r.x + dot_x(p, p->spec->crosshair) / p->ra.per_x;

	if (!p->spec->has_crosshair || x < p->r.x || x >= p->r.x + p->r.w)
		return;
	for (int y = 0; y < p->r.h; y++)
		surface_put(p->s, x, p->r.y + y, p->g->vline, 1, ROLE_ACCENT);
}

static void draw_marks(struct picture *p)
{
	for (size_t i = 0; i < p->spec->n_marks; i++) {
		const struct chart_mark *m = &p->spec->marks[i];
		int x = p->r.x + dot_x(p, m->x) / p->ra.per_x;

		if (x >= p->r.x && x < p->r.x + p->r.w)
			surface_put(p->s, x, p->r.y + p->r.h, m->glyph, 1,
				    m->role);
	}
}

static void draw_series(struct picture *p)
{
	size_t n = p->spec->n_series;
	struct plot_line *lines = xcalloc(n + 1, sizeof(*lines));

	for (size_t i = 0; i < n; i++) {
		const struct chart_series *s = &p->spec->series[i];

		lines[i] = plot_line_of(&p->plot, &s->curve);
		draw_line(p, &lines[i], s->dash);
		raster_flush(&p->ra, s->role);
	}
	for (size_t i = 0; i < n; i++) {
		draw_label(p, &lines[i], &p->spec->series[i]);
		mark_lost(p, lines[i].columns);
		free(lines[i].columns);
	}
	free(lines);
}

/* Room for names at the lines' ends. */
static int label_room(const struct chart_spec *spec)
{
	int width = 0;

	for (size_t i = 0; i < spec->n_series; i++)
		if (spec->series[i].label.len)
			width = MAX(width,
				    (int)spec->series[i].label.width + 1);
	return width;
}

/* Points, and none that has a place on the axis. */
static void say_why_blank(struct surface *s, struct rect r,
			  const struct chart_spec *spec)
{
	size_t n = 0, n_nan = 0, n_inf = 0;
	char text[80];
	int len;

	for (size_t i = 0; i < spec->n_series; i++) {
		const struct curve *c = &spec->series[i].curve;

		n += c->n;
		for (size_t k = 0; k < c->n; k++) {
			n_nan += isnan(c->points[k].value);
			n_inf += isinf(c->points[k].value) != 0;
		}
	}
	if (n_nan + n_inf < n)
		len = snprintf(text, sizeof(text), "%s",
			       spec->has_window
				       ? "no point here"
				       : "no point above 0 for a log axis");
	else if (!n_nan)
		len = snprintf(text, sizeof(text), "no finite point, %zu inf",
			       n_inf);
	else if (n_inf)
		len = snprintf(text, sizeof(text),
			       "no finite point, %zu NaN, %zu inf", n_nan,
			       n_inf);
	else
		len = snprintf(text, sizeof(text), "no finite point, %zu NaN",
			       n_nan);
	if (n)
		surface_put(s, r.x + 1, r.y, shown_literal(text, (size_t)len),
			    r.w - 2, ROLE_DIM);
}

/* False: too little room. */
static bool lay_out(struct picture *p, struct rect r, int rows)
{
	int used = rows, width;

	p->y = chart_axis_for(p->plot.y.lo, p->plot.y.hi, &used);
	width = label_width(p);
	p->axis_x = r.x + width + (r.w > 40 ? 1 : 0);
	p->r = (struct rect){ p->axis_x + 1, r.y + rows - used,
			      r.x + r.w - p->axis_x - 1 - label_room(p->spec),
			      used };
	p->label_end = r.x + r.w;
	return p->r.w >= 4;
}

bool chart_range(const struct chart_spec *spec, double *lo, double *hi)
{
	struct plot p;

	if (!plot_init(&p, spec))
		return false;
	*lo = scale_take(&p.scale, p.y.lo);
	*hi = scale_take(&p.scale, p.y.hi);
	return true;
}

void chart_draw(struct surface *s, struct rect r, const struct chart_spec *spec,
		const struct glyphs *g)
{
	struct picture p = { .spec = spec, .g = g, .s = s };
	int rows = r.h - (spec->has_x_labels ? 2 : 0);

	if (r.w < MIN_WIDTH || r.h < MIN_HEIGHT || rows < 2)
		return;
	if (!plot_init(&p.plot, spec)) {
		say_why_blank(s, r, spec);
		return;
	}
	if (!lay_out(&p, r, rows))
		return;
	raster_init(&p.ra, s, p.r, g);
	p.plot.w = p.ra.w;
	draw_y_axis(&p);
	if (spec->has_x_labels)
		draw_x_axis(&p);
	draw_threshold(&p);
	draw_crosshair(&p);
	draw_series(&p);
	name_threshold(&p);
	draw_marks(&p);
	raster_release(&p.ra);
}
