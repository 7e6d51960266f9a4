/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tower.h"

#include <stdlib.h>
#include <string.h>

#include "app/group_list.h"
#include "base/human.h"
#include "base/mem.h"
#include "page_list.h"

/* The Runs pane as groups. Enter goes into one: its filter stands beside the
 * one that was there, which may change meanwhile, until Escape goes back. */

/* Beyond these a group is not looked for when the groups came anew: the cursor
 * keeps its place. */
#define MAX_SOUGHT 10000

#define NARROW 60
/* Names are cut no further, where spread, count and mean stand beside them. */
#define LEAST_NAME        12
#define LEAST_NARROW_NAME 6

struct tower_groups {
	struct group_list *list;
	struct list_pane pane;
	uint32_t cursor_run; /* the last of the group under the cursor */
	bool has_moved;      /* else it stays on the first */
	bool is_open;
	bool is_chosen; /* the metrics are chosen columns: each is shown */
	bool is_narrow;
	/* Of the open group: the filter beside it, its own, and its name. */
	char *filter, *own, *label;
	/* The run it is the group of, while values are still to come. */
	uint32_t open_run;
};

struct tower_groups *tower_groups_new(struct app *app)
{
	struct tower_groups *g = xcalloc(1, sizeof(*g));

	g->list = group_list_new(app);
	g->cursor_run = g->open_run = RUN_NO_ROW;
	return g;
}

static void forget_open(struct tower_groups *g)
{
	free(g->filter);
	free(g->own);
	free(g->label);
	g->filter = g->own = g->label = NULL;
	g->open_run = RUN_NO_ROW;
	g->is_open = false;
}

void tower_groups_free(struct tower_groups *g)
{
	forget_open(g);
	list_pane_release(&g->pane);
	group_list_free(g->list);
	free(g);
}

const char *tower_groups_by(const struct tower *t)
{
	return group_list_text(t->groups->list);
}

const char *tower_groups_sort(const struct tower *t)
{
	return group_list_sort_text(t->groups->list);
}

const char *tower_groups_filter(const struct tower *t)
{
	return t->groups->is_open ? t->groups->filter
				  : run_list_filter_text(t->runs);
}

bool tower_groups_are_shown(const struct tower *t)
{
	return *tower_groups_by(t) && !t->groups->is_open;
}

struct shown tower_groups_open(const struct tower *t, struct ui *ui)
{
	if (!t->groups->is_open)
		return SHOWN("");
	return shown_fmt(&ui->frame, "by %s %s %s%s%s", tower_groups_by(t),
			 ui->glyphs->is_ascii ? ">" : "›", t->groups->label,
			 *t->groups->filter ? "  / " : "", t->groups->filter);
}

/* ---- fresh --------------------------------------------------------------- */

static const struct group *group_at(const struct tower_groups *g, size_t i)
{
	const struct groups *all = group_list_made(g->list).groups;

	return all && i < all->n ? &all->all[i] : NULL;
}

/* The best run of the group, else its first: whose curves stand beside. */
static void follow_cursor(struct tower *t)
{
	struct tower_groups *g = t->groups;
	const struct group *group = group_at(g, g->pane.list.cursor);
	size_t n = group_list_made(g->list).n_metrics;

	t->cursor_row = g->cursor_run = RUN_NO_ROW;
	if (!group)
		return;
	g->cursor_run = group->rows[group->n - 1];
	t->cursor_row = group->rows[0];
	for (size_t m = n; m--;)
		if (group->stats[m].best_row != RUN_NO_ROW)
			t->cursor_row = group->stats[m].best_row;
}

/* The cursor stays on its group, wherever that went. */
static size_t cursor_group(const struct tower_groups *g)
{
	const struct groups *all = group_list_made(g->list).groups;

	if (!g->has_moved)
		return 0;
	for (size_t i = 0; i < MIN(all->n, (size_t)MAX_SOUGHT); i++)
		if (all->all[i].rows[all->all[i].n - 1] == g->cursor_run)
			return i;
	return g->pane.list.cursor;
}

static void take_groups(struct tower_groups *g, struct ui *ui)
{
	struct grouping made = group_list_made(g->list);
	struct view_ctx ctx = ui_view_ctx(ui);
	struct view_list view;

	view_groups(&view, &ctx,
		    &(struct view_groups_ask){ .set = ctx.model->runs,
					       .by = made.by,
					       .groups = made.groups,
					       .metrics = made.metrics,
					       .n_metrics = made.n_metrics,
					       .has_all_metrics = g->is_chosen,
					       .is_narrow = g->is_narrow });
	list_pane_set(&g->pane, &view);
	list_set(&g->pane.list, view.n_rows, cursor_group(g));
}

/* The metrics among the chosen columns, else the one that was chosen, else the
 * main ones. */
static struct group_metric *find_metrics(struct tower *t, struct ui *ui,
					 size_t *n)
{
	struct view_ctx ctx = ui_view_ctx(ui);
	struct intern *strings = app_model(ui->app)->strings;
	const char **picks, *metric = NULL;
	struct group_metric *metrics;
	size_t n_picks, n_others;

	picks = run_table_picks(&t->table, &n_picks);
	metrics = view_group_picks(&ctx, picks, n_picks, n, &n_others);
	free(picks);
	t->groups->is_chosen = *n;
	for (size_t i = 0; i < *n; i++) /* columns may go before the groups */
		metrics[i].key.name = intern_str(
			strings, intern_put(strings, metrics[i].key.name));
	if (*n)
		return metrics;
	free(metrics);
	if (t->metric)
		metric = intern_str(strings, t->metric);
	return view_group_metrics(&ctx, metric, n);
}

static void update_groups(struct tower *t, struct ui *ui, bool is_new)
{
	struct tower_groups *g = t->groups;
	struct rect r = t->rects[PANE_RUNS];
	bool was_narrow = g->is_narrow;
	struct group_metric *metrics;
	const uint32_t *rows;
	size_t n, n_rows;

	g->is_narrow = r.w < NARROW;
	if (g->pane.least)
		g->pane.least = g->is_narrow ? LEAST_NARROW_NAME : LEAST_NAME;
	metrics = find_metrics(t, ui, &n);
	rows = run_list_matches(t->runs, &n_rows);
	if (group_list_update(g->list, rows, n_rows, is_new, metrics, n) ||
	    (g->is_narrow != was_narrow && g->pane.is_made))
		take_groups(g, ui);
	free(metrics);
	list_pane_update(&g->pane, ui, r.w, MAX(1, r.h - 1));
	follow_cursor(t);
}

void tower_groups_update(struct tower *t, struct ui *ui, bool is_new)
{
	if (tower_groups_are_shown(t))
		update_groups(t, ui, is_new);
}

/* ---- on the screen ------------------------------------------------------- */

static struct shown context_text(const struct tower *t, struct ui *ui)
{
	const char *filter = run_list_filter_text(t->runs);
	struct shown view = tower_views_title(t, ui);

	return shown_fmt(
		&ui->frame, "%s%sby %s%s%s%s", view.s, view.len ? ": " : "",
		tower_groups_by(t), *filter ? "  / " : "", filter,
		tower_sort_text(ui, tower_groups_sort(t), "  sort ").s);
}

static struct shown count_text(const struct tower *t, struct ui *ui)
{
	const struct groups *all = group_list_made(t->groups->list).groups;
	bool is_busy = !tower_runs_are_settled(t, ui) ||
		       group_list_is_pending(t->groups->list);
	size_t n_unknown = all ? all->n_unknown : 0, n_runs;
	const char *more = is_busy ? " …" : "";
	char n[HUMAN_MAX], runs[HUMAN_MAX], unknown[HUMAN_MAX];
	struct shown marks =
		tower_marks_text(t, &ui->frame, t->groups->is_narrow);

	run_list_matches(t->runs, &n_runs);
	human_count(n, all ? (int64_t)all->n : 0);
	human_count(runs, (int64_t)(n_runs - MIN(n_runs, n_unknown)));
	human_count(unknown, (int64_t)n_unknown);
	if (t->groups->is_narrow)
		return shown_fmt(&ui->frame, "%s%s%s of %s%s", marks.s,
				 marks.len ? "  " : "", n, runs, more);
	return shown_fmt(&ui->frame, "%s%s%s %s of %s runs%s%s%s%s", marks.s,
			 marks.len ? "  " : "", n,
			 all && all->n == 1 ? "group" : "groups", runs,
			 n_unknown ? ", " : "", n_unknown ? unknown : "",
			 n_unknown ? " without params" : "", more);
}

static struct shown empty_text(struct tower *t, struct ui *ui)
{
	const struct groups *all = group_list_made(t->groups->list).groups;

	if (group_list_is_pending(t->groups->list))
		return SHOWN("grouping ...");
	if (all && all->n_unknown)
		return SHOWN("No params: nothing tells repeats.");
	return tower_runs_empty(t, ui);
}

static bool is_marked(const struct tower *t, const struct group *group)
{
	uint32_t i = 0;

	while (i < group->n && marks_have(&t->marks, group->rows[i]))
		i++;
	return i == group->n;
}

static void draw_marks(const struct tower *t, struct ui *ui, struct surface *s,
		       struct rect r)
{
	const struct list *list = &t->groups->pane.list;
	int y = r.y + tower_above_list(ui);

	for (size_t i = list->top; t->marks.n && i < list->n_rows; i++, y++) {
		const struct group *group = group_at(t->groups, i);

		if (y >= r.y + r.h || !group)
			return;
		if (is_marked(t, group))
			surface_put(s, r.x, y, SHOWN("+"), 1, ROLE_ACCENT);
	}
}

bool tower_groups_draw(struct tower *t, struct ui *ui, struct surface *s,
		       struct rect r)
{
	struct tower_groups *g = t->groups;

	if (!tower_groups_are_shown(t))
		return false;
	surface_title(s, (struct rect){ r.x, r.y, r.w, 1 },
		      tower_has_tabs(t) ? SHOWN("") : SHOWN("1"), SHOWN("Runs"),
		      context_text(t, ui), count_text(t, ui),
		      t->focus == PANE_RUNS, ui->glyphs);
	list_pane_draw(&g->pane, ui, s,
		       (struct rect){ r.x, r.y + 1, r.w, r.h - 1 },
		       t->focus == PANE_RUNS, empty_text(t, ui));
	draw_marks(t, ui, s, r);
	return true;
}

/* ---- commands ------------------------------------------------------------ */

/* False: values may be too long for a filter, and names such that no quotes
 * hold them. */
static bool set_filter(struct tower *t, struct ui *ui, const char *text)
{
	struct err err = { 0 };
	size_t column;

	if (run_list_set_filter(t->runs, text, &column, &err)) {
		ui_complain(ui, "group: %s", err.msg);
		return false;
	}
	run_list_keep(t->runs, RUN_NO_ROW);
	return true;
}

void tower_groups_show(struct tower *t, struct ui *ui, const char *text,
		       const char *sort)
{
	struct tower_groups *g = t->groups;
	struct group_by by = { 0 };
	struct err err = { 0 };
	const char *unknown;

	if (*text && group_by_parse(text, &by, &err)) {
		ui_complain(ui, "%s", err.msg);
		return;
	}
	unknown = ui_unknown_metric(ui, by.keys, by.n_keys);
	if (unknown) {
		ui_complain(ui, "group: no metric is called %s; params.%s?",
			    unknown, unknown);
	} else if (group_list_set(g->list, text, sort, &err)) {
		ui_complain(ui, "%s", err.msg);
	} else {
		if (g->is_open)
			set_filter(t, ui, g->filter);
		forget_open(g);
		list_pane_release(&g->pane);
		g->pane = (struct list_pane){
			.spare = "metric",
			.keep = by.is_repeats ? "spread" : "mean",
			.least = by.is_repeats ? LEAST_NAME : 0,
			.scrolls = true,
			.cuts_middle = true,
		};
		g->has_moved = false;
		run_list_keep(t->runs, RUN_NO_ROW);
		t->cursor_row = RUN_NO_ROW;
	}
	group_by_release(&by);
}

/* "12, FINISHED"; of repeats, the name of one of them. */
static char *label_of(const struct run_set *set, const struct group_by *by,
		      uint32_t row)
{
	struct group_key *keys;
	struct buf out = BUF_INIT(0);
	char number[HUMAN_MAX];
	const char *text;
	size_t n;
	double v;

	keys = group_keys_bind(set, by, &n);
	for (size_t i = 0; i < by->n_keys; i++) {
		text = group_key_text(set, &keys[i], row);
		if (!text && keys[i].is_number &&
		    keys[i].col != RUN_NO_COLUMN &&
		    run_set_number(set, keys[i].col, row, &v))
			text = human_exact(number, v);
		buf_addf(&out, "%s%s", i ? ", " : "", text ? text : "none");
	}
	if (by->is_repeats)
		buf_addf(&out, "%s%s", out.len ? ", " : "",
			 run_set_name(set, row));
	free(keys);
	return buf_take(&out);
}

/* What is asked of all runs, and what makes the group. */
static bool filter_open(struct tower *t, struct ui *ui)
{
	const struct tower_groups *g = t->groups;
	struct buf all = BUF_INIT(0);
	bool is_done;

	if (*g->filter)
		buf_addf(&all, "(%s) and ", g->filter);
	buf_adds(&all, g->own);
	is_done = set_filter(t, ui, buf_str(&all));
	buf_release(&all);
	return is_done;
}

/* The group that the run is in, as far as is known of it. True: it is another
 * one than before. */
static bool name_open(struct tower_groups *g, struct ui *ui, uint32_t row)
{
	const struct run_set *set = app_model(ui->app)->runs;
	const struct group_by *by = group_list_made(g->list).by;
	struct buf own = BUF_INIT(0);
	bool is_other;

	group_filter(set, by, row, &own);
	is_other = !g->own || strcmp(buf_str(&own), g->own) != 0;
	if (is_other) {
		free(g->own);
		free(g->label);
		g->own = xstrdup(buf_str(&own));
		g->label = label_of(set, by, row);
	}
	buf_release(&own);
	return is_other;
}

static void open_group(struct tower *t, struct ui *ui)
{
	struct tower_groups *g = t->groups;
	const struct group *group = group_at(g, g->pane.list.cursor);

	if (!group)
		return;
	name_open(g, ui, group->rows[0]);
	g->filter = xstrdup(run_list_filter_text(t->runs));
	if (filter_open(t, ui)) {
		g->is_open = true;
		g->open_run = group->rows[0];
		t->cursor_row = RUN_NO_ROW;
		t->follows_top = true;
	} else {
		forget_open(g);
	}
}

void tower_groups_follow(struct tower *t, struct ui *ui)
{
	struct tower_groups *g = t->groups;
	bool is_owed = app_is_owed(ui->app);

	if (g->open_run == RUN_NO_ROW)
		return;
	if (name_open(g, ui, g->open_run))
		filter_open(t, ui);
	if (!is_owed)
		g->open_run = RUN_NO_ROW;
}

void tower_groups_narrow(struct tower *t, struct ui *ui)
{
	struct tower_groups *g = t->groups;

	if (!g->is_open)
		return;
	free(g->filter);
	g->filter = xstrdup(run_list_filter_text(t->runs));
	filter_open(t, ui);
}

/* All its runs; their marks off where all have one. */
static void mark_group(struct tower *t, struct ui *ui)
{
	struct tower_groups *g = t->groups;
	const struct group *group = group_at(g, g->pane.list.cursor);
	char n[HUMAN_MAX], all[HUMAN_MAX];
	bool is_off;

	if (!group)
		return;
	is_off = is_marked(t, group);
	if (is_off)
		marks_drop(&t->marks, group->rows, group->n);
	for (uint32_t i = 0; i < group->n && !is_off; i++)
		marks_add(&t->marks, group->rows[i]);
	ui_say(ui,
	       "%s of this group, %s in all marked; c compares them, u "
	       "takes all marks off",
	       human_count(n, is_off ? 0 : group->n),
	       human_count(all, (int64_t)t->marks.n));
	list_command(&g->pane.list, CMD_DOWN);
	g->has_moved = true;
}

static void copy_filter(const struct tower_groups *g, struct ui *ui)
{
	const struct group *group = group_at(g, g->pane.list.cursor);
	struct buf own = BUF_INIT(0);

	if (!group)
		return;
	group_filter(app_model(ui->app)->runs, group_list_made(g->list).by,
		     group->rows[0], &own);
	ui_copy(ui, buf_str(&own), NULL);
	buf_release(&own);
}

static void sort_groups(struct tower_groups *g, struct ui *ui, const char *text)
{
	struct err err = { 0 };

	if (group_list_set_sort(g->list, text, &err))
		ui_complain(ui, "sort: %s", err.msg);
}

bool tower_groups_back(struct tower *t, struct ui *ui)
{
	struct tower_groups *g = t->groups;

	if (g->is_open) {
		set_filter(t, ui, g->filter);
		forget_open(g);
		return true;
	}
	if (!tower_groups_are_shown(t))
		return false;
	tower_groups_show(t, ui, "", "");
	return true;
}

/* What is about groups while they are shown. */
static bool groups_command(struct tower *t, struct ui *ui, enum command_id cmd,
			   const char *arg)
{
	switch (cmd) {
	case CMD_OPEN:
		open_group(t, ui);
		return true;
	case CMD_SORT:
		sort_groups(t->groups, ui, arg ? arg : "");
		return true;
	case CMD_MARK:
		mark_group(t, ui);
		return true;
	case CMD_COPY:
		if (t->marks.n)
			return false;
		if (arg && strcmp(arg, "id") != 0)
			ui_complain(ui, "copy: a group is copied as its "
					"filter, by id");
		else
			copy_filter(t->groups, ui);
		return true;
	case CMD_RENAME:
	case CMD_TAG:
	case CMD_NOTE:
	case CMD_DELETE:
	case CMD_RESTORE:
		if (!t->marks.n)
			ui_say(ui, "Space marks the runs of a group, Enter "
				   "goes to them");
		return !t->marks.n;
	case CMD_LEFT:
	case CMD_RIGHT:
		list_pane_scroll(&t->groups->pane, cmd == CMD_RIGHT ? 1 : -1);
		return true;
	case CMD_MARK_RANGE:
	case CMD_TREE:
	case CMD_FOLD:
	case CMD_FOLD_ALL:
		ui_say(ui, "these are groups: Enter goes to the runs of one");
		return true;
	default:
		return false;
	}
}

bool tower_groups_command(struct tower *t, struct ui *ui, enum command_id cmd,
			  const char *arg)
{
	struct tower_groups *g = t->groups;

	if (cmd == CMD_GROUP) {
		tower_groups_show(t, ui, arg ? arg : "", "");
		return true;
	}
	if (!tower_groups_are_shown(t))
		return false;
	if (list_command(&g->pane.list, cmd)) {
		g->has_moved = true;
		tower_unfollow(t);
		t->moved_mono_ms = ui->now_mono_ms;
		return true;
	}
	return groups_command(t, ui, cmd, arg);
}
