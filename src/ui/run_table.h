/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_RUN_TABLE_H
#define MLTOWER_UI_RUN_TABLE_H

#include "app/run_list.h"
#include "ui_internal.h"
#include "view/lists.h"

/* The columns that somebody chose for the runs: any param, metric, tag or
 * attribute, by the names of --columns, and "trend". The name always stands
 * first and stays when the others are scrolled. */
struct run_table_column {
	char *id;
	int width;       /* chosen; 0: as its content wants */
	int seen;        /* the widest cell so far, so that nothing jumps */
	size_t view_col; /* in the view; SIZE_MAX: the trend */
	size_t best;     /* of run_list_best(); SIZE_MAX: it has none */
	bool is_right;   /* all that is in view are numbers */
	int x, w;        /* where it stands; w 0: not in view */
};

struct run_table {
	struct run_table_column *columns; /* none: the pane's own look */
	size_t n;
	size_t first;  /* the column beside the name */
	bool has_more; /* right of what is in view */
	struct view_list view;
	bool is_made;
	struct cell *cells; /* of what is in view, in the arena of update() */
	size_t top, n_lines;
};

#define RUN_TABLE_TREND     "trend"
#define RUN_TABLE_STATUS    "status"
#define RUN_TABLE_MAX       200
#define RUN_TABLE_MAX_WIDTH 80

/* What can be a column beside metrics, params and tags; ended by NULL. */
extern const char *const run_table_attributes[];

void run_table_release(struct run_table *t);
/* "name,status,metrics.val/auc": "" takes all away. A name may be followed by
 * =WIDTH. False: too many, and nothing is done. */
bool run_table_parse(struct run_table *t, const char *text);
/* The same again. */
void run_table_print(const struct run_table *t, struct buf *out);
/* SIZE_MAX: not chosen. */
size_t run_table_find(const struct run_table *t, const char *id);
/* False: there are RUN_TABLE_MAX. */
bool run_table_add(struct run_table *t, const char *id);
void run_table_remove(struct run_table *t, size_t i);
/* Moves the column by so many places, as far as it goes; where it is then. */
size_t run_table_move(struct run_table *t, size_t i, int by);
void run_table_widen(struct run_table *t, size_t i, int by);
/* By a column to the left or right. */
void run_table_scroll(struct run_table *t, int by);

/* Their names, as --columns has them: without the trend, which is no column of
 * a view. Yours (free()); names borrowed. */
const char **run_table_picks(const struct run_table *t, size_t *n);
/* The values it needs of all runs. Yours (free()). */
struct value_key *run_table_keys(const struct run_table *t, size_t *n);
/* Asks the sources for them; and the list for the best of each. */
void run_table_want_values(const struct run_table *t, struct ui *ui);
void run_table_want_bests(struct run_table *t, struct ui *ui,
			  struct run_list *runs);
/* Makes the cells of the lines from `top`, and lays out `width` cells. */
void run_table_update(struct run_table *t, struct ui *ui,
		      const struct run_list *runs, size_t top, size_t n_lines,
		      int width, struct arena *a);
void run_table_heads(const struct run_table *t, struct ui *ui,
		     struct surface *s, struct rect row);
/* The cells of one line, its name as the pane says it; the status too, unless
 * the pane knows better (silent runs). `role` other than ROLE_TEXT is taken for
 * all. */
void run_table_line(const struct run_table *t, struct ui *ui, struct surface *s,
		    struct rect row, const struct run_list *runs, size_t line,
		    struct shown name, bool with_status, enum role role);
/* Where a column stands in the row; width 0: nowhere. */
struct rect run_table_place(const struct run_table *t, const char *id,
			    struct rect row);

#endif
