/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "base/clock.h"
#include "columns.h"
#include "page_list.h"

#define TEXT_FROM  3
#define GAP        2
#define MAX_WIDTH  60
#define LEAST      16 /* the widest column is cut no further, */
#define LEAST_KEPT 10 /* where one of them has to stay */
#define LEAST_HEAD 8  /* of a head over something short */
#define SHORT_TIME 11 /* "11-24 12:28" */
#define DAY_TIME   5  /* "12:28" */

struct view_ctx ui_view_ctx(struct ui *ui)
{
	return (struct view_ctx){ .model = app_model(ui->app),
				  .config = app_config(ui->app),
				  .now_ms = ui->now_utc_ms };
}

static struct cell_look look_of(const struct ui *ui)
{
	return (struct cell_look){ .now_ms = ui->now_utc_ms,
				   .is_ascii = ui->glyphs->is_ascii };
}

void list_pane_release(struct list_pane *p)
{
	if (p->is_made)
		view_list_release(&p->view);
	p->is_made = false;
	arena_release(&p->arena);
}

void list_pane_set(struct list_pane *p, const struct view_list *view)
{
	if (p->is_made)
		view_list_release(&p->view);
	p->view = *view;
	p->is_made = true;
	list_set(&p->list, view->n_rows, p->list.cursor);
}

static void measure(struct list_pane *p, struct ui *ui, size_t col)
{
	const struct view_column *c = &p->view.columns[col];
	struct cell_look look = look_of(ui);
	int width = 0;

	for (size_t i = 0; i < p->n_lines; i++)
		width = MAX(
			width,
			(int)cell_shown(&ui->frame,
					&p->cells[i * p->view.n_columns + col],
					&look)
				.width);
	p->contents[col] = MIN(width, MAX_WIDTH);
	width = MAX(width, (int)text_width(c->title, strlen(c->title)));
	p->widths[col] = MIN(width, MAX_WIDTH);
}

static int sum(const struct list_pane *p)
{
	int n = TEXT_FROM + 1;

	for (size_t i = 0; i < p->view.n_columns; i++)
		if (p->widths[i])
			n += p->widths[i] + GAP;
	return n - GAP;
}

/* Times without year and seconds, or without the date. */
static void shorten_times(struct list_pane *p, int width)
{
	for (size_t i = 0; p->n_lines && i < p->view.n_columns; i++)
		if (p->widths[i] && p->cells[i].kind == CELL_TIME)
			p->widths[i] = width;
}

static size_t column_of(const struct list_pane *p, const char *id)
{
	return id ? view_list_column(&p->view, id) : RUN_NO_COLUMN;
}

/* The first column beside the one that stays; n_columns: there is none. */
static size_t first_beside(const struct list_pane *p)
{
	size_t col = 1, n = 0;

	for (; col < p->view.n_columns; col++)
		if (p->view.columns[col].flags & VIEW_TABLE &&
		    n++ == p->n_before)
			break;
	return col;
}

/* Of a pane that was scrolled the first column beside its name. */
static size_t kept(const struct list_pane *p)
{
	return p->n_before ? first_beside(p) : column_of(p, p->keep);
}

static size_t spared(const struct list_pane *p)
{
	return column_of(p, p->n_before ? NULL : p->spare);
}

/* How far a column may be cut: a number not at all, for it would be another
 * one, nor what has to be whole; text not below what it says or has to. */
static int floor_of(const struct list_pane *p, size_t col, int least)
{
	const struct view_column *c = &p->view.columns[col];

	if (c->is_right || c->flags & VIEW_WHOLE)
		return MAX(p->contents[col], LEAST_HEAD);
	return MAX(MIN(least, MAX(p->contents[col], LEAST_HEAD)), c->min_width);
}

/* The widest column that has something to give; that which stays is asked
 * last. n_columns: none has. */
static size_t widest_of(const struct list_pane *p, size_t keep, int least)
{
	size_t n = p->view.n_columns, widest = n;

	for (size_t i = 0; i < n; i++)
		if (i != keep && p->widths[i] > floor_of(p, i, least) &&
		    (widest == n || p->widths[i] > p->widths[widest]))
			widest = i;
	if (widest == n && keep < n &&
	    p->widths[keep] > floor_of(p, keep, least))
		return keep;
	return widest;
}

/* The last one that may go; 0: none may. */
static size_t last_of(const struct list_pane *p, size_t keep)
{
	size_t last = 0;

	for (size_t i = 0; i < p->view.n_columns; i++)
		if (i != keep && p->widths[i])
			last = i;
	return last;
}

static int least_of(const struct list_pane *p, bool has_keep)
{
	if (p->least)
		return p->least;
	return has_keep ? LEAST_KEPT : LEAST;
}

/* The widest column gives first, down to what it needs; then the last ones
 * go. */
static void shrink(struct list_pane *p, int width, size_t keep)
{
	bool has_keep = keep < p->view.n_columns;
	int over, least = least_of(p, has_keep);

	while ((over = sum(p) - width) > 0) {
		size_t widest = widest_of(p, keep, least);
		size_t last = last_of(p, keep);
		size_t rest = has_keep ? keep : 0;

		if (widest < p->view.n_columns) {
			int give =
				p->widths[widest] - floor_of(p, widest, least);

			p->widths[widest] -= MIN(over, give);
		} else if (last) {
			p->widths[last] = 0;
		} else {
			p->widths[rest] = MAX(1, p->widths[rest] - over);
			return;
		}
	}
}

/* What went leaves room for what was cut. */
static void regrow(struct list_pane *p, int width, const int *wanted)
{
	int room = width - sum(p);

	for (size_t i = 0; i < p->view.n_columns && room > 0; i++) {
		int more = MIN(room, wanted[i] - p->widths[i]);

		if (!p->widths[i])
			continue;
		p->widths[i] += more;
		room -= more;
	}
}

static void fit(struct list_pane *p, int width)
{
	size_t spare = spared(p), keep = kept(p),
	       size = p->view.n_columns * sizeof(*p->widths);
	int *wanted = arena_alloc(&p->arena, size + 1);

	if (sum(p) > width)
		shorten_times(p, SHORT_TIME);
	if (spare != RUN_NO_COLUMN && sum(p) > width)
		p->widths[spare] = 0;
	if (keep != RUN_NO_COLUMN && sum(p) > width)
		shorten_times(p, DAY_TIME);
	memcpy(wanted, p->widths, size);
	shrink(p, width, keep);
	regrow(p, width, wanted);
}

/* All that may have room: a hundred metrics have not. */
static void measure_all(struct list_pane *p, struct ui *ui, int width)
{
	size_t n = p->view.n_columns, first, keep, spare;
	int used = TEXT_FROM + 1;

	p->widths = arena_alloc(&p->arena, (n + 1) * sizeof(*p->widths));
	p->contents = arena_alloc(&p->arena, (n + 1) * sizeof(*p->contents));
	memset(p->widths, 0, n * sizeof(*p->widths));
	memset(p->contents, 0, n * sizeof(*p->contents));
	while (p->n_before && first_beside(p) == n)
		p->n_before--;
	first = first_beside(p);
	keep = kept(p);
	spare = spared(p);
	for (size_t col = 0; col < n; col++) {
		if (!(p->view.columns[col].flags & VIEW_TABLE) ||
		    (col && col < first) ||
		    (p->scrolls && used > width && col != keep))
			continue;
		measure(p, ui, col);
		if (col == spare)
			continue;
		used += MIN(p->widths[col], floor_of(p, col, LEAST_HEAD)) + GAP;
	}
}

static int heads_rows(const struct ui *ui)
{
	return ui_is_tiny(ui) ? 0 : 1;
}

void list_pane_update(struct list_pane *p, struct ui *ui, int width, int height)
{
	size_t n_columns = p->view.n_columns;

	list_fit(&p->list, (size_t)MAX(1, height - heads_rows(ui)));
	arena_clear(&p->arena);
	p->n_lines = MIN(p->list.height, p->list.n_rows - p->list.top);
	p->cells = arena_alloc(&p->arena, (p->n_lines * n_columns + 1) *
						  sizeof(*p->cells));
	for (size_t i = 0; i < p->n_lines; i++)
		view_list_row(&p->view, p->list.top + i, &p->arena,
			      &p->cells[i * n_columns]);
	measure_all(p, ui, width);
	fit(p, width);
	p->has_more = false;
	for (size_t col = first_beside(p); col < n_columns; col++)
		p->has_more |= p->view.columns[col].flags & VIEW_TABLE &&
			       !p->widths[col];
}

void list_pane_scroll(struct list_pane *p, int by)
{
	if (by > 0 && p->has_more)
		p->n_before++;
	else if (by < 0 && p->n_before)
		p->n_before--;
}

/* Times are as long as the column has room. */
static struct shown shown_in(struct ui *ui, const struct cell *c, int width)
{
	struct cell_look look = look_of(ui);
	char out[16];

	if (c->kind != CELL_TIME || width > SHORT_TIME)
		return cell_shown(&ui->frame, c, &look);
	if (width == SHORT_TIME)
		clock_format_short(c->n, out);
	else
		clock_format_hhmm(c->n, out);
	return shown_text(&ui->frame, out);
}

static void put(struct list_pane *p, struct ui *ui, struct surface *s, int x,
		int y, size_t col, struct shown text, enum role role)
{
	int width = p->widths[col];

	text = (p->cuts_middle ? shown_cut_middle : shown_cut)(
		&ui->frame, text, (unsigned)width, ui->glyphs->is_ascii);
	if (p->view.columns[col].is_right)
		x += width - (int)text.width;
	surface_put(s, x, y, text, width, role);
}

static void draw_row(struct list_pane *p, struct ui *ui, struct surface *s,
		     struct rect row, size_t line)
{
	int x = row.x + TEXT_FROM;

	for (size_t col = 0; col < p->view.n_columns; col++) {
		const struct cell *c =
			&p->cells[line * p->view.n_columns + col];
		int width = p->widths[col];

		if (!width)
			continue;
		put(p, ui, s, x, row.y, col, shown_in(ui, c, width), c->role);
		x += width + GAP;
	}
}

static void draw_heads(struct list_pane *p, struct ui *ui, struct surface *s,
		       struct rect row)
{
	int x = row.x + TEXT_FROM;

	for (size_t col = 0; col < p->view.n_columns; col++) {
		if (!p->widths[col])
			continue;
		put(p, ui, s, x, row.y, col,
		    shown_text(&ui->frame, p->view.columns[col].title),
		    ROLE_DIM);
		x += p->widths[col] + GAP;
	}
	if (p->scrolls)
		columns_more(ui, s, row,
			     p->n_before ? TEXT_FROM + p->widths[0] : -1,
			     p->has_more);
}

void list_draw_empty(struct ui *ui, struct surface *s, struct rect r,
		     struct shown text)
{
	int x = r.x + TEXT_FROM, width = MAX(0, r.w - TEXT_FROM - 1);
	const char *next = strstr(text.s, "  ");

	surface_clip(s, r);
	if (next && (int)text.width > width && r.h > 1) {
		struct shown first = shown_fmt(&ui->frame, "%.*s",
					       (int)(next - text.s), text.s);

		r.y += surface_wrap(s, x, r.y, width, 0, first, ROLE_DIM);
		text = shown_text(&ui->frame, next + 2);
	}
	surface_wrap(s, x, r.y, width, 0, text, ROLE_DIM);
	surface_unclip(s);
}

void list_pane_draw(struct list_pane *p, struct ui *ui, struct surface *s,
		    struct rect r, bool has_focus, struct shown empty)
{
	struct rect row = { r.x, r.y, r.w, 1 };

	if (!p->list.n_rows) {
		list_draw_empty(ui, s, r, empty);
		return;
	}
	if (heads_rows(ui))
		draw_heads(p, ui, s, row);
	for (size_t i = 0; i < p->n_lines; i++) {
		row.y = r.y + heads_rows(ui) + (int)i;
		if (row.y >= r.y + r.h)
			break;
		if (p->list.top + i == p->list.cursor) {
			if (has_focus)
				surface_select(s, row);
			surface_put(s, row.x + 1, row.y, ui->glyphs->cursor, 1,
				    has_focus ? ROLE_ACCENT : ROLE_DIM);
		}
		draw_row(p, ui, s, row, i);
	}
}

const struct cell *list_pane_cell(const struct list_pane *p, const char *id)
{
	size_t col = view_list_column(&p->view, id);
	size_t line = p->list.cursor - p->list.top;

	if (col == RUN_NO_COLUMN || line >= p->n_lines)
		return NULL;
	return &p->cells[line * p->view.n_columns + col];
}
