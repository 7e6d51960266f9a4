/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "data/predlog.h"
#include "store/reports.h"
#include "view/lists.h"
#include "watch/compare.h"

#define MAX_ROWS 1000000

struct names {
	char *text;
	const char *all[256];
	size_t n;
};

/* "a,b,c" */
static void split(const char *list, struct names *out)
{
	char *rest, *word;

	memset(out, 0, sizeof(*out));
	if (!list)
		return;
	out->text = rest = xstrdup(list);
	while ((word = strsep(&rest, ",")) && out->n < ARRAY_LEN(out->all))
		out->all[out->n++] = word;
}

static enum drift_use use_feature(void *ctx, const char *name)
{
	enum predlog_role role = predlog_role_of(name);

	(void)ctx;
	return role == PREDLOG_FEATURE || role == PREDLOG_PREDICTION ||
			       role == PREDLOG_SCORE
		       ? DRIFT_SHOW
		       : DRIFT_SKIP;
}

/* Columns as the options say, before both files are read as such. */
static int load(struct cli *cli, const char *path, const struct frame_types *t,
		struct frame **out)
{
	struct err err = { 0 };

	if (frame_load_csv_as(path, MAX_ROWS, t, out, &err))
		return cli_fail(&err);
	(void)cli;
	return 0;
}

static int two_samples(struct cli *cli, struct drift_report *r)
{
	struct names numbers, categories;
	struct frame_types types = { 0 };
	struct drift_ask ask = { .alpha = .05,
				 .psi_floor = .25,
				 .min_rows = 1,
				 .use = use_feature };
	const char *alpha = cli_opt(cli, OPT_ALPHA);
	struct frame *base = NULL, *win = NULL;
	char *end;
	int status;

	if (alpha) {
		ask.alpha = strtod(alpha, &end);
		if (*end || ask.alpha <= 0 || ask.alpha >= 1)
			return cli_usage(cli,
					 "--alpha '%s': expected a number "
					 "between 0 and 1",
					 alpha);
	}
	split(cli_opt(cli, OPT_NUMERICAL), &numbers);
	split(cli_opt(cli, OPT_CATEGORICAL), &categories);
	types.numbers = numbers.all;
	types.n_numbers = numbers.n;
	types.categories = categories.all;
	types.n_categories = categories.n;
	status = load(cli, cli_opt(cli, OPT_BASELINE), &types, &base);
	if (!status) {
		types.like = base;
		status = load(cli, cli_opt(cli, OPT_CURRENT), &types, &win);
	}
	if (!status) {
		ask.baseline = base;
		ask.window = win;
		drift_compare(&ask, r);
	}
	frame_free(base);
	frame_free(win);
	free(numbers.text);
	free(categories.text);
	return status;
}

static int of_monitor(struct cli *cli, const char *name,
		      struct drift_report **out)
{
	struct drift_report **all = NULL;
	struct state *state = NULL;
	struct err err = { 0 };
	size_t n = 0;
	int status = cli_open_state(cli, &state);

	if (status)
		return status;
	if (reports_load(state, &all, &n, &err))
		status = cli_fail(&err);
	for (size_t i = 0; i < n; i++) {
		if (!status && !*out && !strcmp(all[i]->monitor, name))
			*out = all[i];
		else
			drift_report_free(all[i]);
	}
	free(all);
	state_close(state);
	if (status || *out)
		return status;
	cli_say("%s: no monitor of this name has evaluated a window yet: "
		"mltower watch --once",
		name);
	return EXIT_ABSENT;
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

/* {"columns": [..], "drifted": .., "n_drifted": ..} */
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
	jo_kbool(&o, "drifted", r->n_drifted > 0);
	jo_kint(&o, "n_drifted", (int64_t)r->n_drifted);
	jo_end_object(&o);
	buf_addc(&out, '\n');
	cli_write(buf_str(&out), out.len);
	arena_release(&a);
	buf_release(&out);
	view_list_release(list);
	return cli_end(cli, EXIT_YES);
}

int cmd_drift(struct cli *cli)
{
	bool has_files =
		cli_has(cli, OPT_BASELINE) || cli_has(cli, OPT_CURRENT);
	struct drift_report *r = NULL;
	struct view_list list;
	int status;

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
	if (!status && cli->args.n > 1)
		status = pick(r, cli->args.v[1]);
	if (!status) {
		struct view_ctx ctx = cli_ctx(cli);

		view_drift(&list, &ctx, r);
		status = cli->style.form == PRINT_JSON
				 ? print_json(cli, &list, r)
				 : cli_print(cli, &list);
		if (!status && r->n_drifted)
			status = EXIT_NO;
	}
	drift_report_free(r);
	return status;
}
