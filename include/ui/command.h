/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_COMMAND_H
#define MLTOWER_UI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* The one table of what can be done from the screen. Keys are bound to it;
 * help, completion, the footer, `mltower keys` and the manual are printed from
 * it. */
enum scope {
	SCOPE_ALL = 1 << 0,
	SCOPE_LIST = 1 << 1, /* any pane with a cursor */
	SCOPE_RUNS = 1 << 2,
	SCOPE_CHARTS = 1 << 3,
	SCOPE_REGISTRY = 1 << 4,
	SCOPE_ALERTS = 1 << 5,
	SCOPE_COMPARE = 1 << 6,
	SCOPE_EVENTS = 1 << 7,
	SCOPE_DRIFT = 1 << 8,
	SCOPE_FOLLOW = 1 << 9, /* what follows a promotion */
	SCOPE_COLUMNS = 1 << 10,
};

/* Every pane with a cursor. */
#define SCOPE_LISTS                                                            \
	(SCOPE_LIST | SCOPE_RUNS | SCOPE_CHARTS | SCOPE_REGISTRY |             \
	 SCOPE_ALERTS | SCOPE_COMPARE | SCOPE_EVENTS | SCOPE_DRIFT |           \
	 SCOPE_COLUMNS)

enum command_id {
	CMD_NONE,
	/* everywhere */
	CMD_QUIT,
	CMD_LEAVE,
	CMD_BACK,
	CMD_OPEN,
	CMD_HELP,
	CMD_PROMPT,
	CMD_EVENTS,
	CMD_SOURCES,
	CMD_NEEDS_NEXT,
	CMD_NEEDS_PREV,
	CMD_PANE_NEXT,
	CMD_PANE_PREV,
	CMD_PANE_1,
	CMD_PANE_2,
	CMD_PANE_3,
	CMD_PANE_4,
	CMD_ZOOM,
	CMD_REFRESH,
	CMD_REDRAW,
	CMD_SUSPEND,
	CMD_COPY,
	CMD_THEME,
	CMD_FILTER,
	CMD_EXPERIMENT,
	CMD_METRIC,
	CMD_SORT,
	CMD_GROUP,
	CMD_TREE,
	CMD_FOLD,
	CMD_FOLD_ALL,
	CMD_WIDE,
	/* lists */
	CMD_UP,
	CMD_DOWN,
	CMD_TOP,
	CMD_BOTTOM,
	CMD_HALF_UP,
	CMD_HALF_DOWN,
	CMD_PAGE_UP,
	CMD_PAGE_DOWN,
	/* runs */
	CMD_MARK,
	CMD_UNMARK_ALL,
	CMD_MARK_ALL,
	CMD_MARK_RANGE,
	CMD_COMPARE,
	CMD_EXPORT,
	CMD_EXPORT_OVER,
	CMD_EXPORT_STOP,
	CMD_RENAME,
	CMD_TAG,
	CMD_NOTE,
	CMD_DELETE,
	CMD_RESTORE,
	CMD_COLUMNS,
	CMD_VIEW,
	CMD_SAVE,
	CMD_FORGET,
	CMD_DELETED,
	/* columns */
	CMD_COLUMN_UP,
	CMD_COLUMN_DOWN,
	CMD_NARROWER,
	CMD_WIDER,
	/* charts */
	CMD_LEFT,
	CMD_RIGHT,
	CMD_ZOOM_IN,
	CMD_ZOOM_OUT,
	CMD_ZOOM_ALL,
	CMD_PAN_LEFT,
	CMD_PAN_RIGHT,
	CMD_FOLLOW, /* the last of those that move about in a chart */
	CMD_SCALE,
	CMD_SMOOTH,
	CMD_X_AXIS,
	CMD_SHARE_AXIS,
	CMD_ACROSS,
	/* registry */
	CMD_PROMOTE,
	CMD_ROLLBACK,
	/* alerts */
	CMD_ACK,
	CMD_FEATURE_PREV,
	CMD_FEATURE_NEXT,
	/* compare */
	CMD_DIFF_ONLY,
	CMD_BASELINE,
	/* events */
	CMD_KIND,
	N_COMMANDS
};

#define CMD_CHANGES 1u /* changes a system: a capital, dimmed behind a gate */
#define CMD_TAKES   2u /* takes an argument from the prompt */

struct ui_command {
	const char *name; /* "run-compare": typed after `:` */
	const char *keys; /* default keys, by blanks: "j down" */
	const char *hint; /* in the footer: "compare" */
	const char *help; /* a line */
	const char *arg;  /* what it takes: "FILTER"; NULL: nothing */
	unsigned scopes;  /* where its keys work */
	unsigned flags;
};

extern const struct ui_command ui_commands[N_COMMANDS];

/* CMD_NONE where there is none of this name. An unambiguous prefix will do. */
enum command_id ui_command_find(const char *name);
const char *scope_name(enum scope scope); /* "runs": as in the config */
/* "registry, alerts"; all panes with a cursor are "lists". */
void scope_names(unsigned scopes, const char *between, struct buf *out);
bool scope_parse(const char *name, enum scope *out);

#endif
