/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DRAW_SURFACE_H
#define MLTOWER_DRAW_SURFACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/role.h"
#include "base/text.h"
#include "draw/glyphs.h"

/* A grid of cells, drawn on without knowing a terminal. What does not fit is
 * clipped; a wide cell is never put into the last column. */
struct rect {
	int x, y, w, h;
};

#define CELL_BYTES       13
#define CELL_IS_SELECTED 1u /* the row under the cursor */

struct surface_cell {
	char utf8[CELL_BYTES]; /* not NUL-terminated when full */
	uint8_t len;           /* 0: the right half of a wide cell */
	uint8_t role;          /* enum role */
	uint8_t flags;
};

struct surface {
	int w, h;
	struct surface_cell *cells; /* w * h, row by row */
	struct rect clip;           /* nothing is changed outside */
	int cursor_x, cursor_y;     /* the terminal's cursor; -1: hidden */
};

struct surface *surface_new(int w, int h);
void surface_free(struct surface *s);
void surface_resize(struct surface *s, int w, int h); /* and clear */
void surface_clear(struct surface *s); /* all of it can be drawn on again */
/* From here on nothing is drawn outside this part of the surface. */
void surface_clip(struct surface *s, struct rect r);
void surface_unclip(struct surface *s);
const struct surface_cell *surface_at(const struct surface *s, int x, int y);

/* At most max cells; returns how many were used. Selection stays. */
int surface_put(struct surface *s, int x, int y, struct shown text, int max,
		enum role role);
/* Broken at blanks into lines of at most w cells, those after the first set in
 * by `hang`; returns how many lines. */
int surface_wrap(struct surface *s, int x, int y, int w, int hang,
		 struct shown text, enum role role);
/* Blank cells of this role. */
void surface_fill(struct surface *s, struct rect r, enum role role);
/* Marks cells as under the cursor, whatever is put there. */
void surface_select(struct surface *s, struct rect r);
/* Everything there in the scrim's role, no selection: what a dialog covers. */
void surface_scrim(struct surface *s, struct rect r);
void surface_set_cursor(struct surface *s, int x, int y);

/* ━ 1 Runs  context ━━━ count ━: heavy and in accent with the focus. Empty
 * parts are left out. */
void surface_title(struct surface *s, struct rect row, struct shown number,
		   struct shown name, struct shown context, struct shown count,
		   bool has_focus, const struct glyphs *g);
/* ╌╌ text ╌╌╌╌ */
void surface_divider(struct surface *s, struct rect row, struct shown text,
		     const struct glyphs *g);
/* The line two panes share, joined to the rules it meets. */
void surface_vline(struct surface *s, int x, int y, int h,
		   const struct glyphs *g);
/* A dialog: blank inside, a frame in accent, a title and a note at the right.*/
void surface_frame(struct surface *s, struct rect r, struct shown title,
		   struct shown note, const struct glyphs *g);
/* ─ Name ─── note ─ from edge to edge of a dialog. */
void surface_section(struct surface *s, struct rect row, struct shown name,
		     struct shown note, const struct glyphs *g);

/* For a locale that has no more: every other cell becomes its likeness. */
void surface_to_ascii(struct surface *s);
/* Rows with trailing blanks cut, each ended by LF. */
void surface_text(const struct surface *s, struct buf *out);

#endif
