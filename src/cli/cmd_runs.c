/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli_parts.h"
#include "model/filter.h"
#include "model/group.h"
#include "model/health.h"
#include "model/order.h"
#include "model/run_tree.h"

/* ---- runs ---------------------------------------------------------------- */

/* What was asked for, parsed. */
struct runs {
	struct cli *cli;
	struct filter *filter;
	struct order_key *keys;
	size_t n_keys;
	const char **picks;
	size_t n_picks;
	int64_t limit;
	struct value_key *columns; /* all that is needed of values */
	size_t n_columns;
	struct arena arena;
	uint32_t *rows;
	size_t n_rows;
	struct run_tree tree; /* --tree */
	bool is_grouped;
	struct group_by by;
};

static bool parse_filter(struct runs *r)
{
	const char *text = cli_opt(r->cli, OPT_FILTER);
	struct err err = { 0 };
	size_t column;

	if (!text)
		return true;
	if (!filter_parse(text, r->cli->now_ms, &r->filter, &column, &err))
		return true;
	cli_say("filter, column %zu: %s", column, err.msg);
	return false;
}

static bool parse_sort(struct runs *r)
{
	const char *text = cli_opt(r->cli, OPT_SORT);
	struct err err = { 0 };

	if (!text || !order_parse(text, &r->keys, &r->n_keys, &err))
		return true;
	cli_say("%s", err.msg);
	return false;
}

static bool parse_picks(struct runs *r)
{
	const char *text = cli_opt(r->cli, OPT_COLUMNS);
	char *at, *name;

	if (!text)
		return true;
	at = arena_strdup(&r->cli->arena, text);
	while ((name = order_next_name(&at))) {
		if (!*name) {
			cli_usage(r->cli, "--columns '%s': a name is missing",
				  text);
			return false;
		}
		r->picks =
			xreallocarray(r->picks, r->n_picks + 1, sizeof(char *));
		r->picks[r->n_picks++] = order_column_id(name, &r->cli->arena);
	}
	return true;
}

static void add_column(struct runs *r, struct value_key key)
{
	r->columns = xreallocarray(r->columns, r->n_columns + 1, sizeof(key));
	r->columns[r->n_columns++] = key;
}

static bool parse_group(struct runs *r)
{
	const char *text = cli_opt(r->cli, OPT_GROUP);
	struct err err = { 0 };

	if (!text)
		return true;
	if (cli_has(r->cli, OPT_TREE)) {
		cli_usage(r->cli, "--group and --tree: one of them");
		return false;
	}
	r->is_grouped = !group_by_parse(text, &r->by, &err);
	if (!r->is_grouped)
		cli_say("%s", err.msg);
	return r->is_grouped;
}

static void find_group_columns(struct runs *r)
{
	size_t i;

	for (i = 0; i < r->by.n_keys; i++)
		if (r->by.keys[i].by == ORDER_VALUE)
			add_column(r, r->by.keys[i].column);
	if (r->by.is_repeats)
		add_column(r, (struct value_key){ VALUE_FACT, GROUP_DIGEST });
}

/* The values that filter, order and columns look at; without --columns all
 * values are wanted anyway. */
static void find_columns(struct runs *r)
{
	struct value_key *picked;
	size_t i, n;

	for (i = 0; r->filter && i < filter_n_columns(r->filter); i++)
		add_column(r, filter_column(r->filter, i));
	/* Groups are sorted by what they show: all metrics, or its own keys. */
	for (i = 0; i < r->n_keys && !r->is_grouped; i++)
		if (r->keys[i].by == ORDER_VALUE)
			add_column(r, r->keys[i].column);
	picked = view_runs_keys(r->picks, r->n_picks, &n);
	for (i = 0; i < n; i++)
		add_column(r, picked[i]);
	free(picked);
	find_group_columns(r);
}

static int order_runs(struct runs *r)
{
	struct order_ask ask = {
		.filter = r->filter,
		.keys = r->keys,
		.n_keys = r->is_grouped ? 0 : r->n_keys, /* of groups */
		.only_deleted = cli_has(r->cli, OPT_DELETED),
	};
	struct err err = { 0 };
	int status = cli_find_experiments(r->cli, &r->arena, &ask.experiments,
					  &ask.n_experiments);

	if (status)
		return status;
	r->rows = order_make(r->cli->model.runs, &ask, &r->cli->stop,
			     &r->n_rows, &err);
	if (!r->rows)
		return err.code == ERR_STOP ? EXIT_INTERRUPTED : cli_fail(&err);
	if (cli_has(r->cli, OPT_TREE))
		run_tree_make(r->cli->model.runs,
			      &(struct run_tree_ask){ .rows = r->rows,
						      .n = r->n_rows },
			      &r->tree);
	if (r->is_grouped)
		return 0;
	if (r->limit >= 0 && r->n_rows > (size_t)r->limit)
		r->n_rows = (size_t)r->limit;
	return 0;
}

/* Brings the last points of those that run, for a table to say which are
 * silent. What cannot be read is not called so. */
static void load_pulse(struct cli *cli, const uint32_t *rows, size_t n)
{
	const struct model *m = &cli->model;
	const struct run_head *h;
	struct err err = { 0 };
	char id[40];
	size_t i;

	for (i = 0; i < n && !cancel_is_due(&cli->stop); i++) {
		h = run_set_head(m->runs, rows[i]);
		if (h->status != RUN_RUNNING)
			continue;
		if (load_series(
			    cli->load, h->source,
			    &(struct series_ask){
				    .run_id = run_set_id(m->runs, rows[i], id),
				    .metric = intern_str(
					    m->strings,
					    model_main_metric(m,
							      h->experiment)),
				    .max_points = HEALTH_POINTS },
			    1, &cli->stop, &err))
			err_clear(&err);
	}
}

static bool is_for_people(const struct cli *cli)
{
	return cli->style.form == PRINT_TABLE || cli->style.form == PRINT_WIDE;
}

static int print_runs(struct runs *r)
{
	struct view_ctx ctx = cli_ctx(r->cli);
	struct view_runs_ask ask = { .set = r->cli->model.runs,
				     .rows = r->tree.n ? r->tree.rows : r->rows,
				     .n_rows = r->n_rows,
				     .picks = r->picks,
				     .n_picks = r->n_picks,
				     .places = r->tree.places };
	struct view_list list;
	struct err err = { 0 };

	if (is_for_people(r->cli))
		load_pulse(r->cli, r->rows, r->n_rows);
	if (view_runs(&list, &ctx, &ask, &err))
		return cli_fail(&err);
	return cli_print(r->cli, &list);
}

/* Those of --columns, else the main ones. NULL after a message. */
static struct group_metric *choose_metrics(const struct runs *r, size_t *n)
{
	struct view_ctx ctx = cli_ctx(r->cli);
	struct group_metric *metrics;
	size_t n_others;

	if (!r->n_picks)
		return view_group_metrics(&ctx, NULL, n);
	metrics = view_group_picks(&ctx, r->picks, r->n_picks, n, &n_others);
	if (!n_others)
		return metrics;
	cli_usage(r->cli, "--columns '%s': of groups, metrics are told",
		  cli_opt(r->cli, OPT_COLUMNS));
	free(metrics);
	return NULL;
}

static int print_groups(struct runs *r)
{
	struct view_ctx ctx = cli_ctx(r->cli);
	struct view_grouping how = { r->rows, r->n_rows, r->keys, r->n_keys };
	struct view_groups_ask ask = { .set = ctx.model->runs,
				       .by = &r->by,
				       .has_all_metrics = r->n_picks };
	struct group_metric *metrics = choose_metrics(r, &ask.n_metrics);
	struct groups *groups = NULL;
	struct view_list list;
	struct err err = { 0 };
	int status = EXIT_USAGE;

	ask.metrics = metrics;
	if (!metrics)
		return status;
	if (!view_group_rows(&list, &ctx, &how, &ask, &r->cli->stop, &groups,
			     &err)) {
		if (groups->n_unknown)
			cli_say("%zu without params, data and code: nothing "
				"tells whether they repeat each other",
				groups->n_unknown);
		if (r->limit >= 0)
			list.n_rows = MIN(list.n_rows, (size_t)r->limit);
		status = cli_print(r->cli, &list);
	} else if (err.code == ERR_STOP) {
		status = EXIT_INTERRUPTED;
	} else {
		cli_say("%s", err.msg);
	}
	groups_free(groups);
	free(metrics);
	return status;
}

/* Is it a metric that nobody has logged, without its prefix? Where there are
 * runs that is a slip of the pen. */
static bool is_slip(const struct runs *r, struct value_key key)
{
	return key.kind == VALUE_METRIC && !strchr(key.name, '.') &&
	       run_set_find_column(r->cli->model.runs, key.kind, key.name) ==
		       RUN_NO_COLUMN;
}

static const char *find_slip(const struct runs *r)
{
	const char *sort = cli_opt(r->cli, OPT_SORT), *slip = NULL;
	struct value_key *picked;
	size_t i, n;

	for (i = 0; i < r->by.n_keys; i++)
		if (r->by.keys[i].by == ORDER_VALUE &&
		    is_slip(r, r->by.keys[i].column))
			return r->by.keys[i].column.name;
	for (i = 0; !r->is_grouped && i < r->n_keys && !strchr(sort, '.'); i++)
		if (r->keys[i].by == ORDER_VALUE &&
		    is_slip(r, r->keys[i].column))
			return r->keys[i].column.name;
	picked = view_runs_keys(r->picks, r->n_picks, &n);
	for (i = 0; i < n && !slip; i++)
		if (is_slip(r, picked[i]) &&
		    !strchr(cli_opt(r->cli, OPT_COLUMNS), '.'))
			slip = picked[i].name;
	free(picked);
	return slip;
}

static bool is_param(const struct model *m, const char *name)
{
	const struct model_names *params;
	size_t i, k;

	for (i = 0; i < m->n_sources; i++) {
		params = &m->sources[i].names[VALUE_PARAM];
		for (k = 0; k < params->n; k++)
			if (!strcmp(intern_str(m->strings, params->all[k]),
				    name))
				return true;
	}
	return false;
}

static int check_names(const struct runs *r)
{
	const char *slip = find_slip(r);

	if (!slip || r->cli->n_unread || !run_set_count(r->cli->model.runs))
		return 0;
	if (is_param(&r->cli->model, slip))
		return cli_usage(r->cli, "no metric '%s': params.%s is a param",
				 slip, slip);
	return cli_usage(r->cli,
			 "no column '%s': expected name, status, age ..., "
			 "metrics.NAME, params.NAME or tags.NAME",
			 slip);
}

/* Groups are made of all metrics, repeats of all that was set; and CSV has a
 * column for each that any run has. */
static void ask_for_kinds(const struct runs *r, struct load_ask *ask)
{
	bool is_csv = r->cli->style.form == PRINT_CSV && !r->is_grouped;

	ask->all[VALUE_METRIC] = !r->n_picks && (r->is_grouped || is_csv);
	ask->all[VALUE_PARAM] = ask->all[VALUE_TAG] = !r->n_picks && is_csv;
	if (r->by.is_repeats)
		memset(ask->all, true, sizeof(ask->all));
}

static bool was_before(const struct runs *r, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (r->columns[i].kind == r->columns[at].kind &&
		    !strcmp(r->columns[i].name, r->columns[at].name))
			return true;
	return false;
}

/* A name behind a prefix that no run has is no error: there may be none yet. */
static void hint_at_unknown(const struct runs *r)
{
	const struct run_set *set = r->cli->model.runs;

	if (r->cli->n_unread || !run_set_count(set))
		return;
	for (size_t i = 0; i < r->n_columns; i++) {
		struct value_key key = r->columns[i];

		if (key.kind < N_NAMED_KINDS && !was_before(r, i) &&
		    run_set_find_column(set, key.kind, key.name) ==
			    RUN_NO_COLUMN)
			cli_say("no run here has %s %s",
				value_kind_name(key.kind), key.name);
	}
}

static int load_runs(struct runs *r)
{
	struct load_ask ask = { 0 };

	find_columns(r);
	ask.columns = r->columns;
	ask.n_columns = r->n_columns;
	ask_for_kinds(r, &ask);
	return cli_load(r->cli, &ask);
}

/* What else is told of the runs chosen: looked up where they are few. Tables
 * have a metric of each, JSON has all values. False: nothing. */
static bool is_rest(const struct runs *r, bool all[N_NAMED_KINDS])
{
	bool is_table = is_for_people(r->cli);

	if (r->n_picks)
		return view_runs_pick_all(r->picks, r->n_picks, all);
	all[VALUE_METRIC] = true;
	all[VALUE_PARAM] = all[VALUE_TAG] = !is_table;
	return true;
}

static void load_rest(struct runs *r)
{
	struct load_ask rest = { .columns = r->columns,
				 .n_columns = r->n_columns };
	struct cli *cli = r->cli;

	if (!r->n_rows || r->is_grouped || cli->style.form == PRINT_NAME ||
	    !is_rest(r, rest.all))
		return;
	if (r->n_rows * 10 < run_set_count(cli->model.runs)) {
		cli->n_unread =
			load_values(cli->load, r->rows, r->n_rows, &cli->stop);
		return;
	}
	load_again(cli->load);
	cli->n_unread = load_poll(cli->load, &rest, &cli->stop);
}

int cmd_runs(struct cli *cli)
{
	struct runs r = { .cli = cli };
	int status = cli_take_view(cli);

	if (status)
		return status;
	status = EXIT_USAGE;
	if (!parse_filter(&r) || !parse_sort(&r) || !parse_picks(&r) ||
	    !parse_group(&r) || !cli_opt_int(cli, OPT_LIMIT, 0, -1, &r.limit))
		goto out;
	status = load_runs(&r);
	if (!status)
		status = check_names(&r);
	if (!status)
		hint_at_unknown(&r);
	if (!status)
		status = order_runs(&r);
	if (!status)
		load_rest(&r);
	if (!status)
		status = r.is_grouped ? print_groups(&r) : print_runs(&r);
out:
	filter_free(r.filter);
	free(r.keys);
	free(r.picks);
	free(r.columns);
	arena_release(&r.arena);
	free(r.rows);
	run_tree_release(&r.tree);
	group_by_release(&r.by);
	return status;
}

/* ---- show ---------------------------------------------------------------- */

static const struct load_ask heads_only;

/* The run whole, or an exit status after a message. */
static int load_whole(struct cli *cli, uint32_t row,
		      const struct run_detail **out)
{
	const struct run_head *h = run_set_head(cli->model.runs, row);
	struct err err = { 0 };
	char id[40];

	*out = load_detail(cli->load, h->source,
			   run_set_id(cli->model.runs, row, id), &cli->stop,
			   &err);
	return *out ? 0 : cli_fail(&err);
}

int cmd_show(struct cli *cli)
{
	const struct run_detail *detail;
	struct view_ctx ctx;
	struct view_list list;
	uint32_t row;
	uint16_t source;
	int status = cli_load(cli, &heads_only);

	if (!status)
		status = cli_find_run(cli, cli->args.v[0], &row);
	if (!status)
		status = load_whole(cli, row, &detail);
	if (status)
		return status;
	ctx = cli_ctx(cli);
	source = run_set_head(cli->model.runs, row)->source;
	if (is_for_people(cli)) {
		load_pulse(cli, &row, 1);
		view_print_run(&ctx, source, detail, &cli->style, cli_sink,
			       NULL);
		return cli_end(cli, EXIT_YES);
	}
	view_run(&list, &ctx, source, detail);
	return cli_print(cli, &list);
}

/* ---- history ------------------------------------------------------------- */

struct history {
	struct cli *cli;
	uint16_t source;
	const char *run_id;
	int64_t max_points; /* 0: all */
	struct view_history_item *items;
	size_t n;
};

/* The cache may drop a series when the next comes: the points are copied. */
static int add_history(struct history *h, const char *metric)
{
	struct series_ask ask = { .run_id = h->run_id, .metric = metric };
	struct cli *cli = h->cli;
	const struct series *s;
	struct point *points;
	struct err err = { 0 };
	size_t n;

	if (load_series(cli->load, h->source, &ask, 1, &cli->stop, &err))
		return cli_fail(&err);
	s = series_cache_get(cli->model.series, h->source, h->run_id, metric);
	if (!s || !s->n) {
		cli_say("run %.12s has no metric '%s'", h->run_id, metric);
		return EXIT_ABSENT;
	}
	n = h->max_points ? MIN(s->n, (size_t)h->max_points) : s->n;
	points = xreallocarray(NULL, n, sizeof(*points));
	h->items[h->n++] = (struct view_history_item){
		.source = h->source,
		.run_id = h->run_id,
		.metric = metric,
		.points = points,
		.n = series_reduce(s, points, n),
		.n_total = s->n_total,
	};
	return 0;
}

static int print_history(const struct history *h)
{
	struct cli *cli = h->cli;
	struct view_ctx ctx = cli_ctx(cli);
	struct view_list list;

	if (cli->style.form == PRINT_JSON || cli->style.form == PRINT_JSONL)
		view_history(&list, &ctx, h->items, h->n);
	else
		view_points(&list, &ctx, h->items, h->n);
	return cli_print(cli, &list);
}

int cmd_history(struct cli *cli)
{
	struct history h = { .cli = cli };
	char id[40];
	uint32_t row;
	size_t i;
	int status;

	if (!cli_opt_int(cli, OPT_POINTS, 1, 0, &h.max_points))
		return EXIT_USAGE;
	status = cli_load(cli, &heads_only);
	if (!status)
		status = cli_find_run(cli, cli->args.v[0], &row);
	if (status)
		return status;
	h.run_id = run_set_id(cli->model.runs, row, id);
	h.source = run_set_head(cli->model.runs, row)->source;
	h.items = xcalloc(cli->args.n, sizeof(*h.items));
	for (i = 1; i < cli->args.n && !status; i++)
		status = add_history(&h, cli->args.v[i]);
	if (!status)
		status = print_history(&h);
	for (i = 0; i < h.n; i++)
		free((void *)h.items[i].points);
	free(h.items);
	return status;
}

/* ---- compare ------------------------------------------------------------- */

#define MAX_COMPARED 200u

struct comparison {
	struct cli *cli;
	const struct run_detail **details;
	uint16_t *sources;
	uint32_t *rows;
	size_t n, baseline;
};

static int add_run(struct comparison *c, const char *text, size_t *index)
{
	uint32_t row;
	int status = cli_find_run(c->cli, text, &row);
	size_t i;

	for (i = 0; !status && i < c->n; i++) {
		if (c->rows[i] == row) {
			*index = i;
			return 0;
		}
	}
	if (!status)
		status = load_whole(c->cli, row, &c->details[c->n]);
	if (status)
		return status;
	c->rows[c->n] = row;
	c->sources[c->n] = run_set_head(c->cli->model.runs, row)->source;
	*index = c->n++;
	return 0;
}

static int print_json(const struct comparison *c, const struct compare *cmp,
		      bool diff_only)
{
	struct view_ctx ctx = cli_ctx(c->cli);
	struct buf text = BUF_INIT(0);
	struct json_out out = JSON_OUT(&text);

	view_compare_json(&ctx, cmp, c->details, c->sources, diff_only, &out);
	buf_addc(&text, '\n');
	cli_write(buf_str(&text), text.len);
	buf_release(&text);
	return cli_end(c->cli, EXIT_YES);
}

static int print_comparison(const struct comparison *c)
{
	bool diff_only = cli_has(c->cli, OPT_DIFF_ONLY);
	enum print_form form = c->cli->style.form;
	struct view_ctx ctx = cli_ctx(c->cli);
	struct view_list list;
	struct compare cmp;
	int status;

	compare_make(&cmp, &ctx, c->details, c->n, c->baseline);
	if (form == PRINT_JSON || form == PRINT_JSONL) {
		status = print_json(c, &cmp, diff_only);
	} else {
		view_compare(&list, &ctx, &cmp, c->details, diff_only);
		status = cli_print(c->cli, &list);
	}
	compare_release(&cmp);
	return status;
}

int cmd_compare(struct cli *cli)
{
	struct comparison c = { .cli = cli };
	const char *baseline = cli_opt(cli, OPT_BASELINE);
	size_t i, index;
	int status;

	if (cli->args.n > MAX_COMPARED)
		return cli_usage(cli, "at most %u runs", MAX_COMPARED);
	status = cli_load(cli, &heads_only);
	c.details = xcalloc(cli->args.n + 1, sizeof(*c.details));
	c.sources = xcalloc(cli->args.n + 1, sizeof(*c.sources));
	c.rows = xcalloc(cli->args.n + 1, sizeof(*c.rows));
	for (i = 0; i < cli->args.n && !status; i++) {
		status = add_run(&c, cli->args.v[i], &index);
		if (!status && index < i)
			status = cli_usage(cli, "'%s' and '%s' are one run",
					   cli->args.v[index], cli->args.v[i]);
	}
	if (!status && baseline)
		status = add_run(&c, baseline, &c.baseline);
	if (!status)
		status = print_comparison(&c);
	free(c.details);
	free(c.sources);
	free(c.rows);
	return status;
}
