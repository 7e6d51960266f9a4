/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DRAW_SURFACE_H
#define MLTOWER_DRAW_SURFACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"
#include "draw/glyphs.h"

/* A grid of cells. Panes draw on it; ui/screen shows it; tests read it. It
 * knows what a cell means (its role), never its colour. */

enum role {
	ROLE_TEXT,   /* values, names */
	ROLE_STRONG, /* titles, the one number */
	ROLE_DIM,    /* labels, heads, units, old */
	ROLE_RULE,   /* rules between panes */
	ROLE_GUIDE,  /* guides behind charts */
	ROLE_AXIS,   /* axes, quiet histograms */
	ROLE_ACCENT, /* focus, keys, the cursor's mark, the champion */
	ROLE_OK,     /* a passed gate, "better" */
	ROLE_WARN,   /* needs a look */
	ROLE_ALARM,  /* needs a person now */
	ROLE_BADGE,  /* the wall's page */
	ROLE_BADGE_WARN,
	ROLE_BADGE_ALARM,
	ROLE_FIELD,         /* input */
	ROLE_FIELD_HINT,    /* what would complete the input */
	ROLE_SCRIM,         /* all that lies under a dialog */
	ROLE_BASELINE,      /* what was: outline */
	ROLE_WINDOW,        /* what is: its label, its bars in tables */
	ROLE_FILL,          /* what is: the filled histogram */
	ROLE_BASELINE_OVER, /* the outline where it crosses the fill */
	ROLE_SERIES_A,      /* lines A..H follow each other */
	ROLE_SERIES_B,
	ROLE_SERIES_C,
	ROLE_SERIES_D,
	ROLE_SERIES_E,
	ROLE_SERIES_F,
	ROLE_SERIES_G,
	ROLE_SERIES_H,
	N_ROLES
};

/* How a cell looks: a role with any of these beside it. */
#define LOOK_ROLE      0x00ffu
#define LOOK_SELECTED  0x0100u /* in the cursor's row */
#define LOOK_BOLD      0x0200u
#define LOOK_UNDERLINE 0x0400u
#define LOOK_CARET     0x0800u /* where typing goes */

/* A grapheme of at most this many bytes; longer ones are shown as "?". */
#define CELL_BYTES 15

struct cell {
	char g[CELL_BYTES];
	uint8_t len;   /* 0: a blank, or the right half of a wide one */
	uint8_t width; /* 1 or 2; 0 for the right half of a wide one */
	uint16_t look;
};

struct surface;

/* Yours; blank. Sizes below 1 are taken as 1. */
struct surface *surface_new(int w, int h, enum glyph_set glyphs);
void surface_free(struct surface *s);
/* Blank afterwards; the memory is kept when it fits. */
void surface_resize(struct surface *s, int w, int h);
void surface_clear(struct surface *s);
int surface_width(const struct surface *s);
int surface_height(const struct surface *s);
enum glyph_set surface_glyphs(const struct surface *s);
bool surface_is_ascii(const struct surface *s);
/* w * h cells, row after row; valid until the next resize. */
const struct cell *surface_cells(const struct surface *s);

/* Plain text: a line a row, blanks at its end dropped. */
void surface_text(const struct surface *s, struct buf *out);

/* A rectangle of a surface. All coordinates below are its own, and nothing is
 * ever drawn outside it. Passed by value. */
struct area {
	struct surface *s;
	int x, y, w, h; /* on the surface; w and h may be 0 */
};

struct area surface_area(struct surface *s);
/* Cut to the area it lies in; a negative w or h gives an empty area. */
struct area area_sub(struct area a, int x, int y, int w, int h);
/* Without its first and last `by_x` columns and `by_y` rows. */
struct area area_inset(struct area a, int by_x, int by_y);

/* ---- text ----------------------------------------------------------------
 * `look` is a role, with LOOK_ flags or without. Each returns the cells it
 * used. A wide character that does not fit whole is left out: one in the
 * last column of a terminal would wrap. On an ASCII surface every character
 * outside ASCII is mapped by glyph_ascii(). */

/* At most max cells (max < 0: as many as there are), cut hard. */
int area_put(struct area a, int x, int y, struct shown t, int max,
	     unsigned look);
/* As above, but a text that does not fit ends in "…" (names in tables). */
int area_put_cut(struct area a, int x, int y, struct shown t, int max,
		 unsigned look);
/* Ends at column x + w - 1; a text wider than w is cut as above. */
int area_put_right(struct area a, int x, int y, int w, struct shown t,
		   unsigned look);

/* A line of several looks. */
struct span {
	struct shown t;
	unsigned look;
};

int spans_width(const struct span *spans, size_t n);
/* At most max cells (max < 0: all there are); what does not fit is cut with
 * "…". */
int area_spans(struct area a, int x, int y, int max, const struct span *spans,
	       size_t n);
/* Ends at the area's column x + w - 1; returns its first column. */
int area_spans_right(struct area a, int x, int y, int w,
		     const struct span *spans, size_t n);

/* Every cell becomes the glyph (" " to clear) in this look. */
void area_fill(struct area a, struct shown glyph, unsigned look);
/* Adds flags (LOOK_SELECTED ...) to the cells of a row that stands already. */
void area_flag(struct area a, int x, int y, int w, unsigned flags);
/* Changes the role and keeps text and flags: a source grown old is dim. */
void area_recolour(struct area a, int x, int y, int w, enum role role);

/* ---- rules and frames ----------------------------------------------------*/

/* "━ 1 Name  context ━━━ count ━" on row 0, over the whole width. Every part
 * but the name may be absent: number 0, n_context 0, n_count 0. In a narrow
 * area the context is cut, then the count goes. */
struct title {
	int number;
	struct shown name;
	const struct span *context;
	size_t n_context;
	const struct span *count;
	size_t n_count;
	bool is_focused; /* heavy rule, accent */
};

void area_title(struct area a, const struct title *t);
/* A light rule over the whole row. */
void area_rule(struct area a, int y);
/* Down from (x, y): joins the rules that it meets at its ends, on its left and
 * on its right (┬ ┼ ┴ ├ ┤). Draw it after them. */
void area_vline(struct area a, int x, int y, int h);
/* A dialog: clears the area, a light frame in accent around it, the title in
 * its upper edge. Returns what is inside. */
struct area area_frame(struct area a, const struct title *t);
/* Everything that stands becomes scrim: call it before area_frame(). */
void area_scrim(struct area a);

#endif
