/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/promote_work.h"
#include "base/human.h"
#include "base/mem.h"
#include "dialog.h"
#include "io/gate.h"
#include "tower.h"
#include "ui/keys.h"
#include "ui_internal.h"
#include "uptake.h"
#include "view/tower.h"

enum field { FIELD_GATES, FIELD_REASON, FIELD_TYPE, N_FIELDS };

/* A promotion or a rollback: what changes, what the gates say, what will be
 * sent; then it is confirmed by typing what is shown. All that touches the
 * registry happens on the actor's thread. */
struct page_promote {
	struct page page;
	uint16_t source;
	char *model, *version, *alias;
	bool is_rollback;
	bool is_by_record;   /* the version is what the record says */
	struct promotion *p; /* NULL while it is being planned or run */
	struct err err;      /* why there is no plan */
	struct buf sends;
	enum field field;
	size_t gate; /* under the cursor */
	char reason[DIALOG_FIELD], typed[DIALOG_FIELD];
	bool is_wrong;   /* Enter on what is not what is shown */
	bool is_painted; /* what is typed before that is dropped */
	bool is_whole;   /* all that is sent is on the screen */
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
	char *model, *version, *alias;
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
	const char *version;

	if (*j->version)
		return;
	if (!promote_previous(w, j->model, j->alias, &a, &version, &j->err)) {
		free(j->version);
		j->version = xstrdup(version);
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
	buf_release(&g->sends);
	g->sends = j->sends;
	memset(&j->sends, 0, sizeof(j->sends));
	g->p = j->p;
	j->p = NULL;
	*g->typed = 0;
	blocker = promotion_blocker(g->p);
	g->field = blocker ? FIELD_GATES : FIELD_REASON;
	g->gate = blocker ? (size_t)(blocker - g->p->results) : 0;
	g->is_painted = false;
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
		j->p->reason = arena_strdup(&j->p->arena, g->reason);
		g->p = NULL;
		g->is_running = true;
	}
	g->job = j;
	app_act(ui->app, &j->job);
}

/* ---- drawing ---- */

/* What is sent and the confirmation are never left out; the gates and the rows
 * share what is left. Without room the titles go, and where even that is too
 * little nothing can be confirmed. */
struct room {
	int rows, gates, need;
	bool is_tight, is_enough;
};

enum { ROOM_TITLED = 8, ROOM_TIGHT = 3, ROOM_WIDTH = 36 };

static struct room share_room(struct page_promote *g, struct dialog *p)
{
	int sends = dialog_sends(p, buf_str(&g->sends), false), left;
	struct room room = { .need = ROOM_TIGHT + sends };

	room.is_tight = p->r.h < ROOM_TITLED + sends;
	left = p->r.h - sends - (room.is_tight ? ROOM_TIGHT : ROOM_TITLED);
	room.is_enough = left >= 0 && p->r.w >= ROOM_WIDTH;
	left = MAX(0, left);
	room.gates = MIN(left, (int)g->p->n_results);
	room.rows =
		room.is_tight ? 0 : MIN(left - room.gates, (int)g->p->n_rows);
	return room;
}

/* Cells of the columns "now" and "then": what is in them, or a fair share. */
static int column_width(struct page_promote *g, struct dialog *p)
{
	int w = 10, most = (p->r.w - 16) / (p->r.w < 60 ? 2 : 3);

	for (size_t i = 0; i < g->p->n_rows; i++)
		w = MAX(w,
			2 + (int)MAX(dialog_text(p, g->p->rows[i].now).width,
				     dialog_text(p, g->p->rows[i].then).width));
	return p->r.w < 60 ? most : MIN(w, most);
}

static void draw_rows(struct page_promote *g, struct dialog *p, int n)
{
	int x = p->r.x + 16, w = column_width(g, p), change = x + 2 * w;
	struct arena *a = &p->ui->frame;
	const char *holder = g->p->shown.holder;

	dialog_put(p, x, SHOWN("now "), 4, ROLE_DIM);
	dialog_put(p, x + 4,
		   *holder ? shown_fmt(a, "v%s", holder) : SHOWN("nobody"),
		   w - 5, ROLE_STRONG);
	dialog_put(p, x + w, SHOWN("then "), 5, ROLE_DIM);
	dialog_put(p, x + w + 5, shown_fmt(a, "v%s", g->version), w - 6,
		   ROLE_ACCENT);
	if (p->r.w >= 60)
		dialog_put(p, change, SHOWN("what changes"), 12, ROLE_DIM);
	p->y++;
	for (int i = 0; i < n; i++) {
		const struct promotion_row *row = &g->p->rows[i];
		enum role role = row->word == CHANGE_BETTER  ? ROLE_OK
				 : row->word == CHANGE_WORSE ? ROLE_STRONG
				 : row->word == CHANGE_WARNS ? ROLE_WARN
							     : ROLE_DIM;

		dialog_put(p, p->r.x + 2, dialog_text(p, row->name), 13,
			   ROLE_DIM);
		dialog_put(p, x, dialog_text(p, row->now), w - 2, ROLE_TEXT);
		dialog_put(p, x + w, dialog_text(p, row->then), w - 2,
			   ROLE_TEXT);
		if (p->r.w >= 60)
			dialog_put(p, change, dialog_text(p, row->change),
				   p->r.x + p->r.w - 1 - change, role);
		p->y++;
	}
}

static void draw_gate(struct page_promote *g, struct dialog *p, size_t i,
		      int asks, int said)
{
	const struct gate_result *r = &g->p->results[i];
	const struct glyphs *gl = p->ui->glyphs;
	bool ok = r->is_passed || r->is_waived;

	if (g->field == FIELD_GATES && i == g->gate) {
		surface_select(p->s, (struct rect){ p->r.x, p->y, p->r.w, 1 });
		surface_put(p->s, p->r.x, p->y, gl->cursor, 1, ROLE_ACCENT);
	}
	surface_put(p->s, p->r.x + 2, p->y,
		    r->is_passed ? gl->finished : gl->failed, 1,
		    ok ? ROLE_OK : ROLE_WARN);
	dialog_put(p, p->r.x + 4, dialog_text(p, r->name), 11,
		   ok ? ROLE_TEXT : ROLE_STRONG);
	dialog_put(p, asks, dialog_text(p, r->asks), said - asks - 2, ROLE_DIM);
	dialog_put(p, said,
		   r->is_waived ? shown_fmt(&p->ui->frame, "%s  waived: %s",
					    r->evidence, r->waiver)
				: dialog_text(p, r->evidence),
		   p->r.x + p->r.w - 1 - said,
		   r->is_passed ? ROLE_TEXT : ROLE_WARN);
	p->y++;
}

static void draw_gates(struct page_promote *g, struct dialog *p,
		       const struct room *room)
{
	size_t n = g->p->n_results, n_passed = 0, top;
	int asks = p->r.x + 16, said = asks, says = 0;

	for (size_t i = 0; i < n; i++) {
		const struct gate_result *r = &g->p->results[i];

		n_passed += r->is_passed || r->is_waived;
		said = MAX(said, asks + 2 + (int)dialog_text(p, r->asks).width);
		says = MAX(says, (int)dialog_text(p, r->evidence).width);
	}
	if (!room->is_tight) {
		dialog_section(p, SHOWN("Gates"),
			       n ? shown_fmt(&p->ui->frame, "%zu of %zu pass",
					     n_passed, n)
				 : SHOWN("none asked for"));
	}
	/* What it asks gives way to what was found. */
	said = MIN(said, MAX(asks + 12, p->r.x + p->r.w - 1 - says));
	if (p->r.w < 60)
		said = asks;
	top = g->gate >= (size_t)room->gates ? g->gate + 1 - (size_t)room->gates
					     : 0;
	for (size_t i = top; i < top + (size_t)room->gates && i < n; i++)
		draw_gate(g, p, i, asks, said);
}

static void draw_sends(struct page_promote *g, struct dialog *p, bool is_tight)
{
	const char *where = app_source_conf(p->ui->app, g->source)->name;

	if (!is_tight) {
		dialog_section(p, SHOWN("Will send"),
			       shown_fmt(&p->ui->frame, "one transaction to %s",
					 where));
	}
	dialog_sends(p, buf_str(&g->sends), true);
}

static bool is_complete(const struct page_promote *g)
{
	return !promotion_blocker(g->p) && !strcmp(g->typed, g->p->confirm);
}

/* What stops it, in words, and the keys that lead on. */
static void draw_way_on(struct page_promote *g, struct dialog *p)
{
	const struct gate_result *blocker = promotion_blocker(g->p);
	struct arena *a = &p->ui->frame;
	int x = p->r.x + 2, end = p->r.x + p->r.w - 1;
	bool is_narrow = end - x < 72;

	if (dialog_closed(p, app_source_conf(p->ui->app, g->source)->name,
			  "promoted"))
		return;
	if (promotion_is_already(g->p)) {
		dialog_put(p, x,
			   shown_fmt(a, "v%s holds it already.  Esc back",
				     g->version),
			   end - x, ROLE_TEXT);
		return;
	}
	if (blocker) {
		x += surface_put(
			p->s, x, p->y,
			shown_fmt(a, "Blocked by %s.  ", blocker->name),
			end - x, ROLE_WARN);
		dialog_put(p, x,
			   is_narrow ? SHOWN("w waive it")
				     : SHOWN("w waive it, needs a reason   Tab "
					     "field   Esc cancel, nothing is "
					     "sent"),
			   end - x, ROLE_DIM);
		return;
	}
	dialog_way_on(p, g->is_wrong, is_complete(g),
		      g->is_rollback ? "rolls back" : "promotes");
}

static void draw_confirm(struct page_promote *g, struct dialog *p,
			 bool is_tight)
{
	if (!is_tight) {
		p->y = MAX(p->y, p->r.y + p->r.h - 5);
		dialog_section(p, SHOWN("Confirm"), SHOWN(""));
	}
	dialog_field(p, SHOWN("Reason"), SHOWN(""), g->reason, 60,
		     g->field == FIELD_REASON);
	p->y++;
	dialog_field(p, SHOWN("Type"), dialog_text(p, g->p->confirm), g->typed,
		     40, g->field == FIELD_TYPE);
	p->y = p->r.y + p->r.h - 1;
	draw_way_on(g, p);
}

/* No version to go back to is on record: the operator knows one. */
static bool wants_version(const struct page_promote *g)
{
	return g->is_rollback && !*g->version && g->err.code == ERR_ABSENT;
}

static void draw_failure(struct page_promote *g, struct dialog *p)
{
	struct shown ask = shown_fmt(
		&p->ui->frame,
		"Which version served well? Choose it among the versions of "
		"%s: there %s goes back to the one under the cursor.",
		g->model,
		keymap_key_of(p->ui->keymap, CMD_ROLLBACK, SCOPE_REGISTRY));

	p->y += 1 +
		dialog_wrap(p, g->err.msg, strlen(g->err.msg), ROLE_WARN, true);
	if (wants_version(g))
		dialog_wrap(p, ask.s, ask.len, ROLE_TEXT, true);
}

static void draw_waiting(struct page_promote *g, struct dialog *p)
{
	if (g->err.code)
		draw_failure(g, p);
	else
		dialog_put(p, p->r.x + 2,
			   g->is_running ? SHOWN("writing, step by step ...")
					 : SHOWN("reading what stands there "
						 "now ..."),
			   p->r.w - 4, ROLE_DIM);
	p->y = p->r.y + p->r.h - 1;
	dialog_put(p, p->r.x + 2,
		   wants_version(g) ? SHOWN("Enter the versions   Esc back")
				    : SHOWN("Esc back"),
		   p->r.w - 4, ROLE_DIM);
}

static struct rect place(struct page_promote *g, struct ui *ui,
			 struct rect body)
{
	int w = MIN(body.w, 112), rows = 12, h;
	struct dialog p = { .ui = ui, .r = { .w = w - 2 } };

	if (g->p && !g->is_done)
		rows = ROOM_TITLED +
		       dialog_sends(&p, buf_str(&g->sends), false) +
		       (int)g->p->n_rows + (int)g->p->n_results;
	h = MIN(body.h, rows + 2);
	return (struct rect){ body.x + (body.w - w) / 2,
			      body.y + MAX(0, (body.h - h) / 2), w, h };
}

static void promote_draw(struct page *page, struct ui *ui, struct surface *s,
			 struct rect body)
{
	struct page_promote *g = (struct page_promote *)page;
	struct rect r = place(g, ui, body);
	struct dialog p = { .ui = ui,
			    .s = s,
			    .r = { r.x + 1, r.y + 1, r.w - 2, r.h - 2 },
			    .y = r.y + 1 };
	const struct source_conf *conf = app_source_conf(ui->app, g->source);
	struct room room;

	/* Letters beside the frame would read as part of it. */
	surface_fill(s, (struct rect){ 0, r.y, s->w, r.h }, ROLE_SCRIM);
	surface_frame(s, r,
		      shown_fmt(&ui->frame, "%s %s %s @%s",
				g->is_rollback ? "Roll back" : "Promote",
				g->model, g->is_rollback ? "at" : "to",
				g->alias),
		      shown_fmt(&ui->frame, "%s  %s", conf->name, conf->where),
		      ui->glyphs);
	if (!g->p) {
		draw_waiting(g, &p);
		return;
	}
	if (g->is_done) {
		dialog_outcome(
			&p, &g->p->act,
			shown_fmt(&ui->frame, "%s v%s", g->model, g->version));
		return;
	}
	room = share_room(g, &p);
	g->is_whole = room.is_enough;
	if (!room.is_enough) {
		dialog_too_small(&p, ROOM_WIDTH, room.need, "mltower promote");
		return;
	}
	if (!room.is_tight) /* what is sent says it as well */
		draw_rows(g, &p, room.rows);
	draw_gates(g, &p, &room);
	draw_sends(g, &p, room.is_tight);
	draw_confirm(g, &p, room.is_tight);
	g->is_painted = true;
}

/* ---- keys ---- */

static void waive(struct page_promote *g, struct ui *ui)
{
	struct err err = { 0 };

	if (g->gate >= g->p->n_results || g->p->results[g->gate].is_passed)
		return;
	if (!*g->reason) {
		ui_complain(ui, "a waiver needs a reason: type it first");
		g->field = FIELD_REASON;
		return;
	}
	if (promotion_waive(g->p, g->p->results[g->gate].name, g->reason, &err))
		ui_complain(ui, "%s", err.msg);
}

static void gate_key(struct page_promote *g, struct ui *ui, int key)
{
	switch (key) {
	case 'j':
	case UI_KEY_DOWN:
		if (g->gate + 1 < g->p->n_results)
			g->gate++;
		else
			g->field = FIELD_REASON;
		break;
	case 'k':
	case UI_KEY_UP:
		g->gate -= g->gate > 0;
		break;
	case 'w':
		waive(g, ui);
		break;
	default:
		break;
	}
}

static void confirm(struct page_promote *g, struct ui *ui)
{
	if (g->field == FIELD_REASON) {
		g->field = FIELD_TYPE;
		return;
	}
	g->is_wrong = g->field == FIELD_TYPE && strcmp(g->typed, g->p->confirm);
	if (!is_complete(g) || promotion_is_already(g->p) ||
	    !gate_source_is_writable(app_source_conf(ui->app, g->source)->name))
		return;
	start(g, ui, true);
}

static void next_field(struct page_promote *g, int by)
{
	int field = (int)g->field;

	do
		field = (field + by + N_FIELDS) % N_FIELDS;
	while (field == FIELD_GATES && !g->p->n_results);
	g->field = (enum field)field;
}

static bool done_key(struct page_promote *g, struct ui *ui, int key)
{
	if (key == 'r' && g->p->act.outcome == OUTCOME_CONFLICT) {
		promotion_free(g->p);
		g->p = NULL;
		g->is_done = false;
		if (g->is_by_record) /* it may name another one now */
			*g->version = 0;
		start(g, ui, false);
		return true;
	}
	return false;
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
		return done_key(g, ui, key) || true;
	if (!g->is_painted || !g->is_whole || key == UI_KEY_PASTE)
		return true;
	if (key != UI_KEY_ENTER)
		g->is_wrong = false;
	if (key == UI_KEY_TAB || key == UI_KEY_BACKTAB)
		next_field(g, key == UI_KEY_TAB ? 1 : -1);
	else if (key == UI_KEY_ENTER)
		confirm(g, ui);
	else if (g->field == FIELD_GATES)
		gate_key(g, ui, key);
	else
		dialog_type(g->field == FIELD_REASON ? g->reason : g->typed,
			    key);
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
