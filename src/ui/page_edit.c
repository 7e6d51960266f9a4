/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dialog.h"
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
	bool is_typing; /* else the reason has the cursor */
	char reason[DIALOG_FIELD], typed[DIALOG_FIELD];
	bool is_wrong;   /* Enter on what is not what is shown */
	bool is_painted; /* what is typed before that is dropped */
	bool is_whole;   /* all that is sent is on the screen */
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
	*g->typed = 0;
	g->is_typing = g->is_painted = false;
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
		j->e->reason = arena_strdup(&j->e->arena, g->reason);
	g->is_running = is_run;
	g->e = NULL;
	g->job = j;
	app_act(ui->app, &j->job);
}

/* ---- drawing ---- */

/* What is sent and the confirmation are never left out; the rows take what is
 * left. Without room the titles go, and where even that is too little nothing
 * can be confirmed. */
enum { ROOM_TITLED = 7, ROOM_TIGHT = 3, ROOM_WIDTH = 36, MAX_ROWS = 15 };

static void draw_row(struct dialog *d, struct shown name, struct shown now,
		     struct shown then, enum role role)
{
	int x = d->r.x + 2, w = (d->r.w - 3) / 3;

	dialog_put(d, x, name, w - 1, role);
	dialog_put(d, x + w, now, w - 1, role);
	dialog_put(d, x + 2 * w, then, d->r.w - 3 - 2 * w, role);
	d->y++;
}

static struct shown value_text(struct dialog *d, const char *value)
{
	return value ? dialog_text(d, value) : SHOWN("none");
}

/* The last row tells how many there is no room for. */
static void draw_rows(struct page_edit *g, struct dialog *d, size_t room)
{
	const struct edit *e = g->e;
	size_t n = e->n_rows <= room ? e->n_rows : room - 1;

	if (!room)
		return;
	draw_row(d, SHOWN("run"),
		 g->ask.n_tags ? shown_fmt(&d->ui->frame, "%s now",
					   g->ask.tags[0].name)
			       : SHOWN("now"),
		 SHOWN("then"), ROLE_DIM);
	for (size_t i = 0; i < n; i++) {
		const struct edit_row *r = &e->rows[i];

		draw_row(d, dialog_text(d, r->name), value_text(d, r->edit.was),
			 r->is_already ? SHOWN("is so already")
				       : value_text(d, r->edit.then),
			 r->is_already ? ROLE_DIM : ROLE_TEXT);
	}
	if (n == e->n_rows)
		return;
	dialog_put(d, d->r.x + 2,
		   shown_fmt(&d->ui->frame, "and %zu more", e->n_rows - n),
		   d->r.w - 3, ROLE_DIM);
	d->y++;
}

static bool is_complete(const struct page_edit *g)
{
	return !strcmp(g->typed, g->e->confirm);
}

static void draw_way_on(struct page_edit *g, struct dialog *d)
{
	if (dialog_closed(d, app_source_conf(d->ui->app, g->source)->name,
			  "changed"))
		return;
	if (edit_is_already(g->e))
		dialog_put(d, d->r.x + 2,
			   g->e->n_rows == 1
				   ? SHOWN("It is so already.  Esc back")
				   : SHOWN("All of them are so already.  Esc "
					   "back"),
			   d->r.w - 3, ROLE_TEXT);
	else
		dialog_way_on(d, g->is_wrong, is_complete(g),
			      kinds[g->ask.kind].does);
}

static void draw_confirm(struct page_edit *g, struct dialog *d, bool is_tight)
{
	if (!is_tight) {
		d->y = MAX(d->y, d->r.y + d->r.h - 5);
		dialog_section(d, SHOWN("Confirm"), SHOWN(""));
	}
	dialog_field(d, SHOWN("Reason"), SHOWN(""), g->reason, 60,
		     !g->is_typing);
	d->y++;
	dialog_field(d, SHOWN("Type"), dialog_text(d, g->e->confirm), g->typed,
		     40, g->is_typing);
	d->y = d->r.y + d->r.h - 1;
	draw_way_on(g, d);
}

static void draw_plan(struct page_edit *g, struct dialog *d)
{
	int sends = dialog_sends(d, buf_str(&g->sends), false);
	bool is_tight = d->r.h < ROOM_TITLED + sends;
	int left = d->r.h - sends - (is_tight ? ROOM_TIGHT : ROOM_TITLED);

	g->is_whole = left >= 0 && d->r.w >= ROOM_WIDTH;
	if (!g->is_whole) {
		dialog_too_small(d, ROOM_WIDTH, ROOM_TIGHT + sends,
				 "mltower edit");
		return;
	}
	/* What is sent says it as well. */
	if (!is_tight) {
		draw_rows(g, d, (size_t)left);
		dialog_section(
			d, SHOWN("Will send"),
			shown_fmt(
				&d->ui->frame, "one transaction to %s",
				app_source_conf(d->ui->app, g->source)->name));
	}
	dialog_sends(d, buf_str(&g->sends), true);
	draw_confirm(g, d, is_tight);
	g->is_painted = true;
}

static void draw_waiting(struct page_edit *g, struct dialog *d)
{
	if (g->err.code)
		dialog_wrap(d, g->err.msg, strlen(g->err.msg), ROLE_WARN, true);
	else
		dialog_put(d, d->r.x + 2,
			   g->is_running ? SHOWN("writing, step by step ...")
					 : SHOWN("reading what stands there "
						 "now ..."),
			   d->r.w - 4, ROLE_DIM);
	d->y = d->r.y + d->r.h - 1;
	dialog_put(d, d->r.x + 2, SHOWN("Esc back"), d->r.w - 4, ROLE_DIM);
}

static struct rect place(struct page_edit *g, struct ui *ui, struct rect body)
{
	int w = MIN(body.w, 96), rows = 12, h;
	struct dialog d = { .ui = ui, .r = { .w = w - 2 } };

	if (g->e && !g->is_done)
		rows = ROOM_TITLED +
		       dialog_sends(&d, buf_str(&g->sends), false) +
		       (int)MIN(g->e->n_rows, (size_t)MAX_ROWS);
	h = MIN(body.h, rows + 2);
	return (struct rect){ body.x + (body.w - w) / 2,
			      body.y + MAX(0, (body.h - h) / 2), w, h };
}

static struct shown title(const struct page_edit *g, struct ui *ui)
{
	const char *what = kinds[g->ask.kind].title;
	size_t n = g->ask.n_runs;

	if (n == 1)
		return shown_fmt(&ui->frame, "%s %s%s", what,
				 g->ask.runs[0].name,
				 g->n_away ? ", not in this list" : "");
	if (!g->n_away)
		return shown_fmt(&ui->frame, "%s %zu runs", what, n);
	return shown_fmt(&ui->frame, "%s %zu runs, %zu not in this list", what,
			 n, g->n_away);
}

static void edit_draw(struct page *page, struct ui *ui, struct surface *s,
		      struct rect body)
{
	struct page_edit *g = (struct page_edit *)page;
	struct rect r = place(g, ui, body);
	struct dialog d = { .ui = ui,
			    .s = s,
			    .r = { r.x + 1, r.y + 1, r.w - 2, r.h - 2 },
			    .y = r.y + 1 };
	const struct source_conf *conf = app_source_conf(ui->app, g->source);

	/* Letters beside the frame would read as part of it. */
	surface_fill(s, (struct rect){ 0, r.y, s->w, r.h }, ROLE_SCRIM);
	surface_frame(s, r, title(g, ui),
		      shown_fmt(&ui->frame, "%s  %s", conf->name, conf->where),
		      ui->glyphs);
	if (!g->e)
		draw_waiting(g, &d);
	else if (g->is_done)
		dialog_outcome(&d, &g->e->act, dialog_text(&d, g->e->title));
	else
		draw_plan(g, &d);
}

/* ---- keys ---- */

static void confirm(struct page_edit *g, struct ui *ui)
{
	if (!g->is_typing) {
		g->is_typing = true;
		return;
	}
	g->is_wrong = !is_complete(g);
	if (!g->is_wrong && !edit_is_already(g->e) &&
	    gate_source_is_writable(app_source_conf(ui->app, g->source)->name))
		start(g, ui, true);
}

static void look_again(struct page_edit *g, struct ui *ui)
{
	edit_free(g->e);
	g->e = NULL;
	g->is_done = false;
	start(g, ui, false);
}

static void plan_key(struct page_edit *g, struct ui *ui, int key)
{
	if (!g->is_painted || !g->is_whole || key == UI_KEY_PASTE)
		return;
	if (key == UI_KEY_ENTER) {
		confirm(g, ui);
		return;
	}
	g->is_wrong = false;
	if (key == UI_KEY_TAB || key == UI_KEY_BACKTAB)
		g->is_typing = !g->is_typing;
	else
		dialog_type(g->is_typing ? g->typed : g->reason, key);
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
