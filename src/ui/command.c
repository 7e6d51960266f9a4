/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "ui/command.h"

#include <string.h>

#include "base/mem.h"

/* clang-format off */
const struct ui_command ui_commands[N_COMMANDS] = {
	[CMD_NONE] = { "", "", "", "", NULL, 0, 0 },

	[CMD_QUIT] = { "quit", "Q", "quit", "leave mltower from anywhere", NULL, SCOPE_ALL, 0 },
	[CMD_LEAVE] = { "leave", "q", "quit", "back; from the Tower: leave mltower", NULL, SCOPE_ALL, 0 },
	[CMD_BACK] = { "back", "esc", "back", "back to where you came from", NULL, SCOPE_ALL, 0 },
	[CMD_OPEN] = { "open", "enter", "open", "open what the cursor is on", NULL, SCOPE_ALL, 0 },
	[CMD_HELP] = { "help", "?", "help", "the keys of this view", NULL, SCOPE_ALL, 0 },
	[CMD_PROMPT] = { "command", ":", "command", "type a command; Tab completes", NULL, SCOPE_ALL, 0 },
	[CMD_EVENTS] = { "events", "e", "events", "what happened, newest first", NULL, SCOPE_ALL, 0 },
	[CMD_SOURCES] = { "sources", "", "sources", "what is read, how old it is, what is wrong", NULL, SCOPE_ALL, 0 },
	[CMD_NEEDS_NEXT] = { "needs-next", "n", "needs you", "next row that needs a person", NULL, SCOPE_ALL, 0 },
	[CMD_NEEDS_PREV] = { "needs-prev", "N", "needs you", "previous row that needs a person", NULL, SCOPE_ALL, 0 },
	[CMD_PANE_NEXT] = { "pane-next", "tab", "pane", "next pane", NULL, SCOPE_ALL, 0 },
	[CMD_PANE_PREV] = { "pane-prev", "backtab", "pane", "previous pane", NULL, SCOPE_ALL, 0 },
	[CMD_PANE_1] = { "pane-1", "1", "pane", "first pane", NULL, SCOPE_ALL, 0 },
	[CMD_PANE_2] = { "pane-2", "2", "pane", "second pane", NULL, SCOPE_ALL, 0 },
	[CMD_PANE_3] = { "pane-3", "3", "pane", "third pane", NULL, SCOPE_ALL, 0 },
	[CMD_PANE_4] = { "pane-4", "4", "pane", "fourth pane", NULL, SCOPE_ALL, 0 },
	[CMD_ZOOM] = { "zoom", "z", "zoom", "the focused pane alone, and back", NULL, SCOPE_ALL, 0 },
	[CMD_REFRESH] = { "refresh", "r", "refresh", "read all sources now", NULL, SCOPE_ALL, 0 },
	[CMD_REDRAW] = { "redraw", "ctrl-l", "redraw", "paint the whole screen again", NULL, SCOPE_ALL, 0 },
	[CMD_SUSPEND] = { "suspend", "ctrl-z", "suspend", "back to the shell; fg returns", NULL, SCOPE_ALL, 0 },
	[CMD_COPY] = { "copy", "y", "copy", "copy the ids of the marked runs, or the one under the cursor; their rows, or the table (OSC 52)", "id|row|table", SCOPE_ALL, 0 },
	[CMD_THEME] = { "theme", "", "theme", "dark, light or mono", "NAME", SCOPE_ALL, CMD_TAKES },
	[CMD_FILTER] = { "filter", "/", "filter", "keep the rows that match; empty shows all", "FILTER", SCOPE_LISTS, CMD_TAKES },
	[CMD_EXPERIMENT] = { "experiment", "x", "experiment", "choose the experiment; empty shows all", "NAME", SCOPE_RUNS, CMD_TAKES },
	[CMD_METRIC] = { "metric", "m", "metric", "choose the metric shown first", "METRIC", SCOPE_RUNS | SCOPE_CHARTS, CMD_TAKES },
	[CMD_SORT] = { "sort", "s", "sort", "order the rows, as metrics.auc:desc,name; groups by count, mean, sd, min, max, best too", "COLUMN[:desc]", SCOPE_RUNS, CMD_TAKES },
	[CMD_GROUP] = { "group", "b", "group", "runs as groups, by params.depth,experiment or repeats; empty: as runs", "COLUMN", SCOPE_RUNS, CMD_TAKES },
	[CMD_TREE] = { "tree", "t", "tree", "runs below their parents, and back", NULL, SCOPE_RUNS, 0 },
	[CMD_FOLD] = { "fold", "-", "fold", "in the tree: fold what is below the run, or unfold it; so do left and right", NULL, SCOPE_RUNS, 0 },
	[CMD_FOLD_ALL] = { "fold-all", "_", "fold all", "fold the whole tree, or unfold it", NULL, SCOPE_RUNS, 0 },
	[CMD_WIDE] = { "wide", "w", "wide", "the focused pane over the whole width, and back", NULL, SCOPE_ALL, 0 },

	[CMD_UP] = { "up", "k up", "up", "one row up", NULL, SCOPE_LISTS, 0 },
	[CMD_DOWN] = { "down", "j down", "down", "one row down", NULL, SCOPE_LISTS, 0 },
	[CMD_TOP] = { "top", "g home", "top", "first row", NULL, SCOPE_LISTS, 0 },
	[CMD_BOTTOM] = { "bottom", "G end", "bottom", "last row", NULL, SCOPE_LISTS, 0 },
	[CMD_HALF_UP] = { "half-up", "ctrl-u", "half up", "half a page up", NULL, SCOPE_LISTS, 0 },
	[CMD_HALF_DOWN] = { "half-down", "ctrl-d", "half down", "half a page down", NULL, SCOPE_LISTS, 0 },
	[CMD_PAGE_UP] = { "page-up", "pgup", "page up", "a page up", NULL, SCOPE_LISTS, 0 },
	[CMD_PAGE_DOWN] = { "page-down", "pgdn", "page down", "a page down", NULL, SCOPE_LISTS, 0 },

	[CMD_MARK] = { "mark", "space", "mark", "mark the row, of a group all its runs, or take the mark off", NULL, SCOPE_RUNS | SCOPE_COLUMNS, 0 },
	[CMD_UNMARK_ALL] = { "unmark-all", "u", "unmark", "take all marks off", NULL, SCOPE_RUNS | SCOPE_COLUMNS, 0 },
	[CMD_MARK_ALL] = { "mark-all", "+", "mark all", "mark all runs that match", NULL, SCOPE_RUNS, 0 },
	[CMD_MARK_RANGE] = { "mark-range", ",", "mark to here", "mark from the last mark to the cursor", NULL, SCOPE_RUNS, 0 },
	[CMD_COMPARE] = { "compare", "c", "compare", "the marked runs side by side", NULL, SCOPE_RUNS, 0 },
	[CMD_EXPORT] = { "export", "", "export", "write the marked runs, else what the list shows, to a file: .csv .json .jsonl .md", "FILE", SCOPE_RUNS, CMD_TAKES },
	[CMD_EXPORT_OVER] = { "export!", "", "export", "the same, over a file that is there", "FILE", SCOPE_RUNS, CMD_TAKES },
	[CMD_EXPORT_STOP] = { "export-stop", "ctrl-c", "give up", "give up the file that is being written", NULL, SCOPE_ALL, 0 },
	[CMD_RENAME] = { "rename", "R", "rename", "rename the marked runs, else the one under the cursor", "NAME", SCOPE_RUNS, CMD_CHANGES },
	[CMD_TAG] = { "tag", "T", "tag", "set a tag of the marked runs; without =VALUE take it off", "KEY[=VALUE]", SCOPE_RUNS, CMD_CHANGES },
	[CMD_NOTE] = { "note", "", "note", "write the note of the marked runs", "TEXT", SCOPE_RUNS, CMD_CHANGES },
	[CMD_DELETE] = { "delete", "D", "delete", "the marked runs into the store's bin", NULL, SCOPE_RUNS, CMD_CHANGES },
	[CMD_RESTORE] = { "restore", "U", "restore", "the marked runs, or the last one, out of the bin", NULL, SCOPE_RUNS, CMD_CHANGES },

	[CMD_COLUMNS] = { "columns", "o", "columns", "choose columns, or name them: name,metrics.auc,params.lr; empty takes all away", "COLUMN,..", SCOPE_RUNS, 0 },
	[CMD_VIEW] = { "view", "v", "view", "show the runs as a view says, by its name or its key; 0: as at the start", "NAME", SCOPE_RUNS, CMD_TAKES },
	[CMD_SAVE] = { "save", "", "save", "keep what the runs show as a view; a digit behind the name is its key", "NAME", SCOPE_RUNS, CMD_TAKES },
	[CMD_FORGET] = { "forget", "", "forget", "forget a view that was saved", "NAME", SCOPE_RUNS, CMD_TAKES },
	[CMD_DELETED] = { "deleted", "", "deleted", "the runs in the bin instead, and back", NULL, SCOPE_RUNS, 0 },

	[CMD_COLUMN_UP] = { "column-up", "[", "further left", "the column one place to the left", NULL, SCOPE_COLUMNS, 0 },
	[CMD_COLUMN_DOWN] = { "column-down", "]", "further right", "the column one place to the right", NULL, SCOPE_COLUMNS, 0 },
	[CMD_NARROWER] = { "narrower", "-", "narrower", "the column narrower", NULL, SCOPE_COLUMNS, 0 },
	[CMD_WIDER] = { "wider", "+ =", "wider", "the column wider", NULL, SCOPE_COLUMNS, 0 },

	[CMD_LEFT] = { "left", "h left", "crosshair", "crosshair, or columns, to the left", NULL, SCOPE_CHARTS | SCOPE_COMPARE | SCOPE_RUNS, 0 },
	[CMD_RIGHT] = { "right", "l right", "crosshair", "crosshair, or columns, to the right", NULL, SCOPE_CHARTS | SCOPE_COMPARE | SCOPE_RUNS, 0 },
	[CMD_ZOOM_IN] = { "zoom-in", "+ =", "zoom in", "half as much of the x axis, around the crosshair", NULL, SCOPE_CHARTS | SCOPE_COMPARE, 0 },
	[CMD_ZOOM_OUT] = { "zoom-out", "-", "zoom out", "twice as much of the x axis", NULL, SCOPE_CHARTS | SCOPE_COMPARE, 0 },
	[CMD_ZOOM_ALL] = { "zoom-all", "0", "all", "the whole x axis", NULL, SCOPE_CHARTS | SCOPE_COMPARE, 0 },
	[CMD_PAN_LEFT] = { "pan-left", "<", "pan", "a quarter of what is seen to the left", NULL, SCOPE_CHARTS | SCOPE_COMPARE, 0 },
	[CMD_PAN_RIGHT] = { "pan-right", ">", "pan", "a quarter of what is seen to the right", NULL, SCOPE_CHARTS | SCOPE_COMPARE, 0 },
	[CMD_FOLLOW] = { "follow", "f", "tail", "follow the last points as they come, and no more", NULL, SCOPE_CHARTS | SCOPE_COMPARE, 0 },
	[CMD_SCALE] = { "scale", "i", "log", "value axis linear, log, symlog (of both signs)", NULL, SCOPE_CHARTS | SCOPE_COMPARE, 0 },
	[CMD_SMOOTH] = { "smooth", "~", "smooth", "curves smoothed, stronger each time, and as they are", NULL, SCOPE_CHARTS | SCOPE_COMPARE, 0 },
	[CMD_X_AXIS] = { "x-axis", "x", "x axis", "x by step, time, age; or by a metric that is named", "step|time|age|METRIC", SCOPE_CHARTS | SCOPE_COMPARE, 0 },
	[CMD_SHARE_AXIS] = { "share-axis", "|", "one axis", "one value axis for all charts of the page, or one each", NULL, SCOPE_CHARTS | SCOPE_COMPARE, 0 },
	[CMD_ACROSS] = { "across", "#", "across", "charts side by side, 1 to 6: one more each time", "N", SCOPE_CHARTS, 0 },

	[CMD_PROMOTE] = { "promote", "P", "promote", "promote the version: gates, diff, confirmation", NULL, SCOPE_REGISTRY | SCOPE_DRIFT, CMD_CHANGES },
	[CMD_ROLLBACK] = { "rollback", "B", "roll back", "put back what stood before, or the older version under the cursor", NULL, SCOPE_REGISTRY | SCOPE_ALERTS | SCOPE_DRIFT | SCOPE_FOLLOW, CMD_CHANGES },

	[CMD_ACK] = { "acknowledge", "a", "acknowledge", "acknowledge the alert, with a note", "NOTE", SCOPE_ALL, CMD_TAKES },
	[CMD_FEATURE_PREV] = { "feature-prev", "[", "feature", "previous feature", NULL, SCOPE_ALERTS | SCOPE_DRIFT, 0 },
	[CMD_FEATURE_NEXT] = { "feature-next", "]", "feature", "next feature", NULL, SCOPE_ALERTS | SCOPE_DRIFT, 0 },

	[CMD_DIFF_ONLY] = { "diff-only", "d", "differing only", "only rows that differ, or all", NULL, SCOPE_COMPARE, 0 },
	[CMD_BASELINE] = { "baseline", "b", "baseline", "the next run is the baseline", NULL, SCOPE_COMPARE, 0 },

	[CMD_KIND] = { "kind", "x", "kind", "only events of one kind; empty shows all", "KIND", SCOPE_EVENTS, CMD_TAKES },
};
/* clang-format on */

enum command_id ui_command_find(const char *name)
{
	enum command_id found = CMD_NONE;
	size_t len = strlen(name);

	if (!len)
		return CMD_NONE;
	for (size_t i = 1; i < N_COMMANDS; i++) {
		if (strncmp(ui_commands[i].name, name, len))
			continue;
		if (!ui_commands[i].name[len])
			return (enum command_id)i;
		if (found)
			return CMD_NONE; /* ambiguous */
		found = (enum command_id)i;
	}
	return found;
}

static const struct {
	enum scope scope;
	const char *name;
} scopes_known[] = {
	{ SCOPE_ALL, "all" },           { SCOPE_LIST, "list" },
	{ SCOPE_RUNS, "runs" },         { SCOPE_CHARTS, "charts" },
	{ SCOPE_REGISTRY, "registry" }, { SCOPE_ALERTS, "alerts" },
	{ SCOPE_COMPARE, "compare" },   { SCOPE_EVENTS, "events" },
	{ SCOPE_DRIFT, "drift" },       { SCOPE_FOLLOW, "follow" },
	{ SCOPE_COLUMNS, "columns" },
};

const char *scope_name(enum scope scope)
{
	for (size_t i = 0; i < ARRAY_LEN(scopes_known); i++)
		if (scopes_known[i].scope == scope)
			return scopes_known[i].name;
	return "";
}

void scope_names(unsigned scopes, const char *between, struct buf *out)
{
	if (scopes == SCOPE_LISTS) {
		buf_adds(out, "lists");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(scopes_known); i++)
		if (scopes & scopes_known[i].scope)
			buf_addf(out, "%s%s", out->len ? between : "",
				 scopes_known[i].name);
}

bool scope_parse(const char *name, enum scope *out)
{
	for (size_t i = 0; i < ARRAY_LEN(scopes_known); i++) {
		if (strcmp(scopes_known[i].name, name))
			continue;
		*out = scopes_known[i].scope;
		return true;
	}
	return false;
}
