/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "view/list.h"

#include <stdlib.h>
#include <string.h>

#include "app/config.h"
#include "base/mem.h"
#include "model/health.h"
#include "model/metric.h"
#include "view/lists.h"
#include "view_list.h"

void view_list_start(struct view_list *list, const struct view_ctx *ctx,
		     const struct view_column *columns, size_t n_columns)
{
	*list = (struct view_list){ .ctx = *ctx,
				    .columns = columns,
				    .n_columns = n_columns,
				    .want = VIEW_TABLE | VIEW_WIDE };
}

void view_list_row(const struct view_list *list, size_t i, struct arena *a,
		   struct cell *cells)
{
	BUG_ON(i >= list->n_rows);
	memset(cells, 0, list->n_columns * sizeof(*cells));
	list->row(list, i, a, cells);
}

void view_list_release(struct view_list *list)
{
	arena_release(&list->arena);
	*list = (struct view_list){ 0 };
}

size_t view_list_column(const struct view_list *list, const char *id)
{
	size_t i;

	for (i = 0; i < list->n_columns; i++)
		if (!strcmp(list->columns[i].id, id))
			break;
	return i;
}

int view_goal(const struct view_ctx *ctx, const char *metric, int experiment)
{
	const struct run_experiment *e;
	size_t i;

	for (i = 0; ctx->config && i < ctx->config->n_metrics; i++)
		if (!strcmp(ctx->config->metrics[i].pattern, metric))
			return config_metric_goal(ctx->config, metric);
	if (experiment >= 0) {
		e = run_set_experiment(ctx->model->runs, (uint32_t)experiment);
		if (e->primary_goal &&
		    !strcmp(intern_str(ctx->model->strings, e->primary_metric),
			    metric))
			return e->primary_goal;
	}
	return ctx->config ? config_metric_goal(ctx->config, metric)
			   : metric_goal_guess(metric);
}

int view_decimals(const struct view_ctx *ctx, const char *metric)
{
	const char *unit =
		ctx->config ? config_metric_unit(ctx->config, metric) : "";

	if (!strcmp(unit, "%"))
		return 0;
	return !strcmp(unit, "ms") ? 1 : metric_decimals(metric);
}

struct cell view_status_cell(const struct view_ctx *ctx, uint32_t row,
			     enum run_status status)
{
	if (row != RUN_NO_ROW &&
	    health_run_is_silent(ctx->model, row, ctx->now_ms))
		return cell_silent();
	return cell_status(status);
}

struct cell view_tags_cell(struct arena *a, const struct name_value *tags,
			   size_t n)
{
	struct cell_item *items = arena_alloc(a, (n + 1) * sizeof(*items));
	size_t i;

	for (i = 0; i < n; i++)
		items[i] = (struct cell_item){ tags[i].name,
					       cell_text(tags[i].value) };
	return (struct cell){ .kind = CELL_MAP, .items = items, .n_items = n };
}

const char *view_source_name(const struct view_ctx *ctx, uint16_t source)
{
	return source < ctx->model->n_sources ? ctx->model->sources[source].name
					      : "";
}
