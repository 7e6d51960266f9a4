/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_UI_WALL_PARTS_H
#define MLTOWER_UI_WALL_PARTS_H

#include "draw/bigfont.h"
#include "wall_draw.h"

/* Between the files that lay out the wall: the frame and what its pages draw
 * with (wall_draw.c), and a file for each kind of page. */

#define S_ROWS    4
#define LINE_ROWS 5 /* dot letters and the note below them */

struct wall {
	struct surface *s;
	const struct wall_facts *f;
	const struct glyphs *g;
	struct rect r;       /* of all, moved against burn-in */
	int left, right;     /* text stands in [left, right) */
	int y, end;          /* free rows: [y, end) */
	bool has_big_values; /* of the lines: else they stand with the notes */
};

/* From x to the right edge; how many cells it took. */
int wall_put(struct wall *w, int x, int y, struct shown text, enum role role);
/* Ends at `end`; returns its first column. */
int wall_put_right(struct wall *w, int end, int y, struct shown text,
		   enum role role);
/* The same in dot letters. */
void wall_big(struct wall *w, int x, int y, struct shown text,
	      enum big_size size, enum role role);
int wall_big_right(struct wall *w, int end, int y, struct shown text,
		   enum big_size size, enum role role);
/* A line over the whole width, with a name in it or "". */
void wall_rule(struct wall *w, int y, struct shown name);

/* The facts' lines, as large as all of them fit; else plain ones, as many as
 * there is room for. How many are shown. */
size_t wall_draw_lines(struct wall *w);
/* The pages, below the head: how many of their lines or rows are shown. */
size_t wall_draw_tower(struct wall *w);
size_t wall_draw_night(struct wall *w);
size_t wall_draw_runs(struct wall *w);
size_t wall_draw_alerts(struct wall *w);

#endif
