/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DRAW_BIGFONT_H
#define MLTOWER_DRAW_BIGFONT_H

#include "base/text.h"
#include "draw/glyphs.h"
#include "draw/surface.h"

/* Dot letters that are read from four metres: 5 x 7 dots and a row for what
 * hangs below, proportional, ASCII 32 to 126; any other character is a box. */
enum big_size {
	BIG_S, /* a dot is a column by half a row: 4 rows */
	BIG_L, /* a dot is two columns by a row: 8 rows */
};

int big_rows(enum big_size size);
/* Columns, without a gap after the last letter. */
int big_width(struct shown text, enum big_size size);
/* Whole letters only, in at most max columns; returns the columns used. Cells
 * without a dot are left as they are. */
int big_put(struct surface *s, int x, int y, struct shown text, int max,
	    enum big_size size, enum role role, const struct glyphs *g);

#endif
