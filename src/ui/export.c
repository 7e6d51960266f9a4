/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "export.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/load.h"
#include "base/human.h"
#include "base/mem.h"
#include "model/run_tree.h"
#include "view/lists.h"
#include "view/print.h"

struct export_job {
	struct job job;
	struct ui *ui; /* outlives every job that comes back */
	const struct config *config;
	struct arena arena;
	struct export_ask ask; /* all of it in the arena */
	struct print_style style;
	struct run_set *shown; /* that the rows are of */
	_Atomic size_t n_read, n_made;
	size_t n_written;
	struct err err;
};

/* The form that the path's ending names. */
static bool form_of(const char *path, enum print_form *form)
{
	const char *dot = strrchr(path, '.');

	return dot && dot > path && print_form_parse(dot + 1, form) &&
	       *form != PRINT_TABLE && *form != PRINT_WIDE &&
	       *form != PRINT_NAME;
}

/* ---- on a worker ---- */

struct file {
	FILE *out;
	const struct cancel *stop;
};

static bool write_bytes(void *to, const char *bytes, size_t len)
{
	struct file *f = to;

	return !cancel_is_due(f->stop) && fwrite(bytes, 1, len, f->out) == len;
}

static enum err_code fail(struct export_job *j)
{
	return err_set(&j->err, ERR_IO, "%s: %s", j->ask.path, strerror(errno));
}

/* The runs that are still there, in the order in which they were shown. Sources
 * have the number they have on the screen, for both come of the config. */
static uint32_t *find_rows(struct export_job *j, const struct model *m)
{
	uint32_t *rows = xcalloc(j->ask.n_rows + 1, sizeof(*rows));
	char id[40];

	for (size_t i = 0; i < j->ask.n_rows; i++) {
		uint32_t was = j->ask.rows[i], row;

		row = run_set_find(m->runs, run_set_head(j->shown, was)->source,
				   run_set_id(j->shown, was, id));
		if (row != RUN_NO_ROW)
			rows[j->n_written++] = row;
	}
	return rows;
}

static enum err_code print_list(struct export_job *j,
				const struct view_list *list, struct file *to)
{
	if (view_print(list, &j->style, write_bytes, to))
		return ERR_OK;
	if (cancel_is_due(to->stop))
		return err_set(&j->err, ERR_STOP, "given up");
	return fail(j);
}

static enum err_code print_groups(struct export_job *j,
				  const struct view_ctx *ctx,
				  const uint32_t *rows, struct file *to)
{
	struct view_grouping how = { .rows = rows, .n_rows = j->n_written };
	struct view_groups_ask ask = { .set = ctx->model->runs };
	struct group_metric *metrics = NULL;
	struct order_key *sort = NULL;
	struct groups *groups = NULL;
	struct group_by by = { 0 };
	struct view_list list;
	size_t n_others;

	if (group_by_parse(j->ask.group_by, &by, &j->err) ||
	    (*j->ask.group_sort &&
	     order_parse(j->ask.group_sort, &sort, &how.n_sort, &j->err)))
		goto out;
	metrics = view_group_picks(ctx, j->ask.picks, j->ask.n_picks,
				   &ask.n_metrics, &n_others);
	ask.has_all_metrics = ask.n_metrics;
	if (!ask.n_metrics) {
		free(metrics);
		metrics =
			view_group_metrics(ctx, j->ask.metric, &ask.n_metrics);
	}
	how.sort = sort;
	ask.by = &by;
	ask.metrics = metrics;
	if (view_group_rows(&list, ctx, &how, &ask, to->stop, &groups, &j->err))
		goto out;
	j->n_written = list.n_rows;
	print_list(j, &list, to);
	view_list_release(&list);
out:
	groups_free(groups);
	free(metrics);
	free(sort);
	group_by_release(&by);
	return j->err.code;
}

static enum err_code print_runs(struct export_job *j,
				const struct view_ctx *ctx,
				const uint32_t *rows, struct file *to)
{
	struct run_tree_ask tree_ask = { .rows = rows, .n = j->n_written };
	struct run_tree tree = { 0 };
	struct view_runs_ask ask = { .set = ctx->model->runs,
				     .rows = rows,
				     .n_rows = j->n_written,
				     .picks = j->ask.picks,
				     .n_picks = j->ask.n_picks,
				     .metric = j->ask.metric };
	struct view_list list;

	if (j->ask.is_tree) {
		run_tree_make(ask.set, &tree_ask, &tree);
		ask.rows = tree.rows;
		ask.places = tree.places;
	}
	if (!view_runs(&list, ctx, &ask, &j->err)) {
		print_list(j, &list, to);
		view_list_release(&list);
	}
	run_tree_release(&tree);
	return j->err.code;
}

static enum err_code print_to(struct export_job *j, const struct model *m,
			      FILE *out)
{
	struct view_ctx ctx = { .model = m,
				.config = j->config,
				.now_ms = j->style.look.now_ms };
	struct file to = { out, &j->job.cancel };
	uint32_t *rows = find_rows(j, m);

	if (*j->ask.group_by)
		print_groups(j, &ctx, rows, &to);
	else
		print_runs(j, &ctx, rows, &to);
	free(rows);
	return j->err.code;
}

static bool is_taken(const struct export_job *j)
{
	return !j->ask.may_replace && !access(j->ask.path, F_OK);
}

/* Whole or not at all: beside it first, then in its place. */
static void write_file(struct export_job *j, const struct model *m)
{
	char *part = xasprintf("%s.part", j->ask.path);
	FILE *out;

	unlink(part); /* of an export that was killed */
	out = fopen(part, "wx");
	if (!out) {
		fail(j);
		free(part);
		return;
	}
	print_to(j, m, out);
	if (fclose(out) && !j->err.code)
		fail(j);
	if (!j->err.code && is_taken(j))
		err_set(&j->err, ERR_IO, "%s was made meanwhile", j->ask.path);
	if (!j->err.code && rename(part, j->ask.path))
		fail(j);
	if (j->err.code)
		unlink(part);
	free(part);
}

static void export_job_run(struct job *job)
{
	struct export_job *j = (struct export_job *)job;
	struct load_ask ask = { .n_runs = &j->n_read };
	struct value_key *keys;
	struct model m;
	struct load *load;
	bool is_all;

	keys = view_runs_keys(j->ask.picks, j->ask.n_picks, &ask.n_columns);
	ask.columns = keys;
	is_all = !j->ask.n_picks || *j->ask.group_by;
	view_runs_pick_all(j->ask.picks, j->ask.n_picks, ask.all);
	for (size_t kind = 0; is_all && kind < N_NAMED_KINDS; kind++)
		ask.all[kind] = true;
	model_init(&m);
	load = load_new(j->config, &m);
	if (!load_poll(load, &ask, &job->cancel))
		write_file(j, &m);
	else if (cancel_is_due(&job->cancel))
		err_set(&j->err, ERR_STOP, "given up");
	else
		err_set(&j->err, ERR_IO, "a source could not be read");
	load_free(load);
	model_release(&m);
	free(keys);
}

static void export_job_free(struct job *job)
{
	struct export_job *j = (struct export_job *)job;

	run_set_free(j->shown);
	arena_release(&j->arena);
	free(j);
}

/* ---- on the main thread ---- */

static void export_job_done(struct job *job, struct app *app)
{
	struct export_job *j = (struct export_job *)job;
	const char *what = *j->ask.group_by ? "group" : "run";
	char n[HUMAN_MAX];

	(void)app;
	j->ui->export = NULL;
	if (j->err.code == ERR_STOP)
		ui_say(j->ui, "export: given up, %s is as it was", j->ask.path);
	else if (j->err.code)
		ui_complain(j->ui, "export: %s", j->err.msg);
	else
		ui_say(j->ui, "%s %s%s written to %s",
		       human_count(n, (int64_t)j->n_written), what,
		       j->n_written == 1 ? "" : "s", j->ask.path);
	ui_dirty(j->ui);
}

static const char *whole_path(struct arena *a, const char *path)
{
	const char *home = getenv("HOME");

	return !strncmp(path, "~/", 2) && home
		       ? arena_printf(a, "%s%s", home, path + 1)
		       : arena_strdup(a, path);
}

static void keep_ask(struct export_job *j, const struct export_ask *ask)
{
	struct arena *a = &j->arena;
	size_t size = ask->n_rows * sizeof(*ask->rows);
	const char **picks;

	j->ask = *ask;
	j->ask.path = whole_path(a, ask->path);
	j->ask.rows = memcpy(arena_alloc(a, size + 1), ask->rows, size);
	picks = arena_alloc(a, (ask->n_picks + 1) * sizeof(*picks));
	for (size_t i = 0; i < ask->n_picks; i++)
		picks[i] = arena_strdup(a, ask->picks[i]);
	j->ask.picks = picks;
	if (!*ask->group_by &&
	    (j->style.form == PRINT_JSON || j->style.form == PRINT_JSONL))
		j->ask.n_picks = 0;
	j->ask.metric = arena_strdup(a, ask->metric);
	j->ask.group_by = arena_strdup(a, ask->group_by);
	j->ask.group_sort = arena_strdup(a, ask->group_sort);
}

void export_runs(struct ui *ui, const struct export_ask *ask)
{
	struct print_style style = { .look = { .now_ms = ui->now_utc_ms } };
	struct export_job *j;

	if (!form_of(ask->path, &style.form)) {
		ui_complain(ui, "export: expected a file that ends in .csv, "
				".json, .jsonl or .md");
		return;
	}
	if (ui->export) {
		ui_complain(ui, "%s is being written: one at a time",
			    ui->export->ask.path);
		return;
	}
	j = xcalloc(1, sizeof(*j));
	j->style = style;
	keep_ask(j, ask);
	if (is_taken(j)) {
		ui_complain(ui, "%s is there: export! %s replaces it",
			    j->ask.path, ask->path);
		export_job_free(&j->job);
		return;
	}
	j->style.n_rows = &j->n_made;
	j->job.run = export_job_run;
	j->job.done = export_job_done;
	j->job.free = export_job_free;
	j->ui = ui;
	j->config = app_config(ui->app);
	j->shown = run_set_snapshot(app_model(ui->app)->runs);
	ui->export = j;
	app_toil(ui->app, &j->job);
}

bool export_give_up(struct ui *ui)
{
	if (ui->export)
		ui->export->job.cancel.stop = true;
	return ui->export;
}

struct shown export_progress(struct ui *ui)
{
	const struct export_job *j = ui->export;
	char n[HUMAN_MAX], of[HUMAN_MAX];
	size_t made;

	if (!j)
		return SHOWN("");
	made = j->n_made;
	return shown_fmt(&ui->frame, "%s %s: %s of %s",
			 made ? "writing" : "reading runs for", j->ask.path,
			 human_count(n, (int64_t)(made ? made : j->n_read)),
			 human_count(of, (int64_t)j->ask.n_rows));
}
