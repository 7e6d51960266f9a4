/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/human.h"
#include "base/mem.h"
#include "dialog_form.h"
#include "dialog_list.h"
#include "io/gate.h"
#include "ui/keys.h"

/* A change of runs: old and new of each, what will be sent; then it is
 * confirmed by typing what is shown. All that touches the store happens on the
 * actor's thread. */
struct page_edit {
	struct page page;
	uint16_t source;
	struct arena arena; /* of the ask */
	struct edit_ask ask;
	size_t n_away;  /* not in the list that it came from */
	struct edit *e; /* NULL while it is being planned or run */
	struct err err; /* why there is no plan */
	struct buf sends;
	struct dialog_form form;
	struct dialog_list rows; /* of the plan */
	bool is_running, is_done;
	struct edit_job *job; /* under way */
};

struct edit_job {
	struct job job;
	struct page_edit *page; /* NULL: the dialog was closed */
	struct ui *ui;          /* outlives every job that comes back */
	const struct config *config;
	const struct source_conf *conf;
	const struct system_ops *ops;
	bool is_run;
	uint16_t source;
	struct edit *e;
	struct buf sends;
	struct err err;
};

static const struct {
	const char *title, *does;
} kinds[N_EDIT_KINDS] = {
	[EDIT_RENAME] = { "Rename", "renames" },
	[EDIT_TAG] = { "Tag", "tags" },
	[EDIT_UNTAG] = { "Take the tag off", "takes it off" },
	[EDIT_NOTE] = { "Note on", "writes the note" },
	[EDIT_DELETE] = { "Delete", "deletes" },
	[EDIT_RESTORE] = { "Restore", "restores" },
};

/* ---- on the actor's thread ---- */

static void edit_job_run(struct job *job)
{
	struct edit_job *j = (struct edit_job *)job;
	struct promote_world w = { .config = j->config,
				   .conf = j->conf,
				   .ops = j->ops,
				   .stop = &job->cancel };

	if (!j->is_run) {
		if (!edit_plan(j->e, j->ops->runs, j->conf, NULL, w.stop,
			       &j->err))
			edit_describe(j->e, j->ops->runs, j->conf, &j->sends);
		return;
	}
	if (state_open(j->config->state_dir, &w.state, &j->err)) {
		err_prefix(&j->err, "no record, no change");
		return;
	}
	promote_run(&j->e->act, &w);
	state_close(w.state);
}

static void edit_job_free(struct job *job)
{
	struct edit_job *j = (struct edit_job *)job;

	edit_free(j->e);
	buf_release(&j->sends);
	free(j);
}

/* ---- back on the main thread ---- */

static void take_plan(struct page_edit *g, struct edit_job *j)
{
	g->err = j->err;
	if (j->err.code)
		return;
	buf_release(&g->sends);
	g->sends = j->sends;
	memset(&j->sends, 0, sizeof(j->sends));
	g->e = j->e;
	j->e = NULL;
	dialog_list_release(&g->rows);
	dialog_list_init(&g->rows, g->e->n_rows);
	dialog_form_clear(&g->form, false, DIALOG_REASON);
}

static void say_outcome(struct ui *ui, const struct edit *e)
{
	ui_say(ui, "%s: %s%s%.100s", e->title, protocol_outcome_name(&e->act),
	       e->act.err.code ? ": " : "",
	       e->act.err.code ? e->act.err.msg : "");
}

static void tell_tower(struct ui *ui, uint16_t source, const struct edit *e)
{
	const struct run_set *set = app_model(ui->app)->runs;
	uint32_t *rows, row;
	size_t n = 0;

	if (e->act.outcome != OUTCOME_WRITTEN)
		return;
	rows = xcalloc(e->n_rows, sizeof(*rows));
	for (size_t i = 0; i < e->n_rows; i++) {
		row = run_set_find(set, source, e->rows[i].edit.run_id);
		if (row != RUN_NO_ROW)
			rows[n++] = row;
	}
	page_tower_edited(ui, e->kind, rows, n);
	free(rows);
}

static void take_outcome(struct page_edit *g, struct edit_job *j)
{
	struct ui *ui = j->ui;

	g->is_running = false;
	g->err = j->err;
	if (j->err.code) /* nothing was begun */
		return;
	app_refresh(ui->app);
	g->e = j->e;
	j->e = NULL;
	g->is_done = true;
	if (g->e->act.outcome != OUTCOME_WRITTEN || g->e->act.err.code ||
	    ui->top != &g->page)
		return;
	ui_say(ui, "%s: %s, on record as %lld", g->e->title,
	       protocol_outcome_name(&g->e->act),
	       (long long)g->e->act.audit_id);
	ui_pop(ui); /* this dialog */
}

static void edit_job_done(struct job *job, struct app *app)
{
	struct edit_job *j = (struct edit_job *)job;
	struct page_edit *g = j->page;

	(void)app;
	if (j->is_run && !j->err.code)
		tell_tower(j->ui, j->source, j->e);
	if (!g) {
		/* Closed while it ran: what happened is on record. */
		if (j->is_run && !j->err.code)
			say_outcome(j->ui, j->e);
		return;
	}
	j->ui->needs_update = j->ui->is_dirty = true;
	g->job = NULL;
	if (j->is_run)
		take_outcome(g, j);
	else
		take_plan(g, j);
}

static void start(struct page_edit *g, struct ui *ui, bool is_run)
{
	struct edit_job *j = xcalloc(1, sizeof(*j));

	j->job.run = edit_job_run;
	j->job.done = edit_job_done;
	j->job.free = edit_job_free;
	j->page = g;
	j->ui = ui;
	j->config = app_config(ui->app);
	j->conf = app_source_conf(ui->app, g->source);
	j->ops = app_source_ops(ui->app, g->source);
	j->is_run = is_run;
	j->source = g->source;
	j->sends = (struct buf)BUF_INIT(1 << 16);
	j->e = is_run ? g->e : edit_new(&g->ask);
	if (is_run)
		j->e->reason = arena_strdup(&j->e->arena, g->form.reason);
	g->is_running = is_run;
	g->e = NULL;
	g->job = j;
	app_act(ui->app, &j->job);
}

/* ---- drawing ---- */

/* The runs before what will be sent; the others come after it, and need not
 * have been looked at: the number of them is typed. */
enum { WIDTH = 96, WAITING_ROWS = 12, FIRST_ROWS = 15 };

/* Both sides beside the name, or below it. */
static void draw_row(struct dialog *d, const char *name, const char *now,
		     const char *then, enum role role)
{
	bool is_narrow = dialog_is_narrow(d);
	int x = d->r.x + 2, w = (d->r.w - 3) / 3, n;

	if (is_narrow) {
		d->y += dialog_cell(d, x, d->r.w - 3, name, role);
		w = (d->r.w - 5) / 2;
		x += 2;
		n = 0;
	} else {
		n = dialog_cell(d, x, w - 1, name, role);
		x += w;
	}
	n = MAX(n, dialog_cell(d, x, w - 1, now, role));
	d->y += MAX(n, dialog_cell(d, x + w, w, then, role));
}

static const char *or_none(const char *value)
{
	return value ? value : "none";
}

static void draw_head(const struct page_edit *g, struct dialog *d)
{
	draw_row(d, "run",
		 g->ask.n_tags ? arena_printf(&d->ui->frame, "%s now",
					      g->ask.tags[0].name)
			       : "now",
		 "then", ROLE_DIM);
}

static void draw_edit_row(void *ctx, struct dialog *d, size_t i)
{
	const struct page_edit *g = ctx;
	const struct edit_row *r = &g->e->rows[i];

	draw_row(d, r->name, or_none(r->edit.was),
		 r->is_already ? "is so already" : or_none(r->edit.then),
		 r->is_already ? ROLE_DIM : ROLE_TEXT);
}

static const char *title(const struct page_edit *g, struct arena *a)
{
	const char *what = kinds[g->ask.kind].title;
	char runs[HUMAN_MAX], away[HUMAN_MAX];
	size_t n = g->ask.n_runs;

	if (n == 1)
		return arena_printf(a, "%s %s%s", what, g->ask.runs[0].name,
				    g->n_away ? ", not in this list" : "");
	human_count(runs, (int64_t)n);
	human_count(away, (int64_t)g->n_away);
	if (!g->n_away)
		return arena_printf(a, "%s %s runs", what, runs);
	return arena_printf(a, "%s %s runs, %s not in this list", what, runs,
			    away);
}

static void draw_plan(struct page *page, struct dialog *d)
{
	struct page_edit *g = (struct page_edit *)page;
	struct arena *a = &d->ui->frame;
	size_t n = g->e->n_rows, n_first = MIN(n, (size_t)FIRST_ROWS);

	dialog_title(d, title(g, a));
	draw_head(g, d);
	dialog_list_draw(&g->rows, d, 0, n_first, draw_edit_row, g);
	if (n > n_first)
		dialog_wrap(d,
			    arena_printf(a, "and %zu more, listed below",
					 n - n_first),
			    ROLE_TEXT);
	dialog_sends(d, buf_str(&g->sends), g->ask.source);
	if (n == n_first)
		return;
	g->form.n_must = d->y - d->y0;
	dialog_section(d, "The others", SHOWN(""));
	dialog_list_draw(&g->rows, d, n_first, n, draw_edit_row, g);
}

static struct dialog_way way_on(struct page *page, const struct dialog *d)
{
	struct page_edit *g = (struct page_edit *)page;
	struct dialog_way way;

	if (dialog_is_closed(d, g->ask.source, "changed", &way))
		return way;
	if (edit_is_already(g->e))
		return (struct dialog_way){
			ROLE_TEXT, g->e->n_rows == 1
					   ? "It is so already.   Esc back"
					   : "All of them are so already.   "
					     "Esc back"
		};
	return dialog_form_way(&g->form, d, g->e->confirm,
			       kinds[g->ask.kind].does);
}

static void edit_draw(struct page *page, struct ui *ui, struct surface *s,
		      struct rect body)
{
	struct page_edit *g = (struct page_edit *)page;
	struct dialog_plan plan = {
		.page = page,
		.width = WIDTH,
		.title = title(g, &ui->frame),
		.conf = app_source_conf(ui->app, g->source),
		.confirm = g->e ? g->e->confirm : "",
		.verb = "mltower edit",
		.draw = draw_plan,
		.way = way_on,
	};
	struct dialog d;

	if (g->e && !g->is_done) {
		dialog_form_draw(&g->form, &plan, ui, s, body);
		return;
	}
	d = dialog_open(ui, s, body, WIDTH, WAITING_ROWS, plan.title,
			plan.conf);
	if (g->is_done) {
		dialog_outcome(&d, &g->e->act, g->e->title);
		return;
	}
	dialog_title(&d, plan.title);
	dialog_waiting(&d, g->is_running, &g->err);
	dialog_last(&d, "Esc back", ROLE_DIM);
}

/* ---- keys ---- */

static void look_again(struct page_edit *g, struct ui *ui)
{
	edit_free(g->e);
	g->e = NULL;
	g->is_done = false;
	start(g, ui, false);
}

static void plan_key(struct page_edit *g, struct ui *ui, int key)
{
	if (!g->form.is_painted || key == UI_KEY_PASTE)
		return;
	if (dialog_form_key(&g->form, key, g->e->confirm) &&
	    !edit_is_already(g->e) && gate_source_is_writable(g->ask.source))
		start(g, ui, true);
}

/* The dialog takes every key, so that nothing below it ever moves. */
static bool edit_key(struct page *page, struct ui *ui, int key)
{
	struct page_edit *g = (struct page_edit *)page;

	if (key == UI_KEY_ESC || (key == 'q' && (!g->e || g->is_done))) {
		ui_pop(ui);
		return true;
	}
	if (key == KEY_CTRL('z') && g->is_running) {
		ui_say(ui, "not while it writes");
		return true;
	}
	if (key == KEY_CTRL('z') || key == KEY_CTRL('l'))
		return false;
	if (g->e && g->is_done && key == 'r' &&
	    g->e->act.outcome == OUTCOME_CONFLICT)
		look_again(g, ui);
	else if (g->e && !g->is_done)
		plan_key(g, ui, key);
	return true;
}

static void edit_update(struct page *p, struct ui *ui)
{
	(void)p;
	(void)ui;
}

static bool edit_command(struct page *p, struct ui *ui, enum command_id cmd,
			 const char *arg)
{
	(void)p;
	(void)ui;
	(void)cmd;
	(void)arg;
	return false;
}

static unsigned edit_scope(const struct page *p)
{
	(void)p;
	return SCOPE_FOLLOW;
}

static void page_edit_free(struct page *p)
{
	struct page_edit *g = (struct page_edit *)p;

	if (g->job)
		g->job->page = NULL;
	edit_free(g->e);
	dialog_list_release(&g->rows);
	buf_release(&g->sends);
	arena_release(&g->arena);
	free(g);
}

/* The model may change under the dialog: what is asked for is its own. */
static void keep_ask(struct page_edit *g, struct ui *ui, enum edit_kind kind,
		     const struct name_value *tag, const char *text,
		     const uint32_t *rows, size_t n)
{
	const struct run_set *set = app_model(ui->app)->runs;
	struct arena *a = &g->arena;
	struct edit_run *runs = arena_alloc(a, n * sizeof(*runs));
	struct name_value *tags = arena_alloc(a, sizeof(*tags));
	char id[40];

	for (size_t i = 0; i < n; i++)
		runs[i] = (struct edit_run){
			arena_strdup(a, run_set_id(set, rows[i], id)),
			arena_strdup(a, run_set_name(set, rows[i])),
		};
	if (tag)
		*tags = (struct name_value){ arena_strdup(a, tag->name),
					     arena_strdup(a, tag->value) };
	g->ask = (struct edit_ask){
		.source = app_source_conf(ui->app, g->source)->name,
		.kind = kind,
		.text = arena_strdup(a, text),
		.tags = tags,
		.n_tags = tag != NULL,
		.runs = runs,
		.n_runs = n,
	};
}

struct page *page_edit_new(struct ui *ui, enum edit_kind kind,
			   const struct name_value *tag, const char *text,
			   const uint32_t *rows, size_t n, size_t n_away)
{
	static const enum command_id footer[] = { CMD_BACK, CMD_NONE };
	static const struct page_ops ops = {
		.title = "Edit",
		.scope = edit_scope,
		.update = edit_update,
		.draw = edit_draw,
		.command = edit_command,
		.key = edit_key,
		.footer = footer,
		.free = page_edit_free,
		.is_dialog = true,
	};
	struct page_edit *g = xcalloc(1, sizeof(*g));

	g->page.ops = &ops;
	g->page.update_at_ms = -1;
	g->n_away = n_away;
	g->source = run_set_head(app_model(ui->app)->runs, rows[0])->source;
	keep_ask(g, ui, kind, tag, text, rows, n);
	start(g, ui, false);
	return &g->page;
}
