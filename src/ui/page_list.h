/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_PAGE_LIST_H
#define MLTOWER_UI_PAGE_LIST_H

#include "list.h"
#include "ui_internal.h"
#include "view/lists.h"

/* Any list of the view layer in a pane: heads, rows, a cursor. The widths come
 * from what is in view; the last columns go first where there is no room, and
 * the widest text column is cut. Where the pane scrolls, signs in the heads
 * tell that there are more, and the first column stays. */
struct list_pane {
	struct view_list view;
	bool is_made;
	struct list list;
	struct arena arena;
	struct cell *cells; /* n_lines x view.n_columns, of what is in view */
	size_t n_lines;
	/* Of each column, in the arena of update(): */
	int *widths;   /* 0: left out */
	int *contents; /* the widest cell in view */
	/* Ids of the column that goes first, and of the one for which all
	 * others go (times lose their date before); NULL: the last ones go. */
	const char *spare, *keep;
	bool cuts_middle; /* text whose ends tell more than its middle */
	int least;        /* text is cut no further; 0: as usual */
	bool scrolls;
	size_t n_before; /* columns scrolled out, those of the table alone */
	bool has_more;   /* right of what is in view, or between */
};

void list_pane_release(struct list_pane *p);
/* Takes the list; the cursor stays where it is. */
void list_pane_set(struct list_pane *p, const struct view_list *view);
/* Makes the cells of what is in view of `height` rows under the heads. */
void list_pane_update(struct list_pane *p, struct ui *ui, int width,
		      int height);
/* By a column to the left or right, as far as there are more. */
void list_pane_scroll(struct list_pane *p, int by);
/* r: heads and rows, without a title rule. empty: what is said of no rows. */
void list_pane_draw(struct list_pane *p, struct ui *ui, struct surface *s,
		    struct rect r, bool has_focus, struct shown empty);
/* What is said of no rows: where it does not fit, what to do (behind two
 * blanks) stands in the next row. */
void list_draw_empty(struct ui *ui, struct surface *s, struct rect r,
		     struct shown text);
/* A cell of the row under the cursor by its column's id; NULL: none. */
const struct cell *list_pane_cell(const struct list_pane *p, const char *id);
struct view_ctx ui_view_ctx(struct ui *ui);

#endif
