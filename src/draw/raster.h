/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MLTOWER_DRAW_RASTER_H
#define MLTOWER_DRAW_RASTER_H

#include "draw/surface.h"

/* Dots within cells: 2x4 in braille, 1x8 in blocks (one value a column), 1x3
 * in ASCII. A cell that two series share is the later one's whole. */
struct raster {
	struct surface *surface;
	struct rect r;
	enum line_set set;
	int per_x, per_y; /* dots a cell */
	int w, h;         /* dots */
	uint8_t *bits;    /* a cell of the series that is being drawn */
};

void raster_init(struct raster *ra, struct surface *s, struct rect r,
		 const struct glyphs *g);
void raster_release(struct raster *ra);
void raster_dot(struct raster *ra, int x, int y);
/* A column of dots from y0 to y1, both ends. */
void raster_column(struct raster *ra, int x, int y0, int y1);
/* Puts the dots on the surface, and starts afresh. */
void raster_flush(struct raster *ra, enum role role);

#endif
