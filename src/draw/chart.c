/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "draw/chart.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "axis.h"
#include "base/mem.h"
#include "raster.h"

#define MIN_WIDTH       10
#define MIN_HEIGHT      3
#define DASH_NOISE_DOTS 3

struct span {
	double lo, hi;
	bool has;
};

/* What a dot column holds of one series. */
struct column {
	double min, max, first, last;
	bool has, has_nan;
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
	struct raster ra;
};

static double x_of(const struct chart_spec *spec, const struct point *p)
{
	return (double)(spec->x == CHART_TIME ? p->time_ms : p->step);
}

static double y_of(const struct chart_spec *spec, double v)
{
	if (!spec->is_log)
		return v;
	return v > 0 ? log10(v) : NAN;
}

/* Plain comparisons: this runs over every point. */
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

static void widen_by_series(const struct chart_spec *spec,
			    const struct chart_series *s, struct span *x,
			    struct span *y)
{
	for (size_t k = 0; k < s->n; k++) {
		double v = s->points[k].value;

		widen(x, x_of(spec, &s->points[k]));
		if (!spec->is_log || v > 0)
			widen(y, v);
	}
}

/* At least 1, and what doubles can count in: steps may be nanoseconds. */
static void widen_to_count(struct span *x)
{
	double least = fmax(1, fmax(fabs(x->lo), fabs(x->hi)) * 1e-14);

	if (x->has && x->hi - x->lo < least)
		x->hi = x->lo + least;
}

static void find_spans(const struct chart_spec *spec, struct span *x,
		       struct span *y)
{
	for (size_t i = 0; i < spec->n_series; i++)
		widen_by_series(spec, &spec->series[i], x, y);
	if (spec->has_threshold && (!spec->is_log || spec->threshold > 0))
		widen(y, spec->threshold);
	if (spec->is_log && y->has) {
		y->lo = log10(y->lo);
		y->hi = log10(y->hi);
	}
	if (x->has && isfinite(spec->x_to))
		widen(x, spec->x_to);
	widen_to_count(x);
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

static void add_to_column(struct column *c, double v)
{
	if (v - v != 0) {
		c->has_nan = true;
		return;
	}
	if (!c->has) {
		c->min = c->max = c->first = v;
		c->has = true;
	}
	if (v < c->min)
		c->min = v;
	if (v > c->max)
		c->max = v;
	c->last = v;
}

/* Values as they are; to the axis' scale they are brought a column at a time,
 * and not a point. */
static void fill_columns(const struct plot *p, const struct chart_series *s,
			 struct column *columns)
{
	double scale = (p->ra.w - 1) / (p->x.hi - p->x.lo);
	bool is_log = p->spec->is_log;

	memset(columns, 0, (size_t)p->ra.w * sizeof(*columns));
	for (size_t k = 0; k < s->n; k++) {
		double x = x_of(p->spec, &s->points[k]) - p->x.lo;
		double v = s->points[k].value;

		add_to_column(&columns[(int)(x * scale + .5)],
			      is_log && v <= 0 ? NAN : v);
	}
	for (int x = 0; x < p->ra.w && is_log; x++) {
		struct column *c = &columns[x];

		if (!c->has)
			continue;
		c->min = log10(c->min);
		c->max = log10(c->max);
		c->first = log10(c->first);
		c->last = log10(c->last);
	}
}

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
static void join(struct plot *p, int a, double va, int b, double vb,
		 unsigned dash)
{
	int prev = dot_y(p, va);

	for (int x = a + 1; x <= b; x++) {
		double v = va + (vb - va) * (x - a) / (b - a);
		int y = dot_y(p, v), step = prev < y ? 1 : -1;

		if (is_dash_on(dash, x)) {
			if (y == prev)
				raster_dot(&p->ra, x, y);
			else
				raster_column(&p->ra, x, prev + step, y);
		}
		prev = y;
	}
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

		if (c->has_nan && !c->has)
			before = -1; /* a gap */
		if (!c->has)
			continue;
		if (before >= 0 && is_gap(p, before, x))
			name_gap(p, before, x);
		else if (before >= 0)
			join(p, before, columns[before].last, x, c->first,
			     dash);
		top = dot_y(p, c->max);
		low = dot_y(p, c->min);
		/* A spike is seen in the gaps of a dash, too. */
		if (is_dash_on(dash, x) || low - top > DASH_NOISE_DOTS)
			raster_column(&p->ra, x, top, low);
		before = c->has_nan ? -1 : x;
	}
	if (before >= 0 && is_gap(p, before, p->ra.w))
		name_gap(p, before, p->ra.w);
}

static void draw_label(struct plot *p, const struct column *columns,
		       const struct chart_series *s)
{
	int last = p->ra.w - 1, x, y;

	if (!s->label.len)
		return;
	while (last > 0 && !columns[last].has)
		last--;
	if (!columns[last].has)
		return;
	x = MIN(p->r.x + last / p->ra.per_x + 2,
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

static void mark_nans(struct plot *p, const struct column *columns)
{
	for (int x = 0; x < p->ra.w; x++)
		if (columns[x].has_nan)
			surface_put(p->s, p->r.x + x / p->ra.per_x,
				    p->r.y + p->r.h, SHOWN("x"), 1, ROLE_ALARM);
}

/* ---- axes ---- */

static void tick_label(const struct plot *p, int i, char out[AXIS_LABEL_MAX])
{
	double v = p->y.from + i * p->y.step;

	if (!p->spec->is_log) {
		axis_number(v, p->y.step, fmax(fabs(p->y.from), fabs(p->y.to)),
			    out);
		return;
	}
	v = pow(10, v);
	if (v >= 1 && v == floor(v))
		axis_number(v, v, v, out);
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
	    (p->spec->is_log && v <= 0))
		return false;
	*y = p->r.y + dot_y(p, y_of(p->spec, v)) / p->ra.per_y;
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

		fill_columns(p, &p->spec->series[i], own);
		draw_columns(p, own, p->spec->series[i].dash);
		raster_flush(&p->ra, p->spec->series[i].role);
	}
	for (size_t i = 0; i < n; i++) {
		struct column *own = &columns[i * (size_t)p->ra.w];

		draw_label(p, own, &p->spec->series[i]);
		mark_nans(p, own);
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
static void say_why_blank(struct surface *s, struct rect r,
			  const struct chart_spec *spec)
{
	size_t n = 0, n_nan = 0, n_inf = 0;
	char text[80];
	int len;

	for (size_t i = 0; i < spec->n_series; i++) {
		n += spec->series[i].n;
		for (size_t k = 0; k < spec->series[i].n; k++) {
			n_nan += isnan(spec->series[i].points[k].value);
			n_inf += isinf(spec->series[i].points[k].value) != 0;
		}
	}
	if (n_nan + n_inf < n)
		len = snprintf(text, sizeof(text),
			       "no point above 0 for a log axis");
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

void chart_draw(struct surface *s, struct rect r, const struct chart_spec *spec,
		const struct glyphs *g)
{
	struct plot p = { .spec = spec, .g = g, .s = s };
	struct span y = { 0 };
	int rows = r.h - (spec->has_x_labels ? 2 : 0), width, used;

	if (r.w < MIN_WIDTH || r.h < MIN_HEIGHT || rows < 2)
		return;
	find_spans(spec, &p.x, &y);
	if (!p.x.has || !y.has) {
		say_why_blank(s, r, spec);
		return;
	}
	used = rows;
	p.y = chart_axis_for(y.lo, y.hi, &used);
	width = label_width(&p);
	p.axis_x = r.x + width + (r.w > 40 ? 1 : 0);
	p.r = (struct rect){ p.axis_x + 1, r.y + rows - used,
			     r.x + r.w - p.axis_x - 1 - label_room(spec),
			     used };
	p.label_end = r.x + r.w;
	if (p.r.w < 4)
		return;
	raster_init(&p.ra, s, p.r, g);
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

/* ---- one row ---- */

/* Smallest and greatest value of a dot column; where there are fewer values
 * than columns, a value stands in several. */
static bool spark_column(const double *values, size_t n, int x, int w,
			 struct span *out)
{
	size_t from = (size_t)x * n / (size_t)w;
	size_t to = MAX(from + 1, (size_t)(x + 1) * n / (size_t)w);

	out->has = false;
	for (size_t i = from; i < to; i++)
		widen(out, values[i]);
	return out->has;
}

static int spark_y(const struct span *all, double v, const struct raster *ra)
{
	int y = ra->h / 2;

	if (all->hi > all->lo)
		y = (int)lround((all->hi - v) / (all->hi - all->lo) *
				(ra->h - 1));
	/* Blocks stay under the row's top, that rows do not grow together. */
	return ra->set == LINES_BLOCK ? MAX(y, 2) : y;
}

/* One value a cell: the one farther from the middle, so that a spike either
 * way is seen. */
static double outermost(const struct span *all, const struct span *column)
{
	double middle = all->lo / 2 + all->hi / 2;

	return column->hi - middle >= middle - column->lo ? column->hi
							  : column->lo;
}

void chart_sparkline(struct surface *s, struct rect row, const double *values,
		     size_t n, enum role role, const struct glyphs *g)
{
	struct span all = { 0 }, column = { 0 };
	struct raster ra;
	int prev_top = -1, prev_low = -1;

	for (size_t i = 0; i < n; i++)
		widen(&all, values[i]);
	if (!all.has || row.w < 1)
		return;
	raster_init(&ra, s, row, g);
	for (int x = 0; x < ra.w; x++) {
		int top, low;

		if (!spark_column(values, n, x, ra.w, &column)) {
			prev_top = prev_low = -1;
			continue;
		}
		if (g->lines != LINES_BRAILLE)
			column.lo = column.hi = outermost(&all, &column);
		top = spark_y(&all, column.hi, &ra);
		low = spark_y(&all, column.lo, &ra);
		raster_column(&ra, x, top, low);
		/* Joined to the column before it. */
		if (prev_low >= 0 && g->lines == LINES_BRAILLE) {
			if (top > prev_low + 1)
				raster_column(&ra, x, prev_low + 1, top);
			if (low < prev_top - 1)
				raster_column(&ra, x, low, prev_top - 1);
		}
		prev_top = top;
		prev_low = low;
	}
	raster_flush(&ra, role);
	raster_release(&ra);
}
