/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/config.h"
#include "base/human.h"
#include "base/mem.h"
#include "view/lists.h"
#include "view_list.h"

/* ---- a model ------------------------------------------------------------- */

static uint32_t row_of(const struct view_ctx *ctx, uint16_t source,
		       const struct version_facts *v)
{
	return v && *v->run_id
		       ? run_set_find(ctx->model->runs, source, v->run_id)
		       : RUN_NO_ROW;
}

bool view_version_value(const struct view_ctx *ctx, uint16_t source,
			const struct version_facts *v, const char *metric,
			double *out)
{
	const struct run_set *set = ctx->model->runs;
	uint32_t row = row_of(ctx, source, v), col;

	if (!*metric || row == RUN_NO_ROW)
		return false;
	col = run_set_find_column(set, VALUE_METRIC, metric);
	return col != RUN_NO_COLUMN && run_set_number(set, col, row, out);
}

/* The experiment of the newest version whose run is known, or -1. */
static int experiment_of(const struct view_ctx *ctx,
			 const struct reg_entry *entry)
{
	uint32_t row;
	size_t i;

	for (i = 0; i < entry->model->n_versions; i++) {
		row = row_of(ctx, entry->source, &entry->model->versions[i]);
		if (row != RUN_NO_ROW)
			return (int)run_set_head(ctx->model->runs, row)
				->experiment;
	}
	return -1;
}

static const struct config_model *conf_of(const struct view_ctx *ctx,
					  const struct reg_entry *entry)
{
	static const struct config_model nothing = { .metric = "",
						     .serving = "champion",
						     .next = "challenger" };

	if (!ctx->config)
		return &nothing;
	return config_model(ctx->config, view_source_name(ctx, entry->source),
			    entry->model->name);
}

const char *view_model_metric(const struct view_ctx *ctx,
			      const struct reg_entry *entry)
{
	const char *metric = conf_of(ctx, entry)->metric;
	int experiment;

	if (*metric)
		return metric;
	experiment = experiment_of(ctx, entry);
	if (experiment < 0)
		return "";
	return intern_str(ctx->model->strings,
			  model_main_metric(ctx->model, (uint32_t)experiment));
}

/* An older version than the champion is no challenger, unless somebody named
 * it one. */
static const struct version_facts *challenger_of(const struct model_facts *m,
						 const struct config_model *c)
{
	const struct version_facts *v =
		registry_challenger(m, c->serving, c->next);

	if (registry_holder(m, c->serving) && v != &m->versions[0] &&
	    v != registry_holder(m, c->next))
		return NULL;
	return v;
}

static void add_values(const struct view_ctx *ctx,
		       const struct reg_entry *entry, struct view_model *out)
{
	const struct version_facts *shown =
		out->challenger ? out->challenger : out->champion;
	double champion;

	out->has_value = view_version_value(ctx, entry->source, shown,
					    out->metric, &out->value);
	if (!out->has_value || shown == out->champion ||
	    !view_version_value(ctx, entry->source, out->champion, out->metric,
				&champion))
		return;
	out->delta = out->value - champion;
	out->has_delta = isfinite(out->delta);
}

void view_model_look(const struct view_ctx *ctx, const struct reg_entry *entry,
		     struct view_model *out)
{
	const struct config_model *c = conf_of(ctx, entry);

	*out = (struct view_model){
		.model = entry->model,
		.source = view_source_name(ctx, entry->source),
		.serving = c->serving,
		.metric = view_model_metric(ctx, entry),
		.champion = registry_holder(entry->model, c->serving),
		.challenger = challenger_of(entry->model, c),
	};
	if (entry->model->n_versions)
		out->newest = &entry->model->versions[0];
	out->goal = view_goal(ctx, out->metric, experiment_of(ctx, entry));
	add_values(ctx, entry, out);
}

/* ---- models -------------------------------------------------------------- */

enum {
	M_SOURCE,
	M_NAME,
	M_CHAMPION,
	M_NEWEST,
	M_METRIC,
	M_VALUE,
	M_DELTA,
	M_DESCRIPTION,
	M_TAGS,
	M_ALIASES,
	M_LATEST,
	M_N_VERSIONS,
	N_M
};

/* clang-format off */
static const struct view_column model_columns[N_M] = {
	[M_SOURCE] = { "source", "SOURCE", false, 4, VIEW_WIDE | VIEW_DATA },
	[M_NAME] = { "name", "MODEL", false, 10, VIEW_TABLE | VIEW_DATA | VIEW_NAME },
	[M_CHAMPION] = { "champion", "CHAMPION", false, 4, VIEW_TABLE },
	[M_NEWEST] = { "newest", "NEWEST", false, 4, VIEW_TABLE },
	[M_METRIC] = { "metric", "METRIC", false, 6, VIEW_TABLE },
	[M_VALUE] = { "value", "VALUE", true, 6, VIEW_TABLE },
	[M_DELTA] = { "delta", "DELTA", true, 7, VIEW_TABLE },
	[M_DESCRIPTION] = { "description", "DESCRIPTION", false, 10, VIEW_WIDE | VIEW_DATA },
	[M_TAGS] = { "tags", "TAGS", false, 8, VIEW_DATA },
	[M_ALIASES] = { "aliases", "ALIASES", false, 8, VIEW_WIDE | VIEW_DATA },
	[M_LATEST] = { "latest_version", "LATEST", true, 3, VIEW_DATA },
	[M_N_VERSIONS] = { "n_versions", "VERSIONS", true, 3, VIEW_TABLE | VIEW_DATA },
};
/* clang-format on */

static const struct reg_entry *const *entries_of(const struct view_list *list)
{
	return list->of;
}

/* "v12 9d", "@v12 9d" */
static struct cell version_age(const struct view_ctx *ctx, struct arena *a,
			       const char *sign, const struct version_facts *v)
{
	char age[HUMAN_MAX] = "";

	if (!v)
		return (struct cell){ 0 };
	if (v->created_ms != TIME_NONE)
		human_age(age, MAX(ctx->now_ms - v->created_ms, (int64_t)0));
	return cell_text(arena_printf(a, "%sv%s %s", sign, v->version, age));
}

static struct cell aliases_map(struct arena *a, const struct model_facts *m)
{
	struct cell_item *items =
		arena_alloc(a, (m->n_aliases + 1) * sizeof(*items));
	size_t i;

	for (i = 0; i < m->n_aliases; i++)
		items[i] =
			(struct cell_item){ m->aliases[i].alias,
					    cell_text(m->aliases[i].version) };
	return (struct cell){ .kind = CELL_MAP,
			      .items = items,
			      .n_items = m->n_aliases };
}

static void model_row(const struct view_list *list, size_t i, struct arena *a,
		      struct cell *cells)
{
	const struct reg_entry *e = entries_of(list)[i];
	const struct view_ctx *ctx = &list->ctx;
	struct view_model m;
	int decimals;

	view_model_look(ctx, e, &m);
	decimals = view_decimals(ctx, m.metric);
	cells[M_SOURCE] = cell_text(m.source);
	cells[M_NAME] = cell_text(e->model->name);
	cells[M_CHAMPION] =
		cell_as(version_age(ctx, a, "@", m.champion), ROLE_ACCENT);
	cells[M_NEWEST] = version_age(ctx, a, "", m.newest);
	cells[M_METRIC] = cell_as(cell_text_or_none(m.metric), ROLE_DIM);
	if (m.has_value)
		cells[M_VALUE] = cell_number(m.value, decimals);
	if (m.has_delta)
		cells[M_DELTA] =
			cell_as(cell_delta(m.delta, decimals),
				m.delta * m.goal > 0 ? ROLE_OK : ROLE_TEXT);
	cells[M_DESCRIPTION] = cell_text_or_none(e->model->description);
	cells[M_TAGS] = view_tags_cell(a, e->model->tags, e->model->n_tags);
	cells[M_ALIASES] = aliases_map(a, e->model);
	cells[M_LATEST] = cell_text(m.newest ? m.newest->version : NULL);
	cells[M_N_VERSIONS] = cell_int((int64_t)e->model->n_versions);
}

void view_models(struct view_list *list, const struct view_ctx *ctx, int source)
{
	const struct registry *reg = ctx->model->registry;
	size_t n = registry_count(reg), i;
	const struct reg_entry **entries;

	view_list_start(list, ctx, model_columns, N_M);
	entries = arena_alloc(&list->arena, (n + 1) * sizeof(*entries));
	for (i = 0; i < n; i++)
		if (source < 0 || registry_at(reg, i)->source == source)
			entries[list->n_rows++] = registry_at(reg, i);
	list->row = model_row;
	list->of = entries;
}

/* ---- versions ------------------------------------------------------------ */

enum {
	V_SOURCE,
	V_MODEL,
	V_VERSION,
	V_ALIASES,
	V_STATUS,
	V_STAGE,
	V_AGE,
	V_METRIC,
	V_VALUE,
	V_RUN,
	V_DESCRIPTION,
	V_CREATED,
	V_UPDATED,
	V_TAGS,
	N_V
};

/* clang-format off */
static const struct view_column version_columns[N_V] = {
	[V_SOURCE] = { "source", "SOURCE", false, 4, VIEW_WIDE | VIEW_DATA },
	[V_MODEL] = { "model", "MODEL", false, 8, VIEW_WIDE | VIEW_DATA },
	[V_VERSION] = { "version", "VERSION", true, 3, VIEW_TABLE | VIEW_DATA | VIEW_NAME },
	[V_ALIASES] = { "aliases", "ALIASES", false, 8, VIEW_TABLE | VIEW_DATA },
	[V_STATUS] = { "status", "STATUS", false, 5, VIEW_TABLE | VIEW_DATA },
	[V_STAGE] = { "stage", "STAGE", false, 5, VIEW_TABLE | VIEW_DATA },
	[V_AGE] = { "age", "AGE", true, 3, VIEW_TABLE },
	[V_METRIC] = { "metric", "METRIC", false, 6, VIEW_TABLE },
	[V_VALUE] = { "value", "VALUE", true, 6, VIEW_TABLE },
	[V_RUN] = { "run_id", "RUN", false, 12, VIEW_WIDE | VIEW_DATA },
	[V_DESCRIPTION] = { "description", "DESCRIPTION", false, 10, VIEW_TABLE | VIEW_DATA },
	[V_CREATED] = { "created_ms", "CREATED", false, 19, VIEW_WIDE | VIEW_DATA },
	[V_UPDATED] = { "updated_ms", "UPDATED", false, 19, VIEW_DATA },
	[V_TAGS] = { "tags", "TAGS", false, 8, VIEW_DATA },
};
/* clang-format on */

static struct cell aliases_of(struct arena *a, const struct model_facts *m,
			      const char *version)
{
	struct cell_item *items =
		arena_alloc(a, (m->n_aliases + 1) * sizeof(*items));
	struct cell list = { .kind = CELL_LIST, .role = ROLE_ACCENT };
	size_t i;

	for (i = 0; i < m->n_aliases; i++)
		if (!strcmp(m->aliases[i].version, version))
			items[list.n_items++].value =
				cell_text(m->aliases[i].alias);
	list.items = items;
	return list;
}

static void version_row(const struct view_list *list, size_t i, struct arena *a,
			struct cell *cells)
{
	const struct reg_entry *e = list->of;
	const struct version_facts *v = &e->model->versions[i];
	const struct view_ctx *ctx = &list->ctx;
	struct view_model m;
	double value;

	view_model_look(ctx, e, &m);
	cells[V_SOURCE] = cell_text(m.source);
	cells[V_MODEL] = cell_text(e->model->name);
	cells[V_VERSION] = cell_text(v->version);
	cells[V_ALIASES] = aliases_of(a, e->model, v->version);
	cells[V_STATUS] = cell_text_or_none(v->status);
	cells[V_STAGE] = cell_text_or_none(v->stage);
	cells[V_AGE] = cell_age(v->created_ms);
	cells[V_METRIC] = cell_as(cell_text_or_none(m.metric), ROLE_DIM);
	if (view_version_value(ctx, e->source, v, m.metric, &value))
		cells[V_VALUE] =
			cell_number(value, view_decimals(ctx, m.metric));
	cells[V_RUN] = cell_text_or_none(v->run_id);
	cells[V_DESCRIPTION] = cell_text_or_none(v->description);
	cells[V_CREATED] = cell_time(v->created_ms);
	cells[V_UPDATED] = cell_time(v->updated_ms);
	cells[V_TAGS] = view_tags_cell(a, v->tags, v->n_tags);
}

void view_versions(struct view_list *list, const struct view_ctx *ctx,
		   const struct reg_entry *entry)
{
	view_list_start(list, ctx, version_columns, N_V);
	list->n_rows = entry->model->n_versions;
	list->row = version_row;
	list->of = entry;
}
