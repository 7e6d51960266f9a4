/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "export.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/load.h"
#include "base/mem.h"
#include "view/lists.h"
#include "view/print.h"

struct export_run {
	const char *source, *id;
};

struct export_job {
	struct job job;
	struct ui *ui; /* outlives every job that comes back */
	const struct config *config;
	struct arena arena;
	const char *path;
	bool may_replace;
	struct print_style style;
	struct export_run *runs;
	size_t n, n_written;
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

/* ---- on the actor's thread ---- */

static bool write_bytes(void *to, const char *bytes, size_t len)
{
	return fwrite(bytes, 1, len, to) == len;
}

static enum err_code fail(struct export_job *j)
{
	return err_set(&j->err, ERR_IO, "%s: %s", j->path, strerror(errno));
}

/* The runs that are still there, in the order in which they were shown. */
static uint32_t *find_rows(struct export_job *j, const struct model *m)
{
	uint32_t *rows = xcalloc(j->n + 1, sizeof(*rows));

	for (size_t i = 0; i < j->n; i++) {
		int source = model_find_source(m, j->runs[i].source);
		uint32_t row = source < 0
				       ? RUN_NO_ROW
				       : run_set_find(m->runs, (uint16_t)source,
						      j->runs[i].id);

		if (row != RUN_NO_ROW)
			rows[j->n_written++] = row;
	}
	return rows;
}

static enum err_code print_to(struct export_job *j, const struct model *m,
			      FILE *out)
{
	struct view_ctx ctx = { .model = m,
				.config = j->config,
				.now_ms = j->style.look.now_ms };
	uint32_t *rows = find_rows(j, m);
	struct view_runs_ask ask = { .set = m->runs,
				     .rows = rows,
				     .n_rows = j->n_written };
	struct view_list list;

	if (!view_runs(&list, &ctx, &ask, &j->err)) {
		if (!view_print(&list, &j->style, write_bytes, out))
			fail(j);
		view_list_release(&list);
	}
	free(rows);
	return j->err.code;
}

static bool is_taken(const struct export_job *j)
{
	return !j->may_replace && !access(j->path, F_OK);
}

/* Whole or not at all: beside it first, then in its place. */
static void write_file(struct export_job *j, const struct model *m)
{
	char *part = xasprintf("%s.part", j->path);
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
		err_set(&j->err, ERR_IO, "%s was made meanwhile", j->path);
	if (!j->err.code && rename(part, j->path))
		fail(j);
	if (j->err.code)
		unlink(part);
	free(part);
}

static void export_job_run(struct job *job)
{
	struct export_job *j = (struct export_job *)job;
	const struct load_ask ask = { .all_values = true };
	struct model m;
	struct load *load;

	model_init(&m);
	load = load_new(j->config, &m);
	if (load_poll(load, &ask, &job->cancel))
		err_set(&j->err, ERR_IO, "a source could not be read");
	else
		write_file(j, &m);
	load_free(load);
	model_release(&m);
}

static void export_job_free(struct job *job)
{
	struct export_job *j = (struct export_job *)job;

	arena_release(&j->arena);
	free(j);
}

/* ---- on the main thread ---- */

static void export_job_done(struct job *job, struct app *app)
{
	struct export_job *j = (struct export_job *)job;

	(void)app;
	if (j->err.code)
		ui_complain(j->ui, "export: %s", j->err.msg);
	else
		ui_say(j->ui, "%zu run%s written to %s", j->n_written,
		       j->n_written == 1 ? "" : "s", j->path);
	ui_dirty(j->ui);
}

static const char *whole_path(struct arena *a, const char *path)
{
	const char *home = getenv("HOME");

	return !strncmp(path, "~/", 2) && home
		       ? arena_printf(a, "%s%s", home, path + 1)
		       : arena_strdup(a, path);
}

static void keep_runs(struct export_job *j, const struct model *m,
		      const uint32_t *rows, size_t n)
{
	char id[40];

	j->runs = arena_alloc(&j->arena, (n + 1) * sizeof(*j->runs));
	for (j->n = 0; j->n < n; j->n++) {
		const struct run_head *h = run_set_head(m->runs, rows[j->n]);

		j->runs[j->n] = (struct export_run){
			/* Names of sources outlive the job. */
			m->sources[h->source].name,
			arena_strdup(&j->arena,
				     run_set_id(m->runs, rows[j->n], id)),
		};
	}
}

void export_runs(struct ui *ui, const char *path, bool may_replace,
		 const uint32_t *rows, size_t n)
{
	struct print_style style = { .look = { .now_ms = ui->now_utc_ms } };
	struct export_job *j;

	if (!form_of(path, &style.form)) {
		ui_complain(ui, "export: expected a file that ends in .csv, "
				".json, .jsonl or .md");
		return;
	}
	j = xcalloc(1, sizeof(*j));
	j->path = whole_path(&j->arena, path);
	j->may_replace = may_replace;
	if (is_taken(j)) {
		ui_complain(ui, "%s is there: export! %s replaces it", j->path,
			    path);
		export_job_free(&j->job);
		return;
	}
	j->job.run = export_job_run;
	j->job.done = export_job_done;
	j->job.free = export_job_free;
	j->ui = ui;
	j->config = app_config(ui->app);
	j->style = style;
	keep_runs(j, app_model(ui->app), rows, n);
	ui_say(ui, "writing %zu runs to %s ...", n, j->path);
	app_act(ui->app, &j->job);
}
