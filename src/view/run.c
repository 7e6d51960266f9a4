/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/mem.h"
#include "view/lists.h"
#include "view_list.h"

/* ---- a run whole --------------------------------------------------------- */

enum {
	R_SOURCE,
	R_ID,
	R_NAME,
	R_EXPERIMENT,
	R_EXPERIMENT_ID,
	R_STATUS,
	R_LIFECYCLE,
	R_USER,
	R_START,
	R_END,
	R_PARENT,
	R_PARAMS,
	R_METRICS,
	R_TAGS,
	R_DATASETS,
	R_MODELS,
	R_CHILDREN,
	N_R
};

/* clang-format off */
static const struct view_column run_columns[N_R] = {
	[R_SOURCE] = { "source", "source", false, 4, VIEW_TABLE | VIEW_DATA },
	[R_ID] = { "run_id", "run", false, 32, VIEW_TABLE | VIEW_DATA | VIEW_NAME },
	[R_NAME] = { "name", "name", false, 8, VIEW_DATA },
	[R_EXPERIMENT] = { "experiment", "experiment", false, 4, VIEW_TABLE | VIEW_DATA },
	[R_EXPERIMENT_ID] = { "experiment_id", "experiment id", false, 4, VIEW_DATA },
	[R_STATUS] = { "status", "status", false, 8, VIEW_TABLE | VIEW_DATA },
	[R_LIFECYCLE] = { "lifecycle", "lifecycle", false, 6, VIEW_TABLE | VIEW_DATA },
	[R_USER] = { "user", "user", false, 4, VIEW_TABLE | VIEW_DATA },
	[R_START] = { "start_time_ms", "started", false, 19, VIEW_TABLE | VIEW_DATA },
	[R_END] = { "end_time_ms", "ended", false, 19, VIEW_TABLE | VIEW_DATA },
	[R_PARENT] = { "parent_run_id", "parent", false, 32, VIEW_TABLE | VIEW_DATA },
	[R_PARAMS] = { "params", "params", false, 8, VIEW_DATA },
	[R_METRICS] = { "metrics", "metrics", false, 8, VIEW_DATA },
	[R_TAGS] = { "tags", "tags", false, 8, VIEW_DATA },
	[R_DATASETS] = { "datasets", "datasets", false, 8, VIEW_DATA },
	[R_MODELS] = { "models", "models", false, 8, VIEW_DATA },
	[R_CHILDREN] = { "children", "children", false, 8, VIEW_DATA },
};
/* clang-format on */

struct run_of {
	uint16_t source;
	const struct run_detail *detail;
};

static struct cell_item *items_new(struct arena *a, size_t n)
{
	return arena_alloc(a, (n + 1) * sizeof(struct cell_item));
}

static struct cell list_of(const struct cell_item *items, size_t n)
{
	return (struct cell){ .kind = CELL_LIST, .items = items, .n_items = n };
}

static struct cell map_of(const struct cell_item *items, size_t n)
{
	return (struct cell){ .kind = CELL_MAP, .items = items, .n_items = n };
}

static struct cell metrics_cell(const struct view_list *list, struct arena *a,
				const struct run_detail *d)
{
	struct cell_item *items = items_new(a, d->n_metrics);
	size_t i;

	for (i = 0; i < d->n_metrics; i++) {
		items[i].name = d->metrics[i].name;
		items[i].value = cell_number(
			d->metrics[i].value,
			view_decimals(&list->ctx, d->metrics[i].name));
	}
	return map_of(items, d->n_metrics);
}

static struct cell datasets_cell(struct arena *a, const struct run_detail *d)
{
	struct cell_item *all = items_new(a, d->n_datasets), *one;
	size_t i;

	for (i = 0; i < d->n_datasets; i++) {
		one = items_new(a, 3);
		one[0] = (struct cell_item){ "name",
					     cell_text(d->datasets[i].name) };
		one[1] = (struct cell_item){ "digest",
					     cell_text(d->datasets[i].digest) };
		one[2] = (struct cell_item){
			"context", cell_text_or_none(d->datasets[i].context)
		};
		all[i].value = map_of(one, 3);
	}
	return list_of(all, d->n_datasets);
}

static struct cell model_cell(struct arena *a, const char *name,
			      const char *version, const char *id,
			      const char *relation)
{
	struct cell_item *one = items_new(a, 4);

	one[0] = (struct cell_item){ "name", cell_text(name) };
	one[1] = (struct cell_item){ "version", cell_text(version) };
	one[2] = (struct cell_item){ "model_id", cell_text(id) };
	one[3] = (struct cell_item){ "relation", cell_text(relation) };
	return map_of(one, 4);
}

/* The versions registered from it, and the models it logged or used. */
static struct cell models_cell(struct arena *a, const struct run_detail *d)
{
	size_t n = d->n_versions + d->n_models, i, at = 0;
	struct cell_item *all = items_new(a, n);

	for (i = 0; i < d->n_versions; i++)
		all[at++].value =
			model_cell(a, d->versions[i].model,
				   d->versions[i].version, NULL, "registered");
	for (i = 0; i < d->n_models; i++)
		all[at++].value =
			model_cell(a, d->models[i].name, NULL, d->models[i].id,
				   d->models[i].is_input ? "uses" : "made");
	return list_of(all, n);
}

static struct cell children_cell(struct arena *a, const struct run_detail *d)
{
	struct cell_item *all = items_new(a, d->n_children);
	size_t i;

	for (i = 0; i < d->n_children; i++)
		all[i].value = cell_text(d->children[i].id);
	return list_of(all, d->n_children);
}

static void run_row(const struct view_list *list, size_t i, struct arena *a,
		    struct cell *cells)
{
	const struct run_of *of = list->of;
	const struct run_detail *d = of->detail;
	const struct run_facts *r = &d->run;

	(void)i;
	cells[R_SOURCE] = cell_text(view_source_name(&list->ctx, of->source));
	cells[R_ID] = cell_text(r->id);
	cells[R_NAME] = cell_text(r->name);
	cells[R_EXPERIMENT] = cell_text(d->experiment_name);
	cells[R_EXPERIMENT_ID] = cell_text(r->experiment_id);
	cells[R_STATUS] = view_status_cell(
		&list->ctx,
		run_set_find(list->ctx.model->runs, of->source, r->id),
		r->status);
	cells[R_LIFECYCLE] = cell_text(r->is_deleted ? "deleted" : "active");
	cells[R_USER] = cell_text_or_none(r->user);
	cells[R_START] = cell_time(r->start_ms);
	cells[R_END] = cell_time(r->end_ms);
	cells[R_PARENT] = cell_text_or_none(r->parent_id);
	cells[R_PARAMS] = view_tags_cell(a, d->params, d->n_params);
	cells[R_METRICS] = metrics_cell(list, a, d);
	cells[R_TAGS] = view_tags_cell(a, d->tags, d->n_tags);
	cells[R_DATASETS] = datasets_cell(a, d);
	cells[R_MODELS] = models_cell(a, d);
	cells[R_CHILDREN] = children_cell(a, d);
}

void view_run(struct view_list *list, const struct view_ctx *ctx,
	      uint16_t source, const struct run_detail *detail)
{
	struct run_of *of;

	view_list_start(list, ctx, run_columns, N_R);
	of = arena_alloc(&list->arena, sizeof(*of));
	*of = (struct run_of){ source, detail };
	list->of = of;
	list->row = run_row;
	list->n_rows = 1;
	list->is_single = true;
}

/* ---- histories ----------------------------------------------------------- */

enum { H_SOURCE, H_RUN, H_METRIC, H_TOTAL, H_POINTS, N_H };

/* clang-format off */
static const struct view_column history_columns[N_H] = {
	[H_SOURCE] = { "source", "SOURCE", false, 4, VIEW_DATA },
	[H_RUN] = { "run_id", "RUN", false, 12, VIEW_DATA },
	[H_METRIC] = { "metric", "METRIC", false, 6, VIEW_TABLE | VIEW_DATA | VIEW_NAME },
	[H_TOTAL] = { "n_total", "POINTS", true, 4, VIEW_TABLE | VIEW_DATA },
	[H_POINTS] = { "points", "POINTS", false, 4, VIEW_DATA },
};
/* clang-format on */

struct history_of {
	const struct view_history_item *items;
	size_t n;
};

static void history_row(const struct view_list *list, size_t i, struct arena *a,
			struct cell *cells)
{
	const struct history_of *of = list->of;
	const struct view_history_item *h = &of->items[i];

	(void)a;
	cells[H_SOURCE] = cell_text(view_source_name(&list->ctx, h->source));
	cells[H_RUN] = cell_text(h->run_id);
	cells[H_METRIC] = cell_text(h->metric);
	cells[H_TOTAL] = cell_int((int64_t)h->n_total);
	cells[H_POINTS] = (struct cell){ .kind = CELL_POINTS,
					 .points = h->points,
					 .n_points = h->n };
}

static void start_history(struct view_list *list, const struct view_ctx *ctx,
			  const struct view_column *columns, size_t n_columns,
			  const struct view_history_item *items, size_t n)
{
	struct history_of *of;

	view_list_start(list, ctx, columns, n_columns);
	of = arena_alloc(&list->arena, sizeof(*of));
	*of = (struct history_of){ items, n };
	list->of = of;
}

void view_history(struct view_list *list, const struct view_ctx *ctx,
		  const struct view_history_item *items, size_t n)
{
	start_history(list, ctx, history_columns, N_H, items, n);
	list->n_rows = n;
	list->row = history_row;
}

enum { P_SOURCE, P_RUN, P_METRIC, P_STEP, P_TIME, P_VALUE, N_P };

/* clang-format off */
static const struct view_column point_columns[N_P] = {
	[P_SOURCE] = { "source", "SOURCE", false, 4, VIEW_WIDE | VIEW_DATA },
	[P_RUN] = { "run_id", "RUN", false, 12, VIEW_WIDE | VIEW_DATA },
	[P_METRIC] = { "metric", "METRIC", false, 6, VIEW_TABLE | VIEW_DATA },
	[P_STEP] = { "step", "STEP", true, 4, VIEW_TABLE | VIEW_DATA },
	[P_TIME] = { "time_ms", "TIME", false, 19, VIEW_TABLE | VIEW_DATA },
	[P_VALUE] = { "value", "VALUE", true, 6, VIEW_TABLE | VIEW_DATA | VIEW_NAME },
};
/* clang-format on */

static void point_row(const struct view_list *list, size_t i, struct arena *a,
		      struct cell *cells)
{
	const struct history_of *of = list->of;
	const struct view_history_item *h = of->items;
	const struct point *p;

	(void)a;
	for (; i >= h->n; h++)
		i -= h->n;
	p = &h->points[i];
	cells[P_SOURCE] = cell_text(view_source_name(&list->ctx, h->source));
	cells[P_RUN] = cell_text(h->run_id);
	cells[P_METRIC] = cell_text(h->metric);
	cells[P_STEP] = cell_int(p->step);
	cells[P_TIME] = cell_time(p->time_ms);
	cells[P_VALUE] =
		cell_number(p->value, view_decimals(&list->ctx, h->metric));
}

void view_points(struct view_list *list, const struct view_ctx *ctx,
		 const struct view_history_item *items, size_t n)
{
	size_t i;

	start_history(list, ctx, point_columns, N_P, items, n);
	for (i = 0; i < n; i++)
		list->n_rows += items[i].n;
	list->row = point_row;
}
