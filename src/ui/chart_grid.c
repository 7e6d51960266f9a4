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

void chart_wish(struct app_series_wish *wishes, size_t *n,
		const struct chart_ask *ask)
{
	for (size_t i = 0; i < ask->n_runs; i++)
		wishes[(*n)++] = (struct app_series_wish){
			.source = ask->runs[i].source,
			.run_id = ask->runs[i].run_id,
			.metric = ask->metric,
		};
}

static const struct series *series_of(struct ui *ui, const char *metric,
				      const struct chart_run *run)
{
	return series_cache_get(app_model(ui->app)->series, run->source,
				run->run_id, metric);
}

/* The value at the step, or the last one before it. */
static bool value_at(const struct series *s, double step, double *out)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if ((double)s->points[mid].step <= step)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (!lo)
		return false;
	*out = s->points[lo - 1].value;
	return true;
}

static const struct point *best_of(const struct series *s, int goal)
{
	const struct point *best = NULL;

	for (size_t i = 0; i < s->n; i++) {
		const struct point *p = &s->points[i];

		if (isfinite(p->value) &&
		    (!best || (p->value - best->value) * goal > 0))
			best = p;
	}
	return best;
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
static bool title_value(const struct chart_ask *ask, const struct series *s,
			double *v)
{
	if (!s || !s->n)
		return false;
	if (ask->has_crosshair)
		return value_at(s, ask->crosshair, v);
	*v = s->points[s->n - 1].value;
	return true;
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
	if (!title_value(ask, se, &v))
		return;
	value = number(ui, ask->metric, v);
	x += surface_put(s, x, row.y, value, end - x,
			 isnan(v) ? ROLE_ALARM : ROLE_STRONG) +
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

	if (!title_value(ask, series_of(ui, ask->metric, run), &v))
		return 0;
	value = number(ui, ask->metric, v);
	if (s && letter.len) {
		surface_put(s, x, y, letter, 1, run->role);
		surface_put(s, x + 1, y, SHOWN(" "), 1, ROLE_TEXT);
	}
	if (s) {
		surface_put(s, x + width, y, value, (int)value.width,
			    ask->has_crosshair ? ROLE_ACCENT : ROLE_TEXT);
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
	int room =
		row.w - 7 - (int)text_width(ask->metric, strlen(ask->metric));
	int width = 0, each = 0, x;
	size_t n = 0;

	surface_title(s, row, SHOWN(""), shown_text(&ui->frame, ask->metric),
		      ask->is_log ? SHOWN("log") : SHOWN(""), SHOWN(""),
		      ask->has_focus, ui->glyphs);
	for (; n < ask->n_runs; n++, width += each) {
		each = put_value(ui, NULL, 0, 0, ask, &ask->runs[n]);
		if (width + each > room)
			break;
	}
	if (!width)
		return;
	x = row.x + row.w - 1 - width;
	surface_put(s, x - 1, row.y, SHOWN(" "), 1, ROLE_TEXT);
	for (size_t i = 0; i < n; i++)
		x += put_value(ui, s, x, row.y, ask, &ask->runs[i]);
}

/* Steps that were never set are all the same: then time tells them apart. */
static enum curve_x axis_of(struct ui *ui, const struct chart_ask *ask)
{
	for (size_t i = 0; i < ask->n_runs; i++) {
		const struct series *s =
			series_of(ui, ask->metric, &ask->runs[i]);

		if (s && s->n > 1 &&
		    s->points[0].step != s->points[s->n - 1].step)
			return CURVE_STEP;
	}
	return CURVE_TIME;
}

void chart_panel(struct ui *ui, struct surface *s, struct rect r,
		 const struct chart_ask *ask)
{
	struct chart_series series[MAX_SERIES];
	struct chart_spec spec = {
		.series = series,
		.scale = ask->is_log ? SCALE_LOG : SCALE_LINEAR,
		.has_x_labels = r.h >= 7,
		.x_to = NAN,
		.has_crosshair = ask->has_crosshair,
		.crosshair = ask->crosshair,
	};
	struct rect title = { r.x, r.y, r.w, 1 };
	struct rect in = { r.x, r.y + 1, r.w - 1, r.h - 1 };
	enum curve_x x = axis_of(ui, ask);
	bool is_fetching = false;
	size_t n_points = 0;

	if (ask->in_pane)
		plain_title(ui, s, title, ask);
	else
		rule_title(ui, s, title, ask);
	for (size_t i = 0; i < ask->n_runs && i < MAX_SERIES; i++) {
		const struct chart_run *run = &ask->runs[i];
		const struct series *se = series_of(ui, ask->metric, run);

		is_fetching |= app_is_fetching(ui->app, run->source,
					       run->run_id, ask->metric);
		if (!se)
			continue;
		n_points += se->n;
		series[spec.n_series++] = (struct chart_series){
			.curve = { .points = se->points,
				   .n = se->n,
				   .levels = &se->levels,
				   .x = x },
			.role = run->role,
			.label = shown_text(&ui->frame, run->letter),
			.dash = ask->n_runs > 1 ? (unsigned)i % 4 : 0,
		};
	}
	if (!n_points)
		surface_put(s, in.x + 1, in.y,
			    is_fetching ? SHOWN("reading ...")
					: SHOWN("no points"),
			    in.w - 2, ROLE_DIM);
	else
		chart_draw(s, in, &spec, ui->glyphs);
}

void chart_row(struct ui *ui, struct surface *s, struct rect row,
	       const char *metric, double value, const struct chart_run *run)
{
	const struct series *se = series_of(ui, metric, run);
	double values[SPARK_COLUMNS * 2];
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
	for (size_t i = 0; se && i < ARRAY_LEN(values) && se->n; i++) {
		size_t at = se->n <= ARRAY_LEN(values)
				    ? i
				    : i * (se->n - 1) / (ARRAY_LEN(values) - 1);

		if (at >= se->n)
			break;
		values[n++] = se->points[at].value;
	}
	if (n > 1)
		chart_sparkline(s, (struct rect){ x, row.y, spark, 1 }, values,
				n, run->role, ui->glyphs);
}

bool chart_steps(struct ui *ui, const struct chart_ask *ask, double *first,
		 double *last)
{
	bool has = false;

	for (size_t i = 0; i < ask->n_runs; i++) {
		const struct series *s =
			series_of(ui, ask->metric, &ask->runs[i]);

		if (!s || !s->n)
			continue;
		*first = has ? fmin(*first, (double)s->points[0].step)
			     : (double)s->points[0].step;
		*last = has ? fmax(*last, (double)s->points[s->n - 1].step)
			    : (double)s->points[s->n - 1].step;
		has = true;
	}
	return has;
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
