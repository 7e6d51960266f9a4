/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "model/order.h"
#include "view/lists.h"
#include "view_list.h"

#define INDENT       2u /* blanks a level of a tree */
#define MAX_INDENTED 16u

enum runs_what {
	RUNS_SOURCE,
	RUNS_ID,
	RUNS_NAME,
	RUNS_EXPERIMENT,
	RUNS_EXPERIMENT_ID,
	RUNS_STATUS,
	RUNS_LIFECYCLE,
	RUNS_USER,
	RUNS_START,
	RUNS_END,
	RUNS_AGE,
	RUNS_DURATION,
	RUNS_METRIC,
	RUNS_VALUE,
	RUNS_PARENT,
	RUNS_PARAMS,
	RUNS_METRICS,
	RUNS_TAGS,
	RUNS_DEPTH, /* of a tree; no column to choose */
	N_STANDARD,
	RUNS_PICKED = N_STANDARD, /* a value column of its own */
};

/* In the order of JSON; the table shows those of its own in the same one. */
/* clang-format off */
static const struct view_column standard[N_STANDARD] = {
	[RUNS_SOURCE] = { "source", "SOURCE", false, 4, VIEW_WIDE | VIEW_DATA },
	[RUNS_ID] = { "run_id", "RUN", false, 32, VIEW_WIDE | VIEW_DATA | VIEW_NAME },
	[RUNS_NAME] = { "name", "NAME", false, 12, VIEW_TABLE | VIEW_DATA },
	[RUNS_EXPERIMENT] = { "experiment", "EXP", false, 4, VIEW_TABLE | VIEW_DATA },
	[RUNS_EXPERIMENT_ID] = { "experiment_id", "EXP ID", false, 4, VIEW_DATA },
	[RUNS_STATUS] = { "status", "STATUS", false, 10, VIEW_TABLE | VIEW_DATA },
	[RUNS_LIFECYCLE] = { "lifecycle", "LIFECYCLE", false, 8, VIEW_DATA },
	[RUNS_USER] = { "user", "USER", false, 4, VIEW_WIDE | VIEW_DATA },
	[RUNS_START] = { "start_time_ms", "STARTED", false, 19, VIEW_WIDE | VIEW_DATA },
	[RUNS_END] = { "end_time_ms", "ENDED", false, 19, VIEW_DATA },
	[RUNS_AGE] = { "age", "AGE", true, 3, VIEW_TABLE },
	[RUNS_DURATION] = { "duration", "TOOK", true, 4, VIEW_WIDE },
	[RUNS_METRIC] = { "metric", "METRIC", false, 6, VIEW_TABLE },
	[RUNS_VALUE] = { "value", "VALUE", true, 6, VIEW_TABLE },
	[RUNS_PARENT] = { "parent_run_id", "PARENT", false, 32, VIEW_DATA },
	[RUNS_PARAMS] = { "params", "PARAMS", false, 8, VIEW_DATA },
	[RUNS_METRICS] = { "metrics", "METRICS", false, 8, VIEW_DATA },
	[RUNS_TAGS] = { "tags", "TAGS", false, 8, VIEW_DATA },
	[RUNS_DEPTH] = { "depth", "DEPTH", true, 5, 0 },
};
/* clang-format on */

/* Other names by which --columns knows them. */
static const struct {
	const char *name;
	enum runs_what what;
} other_names[] = { { "id", RUNS_ID },
		    { "start", RUNS_START },
		    { "end", RUNS_END },
		    { "parent", RUNS_PARENT },
		    { "exp", RUNS_EXPERIMENT } };

struct runs_column {
	enum runs_what what;
	uint32_t col; /* RUNS_PICKED: of the set; RUN_NO_COLUMN */
	int decimals;
};

struct runs_of {
	struct view_runs_ask ask;
	struct runs_column *columns;
	uint32_t metric_col; /* of ask.metric */
	/* Columns of the set by kind, in order of their names. */
	uint32_t *by_kind[N_VALUE_KINDS];
	size_t n_by_kind[N_VALUE_KINDS];
	/* Per experiment: its main metric, its column and decimals. */
	struct main_metric {
		const char *name;
		uint32_t col;
		int decimals;
	} * mains;
};

static enum runs_what find_standard(const char *name)
{
	size_t i;

	for (i = 0; i < RUNS_DEPTH; i++)
		if (!strcmp(standard[i].id, name))
			return (enum runs_what)i;
	for (i = 0; i < ARRAY_LEN(other_names); i++)
		if (!strcmp(other_names[i].name, name))
			return other_names[i].what;
	return RUNS_PICKED;
}

struct value_key *view_runs_keys(const char *const *picks, size_t n_picks,
				 size_t *n)
{
	struct value_key *keys = xcalloc(n_picks + 1, sizeof(*keys));
	size_t i;

	*n = 0;
	for (i = 0; i < n_picks; i++)
		if (find_standard(picks[i]) == RUNS_PICKED)
			keys[(*n)++] = order_value_key(picks[i]);
	return keys;
}

bool view_runs_pick_all(const char *const *picks, size_t n_picks,
			bool all[N_NAMED_KINDS])
{
	enum runs_what what;
	size_t i;

	memset(all, 0, N_NAMED_KINDS * sizeof(*all));
	for (i = 0; i < n_picks; i++) {
		what = find_standard(picks[i]);
		all[VALUE_METRIC] |= what == RUNS_METRIC ||
				     what == RUNS_VALUE || what == RUNS_METRICS;
		all[VALUE_PARAM] |= what == RUNS_PARAMS;
		all[VALUE_TAG] |= what == RUNS_TAGS;
	}
	return all[VALUE_METRIC] || all[VALUE_PARAM] || all[VALUE_TAG];
}

static int by_name(const void *pa, const void *pb, void *ctx)
{
	const struct run_set *set = ctx;

	return strcmp(run_set_column_name(set, *(const uint32_t *)pa),
		      run_set_column_name(set, *(const uint32_t *)pb));
}

static void list_by_kind(struct view_list *list, struct runs_of *of)
{
	const struct run_set *set = of->ask.set;
	uint32_t n = run_set_columns(set), col;
	enum value_kind kind;
	size_t k;

	for (k = 0; k < N_VALUE_KINDS; k++)
		of->by_kind[k] =
			arena_alloc(&list->arena, (n + 1) * sizeof(uint32_t));
	for (col = 0; col < n; col++) {
		kind = run_set_column_kind(set, col);
		of->by_kind[kind][of->n_by_kind[kind]++] = col;
	}
	for (k = 0; k < N_VALUE_KINDS; k++)
		qsort_r(of->by_kind[k], of->n_by_kind[k], sizeof(uint32_t),
			by_name, (void *)set);
}

static struct main_metric main_of(const struct view_list *list,
				  const struct run_set *set, const char *name)
{
	return (struct main_metric){
		.name = name,
		.col = run_set_find_column(set, VALUE_METRIC, name),
		.decimals = view_decimals(&list->ctx, name),
	};
}

static void find_mains(struct view_list *list, struct runs_of *of)
{
	const struct model *m = list->ctx.model;
	size_t n = run_set_experiments(of->ask.set), i;
	const char *name;

	of->mains = arena_alloc(&list->arena, (n + 1) * sizeof(*of->mains));
	for (i = 0; i < n; i++) {
		name = of->ask.metric;
		if (!name)
			name = intern_str(m->strings,
					  model_main_metric(m, (uint32_t)i));
		of->mains[i] = main_of(list, of->ask.set, name);
	}
}

/* ---- cells --------------------------------------------------------------- */

static struct cell number_cell(const struct run_set *set, uint32_t col,
			       uint32_t row, int decimals)
{
	double v;

	if (col == RUN_NO_COLUMN || !run_set_number(set, col, row, &v))
		return (struct cell){ 0 };
	return cell_number(v, decimals);
}

/* Several are joined as a person would. */
static struct cell fact_cell(const char *text, struct arena *a)
{
	struct buf out = BUF_INIT(0);
	struct cell cell;

	if (!text)
		return (struct cell){ 0 };
	for (; *text; text++) {
		if (*text == BATCH_FACT_SEPARATOR)
			buf_adds(&out, ", ");
		else
			buf_addc(&out, *text);
	}
	cell = cell_text(arena_strdup(a, buf_str(&out)));
	buf_release(&out);
	return cell;
}

static struct cell value_cell(const struct run_set *set, uint32_t col,
			      uint32_t row, int decimals, struct arena *a)
{
	if (col == RUN_NO_COLUMN)
		return (struct cell){ 0 };
	if (value_is_number(run_set_column_kind(set, col)))
		return number_cell(set, col, row, decimals);
	if (run_set_column_kind(set, col) == VALUE_FACT)
		return fact_cell(run_set_text(set, col, row), a);
	return cell_text(run_set_text(set, col, row));
}

static struct cell map_cell(const struct runs_of *of, enum value_kind kind,
			    uint32_t row, struct arena *a)
{
	const struct run_set *set = of->ask.set;
	size_t n = of->n_by_kind[kind], i;
	struct cell map = { .kind = CELL_MAP };
	struct cell_item *items = arena_alloc(a, (n + 1) * sizeof(*items));
	uint32_t col;

	for (i = 0; i < n; i++) {
		col = of->by_kind[kind][i];
		items[map.n_items].value = value_cell(set, col, row, 4, a);
		if (items[map.n_items].value.kind != CELL_NONE)
			items[map.n_items++].name =
				run_set_column_name(set, col);
	}
	map.items = items;
	return map;
}

static struct cell took_cell(const struct run_head *h, int64_t now_ms)
{
	int64_t ms = run_duration_ms(h, now_ms);

	return ms == TIME_NONE ? (struct cell){ 0 } : cell_duration(ms);
}

static struct cell id_cell(struct arena *a, const char *id, const char *buf)
{
	if (!*id)
		return (struct cell){ 0 };
	return cell_text(id == buf ? arena_strdup(a, id) : id);
}

static struct cell head_cell(const struct view_list *list,
			     const struct runs_of *of, enum runs_what what,
			     uint32_t row, struct arena *a)
{
	const struct run_set *set = of->ask.set;
	const struct run_head *h = run_set_head(set, row);
	const struct run_experiment *e = run_set_experiment(set, h->experiment);
	const struct intern *strings = run_set_strings(set);
	const struct main_metric *main = &of->mains[h->experiment];
	char buf[40];

	switch (what) {
	case RUNS_SOURCE:
		return cell_text(view_source_name(&list->ctx, h->source));
	case RUNS_ID:
		return id_cell(a, run_set_id(set, row, buf), buf);
	case RUNS_NAME:
		return cell_text(run_set_name(set, row));
	case RUNS_EXPERIMENT:
		return cell_as(cell_text(intern_str(strings, e->name)),
			       ROLE_DIM);
	case RUNS_EXPERIMENT_ID:
		return cell_text(intern_str(strings, e->id));
	case RUNS_STATUS:
		return view_status_cell(&list->ctx, row,
					(enum run_status)h->status);
	case RUNS_LIFECYCLE:
		return cell_text(h->flags & RUN_IS_DELETED ? "deleted"
							   : "active");
	case RUNS_USER:
		return cell_text_or_none(intern_str(strings, h->user));
	case RUNS_START:
		return cell_time(h->start_ms);
	case RUNS_END:
		return cell_time(h->end_ms);
	case RUNS_AGE:
		return cell_age(h->start_ms);
	case RUNS_DURATION:
		return took_cell(h, list->ctx.now_ms);
	case RUNS_METRIC:
		return cell_as(cell_text_or_none(main->name), ROLE_DIM);
	case RUNS_VALUE:
		return number_cell(set, main->col, row, main->decimals);
	case RUNS_PARENT:
		return id_cell(a, run_set_parent_id(set, row, buf), buf);
	case RUNS_PARAMS:
		return map_cell(of, VALUE_PARAM, row, a);
	case RUNS_METRICS:
		return map_cell(of, VALUE_METRIC, row, a);
	default:
		return map_cell(of, VALUE_TAG, row, a);
	}
}

uint8_t view_indent(uint32_t depth)
{
	return (uint8_t)(MIN(depth, MAX_INDENTED) * INDENT);
}

static void runs_row(const struct view_list *list, size_t i, struct arena *a,
		     struct cell *cells)
{
	const struct runs_of *of = list->of;
	const struct runs_column *rc;
	uint32_t row = of->ask.rows[i];
	size_t c;

	for (c = 0; c < list->n_columns; c++) {
		if (!(list->columns[c].flags & list->want))
			continue;
		rc = &of->columns[c];
		if (rc->what == RUNS_DEPTH) {
			cells[c] = cell_int(of->ask.places[i].depth);
			continue;
		}
		cells[c] = rc->what == RUNS_PICKED
				   ? value_cell(of->ask.set, rc->col, row,
						rc->decimals, a)
				   : head_cell(list, of, rc->what, row, a);
		if (rc->what == RUNS_NAME && of->ask.places)
			cells[c].indent = view_indent(of->ask.places[i].depth);
	}
}

/* ---- making it ----------------------------------------------------------- */

static void pick_column(struct view_list *list, struct runs_of *of,
			const char *name, struct view_column *column,
			struct runs_column *rc)
{
	struct value_key key = order_value_key(name);

	rc->what = find_standard(name);
	if (rc->what != RUNS_PICKED) {
		*column = standard[rc->what];
		column->flags |= VIEW_TABLE | VIEW_DATA;
		return;
	}
	rc->col = run_set_find_column(of->ask.set, key.kind, key.name);
	rc->decimals = view_decimals(&list->ctx, key.name);
	*column = (struct view_column){ .id = name,
					.title = key.name,
					.is_right = value_is_number(key.kind),
					.min_width = 6,
					.flags = VIEW_TABLE | VIEW_DATA };
}

static void pick_columns(struct view_list *list, struct runs_of *of)
{
	size_t n = of->ask.n_picks, i;
	struct view_column *columns =
		arena_alloc(&list->arena, n * sizeof(*columns));

	of->columns = arena_alloc(&list->arena, n * sizeof(*of->columns));
	for (i = 0; i < n; i++)
		pick_column(list, of,
			    arena_strdup(&list->arena, of->ask.picks[i]),
			    &columns[i], &of->columns[i]);
	list->columns = columns;
	list->n_columns = n;
}

/* One metric for all rows has its name as the head. */
static void standard_columns(struct view_list *list, struct runs_of *of)
{
	struct view_column *columns =
		arena_alloc(&list->arena, sizeof(standard));
	size_t i;

	memcpy(columns, standard, sizeof(standard));
	of->columns =
		arena_alloc(&list->arena, N_STANDARD * sizeof(*of->columns));
	for (i = 0; i < N_STANDARD; i++)
		of->columns[i].what = (enum runs_what)i;
	if (of->ask.places)
		columns[RUNS_DEPTH].flags = VIEW_DATA;
	if (of->ask.metric) {
		columns[RUNS_METRIC].flags = 0;
		columns[RUNS_VALUE].title =
			arena_strdup(&list->arena, of->ask.metric);
	}
	list->columns = columns;
}

enum err_code view_runs(struct view_list *list, const struct view_ctx *ctx,
			const struct view_runs_ask *ask, struct err *err)
{
	struct runs_of *of;

	if (ask->n_picks > VIEW_MAX_COLUMNS)
		return err_set(err, ERR_LIMIT, "at most %d columns",
			       VIEW_MAX_COLUMNS);
	view_list_start(list, ctx, standard, N_STANDARD);
	of = arena_alloc(&list->arena, sizeof(*of));
	of->ask = *ask;
	list->of = of;
	list->row = runs_row;
	list->n_rows = ask->n_rows;
	if (ask->n_picks)
		pick_columns(list, of);
	else
		standard_columns(list, of);
	list_by_kind(list, of);
	find_mains(list, of);
	return ERR_OK;
}
