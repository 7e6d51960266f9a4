/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "attention.h"
#include "base/mem.h"
#include "tower.h"

/* The pane beside the cursor follows when the cursor has rested. */
#define REST_MS    120
#define FOUR_WIDTH 76    /* four panes, each with its status and value */
#define FOLLOW_MS  10000 /* how long the endpoint took so far is told again */

static const struct {
	const char *name;
	unsigned scope;
	void (*draw)(struct tower *t, struct ui *ui, struct surface *s,
		     struct rect r);
} panes[N_PANES] = {
	[PANE_RUNS] = { "Runs", SCOPE_RUNS, tower_runs_draw },
	[PANE_METRICS] = { "Metrics", SCOPE_CHARTS, tower_metrics_draw },
	[PANE_REGISTRY] = { "Registry", SCOPE_REGISTRY, tower_registry_draw },
	[PANE_ALERTS] = { "Alerts", SCOPE_ALERTS, tower_alerts_draw },
};

static unsigned tower_scope(const struct page *p)
{
	const struct tower *t = (const struct tower *)p;

	return t->focus == PANE_METRICS && t->follow ? SCOPE_FOLLOW
						     : panes[t->focus].scope;
}

static struct shown tower_crumbs(const struct page *p, struct ui *ui,
				 struct arena *a)
{
	(void)p;
	(void)a;
	return app_is_demo(ui->app) ? SHOWN("synthetic") : SHOWN("");
}

/* Registry rows want three lines each; runs take what is left. */
static int lower_height(int body_h)
{
	int h = body_h * 12 / 33;

	return MAX(5, MIN(h, 14));
}

static void layout_four(struct tower *t, struct rect body)
{
	int left = t->is_wide ? body.w : body.w * 75 / 120;
	int low = lower_height(body.h);
	int top = body.h - low;
	int right = body.w - left - 1;

	if (body.w < 100 && !t->is_wide)
		left = body.w * 42 / 80;
	right = body.w - left - 1;
	t->rects[PANE_RUNS] = (struct rect){ body.x, body.y, left, top };
	t->rects[PANE_REGISTRY] =
		(struct rect){ body.x, body.y + top, left, low };
	if (t->is_wide)
		return;
	t->rects[PANE_METRICS] =
		(struct rect){ body.x + left + 1, body.y, right, top };
	t->rects[PANE_ALERTS] =
		(struct rect){ body.x + left + 1, body.y + top, right, low };
}

static void layout(struct tower *t, struct rect body)
{
	memset(t->rects, 0, sizeof(t->rects));
	t->has_tabs = body.w < FOUR_WIDTH || body.h < 13;
	if (t->is_wide && t->focus != PANE_RUNS && t->focus != PANE_REGISTRY)
		t->rects[t->focus] = body;
	else if (t->has_tabs || t->is_alone)
		t->rects[t->focus] = body;
	else
		layout_four(t, body);
}

bool tower_has_tabs(const struct tower *t)
{
	return t->has_tabs &&
	       !(t->focus == PANE_RUNS && tower_runs_are_selected(t));
}

int tower_above_list(const struct ui *ui)
{
	return ui_is_tiny(ui) ? 1 : 2;
}

void tower_unfollow(struct tower *t)
{
	uptake_free(t->follow);
	t->follow = NULL;
	t->page.footer = NULL;
}

void tower_update_by(struct tower *t, int64_t mono_ms)
{
	int64_t *at = &t->page.update_at_ms;

	if (*at < 0 || mono_ms < *at)
		*at = mono_ms;
}

/* The keys of what the pane in focus shows. */
static const enum command_id *pane_footer(const struct tower *t)
{
	static const enum command_id registry[] = {
		CMD_OPEN,       CMD_PROMOTE, CMD_ROLLBACK, CMD_PANE_NEXT,
		CMD_NEEDS_NEXT, CMD_COPY,    CMD_PROMPT,   CMD_HELP,
		CMD_LEAVE,      CMD_NONE,
	};
	static const enum command_id groups[] = {
		CMD_OPEN,  CMD_BACK, CMD_MARK,   CMD_COMPARE,
		CMD_GROUP, CMD_SORT, CMD_FILTER, CMD_METRIC,
		CMD_COPY,  CMD_HELP, CMD_LEAVE,  CMD_NONE,
	};
	static const enum command_id tree[] = {
		CMD_OPEN,     CMD_FOLD,    CMD_TREE, CMD_FOLD_ALL, CMD_FILTER,
		CMD_VIEW,     CMD_COLUMNS, CMD_MARK, CMD_PROMPT,   CMD_METRIC,
		CMD_MARK_ALL, CMD_COMPARE, CMD_HELP, CMD_LEAVE,    CMD_NONE,
	};

	if (t->focus == PANE_REGISTRY)
		return registry;
	if (t->focus != PANE_RUNS)
		return NULL;
	if (tower_groups_are_shown(t))
		return groups;
	return run_list_is_tree(t->runs) ? tree : NULL;
}

/* What a promotion leads on to comes first, while it is fresh. */
static void update_footer(struct tower *t, struct ui *ui)
{
	static const enum command_id footer[] = {
		CMD_ROLLBACK, CMD_EVENTS, CMD_OPEN,  CMD_PANE_NEXT, CMD_FILTER,
		CMD_PROMPT,   CMD_HELP,   CMD_LEAVE, CMD_NONE,
	};
	int64_t served_ms;

	if (!t->follow) {
		t->page.footer = pane_footer(t);
		return;
	}
	t->page.footer = t->follow->p->ask.is_rollback ? NULL : footer;
	if (!uptake_is_served(t->follow, ui, &served_ms))
		tower_update_by(t, ui->now_mono_ms + FOLLOW_MS);
}

static void tower_update(struct page *p, struct ui *ui)
{
	struct tower *t = (struct tower *)p;
	int64_t again_ms;

	p->update_at_ms = -1;
	layout(t, ui_body(ui));
	arena_clear(&t->arena);
	tower_runs_update(t, ui);
	if (t->rest_row == RUN_NO_ROW ||
	    ui->now_mono_ms - t->moved_mono_ms >= REST_MS)
		t->rest_row = t->cursor_row;
	if (t->rest_row != t->cursor_row)
		tower_update_by(t, t->moved_mono_ms + REST_MS);
	tower_metrics_update(t, ui);
	tower_registry_update(t, ui);
	tower_alerts_update(t, ui);
	update_footer(t, ui);
	again_ms = run_list_next_ms(t->runs, ui->now_mono_ms);
	if (again_ms >= 0)
		tower_update_by(t, ui->now_mono_ms + again_ms);
}

static void draw_tabs(struct tower *t, struct ui *ui, struct surface *s,
		      struct rect row)
{
	/* Where few have room the one that is shown is the first of them. */
	size_t first = row.w < 30 ? t->focus : 0;
	int x = row.x + 1;

	surface_title(s, row, SHOWN(""), SHOWN(""), SHOWN(""), SHOWN(""), true,
		      ui->glyphs);
	for (size_t i = first; i < N_PANES; i++) {
		struct shown tab =
			shown_fmt(&ui->frame, "%zu %s", i + 1, panes[i].name);

		if (x + (int)tab.width > row.x + row.w)
			break;
		surface_put(s, x - 1, row.y, SHOWN(" "), 1, ROLE_DIM);
		surface_put(s, x, row.y, tab, (int)tab.width,
			    i == t->focus ? ROLE_ACCENT : ROLE_DIM);
		x += (int)tab.width + 2;
		surface_put(s, x - 2, row.y, SHOWN(" "), 1, ROLE_DIM);
	}
}

static void tower_draw(struct page *p, struct ui *ui, struct surface *s,
		       struct rect body)
{
	struct tower *t = (struct tower *)p;
	struct rect left = t->rects[PANE_RUNS];

	for (size_t i = 0; i < N_PANES; i++)
		if (t->rects[i].w)
			panes[i].draw(t, ui, s, t->rects[i]);
	if (t->rects[PANE_METRICS].w && left.w && left.w < body.w)
		surface_vline(s, body.x + left.w, body.y, body.h, ui->glyphs);
	if (tower_has_tabs(t))
		draw_tabs(t, ui, s, (struct rect){ body.x, body.y, body.w, 1 });
}

static void set_focus(struct tower *t, int pane)
{
	t->focus = (enum tower_pane)((pane + N_PANES) % N_PANES);
}

static bool next_alert(struct tower *t, int by)
{
	size_t n = t->n_alerts;

	for (size_t k = 0; k < n; k++) {
		size_t start = t->focus == PANE_ALERTS
				       ? t->alert_list.cursor + n + (size_t)by
				       : n;
		size_t i = (start + (by > 0 ? k : n - k)) % n;
		const struct alert_line *l = &t->alerts[i];

		if (!l->alert || l->alert->state != ALERT_FIRING || l->is_acked)
			continue;
		t->focus = PANE_ALERTS;
		list_set(&t->alert_list, n, i);
		return true;
	}
	return false;
}

static void go_to_alert(struct tower *t, const struct alert *alert)
{
	t->focus = PANE_ALERTS;
	for (size_t i = 0; i < t->n_alerts; i++)
		if (t->alerts[i].alert == alert)
			list_set(&t->alert_list, t->n_alerts, i);
}

static void go_to_monitor(struct tower *t, const char *monitor)
{
	t->focus = PANE_ALERTS;
	for (size_t i = 0; i < t->n_alerts; i++)
		if (!t->alerts[i].alert &&
		    !strcmp(t->alerts[i].monitor, monitor))
			list_set(&t->alert_list, t->n_alerts, i);
}

static void go_to_model(struct tower *t, const struct model_facts *model)
{
	t->focus = PANE_REGISTRY;
	for (size_t i = 0; i < t->n_models; i++)
		if (t->models[i].model == model)
			list_set(&t->model_list, t->n_models, i);
}

/* To the next alert, else to what the attention row names. */
static bool needs_next(struct tower *t, struct ui *ui, int by)
{
	struct attention at = ui_attention(ui);

	switch (at.kind) {
	case ATTENTION_ALERT:
		return next_alert(t, by);
	case ATTENTION_SOURCE:
		ui_push(ui, page_sources_new(ui));
		return true;
	case ATTENTION_BLIND:
		go_to_monitor(t, at.blind->monitor);
		return true;
	case ATTENTION_MODEL:
		go_to_model(t, at.model);
		return true;
	case ATTENTION_PENDING:
		go_to_alert(t, at.alert);
		return true;
	case ATTENTION_FAILED:
	case ATTENTION_SILENT:
		tower_go_to_run(t, ui, at.row);
		return true;
	default:
		return false;
	}
}

static bool roll_back(struct tower *t, struct ui *ui)
{
	const struct uptake *f = t->follow;

	ui_push(ui, page_promote_new(ui, f->source, f->p->ask.model, "",
				     f->alias, true));
	return true;
}

static bool pane_command(struct tower *t, struct ui *ui, enum command_id cmd,
			 const char *arg)
{
	switch (t->focus) {
	case PANE_RUNS:
		return tower_runs_command(t, ui, cmd, arg);
	case PANE_METRICS:
		if (t->follow && cmd == CMD_ROLLBACK)
			return roll_back(t, ui);
		/* Open and metric are about the run under the cursor. */
		if (list_command(&t->metric_list, cmd))
			return true;
		if (cmd == CMD_OPEN || cmd == CMD_METRIC)
			return tower_runs_command(t, ui, cmd, arg);
		return !t->follow && tower_metrics_command(t, ui, cmd, arg);
	case PANE_REGISTRY:
		return tower_registry_command(t, ui, cmd);
	case PANE_ALERTS:
		return tower_alerts_command(t, ui, cmd);
	default:
		return false;
	}
}

static bool tower_command(struct page *p, struct ui *ui, enum command_id cmd,
			  const char *arg)
{
	struct tower *t = (struct tower *)p;

	switch (cmd) {
	case CMD_PANE_NEXT:
		set_focus(t, (int)t->focus + 1);
		return true;
	case CMD_PANE_PREV:
		set_focus(t, (int)t->focus - 1);
		return true;
	case CMD_PANE_1:
	case CMD_PANE_2:
	case CMD_PANE_3:
	case CMD_PANE_4:
		set_focus(t, (int)(cmd - CMD_PANE_1));
		return true;
	case CMD_ZOOM:
		t->is_alone = !t->is_alone;
		return true;
	case CMD_WIDE:
		t->is_wide = !t->is_wide;
		return true;
	case CMD_NEEDS_NEXT:
	case CMD_NEEDS_PREV:
		if (!needs_next(t, ui, cmd == CMD_NEEDS_NEXT ? 1 : -1))
			ui_say(ui, "Nothing needs you.");
		return true;
	case CMD_BACK:
		if (t->follow) {
			tower_unfollow(t);
			return true;
		}
		if (t->focus == PANE_METRICS &&
		    tower_metrics_command(t, ui, cmd, arg))
			return true;
		if (t->marks.n) {
			marks_clear(&t->marks);
			return true;
		}
		if (tower_groups_back(t, ui))
			return true;
		if (t->is_alone || t->is_wide) {
			t->is_alone = t->is_wide = false;
			return true;
		}
		if (tower_views_back(t, ui))
			return true;
		if (*run_list_filter_text(t->runs))
			return tower_runs_command(t, ui, CMD_FILTER, "");
		return false;
	case CMD_VIEW:
	case CMD_SAVE:
	case CMD_FORGET:
		return tower_views_command(t, ui, cmd, arg);
	case CMD_FILTER:
	case CMD_EXPERIMENT:
	case CMD_SORT:
	case CMD_COLUMNS:
	case CMD_GROUP:
	case CMD_TREE:
	case CMD_FOLD:
	case CMD_FOLD_ALL:
	case CMD_COMPARE:
	case CMD_METRIC:
	case CMD_MARK_ALL:
	case CMD_UNMARK_ALL:
	case CMD_EXPORT:
	case CMD_EXPORT_OVER:
	case CMD_RENAME:
	case CMD_TAG:
	case CMD_NOTE:
	case CMD_DELETE:
	case CMD_RESTORE:
		return tower_runs_command(t, ui, cmd, arg);
	default:
		return pane_command(t, ui, cmd, arg);
	}
}

static void tower_free(struct page *p)
{
	struct tower *t = (struct tower *)p;

	uptake_free(t->follow);
	tower_groups_free(t->groups);
	tower_views_free(t->views);
	run_list_free(t->runs);
	run_table_release(&t->table);
	marks_release(&t->marks);
	marks_release(&t->deleted);
	arena_release(&t->arena);
	free(t);
}

const char *page_tower_arg(const struct page *p, enum command_id cmd)
{
	const struct tower *t = (const struct tower *)p;

	switch (cmd) {
	case CMD_FILTER:
		return tower_groups_filter(t);
	case CMD_GROUP:
		return tower_groups_by(t);
	case CMD_SORT:
		return tower_groups_are_shown(t) ? tower_groups_sort(t)
						 : run_list_sort_text(t->runs);
	case CMD_SAVE:
		return tower_views_name(t);
	default:
		return "";
	}
}

const char *page_tower_groups(const struct ui *ui)
{
	const struct page *p = ui->top;

	while (p->below)
		p = p->below;
	return tower_groups_are_shown((const struct tower *)p)
		       ? tower_groups_by((const struct tower *)p)
		       : "";
}

static const struct alert *tower_alert(const struct page *p,
				       const struct ui *ui)
{
	const struct tower *t = (const struct tower *)p;

	(void)ui;
	return t->focus == PANE_ALERTS && t->alert_list.cursor < t->n_alerts
		       ? t->alerts[t->alert_list.cursor].alert
		       : NULL;
}

void page_tower_follow(struct ui *ui, struct uptake *f)
{
	struct tower *t;

	while (ui->top->below)
		ui_pop(ui);
	t = (struct tower *)ui->top;
	uptake_free(t->follow);
	t->follow = f;
	/* Where one pane is shown it is the one that tells what became of it.
	 */
	t->focus = t->has_tabs || t->is_alone ? PANE_METRICS : PANE_REGISTRY;
	t->is_wide = false;
	for (size_t i = 0; i < t->n_models; i++)
		if (t->models[i].source == f->source &&
		    !strcmp(t->models[i].model->name, f->p->ask.model))
			list_set(&t->model_list, t->n_models, i);
	ui->needs_update = true;
}

struct page *page_tower_new(struct ui *ui)
{
	static const enum command_id footer[] = {
		CMD_PANE_NEXT, CMD_OPEN,       CMD_FILTER,  CMD_VIEW,
		CMD_COLUMNS,   CMD_GROUP,      CMD_TREE,    CMD_MARK,
		CMD_MARK_ALL,  CMD_MARK_RANGE, CMD_COMPARE, CMD_NEEDS_NEXT,
		CMD_METRIC,    CMD_EVENTS,     CMD_PROMPT,  CMD_HELP,
		CMD_LEAVE,     CMD_NONE,
	};
	static const struct page_ops ops = {
		.title = "Tower",
		.scope = tower_scope,
		.crumbs = tower_crumbs,
		.update = tower_update,
		.draw = tower_draw,
		.command = tower_command,
		.alert = tower_alert,
		.footer = footer,
		.free = tower_free,
	};
	struct tower *t = xcalloc(1, sizeof(*t));

	t->page.ops = &ops;
	t->page.update_at_ms = -1;
	t->runs = run_list_new(ui->app);
	t->views = tower_views_new();
	t->groups = tower_groups_new(ui->app);
	t->cursor_row = t->rest_row = t->shown_row = RUN_NO_ROW;
	t->moved_mono_ms = ui->now_mono_ms;
	t->follows_top = true;
	return &t->page;
}
