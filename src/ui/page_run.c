/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "base/mem.h"
#include "chart_grid.h"
#include "list.h"
#include "page_list.h"
#include "view/lists.h"
#include "view/tower.h"

#define MAX_CHARTS       24
#define MIN_FACTS        31
#define MIN_CHART_WIDTH  16
#define MIN_CHART_HEIGHT 5
#define STEADY_MS        10000 /* what runs is told in such steps */

/* One run in full: what it is on the left, its curves on the right. */
struct page_run {
	struct page page;
	struct arena arena;
	uint16_t source;
	char run_id[72];
	size_t top; /* of the facts */
	size_t n_lines, height;
	const char **metrics;
	size_t n_metrics;
	size_t first_chart;
	bool is_alone;
	struct chart_view charts;
};

static unsigned run_scope(const struct page *p)
{
	(void)p;
	return SCOPE_CHARTS;
}

static const struct run_detail *detail_of(struct page_run *g, struct ui *ui,
					  struct err *err)
{
	return app_detail(ui->app, g->source, g->run_id, err);
}

static struct shown run_crumbs(const struct page *p, struct ui *ui,
			       struct arena *a)
{
	struct page_run *g = (struct page_run *)p;
	struct err err = { 0 };
	const struct run_detail *d = detail_of(g, ui, &err);
	struct shown view;

	if (!d)
		return shown_text(a, g->run_id);
	view = chart_view_text(&g->charts, a);
	return shown_fmt(a, "%s / %s%s%s", d->experiment_name, d->run.name,
			 view.len ? "   " : "", view.s);
}

static bool is_narrow(struct rect body)
{
	return body.w < 60;
}

/* Facts have no place beside these. */
static bool is_wide_open(const struct page_run *g, struct rect body)
{
	return g->is_alone || is_narrow(body);
}

/* Charts side by side and below each other: as was asked for, else two by three
 * where there is room. */
static void grid_of(const struct page_run *g, struct rect body, int *across,
		    int *down)
{
	bool is_one = is_wide_open(g, body) && !g->charts.across;

	*across = g->charts.across           ? g->charts.across
		  : body.w >= 100 && !is_one ? 2
					     : 1;
	*across = MAX(1, MIN(*across, body.w / MIN_CHART_WIDTH));
	*down = is_one ? 1 : MAX(1, MIN(3, body.h / MIN_CHART_HEIGHT));
}

static size_t charts_shown(const struct page_run *g, struct rect body)
{
	size_t left = g->n_metrics - MIN(g->n_metrics, g->first_chart);
	int across, down;

	grid_of(g, body, &across, &down);
	return MIN(left, (size_t)(across * down));
}

static struct chart_ask ask_for(struct page_run *g, struct ui *ui, size_t i,
				struct chart_run *run)
{
	struct chart_ask ask = {
		.metric = g->metrics[g->first_chart + i],
		.runs = run,
		.n_runs = 1,
		.view = &g->charts,
		.has_focus = i == 0,
	};

	run->source = g->source;
	run->run_id = g->run_id;
	run->letter = "";
	run->role = ROLE_SERIES_A;
	ask.goal = config_metric_goal(app_config(ui->app), ask.metric);
	return ask;
}

static void run_update(struct page *p, struct ui *ui)
{
	struct page_run *g = (struct page_run *)p;
	const struct model *m = app_model(ui->app);
	struct app_series_wish wishes[2 * MAX_CHARTS];
	struct err err = { 0 };
	const struct run_detail *d = detail_of(g, ui, &err);
	uint32_t row = run_set_find(m->runs, g->source, g->run_id);
	struct chart_run run;
	size_t n = 0, shown;

	p->update_at_ms = -1;
	if (!d)
		return;
	if (d->run.status == RUN_RUNNING)
		p->update_at_ms = ui->now_mono_ms + STEADY_MS;
	arena_clear(&g->arena);
	g->n_metrics = chart_choose(
		ui, d,
		row == RUN_NO_ROW
			? 0
			: model_main_metric(
				  m, run_set_head(m->runs, row)->experiment),
		&g->arena, &g->metrics);
	if (g->first_chart >= g->n_metrics)
		g->first_chart = 0;
	shown = charts_shown(g, ui_body(ui));
	for (size_t i = 0; i < shown; i++) {
		struct chart_ask ask = ask_for(g, ui, i, &run);

		chart_wish(wishes, &n, &ask);
	}
	app_want_series(ui->app, APP_WHO_OTHER, wishes, n);
}

/* ---- the facts, line by line, scrolled as one ---- */

struct facts {
	struct ui *ui;
	uint16_t source;
	struct surface *s; /* NULL: only counted */
	struct rect r;
	size_t line, top;
};

static bool is_in_view(const struct facts *f)
{
	return f->s && f->line >= f->top && f->line < f->top + (size_t)f->r.h;
}

static int y_of(const struct facts *f)
{
	return f->r.y + (int)(f->line - f->top);
}

static void heading(struct facts *f, struct shown name, size_t n)
{
	char count[HUMAN_MAX];

	if (f->line)
		f->line++;
	if (is_in_view(f))
		surface_title(f->s, (struct rect){ f->r.x, y_of(f), f->r.w, 1 },
			      SHOWN(""), name, SHOWN(""),
			      n ? shown_text(&f->ui->frame,
					     human_count(count, (int64_t)n))
				: SHOWN(""),
			      false, f->ui->glyphs);
	f->line++;
}

static int facts_room(const struct facts *f)
{
	return f->r.w - 4;
}

/* A line of facts: name left in dim, value right; either may be empty. */
static void fact_line(struct facts *f, struct shown name, struct shown value,
		      enum role role)
{
	int x = f->r.x + 2, room = facts_room(f);

	if (is_in_view(f)) {
		surface_put(f->s, x, y_of(f), name, room, ROLE_DIM);
		surface_put(f->s, x + MAX(0, room - (int)value.width), y_of(f),
			    value, room, role);
	}
	f->line++;
}

static bool fits(const struct facts *f, struct shown name, struct shown value)
{
	return (int)name.width + 2 + (int)value.width <= facts_room(f);
}

/* A heading, and what stands under it where nothing else does. */
static void section(struct facts *f, struct shown name, size_t n,
		    struct shown nothing)
{
	heading(f, name, n);
	if (!n)
		fact_line(f, nothing, SHOWN(""), ROLE_DIM);
}

/* A value that has no room beside its name has a line of its own. */
static void pair(struct facts *f, const char *name, struct shown value,
		 enum role role)
{
	struct arena *a = &f->ui->frame;
	bool ascii = f->ui->glyphs->is_ascii;
	unsigned room = (unsigned)MAX(1, facts_room(f));
	struct shown left =
		shown_cut_middle(a, shown_text(a, name), room, ascii);

	value = shown_cut(a, value, room, ascii);
	if (fits(f, left, value)) {
		fact_line(f, left, value, role);
		return;
	}
	fact_line(f, left, SHOWN(""), role);
	fact_line(f, SHOWN(""), value, role);
}

/* What begins like it finds it: where the whole has no room, its first eight
 * digits. */
static void fact_id(struct facts *f, const char *name, const char *id)
{
	struct arena *a = &f->ui->frame;
	struct shown whole = shown_text(a, id);

	pair(f, name,
	     fits(f, shown_text(a, name), whole) ? whole
						 : shown_fmt(a, "%.8s", id),
	     ROLE_TEXT);
}

/* "2026-11-24 12:28:53", all of them "11-24 12:28" where that has no room. */
static void fact_time(struct facts *f, const char *name, int64_t ms)
{
	bool is_whole = facts_room(f) >= (int)sizeof("started  ") - 1 + 19;
	char out[32];

	if (ms == TIME_NONE)
		return;
	if (is_whole)
		clock_format_local(ms, out);
	else
		clock_format_short(ms, out);
	pair(f, name, shown_text(&f->ui->frame, out), ROLE_TEXT);
}

/* Bytes of text that fit into the room, up to the end of a word. */
static size_t line_length(const char *text, unsigned room)
{
	size_t end = 0, n = 0;

	while (text[n]) {
		n += strcspn(text + n, " \n");
		if (text_width(text, n) > room)
			break;
		end = n;
		if (text[n] == '\n')
			break;
		n += strspn(text + n, " ");
	}
	return end ? end : n; /* a word wider than the room is cut */
}

/* Words under their name, over as many lines as they take. */
static void fact_words(struct facts *f, const char *name, const char *text)
{
	struct arena *a = &f->ui->frame;
	unsigned room = (unsigned)MAX(1, facts_room(f));

	if (!strchr(text, '\n') &&
	    fits(f, shown_text(a, name), shown_text(a, text))) {
		fact_line(f, shown_text(a, name), shown_text(a, text),
			  ROLE_TEXT);
		return;
	}
	fact_line(f, shown_text(a, name), SHOWN(""), ROLE_DIM);
	while (*text) {
		size_t n = line_length(text, room);
		struct shown line = shown_cut(a, shown_textn(a, text, n), room,
					      f->ui->glyphs->is_ascii);

		if (is_in_view(f))
			surface_put(f->s, f->r.x + 2, y_of(f), line, (int)room,
				    ROLE_TEXT);
		f->line++;
		text += n;
		text += strspn(text, " \n");
	}
}

static const char *tag_of(const struct run_detail *d, const char *name)
{
	for (size_t i = 0; i < d->n_tags; i++)
		if (!strcmp(d->tags[i].name, name))
			return d->tags[i].value;
	return NULL;
}

/* Tags that mlflow itself writes and that are told in words. */
static const struct {
	const char *tag, *name;
	void (*put)(struct facts *f, const char *name, const char *value);
} told_tags[] = {
	{ "mlflow.source.name", "source", fact_words },
	{ "mlflow.source.git.commit", "code", fact_id },
	{ "mlflow.note.content", "note", fact_words },
	{ "mlflow.runName", NULL, NULL },
	{ "mlflow.user", NULL, NULL },
	{ "mlflow.parentRunId", NULL, NULL },
};

static void told_facts(struct facts *f, const struct run_detail *d)
{
	for (size_t i = 0; i < ARRAY_LEN(told_tags); i++) {
		const char *value = tag_of(d, told_tags[i].tag);

		if (told_tags[i].put && value && *value)
			told_tags[i].put(f, told_tags[i].name, value);
	}
}

static bool is_told(const char *tag)
{
	for (size_t i = 0; i < ARRAY_LEN(told_tags); i++)
		if (!strcmp(told_tags[i].tag, tag))
			return true;
	return false;
}

static void other_tags(struct facts *f, const struct run_detail *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n_tags; i++)
		n += !is_told(d->tags[i].name);
	section(f, SHOWN("Tags"), n, SHOWN("no tags"));
	for (size_t i = 0; i < d->n_tags; i++)
		if (!is_told(d->tags[i].name))
			pair(f, d->tags[i].name,
			     shown_text(&f->ui->frame, d->tags[i].value),
			     ROLE_TEXT);
}

static void fact_took(struct facts *f, int64_t ms, bool is_over)
{
	char took[HUMAN_MAX];

	ms = MAX(0, ms);
	human_duration(took, is_over ? ms : human_steady_ms(ms));
	pair(f, is_over ? "took" : "runs for", shown_text(&f->ui->frame, took),
	     ROLE_TEXT);
}

static void fact_status(struct facts *f, const char *name,
			const struct run_facts *run)
{
	struct view_ctx ctx = ui_view_ctx(f->ui);
	struct cell_look look = { .now_ms = ctx.now_ms,
				  .is_ascii = f->ui->glyphs->is_ascii };
	struct cell c = view_status_cell(
		&ctx, run_set_find(ctx.model->runs, f->source, run->id),
		run->status);

	pair(f, name, cell_shown(&f->ui->frame, &c, &look),
	     run->status == RUN_FAILED ? ROLE_ALARM
	     : c.mark == MARK_SILENT   ? ROLE_WARN
				       : ROLE_TEXT);
}

static void run_facts(struct facts *f, const struct run_detail *d)
{
	struct arena *a = &f->ui->frame;
	bool is_over = d->run.end_ms != TIME_NONE;
	bool is_running = d->run.status == RUN_RUNNING;

	heading(f, SHOWN("Run"), 0);
	fact_id(f, "id", d->run.id);
	fact_status(f, "status", &d->run);
	if (d->run.is_deleted)
		pair(f, "lifecycle", SHOWN("deleted"), ROLE_WARN);
	fact_time(f, "started", d->run.start_ms);
	fact_time(f, "ended", d->run.end_ms);
	if (d->run.start_ms != TIME_NONE && (is_over || is_running))
		fact_took(f,
			  (is_over ? d->run.end_ms : f->ui->now_utc_ms) -
				  d->run.start_ms,
			  is_over);
	if (*d->run.user)
		pair(f, "by", shown_text(a, d->run.user), ROLE_TEXT);
	told_facts(f, d);
	if (*d->run.parent_id)
		fact_id(f, "parent", d->run.parent_id);
	for (size_t i = 0; i < d->n_versions; i++)
		pair(f, "registered",
		     shown_fmt(a, "%s v%s", d->versions[i].model,
			       d->versions[i].version),
		     ROLE_ACCENT);
	if (!d->n_versions)
		pair(f, "registered", SHOWN("not yet"), ROLE_DIM);
}

static void all_facts(struct facts *f, const struct run_detail *d)
{
	struct arena *a = &f->ui->frame;
	char n[HUMAN_MAX];

	run_facts(f, d);
	if (d->n_datasets)
		heading(f, SHOWN("Datasets"), d->n_datasets);
	for (size_t i = 0; i < d->n_datasets; i++)
		pair(f,
		     *d->datasets[i].context ? d->datasets[i].context : "data",
		     shown_fmt(a, "%s #%.8s", d->datasets[i].name,
			       d->datasets[i].digest),
		     ROLE_TEXT);
	section(f, SHOWN("Params"), d->n_params, SHOWN("no params"));
	for (size_t i = 0; i < d->n_params; i++)
		pair(f, d->params[i].name, shown_text(a, d->params[i].value),
		     ROLE_TEXT);
	section(f, SHOWN("Metrics"), d->n_metrics, SHOWN("no metrics"));
	for (size_t i = 0; i < d->n_metrics; i++)
		pair(f, d->metrics[i].name,
		     shown_text(a, human_number(n, d->metrics[i].value,
						tower_decimals(
							app_config(f->ui->app),
							d->metrics[i].name))),
		     d->metrics[i].value != d->metrics[i].value ? ROLE_ALARM
								: ROLE_TEXT);
	if (d->n_models)
		heading(f, SHOWN("Models"), d->n_models);
	for (size_t i = 0; i < d->n_models; i++)
		pair(f, d->models[i].is_input ? "uses" : "made",
		     shown_fmt(a, "%s %s", d->models[i].name, d->models[i].id),
		     ROLE_TEXT);
	if (d->n_children)
		heading(f, SHOWN("Children"), d->n_children);
	for (size_t i = 0; i < d->n_children; i++)
		fact_status(f, d->children[i].name, &d->children[i]);
	other_tags(f, d);
}

static void see_charts(struct page_run *g, struct ui *ui, size_t n)
{
	struct chart_run run;

	chart_view_begin(&g->charts);
	for (size_t i = 0; i < n; i++) {
		struct chart_ask ask = ask_for(g, ui, i, &run);

		chart_see(ui, &ask);
	}
	for (size_t i = 0; i < n; i++) {
		struct chart_ask ask = ask_for(g, ui, i, &run);

		chart_see_range(ui, &ask);
	}
}

static void draw_grid(struct page_run *g, struct ui *ui, struct surface *s,
		      struct rect r)
{
	size_t n = charts_shown(g, ui_body(ui));
	int across, down, w;

	grid_of(g, ui_body(ui), &across, &down);
	across = MAX(1, MIN(across, ((int)n + down - 1) / down));
	down = ((int)n + across - 1) / across;
	w = (r.w - (across - 1)) / across;
	see_charts(g, ui, n);
	if (!n)
		surface_put(s, r.x + 1, r.y + 1, SHOWN("No metrics yet."),
			    r.w - 2, ROLE_DIM);
	for (size_t i = 0; i < n; i++) {
		struct chart_run run;
		struct chart_ask ask = ask_for(g, ui, i, &run);
		int col = (int)i / down, row = (int)i % down;
		/* The last column may have fewer: they share its height. */
		int rows = MIN(down, (int)n - col * down);
		int y = r.y + r.h * row / rows;
		int h = r.y + r.h * (row + 1) / rows - y;

		chart_panel(ui, s,
			    (struct rect){
				    r.x + col * (w + 1), y,
				    col == across - 1 ? r.w - col * (w + 1) : w,
				    h },
			    &ask);
		if (col && row == 0)
			surface_vline(s, r.x + col * (w + 1) - 1, r.y, r.h,
				      ui->glyphs);
	}
}

static void run_draw(struct page *p, struct ui *ui, struct surface *s,
		     struct rect body)
{
	struct page_run *g = (struct page_run *)p;
	struct err err = { 0 };
	const struct run_detail *d = detail_of(g, ui, &err);
	int left =
		is_wide_open(g, body) ? 0 : MAX(MIN_FACTS, body.w * 38 / 120);
	struct facts f = { .ui = ui, .source = g->source, .top = g->top };

	if (!d) {
		surface_put(s, body.x + 1, body.y,
			    err.code ? shown_text(&ui->frame, err.msg)
				     : SHOWN("reading ..."),
			    body.w - 2, err.code ? ROLE_WARN : ROLE_DIM);
		return;
	}
	if (is_narrow(body) && !g->is_alone)
		left = body.w;
	if (left) {
		f.s = s;
		f.r = (struct rect){ body.x, body.y, left, body.h };
		all_facts(&f, d);
		g->n_lines = f.line;
		g->height = (size_t)body.h;
	}
	if (left == body.w)
		return;
	draw_grid(g, ui, s,
		  (struct rect){ body.x + left + (left > 0), body.y,
				 body.w - left - (left > 0), body.h });
	if (left)
		surface_vline(s, body.x + left, body.y, body.h, ui->glyphs);
}

/* Its chart comes first; of no name, the first one's. */
static void show_metric(struct page_run *g, struct ui *ui, const char *name)
{
	for (size_t i = 0; i < g->n_metrics; i++) {
		if (*name && strcmp(g->metrics[i], name))
			continue;
		g->first_chart = i;
		return;
	}
	ui_complain(ui, "the run has no metric called %s; Tab completes", name);
}

static bool run_command(struct page *p, struct ui *ui, enum command_id cmd,
			const char *arg)
{
	struct page_run *g = (struct page_run *)p;
	size_t last = g->n_lines > g->height ? g->n_lines - g->height : 0;

	switch (cmd) {
	case CMD_ZOOM:
		g->is_alone = !g->is_alone;
		return true;
	case CMD_DOWN:
		g->top = MIN(g->top + 1, last);
		return true;
	case CMD_UP:
		g->top -= g->top > 0;
		return true;
	case CMD_HALF_DOWN:
		g->top = MIN(g->top + g->height / 2, last);
		return true;
	case CMD_HALF_UP:
		g->top -= MIN(g->top, g->height / 2);
		return true;
	case CMD_PANE_NEXT:
		g->first_chart += charts_shown(g, ui_body(ui));
		if (g->first_chart >= g->n_metrics)
			g->first_chart = 0;
		return true;
	case CMD_METRIC:
		show_metric(g, ui, arg ? arg : "");
		return true;
	case CMD_COPY:
		ui_copy(ui, g->run_id, NULL);
		return true;
	case CMD_BACK:
		if (!g->charts.has_crosshair)
			return false;
		g->charts.has_crosshair = false;
		return true;
	default:
		see_charts(g, ui, charts_shown(g, ui_body(ui)));
		if (!chart_view_command(&g->charts, ui, cmd, arg))
			return false;
		ui->needs_update = true;
		return true;
	}
}

static void run_free(struct page *p)
{
	arena_release(&((struct page_run *)p)->arena);
	free(p);
}

struct page *page_run_new(struct ui *ui, uint16_t source, const char *run_id)
{
	static const enum command_id footer[] = {
		CMD_RIGHT,  CMD_ZOOM_IN, CMD_ZOOM_OUT,  CMD_PAN_RIGHT,
		CMD_FOLLOW, CMD_SCALE,   CMD_SMOOTH,    CMD_X_AXIS,
		CMD_ACROSS, CMD_ZOOM,    CMD_PANE_NEXT, CMD_DOWN,
		CMD_COPY,   CMD_PROMPT,  CMD_HELP,      CMD_BACK,
		CMD_NONE
	};
	static const struct page_ops ops = {
		.title = "Run",
		.scope = run_scope,
		.crumbs = run_crumbs,
		.update = run_update,
		.draw = run_draw,
		.command = run_command,
		.footer = footer,
		.free = run_free,
	};
	struct page_run *g = xcalloc(1, sizeof(*g));

	(void)ui;
	g->page.ops = &ops;
	g->page.update_at_ms = -1;
	g->source = source;
	snprintf(g->run_id, sizeof(g->run_id), "%s", run_id);
	return &g->page;
}
