/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "raster.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void raster_init(struct raster *ra, struct surface *s, struct rect r,
		 const struct glyphs *g)
{
	ra->surface = s;
	ra->r = r;
	ra->set = g->lines;
	ra->per_x = g->lines == LINES_BRAILLE ? 2 : 1;
	ra->per_y = g->lines == LINES_BRAILLE ? 4
		    : g->lines == LINES_BLOCK ? 8
					      : 3;
	ra->w = MAX(0, r.w) * ra->per_x;
	ra->h = MAX(0, r.h) * ra->per_y;
	ra->bits = xcalloc((size_t)(MAX(0, r.w) * MAX(0, r.h)) + 1, 1);
}

void raster_release(struct raster *ra)
{
	free(ra->bits);
}

void raster_dot(struct raster *ra, int x, int y)
{
	/* Dots of a braille cell, by column and row. */
	static const uint8_t braille[2][4] = { { 0x01, 0x02, 0x04, 0x40 },
					       { 0x08, 0x10, 0x20, 0x80 } };
	uint8_t *cell;

	if (x < 0 || y < 0 || x >= ra->w || y >= ra->h)
		return;
	cell = &ra->bits[y / ra->per_y * ra->r.w + x / ra->per_x];
	if (ra->set == LINES_BRAILLE)
		*cell |= braille[x % 2][y % 4];
	else
		*cell |= (uint8_t)(1u << (y % ra->per_y));
}

void raster_column(struct raster *ra, int x, int y0, int y1)
{
	int from = MAX(0, MIN(y0, y1)), to = MIN(ra->h - 1, MAX(y0, y1));

	for (int y = from; y <= to; y++)
		raster_dot(ra, x, y);
}

static struct shown braille_text(uint8_t bits, char out[4])
{
	/* U+2800 and the dots below it. */
	out[0] = (char)0xe2;
	out[1] = (char)(0xa0 | bits >> 6);
	out[2] = (char)(0x80 | (bits & 0x3f));
	out[3] = 0;
	return (struct shown){ out, 3, 1 };
}

/* The block whose upper edge is at the highest dot. */
static struct shown block_text(uint8_t bits)
{
	const struct glyphs *g = glyphs_get(LINES_BLOCK);
	int top = 0;

	while (top < 7 && !(bits & (1u << top)))
		top++;
	return g->bars[7 - top];
}

/* One dot is _ - or '; two are : or ", three a bar. */
static struct shown ascii_text(uint8_t bits)
{
	static const char *const forms[8] = { " ", "'", "-", "\"",
					      "_", ":", ":", "|" };

	return (struct shown){ forms[bits & 7], 1, 1 };
}

/* Over a whole cell of the filled histogram the outline keeps its ground. */
static enum role role_over(const struct raster *ra, int x, int y,
			   enum role role)
{
	const struct surface_cell *c = surface_at(ra->surface, x, y);
	struct shown full = glyphs_get(ra->set)->bars[7];

	if (role == ROLE_BASELINE && c && c->role == ROLE_FILL &&
	    c->len == full.len && !memcmp(c->utf8, full.s, full.len))
		return ROLE_BASELINE_OVER;
	return role;
}

void raster_flush(struct raster *ra, enum role role)
{
	for (int y = 0; y < ra->r.h; y++) {
		for (int x = 0; x < ra->r.w; x++) {
			uint8_t *bits = &ra->bits[y * ra->r.w + x];
			char room[4];
			struct shown text;

			if (!*bits)
				continue;
			if (ra->set == LINES_BRAILLE)
				text = braille_text(*bits, room);
			else if (ra->set == LINES_BLOCK)
				text = block_text(*bits);
			else
				text = ascii_text(*bits);
			surface_put(
				ra->surface, ra->r.x + x, ra->r.y + y, text, 1,
				role_over(ra, ra->r.x + x, ra->r.y + y, role));
			*bits = 0;
		}
	}
}
