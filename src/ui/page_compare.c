/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "base/mem.h"
#include "chart_grid.h"
#include "list.h"
#include "model/metric.h"
#include "view/compare.h"

#define MAX_RUNS 26

/* Marked runs side by side: rows above, the curves of the metric under the
 * cursor (and the next one) below. */
struct page_compare {
	struct page page;
	struct arena arena;
	size_t n_runs;
	uint16_t sources[MAX_RUNS];
	char ids[MAX_RUNS][72];
	size_t baseline;
	bool shows_all;
	struct chart_view view; /* of the charts */
	struct compare cmp;
	bool is_made;
	const struct run_detail *details[MAX_RUNS];
	size_t *rows; /* of cmp, those shown */
	size_t n_rows;
	struct list list;
	size_t first_run; /* leftmost column beside the baseline */
	const char *charts[2];
	size_t n_charts;
	struct err err;
};

static unsigned compare_scope(const struct page *p)
{
	(void)p;
	return SCOPE_COMPARE;
}

static struct shown compare_crumbs(const struct page *p, struct ui *ui,
				   struct arena *a)
{
	const struct page_compare *g = (const struct page_compare *)p;
	struct shown view = chart_view_text(&g->view, a);

	(void)ui;
	return shown_fmt(a, "%zu runs%s%s", g->n_runs, view.len ? "   " : "",
			 view.s);
}

/* True when all of them are here. */
static bool get_details(struct page_compare *g, struct ui *ui)
{
	bool is_all = true;

	memset(&g->err, 0, sizeof(g->err));
	for (size_t i = 0; i < g->n_runs; i++) {
		g->details[i] =
			app_detail(ui->app, g->sources[i], g->ids[i], &g->err);
		is_all &= g->details[i] != NULL;
	}
	return is_all;
}

static void choose_rows(struct page_compare *g)
{
	g->rows = arena_alloc(&g->arena, g->cmp.n_rows * sizeof(*g->rows));
	g->n_rows = 0;
	for (size_t i = 0; i < g->cmp.n_rows; i++)
		if (g->shows_all || g->cmp.rows[i].differs)
			g->rows[g->n_rows++] = i;
	list_set(&g->list, g->n_rows, g->list.cursor);
}

static void add_chart(struct page_compare *g, const char *metric)
{
	if (g->n_charts == 2 || (g->n_charts && !strcmp(g->charts[0], metric)))
		return;
	for (size_t i = 0; i < g->cmp.n_rows; i++)
		if (g->cmp.rows[i].kind == COMPARE_METRIC &&
		    !strcmp(g->cmp.rows[i].name, metric))
			g->charts[g->n_charts++] = g->cmp.rows[i].name;
}

/* The main metric of the baseline's experiment; "" where it is not known. */
static const char *main_metric(const struct page_compare *g, struct ui *ui)
{
	const struct model *m = app_model(ui->app);
	uint32_t row = run_set_find(m->runs, g->sources[g->baseline],
				    g->ids[g->baseline]);

	if (row == RUN_NO_ROW)
		return "";
	return intern_str(
		m->strings,
		model_main_metric(m, run_set_head(m->runs, row)->experiment));
}

/* How far apart the runs lie, against the largest of their values. */
static double contrast(const struct compare_row *r, size_t n_runs)
{
	double min = INFINITY, max = -INFINITY;

	for (size_t i = 0; i < n_runs; i++) {
		const struct cell *c = &r->values[i].value;

		if (c->kind != CELL_NUMBER || !isfinite(c->number))
			continue;
		min = fmin(min, c->number);
		max = fmax(max, c->number);
	}
	return max > min ? (max - min) / fmax(fabs(max), fabs(min)) : 0;
}

/* Of the metrics without a chart, the model's before the machine's, the one
 * that differs most. NULL: there is none left. */
static const char *next_chart(const struct page_compare *g)
{
	const char *best = NULL;
	double most = 0;

	for (size_t i = 0; i < g->cmp.n_rows; i++) {
		const struct compare_row *r = &g->cmp.rows[i];
		bool is_system = metric_is_system(r->name);
		double by = contrast(r, g->cmp.n_runs);

		if (r->kind != COMPARE_METRIC ||
		    (g->n_charts && !strcmp(g->charts[0], r->name)))
			continue;
		if (best && (is_system != metric_is_system(best) ? is_system
								 : by <= most))
			continue;
		best = r->name;
		most = by;
	}
	return best;
}

/* The metric under the cursor, the main one, then those that differ most. */
static void choose_charts(struct page_compare *g, struct ui *ui)
{
	size_t at = g->n_rows ? g->rows[g->list.cursor] : 0;
	const struct compare_row *rows = g->cmp.rows;
	const char *next;

	g->n_charts = 0;
	if (at < g->cmp.n_rows && rows[at].kind == COMPARE_METRIC)
		add_chart(g, rows[at].name);
	add_chart(g, main_metric(g, ui));
	while (g->n_charts < 2 && (next = next_chart(g)))
		add_chart(g, next);
}

static int lower_height(struct rect body)
{
	return body.h < 16 ? 0 : body.h * 15 / 33;
}

static struct chart_ask ask_for(struct page_compare *g, struct ui *ui, size_t i,
				struct chart_run *runs)
{
	static const char *const letters[MAX_RUNS] = {
		"A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M",
		"N", "O", "P", "Q", "R", "S", "T", "U", "V", "W", "X", "Y", "Z",
	};

	for (size_t k = 0; k < g->n_runs; k++) {
		runs[k].source = g->sources[k];
		runs[k].run_id = g->ids[k];
		runs[k].letter = letters[k];
		runs[k].role = (enum role)(ROLE_SERIES_A + (int)(k % 8));
	}
	return (struct chart_ask){
		.metric = g->charts[i],
		.runs = runs,
		.n_runs = g->n_runs,
		.view = &g->view,
		.goal = config_metric_goal(app_config(ui->app), g->charts[i]),
	};
}

static void compare_update(struct page *p, struct ui *ui)
{
	struct page_compare *g = (struct page_compare *)p;
	struct app_series_wish wishes[4 * MAX_RUNS];
	struct view_ctx ctx = { .model = app_model(ui->app),
				.config = app_config(ui->app),
				.now_ms = ui->now_utc_ms };
	struct rect body = ui_body(ui);
	size_t n = 0;

	if (!get_details(g, ui))
		return;
	if (g->is_made)
		compare_release(&g->cmp);
	compare_make(&g->cmp, &ctx, g->details, g->n_runs, g->baseline);
	g->is_made = true;
	arena_clear(&g->arena);
	list_fit(&g->list, (size_t)MAX(1, body.h - lower_height(body) - 2));
	choose_rows(g);
	choose_charts(g, ui);
	for (size_t i = 0; i < g->n_charts; i++) {
		struct chart_run runs[MAX_RUNS];
		struct chart_ask ask = ask_for(g, ui, i, runs);

		chart_wish(wishes, &n, &ask);
	}
	app_want_series(ui->app, APP_WHO_OTHER, wishes, n);
}

/* A run's column: letter, value, difference, word; without the difference;
 * and the value alone. */
#define VALUE_END  11
#define DELTA_END  19
#define WHOLE_RUN  27
#define WORDED_RUN 20
#define NARROW_RUN 12

static int name_width(int width)
{
	return width < 60 ? 11 : 22;
}

/* How many runs fit beside the names, and how wide each is. */
static size_t run_columns(const struct page_compare *g, int width, int *each)
{
	int room = width - name_width(width) - 4;
	int least = width < 60 ? NARROW_RUN : WORDED_RUN;
	size_t n = MIN((size_t)MAX(1, room / least), g->n_runs);

	*each = MIN(WHOLE_RUN + 5, room / (int)n);
	return n;
}

/* Column k of what is in view: the baseline always, then the others. */
static size_t run_at(const struct page_compare *g, size_t k)
{
	size_t other;

	if (!k)
		return g->baseline;
	other = (k - 1 + g->first_run) % (g->n_runs - 1);
	return other < g->baseline ? other : other + 1;
}

static void draw_heads(struct page_compare *g, struct ui *ui, struct surface *s,
		       struct rect row)
{
	int each, x = row.x + 3 + name_width(row.w);
	size_t n = run_columns(g, row.w, &each);

	surface_put(s, row.x + 3, row.y, SHOWN("ROW"), 3, ROLE_DIM);
	for (size_t k = 0; k < n; k++) {
		size_t i = run_at(g, k);
		char letter[2] = { (char)('A' + (int)i), 0 };
		int room = each - 3 - (k ? 0 : 5);
		struct shown name = shown_cut_middle(
			&ui->frame,
			shown_text(&ui->frame, g->details[i]->run.name),
			(unsigned)MAX(1, room), ui->glyphs->is_ascii);

		surface_put(s, x, row.y, shown_text(&ui->frame, letter), 1,
			    (enum role)(ROLE_SERIES_A + (int)(i % 8)));
		surface_put(s, x + 2, row.y, name, room, ROLE_STRONG);
		if (!k)
			surface_put(s, x + 3 + (int)name.width, row.y,
				    SHOWN("base"), 4, ROLE_DIM);
		x += each;
	}
}

/* The word, whole: what it says in as many letters as have room. */
static void draw_word(struct ui *ui, struct surface *s, int x, int y, int room,
		      enum compare_word w)
{
	const char *text = compare_word_text(w);
	struct shown word = shown_literal(text, strlen(text));

	if (w == WORD_NOT_COMPARABLE && (int)word.width > room)
		word = SHOWN("other data");
	if (w == WORD_NOT_COMPARABLE && (int)word.width > room)
		word = ui->glyphs->differs;
	if ((int)word.width <= room)
		surface_put(s, x, y, word, (int)word.width,
			    compare_word_role(w));
}

static void draw_metric(const struct page_compare *g, struct ui *ui,
			struct surface *s, struct rect r,
			const struct compare_row *row, size_t i)
{
	struct cell_look look = { .is_ascii = ui->glyphs->is_ascii };
	const struct compare_value *v = &row->values[i];
	struct shown value = cell_shown(&ui->frame, &v->value, &look);
	struct shown delta = cell_shown(&ui->frame, &v->delta, &look);
	bool has_delta = v->delta.kind != CELL_NONE && r.w >= WHOLE_RUN &&
			 delta.width < DELTA_END - VALUE_END;
	int x = r.x + (has_delta ? DELTA_END : VALUE_END) + 1;

	surface_put(s, r.x + VALUE_END - (int)value.width, r.y, value,
		    VALUE_END - 1, v->value.role);
	if (i == g->baseline)
		return;
	if (has_delta)
		surface_put(s, r.x + DELTA_END - (int)delta.width, r.y, delta,
			    (int)delta.width, ROLE_DIM);
	draw_word(ui, s, x, r.y, r.x + r.w - 1 - x, v->word);
}

static bool is_commit(const struct compare_row *row)
{
	return row->kind == COMPARE_TAG &&
	       !strcmp(row->name, "mlflow.source.git.commit");
}

static void draw_text(const struct page_compare *g, struct ui *ui,
		      struct surface *s, struct rect r,
		      const struct compare_row *row, size_t i)
{
	struct cell_look look = { .is_ascii = ui->glyphs->is_ascii };
	const struct compare_value *v = &row->values[i];
	struct shown value = cell_shown(&ui->frame, &v->value, &look);
	unsigned room = (unsigned)MAX(1, r.w - 3);
	bool is_data = row->kind == COMPARE_DATASET;

	/* The ends of datasets, their digests, tell them apart. */
	if (is_commit(row) && v->value.text)
		value = shown_fmt(&ui->frame, "%.8s", v->value.text);
	value = is_data ? shown_cut_middle(&ui->frame, value, room,
					   ui->glyphs->is_ascii)
			: shown_cut(&ui->frame, value, room,
				    ui->glyphs->is_ascii);
	surface_put(s, r.x + 2, r.y, value, (int)room, v->value.role);
	if (is_data && i != g->baseline && v->differs &&
	    (int)value.width + 14 <= r.w)
		surface_put(s, r.x + 4 + (int)value.width, r.y,
			    SHOWN("other data"), 10, ROLE_WARN);
}

static void draw_rows(struct page_compare *g, struct ui *ui, struct surface *s,
		      struct rect r)
{
	int each, name = name_width(r.w);
	size_t n = run_columns(g, r.w, &each);

	for (size_t i = 0; i < g->list.height; i++) {
		size_t at = g->list.top + i;
		struct rect row = { r.x, r.y + (int)i, r.w, 1 };
		const struct compare_row *cr;

		if (at >= g->n_rows)
			break;
		cr = &g->cmp.rows[g->rows[at]];
		if (at == g->list.cursor) {
			surface_select(s, row);
			surface_put(s, row.x + 1, row.y, ui->glyphs->cursor, 1,
				    ROLE_ACCENT);
		}
		surface_put(
			s, row.x + 3, row.y,
			shown_cut_middle(
				&ui->frame,
				shown_text(&ui->frame,
					   is_commit(cr) ? "code" : cr->name),
				(unsigned)(name - 2), ui->glyphs->is_ascii),
			name - 2, ROLE_DIM);
		for (size_t k = 0; k < n; k++)
			(cr->kind == COMPARE_METRIC ? draw_metric : draw_text)(
				g, ui, s,
				(struct rect){ r.x + 3 + name + (int)k * each,
					       row.y, each, 1 },
				cr, run_at(g, k));
	}
}

static void draw_charts(struct page_compare *g, struct ui *ui,
			struct surface *s, struct rect r)
{
	size_t n = r.w >= 76 ? g->n_charts : MIN(g->n_charts, 1);
	int w = n > 1 ? (r.w - 1) / 2 : r.w;

	for (size_t i = 0; i < n; i++) {
		struct chart_run runs[MAX_RUNS];
		struct chart_ask ask = ask_for(g, ui, i, runs);

		chart_panel(ui, s,
			    (struct rect){ r.x + (int)i * (w + 1), r.y,
					   i ? r.w - w - 1 : w, r.h },
			    &ask);
		if (i)
			surface_vline(s, r.x + w, r.y, r.h, ui->glyphs);
	}
}

static void see_charts(struct page_compare *g, struct ui *ui)
{
	struct chart_run runs[MAX_RUNS];

	chart_view_begin(&g->view);
	for (size_t i = 0; i < g->n_charts; i++) {
		struct chart_ask ask = ask_for(g, ui, i, runs);

		chart_see(ui, &ask);
	}
	for (size_t i = 0; i < g->n_charts; i++) {
		struct chart_ask ask = ask_for(g, ui, i, runs);

		chart_see_range(ui, &ask);
	}
}

/* What is not in view, and the way to it. */
static struct shown hidden_text(const struct page_compare *g, struct ui *ui,
				int width)
{
	int each;
	size_t more = g->n_runs - run_columns(g, width, &each);
	struct shown runs = SHOWN(""), rows = SHOWN("");

	if (more)
		runs = shown_fmt(&ui->frame, "Tab %zu more run%s", more,
				 more == 1 ? "" : "s");
	if (g->is_made && !g->shows_all && g->cmp.n_equal)
		rows = shown_fmt(&ui->frame, "%zu equal row%s hidden",
				 g->cmp.n_equal,
				 g->cmp.n_equal == 1 ? "" : "s");
	if (!runs.len || width < 60)
		return runs.len ? runs : rows;
	return shown_fmt(&ui->frame, "%s%s%s", runs.s, rows.len ? ", " : "",
			 rows.s);
}

static void compare_draw(struct page *p, struct ui *ui, struct surface *s,
			 struct rect body)
{
	struct page_compare *g = (struct page_compare *)p;
	int low = lower_height(body);
	struct rect row = { body.x, body.y, body.w, 1 };

	surface_title(s, row, SHOWN("1"), SHOWN("Params, data and metrics"),
		      SHOWN(""), hidden_text(g, ui, body.w), true, ui->glyphs);
	row.y++;
	if (!g->is_made) {
		surface_put(s, row.x + 3, row.y,
			    g->err.code ? shown_text(&ui->frame, g->err.msg)
					: SHOWN("reading ..."),
			    row.w - 4, g->err.code ? ROLE_WARN : ROLE_DIM);
		return;
	}
	draw_heads(g, ui, s, row);
	row.y++;
	draw_rows(g, ui, s,
		  (struct rect){ body.x, row.y, body.w, body.h - low - 2 });
	if (!g->n_rows)
		surface_put(s, row.x + 3, row.y,
			    SHOWN("Nothing differs.  d shows all rows"),
			    row.w - 4, ROLE_DIM);
	see_charts(g, ui);
	if (low)
		draw_charts(g, ui, s,
			    (struct rect){ body.x, body.y + body.h - low,
					   body.w, low });
}

static bool compare_command(struct page *p, struct ui *ui, enum command_id cmd,
			    const char *arg)
{
	struct page_compare *g = (struct page_compare *)p;

	if (list_command(&g->list, cmd))
		return true;
	switch (cmd) {
	case CMD_DIFF_ONLY:
		g->shows_all = !g->shows_all;
		return true;
	case CMD_BASELINE:
		g->baseline = (g->baseline + 1) % g->n_runs;
		return true;
	case CMD_PANE_NEXT:
		if (g->n_runs > 2)
			g->first_run = (g->first_run + 1) % (g->n_runs - 1);
		return true;
	case CMD_OPEN:
		ui_push(ui, page_run_new(ui, g->sources[g->baseline],
					 g->ids[g->baseline]));
		return true;
	case CMD_BACK:
		if (!g->view.has_crosshair)
			return false;
		g->view.has_crosshair = false;
		return true;
	default:
		see_charts(g, ui);
		if (!chart_view_command(&g->view, ui, cmd, arg))
			return false;
		ui->needs_update = true;
		return true;
	}
}

static void compare_free(struct page *p)
{
	struct page_compare *g = (struct page_compare *)p;

	if (g->is_made)
		compare_release(&g->cmp);
	arena_release(&g->arena);
	free(g);
}

struct page *page_compare_new(struct ui *ui, const uint32_t *rows, size_t n)
{
	static const enum command_id footer[] = {
		CMD_DIFF_ONLY, CMD_BASELINE, CMD_RIGHT,  CMD_ZOOM_IN,
		CMD_ZOOM_OUT,  CMD_SCALE,    CMD_SMOOTH, CMD_X_AXIS,
		CMD_PROMPT,    CMD_HELP,     CMD_BACK,   CMD_NONE
	};
	static const struct page_ops ops = {
		.title = "Compare",
		.scope = compare_scope,
		.crumbs = compare_crumbs,
		.update = compare_update,
		.draw = compare_draw,
		.command = compare_command,
		.footer = footer,
		.free = compare_free,
	};
	const struct run_set *runs = app_model(ui->app)->runs;
	struct page_compare *g = xcalloc(1, sizeof(*g));
	char id[40];

	g->page.ops = &ops;
	g->page.update_at_ms = -1;
	g->n_runs = MIN(n, MAX_RUNS);
	for (size_t i = 0; i < g->n_runs; i++) {
		g->sources[i] = run_set_head(runs, rows[i])->source;
		snprintf(g->ids[i], sizeof(g->ids[i]), "%s",
			 run_set_id(runs, rows[i], id));
	}
	return &g->page;
}
