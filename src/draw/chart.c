/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "draw/chart.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "axis.h"
#include "base/mem.h"
#include "curve.h"
#include "raster.h"

#define MIN_WIDTH       10
#define MIN_HEIGHT      3
#define DASH_NOISE_DOTS 3

struct span {
	double lo, hi;
	bool has;
};

struct plot {
	const struct chart_spec *spec;
	const struct glyphs *g;
	struct surface *s;
	struct rect r; /* where lines go */
	int axis_x;    /* column of the y axis */
	int label_end; /* names at the lines' ends stand before it */
	struct chart_axis y;
	struct span x;
	double linear; /* on a symlog axis: linear up to here */
	struct curve *curves;
	struct raster ra;
};

/* Decades that a symlog axis shows on either side of its linear part. */
#define SYMLOG_DECADES 3

static double symlog(double v, double linear)
{
	double size = fabs(v) / linear;

	return size <= 1 ? v / linear : copysign(1 + log10(size), v);
}

static double y_of(const struct plot *p, double v)
{
	switch (p->spec->y) {
	case CHART_LOG:
		return v > 0 ? log10(v) : NAN;
	case CHART_SYMLOG:
		return symlog(v, p->linear);
	default:
		return v;
	}
}

/* The value at a place on the axis. */
static double value_of(const struct plot *p, double y)
{
	switch (p->spec->y) {
	case CHART_LOG:
		return pow(10, y);
	case CHART_SYMLOG:
		return p->linear *
		       (fabs(y) <= 1 ? y : copysign(pow(10, fabs(y) - 1), y));
	default:
		return y;
	}
}

static void widen(struct span *span, double v)
{
	if (v - v != 0) /* NaN, infinite */
		return;
	if (!span->has) {
		span->lo = span->hi = v;
		span->has = true;
	}
	if (v < span->lo)
		span->lo = v;
	if (v > span->hi)
		span->hi = v;
}

/* One value gives no range: the points beside the window do, whose lines come
 * in. */
static void widen_by_curve(const struct plot *p, const struct curve *c,
			   struct span *y)
{
	bool above_0 = p->spec->y == CHART_LOG;
	bool is_in_reach = c->to > 0 && c->from < c->t.n;
	struct stretch s = levels_of(&c->t, c->from, c->to);

	if (s.min >= s.max && is_in_reach)
		s = levels_of(&c->t, c->from - (c->from > 0),
			      c->to + (c->to < c->t.n));
	if (above_0)
		s.min = s.least;
	if (s.min > s.max)
		return;
	widen(y, s.min);
	widen(y, s.max);
}

/* At least 1, and what doubles can count in: steps may be nanoseconds. */
static void widen_to_count(struct span *x)
{
	double least = fmax(1, fmax(fabs(x->lo), fabs(x->hi)) * 1e-14);

	if (x->has && x->hi - x->lo < least)
		x->hi = x->lo + least;
}

static void find_x(struct plot *p)
{
	const struct chart_spec *spec = p->spec;

	for (size_t i = 0; i < spec->n_series; i++) {
		const struct curve *c = &p->curves[i];

		if (!c->t.n)
			continue;
		widen(&p->x, curve_x(c, 0));
		widen(&p->x, curve_x(c, c->t.n - 1));
	}
	if (p->x.has && isfinite(spec->x_to))
		widen(&p->x, spec->x_to);
	if (p->x.has && spec->has_window) {
		p->x.lo = spec->from;
		p->x.hi = spec->to;
	}
	widen_to_count(&p->x);
	for (size_t i = 0; i < spec->n_series && p->x.has; i++)
		curve_set_window(&p->curves[i], p->x.lo, p->x.hi);
}

/* In the axis' scale. */
static struct span find_y(struct plot *p)
{
	const struct chart_spec *spec = p->spec;
	struct span y = { 0 };

	for (size_t i = 0; i < spec->n_series; i++)
		widen_by_curve(p, &p->curves[i], &y);
	if (spec->has_threshold &&
	    (spec->y != CHART_LOG || spec->threshold > 0))
		widen(&y, spec->threshold);
	p->linear = fmax(fabs(y.lo), fabs(y.hi));
	p->linear = p->linear > 0
			    ? pow(10, ceil(log10(p->linear)) - SYMLOG_DECADES)
			    : 1;
	p->linear = fmax(p->linear, 1e-300);
	if (y.has) {
		y.lo = y_of(p, y.lo);
		y.hi = y_of(p, y.hi);
	}
	return y;
}

static int dot_x(const struct plot *p, double x)
{
	double share = (x - p->x.lo) / (p->x.hi - p->x.lo);

	/* Marks and crosshairs may be far outside. */
	return (int)lround(fmax(-2, fmin(2, share)) * (p->ra.w - 1));
}

/* The axis runs from the middle of the lowest row to that of the highest. */
static int dot_y(const struct plot *p, double y)
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

/* From column a to column b, both drawn; between them a straight line. */
static void join(struct plot *p, int a, double ya, int b, double yb,
		 unsigned dash)
{
	int prev = dot_y(p, ya);

	for (int x = a + 1; x <= b; x++) {
		int y = dot_y(p, ya + (yb - ya) * (x - a) / (b - a));
		int step = prev < y ? 1 : -1;

		if (is_dash_on(dash, x)) {
			if (y == prev)
				raster_dot(&p->ra, x, y);
			else
				raster_column(&p->ra, x, prev + step, y);
		}
		prev = y;
	}
}

/* Where a line from point a to point b crosses a dot column, in the axis'
 * scale. False: one of the two has no place. */
static bool crosses(const struct plot *p, const struct curve *c, size_t a,
		    size_t b, int column, double *y)
{
	double x = p->x.lo + column * (p->x.hi - p->x.lo) / (p->ra.w - 1);
	double xa = curve_x(c, a), xb = curve_x(c, b);
	double ya = y_of(p, c->t.points[a].value);
	double yb = y_of(p, c->t.points[b].value);

	*y = xb > xa ? ya + (yb - ya) * (x - xa) / (xb - xa) : ya;
	return isfinite(*y);
}

static bool comes_in(const struct plot *p, const struct curve *c, double *y)
{
	return c->from > 0 && c->from < c->t.n &&
	       crosses(p, c, c->from - 1, c->from, -1, y);
}

static bool goes_out(const struct plot *p, const struct curve *c, double *y)
{
	return c->to > 0 && c->to < c->t.n &&
	       crosses(p, c, c->to - 1, c->to, p->ra.w, y);
}

/* The last column with a value; -1: there is none. */
static int last_column(const struct plot *p, const struct column *columns)
{
	int last = p->ra.w - 1;

	while (last >= 0 && !columns[last].has)
		last--;
	return last;
}

/* The lines that come into the window, leave it, or go through. */
static void draw_edges(struct plot *p, const struct curve *c,
		       const struct column *columns, unsigned dash)
{
	int first = 0, last = last_column(p, columns);
	double in, out;
	bool comes = comes_in(p, c, &in), goes = goes_out(p, c, &out);

	if (last < 0) {
		if (comes && goes)
			join(p, -1, in, p->ra.w, out, dash);
		return;
	}
	while (!columns[first].has)
		first++;
	if (comes)
		join(p, -1, in, first, y_of(p, columns[first].first), dash);
	if (goes)
		join(p, last, y_of(p, columns[last].last), p->ra.w, out, dash);
}

static bool is_broken(const struct column *c)
{
	return c->has_nan || c->has_high || c->has_low;
}

/* Are columns a and b, with nothing between, too far apart to be joined? */
static bool is_gap(const struct plot *p, int a, int b)
{
	double x_per_dot = (p->x.hi - p->x.lo) / (p->ra.w - 1);

	return p->spec->gap > 0 && (b - a - 1) * x_per_dot > p->spec->gap;
}

/* In the middle of the gap. */
static void name_gap(struct plot *p, int a, int b)
{
	struct shown label = p->spec->gap_label;
	int from = p->r.x + a / p->ra.per_x + 1;
	int room = p->r.x + b / p->ra.per_x - from;

	if (label.len && (int)label.width + 2 <= room)
		surface_put(p->s, from + (room - (int)label.width) / 2,
			    p->r.y + p->r.h / 2, label, (int)label.width,
			    ROLE_DIM);
}

static void draw_columns(struct plot *p, const struct column *columns,
			 unsigned dash)
{
	int before = -1;

	for (int x = 0; x < p->ra.w; x++) {
		const struct column *c = &columns[x];
		int top, low;

		if (is_broken(c) && !c->has)
			before = -1; /* a gap */
		if (!c->has)
			continue;
		if (before >= 0 && is_gap(p, before, x))
			name_gap(p, before, x);
		else if (before >= 0)
			join(p, before, y_of(p, columns[before].last), x,
			     y_of(p, c->first), dash);
		top = dot_y(p, y_of(p, c->max));
		low = dot_y(p, y_of(p, c->min));
		/* A spike is seen in the gaps of a dash, too. */
		if (is_dash_on(dash, x) || low - top > DASH_NOISE_DOTS)
			raster_column(&p->ra, x, top, low);
		before = is_broken(c) ? -1 : x;
	}
	if (before >= 0 && is_gap(p, before, p->ra.w))
		name_gap(p, before, p->ra.w);
}

/* Where the line ends that is seen: its dots. */
static bool end_of(const struct plot *p, const struct curve *c,
		   const struct column *columns, int *x, int *y)
{
	double out;

	*x = last_column(p, columns);
	if (goes_out(p, c, &out)) {
		*x = p->ra.w - 1;
		*y = MIN(MAX(dot_y(p, out), 0), p->ra.h - 1);
	} else if (*x >= 0) {
		*y = dot_y(p, y_of(p, columns[*x].last));
	}
	return *x >= 0;
}

static void draw_label(struct plot *p, const struct curve *c,
		       const struct column *columns)
{
	const struct chart_series *s = c->series;
	int x, y;

	if (!s->label.len || !end_of(p, c, columns, &x, &y))
		return;
	x = MIN(p->r.x + x / p->ra.per_x + 2,
		p->label_end - (int)s->label.width);
	y = p->r.y + y / p->ra.per_y;
	/* A row already taken by another name: the nearest free one. */
	for (int k = 0; k < p->r.h; k++) {
		int try = y + (k % 2 ? -(k + 1) / 2 : k / 2);
		const struct surface_cell *cell = surface_at(p->s, x, try);

		if (try < p->r.y || try >= p->r.y + p->r.h || !cell)
			continue;
		if (cell->len == 1 && cell->utf8[0] != ' ')
			continue;
		surface_put(p->s, x, try, s->label, (int)s->label.width,
			    s->role);
		return;
	}
}

/* What has no place: NaN on the axis, an infinity at its edge. */
static void mark_broken(struct plot *p, const struct column *columns)
{
	for (int x = 0; x < p->ra.w; x++) {
		int at = p->r.x + x / p->ra.per_x;

		if (columns[x].has_nan)
			surface_put(p->s, at, p->r.y + p->r.h, SHOWN("x"), 1,
				    ROLE_ALARM);
		if (columns[x].has_high)
			surface_put(p->s, at, p->r.y, p->g->high, 1,
				    ROLE_ALARM);
		if (columns[x].has_low)
			surface_put(p->s, at, p->r.y + p->r.h - 1, p->g->low, 1,
				    ROLE_ALARM);
	}
}

/* ---- axes ---- */

static void tick_label(const struct plot *p, int i, char out[AXIS_LABEL_MAX])
{
	double v = p->y.from + i * p->y.step;

	if (p->spec->y == CHART_LINEAR) {
		axis_number(v, p->y.step, fmax(fabs(p->y.from), fabs(p->y.to)),
			    out);
		return;
	}
	v = value_of(p, v);
	if (fabs(v) >= 1 && v == floor(v))
		axis_number(v, fabs(v), fabs(v), out);
	else
		snprintf(out, AXIS_LABEL_MAX, "%.3g", v);
}

static int label_width(struct plot *p)
{
	int width = 0;

	for (int i = 0; i <= p->y.n_intervals; i++) {
		char label[AXIS_LABEL_MAX];

		tick_label(p, i, label);
		width = MAX(width, (int)strlen(label));
	}
	return width;
}

static void draw_y_axis(struct plot *p)
{
	int rows = p->r.h - 1;

	for (int y = 0; y < p->r.h; y++)
		surface_put(p->s, p->axis_x, p->r.y + y, p->g->vline, 1,
			    ROLE_AXIS);
	for (int i = 0; i <= p->y.n_intervals; i++) {
		int y = p->r.y + rows - rows * i / p->y.n_intervals;
		char label[AXIS_LABEL_MAX];
		int n;

		tick_label(p, i, label);
		n = (int)strlen(label);
		surface_put(p->s, p->axis_x - n, y,
			    shown_literal(label, (size_t)n), n, ROLE_DIM);
		surface_put(p->s, p->axis_x, y, p->g->tick_y, 1, ROLE_AXIS);
		for (int x = 0; x < p->r.w; x++)
			surface_put(p->s, p->r.x + x, y, p->g->guide, 1,
				    ROLE_GUIDE);
	}
}

static void draw_x_axis(struct plot *p)
{
	int y = p->r.y + p->r.h, free_from = p->axis_x;
	double most = fmax(fabs(p->x.lo), fabs(p->x.hi));
	double step = axis_x_step(p->spec->x, p->x.lo, p->x.hi, p->r.w);

	surface_put(p->s, p->axis_x, y, p->g->axis_corner, 1, ROLE_AXIS);
	for (int x = 0; x < p->r.w; x++)
		surface_put(p->s, p->r.x + x, y, p->g->rule, 1, ROLE_AXIS);
	for (double x = ceil(p->x.lo / step) * step; x <= p->x.hi + step * 1e-9;
	     x += step) {
		int at = p->r.x + dot_x(p, x) / p->ra.per_x;
		char label[AXIS_LABEL_MAX];
		int n, from;

		axis_x_label(p->spec->x, x, step, most, label);
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

static bool threshold_row(const struct plot *p, int *y)
{
	double v = p->spec->threshold;

	if (!p->spec->has_threshold || !isfinite(v) ||
	    (p->spec->y == CHART_LOG && v <= 0))
		return false;
	*y = p->r.y + dot_y(p, y_of(p, v)) / p->ra.per_y;
	return true;
}

static void draw_threshold(struct plot *p)
{
	int y;

	if (!threshold_row(p, &y))
		return;
	for (int x = 0; x < p->r.w; x++)
		surface_put(p->s, p->r.x + x, y, p->g->threshold, 1, ROLE_WARN);
}

static bool is_free(const struct plot *p, int x, int y, int w)
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
static void name_threshold(struct plot *p)
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

static void draw_crosshair(struct plot *p)
{
	int x = p->r.x + dot_x(p, p->spec->crosshair) / p->ra.per_x;

	if (!p->spec->has_crosshair || x < p->r.x || x >= p->r.x + p->r.w)
		return;
	for (int y = 0; y < p->r.h; y++)
		surface_put(p->s, x, p->r.y + y, p->g->vline, 1, ROLE_ACCENT);
}

static void draw_marks(struct plot *p)
{
	for (size_t i = 0; i < p->spec->n_marks; i++) {
		const struct chart_mark *m = &p->spec->marks[i];
		int x = p->r.x + dot_x(p, m->x) / p->ra.per_x;

		if (x >= p->r.x && x < p->r.x + p->r.w)
			surface_put(p->s, x, p->r.y + p->r.h, m->glyph, 1,
				    m->role);
	}
}

static void draw_series(struct plot *p)
{
	size_t n = p->spec->n_series;
	struct column *columns =
		xcalloc((size_t)p->ra.w * n + 1, sizeof(*columns));

	for (size_t i = 0; i < n; i++) {
		struct column *own = &columns[i * (size_t)p->ra.w];

		curve_columns(&p->curves[i], p->x.lo, p->x.hi,
			      p->spec->y == CHART_LOG, own, (size_t)p->ra.w);
		draw_columns(p, own, p->spec->series[i].dash);
		draw_edges(p, &p->curves[i], own, p->spec->series[i].dash);
		raster_flush(&p->ra, p->spec->series[i].role);
	}
	for (size_t i = 0; i < n; i++) {
		struct column *own = &columns[i * (size_t)p->ra.w];

		draw_label(p, &p->curves[i], own);
		mark_broken(p, own);
	}
	free(columns);
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
static void say_why_blank(const struct plot *p, struct rect r)
{
	size_t n = 0, n_all = 0, n_nan = 0;
	bool is_finite = false;
	char text[80];
	int len;

	for (size_t i = 0; i < p->spec->n_series; i++) {
		const struct curve *c = &p->curves[i];
		struct stretch s = levels_of(&c->t, c->from, c->to);

		n_all += c->t.n;
		n += c->to - c->from;
		n_nan += s.n_nan;
		is_finite |= s.min <= s.max;
	}
	if (!n)
		len = snprintf(text, sizeof(text), "no point in this part");
	else if (is_finite)
		len = snprintf(text, sizeof(text),
			       "no point above 0 for a log axis");
	else if (!n_nan)
		len = snprintf(text, sizeof(text), "no finite point, %zu inf",
			       n);
	else if (n_nan < n)
		len = snprintf(text, sizeof(text),
			       "no finite point, %zu NaN, %zu inf", n_nan,
			       n - n_nan);
	else
		len = snprintf(text, sizeof(text), "no finite point, %zu NaN",
			       n_nan);
	if (n_all)
		surface_put(p->s, r.x + 1, r.y,
			    shown_literal(text, (size_t)len), r.w - 2,
			    ROLE_DIM);
}

/* A scale may end where doubles do. */
static struct chart_axis axis_of(const struct plot *p, const struct span *y,
				 int *rows)
{
	struct chart_axis a = chart_axis_for(y->lo, y->hi, rows);

	if (isfinite(value_of(p, a.to)) && isfinite(value_of(p, a.from)) &&
	    (p->spec->y != CHART_LOG || value_of(p, a.from) > 0))
		return a;
	a.from = y->lo;
	a.to = y->hi;
	a.step = (a.to - a.from) / a.n_intervals;
	return a;
}

/* All but the curves, which are ready. */
static void draw_plot(struct plot *p, struct rect r)
{
	const struct chart_spec *spec = p->spec;
	int rows = r.h - (spec->has_x_labels ? 2 : 0), width, used = rows;
	struct span y;

	find_x(p);
	y = find_y(p);
	if (!p->x.has || !y.has) {
		say_why_blank(p, r);
		return;
	}
	p->y = axis_of(p, &y, &used);
	width = label_width(p);
	p->axis_x = r.x + width + (r.w > 40 ? 1 : 0);
	p->r = (struct rect){ p->axis_x + 1, r.y + rows - used,
			      r.x + r.w - p->axis_x - 1 - label_room(spec),
			      used };
	p->label_end = r.x + r.w;
	if (p->r.w < 4)
		return;
	raster_init(&p->ra, p->s, p->r, p->g);
	draw_y_axis(p);
	if (spec->has_x_labels)
		draw_x_axis(p);
	draw_threshold(p);
	draw_crosshair(p);
	draw_series(p);
	name_threshold(p);
	draw_marks(p);
	raster_release(&p->ra);
}

void chart_draw(struct surface *s, struct rect r, const struct chart_spec *spec,
		const struct glyphs *g)
{
	struct plot p = { .spec = spec, .g = g, .s = s };

	if (r.w < MIN_WIDTH || r.h < MIN_HEIGHT + (spec->has_x_labels ? 1 : 0))
		return;
	p.curves = xcalloc(spec->n_series + 1, sizeof(*p.curves));
	for (size_t i = 0; i < spec->n_series; i++)
		curve_init(&p.curves[i], &spec->series[i], spec->x);
	draw_plot(&p, r);
	for (size_t i = 0; i < spec->n_series; i++)
		curve_release(&p.curves[i]);
	free(p.curves);
}
