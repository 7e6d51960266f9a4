/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tower.h"

/* The Runs pane as a tree: what is below a run folds away and comes back. */

/* The line of the run above this one in the tree; itself at the top. */
static size_t parent_line(const struct tower *t, size_t i)
{
	uint32_t depth = run_list_place(t->runs, i)->depth;
	size_t at = i;

	while (depth && at && run_list_place(t->runs, at)->depth >= depth)
		at--;
	return at;
}

static void fold(struct tower *t, struct ui *ui, size_t i, bool is_folded)
{
	uint32_t row = run_list_row(t->runs, i);

	tower_go_to_run(t, ui, row);
	run_list_fold(t->runs, row, is_folded);
}

static bool is_open(const struct tower *t, size_t i)
{
	return run_list_place(t->runs, i)->has_below &&
	       !run_list_is_folded(t->runs, run_list_row(t->runs, i));
}

/* Of a run with none below it, all that its parent has. */
static void turn(struct tower *t, struct ui *ui, size_t i)
{
	size_t at = i;

	if (!run_list_place(t->runs, i)->has_below)
		at = parent_line(t, i);
	if (run_list_place(t->runs, at)->has_below)
		fold(t, ui, at, is_open(t, at));
	else
		ui_say(ui, "no run is below this one");
}

static size_t top_line(const struct tower *t, size_t i)
{
	while (i && run_list_place(t->runs, i)->depth)
		i--;
	return i;
}

static void turn_all(struct tower *t, struct ui *ui, size_t i)
{
	bool is_folded = run_list_has_folded(t->runs);

	if (!is_folded)
		i = top_line(t, i);
	tower_go_to_run(t, ui, run_list_row(t->runs, i));
	run_list_fold_all(t->runs, !is_folded);
}

static void go_left(struct tower *t, struct ui *ui, size_t i)
{
	if (is_open(t, i))
		fold(t, ui, i, true);
	else
		tower_go_to_run(t, ui,
				run_list_row(t->runs, parent_line(t, i)));
}

static void go_right(struct tower *t, struct ui *ui, size_t i)
{
	if (is_open(t, i))
		tower_go_to_run(t, ui, run_list_row(t->runs, i + 1));
	else if (run_list_place(t->runs, i)->has_below)
		fold(t, ui, i, false);
}

bool tower_tree_command(struct tower *t, struct ui *ui, enum command_id cmd)
{
	static void (*const acts[N_COMMANDS])(struct tower *, struct ui *,
					      size_t) = {
		[CMD_FOLD] = turn,
		[CMD_FOLD_ALL] = turn_all,
		[CMD_LEFT] = go_left,
		[CMD_RIGHT] = go_right,
	};
	size_t i = t->run_list.cursor;

	if (cmd == CMD_TREE) {
		run_list_set_tree(t->runs, !run_list_is_tree(t->runs));
		return true;
	}
	/* Chosen columns scroll. */
	if (!acts[cmd] || ((cmd == CMD_LEFT || cmd == CMD_RIGHT) && t->table.n))
		return false;
	if (i < run_list_count(t->runs) && run_list_place(t->runs, i))
		acts[cmd](t, ui, i);
	else if (cmd == CMD_LEFT || cmd == CMD_RIGHT)
		return false;
	else
		ui_say(ui, "t shows the runs as a tree, which folds");
	return true;
}
