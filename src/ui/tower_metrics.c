/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tower.h"

#include <string.h>

#include "base/human.h"
#include "base/mem.h"
#include "chart_grid.h"

#define MAX_CHARTS 12

/* How long the run before stays while the next is read. */
#define PATIENCE_MS 800

static const struct run_detail *detail_of(struct ui *ui, uint32_t row,
					  struct err *err)
{
	const struct model *m = app_model(ui->app);
	char id[40];

	if (row == RUN_NO_ROW)
		return NULL;
	return app_detail(ui->app, run_set_head(m->runs, row)->source,
			  run_set_id(m->runs, row, id), err);
}

/* Its metrics, the main one first. */
static void choose_metrics(struct tower *t, struct ui *ui, uint32_t row,
			   const struct run_detail *d)
{
	const struct model *m = app_model(ui->app);
	uint32_t main = t->metric;

	t->n_chart_metrics = 0;
	if (!d)
		return;
	if (!main)
		main = model_main_metric(
			m, run_set_head(m->runs, row)->experiment);
	t->n_chart_metrics =
		chart_choose(ui, d, main, &t->arena, &t->chart_metrics);
}

/* True when nothing that the first charts need is still under way. */
static bool want_charts(struct tower *t, struct ui *ui,
			const struct run_detail *d)
{
	uint16_t source =
		run_set_head(app_model(ui->app)->runs, t->rest_row)->source;
	struct app_series_wish wishes[MAX_CHARTS + 1];
	char *id = arena_strdup(&t->arena, d->run.id);
	bool is_here = true;
	size_t n = 0;

	for (; n < t->n_chart_metrics && n < MAX_CHARTS; n++)
		wishes[n] = (struct app_series_wish){
			.source = source,
			.run_id = id,
			.metric = t->chart_metrics[n],
		};
	if (t->charts.x == CURVE_VALUE)
		wishes[n++] = (struct app_series_wish){
			.source = source,
			.run_id = id,
			.metric = t->charts.by,
		};
	app_want_series(ui->app, APP_WHO_OTHER, wishes, n);
	for (size_t i = 0; i < n && i < 2; i++)
		is_here &=
			!app_is_fetching(ui->app, source, id, wishes[i].metric);
	return is_here;
}

/* What is shown stays until the next run's curves can be drawn: moving the
 * cursor goes from picture to picture. */
void tower_metrics_update(struct tower *t, struct ui *ui)
{
	struct err err = { 0 };
	const struct run_detail *d;
	bool is_here;

	t->n_chart_metrics = 0;
	if (!t->rects[PANE_METRICS].w || t->rest_row == RUN_NO_ROW) {
		t->shown_row = t->rest_row;
		return;
	}
	d = detail_of(ui, t->rest_row, &err);
	choose_metrics(t, ui, t->rest_row, d);
	is_here = d ? want_charts(t, ui, d) : err.code;
	if (is_here || ui->now_mono_ms - t->moved_mono_ms >= PATIENCE_MS)
		t->shown_row = t->rest_row;
	if (t->shown_row != t->rest_row) {
		tower_update_by(t, t->moved_mono_ms + PATIENCE_MS);
		choose_metrics(t, ui, t->shown_row,
			       detail_of(ui, t->shown_row, &err));
	}
	list_set(&t->metric_list, t->n_chart_metrics, t->metric_list.cursor);
}

static double last_value(const struct run_detail *d, const char *metric)
{
	for (size_t i = 0; i < d->n_metrics; i++)
		if (!strcmp(d->metrics[i].name, metric))
			return d->metrics[i].value;
	return 0;
}

static struct chart_run run_of(const struct tower *t, struct ui *ui,
			       const struct run_detail *d)
{
	return (struct chart_run){
		.source = run_set_head(app_model(ui->app)->runs, t->shown_row)
				  ->source,
		.run_id = d->run.id,
		.letter = "",
		.role = ROLE_SERIES_A,
	};
}

static void see_charts(struct tower *t, struct ui *ui,
		       const struct run_detail *d)
{
	struct chart_run run = run_of(t, ui, d);
	struct chart_ask ask = { .runs = &run,
				 .n_runs = 1,
				 .view = &t->charts };

	chart_view_begin(&t->charts);
	for (size_t i = 0; i < t->n_chart_metrics && i < 2; i++) {
		ask.metric = t->chart_metrics[i];
		chart_see(ui, &ask);
	}
}

/* Two charts, the first the taller, and a row each for the rest. */
static void draw_charts(struct tower *t, struct ui *ui, struct surface *s,
			struct rect r, const struct run_detail *d)
{
	struct chart_run run = run_of(t, ui, d);
	size_t n = t->n_chart_metrics, n_charts = r.h >= 14 && n > 1 ? 2 : 1;
	int rows = (int)MIN(n - MIN(n, n_charts), r.h >= 18 ? 2 : 0);
	int first = n_charts == 2 ? (r.h - rows) * 3 / 5 : r.h - rows;
	struct chart_ask ask = {
		.runs = &run, .n_runs = 1, .in_pane = true, .view = &t->charts
	};
	int y = r.y;

	see_charts(t, ui, d);
	for (size_t i = 0; i < n_charts; i++) {
		int h = i ? r.h - rows - first : first;

		ask.metric = t->chart_metrics[i];
		ask.goal = config_metric_goal(app_config(ui->app), ask.metric);
		chart_panel(ui, s, (struct rect){ r.x, y, r.w, h }, &ask);
		y += h;
	}
	for (int i = 0; i < rows; i++) {
		const char *metric = t->chart_metrics[n_charts + (size_t)i];

		chart_row(ui, s, (struct rect){ r.x, y++, r.w, 1 }, metric,
			  last_value(d, metric), &run);
	}
}

bool tower_metrics_command(struct tower *t, struct ui *ui, enum command_id cmd,
			   const char *arg)
{
	struct err err = { 0 };
	const struct run_detail *d;

	if (cmd == CMD_BACK) {
		if (!t->charts.has_crosshair)
			return false;
		t->charts.has_crosshair = false;
		return true;
	}
	d = detail_of(ui, t->shown_row, &err);
	if (d)
		see_charts(t, ui, d);
	if (!chart_view_command(&t->charts, ui, cmd, arg))
		return false;
	ui->needs_update = true;
	return true;
}

/* How the charts are looked at; usually, how far they go. */
static struct shown last_step(struct tower *t, struct ui *ui,
			      const struct run_detail *d)
{
	struct shown view = chart_view_text(&t->charts, &ui->frame);
	char n[HUMAN_MAX];

	if (!d || !t->n_chart_metrics)
		return SHOWN("");
	if (view.len)
		return view;
	for (size_t i = 0; i < d->n_metrics; i++)
		if (!strcmp(d->metrics[i].name, t->chart_metrics[0]))
			return shown_fmt(&ui->frame, "step %s",
					 human_count(n, d->metrics[i].step));
	return SHOWN("");
}

/* The way on has a line of its own: both have room in the narrowest pane. */
static void draw_no_metrics(struct surface *s, struct rect in)
{
	surface_put(s, in.x + 1, in.y, SHOWN("No metrics yet."), in.w - 2,
		    ROLE_DIM);
	if (in.h > 1)
		surface_put(s, in.x + 1, in.y + 1,
			    SHOWN("Enter shows its params."), in.w - 2,
			    ROLE_DIM);
}

void tower_metrics_draw(struct tower *t, struct ui *ui, struct surface *s,
			struct rect r)
{
	const struct model *m = app_model(ui->app);
	struct err err = { 0 };
	const struct run_detail *d = detail_of(ui, t->shown_row, &err);
	struct rect in = { r.x, r.y + 1, r.w, r.h - 1 };
	struct shown name = SHOWN("");

	if (t->follow) {
		uptake_draw(t->follow, ui, s, r, t->focus == PANE_METRICS,
			    t->has_tabs);
		return;
	}
	if (t->shown_row != RUN_NO_ROW)
		name = shown_text(&ui->frame,
				  run_set_name(m->runs, t->shown_row));
	surface_title(s, (struct rect){ r.x, r.y, r.w, 1 },
		      t->has_tabs ? SHOWN("") : SHOWN("2"), SHOWN("Metrics"),
		      name, last_step(t, ui, d), t->focus == PANE_METRICS,
		      ui->glyphs);
	if (t->shown_row == RUN_NO_ROW &&
	    (t->cursor_row != RUN_NO_ROW || !run_set_count(m->runs)))
		return; /* it comes at once */
	if (t->shown_row == RUN_NO_ROW)
		surface_put(s, in.x + 1, in.y, SHOWN("No run is chosen."),
			    in.w - 2, ROLE_DIM);
	else if (err.code)
		surface_put(s, in.x + 1, in.y, shown_text(&ui->frame, err.msg),
			    in.w - 2, ROLE_WARN);
	else if (!d)
		surface_put(s, in.x + 1, in.y, SHOWN("reading ..."), in.w - 2,
			    ROLE_DIM);
	else if (!t->n_chart_metrics)
		draw_no_metrics(s, in);
	else
		draw_charts(t, ui, s, in, d);
}
