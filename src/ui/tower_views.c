/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "io/gate.h"
#include "tower.h"

/* Views of the runs: the pane's whole look under a name. What it was before a
 * view was opened lies on a stack, for Escape. */
struct tower_view {
	struct tower_view *below;
	struct arena arena;
	struct run_view view;
};

struct tower_views {
	char *name; /* of the one that is open; "" none is */
	struct tower_view *before;
};

/* As what would be typed, part by part; those behind it are no commands. */
static const enum command_id commands[] = {
	[VIEW_EXPERIMENT] = CMD_EXPERIMENT,
	[VIEW_FILTER] = CMD_FILTER,
	[VIEW_SORT] = CMD_SORT,
	[VIEW_COLUMNS] = CMD_COLUMNS,
	[VIEW_METRIC] = CMD_METRIC,
};

struct tower_views *tower_views_new(void)
{
	struct tower_views *v = xcalloc(1, sizeof(*v));

	v->name = xstrdup("");
	return v;
}

static void drop(struct tower_views *v)
{
	struct tower_view *top = v->before;

	v->before = top->below;
	arena_release(&top->arena);
	free(top);
}

void tower_views_free(struct tower_views *v)
{
	while (v->before)
		drop(v);
	free(v->name);
	free(v);
}

static void set_name(struct tower_views *v, const char *name)
{
	char *copy = xstrdup(name);

	free(v->name);
	v->name = copy;
}

/* ---- what the pane shows ---- */

static const char *experiment(const struct tower *t, const struct model *m)
{
	const uint32_t *all;
	size_t n;

	all = run_list_experiments(t->runs, &n);
	return n ? intern_str(m->strings,
			      run_set_experiment(m->runs, all[0])->name)
		 : "";
}

static struct run_view look_at(const struct tower *t, struct ui *ui,
			       struct arena *a)
{
	const struct model *m = app_model(ui->app);
	struct buf columns = BUF_INIT(0);
	struct run_view v = { .name = t->views->name };

	run_table_print(&t->table, &columns);
	v.parts[VIEW_EXPERIMENT] = experiment(t, m);
	v.parts[VIEW_FILTER] = tower_groups_filter(t);
	v.parts[VIEW_SORT] = run_list_sort_text(t->runs);
	v.parts[VIEW_COLUMNS] = buf_str(&columns);
	v.parts[VIEW_METRIC] = intern_str(m->strings, t->metric);
	v.parts[VIEW_TREE] = run_list_is_tree(t->runs) ? "yes" : "";
	v.parts[VIEW_GROUP] = tower_groups_by(t);
	v.parts[VIEW_GROUP_SORT] = tower_groups_sort(t);
	v = run_view_copy(&v, a);
	buf_release(&columns);
	return v;
}

/* What cannot be done (an experiment that is not here) is complained of, and
 * the rest is done. */
static void show(struct tower *t, struct ui *ui, const struct run_view *v)
{
	tower_groups_show(t, ui, "", "");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		tower_runs_command(t, ui, commands[i], v->parts[i]);
	run_list_set_tree(t->runs, *v->parts[VIEW_TREE]);
	tower_groups_show(t, ui, v->parts[VIEW_GROUP],
			  v->parts[VIEW_GROUP_SORT]);
	set_name(t->views, v->name);
	t->focus = PANE_RUNS;
}

/* ---- commands ---- */

static const struct run_view *find(struct ui *ui, const char *text)
{
	size_t n;
	const struct run_view *all = app_views(ui->app, &n);

	return run_view_find(all, n, text);
}

bool ui_has_view_key(struct ui *ui, const char *text)
{
	return !strcmp(text, "0") || (*text && !text[1] && find(ui, text));
}

static void show_all(struct tower *t, struct ui *ui)
{
	struct run_view none = { .name = "" };

	while (t->views->before)
		drop(t->views);
	none = run_view_copy(&none, &ui->frame);
	show(t, ui, &none);
	run_list_set_deleted(t->runs, false);
}

static void push(struct tower *t, struct ui *ui)
{
	struct tower_view *now = xcalloc(1, sizeof(*now));

	now->view = look_at(t, ui, &now->arena);
	now->below = t->views->before;
	t->views->before = now;
}

static void open_view(struct tower *t, struct ui *ui, const char *text)
{
	const struct run_view *v = find(ui, text);
	const char *name;
	int key;

	if (!v && run_view_split(text, &ui->frame, &name, &key) && *name)
		v = find(ui, name); /* "night 3", as it was completed */
	if (!*text || !strcmp(text, "0")) {
		show_all(t, ui);
	} else if (!v) {
		ui_complain(ui, "no view is called %s; :save NAME makes one",
			    text);
	} else {
		push(t, ui);
		show(t, ui, v);
	}
}

/* Why a view cannot be kept under this name, or forgotten; NULL: it can. */
static const char *refusal(struct ui *ui, const char *name)
{
	const struct config *c = app_config(ui->app);

	if (gate_is_closed(GATE_STATE))
		return "read-only: nothing is kept";
	for (size_t i = 0; i < c->n_views; i++)
		if (!strcmp(c->views[i].name, name))
			return "a view of the config stays as it is there";
	return NULL;
}

static bool is_key_of_config(struct ui *ui, int key)
{
	const struct config *c = app_config(ui->app);

	for (size_t i = 0; i < c->n_views && key; i++)
		if (c->views[i].key == key)
			return true;
	return false;
}

/* The view that this one takes its key from; NULL: none. */
static const struct run_view *robbed(struct ui *ui, const struct run_view *v)
{
	size_t n;
	const struct run_view *all = app_views(ui->app, &n);

	for (size_t i = 0; i < n && v->key; i++)
		if (all[i].key == v->key && strcmp(all[i].name, v->name) != 0)
			return &all[i];
	return NULL;
}

static void say_saved(struct ui *ui, const struct run_view *v)
{
	const struct run_view *other = robbed(ui, v);

	if (!v->key)
		ui_say(ui, "saving %s", v->name);
	else if (other)
		ui_say(ui, "saving %s: v %d shows it, and no longer %s",
		       v->name, v->key, other->name);
	else
		ui_say(ui, "saving %s: v %d shows it", v->name, v->key);
}

static void save(struct tower *t, struct ui *ui, const char *text)
{
	struct run_view v = look_at(t, ui, &ui->frame);
	const char *why;

	if (!run_view_split(text, &ui->frame, &v.name, &v.key) || !*v.name) {
		ui_complain(ui,
			    "a name of at most %d bytes, and a digit behind "
			    "it for its key",
			    RUN_VIEW_MAX_NAME);
		return;
	}
	why = refusal(ui, v.name);
	if (why) {
		ui_complain(ui, "%s: %s", v.name, why);
	} else if (is_key_of_config(ui, v.key)) {
		ui_complain(ui, "the config has a view of the key %d", v.key);
	} else {
		say_saved(ui, &v);
		app_save_view(ui->app, &v);
		set_name(t->views, v.name);
	}
}

static void forget(struct tower *t, struct ui *ui, const char *text)
{
	const char *name = text, *why;
	int key;

	if (!find(ui, name))
		run_view_split(text, &ui->frame, &name, &key);
	why = find(ui, name) ? refusal(ui, name) : "there is no such view";
	if (why) {
		ui_complain(ui, "%s: %s", text, why);
		return;
	}
	if (!strcmp(t->views->name, name))
		set_name(t->views, "");
	app_forget_view(ui->app, name);
	ui_say(ui, "forgetting %s", name);
}

bool tower_views_command(struct tower *t, struct ui *ui, enum command_id cmd,
			 const char *arg)
{
	switch (cmd) {
	case CMD_VIEW:
		open_view(t, ui, arg);
		return true;
	case CMD_SAVE:
		save(t, ui, arg);
		return true;
	case CMD_FORGET:
		forget(t, ui, arg);
		return true;
	default:
		return false;
	}
}

bool tower_views_back(struct tower *t, struct ui *ui)
{
	struct run_view before;

	if (!t->views->before)
		return false;
	before = run_view_copy(&t->views->before->view, &ui->frame);
	drop(t->views);
	show(t, ui, &before);
	return true;
}

const char *tower_views_name(const struct tower *t)
{
	return t->views->name;
}

struct shown tower_views_title(const struct tower *t, struct ui *ui)
{
	const struct run_view *v = find(ui, t->views->name);
	struct run_view now;

	if (!*t->views->name)
		return SHOWN("");
	now = look_at(t, ui, &ui->frame);
	return shown_fmt(&ui->frame, "%s%s", t->views->name,
			 v && !run_view_shows_same(v, &now) ? "*" : "");
}
