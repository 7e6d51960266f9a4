/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_COLUMNS_H
#define MLTOWER_UI_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "draw/surface.h"
#include "ui_internal.h"

/* The columns of a pane: text left, numbers right, two cells between, heads
 * over their own edge. The first takes what is left; others go, the least
 * important first, where there is no room. */
struct column {
	const char *title;
	int width;
	bool is_right;
	int rank; /* 0 stays; the highest goes first */
	int gap;  /* cells before it; 0: two */
	/* Made by columns_fit(). */
	int x; /* from the pane's left; -1: left out */
};

/* min_first: what the first column needs at least. */
void columns_fit(struct column *columns, size_t n, int width, int min_first);
/* The heads, in dim. */
void columns_heads(const struct column *columns, size_t n, struct surface *s,
		   struct rect row);
/* One cell of a row; cut at its end. */
void columns_put(const struct column *c, struct ui *ui, struct surface *s,
		 struct rect row, struct shown text, enum role role);
/* The sign in column 1 and the selection of a cursor row. */
void columns_cursor(struct ui *ui, struct surface *s, struct rect row,
		    bool is_cursor, bool has_focus);

/* The signs that there are more columns: at x of the row to the left (-1: there
 * are none), at its end to the right. */
void columns_more(struct ui *ui, struct surface *s, struct rect row, int x,
		  bool is_more_right);

#endif
