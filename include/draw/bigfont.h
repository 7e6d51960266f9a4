/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DRAW_BIGFONT_H
#define MLTOWER_DRAW_BIGFONT_H

#include "base/text.h"
#include "draw/surface.h"

/* A dot font that is read from four metres: 5 x 7 dots and a row for
 * descenders, proportional, ASCII 32 to 126; anything else is a box. */
enum big_size {
	BIG_S, /* a dot is a column by half a row: 4 rows */
	BIG_L, /* a dot is two columns by a row: 8 rows */
};

int big_rows(enum big_size size);
int big_width(struct shown t, enum big_size size); /* in columns */
/* From (x, y) at most max columns, whole letters only; returns the columns
 * used. max < 0: as many as there are. */
int big_put(struct area a, int x, int y, struct shown t, int max,
	    enum big_size size, unsigned look);
/* Ends at column x + w - 1; returns the columns used, 0 where it does not fit
 * (nothing is drawn then). */
int big_put_right(struct area a, int x, int y, int w, struct shown t,
		  enum big_size size, unsigned look);

#endif
