/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tower.h"

#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "base/mem.h"
#include "columns.h"
#include "draw/chart.h"
#include "page_list.h"
#include "run_name.h"
#include "view/lists.h"

#define MAX_WATCHED_RUNS 40
#define TITLE_TEXT       16 /* cells of a title beside its text and count */
#define MAX_GROWN        24 /* cells of a column */

enum {
	COL_NAME,
	COL_EXP,
	COL_STATUS,
	COL_AGE,
	COL_METRIC,
	COL_VALUE,
	COL_TREND,
	N_COLS
};

/* In a tree it may stand below others that do not match. */
static size_t first_match(const struct tower *t)
{
	size_t n = run_list_count(t->runs), i = 0;

	while (i < n && !run_list_is_match(t->runs, i))
		i++;
	return i;
}

/* The cursor stays on its run, wherever that went; or on the top, unless the
 * run there left the filter under it. */
static void place_cursor(struct tower *t)
{
	size_t n = run_list_count(t->runs), at = n;

	if (t->cursor_row != RUN_NO_ROW)
		at = run_list_find(t->runs, t->cursor_row);
	if (at >= n || (t->follows_top && !run_list_is_ghost(t->runs, at)))
		at = t->follows_top || t->cursor_row == RUN_NO_ROW
			     ? first_match(t)
			     : t->run_list.cursor;
	list_set(&t->run_list, n, MIN(at, n ? n - 1 : 0));
	t->cursor_row =
		n ? run_list_row(t->runs, t->run_list.cursor) : RUN_NO_ROW;
	if (t->follows_top && run_list_is_as_asked(t->runs))
		run_list_keep(t->runs, t->cursor_row);
}

/* Every main metric of an experiment is a column somebody may look at. */
static void want_columns(struct tower *t, struct ui *ui)
{
	const struct model *m = app_model(ui->app);
	size_t n = run_set_experiments(m->runs), n_keys = 0;
	struct value_key *keys = xcalloc(n + 1, sizeof(*keys));

	if (t->metric)
		keys[n_keys++] =
			(struct value_key){ VALUE_METRIC,
					    intern_str(m->strings, t->metric) };
	for (uint32_t i = 0; i < n && !t->metric; i++) {
		uint32_t metric = model_main_metric(m, i);

		if (metric)
			keys[n_keys++] = (struct value_key){
				VALUE_METRIC, intern_str(m->strings, metric)
			};
	}
	app_want_columns(ui->app, APP_WHO_RUNS, keys, n_keys);
	free(keys);
}

struct wish_list {
	struct app_series_wish *all;
	size_t n, cap;
	struct arena *arena;
};

static void wish(struct wish_list *w, const struct model *m, uint32_t row,
		 uint32_t metric)
{
	const struct run_head *head = run_set_head(m->runs, row);
	struct app_series_wish *ask;
	char id[40];

	if (!metric)
		metric = model_main_metric(m, head->experiment);
	if (!metric)
		return;
	w->all = xgrow(w->all, &w->cap, w->n + 1, sizeof(*w->all));
	ask = &w->all[w->n++];
	ask->source = head->source;
	ask->run_id = arena_strdup(w->arena, run_set_id(m->runs, row, id));
	ask->metric = intern_str(m->strings, metric);
	ask->max_points = TREND_POINTS;
}

/* Trends of what is in view; and the main metric of the newest running runs,
 * wherever they are, because silence is told from the gaps of its points. */
static void want_series(struct tower *t, struct ui *ui)
{
	const struct model *m = app_model(ui->app);
	struct wish_list w = { .arena = &t->arena };
	size_t end =
		MIN(t->run_list.top + t->run_list.height, t->run_list.n_rows);
	uint32_t *rows = xcalloc(t->run_list.height + 1, sizeof(*rows));
	size_t n_rows = 0, n_watched = 0;

	for (size_t i = t->run_list.top; i < end; i++) {
		rows[n_rows] = run_list_row(t->runs, i);
		wish(&w, m, rows[n_rows++], t->metric);
	}
	for (size_t i = 0; i < run_list_count(t->runs) && i < 2000 &&
			   n_watched < MAX_WATCHED_RUNS;
	     i++) {
		uint32_t row = run_list_row(t->runs, i);
		bool is_wished = i >= t->run_list.top && i < end && !t->metric;

		if (is_wished ||
		    run_set_head(m->runs, row)->status != RUN_RUNNING)
			continue;
		wish(&w, m, row, 0);
		n_watched++;
	}
	app_want_series(ui->app, APP_WHO_RUNS, w.all, w.n);
	app_want_runs(ui->app, rows, n_rows);
	free(w.all);
	free(rows);
}

static void make_lines(struct tower *t, struct ui *ui)
{
	size_t top = t->run_list.top;
	size_t n = MIN(t->run_list.height, t->run_list.n_rows - top);

	t->lines = arena_alloc(&t->arena, n * sizeof(*t->lines));
	t->n_lines = n;
	for (size_t i = 0; i < n; i++)
		run_line_make(ui->app, run_list_row(t->runs, top + i),
			      t->metric, ui->now_utc_ms, &t->arena,
			      &t->lines[i]);
}

void tower_runs_update(struct tower *t, struct ui *ui)
{
	struct rect r = t->rects[PANE_RUNS];
	bool is_new;

	tower_groups_follow(t, ui);
	is_new = run_list_update(t->runs, ui->now_mono_ms);
	list_fit(&t->run_list,
		 r.w ? (size_t)MAX(1, r.h - tower_above_list(ui)) : 1);
	place_cursor(t);
	want_columns(t, ui);
	want_series(t, ui);
	make_lines(t, ui);
	tower_marks_update(t, is_new);
	run_table_want_values(&t->table, ui);
	run_table_want_bests(&t->table, ui, t->runs);
	if (t->table.n)
		run_table_update(&t->table, ui, t->runs, t->run_list.top,
				 t->n_lines, r.w, &t->arena);
	tower_groups_update(t, ui, is_new);
}

static enum role look_role(const struct run_line *l, bool is_new)
{
	switch (l->look) {
	case LOOK_RUNNING:
		return ROLE_TEXT;
	case LOOK_SILENT:
		return ROLE_WARN;
	case LOOK_FAILED:
		return is_new ? ROLE_ALARM : ROLE_DIM;
	default:
		return ROLE_DIM;
	}
}

static struct shown look_glyph(const struct glyphs *g, enum run_look look)
{
	switch (look) {
	case LOOK_RUNNING:
		return g->running;
	case LOOK_SILENT:
		return g->silent;
	case LOOK_FINISHED:
		return g->finished;
	case LOOK_FAILED:
		return g->failed;
	case LOOK_KILLED:
		return g->killed;
	case LOOK_SCHEDULED:
		return g->underway;
	default:
		return g->unknown;
	}
}

static void draw_trend(struct ui *ui, struct surface *s, struct rect at,
		       const struct run_line *l, enum role role)
{
	double values[TREND_POINTS];
	size_t n = 0, skip;

	if (!l->trend || l->trend->n < 2)
		return; /* one point is no trend */
	skip = l->trend->n > TREND_POINTS ? l->trend->n - TREND_POINTS : 0;
	for (size_t i = skip; i < l->trend->n; i++)
		values[n++] = l->trend->points[i].value;
	chart_sparkline(s, at, values, n, role, ui->glyphs);
}

/* Silent too, which the store does not know. */
static void draw_status(struct ui *ui, struct surface *s, struct rect at,
			const struct run_line *l, bool is_old)
{
	bool is_new = l->end_ms >= ui_news_since(ui);
	enum role role = is_old ? ROLE_DIM : look_role(l, is_new);

	if (!at.w)
		return;
	surface_put(s, at.x, at.y, look_glyph(ui->glyphs, l->look), 1, role);
	surface_put(s, at.x + 2, at.y,
		    shown_cut(&ui->frame, l->status, (unsigned)MAX(0, at.w - 2),
			      ui->glyphs->is_ascii),
		    at.w - 2, role);
}

static struct rect place_of(const struct column *c, struct rect row)
{
	return (struct rect){ row.x + c->x, row.y, c->x < 0 ? 0 : c->width, 1 };
}

/* The pane's own columns beside the name, as far as there is room. */
static void draw_cells(struct ui *ui, struct surface *s, struct rect row,
		       const struct column *cols, const struct run_line *l,
		       bool is_old)
{
	enum role plain = is_old ? ROLE_DIM : ROLE_TEXT;

	columns_put(&cols[COL_EXP], ui, s, row, l->experiment, ROLE_DIM);
	draw_status(ui, s, place_of(&cols[COL_STATUS], row), l, is_old);
	columns_put(&cols[COL_AGE], ui, s, row, l->age, ROLE_DIM);
	columns_put(&cols[COL_METRIC], ui, s, row, l->metric_name, ROLE_DIM);
	columns_put(&cols[COL_VALUE], ui, s, row, l->value,
		    l->is_nan && !is_old ? ROLE_ALARM : plain);
}

static void draw_line(struct tower *t, struct ui *ui, struct surface *s,
		      struct rect row, const struct column *cols, size_t i)
{
	const struct run_line *l = &t->lines[i - t->run_list.top];
	bool is_cursor = i == t->run_list.cursor;
	bool has_focus = t->focus == PANE_RUNS;
	bool is_old = l->is_stale || !run_list_is_match(t->runs, i);
	struct rect trend = place_of(&cols[COL_TREND], row);

	columns_cursor(ui, s, row, is_cursor, has_focus);
	if (marks_have(&t->marks, l->row))
		surface_put(s, row.x, row.y, SHOWN("+"), 1, ROLE_ACCENT);
	if (t->table.n) {
		run_table_line(&t->table, ui, s, row, t->runs,
			       i - t->run_list.top, l->name, false,
			       is_old ? ROLE_DIM : ROLE_TEXT);
		draw_status(ui, s,
			    run_table_place(&t->table, RUN_TABLE_STATUS, row),
			    l, is_old);
		trend = run_table_place(&t->table, RUN_TABLE_TREND, row);
	} else {
		run_name_draw(ui, s, place_of(&cols[COL_NAME], row), t->runs, i,
			      l->name, is_old ? ROLE_DIM : ROLE_TEXT);
		draw_cells(ui, s, row, cols, l, is_old);
	}
	if (trend.w)
		draw_trend(ui, s, trend, l,
			   is_cursor && has_focus ? ROLE_ACCENT : ROLE_AXIS);
}

/* Up to what its longest text needs, of the room that the names leave. */
static void grow(struct column *c, int needs, int *room)
{
	int by = MIN(*room, MIN(needs, MAX_GROWN) - c->width);

	if (by <= 0)
		return;
	c->width += by;
	*room -= by;
}

/* The longest name of an experiment, and of a main metric: of all, so that
 * columns stay where they are when the list is scrolled. */
static void longest_names(struct ui *ui, int *experiment, int *metric)
{
	const struct model *m = app_model(ui->app);
	size_t n = run_set_experiments(m->runs);

	*experiment = *metric = 0;
	for (uint32_t i = 0; i < n; i++) {
		const struct run_experiment *e = run_set_experiment(m->runs, i);

		*experiment =
			MAX(*experiment, (int)intern_len(m->strings, e->name));
		*metric =
			MAX(*metric, (int)intern_len(m->strings,
						     model_main_metric(m, i)));
	}
}

static void fit(struct tower *t, struct ui *ui, struct column *cols, int width,
		const char *metric)
{
	static const struct column all[N_COLS] = {
		[COL_NAME] = { .title = "NAME" },
		[COL_EXP] = { .title = "EXP", .width = 7, .rank = 3 },
		[COL_STATUS] = { .title = "STATUS", .width = 10, .rank = 1 },
		[COL_AGE] = { .title = "AGE",
			      .width = 3,
			      .is_right = true,
			      .rank = 2 },
		[COL_METRIC] = { .title = "METRIC", .width = 9, .rank = 4 },
		[COL_VALUE] = { .title = "VALUE",
				.width = 7,
				.is_right = true,
				.rank = 1,
				.gap = 1 },
		[COL_TREND] = { .title = "TREND",
				.width = 8,
				.rank = 5,
				.gap = 1 },
	};
	int experiment_needs, metric_needs, room;

	memcpy(cols, all, sizeof(all));
	for (size_t i = 0; i < t->n_lines; i++) {
		const struct run_line *l = &t->lines[i];

		t->name_needs = MAX(t->name_needs, (int)l->name.width);
		cols[COL_STATUS].width =
			MAX(cols[COL_STATUS].width, (int)l->status.width + 2);
	}
	if (metric) {
		/* One metric for all: it is the head. */
		cols[COL_METRIC].rank = 9;
		cols[COL_VALUE].title = metric;
		cols[COL_VALUE].width = MAX(7, MIN(14, (int)strlen(metric)));
		cols[COL_VALUE].gap = 2;
	}
	columns_fit(cols, N_COLS, width, 14);
	room = cols[COL_NAME].width - MIN(t->name_needs, MAX_GROWN);
	longest_names(ui, &experiment_needs, &metric_needs);
	if (cols[COL_EXP].x >= 0)
		grow(&cols[COL_EXP], experiment_needs, &room);
	if (cols[COL_METRIC].x >= 0)
		grow(&cols[COL_METRIC], metric_needs, &room);
	columns_fit(cols, N_COLS, width, 14);
}

bool tower_runs_are_settled(const struct tower *t, const struct ui *ui)
{
	return !run_list_is_pending(t->runs) && !app_is_reading(ui->app);
}

static struct shown count_text(struct tower *t, struct ui *ui)
{
	char n[HUMAN_MAX], total[HUMAN_MAX];
	size_t of = run_list_total(t->runs), shown;
	const char *more = tower_runs_are_settled(t, ui) ? "" : " …";
	bool is_short = t->rects[PANE_RUNS].w < 60;
	const char *between = is_short ? "/" : " of ";
	struct shown marks = tower_marks_text(t, &ui->frame, is_short);

	run_list_matches(t->runs, &shown);
	human_count(n, (int64_t)shown);
	human_count(total, (int64_t)of);
	return shown_fmt(&ui->frame, "%s%s%s%s%s%s", marks.s,
			 marks.len ? "  " : "", n, shown == of ? "" : between,
			 shown == of ? "" : total, more);
}

struct shown tower_sort_text(struct ui *ui, const char *sort,
			     const char *before)
{
	struct order_key *keys = NULL;
	struct buf out = BUF_INIT(400);
	struct err err = { 0 };
	struct shown text = SHOWN("");
	const char *end, *dot;
	size_t n, i;

	if (!*sort || order_parse(sort, &keys, &n, &err))
		return text;
	for (i = 0; i < n; i++, sort = end + (*end == ',')) {
		end = sort + strcspn(sort, ",");
		dot = memchr(sort, '.', (size_t)(end - sort));
		sort = dot ? dot + 1 : sort;
		buf_addf(&out, "%s%.*s%s", i ? ", " : before,
			 (int)strcspn(sort, ":, "), sort,
			 keys[i].is_desc ? " ↓" : " ↑");
	}
	text = shown_text(&ui->frame, buf_str(&out));
	buf_release(&out);
	free(keys);
	return text;
}

bool tower_runs_are_selected(const struct tower *t)
{
	size_t n;

	run_list_experiments(t->runs, &n);
	return n || *run_list_filter_text(t->runs) || *tower_views_name(t) ||
	       run_list_is_deleted(t->runs);
}

/* "fraud", "night: fraud": which runs there are, and by which view. */
static struct shown which_text(struct tower *t, struct ui *ui, const char *all)
{
	const struct model *m = app_model(ui->app);
	struct shown view = tower_views_title(t, ui);
	const char *name = "";
	const uint32_t *exps;
	size_t n;

	exps = run_list_experiments(t->runs, &n);
	if (n)
		name = intern_str(m->strings,
				  run_set_experiment(m->runs, exps[0])->name);
	else if (run_list_is_deleted(t->runs))
		name = "deleted runs";
	else if (!view.len)
		name = all;
	return shown_fmt(&ui->frame, "%s%s%s", view.s,
			 view.len && *name ? ": " : "", name);
}

static struct shown what_text(struct tower *t, struct ui *ui, const char *all)
{
	const char *filter = run_list_filter_text(t->runs);
	const char *sort = run_list_sort_text(t->runs);
	struct shown which = which_text(t, ui, all);
	bool is_tree = run_list_is_tree(t->runs);

	return shown_fmt(&ui->frame, "%s%s%s%s%s%s%s", which.s,
			 is_tree && which.len ? "  " : "",
			 is_tree ? "tree" : "",
			 *filter && (is_tree || which.len) ? "  " : "",
			 *filter ? "/ " : "", filter,
			 tower_sort_text(ui, sort, "  by ").s);
}

/* That nothing is left out gives its room to the filter. */
static struct shown context_text(struct tower *t, struct ui *ui, unsigned room)
{
	struct shown group = tower_groups_open(t, ui);
	struct shown all = what_text(t, ui, "all experiments");

	if (group.len)
		return group;
	return all.width > room && *run_list_filter_text(t->runs)
		       ? what_text(t, ui, "")
		       : all;
}

/* "prod: runs of its newest versions", or nothing where all
 * runs are here. */
static struct shown some_runs_text(const struct ui *ui, struct arena *a)
{
	const struct model *m = app_model(ui->app);

	for (uint16_t i = 0; i < m->n_sources; i++) {
		const struct system_ops *ops = app_source_ops(ui->app, i);

		if (ops && ops->source->some_runs)
			return shown_fmt(a, "%s: %s", m->sources[i].name,
					 ops->source->some_runs);
	}
	return SHOWN("");
}

/* What an empty list says, and what to do. */
struct shown tower_runs_empty(struct tower *t, struct ui *ui)
{
	const struct model *m = app_model(ui->app);

	if (app_is_reading(ui->app) ||
	    (run_list_is_pending(t->runs) && run_set_count(m->runs)))
		return SHOWN("reading ...");
	if (run_list_total(t->runs) && !*run_list_filter_text(t->runs))
		return SHOWN("No run is in this experiment.  x chooses "
			     "another, empty all");
	if (run_list_is_deleted(t->runs) && !run_list_total(t->runs))
		return SHOWN("Nothing is deleted.  :deleted goes back");
	if (*run_list_error(t->runs))
		return shown_text(&ui->frame, run_list_error(t->runs));
	if (run_list_total(t->runs))
		return SHOWN(
			"Nothing matches.  / changes the filter, empty: all");
	for (size_t i = 0; i < m->n_sources; i++)
		if (m->sources[i].err.code)
			return shown_fmt(&ui->frame, "%s: %s",
					 m->sources[i].name,
					 m->sources[i].err.msg);
	if (some_runs_text(ui, &ui->frame).len)
		return some_runs_text(ui, &ui->frame);
	return SHOWN("No runs yet. They appear as soon as one starts.");
}

static void draw_since(struct ui *ui, struct surface *s, struct rect row)
{
	char hhmm[8];

	clock_format_hhmm(ui->absence.since_utc_ms, hhmm);
	surface_divider(s, row,
			shown_fmt(&ui->frame, "since your last key %s", hhmm),
			ui->glyphs);
}

/* Newest first: the line stands above the first run that was there before. */
static bool is_since_here(const struct tower *t, const struct ui *ui,
			  size_t line)
{
	const struct run_line *l = &t->lines[line];

	if (!ui->absence.is_marked || *run_list_sort_text(t->runs) ||
	    run_list_is_tree(t->runs))
		return false;
	return l->start_ms < ui->absence.since_utc_ms && line > 0 &&
	       t->lines[line - 1].start_ms >= ui->absence.since_utc_ms;
}

static void draw_heads(const struct tower *t, struct ui *ui, struct surface *s,
		       struct rect row, const struct column *cols)
{
	if (t->table.n)
		run_table_heads(&t->table, ui, s, row);
	else
		columns_heads(cols, N_COLS, s, row);
}

void tower_runs_draw(struct tower *t, struct ui *ui, struct surface *s,
		     struct rect r)
{
	const struct model *m = app_model(ui->app);
	struct column cols[N_COLS];
	struct rect row = { r.x, r.y + 1, r.w, 1 };
	struct shown count = count_text(t, ui);
	int end = r.y + r.h, room = r.w - (int)count.width - TITLE_TEXT;

	if (tower_groups_draw(t, ui, s, r))
		return;
	surface_title(s, (struct rect){ r.x, r.y, r.w, 1 },
		      tower_has_tabs(t) ? SHOWN("") : SHOWN("1"), SHOWN("Runs"),
		      context_text(t, ui, (unsigned)MAX(0, room)), count,
		      t->focus == PANE_RUNS, ui->glyphs);
	fit(t, ui, cols, r.w,
	    t->metric ? intern_str(m->strings, t->metric) : NULL);
	if (!ui_is_tiny(ui))
		draw_heads(t, ui, s, row, cols);
	row.y = r.y + tower_above_list(ui);
	if (!t->n_lines)
		list_draw_empty(ui, s,
				(struct rect){ r.x, row.y, r.w, end - row.y },
				tower_runs_empty(t, ui));
	for (size_t i = 0; i < t->n_lines && row.y < end; i++) {
		if (is_since_here(t, ui, i) && row.y + 1 < end) {
			draw_since(ui, s, row);
			row.y++;
		}
		draw_line(t, ui, s, row, cols, t->run_list.top + i);
		row.y++;
	}
	if (t->n_lines && row.y + 1 < end)
		surface_put(s, row.x + 3, row.y + 1,
			    some_runs_text(ui, &ui->frame), r.w - 4, ROLE_DIM);
}

static void moved(struct tower *t, struct ui *ui)
{
	tower_unfollow(t);
	t->follows_top = false;
	t->cursor_row = t->run_list.n_rows
				? run_list_row(t->runs, t->run_list.cursor)
				: RUN_NO_ROW;
	run_list_keep(t->runs, t->cursor_row);
	t->moved_mono_ms = ui->now_mono_ms;
}

/* An error leaves the list as it was: that it is no answer is said as well. */
static void complain_of_filter(struct tower *t, struct ui *ui,
			       const struct err *err)
{
	const char *was = run_list_filter_text(t->runs);

	if (*was)
		ui_complain(ui, "filter: %s; shown is / %s", err->msg, was);
	else
		ui_complain(ui, "filter: %s; all runs are shown", err->msg);
}

/* A slip of the pen is no error, for the next run may have it. */
static void hint_at_unknown(struct ui *ui, struct value_key key)
{
	if (!ui_may_have(ui, key))
		ui_say(ui, "no run here has %s %s", value_kind_name(key.kind),
		       key.name);
}

static void set_filter(struct tower *t, struct ui *ui, const char *text)
{
	const struct filter *filter;
	struct err err = { 0 };
	size_t column = 0;

	ui->prompt_error_at = 0;
	if (run_list_set_filter(t->runs, text, &column, &err)) {
		ui->prompt_error_at = column;
		complain_of_filter(t, ui, &err);
		return;
	}
	filter = run_list_filter(t->runs);
	for (size_t i = 0; i < filter_n_columns(filter); i++)
		hint_at_unknown(ui, filter_column(filter, i));
	t->cursor_row = RUN_NO_ROW;
	run_list_keep(t->runs, RUN_NO_ROW);
	t->follows_top = true;
	tower_groups_narrow(t, ui);
}

static void set_experiment(struct tower *t, struct ui *ui, const char *name)
{
	const struct model *m = app_model(ui->app);
	uint32_t *found =
		xcalloc(run_set_experiments(m->runs) + 1, sizeof(*found));
	size_t n = 0;

	for (uint32_t i = 0; i < run_set_experiments(m->runs); i++)
		if (!strcmp(intern_str(m->strings,
				       run_set_experiment(m->runs, i)->name),
			    name))
			found[n++] = i;
	if (*name && !n)
		ui_complain(ui, "no experiment is called %s", name);
	else
		run_list_set_experiments(t->runs, found, n);
	free(found);
	t->cursor_row = RUN_NO_ROW;
	run_list_keep(t->runs, RUN_NO_ROW);
	t->follows_top = true;
}

static void set_sort(struct tower *t, struct ui *ui, const char *text)
{
	struct order_key *keys = NULL;
	struct err err = { 0 };
	const char *unknown;
	size_t n = 0;

	if (*text && order_parse(text, &keys, &n, &err)) {
		ui_complain(ui, "sort: %s", err.msg);
		return;
	}
	unknown = ui_unknown_metric(ui, keys, n);
	if (unknown)
		ui_complain(ui, "sort: no column or metric is called %s",
			    unknown);
	else if (run_list_set_sort(t->runs, text, &err))
		ui_complain(ui, "sort: %s", err.msg);
	free(keys);
}

static void set_metric(struct tower *t, struct ui *ui, const char *name)
{
	if (*name && !ui_has_metric(ui, name))
		ui_complain(ui, "no metric is called %s; Tab completes", name);
	else
		t->metric =
			*name ? intern_put(app_model(ui->app)->strings, name)
			      : 0;
}

void tower_choose_columns(struct tower *t, struct ui *ui, const char *names)
{
	struct value_key *keys;
	size_t n;

	if (!run_table_parse(&t->table, names)) {
		ui_complain(ui, "at most %d columns", RUN_TABLE_MAX);
		return;
	}
	keys = run_table_keys(&t->table, &n);
	for (size_t i = 0; i < n; i++)
		hint_at_unknown(ui, keys[i]);
	free(keys);
}

static void compare_marked(struct tower *t, struct ui *ui)
{
	if (t->marks.n < 2) {
		ui_say(ui, "mark two runs or more with Space, then c");
		return;
	}
	ui_push(ui, page_compare_new(ui, t->marks.rows, t->marks.n));
}

static void open_run(struct ui *ui, uint32_t row)
{
	const struct model *m = app_model(ui->app);
	char id[40];

	if (row == RUN_NO_ROW)
		return;
	ui_push(ui, page_run_new(ui, run_set_head(m->runs, row)->source,
				 run_set_id(m->runs, row, id)));
}

void tower_go_to_run(struct tower *t, struct ui *ui, uint32_t row)
{
	size_t at = run_list_find(t->runs, row);

	if (at >= run_list_count(t->runs)) {
		open_run(ui, row); /* the filter hides its row */
		return;
	}
	t->focus = PANE_RUNS;
	list_set(&t->run_list, run_list_count(t->runs), at);
	moved(t, ui);
}

bool tower_runs_command(struct tower *t, struct ui *ui, enum command_id cmd,
			const char *arg)
{
	if (tower_groups_command(t, ui, cmd, arg))
		return true;
	if (list_command(&t->run_list, cmd)) {
		moved(t, ui);
		return true;
	}
	if (tower_tree_command(t, ui, cmd))
		return true;
	switch (cmd) {
	case CMD_OPEN:
		open_run(ui, t->cursor_row);
		return true;
	case CMD_MARK:
		if (t->cursor_row == RUN_NO_ROW)
			return true;
		marks_toggle(&t->marks, t->cursor_row);
		list_command(&t->run_list, CMD_DOWN);
		moved(t, ui);
		return true;
	case CMD_COMPARE:
		compare_marked(t, ui);
		return true;
	case CMD_FILTER:
		set_filter(t, ui, arg ? arg : "");
		return true;
	case CMD_EXPERIMENT:
		set_experiment(t, ui, arg ? arg : "");
		return true;
	case CMD_SORT:
		set_sort(t, ui, arg ? arg : "");
		return true;
	case CMD_METRIC:
		set_metric(t, ui, arg ? arg : "");
		return true;
	case CMD_COLUMNS:
		if (arg)
			tower_choose_columns(t, ui, arg);
		else
			ui_push(ui, page_columns_new(ui, &t->table, t->runs));
		return true;
	case CMD_DELETED:
		run_list_set_deleted(t->runs, !run_list_is_deleted(t->runs));
		t->cursor_row = RUN_NO_ROW;
		run_list_keep(t->runs, RUN_NO_ROW);
		return true;
	case CMD_LEFT:
	case CMD_RIGHT:
		if (!t->table.n) {
			ui_say(ui, "o chooses columns; then they scroll");
			return true;
		}
		run_table_scroll(&t->table, cmd == CMD_RIGHT ? 1 : -1);
		return true;
	default:
		return tower_edit_command(t, ui, cmd, arg);
	}
}
