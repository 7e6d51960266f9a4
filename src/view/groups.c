/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "view/lists.h"
#include "view_list.h"

enum groups_what {
	GROUPS_KEY, /* index: of the keys */
	GROUPS_FIRST,
	GROUPS_COUNT,
	GROUPS_METRIC,
	/* index: of the metrics, or OWN */
	GROUPS_WITH,
	GROUPS_SPREAD,
	GROUPS_MEAN,
	GROUPS_SD,
	GROUPS_MIN,
	GROUPS_MAX,
	GROUPS_BEST,
	GROUPS_DATASET,
	GROUPS_CODE,
	/* data */
	GROUPS_MAP,
	GROUPS_DATA_KNOWN,
	GROUPS_CODE_KNOWN,
	GROUPS_METRICS,
	GROUPS_FILTER,
};

/* clang-format off */
static const struct view_column known[] = {
	[GROUPS_FIRST] = { "name", "NEWEST", false, 6, VIEW_TABLE },
	[GROUPS_COUNT] = { "n", "RUNS", true, 4, VIEW_TABLE | VIEW_DATA },
	[GROUPS_METRIC] = { "metric", "METRIC", false, 6, VIEW_TABLE },
	[GROUPS_WITH] = { "with", "VALUES", true, 4, VIEW_WIDE },
	[GROUPS_MEAN] = { "mean", "MEAN", true, 6, VIEW_TABLE },
	[GROUPS_SPREAD] = { "spread", "REPEATED", false, 8, VIEW_TABLE | VIEW_WHOLE },
	[GROUPS_SD] = { "sd", "SD", true, 6, VIEW_TABLE },
	[GROUPS_MIN] = { "min", "MIN", true, 6, VIEW_WIDE },
	[GROUPS_MAX] = { "max", "MAX", true, 6, VIEW_WIDE },
	[GROUPS_BEST] = { "best", "BEST", true, 6, VIEW_TABLE },
	[GROUPS_DATASET] = { "data", "DATA", false, 8, VIEW_TABLE },
	[GROUPS_CODE] = { "code", "CODE", false, 8, VIEW_TABLE },
	[GROUPS_MAP] = { "group", "GROUP", false, 8, VIEW_DATA },
	[GROUPS_DATA_KNOWN] = { "data_known", "", false, 4, VIEW_DATA },
	[GROUPS_CODE_KNOWN] = { "code_known", "", false, 4, VIEW_DATA },
	[GROUPS_METRICS] = { "metrics", "METRICS", false, 8, VIEW_DATA },
	[GROUPS_FILTER] = { "filter", "FILTER", false, 8, VIEW_DATA | VIEW_NAME },
};
/* clang-format on */

#define OWN SIZE_MAX
/* Groups whose keys say whether a column is one of numbers. */
#define MAX_LOOKED_AT 10000

struct groups_column {
	enum groups_what what;
	size_t index;
};

struct groups_of {
	struct view_groups_ask ask;
	struct group_key *keys;
	const char **names; /* of the keys */
	size_t n_keys;
	size_t *own; /* by experiment: the metric, n_metrics for none */
	int *decimals;
	struct view_column *columns;
	struct groups_column *made;
	size_t n;
};

/* ---- cells --------------------------------------------------------------- */

static struct cell key_cell(const struct groups_of *of, size_t k, uint32_t row)
{
	const struct group_key *key = &of->keys[k];
	const struct run_set *set = of->ask.set;
	double v;

	if (key->is_number)
		return key->col != RUN_NO_COLUMN &&
				       run_set_number(set, key->col, row, &v)
			       ? cell_number(v, 4)
			       : (struct cell){ 0 };
	if (key->key.by == ORDER_STATUS)
		return cell_status(
			(enum run_status)run_set_head(set, row)->status);
	return cell_text(group_key_text(set, key, row));
}

/* What was asked for always, what repeats bring where there is something. */
static struct cell keys_cell(const struct groups_of *of, uint32_t row,
			     struct arena *a)
{
	struct cell map = { .kind = CELL_MAP }, value;
	struct cell_item *items = arena_alloc(a, of->n_keys * sizeof(*items));
	size_t i;

	for (i = 0; i < of->n_keys; i++) {
		value = key_cell(of, i, row);
		if (value.kind != CELL_NONE || i < of->ask.by->n_keys)
			items[map.n_items++] =
				(struct cell_item){ of->names[i], value };
	}
	map.items = items;
	return map;
}

static struct cell number_or_none(double v, bool is_there, int decimals)
{
	return is_there ? cell_number(v, decimals) : (struct cell){ 0 };
}

static double best_of(const struct group_stat *s, int goal)
{
	return goal < 0 ? s->min : s->max;
}

static struct cell stat_cell(const struct groups_of *of,
			     const struct group *group, enum groups_what what,
			     size_t m, struct arena *a)
{
	const struct group_stat *s = &group->stats[m];
	char spread[GROUP_SPREAD_MAX];
	int decimals = of->decimals[m];

	switch (what) {
	case GROUPS_WITH:
		return cell_int(s->n);
	case GROUPS_MEAN:
		return number_or_none(s->mean, s->n, decimals);
	case GROUPS_SD:
		return number_or_none(s->sd, s->n > 1, decimals);
	case GROUPS_MIN:
		return number_or_none(s->min, s->n, decimals);
	case GROUPS_MAX:
		return number_or_none(s->max, s->n, decimals);
	case GROUPS_BEST:
		return number_or_none(best_of(s, of->ask.metrics[m].goal),
				      s->best_row != RUN_NO_ROW, decimals);
	default:
		group_spread_text(spread, &s->spread, group->n,
				  of->ask.is_narrow);
		return cell_text_or_none(arena_strdup(a, spread));
	}
}

static struct cell id_cell(const struct groups_of *of, uint32_t row,
			   struct arena *a)
{
	char id[40];

	if (row == RUN_NO_ROW)
		return (struct cell){ 0 };
	return cell_text(arena_strdup(a, run_set_id(of->ask.set, row, id)));
}

#define MAX_FIELDS 12

/* {n, n_missing, mean ..} of one metric. */
static struct cell metric_cell(const struct groups_of *of,
			       const struct group *group, size_t m,
			       struct arena *a)
{
	const struct group_stat *s = &group->stats[m];
	struct cell_item *items = arena_alloc(a, MAX_FIELDS * sizeof(*items));
	size_t n = 0;

	items[n++] = (struct cell_item){ "n", cell_int(s->n) };
	items[n++] = (struct cell_item){ "n_missing",
					 cell_int(group->n - s->n - s->n_odd) };
	items[n++] = (struct cell_item){ "n_not_finite", cell_int(s->n_odd) };
	for (int w = GROUPS_MEAN; w <= GROUPS_BEST; w++)
		items[n++] = (struct cell_item){
			known[w].id,
			stat_cell(of, group, (enum groups_what)w, m, a)
		};
	items[n++] = (struct cell_item){ "best_run_id",
					 id_cell(of, s->best_row, a) };
	if (of->ask.by->is_repeats) {
		bool has_spread = s->spread.n_values > 1;

		items[n++] = (struct cell_item){
			"n_within", has_spread ? cell_int(s->spread.n_within)
					       : (struct cell){ 0 }
		};
		items[n++] =
			(struct cell_item){ "tolerance",
					    number_or_none(s->spread.tolerance,
							   has_spread, 4) };
	}
	return (struct cell){ .kind = CELL_MAP, .items = items, .n_items = n };
}

/* Those that were chosen; else those of which it has a value. */
static struct cell metrics_cell(const struct groups_of *of,
				const struct group *group, struct arena *a)
{
	struct cell map = { .kind = CELL_MAP };
	struct cell_item *items =
		arena_alloc(a, (of->ask.n_metrics + 1) * sizeof(*items));
	size_t m;

	for (m = 0; m < of->ask.n_metrics; m++) {
		if (!of->ask.has_all_metrics &&
		    !(group->stats[m].n + group->stats[m].n_odd))
			continue;
		items[map.n_items++] =
			(struct cell_item){ of->ask.metrics[m].key.name,
					    metric_cell(of, group, m, a) };
	}
	map.items = items;
	return map;
}

static struct cell filter_cell(const struct groups_of *of, uint32_t row,
			       struct arena *a)
{
	struct buf out = BUF_INIT(0);
	struct cell cell;

	group_filter(of->ask.set, of->ask.by, row, &out);
	cell = cell_text(arena_strdup(a, buf_str(&out)));
	buf_release(&out);
	return cell;
}

/* Data and code are the last two keys of repeats. */
static struct cell repeat_cell(const struct groups_of *of, uint32_t row,
			       size_t from_end, int max, struct arena *a)
{
	struct cell c = key_cell(of, of->n_keys - from_end, row);

	if (c.kind == CELL_NONE)
		return cell_as(cell_text("unknown"), ROLE_WARN);
	return cell_as(cell_text(arena_printf(a, "%.*s", max, c.text)),
		       ROLE_DIM);
}

/* The metric of the column in this group; n_metrics: it has none. */
static size_t metric_of(const struct groups_of *of, const struct group *group,
			size_t index)
{
	return index == OWN ? of->own[run_set_head(of->ask.set, group->rows[0])
					      ->experiment]
			    : index;
}

static struct cell cell_of(const struct groups_of *of,
			   const struct groups_column *c,
			   const struct group *group, struct arena *a)
{
	const struct run_set *set = of->ask.set;
	uint32_t first = group->rows[0];
	size_t m = metric_of(of, group, c->index);

	switch (c->what) {
	case GROUPS_KEY:
		return key_cell(of, c->index, first);
	case GROUPS_FIRST:
		return cell_text(run_set_name(set, first));
	case GROUPS_COUNT:
		return cell_int(group->n);
	case GROUPS_METRIC:
		return m < of->ask.n_metrics
			       ? cell_as(cell_text(of->ask.metrics[m].key.name),
					 ROLE_DIM)
			       : (struct cell){ 0 };
	case GROUPS_DATASET:
		return repeat_cell(of, first, 2, 8, a);
	case GROUPS_CODE:
		return repeat_cell(of, first, 1, 8, a);
	case GROUPS_MAP:
		return keys_cell(of, first, a);
	case GROUPS_DATA_KNOWN:
		return cell_bool(group->is_data_known);
	case GROUPS_CODE_KNOWN:
		return cell_bool(group->is_code_known);
	case GROUPS_METRICS:
		return metrics_cell(of, group, a);
	case GROUPS_FILTER:
		return filter_cell(of, first, a);
	default:
		return m < of->ask.n_metrics
			       ? stat_cell(of, group, c->what, m, a)
			       : (struct cell){ 0 };
	}
}

static void groups_row(const struct view_list *list, size_t i, struct arena *a,
		       struct cell *cells)
{
	const struct groups_of *of = list->of;
	size_t c;

	for (c = 0; c < list->n_columns; c++)
		if (list->columns[c].flags & list->want)
			cells[c] = cell_of(of, &of->made[c],
					   &of->ask.groups->all[i], a);
}

/* ---- columns ------------------------------------------------------------- */

static struct view_column *add_column(struct groups_of *of,
				      enum groups_what what, size_t index)
{
	of->made[of->n] = (struct groups_column){ what, index };
	if (what != GROUPS_KEY)
		of->columns[of->n] = known[what];
	return &of->columns[of->n++];
}

static const char *key_title(const struct order_key *key, struct arena *a)
{
	static const char *const titles[] = {
		[ORDER_NAME] = "NAME",      [ORDER_STATUS] = "STATUS",
		[ORDER_EXPERIMENT] = "EXP", [ORDER_USER] = "USER",
		[ORDER_SOURCE] = "SOURCE",
	};

	return key->by == ORDER_VALUE ? arena_strdup(a, key->column.name)
				      : titles[key->by];
}

/* Params and tags that are numbers stand as numbers do. */
static bool are_numbers(const struct groups_of *of, size_t k)
{
	size_t n = MIN(of->ask.groups->n, (size_t)MAX_LOOKED_AT), i;
	const struct group_key *key = &of->keys[k];
	const char *text;
	double v;

	for (i = 0; i < n && !key->is_number; i++) {
		text = group_key_text(of->ask.set, key,
				      of->ask.groups->all[i].rows[0]);
		if (text && !num_parse(text, strlen(text), &v))
			return false;
	}
	return n;
}

static void add_keys(struct groups_of *of, struct arena *a)
{
	struct view_column *c;
	size_t i;

	for (i = 0; i < of->ask.by->n_keys; i++) {
		c = add_column(of, GROUPS_KEY, i);
		*c = (struct view_column){
			.id = of->names[i],
			.title = key_title(&of->keys[i].key, a),
			.is_right = are_numbers(of, i),
			.min_width = 4,
			.flags = VIEW_TABLE,
		};
	}
	if (of->ask.by->is_repeats)
		add_column(of, GROUPS_FIRST, 0);
}

/* Columns that say something: of how many values where that is not as many as
 * there are runs, a spread where there are two, a best where one is known. */
struct telling {
	bool with, sd, best;
};

static struct telling telling_of(const struct groups_of *of, size_t index)
{
	struct telling t = { 0 };

	for (size_t i = 0; i < of->ask.groups->n; i++) {
		const struct group *group = &of->ask.groups->all[i];
		size_t m = metric_of(of, group, index);

		if (m >= of->ask.n_metrics)
			continue;
		t.with |= group->stats[m].n != group->n;
		t.sd |= group->stats[m].n > 1;
		t.best |= group->stats[m].best_row != RUN_NO_ROW;
	}
	return t;
}

static void add_metric(struct groups_of *of, size_t index, struct arena *a)
{
	bool is_repeats = of->ask.by->is_repeats;
	struct telling tells = telling_of(of, index);
	struct view_column *mean;

	if (is_repeats) {
		add_column(of, GROUPS_SPREAD, index);
		if (!index || index == OWN)
			add_column(of, GROUPS_COUNT, 0);
	}
	mean = add_column(of, GROUPS_MEAN, index);
	if (index != OWN)
		mean->title = arena_printf(a, "MEAN %s",
					   of->ask.metrics[index].key.name);
	add_column(of, GROUPS_WITH, index)->flags =
		tells.with ? VIEW_TABLE : VIEW_WIDE;
	add_column(of, GROUPS_SD, index)->flags = tells.sd ? VIEW_TABLE : 0;
	add_column(of, GROUPS_MIN, index);
	add_column(of, GROUPS_MAX, index);
	add_column(of, GROUPS_BEST, index)->flags = tells.best ? VIEW_TABLE : 0;
}

static void add_metrics(struct groups_of *of, struct arena *a)
{
	size_t m;

	if (!of->ask.has_all_metrics && of->ask.n_metrics > 1) {
		add_column(of, GROUPS_METRIC, OWN);
		add_metric(of, OWN, a);
		return;
	}
	for (m = 0; m < of->ask.n_metrics; m++)
		add_metric(of, m, a);
}

static void make_columns(struct groups_of *of, struct arena *a)
{
	bool is_repeats = of->ask.by->is_repeats;

	add_keys(of, a);
	add_column(of, GROUPS_MAP, 0);
	if (!is_repeats || !of->ask.n_metrics)
		add_column(of, GROUPS_COUNT, 0);
	add_metrics(of, a);
	if (is_repeats) {
		add_column(of, GROUPS_DATASET, 0);
		add_column(of, GROUPS_CODE, 0);
		add_column(of, GROUPS_DATA_KNOWN, 0);
		add_column(of, GROUPS_CODE_KNOWN, 0);
	}
	add_column(of, GROUPS_METRICS, 0);
	add_column(of, GROUPS_FILTER, 0);
}

/* ---- making it ----------------------------------------------------------- */

static size_t find_metric(const struct group_metric *metrics, size_t n,
			  const char *name)
{
	size_t i;

	for (i = 0; i < n && strcmp(metrics[i].key.name, name) != 0; i++)
		;
	return i;
}

struct group_metric *view_group_metrics(const struct view_ctx *ctx,
					const char *metric, size_t *n)
{
	const struct model *m = ctx->model;
	size_t n_experiments = run_set_experiments(m->runs);
	struct group_metric *all = xcalloc(n_experiments + 1, sizeof(*all));
	const char *name;
	uint32_t i;

	*n = 0;
	if (metric) {
		all[(*n)++] =
			(struct group_metric){ { VALUE_METRIC, metric },
					       view_goal(ctx, metric, -1) };
		return all;
	}
	for (i = 0; i < n_experiments; i++) {
		name = intern_str(m->strings, model_main_metric(m, i));
		if (*name && find_metric(all, *n, name) == *n)
			all[(*n)++] =
				(struct group_metric){ { VALUE_METRIC, name },
						       view_goal(ctx, name,
								 (int)i) };
	}
	return all;
}

struct group_metric *view_group_picks(const struct view_ctx *ctx,
				      const char *const *picks, size_t n_picks,
				      size_t *n, size_t *n_others)
{
	struct group_metric *all = xcalloc(n_picks + 1, sizeof(*all));
	struct value_key *keys;
	size_t n_keys;

	*n = *n_others = 0;
	for (size_t i = 0; i < n_picks; i++) {
		keys = view_runs_keys(&picks[i], 1, &n_keys);
		if (n_keys && value_is_number(keys->kind))
			all[(*n)++] = (struct group_metric){
				*keys, view_goal(ctx, keys->name, -1)
			};
		else
			(*n_others)++;
		free(keys);
	}
	return all;
}

static void name_keys(struct view_list *list, struct groups_of *of)
{
	struct group_key *bound =
		group_keys_bind(of->ask.set, of->ask.by, &of->n_keys);
	struct buf name = BUF_INIT(0);
	size_t i, size = (of->n_keys + 1) * sizeof(*bound);

	of->keys = memcpy(arena_alloc(&list->arena, size), bound,
			  of->n_keys * sizeof(*bound));
	of->names = arena_alloc(&list->arena,
				(of->n_keys + 1) * sizeof(*of->names));
	for (i = 0; i < of->n_keys; i++)
		of->names[i] = arena_strdup(
			&list->arena, group_key_name(&bound[i].key, &name));
	buf_release(&name);
	free(bound);
}

static void find_own(struct view_list *list, struct groups_of *of)
{
	const struct model *m = list->ctx.model;
	size_t n = run_set_experiments(of->ask.set);

	of->own = arena_alloc(&list->arena, (n + 1) * sizeof(*of->own));
	of->decimals = arena_alloc(&list->arena,
				   (of->ask.n_metrics + 1) * sizeof(int));
	for (uint32_t i = 0; i < n; i++)
		of->own[i] = find_metric(
			of->ask.metrics, of->ask.n_metrics,
			intern_str(m->strings, model_main_metric(m, i)));
	for (size_t i = 0; i < of->ask.n_metrics; i++)
		of->decimals[i] =
			view_decimals(&list->ctx, of->ask.metrics[i].key.name);
}

void view_groups(struct view_list *list, const struct view_ctx *ctx,
		 const struct view_groups_ask *ask)
{
	struct groups_of *of;
	size_t room = ask->by->n_keys + (ask->n_metrics + 1) * 8 + 10;

	view_list_start(list, ctx, NULL, 0);
	of = arena_alloc(&list->arena, sizeof(*of));
	of->ask = *ask;
	of->columns = arena_alloc(&list->arena, room * sizeof(*of->columns));
	of->made = arena_alloc(&list->arena, room * sizeof(*of->made));
	name_keys(list, of);
	find_own(list, of);
	make_columns(of, &list->arena);
	list->columns = of->columns;
	list->n_columns = of->n;
	list->n_rows = ask->groups->n;
	list->of = of;
	list->row = groups_row;
}

enum err_code view_group_rows(struct view_list *list,
			      const struct view_ctx *ctx,
			      const struct view_grouping *how,
			      const struct view_groups_ask *ask,
			      const struct cancel *stop, struct groups **made,
			      struct err *err)
{
	struct group_ask group_ask = { .by = ask->by,
				       .metrics = ask->metrics,
				       .n_metrics = ask->n_metrics,
				       .n_sorts = how->n_sort };
	struct view_groups_ask whole = *ask;
	struct group_sort *sorts;

	if (group_sorts(how->sort, how->n_sort, &group_ask, &sorts, err))
		return err->code;
	group_ask.sorts = sorts;
	whole.groups = *made = groups_make(ask->set, how->rows, how->n_rows,
					   &group_ask, stop, err);
	free(sorts);
	if (*made)
		view_groups(list, ctx, &whole);
	return err->code;
}
