/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "print_forms.h"

#define GAP         2u /* cells between columns */
#define MIN_CUT     8u /* no column is cut below */
#define MAX_NUMBERS 40u
#define MAX_ALIGNED 64u /* nothing is moved further by another row */

/* All cells of the table as text, for the widths; one row after another. */
struct table {
	struct printer *p;
	struct arena arena;
	size_t n_columns;
	size_t *columns; /* of the list */
	unsigned *widths;
	bool is_cut; /* to the widths */
	struct shown *cells;
	enum role *roles;
};

static const char *const sgr[N_ROLES] = {
	[ROLE_STRONG] = "\033[1m",  [ROLE_DIM] = "\033[2m",
	[ROLE_ACCENT] = "\033[36m", [ROLE_OK] = "\033[32m",
	[ROLE_WARN] = "\033[33m",   [ROLE_ALARM] = "\033[1;31m",
};

static const struct view_column *column_of(const struct table *t, size_t c)
{
	return &t->p->list->columns[t->columns[c]];
}

static void find_columns(struct table *t)
{
	const struct view_list *list = t->p->list;
	size_t c;

	t->columns = arena_alloc(&t->arena,
				 (list->n_columns + 1) * sizeof(*t->columns));
	t->widths = arena_alloc(&t->arena,
				(list->n_columns + 1) * sizeof(*t->widths));
	for (c = 0; c < list->n_columns; c++) {
		if (!(list->columns[c].flags & list->want))
			continue;
		t->columns[t->n_columns] = c;
		t->widths[t->n_columns++] =
			shown_text(&t->arena, list->columns[c].title).width;
	}
}

static void make_cells(struct table *t)
{
	size_t n = t->p->list->n_rows, i, c, at = 0;
	const struct cell *cell;

	t->cells = xreallocarray(NULL, n * t->n_columns + 1, sizeof(*t->cells));
	t->roles = xreallocarray(NULL, n * t->n_columns + 1, sizeof(*t->roles));
	for (i = 0; i < n; i++) {
		print_row(t->p, i);
		for (c = 0; c < t->n_columns; c++, at++) {
			cell = &t->p->cells[t->columns[c]];
			t->cells[at] =
				cell_shown(&t->arena, cell, &t->p->style->look);
			t->roles[at] = cell->role;
			t->widths[c] = MAX(t->widths[c], t->cells[at].width);
		}
	}
}

static unsigned total_width(const struct table *t)
{
	unsigned width = 0;
	size_t c;

	for (c = 0; c < t->n_columns; c++)
		width += t->widths[c] + (c ? GAP : 0);
	return width;
}

/* The widest column of text that may still be cut; n_columns: none. */
static size_t widest(const struct table *t)
{
	size_t c, best = t->n_columns;

	for (c = 0; c < t->n_columns; c++)
		if (!column_of(t, c)->is_right &&
		    t->widths[c] > MAX(MIN_CUT,
				       (unsigned)column_of(t, c)->min_width) &&
		    (best == t->n_columns || t->widths[c] > t->widths[best]))
			best = c;
	return best;
}

/* Texts are cut, the widest first; then columns go, from the right. Where there
 * is no width all stay whole, and one that is longer than most moves the rest
 * of its own row alone. */
static void fit(struct table *t, unsigned width)
{
	size_t c;

	for (c = 0; !width && c < t->n_columns; c++)
		t->widths[c] = MIN(t->widths[c], MAX_ALIGNED);
	while (width && t->n_columns > 1 && total_width(t) > width) {
		c = widest(t);
		if (c < t->n_columns)
			t->widths[c]--;
		else
			t->n_columns--;
	}
}

static void add_spaces(struct buf *out, unsigned n)
{
	static const char blanks[] = "                                ";

	for (; n >= sizeof(blanks); n -= sizeof(blanks) - 1)
		buf_add(out, blanks, sizeof(blanks) - 1);
	buf_add(out, blanks, n);
}

static void add_cell(struct table *t, size_t c, struct shown text,
		     enum role role)
{
	struct buf *out = &t->p->text;
	bool is_last = c + 1 == t->n_columns, has_color;
	unsigned width = t->widths[c];

	if (text.width > width && t->is_cut)
		text = shown_cut_middle(&t->p->row, text, width,
					t->p->style->look.is_ascii);
	has_color = t->p->style->has_color && sgr[role] && text.len;
	if (c)
		add_spaces(out, GAP);
	if (column_of(t, c)->is_right)
		add_spaces(out, width - MIN(width, text.width));
	if (has_color)
		buf_adds(out, sgr[role]);
	buf_add(out, text.s, text.len);
	if (has_color)
		buf_adds(out, "\033[0m");
	if (!column_of(t, c)->is_right && !is_last)
		add_spaces(out, width - MIN(width, text.width));
}

/* Without the blanks that empty last columns leave. */
static void end_line(struct buf *out)
{
	while (out->len && out->data[out->len - 1] == ' ')
		out->len--;
	buf_addc(out, '\n');
}

static void write_heads(struct table *t)
{
	size_t c;

	for (c = 0; c < t->n_columns; c++)
		add_cell(t, c, shown_text(&t->arena, column_of(t, c)->title),
			 ROLE_DIM);
	end_line(&t->p->text);
}

static bool write_table(struct table *t, size_t stride)
{
	struct printer *p = t->p;
	size_t i, c;

	if (!p->style->no_heads)
		write_heads(t);
	for (i = 0; i < p->list->n_rows; i++) {
		arena_clear(&p->row);
		for (c = 0; c < t->n_columns; c++)
			add_cell(t, c, t->cells[i * stride + c],
				 t->roles[i * stride + c]);
		end_line(&p->text);
		if (!print_flush(p, PRINT_SLICE))
			return false;
	}
	return print_flush(p, 0);
}

bool print_table(struct printer *p)
{
	struct table t = { .p = p };
	unsigned width = 0;
	size_t stride;
	bool is_read;

	find_columns(&t);
	make_cells(&t);
	stride = t.n_columns;
	if (p->style->form == PRINT_TABLE)
		width = p->style->width;
	t.is_cut = width;
	fit(&t, width);
	is_read = write_table(&t, stride);
	free(t.cells);
	free(t.roles);
	arena_release(&t.arena);
	return is_read;
}

/* ---- a run whole --------------------------------------------------------- */

struct section {
	struct printer p;
	unsigned width; /* of the names */
};

static void add_line(struct section *s, const char *name,
		     const struct cell *value)
{
	struct shown n = shown_text(&s->p.row, name);
	struct shown v = cell_shown(&s->p.row, value, &s->p.style->look);

	buf_adds(&s->p.text, "  ");
	buf_add(&s->p.text, n.s, n.len);
	add_spaces(&s->p.text, s->width - MIN(s->width, n.width) + GAP);
	buf_add(&s->p.text, v.s, v.len);
	buf_addc(&s->p.text, '\n');
}

static void add_title(struct section *s, const char *title, size_t n)
{
	bool has_color = s->p.style->has_color;

	buf_addf(&s->p.text, "\n%s%s%s  %zu\n",
		 has_color ? sgr[ROLE_STRONG] : "", title,
		 has_color ? "\033[0m" : "", n);
}

static void add_map(struct section *s, const char *title,
		    const struct cell *map)
{
	size_t i;

	if (!map->n_items)
		return;
	add_title(s, title, map->n_items);
	for (i = 0; i < map->n_items; i++)
		add_line(s, map->items[i].name, &map->items[i].value);
}

/* Datasets, versions and children: a line each, its first value as the name. */
static void add_list(struct section *s, const char *title,
		     const struct cell *list)
{
	const struct cell *item;
	struct cell rest;
	size_t i;

	if (!list->n_items)
		return;
	add_title(s, title, list->n_items);
	for (i = 0; i < list->n_items; i++) {
		item = &list->items[i].value;
		if (item->kind != CELL_MAP) {
			rest = cell_text("");
			add_line(s, item->text, &rest);
			continue;
		}
		rest = *item;
		rest.items++;
		rest.n_items--;
		add_line(s, item->items[0].value.text, &rest);
	}
}

static void widen(struct section *s, const struct cell *map)
{
	size_t i;

	for (i = 0; i < map->n_items; i++)
		s->width = MAX(s->width,
			       shown_text(&s->p.row, map->items[i].name).width);
	s->width = MIN(s->width, MAX_NUMBERS);
}

static void add_sections(struct section *s, const struct view_list *list)
{
	const struct cell *cells = s->p.cells, *c;
	size_t i;

	for (i = 0; i < list->n_columns; i++)
		if (cells[i].kind == CELL_MAP)
			widen(s, &cells[i]);
	for (i = 0; i < list->n_columns; i++)
		if ((list->columns[i].flags & VIEW_TABLE) &&
		    cells[i].kind != CELL_NONE)
			add_line(s, list->columns[i].title, &cells[i]);
	for (i = 0; i < list->n_columns; i++) {
		c = &cells[i];
		if (c->kind == CELL_MAP)
			add_map(s, list->columns[i].title, c);
		else if (c->kind == CELL_LIST)
			add_list(s, list->columns[i].title, c);
	}
}

bool view_print_run(const struct view_ctx *ctx, uint16_t source,
		    const struct run_detail *detail,
		    const struct print_style *style, print_sink sink, void *to)
{
	struct view_list list;
	struct section s = { .p = { .style = style,
				    .sink = sink,
				    .to = to,
				    .text = BUF_INIT(0) },
			     .width = 12 };
	struct shown name;
	bool is_read;

	view_run(&list, ctx, source, detail);
	s.p.list = &list;
	s.p.cells = xcalloc(list.n_columns, sizeof(*s.p.cells));
	print_row(&s.p, 0);
	name = shown_text(&s.p.row, detail->run.name);
	buf_addf(&s.p.text, "%s%s%s\n",
		 style->has_color ? sgr[ROLE_STRONG] : "", name.s,
		 style->has_color ? "\033[0m" : "");
	add_sections(&s, &list);
	is_read = print_flush(&s.p, 0);
	free(s.p.cells);
	arena_release(&s.p.row);
	buf_release(&s.p.text);
	view_list_release(&list);
	return is_read;
}
