/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "wall_runs.h"

#include <stdlib.h>
#include <string.h>

#include "app/run_list.h"
#include "base/mem.h"
#include "page_list.h"
#include "run_table.h"
#include "view/lists.h"

#define MOST_ROWS 100 /* more than any wall shows at a time */
#define STANDARD  "name,status,value,metric,age"

struct wall_runs {
	struct run_list *list;
	struct run_table table; /* the names of the columns */
	const struct run_view *view;
	struct err err; /* why the view cannot be shown */
};

struct wall_runs *wall_runs_new(struct app *app)
{
	struct wall_runs *r = xcalloc(1, sizeof(*r));

	r->list = run_list_new(app);
	return r;
}

void wall_runs_free(struct wall_runs *r)
{
	run_table_release(&r->table);
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
	    run_list_set_sort(r->list, view->parts[VIEW_SORT], &r->err))
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

/* Words say it all: dot letters know no signs. */
static void make_row(const struct wall_runs *r, const struct view_list *list,
		     size_t row, struct arena *a, struct wall_cell *out)
{
	const struct run_tree_place *place = run_list_place(r->list, row);
	struct cell_look look = { .now_ms = list->ctx.now_ms,
				  .is_ascii = true };
	struct cell cells[RUN_TABLE_MAX];

	view_list_row(list, row, a, cells);
	if (place)
		cells[0].indent = view_indent(place->depth);
	for (size_t c = 0; c < list->n_columns; c++) {
		cells[c].mark = MARK_NONE;
		out[c] = (struct wall_cell){ cell_shown(a, &cells[c], &look),
					     run_list_is_match(r->list, row)
						     ? cells[c].role
						     : ROLE_DIM };
	}
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
	size_t n = MIN(ask.n_rows, MOST_ROWS);
	struct wall_column *columns =
		arena_alloc(a, ask.n_picks * sizeof(*columns));
	struct wall_cell *cells =
		arena_alloc(a, (n + 1) * ask.n_picks * sizeof(*cells));
	struct view_list list;
	struct err err = { 0 };

	BUG_ON(view_runs(&list, &ctx, &ask, &err)); /* no more than may be */
	for (size_t c = 0; c < list.n_columns; c++)
		columns[c] =
			(struct wall_column){ shown_text(a,
							 list.columns[c].title),
					      list.columns[c].is_right };
	for (size_t i = 0; i < n; i++) {
		size_t row = (first + i) % ask.n_rows;

		make_row(r, &list, row, a, &cells[i * list.n_columns]);
	}
	f->columns = columns;
	f->n_columns = list.n_columns;
	f->cells = cells;
	f->n_rows = n;
	view_list_release(&list);
}

/* "2 of 35 runs  fraud  / age < 1d"; the view's name is the page's. */
static struct shown title_of(const struct wall_runs *r, struct arena *a)
{
	const char *experiment = r->view->parts[VIEW_EXPERIMENT];
	const char *filter = r->view->parts[VIEW_FILTER];
	size_t n;

	run_list_matches(r->list, &n);
	return shown_fmt(a, "%zu of %zu runs%s%s%s%s", n,
			 run_list_total(r->list), *experiment ? "  " : "",
			 experiment, *filter ? "  / " : "", filter);
}

static struct shown none_of(const struct wall_runs *r, struct ui *ui,
			    struct arena *a)
{
	if (app_is_reading(ui->app) || run_list_is_pending(r->list))
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

	if (r->view != view)
		turn_to(r, view);
	choose_experiments(r, m);
	want_columns(r, ui);
	run_list_update(r->list, ui->now_mono_ms);
	f->lines_title = title_of(r, a);
	f->lines_none = none_of(r, ui, a);
	if (!r->err.code)
		make_table(r, ui, first, a, f);
	again_ms = run_list_next_ms(r->list, ui->now_mono_ms);
	return again_ms < 0 ? -1 : ui->now_mono_ms + again_ms;
}
