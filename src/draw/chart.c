/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "draw/chart.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/human.h"
#include "base/mem.h"
#include "raster.h"

#define MIN_WIDTH  10
#define MIN_HEIGHT 3
#define LABEL_MAX  24

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
	struct rect r;	/* where lines go */
	int axis_x;	/* column of the y axis */
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

static void widen(struct span *span, double v)
{
	if (!isfinite(v))
		return;
	span->lo = span->has ? fmin(span->lo, v) : v;
	span->hi = span->has ? fmax(span->hi, v) : v;
	span->has = true;
}

static void find_spans(const struct chart_spec *spec, struct span *x,
		       struct span *y)
{
	for (size_t i = 0; i < spec->n_series; i++) {
		const struct chart_series *s = &spec->series[i];

		for (size_t k = 0; k < s->n; k++) {
			widen(x, x_of(spec, &s->points[k]));
			widen(y, y_of(spec, s->points[k].value));
		}
	}
	if (spec->has_threshold)
		widen(y, y_of(spec, spec->threshold));
	if (x->has && isfinite(spec->x_to))
		widen(x, spec->x_to);
	if (x->has && x->hi == x->lo)
		x->hi = x->lo + 1;
}

static int dot_x(const struct plot *p, double x)
{
	double share = (x - p->x.lo) / (p->x.hi - p->x.lo);

	return (int)lround(share * (p->ra.w - 1));
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

static void fill_columns(const struct plot *p, const struct chart_series *s,
			 struct column *columns)
{
	memset(columns, 0, (size_t)p->ra.w * sizeof(*columns));
	for (size_t k = 0; k < s->n; k++) {
		int x = dot_x(p, x_of(p->spec, &s->points[k]));
		double v = y_of(p->spec, s->points[k].value);
		struct column *c;

		if (x < 0 || x >= p->ra.w)
			continue;
		c = &columns[x];
		if (!isfinite(v)) {
			c->has_nan = true;
			continue;
		}
		c->min = c->has ? fmin(c->min, v) : v;
		c->max = c->has ? fmax(c->max, v) : v;
		if (!c->has)
			c->first = v;
		c->last = v;
		c->has = true;
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

static void draw_columns(struct plot *p, const struct column *columns,
			 unsigned dash)
{
	int before = -1;

	for (int x = 0; x < p->ra.w; x++) {
		const struct column *c = &columns[x];

		if (c->has_nan && !c->has)
			before = -1; /* a gap */
		if (!c->has)
			continue;
		if (before >= 0)
			join(p, before, columns[before].last, x, c->first,
			     dash);
		if (is_dash_on(dash, x) || c->max > c->min)
			raster_column(&p->ra, x, dot_y(p, c->max),
				      dot_y(p, c->min));
		before = c->has_nan ? -1 : x;
	}
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
	x = MIN(p->r.x + last / p->ra.per_x + 1,
		p->r.x + p->r.w - (int)s->label.width);
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
				    p->r.y + p->r.h, SHOWN("x"), 1,
				    ROLE_ALARM);
}

/* ---- axes ---- */

static void tick_label(const struct plot *p, double v, char out[LABEL_MAX])
{
	char human[HUMAN_MAX];

	if (p->spec->is_log)
		v = pow(10, v);
	if (fabs(v) < 1e-9 * p->y.step)
		v = 0;
	if (fabs(v) >= 1e5 || (v && fabs(v) < 1e-4) ||
	    (p->spec->is_log && v != floor(v)))
		snprintf(out, LABEL_MAX, "%.3g", v);
	else if (fabs(v) >= 10000)
		snprintf(out, LABEL_MAX, "%s", human_si(human, v));
	else
		snprintf(out, LABEL_MAX, "%.*f", MIN(p->y.decimals, 6), v);
}

static int label_width(struct plot *p)
{
	int width = 0;

	for (int i = 0; i <= p->y.n_intervals; i++) {
		char label[LABEL_MAX];

		tick_label(p, p->y.from + i * p->y.step, label);
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
		char label[LABEL_MAX];
		int n;

		tick_label(p, p->y.from + i * p->y.step, label);
		n = (int)strlen(label);
		surface_put(p->s, p->axis_x - n, y,
			    shown_literal(label, (size_t)n), n, ROLE_DIM);
		surface_put(p->s, p->axis_x, y, p->g->tick_y, 1, ROLE_AXIS);
		for (int x = 0; x < p->r.w; x++)
			surface_put(p->s, p->r.x + x, y, p->g->guide, 1,
				    ROLE_GUIDE);
	}
}

static double time_step(double raw_ms)
{
	static const double nice_s[] = { 1,    2,    5,	    10,	   15,	  30,
					 60,   120,  300,   600,   900,	  1800,
					 3600, 7200, 10800, 21600, 43200, 86400,
					 172800, 604800 };

	for (size_t i = 0; i < ARRAY_LEN(nice_s); i++)
		if (nice_s[i] * 1000 >= raw_ms)
			return nice_s[i] * 1000;
	return raw_ms;
}

static double step_step(double raw)
{
	double power = pow(10, floor(log10(fmax(raw, 1))));
	static const double nice[] = { 1, 2, 2.5, 5, 10 };

	for (size_t i = 0; i < ARRAY_LEN(nice); i++) {
		double step = nice[i] * power;

		if (step >= raw && step == floor(step))
			return step;
	}
	return 10 * power;
}

static void x_label(const struct plot *p, double x, double step,
		    char out[LABEL_MAX])
{
	char human[HUMAN_MAX], when[32];

	if (p->spec->x == CHART_TIME) {
		if (step >= 86400000) {
			clock_format_local((int64_t)x, when);
			snprintf(out, LABEL_MAX, "%.5s", when + 5);
		} else if (step < 60000) {
			clock_format_local((int64_t)x, when);
			snprintf(out, LABEL_MAX, "%.8s", when + 11);
		} else {
			clock_format_hhmm((int64_t)x, when);
			snprintf(out, LABEL_MAX, "%.5s", when);
		}
		return;
	}
	if (fabs(x) >= 1e5)
		snprintf(out, LABEL_MAX, "%s", human_si(human, x));
	else
		snprintf(out, LABEL_MAX, "%s",
			 human_count(human, (int64_t)x));
}

static void draw_x_axis(struct plot *p)
{
	int y = p->r.y + p->r.h, free_from = p->axis_x;
	double raw = (p->x.hi - p->x.lo) / MAX(1, p->r.w / 8);
	double step = p->spec->x == CHART_TIME ? time_step(raw) :
						 step_step(raw);

	surface_put(p->s, p->axis_x, y, p->g->axis_corner, 1, ROLE_AXIS);
	for (int x = 0; x < p->r.w; x++)
		surface_put(p->s, p->r.x + x, y, p->g->rule, 1, ROLE_AXIS);
	for (double x = ceil(p->x.lo / step) * step;
	     x <= p->x.hi + step * 1e-9; x += step) {
		int at = p->r.x + dot_x(p, x) / p->ra.per_x;
		char label[LABEL_MAX];
		int n, from;

		x_label(p, x, step, label);
		n = (int)strlen(label);
		from = MIN(at - n / 2, p->r.x + p->r.w - n);
		surface_put(p->s, at, y, p->g->tick_x, 1, ROLE_AXIS);
		if (from < free_from)
			continue;
		surface_put(p->s, from, y + 1, shown_literal(label, (size_t)n),
			    n, ROLE_DIM);
		free_from = from + n + 1;
	}
}

static void draw_threshold(struct plot *p)
{
	double v = y_of(p->spec, p->spec->threshold);
	int y;

	if (!p->spec->has_threshold || !isfinite(v))
		return;
	y = p->r.y + dot_y(p, v) / p->ra.per_y;
	for (int x = 0; x < p->r.w; x++)
		surface_put(p->s, p->r.x + x, y, p->g->threshold, 1,
			    ROLE_WARN);
	surface_put(p->s, p->r.x + 1, y > p->r.y ? y - 1 : y + 1,
		    p->spec->threshold_label, p->r.w - 2, ROLE_WARN);
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
	draw_crosshair(p);
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
			width = MAX(width, (int)spec->series[i].label.width +
						   1);
	return width;
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
	if (!p.x.has || !y.has)
		return;
	used = rows;
	p.y = chart_axis_for(y.lo, y.hi, &used);
	width = label_width(&p);
	p.axis_x = r.x + width + (r.w > 40 ? 1 : 0);
	p.r = (struct rect){ p.axis_x + 1, r.y + rows - used,
			     r.x + r.w - p.axis_x - 1 - label_room(spec),
			     used };
	if (p.r.w < 4)
		return;
	raster_init(&p.ra, s, p.r, g);
	draw_y_axis(&p);
	if (spec->has_x_labels)
		draw_x_axis(&p);
	draw_threshold(&p);
	draw_series(&p);
	draw_marks(&p);
	raster_release(&p.ra);
}

/* ---- one row ---- */

static void spark_span(const double *values, size_t n, struct span *span)
{
	for (size_t i = 0; i < n; i++)
		widen(span, values[i]);
}

void chart_sparkline(struct surface *s, struct rect row, const double *values,
		     size_t n, enum role role, const struct glyphs *g)
{
	struct span span = { 0 };
	struct raster ra;
	int prev = -1;

	spark_span(values, n, &span);
	if (!span.has || row.w < 1)
		return;
	raster_init(&ra, s, row, g);
	for (int x = 0; x < ra.w; x++) {
		size_t at = n <= (size_t)ra.w ?
				    (size_t)x * n / (size_t)ra.w :
				    (size_t)x * (n - 1) / (size_t)(ra.w - 1);
		double share = span.hi > span.lo ?
				       (span.hi - values[at]) /
					       (span.hi - span.lo) :
				       .5;
		int y;

		if (!isfinite(values[at])) {
			prev = -1;
			continue;
		}
		y = (int)lround(share * (ra.h - 1));
		/* Rows must not grow together. */
		if (g->lines == LINES_BLOCK)
			y = MAX(y, 2);
		if (prev >= 0 && g->lines == LINES_BRAILLE && y != prev)
			raster_column(&ra, x, prev + (prev < y ? 1 : -1), y);
		else
			raster_dot(&ra, x, y);
		prev = y;
	}
	raster_flush(&ra, role);
	raster_release(&ra);
}
