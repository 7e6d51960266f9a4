/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "cli/cli.h"
#include "data/predlog.h"
#include "store/reports.h"
#include "view/lists.h"
#include "watch/compare.h"
#include "watch/monitor_conf.h"

#define MAX_ROWS 1000000
/* Fewer on a side and the tests' p-values, which are of large samples, are no
 * evidence. */
#define MIN_ROWS 30

struct names {
	char *text;
	const char **all;
	size_t n, cap;
};

/* "a,b,c"; names_release() gives it back. */
static void split(const char *list, struct names *out)
{
	char *rest, *word;

	memset(out, 0, sizeof(*out));
	if (!list)
		return;
	out->text = rest = xstrdup(list);
	while ((word = strsep(&rest, ","))) {
		out->all = xgrow(out->all, &out->cap, out->n + 1,
				 sizeof(*out->all));
		out->all[out->n++] = word;
	}
}

static void names_release(struct names *names)
{
	free(names->all);
	free(names->text);
}

static bool is_in(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (!strcmp(names->all[i], name))
			return true;
	return false;
}

struct wanted {
	struct names numbers, categories;
};

/* Ids, times and versions differ from sample to sample by what they are: they
 * are compared where they were named only. */
static enum drift_use use_column(void *ctx, const char *name)
{
	const struct wanted *wanted = ctx;

	if (is_in(&wanted->numbers, name) || is_in(&wanted->categories, name))
		return DRIFT_SHOW;
	switch (predlog_role_of(name)) {
	case PREDLOG_ID:
	case PREDLOG_EVENT_TIME:
	case PREDLOG_INGESTED:
	case PREDLOG_PREDICTED:
	case PREDLOG_LABEL_TIME:
	case PREDLOG_VERSION:
		return DRIFT_SKIP;
	default:
		return DRIFT_SHOW;
	}
}

static int parse_alpha(struct cli *cli, double *alpha)
{
	const char *text = cli_opt(cli, OPT_ALPHA);

	if (!text ||
	    (num_parse(text, strlen(text), alpha) && *alpha > 0 && *alpha < 1))
		return 0;
	return cli_usage(cli, "--alpha '%s': expected a number between 0 and 1",
			 text);
}

/* "e0,e1,.." that rise. */
static bool parse_edges(const char *text, struct drift_bins *bins,
			double room[DRIFT_MAX_BINS + 1])
{
	struct names names;
	size_t n = 0;

	split(text, &names);
	while (n < names.n && n <= DRIFT_MAX_BINS &&
	       num_parse(names.all[n], strlen(names.all[n]), &room[n]) &&
	       (!n || room[n] > room[n - 1]))
		n++;
	*bins = (struct drift_bins){ BINS_EDGES, n - 1, room };
	names_release(&names);
	return n > 1 && n == names.n;
}

static int parse_bins(struct cli *cli, struct drift_bins *bins,
		      double room[DRIFT_MAX_BINS + 1])
{
	const char *text = cli_opt(cli, OPT_BINS);
	int64_t n;

	if (!text || !strcmp(text, "decile"))
		return 0;
	if (!strcmp(text, "sturges")) {
		bins->kind = BINS_STURGES;
		return 0;
	}
	if (num_parse_int(text, strlen(text), &n) && n > 1 &&
	    n <= DRIFT_MAX_BINS) {
		*bins = (struct drift_bins){ .kind = BINS_COUNT,
					     .n = (size_t)n };
		return 0;
	}
	if (parse_edges(text, bins, room))
		return 0;
	return cli_usage(cli,
			 "--bins '%s': expected a count from 2 to %d, sturges, "
			 "decile, or rising edges e0,e1,..",
			 text, DRIFT_MAX_BINS);
}

static const char *const test_names[] = { "psi", "ks", "chi2" };

/* A bit for each that was asked for. */
static int parse_tests(struct cli *cli, unsigned *bits)
{
	struct names names;
	int status = 0;

	split(cli_opt(cli, OPT_TEST), &names);
	for (size_t i = 0; i < names.n && !status; i++) {
		unsigned bit = strcmp(names.all[i], "all") ? 0 : ~0u;

		for (size_t k = 0; k < ARRAY_LEN(test_names); k++)
			if (!strcmp(names.all[i], test_names[k]))
				bit = 1u << k;
		*bits |= bit;
		if (!bit)
			status = cli_usage(cli,
					   "--test '%s': expected psi, ks, "
					   "chi2 or all",
					   names.all[i]);
	}
	names_release(&names);
	return status;
}

/* Columns as the options say, before both files are read as such. */
static int load(const char *path, const struct frame_types *t,
		struct frame **out)
{
	struct err err = { 0 };

	if (!frame_load_csv_as(path, MAX_ROWS, t, out, &err) && !(*out)->n)
		err_set(&err, ERR_PARSE, "%s: no row below its header line",
			path);
	return err.code ? cli_fail(&err) : 0;
}

/* "a, b, c": of the current sample, and what only the baseline has. */
static void list_columns(const struct drift_ask *ask, struct buf *out)
{
	for (size_t i = 0; i < ask->window->n_columns; i++)
		buf_addf(out, "%s%s", out->len ? ", " : "",
			 ask->window->columns[i].name);
	for (size_t i = 0; i < ask->baseline->n_columns; i++)
		if (frame_find(ask->window, ask->baseline->columns[i].name) < 0)
			buf_addf(out, "%s%s", out->len ? ", " : "",
				 ask->baseline->columns[i].name);
}

static int check_names(struct cli *cli, const struct drift_ask *ask,
		       const char *option, const struct names *names)
{
	struct buf there = BUF_INIT(400);
	int status = 0;

	list_columns(ask, &there);
	for (size_t i = 0; i < names->n && !status; i++)
		if (frame_find(ask->window, names->all[i]) < 0 &&
		    frame_find(ask->baseline, names->all[i]) < 0)
			status = cli_usage(cli,
					   "%s '%s': no such column; there "
					   "are %s%s",
					   option, names->all[i],
					   buf_str(&there),
					   there.is_cut ? ", ..." : "");
	buf_release(&there);
	return status;
}

/* What has no column in common is no pair of samples. */
static int check_pair(struct cli *cli, const struct drift_ask *ask,
		      const struct wanted *wanted)
{
	int status = check_names(cli, ask, "--numerical", &wanted->numbers);

	if (!status)
		status = check_names(cli, ask, "--categorical",
				     &wanted->categories);
	for (size_t i = 0; i < ask->window->n_columns && !status; i++)
		if (frame_find(ask->baseline, ask->window->columns[i].name) >=
		    0)
			return 0;
	return status ? status
		      : cli_usage(cli, "%s and %s have no column in common",
				  cli_opt(cli, OPT_BASELINE),
				  cli_opt(cli, OPT_CURRENT));
}

static int two_samples(struct cli *cli, struct drift_report *r)
{
	struct wanted wanted;
	struct frame_types types = { 0 };
	struct drift_ask ask = { .alpha = .05,
				 .psi_floor = DRIFT_PSI_FLOOR,
				 .min_rows = MIN_ROWS,
				 .use = use_column,
				 .ctx = &wanted };
	double edges[DRIFT_MAX_BINS + 1];
	struct frame *base = NULL, *win = NULL;
	int status = parse_alpha(cli, &ask.alpha);

	if (!status)
		status = parse_bins(cli, &ask.bins, edges);
	if (status)
		return status;
	split(cli_opt(cli, OPT_NUMERICAL), &wanted.numbers);
	split(cli_opt(cli, OPT_CATEGORICAL), &wanted.categories);
	types.numbers = wanted.numbers.all;
	types.n_numbers = wanted.numbers.n;
	types.categories = wanted.categories.all;
	types.n_categories = wanted.categories.n;
	status = load(cli_opt(cli, OPT_BASELINE), &types, &base);
	if (!status) {
		types.like = base;
		status = load(cli_opt(cli, OPT_CURRENT), &types, &win);
	}
	if (!status) {
		ask.baseline = base;
		ask.window = win;
		status = check_pair(cli, &ask, &wanted);
	}
	if (!status)
		drift_compare(&ask, r);
	frame_free(base);
	frame_free(win);
	names_release(&wanted.numbers);
	names_release(&wanted.categories);
	return status;
}

static int tell_absent(const struct config *c, const char *name)
{
	struct buf names = BUF_INIT(400);

	for (size_t i = 0; i < c->n_monitors; i++)
		buf_addf(&names, "%s%s", i ? ", " : "", c->monitors[i].name);
	if (config_monitor(c, name))
		cli_say("%s: it has not evaluated a window yet: mltower watch "
			"--once",
			name);
	else if (c->n_monitors)
		cli_say("no monitor '%s'; there are %s%s", name,
			buf_str(&names), names.is_cut ? ", ..." : "");
	else
		cli_say("no monitor '%s': the config has none", name);
	buf_release(&names);
	return EXIT_ABSENT;
}

static int of_monitor(struct cli *cli, const char *name,
		      struct drift_report **out)
{
	struct drift_report **all = NULL;
	struct state *state = NULL;
	struct err err = { 0 };
	size_t n = 0;
	int status = cli_open_state_to_read(cli, &state);

	if (status)
		return status;
	if (reports_load(state, &all, &n, &err))
		status = cli_fail(&err);
	for (size_t i = 0; i < n; i++) {
		if (!status && !*out && !strcmp(all[i]->monitor, name) &&
		    cli_wants_source(cli, all[i]->source))
			*out = all[i];
		else
			drift_report_free(all[i]);
	}
	free(all);
	state_close(state);
	if (status || *out)
		return status;
	return tell_absent(cli->config, name);
}

/* One column only, if it was named. */
static int pick(struct drift_report *r, const char *name)
{
	for (size_t i = 0; i < r->n_columns; i++) {
		if (strcmp(r->columns[i].name, name))
			continue;
		r->columns = &r->columns[i];
		r->n_columns = 1;
		r->n_drifted = r->columns[0].verdict == DRIFT_YES;
		return 0;
	}
	cli_say("%s: no such column", name);
	return EXIT_ABSENT;
}

/* ---- the tests that were asked for ---- */

struct told_test {
	const struct drift_column *column;
	const char *name;
	double statistic, p; /* p NAN: it has none */
};

/* Those of a column that were asked for and made: two at most. */
static size_t tests_of(const struct drift_column *c, unsigned asked,
		       struct told_test *out)
{
	unsigned second = c->type == COLUMN_NUMBER ? 1 : 2;
	size_t n = 0;

	if (!c->statistic || !*c->statistic)
		return 0;
	if (asked & 1u)
		out[n++] =
			(struct told_test){ c, test_names[0], c->value, NAN };
	if (asked & 1u << second)
		out[n++] = (struct told_test){ c, test_names[second],
					       c->test_value, c->p_value };
	return n;
}

static struct cell p_cell(double p)
{
	return isnan(p) ? (struct cell){ 0 } : cell_number(p, 4);
}

/* {NAME: {statistic, p_value}} */
static struct cell tests_cell(const struct drift_column *c, unsigned asked,
			      struct arena *a)
{
	struct told_test tests[2];
	struct cell cell = { .kind = CELL_MAP,
			     .n_items = tests_of(c, asked, tests) };
	struct cell_item *all = arena_alloc(a, 2 * sizeof(*all));

	for (size_t i = 0; i < cell.n_items; i++) {
		struct cell_item *items = arena_alloc(a, 2 * sizeof(*items));

		items[0] = (struct cell_item){
			"statistic", cell_number(tests[i].statistic, 4)
		};
		items[1] = (struct cell_item){ "p_value", p_cell(tests[i].p) };
		all[i] = (struct cell_item){
			tests[i].name,
			{ .kind = CELL_MAP, .items = items, .n_items = 2 }
		};
	}
	cell.items = all;
	return cell;
}

/* In data the tests are one more field of a column. */
struct with_tests {
	struct view_list list; /* without them */
	const struct drift_report *report;
	unsigned asked;
};

static void row_with_tests(const struct view_list *list, size_t i,
			   struct arena *a, struct cell *cells)
{
	const struct with_tests *w = list->of;

	view_list_row(&w->list, i, a, cells);
	cells[w->list.n_columns] =
		tests_cell(&w->report->columns[i], w->asked, a);
}

static void add_tests_field(struct view_list *list,
			    const struct drift_report *r, unsigned asked)
{
	size_t n = list->n_columns;
	struct view_column *columns =
		arena_alloc(&list->arena, (n + 1) * sizeof(*columns));
	struct with_tests *w = arena_alloc(&list->arena, sizeof(*w));

	*w = (struct with_tests){ *list, r, asked };
	memcpy(columns, list->columns, n * sizeof(*columns));
	columns[n] =
		(struct view_column){ "tests", "TESTS", false, 8, VIEW_DATA };
	list->columns = columns;
	list->n_columns = n + 1;
	list->row = row_with_tests;
	list->of = w;
}

/* clang-format off */
static const struct view_column test_columns[] = {
	{ "column", "COLUMN", false, 8, VIEW_TABLE },
	{ "type", "TYPE", false, 4, VIEW_TABLE },
	{ "test", "TEST", false, 4, VIEW_TABLE },
	{ "statistic", "STATISTIC", true, 6, VIEW_TABLE },
	{ "p_value", "P", true, 6, VIEW_TABLE },
	{ "n_baseline", "N BASE", true, 5, VIEW_TABLE },
	{ "n_current", "N", true, 5, VIEW_TABLE },
	{ "drifted", "DRIFTED", false, 3, VIEW_TABLE },
};
/* clang-format on */

static void test_row(const struct view_list *list, size_t i, struct arena *a,
		     struct cell *cells)
{
	const struct told_test *t = (const struct told_test *)list->of + i;
	bool is_drifted = t->column->verdict == DRIFT_YES;

	(void)a;
	cells[0] = cell_text(t->column->name);
	cells[1] = cell_text(t->column->type == COLUMN_NUMBER ? "number"
							      : "category");
	cells[2] = cell_text(t->name);
	cells[3] = cell_number(t->statistic, 4);
	cells[4] = p_cell(t->p);
	cells[5] = cell_int(t->column->n_baseline);
	cells[6] = cell_int(t->column->n_window);
	if (is_drifted || t->column->verdict == DRIFT_NO)
		cells[7] = cell_as(cell_bool(is_drifted),
				   is_drifted ? ROLE_WARN : ROLE_TEXT);
}

/* For people: a row a test. */
static void list_tests(struct view_list *list, const struct view_ctx *ctx,
		       const struct drift_report *r, unsigned asked)
{
	struct told_test *all;

	*list = (struct view_list){ .ctx = *ctx,
				    .columns = test_columns,
				    .n_columns = ARRAY_LEN(test_columns),
				    .row = test_row };
	all = arena_alloc(&list->arena, 2 * r->n_columns * sizeof(*all));
	for (size_t i = 0; i < r->n_columns; i++)
		list->n_rows +=
			tests_of(&r->columns[i], asked, &all[list->n_rows]);
	list->of = all;
}

/* ---- the answer ---- */

/* null where no newer version fits better. */
static void put_newer(struct json_out *o, const struct drift_newer *n)
{
	jo_name(o, "newer");
	if (!*n->version) {
		jo_null(o);
		return;
	}
	jo_object(o);
	jo_kstr(o, "version", n->version);
	jo_kstr(o, "column", n->column);
	jo_kstr(o, "test", test_names[0]);
	jo_kdouble(o, "statistic", n->value);
	jo_kdouble(o, "threshold", n->limit);
	jo_kint(o, "n_drifted", (int64_t)n->n_drifted);
	jo_end_object(o);
}

/* {"columns": [..], "drifted": .., "n_drifted": .., "n_left_out": ..,
 * "left_out": .., "newer": ..} */
static int print_json(struct cli *cli, struct view_list *list,
		      const struct drift_report *r)
{
	struct cell cells[VIEW_MAX_COLUMNS];
	struct buf out = BUF_INIT(64u << 20);
	struct json_out o = JSON_OUT(&out);
	struct arena a = ARENA_INIT;

	jo_object(&o);
	jo_name(&o, "columns");
	jo_array(&o);
	for (size_t i = 0; i < list->n_rows; i++) {
		view_list_row(list, i, &a, cells);
		jo_object(&o);
		for (size_t c = 0; c < list->n_columns; c++) {
			jo_name(&o, list->columns[c].id);
			cell_json(&o, &cells[c]);
		}
		jo_end_object(&o);
		arena_clear(&a);
	}
	jo_end_array(&o);
	jo_name(&o, "drifted");
	if (drift_count_judged(r))
		jo_bool(&o, r->n_drifted > 0);
	else
		jo_null(&o);
	jo_kint(&o, "n_drifted", (int64_t)r->n_drifted);
	jo_kint(&o, "n_left_out", r->n_left_out);
	jo_kstr(&o, "left_out", r->left_out);
	put_newer(&o, &r->newer);
	jo_end_object(&o);
	buf_addc(&out, '\n');
	cli_write(buf_str(&out), out.len);
	arena_release(&a);
	buf_release(&out);
	view_list_release(list);
	return cli_end(cli, EXIT_YES);
}

/* For people, beside the table: what the window leaves out, and the way out. */
static void tell_more(const struct drift_report *r)
{
	const struct drift_newer *n = &r->newer;

	if (r->n_left_out)
		cli_say("%lld rows of %s%s are left out",
			(long long)r->n_left_out, *r->left_out ? "v" : "",
			*r->left_out ? r->left_out : "other versions");
	if (*n->version)
		cli_say("v%s %s: worst %s %.2f in %s", n->version,
			n->n_drifted ? "fits this window better"
				     : "knows this window",
			n->statistic, n->value, n->column);
}

static int print_report(struct cli *cli, const struct drift_report *r,
			unsigned tests)
{
	enum print_form form = cli->style.form;
	struct view_ctx ctx = cli_ctx(cli);
	struct view_list list;

	if (print_form_is_for_people(form) && !r->n_columns)
		return EXIT_YES;
	if (print_form_is_for_people(form))
		tell_more(r);
	if (tests && print_form_is_for_people(form)) {
		list_tests(&list, &ctx, r, tests);
		return cli_print(cli, &list);
	}
	view_drift(&list, &ctx, r);
	if (tests)
		add_tests_field(&list, r, tests);
	return form == PRINT_JSON ? print_json(cli, &list, r)
				  : cli_print(cli, &list);
}

/* Neither drift nor none: not an all-clear. */
static int tell_unjudged(const struct drift_report *r)
{
	char why[DRIFT_WHY_MAX];

	for (size_t i = 0; i < r->n_columns; i++) {
		const struct drift_column *c = &r->columns[i];

		if (c->verdict != DRIFT_TOO_FEW)
			continue;
		cli_say("%s: %lld in the baseline, %lld in the window, %lld "
			"needed",
			c->reason,
			(long long)(c->n_baseline + c->n_null_baseline),
			(long long)(c->n_window + c->n_null_window),
			(long long)r->min_rows);
		return EXIT_SOURCE;
	}
	if (r->n_columns)
		cli_say("nothing to compare: %s: %s", r->columns[0].name,
			r->columns[0].reason);
	else if (drift_says_nothing(r, why))
		cli_say("monitor %s: %s", r->monitor, why);
	return EXIT_SOURCE;
}

static int verdict(const struct drift_report *r)
{
	if (!drift_count_judged(r))
		return tell_unjudged(r);
	return r->n_drifted ? EXIT_NO : EXIT_YES;
}

int cmd_drift(struct cli *cli)
{
	bool has_files =
		cli_has(cli, OPT_BASELINE) || cli_has(cli, OPT_CURRENT);
	struct drift_report *r = NULL;
	unsigned tests = 0;
	int status = parse_tests(cli, &tests);

	if (status)
		return status;
	if (has_files && (!cli_has(cli, OPT_BASELINE) ||
			  !cli_has(cli, OPT_CURRENT) || cli->args.n))
		return cli_usage(cli, "two samples: --baseline FILE --current "
				      "FILE, and no monitor");
	if (!has_files && !cli->args.n)
		return cli_usage(cli, "expected MONITOR, or --baseline FILE "
				      "--current FILE");
	if (has_files) {
		r = drift_report_new();
		status = two_samples(cli, r);
	} else {
		status = of_monitor(cli, cli->args.v[0], &r);
	}
	if (!status && cli->args.n > 1 && r->n_columns)
		status = pick(r, cli->args.v[1]);
	if (!status)
		status = print_report(cli, r, tests);
	if (!status)
		status = verdict(r);
	drift_report_free(r);
	return status;
}
