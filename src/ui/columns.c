/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "columns.h"

#include <string.h>

#define TEXT_FROM 3

static int gap_of(const struct column *c)
{
	return c->gap ? c->gap : 2;
}

static int needed(const struct column *columns, size_t n, int max_rank)
{
	int sum = 0;

	for (size_t i = 1; i < n; i++)
		if (columns[i].rank <= max_rank)
			sum += columns[i].width + gap_of(&columns[i]);
	return sum;
}

void columns_fit(struct column *columns, size_t n, int width, int min_first)
{
	int room = width - TEXT_FROM - 1; /* one free at the right */
	int max_rank = 0, x;

	for (size_t i = 0; i < n; i++)
		max_rank = MAX(max_rank, columns[i].rank);
	while (max_rank > 0 && needed(columns, n, max_rank) + min_first > room)
		max_rank--;
	columns[0].x = TEXT_FROM;
	columns[0].width = MAX(1, room - needed(columns, n, max_rank));
	x = TEXT_FROM + columns[0].width;
	for (size_t i = 1; i < n; i++) {
		if (columns[i].rank > max_rank) {
			columns[i].x = -1;
			continue;
		}
		columns[i].x = x + gap_of(&columns[i]);
		x = columns[i].x + columns[i].width;
	}
}

static void put(const struct column *c, struct surface *s, struct rect row,
		struct shown text, enum role role)
{
	int x = row.x + c->x;

	if (c->is_right)
		x += c->width - MIN((int)text.width, c->width);
	surface_put(s, x, row.y, text, c->width, role);
}

void columns_heads(const struct column *columns, size_t n, struct surface *s,
		   struct rect row)
{
	for (size_t i = 0; i < n; i++)
		if (columns[i].x >= 0)
			put(&columns[i], s, row,
			    shown_literal(columns[i].title,
					  strlen(columns[i].title)),
			    ROLE_DIM);
}

void columns_put(const struct column *c, struct ui *ui, struct surface *s,
		 struct rect row, struct shown text, enum role role)
{
	if (c->x < 0)
		return;
	put(c, s, row,
	    shown_cut(&ui->frame, text, (unsigned)c->width,
		      ui->glyphs->is_ascii),
	    role);
}

void columns_cursor(struct ui *ui, struct surface *s, struct rect row,
		    bool is_cursor, bool has_focus)
{
	if (!is_cursor)
		return;
	if (has_focus)
		surface_select(s, row);
	surface_put(s, row.x + 1, row.y, ui->glyphs->cursor, 1,
		    has_focus ? ROLE_ACCENT : ROLE_DIM);
}

void columns_more(struct ui *ui, struct surface *s, struct rect row, int x,
		  bool is_more_right)
{
	bool is_ascii = ui->glyphs->is_ascii;

	if (x >= 0)
		surface_put(s, row.x + x, row.y,
			    is_ascii ? SHOWN("<") : SHOWN("‹"), 1, ROLE_ACCENT);
	if (is_more_right)
		surface_put(s, row.x + row.w - 1, row.y,
			    is_ascii ? SHOWN(">") : SHOWN("›"), 1, ROLE_ACCENT);
}
