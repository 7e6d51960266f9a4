/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "wall_runs.h"

#include <stdlib.h>
#include <string.h>

#include "app/group_list.h"
#include "app/run_list.h"
#include "base/human.h"
#include "base/mem.h"
#include "page_list.h"
#include "run_table.h"
#include "view/lists.h"

#define MOST_ROWS 100 /* more than any wall shows at a time */
#define STANDARD  "name,status,value,metric,age"

struct wall_runs {
	struct run_list *list;
	struct group_list *groups;
	struct run_table table; /* the names of the columns */
	const struct run_view *view;
	struct err err; /* why the view cannot be shown */
};

struct wall_runs *wall_runs_new(struct app *app)
{
	struct wall_runs *r = xcalloc(1, sizeof(*r));

	r->list = run_list_new(app);
	r->groups = group_list_new(app);
	return r;
}

void wall_runs_free(struct wall_runs *r)
{
	run_table_release(&r->table);
	group_list_free(r->groups);
	run_list_free(r->list);
	free(r);
}

static void turn_to(struct wall_runs *r, const struct run_view *view)
{
	const char *columns = view->parts[VIEW_COLUMNS];
	size_t column;

	r->view = view;
	r->err = (struct err){ 0 };
	run_list_set_tree(r->list, *view->parts[VIEW_TREE]);
	if (run_list_set_filter(r->list, view->parts[VIEW_FILTER], &column,
				&r->err) ||
	    run_list_set_sort(r->list, view->parts[VIEW_SORT], &r->err) ||
	    group_list_set(r->groups, view->parts[VIEW_GROUP],
			   view->parts[VIEW_GROUP_SORT], &r->err))
		return;
	if (!run_table_parse(&r->table, *columns ? columns : STANDARD))
		err_set(&r->err, ERR_LIMIT, "at most %d columns",
			RUN_TABLE_MAX);
}

/* Experiments come and go with their sources. */
static void choose_experiments(struct wall_runs *r, const struct model *m)
{
	const char *name = r->view->parts[VIEW_EXPERIMENT];
	uint32_t n_all = (uint32_t)run_set_experiments(m->runs);
	uint32_t *found = xcalloc(n_all + 1, sizeof(*found));
	const uint32_t *now;
	size_t n = 0, n_now;

	for (uint32_t i = 0; *name && i < n_all; i++)
		if (!strcmp(intern_str(m->strings,
				       run_set_experiment(m->runs, i)->name),
			    name))
			found[n++] = i;
	if (*name && !n)
		err_set(&r->err, ERR_ABSENT, "No experiment is called %s.",
			name);
	else if (r->err.code == ERR_ABSENT)
		r->err = (struct err){ 0 };
	now = run_list_experiments(r->list, &n_now);
	if (n != n_now || (n && memcmp(now, found, n * sizeof(*found))))
		run_list_set_experiments(r->list, found, n);
	free(found);
}

/* Of all experiments the main metric; and what the columns name. */
static void want_columns(const struct wall_runs *r, struct ui *ui)
{
	const struct model *m = app_model(ui->app);
	const char *metric = r->view->parts[VIEW_METRIC];
	size_t n_all = run_set_experiments(m->runs), n = 0;
	struct value_key *keys = xcalloc(n_all + 1, sizeof(*keys));

	if (*metric)
		keys[n++] = (struct value_key){ VALUE_METRIC, metric };
	for (uint32_t i = 0; i < n_all && !*metric; i++)
		if (model_main_metric(m, i))
			keys[n++] = (struct value_key){
				VALUE_METRIC,
				intern_str(m->strings, model_main_metric(m, i))
			};
	run_table_want_values(&r->table, ui);
	app_want_columns(ui->app, APP_WHO_RUNS, keys, n);
	free(keys);
}

/* The names of its columns without the trend. */
static size_t pick(const struct wall_runs *r, const char *picks[])
{
	size_t n = 0;

	for (size_t i = 0; i < r->table.n; i++)
		if (strcmp(r->table.columns[i].id, RUN_TABLE_TREND))
			picks[n++] = r->table.columns[i].id;
	return n;
}

static bool is_grouped(const struct wall_runs *r)
{
	return *r->view->parts[VIEW_GROUP];
}

/* Words say it all: dot letters know no signs. */
static void make_row(const struct wall_runs *r, const struct view_list *list,
		     size_t row, struct arena *a, struct wall_cell *out)
{
	bool is_run = !is_grouped(r);
	const struct run_tree_place *place =
		is_run ? run_list_place(r->list, row) : NULL;
	struct cell_look look = { .now_ms = list->ctx.now_ms,
				  .is_ascii = true };
	struct cell cells[VIEW_MAX_COLUMNS];

	view_list_row(list, row, a, cells);
	if (place)
		cells[0].indent = view_indent(place->depth);
	for (size_t c = 0; c < list->n_columns; c++) {
		if (!(list->columns[c].flags & VIEW_TABLE))
			continue;
		cells[c].mark = MARK_NONE;
		out->text = cell_shown(a, &cells[c], &look);
		out->role = is_run && !run_list_is_match(r->list, row)
				    ? ROLE_DIM
				    : cells[c].role;
		out++;
	}
}

/* The columns of the table, and its rows from `first` on. */
static void fill_table(const struct wall_runs *r, const struct view_list *list,
		       size_t first, struct arena *a, struct wall_facts *f)
{
	size_t n = MIN(list->n_rows, MOST_ROWS), n_columns = 0;
	struct wall_column *columns =
		arena_alloc(a, (list->n_columns + 1) * sizeof(*columns));
	struct wall_cell *cells;

	for (size_t c = 0; c < list->n_columns; c++)
		if (list->columns[c].flags & VIEW_TABLE)
			columns[n_columns++] = (struct wall_column){
				shown_text(a, list->columns[c].title),
				list->columns[c].is_right
			};
	cells = arena_alloc(a, (n + 1) * n_columns * sizeof(*cells));
	for (size_t i = 0; i < n; i++)
		make_row(r, list, (first + i) % list->n_rows, a,
			 &cells[i * n_columns]);
	f->columns = columns;
	f->n_columns = n_columns;
	f->cells = cells;
	f->n_rows = n;
}

static void make_table(const struct wall_runs *r, struct ui *ui, size_t first,
		       struct arena *a, struct wall_facts *f)
{
	struct view_ctx ctx = ui_view_ctx(ui);
	const char *picks[RUN_TABLE_MAX], *metric = r->view->parts[VIEW_METRIC];
	struct view_runs_ask ask = { .set = ctx.model->runs,
				     .rows = run_list_rows(r->list),
				     .n_rows = run_list_count(r->list),
				     .picks = picks,
				     .n_picks = pick(r, picks),
				     .metric = *metric ? metric : NULL };
	struct view_list list;
	struct err err = { 0 };

	BUG_ON(view_runs(&list, &ctx, &ask, &err)); /* no more than may be */
	fill_table(r, &list, first, a, f);
	view_list_release(&list);
}

static void update_groups(struct wall_runs *r, struct ui *ui, bool is_new)
{
	struct view_ctx ctx = ui_view_ctx(ui);
	const char *metric = r->view->parts[VIEW_METRIC];
	const struct intern *strings = ctx.model->strings;
	uint32_t known = *metric ? intern_find(strings, metric) : 0;
	struct group_metric *metrics;
	const uint32_t *rows;
	size_t n, n_rows;

	metrics = view_group_metrics(
		&ctx, known ? intern_str(strings, known) : NULL, &n);
	rows = run_list_matches(r->list, &n_rows);
	group_list_update(r->groups, rows, n_rows, is_new, metrics, n);
	free(metrics);
}

static void make_groups(const struct wall_runs *r, struct ui *ui, size_t first,
			struct arena *a, struct wall_facts *f)
{
	struct view_ctx ctx = ui_view_ctx(ui);
	struct grouping made = group_list_made(r->groups);
	struct view_groups_ask ask = { .set = ctx.model->runs,
				       .by = made.by,
				       .groups = made.groups,
				       .metrics = made.metrics,
				       .n_metrics = made.n_metrics };
	struct view_list list;

	if (!made.groups)
		return;
	view_groups(&list, &ctx, &ask);
	fill_table(r, &list, first, a, f);
	view_list_release(&list);
}

/* "3 groups of 35 runs by status"; "" where the view has none. */
static struct shown groups_text(const struct wall_runs *r, struct arena *a)
{
	const struct groups *all = group_list_made(r->groups).groups;
	char n[HUMAN_MAX], runs[HUMAN_MAX];
	size_t n_runs;

	if (!is_grouped(r))
		return SHOWN("");
	run_list_matches(r->list, &n_runs);
	return shown_fmt(a, "%s groups of %s runs by %s",
			 human_count(n, all ? (int64_t)all->n : 0),
			 human_count(runs, (int64_t)n_runs),
			 r->view->parts[VIEW_GROUP]);
}

/* "2 of 35 runs  fraud  / age < 1d"; the view's name is the page's. */
static struct shown title_of(const struct wall_runs *r, struct arena *a)
{
	const char *experiment = r->view->parts[VIEW_EXPERIMENT];
	const char *filter = r->view->parts[VIEW_FILTER];
	struct shown what = groups_text(r, a);
	char shown[HUMAN_MAX], all[HUMAN_MAX];
	size_t n;

	run_list_matches(r->list, &n);
	if (!what.len)
		what = shown_fmt(
			a, "%s of %s runs", human_count(shown, (int64_t)n),
			human_count(all, (int64_t)run_list_total(r->list)));
	return shown_fmt(a, "%s%s%s%s%s", what.s, *experiment ? "  " : "",
			 experiment, *filter ? "  / " : "", filter);
}

static struct shown none_of(const struct wall_runs *r, struct ui *ui,
			    struct arena *a)
{
	if (app_is_reading(ui->app) || run_list_is_pending(r->list) ||
	    group_list_is_pending(r->groups))
		return SHOWN("reading ...");
	if (r->err.code)
		return shown_text(a, r->err.msg);
	if (*run_list_error(r->list))
		return shown_text(a, run_list_error(r->list));
	return SHOWN("No run matches.");
}

int64_t wall_runs_make(struct wall_runs *r, struct ui *ui,
		       const struct run_view *view, size_t first,
		       struct arena *a, struct wall_facts *f)
{
	const struct model *m = app_model(ui->app);
	int64_t again_ms;
	bool is_new;

	if (r->view != view)
		turn_to(r, view);
	choose_experiments(r, m);
	want_columns(r, ui);
	is_new = run_list_update(r->list, ui->now_mono_ms);
	update_groups(r, ui, is_new);
	f->lines_title = title_of(r, a);
	f->lines_none = none_of(r, ui, a);
	if (!r->err.code)
		(is_grouped(r) ? make_groups : make_table)(r, ui, first, a, f);
	again_ms = run_list_next_ms(r->list, ui->now_mono_ms);
	return again_ms < 0 ? -1 : ui->now_mono_ms + again_ms;
}
