/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The runs of a view, or that a filter keeps, as a table. */
#include "config.h"

#include "base/mem.h"
#include "draw/bigfont.h"
#include "wall_parts.h"

#define TABLE_GAP   3
#define TABLE_MOST  16 /* columns */
#define NAME_LEAST  12
#define TABLE_NOTES 3 /* cells between what stands below a row */

struct table {
	bool is_big;
	size_t n; /* columns that fit, the name among them; 0: not even it */
	int gap, width; /* of those beside the name */
	int widths[TABLE_MOST];
};

static const struct wall_cell *cells_of(const struct wall *w, size_t row)
{
	return &w->f->cells[row * w->f->n_columns];
}

static int text_cells(struct shown text, bool is_big)
{
	return is_big ? big_width(text, BIG_S) : (int)text.width;
}

static int column_width(const struct wall *w, size_t col, bool is_big)
{
	int width = (int)w->f->columns[col].title.width;

	for (size_t i = 0; i < w->f->n_rows; i++)
		width = MAX(width,
			    text_cells(cells_of(w, i)[col].text, is_big));
	return width;
}

/* As many columns as fit whole beside the name, in their order. Plain names
 * are cut for them. */
static struct table fit_table(const struct wall *w, bool is_big)
{
	struct table t = { .is_big = is_big, .gap = is_big ? 6 : TABLE_GAP };
	int name = column_width(w, 0, is_big);
	int room = w->right - w->left - (is_big ? name : MIN(name, NAME_LEAST));

	if (is_big && room < 0)
		return t;
	for (t.n = 1; t.n < MIN(w->f->n_columns, TABLE_MOST); t.n++) {
		t.widths[t.n] = column_width(w, t.n, is_big);
		if (t.width + t.gap + t.widths[t.n] > room)
			break;
		t.width += t.gap + t.widths[t.n];
	}
	t.widths[0] = w->right - w->left - t.width;
	return t;
}

static void put_cell(struct wall *w, int x, int width, struct shown text,
		     bool is_right, bool is_big, enum role role)
{
	if (is_right)
		x += MAX(0, width - text_cells(text, is_big));
	if (is_big)
		big_put(w->s, x, w->y, text, width, BIG_S, role, w->g);
	else
		surface_put(w->s, x, w->y, text, width, role);
}

/* The heads where there are no cells; they are never big. */
static void draw_table_row(struct wall *w, const struct table *t,
			   const struct wall_cell *cells)
{
	const struct wall_column *columns = w->f->columns;
	int x = w->left;

	for (size_t c = 0; c < t->n; c++) {
		put_cell(w, x, t->widths[c],
			 cells ? cells[c].text : columns[c].title,
			 columns[c].is_right, cells && t->is_big,
			 cells ? cells[c].role : ROLE_DIM);
		x += t->widths[c] + t->gap;
	}
}

/* What did not fit beside the dot letters stands below them. */
static void draw_table_note(struct wall *w, const struct table *t,
			    const struct wall_cell *cells, int y)
{
	int x = w->left;

	for (size_t c = t->n; c < w->f->n_columns; c++) {
		struct shown title = w->f->columns[c].title;
		int width = (int)(title.width + 1 + cells[c].text.width);

		if (x + width > w->right)
			break;
		x += wall_put(w, x, y, title, ROLE_DIM) + 1;
		x += wall_put(w, x, y, cells[c].text, cells[c].role) +
		     TABLE_NOTES;
	}
}

static size_t draw_table(struct wall *w, const struct table *t)
{
	int text = t->is_big ? S_ROWS : 1;
	bool has_notes = t->is_big && t->n < w->f->n_columns;
	int rows = text + (t->is_big ? 1 + has_notes : 0);
	size_t n = 0;

	for (; n < w->f->n_rows && w->y + text + has_notes <= w->end; n++) {
		draw_table_row(w, t, cells_of(w, n));
		if (has_notes)
			draw_table_note(w, t, cells_of(w, n), w->y + text);
		w->y += rows;
	}
	return n;
}

/* In dot letters where there is room for some rows of them. */
size_t wall_draw_runs(struct wall *w)
{
	bool has_room = w->r.h >= 24;
	struct table t;

	wall_rule(w, w->y++, w->f->lines_title);
	if (!w->f->n_rows) {
		w->y += has_room;
		wall_put(w, w->left, w->y, w->f->lines_none, ROLE_DIM);
		return 0;
	}
	t = fit_table(w, has_room);
	if (!t.n)
		t = fit_table(w, false);
	if (w->r.h >= 10) {
		draw_table_row(w, &t, NULL);
		w->y++;
	}
	return draw_table(w, &t);
}
