/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "plot.h"

#include <math.h>
#include <stdio.h>

#include "base/mem.h"

/* Decades of a symlog axis on each side of what is linear. */
#define SYMLOG_DECADES 1e-3

double scale_put(const struct scale *s, double v)
{
	if (v - v != 0)
		return NAN;
	if (s->kind == SCALE_LOG)
		return v > 0 ? log10(v) : NAN;
	if (s->kind == SCALE_LINEAR || fabs(v) <= s->unit)
		return v / s->unit;
	return copysign(1 + log10(fabs(v)) - log10(s->unit), v);
}

double scale_take(const struct scale *s, double at)
{
	if (s->kind == SCALE_LOG)
		return pow(10, at);
	if (s->kind == SCALE_LINEAR || fabs(at) <= 1)
		return at * s->unit;
	return copysign(s->unit * pow(10, fabs(at) - 1), at);
}

/* A power of ten below the largest. */
static struct scale scale_for(enum chart_scale kind, const struct span *y)
{
	double most = fmax(fabs(y->lo), fabs(y->hi));
	struct scale s = { .kind = kind, .unit = 1 };

	if (kind == SCALE_SYMLOG && y->has && most > 1e-300)
		s.unit = pow(10, floor(log10(most))) * SYMLOG_DECADES;
	return s;
}

/* ---- ranges ---- */

/* At least 1 where x counts, and what doubles can count in: steps may be
 * nanoseconds. */
static void widen_to_count(struct span *x, enum curve_x kind)
{
	double size = fmax(fabs(x->lo), fabs(x->hi));
	double least = kind == CURVE_VALUE ? fmax(size * 1e-12, 1e-300)
					   : fmax(1, size * 1e-14);

	if (x->has && x->hi - x->lo < least)
		x->hi = x->lo +
			(kind == CURVE_VALUE && size > 0 ? size : least);
}

static void find_x(struct plot *p)
{
	const struct chart_spec *spec = p->spec;

	for (size_t i = 0; i < spec->n_series; i++) {
		const struct curve *c = &spec->series[i].curve;

		if (!c->n)
			continue;
		span_widen(&p->x, curve_x_at(c, 0));
		span_widen(&p->x, curve_x_at(c, c->n - 1));
	}
	if (spec->has_window)
		p->x = (struct span){ spec->window_from, spec->window_to,
				      p->x.has };
	else if (p->x.has)
		span_widen(&p->x, spec->x_to);
	widen_to_count(&p->x, chart_x(spec));
}

/* Its smallest and greatest value, those that have a place. */
static void widen_by_peaks(struct span *y, const struct plot *p,
			   const struct curve *c, size_t from, size_t to)
{
	struct peaks k = curve_peaks(c, from, to);
	bool is_log = p->spec->scale == SCALE_LOG;

	if ((is_log ? k.low_at : k.min_at) == PEAK_NONE)
		return;
	span_widen(y, is_log ? k.low : k.min);
	span_widen(y, k.max);
}

/* The points that are seen: [from, to). */
static void stretch_of(const struct plot *p, const struct curve *c,
		       size_t *from, size_t *to)
{
	*from = curve_find(c, p->x.lo);
	*to = curve_find(c, nextafter(p->x.hi, INFINITY));
}

/* A line that is cut off at an edge of the window is seen up to there. */
static void widen_by_cut(struct plot *p, const struct curve *c, size_t i,
			 double x)
{
	double a, b, va, vb;

	if (!i || i == c->n)
		return;
	a = curve_x_at(c, i - 1);
	b = curve_x_at(c, i);
	va = scale_put(&p->scale, c->points[i - 1].value);
	vb = scale_put(&p->scale, c->points[i].value);
	if (b > a)
		span_widen(&p->y, va + (vb - va) * (x - a) / (b - a));
}

static void widen_by_curves(const struct plot *p, struct span *y,
			    size_t n_around)
{
	size_t from, to;

	for (size_t i = 0; i < p->spec->n_series; i++) {
		const struct curve *c = &p->spec->series[i].curve;

		stretch_of(p, c, &from, &to);
		from -= MIN(from, n_around);
		to = MIN(to + n_around, c->n);
		widen_by_peaks(y, p, c, from, to);
	}
}

static void widen_by_cuts(struct plot *p)
{
	size_t from, to;

	for (size_t i = 0; i < p->spec->n_series; i++) {
		const struct curve *c = &p->spec->series[i].curve;

		stretch_of(p, c, &from, &to);
		widen_by_cut(p, c, from, p->x.lo);
		widen_by_cut(p, c, to, p->x.hi);
	}
}

static void find_y(struct plot *p)
{
	const struct chart_spec *spec = p->spec;
	struct span y = { 0 }, near = { 0 };

	widen_by_curves(p, &y, 0);
	if (spec->has_range) {
		span_widen(&y, spec->range_lo);
		span_widen(&y, spec->range_hi);
	}
	if (spec->has_threshold)
		span_widen(&y, spec->threshold);
	near = y;
	widen_by_curves(p, &near, 1);
	p->scale = scale_for(spec->scale, &near);
	if (y.has) {
		span_widen(&p->y, scale_put(&p->scale, y.lo));
		span_widen(&p->y, scale_put(&p->scale, y.hi));
	}
	widen_by_cuts(p);
}

bool plot_init(struct plot *p, const struct chart_spec *spec)
{
	*p = (struct plot){ .spec = spec };
	find_x(p);
	if (p->x.has)
		find_y(p);
	return p->x.has && p->y.has;
}

double plot_x(const struct plot *p, double x)
{
	double share = (x - p->x.lo) / (p->x.hi - p->x.lo);

	return fmax(-1e6, fmin(1e6, share)) * (p->w - 1);
}

bool plot_is_gap(const struct plot *p, double a, double b)
{
	double x_per_dot = (p->x.hi - p->x.lo) / (p->w - 1);

	return p->spec->gap > 0 && (b - a - 1) * x_per_dot > p->spec->gap;
}

/* ---- columns ---- */

static double value_of(const struct plot *p, const struct curve *c, size_t i)
{
	return scale_put(&p->scale, c->points[i].value);
}

static struct plot_column column_of(const struct plot *p, const struct curve *c,
				    size_t from, size_t to)
{
	struct peaks k = curve_peaks(c, from, to);
	bool is_log = p->scale.kind == SCALE_LOG;
	struct plot_column col = {
		.first = value_of(p, c, from),
		.last = value_of(p, c, to - 1),
		.has = (is_log ? k.low_at : k.min_at) != PEAK_NONE,
		.has_lost = k.nan_at != PEAK_NONE ||
			    (is_log && k.min_at != PEAK_NONE && k.min <= 0),
		.has_up = k.up_at != PEAK_NONE,
		.has_down = k.down_at != PEAK_NONE,
	};

	if (col.has) {
		col.min = scale_put(&p->scale, is_log ? k.low : k.min);
		col.max = scale_put(&p->scale, k.max);
	}
	return col;
}

static struct plot_end end_at(const struct plot *p, const struct curve *c,
			      size_t i)
{
	return (struct plot_end){ plot_x(p, curve_x_at(c, i)),
				  value_of(p, c, i) };
}

struct plot_line plot_line_of(const struct plot *p, const struct curve *c)
{
	double x_per_dot = (p->x.hi - p->x.lo) / (p->w - 1);
	struct plot_line line = {
		.columns = xcalloc((size_t)p->w, sizeof(*line.columns)),
		.before.v = NAN,
		.after.v = NAN,
	};
	size_t from, to, end;

	stretch_of(p, c, &from, &end);
	if (from)
		line.before = end_at(p, c, from - 1);
	if (end < c->n)
		line.after = end_at(p, c, end);
	for (int x = 0; x < p->w && from < end; x++, from = to) {
		to = x == p->w - 1
			     ? end
			     : curve_find(c, p->x.lo + (x + .5) * x_per_dot);
		to = MAX(from, MIN(to, end));
		if (from < to)
			line.columns[x] = column_of(p, c, from, to);
	}
	return line;
}

/* ---- ticks ---- */

void plot_tick(const struct plot *p, const struct chart_axis *axis, int i,
	       char out[AXIS_LABEL_MAX])
{
	double at = axis->from + i * axis->step, v;

	if (p->scale.kind == SCALE_LINEAR) {
		axis_number(at, axis->step,
			    fmax(fabs(axis->from), fabs(axis->to)), out);
		return;
	}
	if (p->scale.kind == SCALE_LOG && fabs(at) > 300) {
		snprintf(out, AXIS_LABEL_MAX, "1e%.0f", at);
		return;
	}
	v = scale_take(&p->scale, at);
	if (fabs(v) >= 1 && v == floor(v))
		axis_number(v, fabs(v), fabs(v), out);
	else
		snprintf(out, AXIS_LABEL_MAX, "%.3g", v);
}
