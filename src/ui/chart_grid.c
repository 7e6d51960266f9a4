/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "chart_grid.h"

#include <math.h>
#include <string.h>

#include "base/human.h"
#include "base/mem.h"
#include "draw/chart.h"
#include "model/metric.h"
#include "view/tower.h"

#define MAX_SERIES    26
#define SPARK_COLUMNS 40

static void wish(struct app_series_wish *wishes, size_t *n,
		 const struct chart_run *run, const char *metric)
{
	wishes[(*n)++] = (struct app_series_wish){ .source = run->source,
						   .run_id = run->run_id,
						   .metric = metric };
}

void chart_wish(struct app_series_wish *wishes, size_t *n,
		const struct chart_ask *ask)
{
	for (size_t i = 0; i < ask->n_runs; i++) {
		wish(wishes, n, &ask->runs[i], ask->metric);
		if (ask->view->x == CURVE_VALUE)
			wish(wishes, n, &ask->runs[i], ask->view->by);
	}
}

static const struct series *series_of(struct ui *ui, const char *metric,
				      const struct chart_run *run)
{
	return series_cache_get(app_model(ui->app)->series, run->source,
				run->run_id, metric);
}

static double start_of(struct ui *ui, const struct chart_run *run,
		       const struct series *s)
{
	const struct run_set *runs = app_model(ui->app)->runs;
	uint32_t row = run_set_find(runs, run->source, run->run_id);
	int64_t start_ms = row == RUN_NO_ROW
				   ? TIME_NONE
				   : run_set_head(runs, row)->start_ms;

	return (double)(start_ms == TIME_NONE ? s->points[0].time_ms
					      : start_ms);
}

/* Steps that were never set are all the same: then time tells them apart. */
static enum curve_x axis_of(struct ui *ui, const struct chart_ask *ask)
{
	if (ask->view->x != CURVE_STEP)
		return ask->view->x;
	for (size_t i = 0; i < ask->n_runs; i++) {
		const struct series *s =
			series_of(ui, ask->metric, &ask->runs[i]);

		if (s && s->n > 1 &&
		    s->points[0].step != s->points[s->n - 1].step)
			return CURVE_STEP;
	}
	return CURVE_TIME;
}

/* The metric of a run as the view looks at it. False: no points here. */
static bool curve_of(struct ui *ui, const struct chart_ask *ask, enum curve_x x,
		     double smooth, const struct chart_run *run,
		     struct curve *out)
{
	const struct series *s = series_of(ui, ask->metric, run);
	struct curve_look look = { .x = x, .smooth = smooth };

	if (!s || !s->n)
		return false;
	if (x == CURVE_VALUE)
		look.by = ask->view->by;
	if (x == CURVE_AGE)
		look.x_zero = start_of(ui, run, s);
	return series_cache_curve(app_model(ui->app)->series, run->source,
				  run->run_id, ask->metric, &look, out) &&
	       out->n;
}

/* The value at x, or the last one before it. */
static bool value_at(const struct curve *c, double x, double *out)
{
	size_t n = curve_find(c, nextafter(x, INFINITY));

	if (n)
		*out = c->points[n - 1].value;
	return n;
}

/* The first of the best. */
static const struct point *best_of(const struct series *s, int goal)
{
	struct peaks k = levels_peaks(&s->levels, s->points, 0, s->n);
	uint32_t best = goal > 0 ? k.max_at : k.min_at;

	return best == PEAK_NONE ? NULL : &s->points[best];
}

static struct shown number(struct ui *ui, const char *metric, double v)
{
	char out[HUMAN_MAX];

	return shown_text(
		&ui->frame,
		human_number(out, v,
			     tower_decimals(app_config(ui->app), metric)));
}

/* "best 0.9808 at 402", "lowest so far". */
static struct shown best_text(struct ui *ui, const struct chart_ask *ask,
			      const struct series *s)
{
	const struct point *best = ask->goal ? best_of(s, ask->goal) : NULL;
	char at[HUMAN_MAX];

	if (!best || s->n < 2)
		return SHOWN("");
	if (best == &s->points[s->n - 1] ||
	    best->value == s->points[s->n - 1].value)
		return ask->goal > 0 ? SHOWN("highest so far")
				     : SHOWN("lowest so far");
	return shown_fmt(&ui->frame, "best %s at %s",
			 number(ui, ask->metric, best->value).s,
			 human_count(at, best->step));
}

/* The value the title tells of a run: at the crosshair, else the last. */
static bool title_value(struct ui *ui, const struct chart_ask *ask,
			const struct chart_run *run, double *v)
{
	const struct series *s = series_of(ui, ask->metric, run);
	enum curve_x x = axis_of(ui, ask);
	struct curve c;

	if (!s || !s->n)
		return false;
	*v = s->points[s->n - 1].value;
	if (!ask->view->has_crosshair || x != ask->view->x)
		return true;
	return curve_of(ui, ask, x, 0, run, &c) &&
	       value_at(&c, ask->view->crosshair, v);
}

/* A line of its own: name, value in strong, best in dim. */
static void plain_title(struct ui *ui, struct surface *s, struct rect row,
			const struct chart_ask *ask)
{
	const struct series *se = series_of(ui, ask->metric, &ask->runs[0]);
	struct shown name = shown_text(&ui->frame, ask->metric);
	struct shown value, best;
	int x = row.x + 1, end = row.x + row.w - 1;
	double v;

	name = shown_cut_middle(&ui->frame, name, (unsigned)MAX(8, row.w - 12),
				ui->glyphs->is_ascii);
	x += surface_put(s, x, row.y, name, end - x, ROLE_DIM) + 1;
	if (!title_value(ui, ask, &ask->runs[0], &v))
		return;
	value = number(ui, ask->metric, v);
	x += surface_put(s, x, row.y, value, end - x,
			 isnan(v)                   ? ROLE_ALARM
			 : ask->view->has_crosshair ? ROLE_ACCENT
						    : ROLE_STRONG) +
	     3;
	best = best_text(ui, ask, se);
	if (x + (int)best.width <= end)
		surface_put(s, x, row.y, best, end - x, ROLE_DIM);
}

/* "A 0.9718 " of one run; its cells. */
static int put_value(struct ui *ui, struct surface *s, int x, int y,
		     const struct chart_ask *ask, const struct chart_run *run)
{
	struct shown letter = shown_text(&ui->frame, run->letter), value;
	int width = letter.len ? 2 : 0;
	double v;

	if (!title_value(ui, ask, run, &v))
		return 0;
	value = number(ui, ask->metric, v);
	if (s && letter.len) {
		surface_put(s, x, y, letter, 1, run->role);
		surface_put(s, x + 1, y, SHOWN(" "), 1, ROLE_TEXT);
	}
	if (s) {
		surface_put(s, x + width, y, value, (int)value.width,
			    ask->view->has_crosshair ? ROLE_ACCENT : ROLE_TEXT);
		surface_put(s, x + width + (int)value.width, y, SHOWN(" "), 1,
			    ROLE_TEXT);
	}
	return width + (int)value.width + 1;
}

/* A rule with the name left and the values right, "A 0.9718 B 0.9765": of the
 * first runs, as many as fit. */
static void rule_title(struct ui *ui, struct surface *s, struct rect row,
		       const struct chart_ask *ask)
{
	struct shown name = shown_text(&ui->frame, ask->metric);
	struct shown scale = chart_view_scale(ask->view);
	int room = row.w - 7 - (int)name.width;
	int width = 0, each = 0, x;
	size_t n = 0;

	for (; n < ask->n_runs; n++, width += each) {
		each = put_value(ui, NULL, 0, 0, ask, &ask->runs[n]);
		if (width + each > room)
			break;
	}
	if ((int)scale.width + 3 > room - width)
		scale = SHOWN("");
	surface_title(s, row, SHOWN(""), name, scale, SHOWN(""), ask->has_focus,
		      ui->glyphs);
	if (!width)
		return;
	x = row.x + row.w - 1 - width;
	surface_put(s, x - 1, row.y, SHOWN(" "), 1, ROLE_TEXT);
	for (size_t i = 0; i < n; i++)
		x += put_value(ui, s, x, row.y, ask, &ask->runs[i]);
}

/* ---- the chart ---- */

/* A chart as it is drawn: raw curves dim under the smoothed ones. */
struct panel {
	struct chart_series series[2 * MAX_SERIES];
	struct chart_spec spec;
	bool is_fetching;
};

static void add_curve(struct panel *p, struct ui *ui,
		      const struct chart_ask *ask, enum curve_x x,
		      double smooth, size_t i)
{
	const struct chart_run *run = &ask->runs[i];
	bool is_raw = !smooth && ask->view->smoothing;
	struct chart_series *s = &p->series[p->spec.n_series];

	*s = (struct chart_series){
		.role = is_raw ? ROLE_DIM : run->role,
		.label = is_raw ? SHOWN("")
				: shown_text(&ui->frame, run->letter),
		.dash = ask->n_runs > 1 && !is_raw ? (unsigned)i % 4 : 0,
	};
	p->spec.n_series += curve_of(ui, ask, x, smooth, run, &s->curve);
}

static void make_panel(struct panel *p, struct ui *ui,
		       const struct chart_ask *ask)
{
	size_t n = MIN(ask->n_runs, (size_t)MAX_SERIES);
	const struct chart_view *v = ask->view;
	enum curve_x x = axis_of(ui, ask);
	double smooth = chart_view_smooth(v);

	p->is_fetching = false;
	p->spec = (struct chart_spec){ .series = p->series,
				       .scale = v->scale,
				       .x_to = NAN };
	for (size_t i = 0; i < n; i++)
		p->is_fetching |=
			app_is_fetching(ui->app, ask->runs[i].source,
					ask->runs[i].run_id, ask->metric);
	for (size_t i = 0; smooth && i < n; i++)
		add_curve(p, ui, ask, x, 0, i);
	for (size_t i = 0; i < n; i++)
		add_curve(p, ui, ask, x, smooth, i);
	if (x != v->x)
		return; /* by time, as it has no steps: the others move alone */
	p->spec.has_window =
		chart_view_window(v, &p->spec.window_from, &p->spec.window_to);
	p->spec.has_crosshair = v->has_crosshair;
	p->spec.crosshair = v->crosshair;
	p->spec.has_range = v->is_shared && v->has_range;
	p->spec.range_lo = v->low;
	p->spec.range_hi = v->high;
}

void chart_see(struct ui *ui, const struct chart_ask *ask)
{
	enum curve_x x = axis_of(ui, ask);
	struct curve c;

	for (size_t i = 0; i < ask->n_runs && x == ask->view->x; i++)
		if (curve_of(ui, ask, x, 0, &ask->runs[i], &c))
			chart_view_add_span(ask->view, curve_x_at(&c, 0),
					    curve_x_at(&c, c.n - 1));
}

void chart_see_range(struct ui *ui, const struct chart_ask *ask)
{
	struct panel p;
	double lo, hi;

	if (!ask->view->is_shared)
		return;
	make_panel(&p, ui, ask);
	p.spec.has_range = false;
	if (chart_range(&p.spec, &lo, &hi))
		chart_view_add_range(ask->view, lo, hi);
}

void chart_panel(struct ui *ui, struct surface *s, struct rect r,
		 const struct chart_ask *ask)
{
	struct rect title = { r.x, r.y, r.w, 1 };
	struct rect in = { r.x, r.y + 1, r.w - 1, r.h - 1 };
	struct panel p;

	(ask->in_pane ? plain_title : rule_title)(ui, s, title, ask);
	make_panel(&p, ui, ask);
	p.spec.has_x_labels = r.h >= 7;
	if (!p.spec.n_series)
		surface_put(s, in.x + 1, in.y,
			    p.is_fetching ? SHOWN("reading ...")
					  : SHOWN("no points"),
			    in.w - 2, ROLE_DIM);
	else
		chart_draw(s, in, &p.spec, ui->glyphs);
}

/* Smallest and greatest of each part, in the order in which they came. */
static size_t reduce(const struct series *s, double *out, size_t n_parts)
{
	size_t n = 0;

	for (size_t i = 0; i < n_parts; i++) {
		struct peaks k =
			levels_peaks(&s->levels, s->points, i * s->n / n_parts,
				     (i + 1) * s->n / n_parts);

		if (k.min_at == PEAK_NONE)
			continue;
		out[n++] = k.min_at < k.max_at ? k.min : k.max;
		out[n++] = k.min_at < k.max_at ? k.max : k.min;
	}
	return n;
}

void chart_row(struct ui *ui, struct surface *s, struct rect row,
	       const char *metric, double value, const struct chart_run *run)
{
	const struct series *se = series_of(ui, metric, run);
	double values[SPARK_COLUMNS * 4];
	int spark = MIN(SPARK_COLUMNS, row.w / 3),
	    x = row.x + row.w - 1 - spark;
	struct shown text = number(ui, metric, value);
	struct shown name = shown_cut_middle(
		&ui->frame, shown_text(&ui->frame, metric),
		(unsigned)MAX(4, row.w - spark - 12), ui->glyphs->is_ascii);
	size_t n = 0;

	surface_put(s, row.x + 1, row.y, name, (int)name.width, ROLE_DIM);
	surface_put(s, x - 2 - (int)text.width, row.y, text, (int)text.width,
		    isnan(value) ? ROLE_ALARM : ROLE_TEXT);
	if (se)
		n = reduce(se, values, SPARK_COLUMNS * 2);
	if (n > 1)
		chart_sparkline(s, (struct rect){ x, row.y, spark, 1 }, values,
				n, run->role, ui->glyphs);
}

static int rank_of(const struct last_metric *m, const char *main)
{
	if (!strcmp(m->name, main))
		return 0;
	if (metric_is_system(m->name))
		return 4;
	if (m->step == 0)
		return 3; /* logged once, as far as its step tells */
	return metric_is_validation(m->name) ? 1 : 2;
}

size_t chart_choose(struct ui *ui, const struct run_detail *d, uint32_t main,
		    struct arena *a, const char ***out)
{
	const char *name = intern_str(app_model(ui->app)->strings, main);
	const char **all = arena_alloc(a, (d->n_metrics + 1) * sizeof(*all));
	size_t n = 0;

	for (int rank = 0; rank <= 4; rank++) {
		if (rank == 3 && n)
			continue;
		for (size_t i = 0; i < d->n_metrics; i++)
			if (rank_of(&d->metrics[i], name) == rank)
				all[n++] = arena_strdup(a, d->metrics[i].name);
	}
	*out = all;
	return n;
}
