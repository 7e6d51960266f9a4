/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/promote_work.h"
#include "base/human.h"
#include "base/mem.h"
#include "dialog_form.h"
#include "io/gate.h"
#include "tower.h"
#include "ui/keys.h"
#include "ui_internal.h"
#include "uptake.h"
#include "view/tower.h"

/* A promotion or a rollback: what changes, what the gates say, what will be
 * sent; then it is confirmed by typing what is shown. All that touches the
 * registry happens on the actor's thread. */
struct page_promote {
	struct page page;
	uint16_t source;
	char *model, *version, *alias;
	bool is_rollback;
	bool is_by_record;   /* the version is what the record says */
	char *undoes;        /* a rollback, itself; NULL: it does not */
	struct promotion *p; /* NULL while it is being planned or run */
	struct err err;      /* why there is no plan */
	struct buf sends;
	struct dialog_form form;
	size_t gate; /* under the cursor */
	bool is_running, is_done;
	struct promote_job *job; /* under way */
};

struct promote_job {
	struct job job;
	struct page_promote *page; /* NULL: the dialog was closed */
	struct ui *ui;             /* outlives every job that comes back */
	const struct config *config;
	const struct source_conf *conf;
	const struct system_ops *ops;
	char *model, *version, *alias, *undoes;
	bool is_rollback, is_run;
	char *metric;
	struct promotion *p;
	struct buf sends;
	struct err err;
};

/* ---- on the actor's thread ---- */

static void find_version(struct promote_job *j, struct promote_world *w)
{
	struct arena a = ARENA_INIT;
	struct rollback back;

	if (*j->version)
		return;
	if (!promote_previous(w, j->model, j->alias, &a, &back, &j->err)) {
		free(j->version);
		j->version = xstrdup(back.version);
		j->undoes = back.undoes ? xstrdup(back.undoes) : NULL;
	}
	arena_release(&a);
}

static void plan(struct promote_job *j, struct promote_world *w)
{
	struct promotion_ask ask;

	find_version(j, w);
	if (j->err.code)
		return;
	ask = promote_ask(j->config, j->conf->name, j->model, j->version,
			  j->alias, NULL, j->is_rollback, j->metric);
	j->p = promotion_new(&ask);
	if (!promote_prepare(j->p, w, NULL, &j->err))
		promotion_describe(j->p, j->ops->registry, j->conf, &j->sends);
}

static void promote_job_run(struct job *job)
{
	struct promote_job *j = (struct promote_job *)job;
	struct promote_world w = { .config = j->config,
				   .conf = j->conf,
				   .ops = j->ops,
				   .stop = &job->cancel };

	if (state_open(j->config->state_dir, &w.state, &j->err)) {
		err_prefix(&j->err, "no record, no promotion");
		return;
	}
	if (j->is_run)
		promote_run(&j->p->act, &w);
	else
		plan(j, &w);
	state_close(w.state);
}

static void promote_job_free(struct job *job)
{
	struct promote_job *j = (struct promote_job *)job;

	promotion_free(j->p);
	buf_release(&j->sends);
	free(j->model);
	free(j->version);
	free(j->alias);
	free(j->undoes);
	free(j->metric);
	free(j);
}

/* ---- back on the main thread ---- */

static void take_plan(struct page_promote *g, struct promote_job *j)
{
	const struct gate_result *blocker;

	g->err = j->err;
	if (j->err.code)
		return;
	free(g->version);
	g->version = xstrdup(j->version);
	free(g->undoes);
	g->undoes = j->undoes;
	j->undoes = NULL;
	buf_release(&g->sends);
	g->sends = j->sends;
	memset(&j->sends, 0, sizeof(j->sends));
	g->p = j->p;
	j->p = NULL;
	blocker = promotion_blocker(g->p);
	dialog_form_clear(&g->form, g->p->n_results,
			  blocker ? DIALOG_LIST : DIALOG_REASON);
	g->gate = blocker ? (size_t)(blocker - g->p->results) : 0;
}

static void take_outcome(struct page_promote *g, struct promote_job *j)
{
	struct ui *ui = j->ui;
	struct uptake *f;

	g->is_running = false;
	if (j->err.code) { /* nothing was begun */
		g->err = j->err;
		return;
	}
	app_refresh(ui->app);
	if (j->p->act.outcome == OUTCOME_WRITTEN && ui->top == &g->page) {
		f = uptake_new(j->p, g->source, g->alias);
		j->p = NULL;
		ui_pop(ui); /* this dialog */
		page_tower_follow(ui, f);
		return;
	}
	g->p = j->p;
	j->p = NULL;
	g->is_done = true;
}

static void promote_job_done(struct job *job, struct app *app)
{
	struct promote_job *j = (struct promote_job *)job;
	struct page_promote *g = j->page;

	(void)app;
	if (!g) {
		/* Closed while it ran: what happened is on record. */
		if (j->is_run)
			ui_say(j->ui, "%s: %s", j->model,
			       protocol_outcome_name(&j->p->act));
		return;
	}
	g->job = NULL;
	if (j->is_run)
		take_outcome(g, j);
	else
		take_plan(g, j);
	j->ui->needs_update = j->ui->is_dirty = true;
}

static const char *metric_of(struct page_promote *g, struct ui *ui)
{
	struct model *m = app_model(ui->app);
	const struct reg_entry *entry;
	struct err err = { 0 };

	if (registry_find(m->registry, g->source, g->model, &entry, &err))
		return "";
	return intern_str(m->strings, tower_model_metric(ui->app, entry));
}

static void start(struct page_promote *g, struct ui *ui, bool is_run)
{
	struct promote_job *j = xcalloc(1, sizeof(*j));

	j->job.run = promote_job_run;
	j->job.done = promote_job_done;
	j->job.free = promote_job_free;
	j->page = g;
	j->ui = ui;
	j->config = app_config(ui->app);
	j->conf = app_source_conf(ui->app, g->source);
	j->ops = app_source_ops(ui->app, g->source);
	j->model = xstrdup(g->model);
	j->version = xstrdup(g->version);
	j->alias = xstrdup(g->alias);
	j->metric = xstrdup(metric_of(g, ui));
	j->is_rollback = g->is_rollback;
	j->is_run = is_run;
	j->sends = (struct buf)BUF_INIT(1 << 16);
	if (is_run) {
		j->p = g->p;
		j->p->reason = arena_strdup(&j->p->arena, g->form.reason);
		g->p = NULL;
		g->is_running = true;
	}
	g->job = j;
	app_act(ui->app, &j->job);
}

/* ---- drawing ---- */

static enum role change_role(const struct promotion_row *row)
{
	return row->word == CHANGE_BETTER  ? ROLE_OK
	       : row->word == CHANGE_WORSE ? ROLE_STRONG
	       : row->word == CHANGE_WARNS ? ROLE_WARN
					   : ROLE_DIM;
}

/* Cells of the columns "now" and "then": what is in them, or a fair share. */
static int column_width(const struct page_promote *g, struct dialog *d)
{
	struct arena *a = &d->ui->frame;
	int w = 10;

	for (size_t i = 0; i < g->p->n_rows; i++)
		w = MAX(w, (int)MAX(shown_text(a, g->p->rows[i].now).width,
				    shown_text(a, g->p->rows[i].then).width));
	return MIN(w + 2, (d->r.w - 16) / 3);
}

static void draw_wide_row(const struct promotion_row *row, struct dialog *d,
			  int w)
{
	int x = d->r.x + 16, change = x + 2 * w, rows[4], n = 1;

	rows[0] = dialog_cell(d, d->r.x + 2, 13, row->name, ROLE_DIM);
	rows[1] = dialog_cell(d, x, w - 2, row->now, ROLE_TEXT);
	rows[2] = dialog_cell(d, x + w, w - 2, row->then, ROLE_TEXT);
	rows[3] = dialog_cell(d, change, d->r.x + d->r.w - 1 - change,
			      row->change, change_role(row));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		n = MAX(n, rows[i]);
	d->y += n;
}

/* The name and what changes, and below both sides. */
static void draw_narrow_row(const struct promotion_row *row, struct dialog *d)
{
	int x = d->r.x + 2, w = (d->r.w - 3) / 2, name, now;

	name = dialog_cell(d, x, w - 1, row->name, ROLE_DIM);
	d->y += MAX(name,
		    dialog_cell(d, x + w, w, row->change, change_role(row)));
	now = dialog_cell(d, x, w - 1, row->now, ROLE_TEXT);
	d->y += MAX(now, dialog_cell(d, x + w, w, row->then, ROLE_TEXT));
}

static void draw_rows(const struct page_promote *g, struct dialog *d)
{
	bool is_narrow = dialog_is_narrow(d);
	int w = is_narrow ? (d->r.w - 3) / 2 : column_width(g, d);
	int x = d->r.x + (is_narrow ? 2 : 16);
	struct arena *a = &d->ui->frame;
	const char *holder = promotion_holder(g->p);

	dialog_cell(d, x, 4, "now", ROLE_DIM);
	dialog_cell(d, x + 4, w - 5,
		    *holder ? arena_printf(a, "v%s", holder) : "nobody",
		    ROLE_STRONG);
	dialog_cell(d, x + w, 5, "then", ROLE_DIM);
	dialog_cell(d, x + w + 5, w - 6, arena_printf(a, "v%s", g->version),
		    ROLE_ACCENT);
	if (!is_narrow)
		dialog_cell(d, x + 2 * w, 12, "what changes", ROLE_DIM);
	d->y++;
	for (size_t i = 0; i < g->p->n_rows; i++)
		if (is_narrow)
			draw_narrow_row(&g->p->rows[i], d);
		else
			draw_wide_row(&g->p->rows[i], d, w);
}

/* Where the gates' columns begin; the second is below the first in a narrow
 * dialog. */
struct gate_columns {
	int asks, said;
};

static struct gate_columns gate_columns(const struct page_promote *g,
					struct dialog *d)
{
	struct arena *a = &d->ui->frame;
	int x = d->r.x + 16, room = d->r.x + d->r.w - 1 - x, asks = 0, says = 0;

	if (dialog_is_narrow(d))
		return (struct gate_columns){ d->r.x + 4, d->r.x + 4 };
	for (size_t i = 0; i < g->p->n_results; i++) {
		const struct gate_result *r = &g->p->results[i];

		asks = MAX(asks, 2 + (int)shown_text(a, r->asks).width);
		says = MAX(says, (int)shown_text(a, r->evidence).width);
	}
	/* What it asks gives way to what was found. */
	if (asks + says > room)
		asks = MAX(room / 2, room - says);
	return (struct gate_columns){ x, x + asks };
}

static const char *evidence(const struct gate_result *r, struct arena *a)
{
	return r->is_waived ? arena_printf(a, "%s  waived: %s", r->evidence,
					   r->waiver)
			    : r->evidence;
}

static int draw_gate(const struct gate_result *r, struct dialog *d,
		     struct gate_columns at)
{
	const struct glyphs *gl = d->ui->glyphs;
	int end = d->r.x + d->r.w - 1, y = d->y, n;
	bool is_narrow = at.asks == at.said, ok = r->is_passed || r->is_waived;

	surface_put(d->s, d->r.x + 2, y,
		    r->is_passed ? gl->finished : gl->failed, 1,
		    ok ? ROLE_OK : ROLE_WARN);
	n = dialog_cell(d, d->r.x + 4,
			is_narrow ? end - at.asks : at.asks - d->r.x - 5,
			r->name, ok ? ROLE_TEXT : ROLE_STRONG);
	d->y += is_narrow ? n : 0;
	n = MAX(n, dialog_cell(d, at.asks,
			       (is_narrow ? end : at.said - 2) - at.asks,
			       r->asks, ROLE_DIM));
	d->y += is_narrow ? n : 0;
	n = MAX(n, dialog_cell(d, at.said, end - at.said,
			       evidence(r, &d->ui->frame),
			       r->is_passed ? ROLE_TEXT : ROLE_WARN));
	d->y += n;
	return d->y - y;
}

static void draw_gates(struct page_promote *g, struct dialog *d)
{
	struct gate_columns at = gate_columns(g, d);
	size_t n = g->p->n_results, n_passed = 0;

	for (size_t i = 0; i < n; i++)
		n_passed += g->p->results[i].is_passed ||
			    g->p->results[i].is_waived;
	dialog_section(
		d, "Gates",
		n ? shown_fmt(&d->ui->frame, "%zu of %zu pass", n_passed, n)
		  : SHOWN("none asked for"));
	for (size_t i = 0; i < n; i++) {
		int y = d->y, rows = draw_gate(&g->p->results[i], d, at);

		if (i != g->gate || g->form.field != DIALOG_LIST)
			continue;
		g->form.cursor = y - d->y0;
		g->form.n_cursor = rows;
		surface_select(d->s, (struct rect){ d->r.x, y, d->r.w, rows });
		surface_put(d->s, d->r.x, y, d->ui->glyphs->cursor, 1,
			    ROLE_ACCENT);
	}
}

static const char *title(const struct page_promote *g, struct arena *a)
{
	return arena_printf(a, "%s %s %s @%s",
			    g->is_rollback ? "Roll back" : "Promote", g->model,
			    g->is_rollback ? "at" : "to", g->alias);
}

static void draw_plan(struct page *page, struct dialog *d)
{
	struct page_promote *g = (struct page_promote *)page;

	dialog_title(d, title(g, &d->ui->frame));
	if (g->undoes)
		dialog_wrap(d,
			    arena_printf(&d->ui->frame, "This %s.", g->undoes),
			    ROLE_WARN);
	draw_rows(g, d);
	draw_gates(g, d);
	dialog_sends(d, buf_str(&g->sends), g->p->ask.source);
}

static struct dialog_way way_on(struct page *page, const struct dialog *d)
{
	struct page_promote *g = (struct page_promote *)page;
	const struct gate_result *blocker = promotion_blocker(g->p);
	struct arena *a = &d->ui->frame;
	struct dialog_way way;

	if (dialog_is_closed(d, g->p->ask.source, "promoted", &way))
		return way;
	if (promotion_is_already(g->p))
		return (struct dialog_way){
			ROLE_TEXT,
			arena_printf(a, "v%s holds it already.   Esc back",
				     g->version)
		};
	if (blocker)
		return (struct dialog_way){
			ROLE_WARN,
			arena_printf(a, "Blocked by %s.  %s", blocker->name,
				     dialog_is_narrow(d)
					     ? "w waive  Esc back"
					     : "w waive it, with a reason   "
					       "Tab field   Esc cancel")
		};
	return dialog_form_way(&g->form, d, g->p->confirm,
			       g->is_rollback ? "rolls back" : "promotes");
}

/* No version to go back to is on record: the operator knows one. */
static bool wants_version(const struct page_promote *g)
{
	return g->is_rollback && !*g->version && g->err.code == ERR_ABSENT;
}

static void draw_waiting(struct page_promote *g, struct dialog *d)
{
	const struct ui *ui = d->ui;

	dialog_title(d, title(g, &d->ui->frame));
	dialog_waiting(d, g->is_running, &g->err);
	if (wants_version(g)) {
		d->y++;
		dialog_wrap(
			d,
			arena_printf(
				&d->ui->frame,
				"Which version served well? Choose it among "
				"the versions of %s: there %s goes back to the "
				"one under the cursor.",
				g->model,
				keymap_key_of(ui->keymap, CMD_ROLLBACK,
					      SCOPE_REGISTRY)),
			ROLE_TEXT);
	}
	dialog_last(d,
		    wants_version(g) ? "Enter the versions   Esc back"
				     : "Esc back",
		    ROLE_DIM);
}

enum { WIDTH = 112, WAITING_ROWS = 12 };

static void promote_draw(struct page *page, struct ui *ui, struct surface *s,
			 struct rect body)
{
	struct page_promote *g = (struct page_promote *)page;
	struct dialog_plan plan = {
		.page = page,
		.width = WIDTH,
		.title = title(g, &ui->frame),
		.conf = app_source_conf(ui->app, g->source),
		.confirm = g->p ? g->p->confirm : "",
		.verb = g->is_rollback ? "mltower rollback" : "mltower promote",
		.draw = draw_plan,
		.way = way_on,
	};
	struct dialog d;

	if (g->p && !g->is_done) {
		dialog_form_draw(&g->form, &plan, ui, s, body);
		return;
	}
	d = dialog_open(ui, s, body, WIDTH, WAITING_ROWS, plan.title,
			plan.conf);
	if (g->is_done)
		dialog_outcome(&d, &g->p->act,
			       arena_printf(&ui->frame, "%s v%s", g->model,
					    g->version));
	else
		draw_waiting(g, &d);
}

/* ---- keys ---- */

static void waive(struct page_promote *g, struct ui *ui)
{
	struct err err = { 0 };

	if (g->gate >= g->p->n_results || g->p->results[g->gate].is_passed)
		return;
	if (!*g->form.reason) {
		ui_complain(ui, "a waiver needs a reason: type it first");
		g->form.field = DIALOG_REASON;
		return;
	}
	if (promotion_waive(g->p, g->p->results[g->gate].name, g->form.reason,
			    &err))
		ui_complain(ui, "%s", err.msg);
}

/* False: not one of the gates'. */
static bool gate_key(struct page_promote *g, struct ui *ui, int key)
{
	switch (key) {
	case 'j':
	case UI_KEY_DOWN:
		if (g->gate + 1 < g->p->n_results)
			g->gate++;
		else
			g->form.field = DIALOG_REASON;
		break;
	case 'k':
	case UI_KEY_UP:
		g->gate -= g->gate > 0;
		break;
	case 'w':
		waive(g, ui);
		break;
	default:
		return false;
	}
	g->form.is_followed = true;
	return true;
}

static void plan_key(struct page_promote *g, struct ui *ui, int key)
{
	const char *source = g->p->ask.source;

	if (!g->form.is_painted || key == UI_KEY_PASTE)
		return;
	if (g->form.field == DIALOG_LIST && gate_key(g, ui, key))
		return;
	if (dialog_form_key(&g->form, key, g->p->confirm) &&
	    !promotion_blocker(g->p) && !promotion_is_already(g->p) &&
	    gate_source_is_writable(source))
		start(g, ui, true);
}

static void done_key(struct page_promote *g, struct ui *ui, int key)
{
	if (key != 'r' || g->p->act.outcome != OUTCOME_CONFLICT)
		return;
	promotion_free(g->p);
	g->p = NULL;
	g->is_done = false;
	if (g->is_by_record) /* it may name another one now */
		*g->version = 0;
	start(g, ui, false);
}

static void show_versions(struct page_promote *g, struct ui *ui)
{
	struct page *versions = page_model_new(ui, g->source, g->model);

	ui_pop(ui); /* this dialog */
	ui_push(ui, versions);
}

/* The dialog takes every key, so that nothing below it ever moves. */
static bool promote_key(struct page *page, struct ui *ui, int key)
{
	struct page_promote *g = (struct page_promote *)page;

	if (key == UI_KEY_ESC || (key == 'q' && (!g->p || g->is_done))) {
		ui_pop(ui);
		return true;
	}
	if (key == KEY_CTRL('z') && g->is_running) {
		ui_say(ui, "not while it writes");
		return true;
	}
	if (key == KEY_CTRL('z') || key == KEY_CTRL('l'))
		return false;
	if (!g->p) {
		if (key == UI_KEY_ENTER && wants_version(g))
			show_versions(g, ui);
		return true;
	}
	if (g->is_done)
		done_key(g, ui, key);
	else
		plan_key(g, ui, key);
	return true;
}

static void promote_update(struct page *p, struct ui *ui)
{
	(void)p;
	(void)ui;
}

static bool promote_command(struct page *p, struct ui *ui, enum command_id cmd,
			    const char *arg)
{
	(void)p;
	(void)ui;
	(void)cmd;
	(void)arg;
	return false;
}

static unsigned promote_scope(const struct page *p)
{
	(void)p;
	return SCOPE_FOLLOW;
}

static void promote_free(struct page *p)
{
	struct page_promote *g = (struct page_promote *)p;

	if (g->job)
		g->job->page = NULL;
	promotion_free(g->p);
	buf_release(&g->sends);
	free(g->model);
	free(g->version);
	free(g->alias);
	free(g->undoes);
	free(g);
}

struct page *page_promote_new(struct ui *ui, uint16_t source, const char *model,
			      const char *version, const char *alias,
			      bool is_rollback)
{
	static const enum command_id footer[] = { CMD_BACK, CMD_NONE };
	static const struct page_ops ops = {
		.title = "Promote",
		.scope = promote_scope,
		.update = promote_update,
		.draw = promote_draw,
		.command = promote_command,
		.key = promote_key,
		.footer = footer,
		.free = promote_free,
		.is_dialog = true,
	};
	struct page_promote *g = xcalloc(1, sizeof(*g));

	g->page.ops = &ops;
	g->page.update_at_ms = -1;
	g->source = source;
	g->model = xstrdup(model);
	g->version = xstrdup(version);
	g->alias = xstrdup(alias);
	g->is_rollback = is_rollback;
	g->is_by_record = is_rollback && !*version;
	start(g, ui, false);
	return &g->page;
}
